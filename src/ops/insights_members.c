#include "ops/insights_members.h"

static const slice mode_names[] = {SLICE("ACCESSED_AND_THROTTLED_KEYS"), SLICE("THROTTLED_KEYS")};
const struct choices insights_mode_choices = {
    mode_names, sizeof mode_names / sizeof *mode_names,
    SLICE("[THROTTLED_KEYS, ACCESSED_AND_THROTTLED_KEYS]")};

static const slice status_names[] = {
    [INSIGHTS_DISABLED] = SLICE("DISABLED"),
    [INSIGHTS_ENABLING] = SLICE("ENABLING"),
    [INSIGHTS_ENABLED] = SLICE("ENABLED"),
    [INSIGHTS_DISABLING] = SLICE("DISABLING"),
};

void response_insights(struct json_writer *out, const struct insights_state *state)
{
    json_write_name(out, SLICE("TableName"));
    json_write_string(out, state->table->name);
    if (state->index) {
        json_write_name(out, SLICE("IndexName"));
        json_write_string(out, state->index->name);
    }
    json_write_name(out, SLICE("ContributorInsightsStatus"));
    json_write_string(out, status_names[state->status]);
    int64_t mode =
        state->insights.mode != INSIGHTS_OFF ? state->insights.mode : state->insights.mode_before;
    if (mode != INSIGHTS_OFF) {
        json_write_name(out, SLICE("ContributorInsightsMode"));
        json_write_string(out, mode_names[mode - INSIGHTS_OF_ALL]);
    }
}
