/*
 * DescribeContributorInsights: whether hot keys of a table or global index are asked for. The names
 * of rules are the service's; what they would show is on GET /_stator/partitions.
 *
 * Source: AWS API Reference, DescribeContributorInsights; Developer Guide, "CloudWatch Contributor
 * Insights for DynamoDB: how it works".
 */
#include "base/limits.h"
#include "ops/insights_members.h"

struct input {
    struct table_name table_name;
    slice index_name;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, index_name, "IndexName", FIELD_STRING, OPTIONAL,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX, .is_name = true),
};
static const struct structure structure = STRUCTURE(struct input, fields);

enum {
    RULE_RESOURCE_BYTES_MAX = 128 - sizeof "DynamoDBContributorInsights-PKC--1700000000000" + 1
};

/* Of partition keys and of items, of the accessed and the throttled. */
static const struct rule {
    slice kind;
    bool of_items;
    bool of_accessed;
} rules[] = {
    {SLICE("PKC"), false, true},
    {SLICE("SKC"), true, true},
    {SLICE("PKT"), false, false},
    {SLICE("SKT"), true, false},
};

static void write_rules(struct request *request, const struct insights_state *state)
{
    struct json_writer *out = request->out;
    bool has_sort_key =
        state->index ? state->index->keys.range_count > 0 : state->table->keys.has_range;
    slice resource = state->index ? state->index->name : state->table->name;
    if (resource.size > RULE_RESOURCE_BYTES_MAX)
        resource = slice_first(resource, RULE_RESOURCE_BYTES_MAX);
    json_write_name(out, SLICE("ContributorInsightsRuleList"));
    json_write_array_begin(out);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if ((rules[i].of_items && !has_sort_key) ||
            (rules[i].of_accessed && state->insights.mode == INSIGHTS_OF_THROTTLED))
            continue;
        json_write_string(out, arena_format(request->session->arena,
                                            "DynamoDBContributorInsights-%.*s-%.*s-%lld",
                                            SLICE_ARGS(rules[i].kind), SLICE_ARGS(resource),
                                            (long long)state->insights.since_ms));
    }
    json_write_array_end(out);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    struct insights_state state;
    TRY(insights_describe(request->session, in->table_name.name, in->index_name, &state));
    json_write_object_begin(out);
    response_insights(out, &state);
    if (state.insights.mode != INSIGHTS_OFF)
        write_rules(request, &state);
    if (state.insights.changed_ms != 0) {
        json_write_name(out, SLICE("LastUpdateDateTime"));
        json_write_timestamp(out, state.insights.changed_ms);
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_describe_contributor_insights = {
    SLICE("DescribeContributorInsights"), &structure, run};
