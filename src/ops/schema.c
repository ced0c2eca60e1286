#include "ops/schema_private.h"

#include "base/limits.h"
#include <stdlib.h>

/* ---- members ---- */

static const slice key_type_names[] = {SLICE("HASH"), SLICE("RANGE")};
static const struct choices key_type_choices = CHOICES(key_type_names);

static const struct field key_element_fields[] = {
    FIELD(struct key_element, name, "AttributeName", FIELD_STRING, REQUIRED, .min = 1,
          .max = KEY_ATTRIBUTE_NAME_BYTES_MAX),
    FIELD(struct key_element, type, "KeyType", FIELD_ENUM, REQUIRED, .choices = &key_type_choices),
};
const struct structure key_element_structure =
    STRUCTURE(struct key_element, key_element_fields, .shape = SLICE("KeySchemaElement"));

static const enum value_type value_types[] = {
    [ATTRIBUTE_B] = VALUE_B, [ATTRIBUTE_N] = VALUE_N, [ATTRIBUTE_S] = VALUE_S};

/* ---- definitions ---- */

static int compare_definitions(const void *a, const void *b)
{
    return slice_compare(((const struct definition *)a)->name,
                         ((const struct definition *)b)->name);
}

static struct definitions sort_definitions(struct arena *arena, const struct decoded_list *given)
{
    struct definition *sorted = arena_new_array(arena, struct definition, given->count);
    if (given->count > 0)
        memcpy(sorted, given->elements, given->count * sizeof *sorted);
    qsort(sorted, given->count, sizeof *sorted, compare_definitions);
    return (struct definitions){given, sorted, arena_alloc_zeroed(arena, given->count + 1)};
}

static const struct definition *find(const struct definitions *definitions, slice name)
{
    struct definition wanted = {.name = name};
    if (definitions->given->count == 0)
        return NULL;
    return bsearch(&wanted, definitions->sorted, definitions->given->count, sizeof wanted,
                   compare_definitions);
}

static error check_duplicates(struct arena *arena, const struct definitions *definitions)
{
    const struct definition *sorted = definitions->sorted;
    for (uint32_t i = 1; i < definitions->given->count; i++) {
        if (slice_equal(sorted[i - 1].name, sorted[i].name))
            return fail(arena, ERROR_VALIDATION, "Attribute Name is duplicated: %.*s",
                        SLICE_ARGS(sorted[i].name));
    }
    return NULL;
}

static void append_name(struct buffer *names, slice name)
{
    if (names->size > 0)
        buffer_append(names, SLICE(", "));
    buffer_append(names, name);
}

static slice defined_names(struct arena *arena, const struct decoded_list *given)
{
    const struct definition *definitions = given->elements;
    struct buffer names;
    buffer_init(&names, arena);
    for (uint32_t i = 0; i < given->count; i++)
        append_name(&names, definitions[i].name);
    return buffer_slice(&names);
}

static error undefined_keys(struct arena *arena, const struct definitions *definitions,
                            const struct decoded_list *schema)
{
    const struct key_element *keys = schema->elements;
    struct buffer names;
    buffer_init(&names, arena);
    for (uint32_t i = 0; i < schema->count; i++)
        append_name(&names, keys[i].name);
    return fail(arena, ERROR_VALIDATION,
                INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: "
                        "[%.*s], AttributeDefinitions: [%.*s]",
                SLICE_ARGS(buffer_slice(&names)),
                SLICE_ARGS(defined_names(arena, definitions->given)));
}

/* Those that are used are marked, and named in `used_names` the first time. */
static error check_defined(struct arena *arena, const struct definitions *definitions,
                           const struct decoded_list *schema, struct buffer *used_names)
{
    const struct key_element *keys = schema->elements;
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct definition *definition = find(definitions, keys[i].name);
        if (!definition)
            return undefined_keys(arena, definitions, schema);
        bool *used = &definitions->used[definition - definitions->sorted];
        if (!*used)
            append_name(used_names, definition->name);
        *used = true;
    }
    return NULL;
}

static error check_all_used(struct arena *arena, const struct definitions *definitions,
                            slice used_names)
{
    for (uint32_t i = 0; i < definitions->given->count; i++) {
        if (!definitions->used[i])
            return fail(arena, ERROR_VALIDATION,
                        INVALID "Some AttributeDefinitions are not used. AttributeDefinitions: "
                                "[%.*s], keys used: [%.*s]",
                        SLICE_ARGS(defined_names(arena, definitions->given)),
                        SLICE_ARGS(used_names));
    }
    return NULL;
}

/* ---- the table's keys ---- */

error schema_check_pair(const struct decoded_list *schema)
{
    const struct key_element *keys = schema->elements;
    if (schema->count == 2 && slice_equal(keys[0].name, keys[1].name))
        return FAILURE(ERROR_VALIDATION, "Both the Hash Key and the Range Key element in the "
                                         "KeySchema have the same name");
    if (keys[0].type != KEY_TYPE_HASH)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    if (schema->count == 2 && keys[1].type != KEY_TYPE_RANGE)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    return NULL;
}

static error check_table_keys(struct arena *arena, const struct schema_input *in,
                              const struct definitions *definitions, struct buffer *used_names)
{
    if (in->keys.count > in->definitions.count)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: Some index key attribute have no definition");
    TRY(check_defined(arena, definitions, &in->keys, used_names));
    TRY(schema_check_pair(&in->keys));
    bool has_indexes = in->local_indexes.present || in->global_indexes.present;
    if (!has_indexes && in->keys.count != in->definitions.count)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Number of attributes in KeySchema does not exactly match number of "
                               "attributes defined in AttributeDefinitions");
    return NULL;
}

/* The indexes of one kind: their keys are defined. */
static error check_index_keys(struct arena *arena, const struct decoded_list *list,
                              const struct definitions *definitions, struct buffer *used_names)
{
    const struct index_input *indexes = list->elements;
    for (uint32_t i = 0; i < list->count; i++)
        TRY(check_defined(arena, definitions, &indexes[i].keys, used_names));
    return NULL;
}

struct key_parts schema_key_parts(const struct definitions *definitions,
                                  const struct decoded_list *schema)
{
    const struct key_element *keys = schema->elements;
    struct key_parts parts = {.hash_count = 0};
    for (uint32_t i = 0; i < schema->count; i++) {
        struct key_attribute key = {keys[i].name,
                                    value_types[find(definitions, keys[i].name)->type]};
        if (keys[i].type == KEY_TYPE_HASH)
            parts.hash[parts.hash_count++] = key;
        else
            parts.range[parts.range_count++] = key;
    }
    return parts;
}

/* That the definitions are the attributes of the keys goes before all that concerns indexes. */
error schema_parse(struct arena *arena, const struct schema_input *in,
                   enum billing_mode billing_mode, struct table_definition *definition)
{
    struct definitions definitions = sort_definitions(arena, &in->definitions);
    struct buffer used_names;
    buffer_init(&used_names, arena);
    TRY(check_duplicates(arena, &definitions));
    TRY(check_table_keys(arena, in, &definitions, &used_names));
    TRY(check_index_keys(arena, &in->local_indexes, &definitions, &used_names));
    TRY(check_index_keys(arena, &in->global_indexes, &definitions, &used_names));
    if (in->local_indexes.count > 0 || in->global_indexes.count > 0)
        TRY(check_all_used(arena, &definitions, buffer_slice(&used_names)));

    struct key_parts keys = schema_key_parts(&definitions, &in->keys);
    definition->keys = (struct key_schema){
        .hash = keys.hash[0], .range = keys.range[0], .has_range = keys.range_count == 1};
    return schema_parse_indexes(arena, in, &definitions, billing_mode, definition);
}

error schema_parse_index(struct arena *arena, const struct decoded_list *given,
                         const struct index_input *in, enum billing_mode billing_mode,
                         struct index *index)
{
    struct definitions definitions = sort_definitions(arena, given);
    struct buffer used_names;
    buffer_init(&used_names, arena);
    if (given->count == 0)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "AttributeDefinitions is not specified for index: %.*s",
                    SLICE_ARGS(in->name));
    TRY(check_duplicates(arena, &definitions));
    TRY(check_defined(arena, &definitions, &in->keys, &used_names));
    return schema_parse_global(arena, in, &definitions, billing_mode, index);
}
