/*
 * Scan: every item of a table or index, or of one segment of it, in the order of the hashed
 * keys.
 *
 * Source: AWS API Reference, Scan; error texts captured from the service.
 */
#include "base/limits.h"
#include "ops/page.h"
#include "ops/parameters.h"
#include <inttypes.h>

enum { SEGMENTS_MAX = 1000000 };

struct input {
    struct page_input page;
    struct optional_integer segment;
    struct optional_integer segment_count;
};

static const struct field fields[] = {
    FIELD(struct input, page.limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1),
    FIELD(struct input, page.capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, page.attributes_to_get, "AttributesToGet", FIELD_STRING_LIST, OPTIONAL,
          .min = 1),
    FIELD(struct input, segment, "Segment", FIELD_INTEGER, OPTIONAL, .max = SEGMENTS_MAX - 1),
    FIELD(struct input, page.selection, "Select", FIELD_ENUM, OPTIONAL,
          .choices = &selection_choices),
    FIELD(struct input, page.filter, "ScanFilter", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &condition_structure),
    FIELD(struct input, page.joined_by, "ConditionalOperator", FIELD_ENUM, OPTIONAL,
          .choices = &joined_by_choices),
    FIELD(struct input, segment_count, "TotalSegments", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = SEGMENTS_MAX),
    FIELD(struct input, page.table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, page.start_key, "ExclusiveStartKey", FIELD_ITEM, OPTIONAL),
    FIELD(struct input, page.index_name, "IndexName", FIELD_STRING, OPTIONAL, .is_name = true,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX),
    FIELD(struct input, page.consistent_read, "ConsistentRead", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, page.filter_expression, "FilterExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, page.projection_expression, "ProjectionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, page.placeholders, "ExpressionAttributeNames", FIELD_NAMES, OPTIONAL),
    FIELD(struct input, page.placeholders, "ExpressionAttributeValues", FIELD_VALUES, OPTIONAL),
};
/* Its layer: captured from the service, value by value. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

static error check_mixed(struct arena *arena, const struct page_input *page)
{
    struct parameter older[] = {
        {SLICE("AttributesToGet"), page->attributes_to_get.present},
        {SLICE("ScanFilter"), page->filter.present},
        {SLICE("ConditionalOperator"), page->joined_by != JOINED_UNSAID},
    };
    struct parameter expressions[] = {
        {SLICE("ProjectionExpression"), is_given(page->projection_expression)},
        {SLICE("FilterExpression"), is_given(page->filter_expression)},
    };
    return parameters_check_mixed(arena, older, 3, expressions, 2);
}

static error check_segment(struct arena *arena, const struct input *in)
{
    if (in->segment.present && !in->segment_count.present)
        return FAILURE(ERROR_VALIDATION,
                       "The TotalSegments parameter is required but was not present in the request "
                       "when Segment parameter is present");
    if (in->segment_count.present && !in->segment.present)
        return FAILURE(ERROR_VALIDATION,
                       "The Segment parameter is required but was not present in the request when "
                       "parameter TotalSegments is present");
    if (in->segment.present && in->segment.value >= in->segment_count.value)
        return fail(arena, ERROR_VALIDATION,
                    "The Segment parameter is zero-based and must be less than parameter "
                    "TotalSegments: Segment: %" PRId64 " is not less than TotalSegments: %" PRId64,
                    in->segment.value, in->segment_count.value);
    return NULL;
}

static error invalid_start(struct arena *arena, error why)
{
    return fail(arena, ERROR_VALIDATION, "The provided starting key is invalid: %.*s",
                SLICE_ARGS(why->message));
}

/* Everything that can be judged without the table. */
static error parse(struct arena *arena, const struct input *in,
                   struct page_expressions *expressions)
{
    TRY(check_mixed(arena, &in->page));
    TRY(page_check_unwanted(arena, &in->page, SLICE_NONE, structure.layer));
    TRY(page_parse_legacy(arena, &in->page, expressions));
    if (in->page.start_key.invalid)
        return invalid_start(arena, in->page.start_key.invalid);
    TRY(page_check_selection(arena, &in->page, structure.layer));
    TRY(check_segment(arena, in));
    return page_parse_expressions(arena, &in->page, SLICE_NONE, structure.layer, expressions);
}

static error check_start_key(struct arena *arena, const struct read_plan *plan,
                             const struct input *in)
{
    slice start_key = in->page.start_key.item;
    if (plan->index)
        TRY(page_check_start_key(arena, plan, start_key));
    error mismatch = index_check_key(arena, plan->table, plan->index, start_key);
    if (mismatch)
        return invalid_start(arena, mismatch);
    if (row_range_has(arena, plan->table, plan->index, plan->range, start_key))
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                "ExclusiveStartKey with correct Segment. TotalSegments: %" PRId64
                " Segment: %" PRId64,
                in->segment_count.value, in->segment.value);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    struct page_expressions expressions = {0};
    TRY(parse(arena, in, &expressions));

    struct read_plan plan = {.backward = false};
    TRY(table_find(request->session, in->page.table_name.name, &plan.table));
    TRY(page_find_index(arena, &in->page, &plan));
    uint32_t segment_count = in->segment_count.present ? (uint32_t)in->segment_count.value : 1;
    plan.range = row_range_of_segment(arena, plan.table, plan.index, (uint32_t)in->segment.value,
                                      segment_count);
    if (in->page.start_key.present) {
        TRY(check_start_key(arena, &plan, in));
        plan.range = row_range_after(arena, plan.table, plan.index, plan.range,
                                     in->page.start_key.item, plan.backward);
    }
    TRY(page_check_projected(arena, &in->page, &expressions, &plan));
    TRY(page_check_paths(arena, plan.table, &expressions));
    return page_reply(request, &in->page, &plan, &expressions);
}

const struct operation operation_scan = {SLICE("Scan"), &structure, run};
