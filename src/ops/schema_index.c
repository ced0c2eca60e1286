/* The secondary indexes that CreateTable asks for. */
#include "base/limits.h"
#include "ops/schema_private.h"
#include <stdlib.h>

/* ---- members ---- */

static const slice projected_as_names[] = {SLICE("ALL"), SLICE("INCLUDE"), SLICE("KEYS_ONLY")};
static const struct choices projected_as_choices = CHOICES(projected_as_names);

static const struct {
    slice name;
    enum projection_type type;
} projections[] = {
    [PROJECTED_UNSAID] = {SLICE("null"), PROJECTION_ALL},
    [PROJECTED_ALL] = {SLICE("ALL"), PROJECTION_ALL},
    [PROJECTED_INCLUDE] = {SLICE("INCLUDE"), PROJECTION_INCLUDE},
    [PROJECTED_KEYS_ONLY] = {SLICE("KEYS_ONLY"), PROJECTION_KEYS_ONLY},
};

static const struct field projection_fields[] = {
    FIELD(struct projection_input, type, "ProjectionType", FIELD_ENUM, OPTIONAL,
          .choices = &projected_as_choices),
    FIELD(struct projection_input, included, "NonKeyAttributes", FIELD_STRING_LIST, OPTIONAL,
          .min = 1, .max = INCLUDED_ATTRIBUTES_MAX, .element_max = KEY_ATTRIBUTE_NAME_BYTES_MAX),
};
static const struct structure projection_structure =
    STRUCTURE(struct projection_input, projection_fields, .shape = SLICE("Projection"));

static const struct field local_index_fields[] = {
    FIELD(struct index_input, projection, "Projection", FIELD_STRUCTURE, REQUIRED,
          .structure = &projection_structure),
    FIELD(struct index_input, name, "IndexName", FIELD_STRING, REQUIRED, .is_name = true,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX),
    FIELD(struct index_input, keys, "KeySchema", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1, .max = 2,
          .structure = &key_element_structure),
};
const struct structure local_index_structure =
    STRUCTURE(struct index_input, local_index_fields, .shape = SLICE("LocalSecondaryIndex"));

static const struct field global_index_fields[] = {
    FIELD(struct index_input, projection, "Projection", FIELD_STRUCTURE, REQUIRED,
          .structure = &projection_structure),
    FIELD(struct index_input, name, "IndexName", FIELD_STRING, REQUIRED, .is_name = true,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX),
    FIELD(struct index_input, capacity.throughput, "ProvisionedThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &throughput_structure),
    FIELD(struct index_input, keys, "KeySchema", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .structure = &key_element_structure),
    FIELD(struct index_input, capacity.on_demand, "OnDemandThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &on_demand_structure),
    FIELD(struct index_input, capacity.warm, "WarmThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &warm_structure),
};
const struct structure global_index_structure =
    STRUCTURE(struct index_input, global_index_fields, .shape = SLICE("GlobalSecondaryIndex"));
const struct structure create_index_structure = STRUCTURE(
    struct index_input, global_index_fields, .shape = SLICE("CreateGlobalSecondaryIndexAction"));

static const struct field update_index_fields[] = {
    FIELD(struct index_input, name, "IndexName", FIELD_STRING, REQUIRED, .is_name = true,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX),
    FIELD(struct index_input, capacity.throughput, "ProvisionedThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &throughput_structure),
    FIELD(struct index_input, capacity.on_demand, "OnDemandThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &on_demand_structure),
    FIELD(struct index_input, capacity.warm, "WarmThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &warm_structure),
};
const struct structure update_index_structure = STRUCTURE(
    struct index_input, update_index_fields, .shape = SLICE("UpdateGlobalSecondaryIndexAction"));

static const struct field delete_index_fields[] = {
    FIELD(struct index_input, name, "IndexName", FIELD_STRING, REQUIRED, .is_name = true,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX),
};
const struct structure delete_index_structure = STRUCTURE(
    struct index_input, delete_index_fields, .shape = SLICE("DeleteGlobalSecondaryIndexAction"));

/* ---- what both kinds have ---- */

static int compare_names(const void *a, const void *b)
{
    return slice_compare(*(const slice *)a, *(const slice *)b);
}

static slice *sort_names(struct arena *arena, const struct decoded_list *names)
{
    slice *sorted = arena_new_array(arena, slice, names->count);
    memcpy(sorted, names->elements, names->count * sizeof *sorted);
    qsort(sorted, names->count, sizeof *sorted, compare_names);
    return sorted;
}

/* Descriptions show included attributes sorted by name, so they are kept so. */
static error parse_projection(struct arena *arena, const struct projection_input *in,
                              struct index *index)
{
    bool includes = in->included.present;
    if (in->type == PROJECTED_UNSAID)
        return FAILURE(ERROR_VALIDATION, INVALID "Unknown ProjectionType: null");
    if (includes != (in->type == PROJECTED_INCLUDE))
        return fail(arena, ERROR_VALIDATION,
                    INVALID "ProjectionType is %.*s, but NonKeyAttributes is %sspecified",
                    SLICE_ARGS(projections[in->type].name), includes ? "" : "not ");
    index->projection = projections[in->type].type;
    if (!includes)
        return NULL;
    index->included = sort_names(arena, &in->included);
    index->included_count = in->included.count;
    for (uint32_t i = 1; i < index->included_count; i++) {
        if (slice_equal(index->included[i - 1], index->included[i]))
            return fail(arena, ERROR_VALIDATION,
                        INVALID "Duplicate element in NonKeyAttributes: %.*s",
                        SLICE_ARGS(index->included[i]));
    }
    return NULL;
}

/* ---- local ones; of both kinds there must not be too many before each is looked at ---- */

static error check_local_keys(struct arena *arena, const struct index_input *in,
                              const struct key_schema *table_keys)
{
    const struct key_element *keys = in->keys.elements;
    TRY(schema_check_pair(&in->keys));
    if (in->keys.count == 1)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Index KeySchema does not have a range key for index: %.*s",
                    SLICE_ARGS(in->name));
    if (!slice_equal(keys[0].name, table_keys->hash.name))
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Index KeySchema does not have the same leading hash key as table "
                            "KeySchema for index: %.*s. index hash key: %.*s, table hash key: %.*s",
                    SLICE_ARGS(in->name), SLICE_ARGS(keys[0].name),
                    SLICE_ARGS(table_keys->hash.name));
    return NULL;
}

static error parse_local(struct arena *arena, const struct decoded_list *list,
                         const struct definitions *definitions, const struct key_schema *table_keys,
                         struct index *indexes)
{
    const struct index_input *in = list->elements;
    if (!list->present)
        return NULL;
    if (list->count == 0)
        return FAILURE(ERROR_VALIDATION, INVALID "List of LocalSecondaryIndexes is empty");
    if (list->count > LOCAL_INDEXES_MAX)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Number of LocalSecondaryIndexes exceeds per-table limit of %d",
                    LOCAL_INDEXES_MAX);
    if (!table_keys->has_range)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Table KeySchema does not have a range key, which is required when "
                               "specifying a LocalSecondaryIndex");
    for (uint32_t i = 0; i < list->count; i++) {
        TRY(check_local_keys(arena, &in[i], table_keys));
        indexes[i] = (struct index){.name = in[i].name,
                                    .kind = INDEX_LOCAL,
                                    .keys = schema_key_parts(definitions, &in[i].keys)};
        TRY(parse_projection(arena, in[i].projection, &indexes[i]));
    }
    return NULL;
}

/* ---- global ones ---- */

static error check_global_keys(struct arena *arena, const struct decoded_list *schema)
{
    const struct key_element *keys = schema->elements;
    uint32_t counts[] = {[KEY_TYPE_HASH] = 0, [KEY_TYPE_RANGE] = 0};
    if (keys[0].type != KEY_TYPE_HASH)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    for (uint32_t i = 0; i < schema->count; i++) {
        if (keys[i].type == KEY_TYPE_HASH && counts[KEY_TYPE_RANGE] > 0)
            return FAILURE(ERROR_VALIDATION, INVALID "All HASH key attributes must precede RANGE "
                                                     "key attributes in the KeySchema");
        if (++counts[keys[i].type] > KEY_PARTS_MAX)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "The KeySchema exceeds the maximum allowed number of %s key "
                                "attributes",
                        keys[i].type == KEY_TYPE_HASH ? "HASH" : "RANGE");
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(keys[i].name, keys[j].name))
                return FAILURE(ERROR_VALIDATION,
                               "The KeySchema contains multiple key attributes with the same name");
        }
    }
    return NULL;
}

static error parse_capacity(struct arena *arena, const struct index_input *in,
                            enum billing_mode billing_mode, struct index *index)
{
    bool is_provisioned = billing_mode == BILLING_PROVISIONED;
    slice subject = arena_format(arena, "index %.*s", SLICE_ARGS(in->name));
    if (in->capacity.throughput && !is_provisioned)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "ProvisionedThroughput should not be specified for index: %.*s when "
                            "BillingMode is PAY_PER_REQUEST",
                    SLICE_ARGS(in->name));
    if (!in->capacity.throughput && is_provisioned)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "ProvisionedThroughput is not specified for index: %.*s",
                    SLICE_ARGS(in->name));
    if (is_provisioned)
        TRY(throughput_check(arena, subject, in->capacity.throughput));
    struct table_settings settings = {.billing_mode = billing_mode};
    TRY(capacity_make(arena, in->name, &in->capacity, &settings));
    index->provisioned = settings.provisioned;
    index->on_demand_max = settings.on_demand_max;
    index->warm = settings.warm;
    return NULL;
}

error schema_parse_global(struct arena *arena, const struct index_input *in,
                          const struct definitions *definitions, enum billing_mode billing_mode,
                          struct index *index)
{
    TRY(check_global_keys(arena, &in->keys));
    *index = (struct index){.name = in->name,
                            .kind = INDEX_GLOBAL,
                            .keys = schema_key_parts(definitions, &in->keys)};
    TRY(parse_projection(arena, in->projection, index));
    return parse_capacity(arena, in, billing_mode, index);
}

static error parse_global(struct arena *arena, const struct decoded_list *list,
                          const struct definitions *definitions, enum billing_mode billing_mode,
                          struct index *indexes)
{
    const struct index_input *in = list->elements;
    if (list->present && list->count == 0)
        return FAILURE(ERROR_VALIDATION, INVALID "List of GlobalSecondaryIndexes is empty");
    if (list->count > GLOBAL_INDEXES_MAX)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "GlobalSecondaryIndex count exceeds the per-table limit of %d",
                    GLOBAL_INDEXES_MAX);
    for (uint32_t i = 0; i < list->count; i++)
        TRY(schema_parse_global(arena, &in[i], definitions, billing_mode, &indexes[i]));
    return NULL;
}

/* ---- all of them ---- */

static error check_together(struct arena *arena, const struct index *indexes, uint32_t count)
{
    uint32_t included_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        included_count += indexes[i].included_count;
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(indexes[i].name, indexes[j].name))
                return fail(arena, ERROR_VALIDATION, INVALID "Duplicate index name: %.*s",
                            SLICE_ARGS(indexes[i].name));
        }
    }
    if (included_count > INCLUDED_ATTRIBUTES_TABLE_MAX)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Number of NonKeyAttributes over all indexes exceeds the per-table "
                            "limit of %d",
                    INCLUDED_ATTRIBUTES_TABLE_MAX);
    return NULL;
}

error schema_parse_indexes(struct arena *arena, const struct schema_input *in,
                           const struct definitions *definitions, enum billing_mode billing_mode,
                           struct table_definition *definition)
{
    struct index *indexes =
        arena_new_array(arena, struct index, LOCAL_INDEXES_MAX + GLOBAL_INDEXES_MAX);
    TRY(parse_local(arena, &in->local_indexes, definitions, &definition->keys, indexes));
    TRY(parse_global(arena, &in->global_indexes, definitions, billing_mode,
                     indexes + in->local_indexes.count));
    uint32_t count = in->local_indexes.count + in->global_indexes.count;
    TRY(check_together(arena, indexes, count));
    definition->indexes = indexes;
    definition->index_count = count;
    return NULL;
}

void schema_request_quota(const struct schema_input *in, struct quota_change *change)
{
    const struct index_input *indexes = in->global_indexes.elements;
    for (uint32_t i = 0; i < in->global_indexes.count; i++)
        quota_request(change, &indexes[i].capacity);
}

error schema_check_quota(struct request *request, const struct schema_input *in)
{
    const struct index_input *indexes = in->global_indexes.elements;
    for (uint32_t i = 0; i < in->global_indexes.count; i++)
        TRY(quota_check(request, indexes[i].name, &indexes[i].capacity));
    return NULL;
}

/* ---- the same index? ---- */

static bool has_part(const struct decoded_list *keys, enum key_type type,
                     const struct key_attribute *parts, uint32_t count)
{
    const struct key_element *elements = keys->elements;
    uint32_t found = 0;
    for (uint32_t i = 0; i < keys->count; i++) {
        if (elements[i].type != type)
            continue;
        if (found == count || !slice_equal(elements[i].name, parts[found].name))
            return false;
        found++;
    }
    return found == count;
}

/* In any order; neither list has a name twice. */
static bool includes(const struct decoded_list *names, const struct index *index)
{
    const slice *given = names->elements;
    uint32_t found = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        for (uint32_t j = 0; j < index->included_count; j++)
            found += slice_equal(given[i], index->included[j]);
    }
    return names->count == index->included_count && found == names->count;
}

bool schema_is_of_index(const struct index_input *in, const struct index *index)
{
    const struct projection_input *projection = in->projection;
    return has_part(&in->keys, KEY_TYPE_HASH, index->keys.hash, index->keys.hash_count) &&
           has_part(&in->keys, KEY_TYPE_RANGE, index->keys.range, index->keys.range_count) &&
           projection->type != PROJECTED_UNSAID &&
           projections[projection->type].type == index->projection &&
           includes(&projection->included, index);
}
