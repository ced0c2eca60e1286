#include "ops/page.h"

#include "db/index/index_change.h"
#include "db/index/index_entry.h"
#include "ops/key_paths.h"
#include "ops/response.h"

/* ---- Select ---- */

/* In the words of "Cannot specify the … when choosing to get …"; none for SPECIFIC_ATTRIBUTES. */
static const slice selection_words[] = {
    [SELECT_COUNT] = SLICE("only the Count"),
    [SELECT_ALL_ATTRIBUTES] = SLICE("ALL_ATTRIBUTES"),
    [SELECT_ALL_PROJECTED_ATTRIBUTES] = SLICE("ALL_PROJECTED_ATTRIBUTES"),
};

static error check_selection(struct arena *arena, const struct page_input *page)
{
    enum selection selection = page->selection;
    bool has_projection = is_given(page->projection_expression);
    bool chooses = has_projection || page->attributes_to_get.present;
    if (selection == SELECT_UNSAID)
        return NULL;
    if (selection == SELECT_SPECIFIC_ATTRIBUTES)
        return chooses ? NULL
                       : FAILURE(ERROR_VALIDATION,
                                 "Must specify the AttributesToGet or ProjectionExpression when "
                                 "choosing to get SPECIFIC_ATTRIBUTES");
    if (chooses)
        return fail(arena, ERROR_VALIDATION, "Cannot specify the %s when choosing to get %.*s",
                    has_projection ? "ProjectionExpression" : "AttributesToGet",
                    SLICE_ARGS(selection_words[selection]));
    if (selection == SELECT_ALL_PROJECTED_ATTRIBUTES && !is_given(page->index_name))
        return FAILURE(ERROR_VALIDATION, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying "
                                         "using an IndexName");
    return NULL;
}

/* Query puts these into its envelope, Scan does not. */
error page_check_selection(struct arena *arena, const struct page_input *page,
                           enum value_layer layer)
{
    error refused = check_selection(arena, page);
    return layer == VALUE_LAYER_OLDER ? refused : response_enveloped(arena, refused);
}

/* ---- expressions ---- */

error page_parse_legacy(struct arena *arena, const struct page_input *page,
                        struct page_expressions *expressions)
{
    TRY(legacy_members_parse(arena, LEGACY_FILTER, &page->filter, page->joined_by,
                             &expressions->filter));
    if (!page->attributes_to_get.present)
        return NULL;
    return projection_of_names(arena, page->attributes_to_get.elements,
                               page->attributes_to_get.count, &expressions->projection);
}

/* Names serve every expression, values all but projections. */
error page_check_unwanted(struct arena *arena, const struct page_input *page, slice key_condition,
                          enum value_layer layer)
{
    slice absent = layer != VALUE_LAYER_OLDER
                       ? SLICE("FilterExpression and KeyConditionExpression are null")
                       : SLICE("FilterExpression is null");
    bool takes_values = is_given(page->filter_expression) || is_given(key_condition);
    bool takes_names = takes_values || is_given(page->projection_expression);
    struct placeholders unwanted = {
        .names_present = !takes_names && page->placeholders.names_present,
        .values_present = !takes_values && page->placeholders.values_present,
    };
    return placeholders_check_unwanted(arena, &unwanted, absent, layer);
}

error page_parse_expressions(struct arena *arena, const struct page_input *page,
                             slice key_condition, enum value_layer layer,
                             struct page_expressions *expressions)
{
    TRY(placeholders_check(arena, &page->placeholders, layer));
    struct placeholders placeholders = page->placeholders;
    const struct condition *of_key = NULL;
    if (is_given(key_condition))
        TRY(key_condition_parse(arena, key_condition, &placeholders, &of_key));
    if (is_given(page->filter_expression))
        TRY(condition_parse(arena, SLICE("FilterExpression"), page->filter_expression,
                            &placeholders, &expressions->filter));
    if (is_given(page->projection_expression))
        TRY(projection_parse(arena, page->projection_expression, &placeholders,
                             &expressions->projection));
    TRY(placeholders_check_used(arena, &placeholders));
    return of_key ? key_condition_restrict(arena, of_key, &expressions->key_condition) : NULL;
}

/* ---- the index ---- */

/* Those of the names that the index does not project, as "a, b". */
slice page_unprojected(struct arena *arena, const struct table *table, const struct index *index,
                       const slice *names, uint32_t count)
{
    struct buffer list;
    buffer_init(&list, arena);
    for (uint32_t i = 0; i < count; i++) {
        if (index_projects(table, index, names[i]))
            continue;
        if (list.size > 0)
            buffer_append(&list, SLICE(", "));
        buffer_append(&list, names[i]);
    }
    return buffer_slice(&list);
}

error page_find_index(struct arena *arena, const struct page_input *page, struct read_plan *plan)
{
    if (!is_given(page->index_name))
        return NULL;
    const struct index *index = table_index(plan->table, page->index_name);
    if (!index || index_is_leaving(index))
        return fail(arena, ERROR_VALIDATION, "The table does not have the specified index: %.*s",
                    SLICE_ARGS(page->index_name));
    TRY(index_check_built(arena, index));
    if (index->kind == INDEX_GLOBAL && page->consistent_read.value)
        return FAILURE(ERROR_VALIDATION,
                       "Consistent reads are not supported on global secondary indexes");
    plan->index = index;
    return NULL;
}

error page_check_projected(struct arena *arena, const struct page_input *page,
                           const struct page_expressions *expressions, struct read_plan *plan)
{
    const struct index *index = plan->index;
    if (!index)
        return NULL;
    const slice *names;
    uint32_t count = projection_attributes(arena, expressions->projection, &names);
    slice unprojected = page_unprojected(arena, plan->table, index, names, count);
    bool wants_all =
        page->selection == SELECT_ALL_ATTRIBUTES && index->projection != PROJECTION_ALL;
    if (index->kind == INDEX_LOCAL) {
        plan->fetch_base = wants_all || unprojected.size > 0;
        return NULL;
    }
    if (wants_all)
        return fail(arena, ERROR_VALIDATION,
                    "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
                    "supported for global secondary index %.*s because its projection type is not "
                    "ALL",
                    SLICE_ARGS(index->name));
    if (unprojected.size > 0)
        return fail(arena, ERROR_VALIDATION,
                    "One or more parameter values were invalid: Global secondary index %.*s does "
                    "not project [%.*s]",
                    SLICE_ARGS(index->name), SLICE_ARGS(unprojected));
    return NULL;
}

error page_check_paths(struct arena *arena, const struct table *table,
                       const struct page_expressions *expressions)
{
    const slice *entered;
    uint32_t count = projection_entered(arena, expressions->projection, &entered);
    TRY(key_paths_check(arena, table, entered, count));
    count = condition_entered(arena, expressions->filter, &entered);
    return key_paths_check(arena, table, entered, count);
}

/* ---- the reply ---- */

static void write_count(struct json_writer *out, slice name, uint32_t count)
{
    json_write_name(out, name);
    json_write_integer(out, count);
}

#define INVALID_START "The provided starting key is invalid"
#define MISMATCH "The provided key element does not match the schema"

static bool has_part(slice key, const struct key_attribute *part, bool *is_of_type)
{
    slice value;
    bool found = item_attribute(key, part->name, &value);
    *is_of_type = found && value_type_of(value) == part->type;
    return found;
}

static error check_start_part(slice start_key, const struct key_attribute *part)
{
    bool is_of_type;
    if (!has_part(start_key, part, &is_of_type))
        return FAILURE(ERROR_VALIDATION, INVALID_START);
    return is_of_type ? NULL : FAILURE(ERROR_VALIDATION, MISMATCH);
}

error page_check_start_partition(const struct read_plan *plan, slice start_key)
{
    const struct table *table = plan->table;
    struct key_attribute all[ENTRY_ATTRIBUTES_MAX];
    struct key_parts keys = index_key_parts(table, plan->index);
    uint32_t count = plan->index ? index_entry_attributes(table, plan->index, all)
                                 : keys.hash_count + keys.range_count;
    if (item_attribute_count(start_key) != count)
        return FAILURE(ERROR_VALIDATION, INVALID_START);
    for (uint32_t i = 0; i < keys.hash_count; i++)
        TRY(check_start_part(start_key, &keys.hash[i]));
    return NULL;
}

error page_check_start_key(struct arena *arena, const struct read_plan *plan, slice start_key)
{
    const struct table *table = plan->table;
    if (!index_check_key(arena, table, plan->index, start_key))
        return NULL;
    TRY(page_check_start_partition(plan, start_key));
    struct key_parts keys = index_key_parts(table, plan->index);
    for (uint32_t i = 0; i < keys.range_count; i++)
        TRY(check_start_part(start_key, &keys.range[i]));
    struct key_parts table_keys = key_parts_of_schema(&table->keys);
    bool is_hash = true;
    bool is_range = true;
    has_part(start_key, &table_keys.hash[0], &is_hash);
    if (table_keys.range_count > 0)
        has_part(start_key, &table_keys.range[0], &is_range);
    return is_hash && is_range ? FAILURE(ERROR_VALIDATION, INVALID_START)
                               : FAILURE(ERROR_VALIDATION, INVALID_START ": " MISMATCH);
}

error page_reply(struct request *request, const struct page_input *page, struct read_plan *plan,
                 const struct page_expressions *expressions)
{
    plan->filter = expressions->filter;
    plan->limit = page->limit.present ? (uint32_t)page->limit.value : 0;
    struct read_page read;
    db_read_consistently(request->session, page->consistent_read.value);
    TRY(db_read_page(request->session, plan, &read));

    struct json_writer *out = request->out;
    json_write_object_begin(out);
    if (page->selection != SELECT_COUNT)
        response_items(out, read.items, read.count, expressions->projection, request->arena);
    write_count(out, SLICE("Count"), read.count);
    write_count(out, SLICE("ScannedCount"), read.scanned_count);
    response_item(out, SLICE("LastEvaluatedKey"), read.last_key);
    struct consumed consumed = {.table_half_units = 0};
    consumed_add_read(&consumed, plan, &read, page->consistent_read.value);
    response_capacity(out, &page->table_name, page->capacity, &consumed);
    json_write_object_end(out);
    return NULL;
}
