/*
 * UpdateContributorInsights: hot keys of a table or global index are asked for, or no longer.
 *
 * Source: AWS API Reference, UpdateContributorInsights; the control plane measured on the service.
 */
#include "base/limits.h"
#include "ops/insights_members.h"

enum action { ACTION_UNSAID, ACTION_ENABLE, ACTION_DISABLE };
static const slice action_names[] = {SLICE("ENABLE"), SLICE("DISABLE")};
static const struct choices action_choices = CHOICES(action_names);

struct input {
    struct table_name table_name;
    slice index_name;
    enum action action;
    enum insights_mode mode; /* OFF when absent: its values follow in the order of the choices */
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, index_name, "IndexName", FIELD_STRING, OPTIONAL,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX, .is_name = true),
    FIELD(struct input, action, "ContributorInsightsAction", FIELD_ENUM, REQUIRED,
          .choices = &action_choices),
    FIELD(struct input, mode, "ContributorInsightsMode", FIELD_ENUM, OPTIONAL,
          .choices = &insights_mode_choices),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    struct insights_state state;
    /* Enabled without a mode it is the first, also where it was the other. */
    enum insights_mode mode = in->action == ACTION_DISABLE ? INSIGHTS_OFF
                              : in->mode == INSIGHTS_OFF   ? INSIGHTS_OF_ALL
                                                           : in->mode;
    TRY(insights_switch(request->session, in->table_name.name, in->index_name, mode, &state));
    json_write_object_begin(out);
    response_insights(out, &state);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_update_contributor_insights = {SLICE("UpdateContributorInsights"),
                                                                &structure, run};
