#include "ops/key_paths.h"
#include "db/index/index.h"

static error check_attributes(struct arena *arena, const char *kind,
                              const struct key_attribute *attributes, uint32_t attribute_count,
                              const slice *entered, uint32_t count)
{
    for (uint32_t a = 0; a < attribute_count; a++) {
        for (uint32_t i = 0; i < count; i++) {
            if (slice_equal(attributes[a].name, entered[i]))
                return fail(arena, ERROR_VALIDATION,
                            "Key attributes must be scalars; list random access '[]' and map "
                            "lookup '.' are not allowed: %s: %.*s",
                            kind, SLICE_ARGS(entered[i]));
        }
    }
    return NULL;
}

static error check_keys(struct arena *arena, const char *kind, const struct key_parts *keys,
                        const slice *entered, uint32_t count)
{
    TRY(check_attributes(arena, kind, keys->hash, keys->hash_count, entered, count));
    return check_attributes(arena, kind, keys->range, keys->range_count, entered, count);
}

error key_paths_check(struct arena *arena, const struct table *table, const slice *entered,
                      uint32_t count)
{
    if (count == 0)
        return NULL;
    struct key_parts keys = index_key_parts(table, NULL);
    TRY(check_keys(arena, "Key", &keys, entered, count));
    for (uint32_t i = 0; i < table->index_count; i++)
        TRY(check_keys(arena, "IndexKey", &table->indexes[i].keys, entered, count));
    return NULL;
}
