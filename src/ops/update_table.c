/*
 * UpdateTable: throughput, billing mode, stream, class, encryption, protection, ceilings, global
 * indexes.
 *
 * One logical change a call. The reply shows what takes its time as it was, DescribeTable as it
 * is going to be.
 * Source: AWS API Reference, UpdateTable; the control plane measured on the service; Developer
 * Guide, throughput.
 */
#include "base/limits.h"
#include "ops/index_updates.h"
#include "ops/response.h"
#include "ops/stream_members.h"
#include "ops/table_members.h"

#define INVALID "One or more parameter values were invalid: "

struct input {
    struct table_name table_name;
    struct decoded_list definitions; /* of new indexes: nothing here by themselves */
    struct decoded_list index_updates;
    struct settings_input settings;
    const struct stream_specification *stream;
};

static const struct field fields[] = {
    FIELD(struct input, definitions, "AttributeDefinitions", FIELD_STRUCTURE_LIST, OPTIONAL,
          .structure = &definition_structure),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST, .min = 1),
    FIELD(struct input, settings.billing, "BillingMode", FIELD_ENUM, OPTIONAL,
          .choices = &billing_choices),
    FIELD(struct input, settings.throughput_mode, "TableThroughputMode", FIELD_ENUM, OPTIONAL,
          .choices = &billing_choices),
    FIELD(struct input, settings.capacity.throughput, "ProvisionedThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &throughput_structure),
    FIELD(struct input, settings.encryption, "SSESpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &encryption_structure),
    FIELD(struct input, settings.table_class, "TableClass", FIELD_STRING, OPTIONAL),
    FIELD(struct input, settings.deletion_protection, "DeletionProtectionEnabled", FIELD_BOOLEAN,
          OPTIONAL),
    FIELD(struct input, settings.capacity.on_demand, "OnDemandThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &on_demand_structure),
    FIELD(struct input, settings.capacity.warm, "WarmThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &warm_structure),
    FIELD(struct input, index_updates, "GlobalSecondaryIndexUpdates", FIELD_STRUCTURE_LIST,
          OPTIONAL, .structure = &index_update_structure),
    FIELD(struct input, stream, "StreamSpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &stream_specification_structure),
    NOT_BUILT("ReplicaUpdates", FIELD_STRUCTURE_LIST, .structure = SHAPE("ReplicationGroupUpdate")),
    NOT_BUILT("MultiRegionConsistency", FIELD_STRING),
    NOT_BUILT("GlobalTableWitnessUpdates", FIELD_STRUCTURE_LIST,
              .structure = SHAPE("GlobalTableWitnessGroupUpdate")),
    NOT_BUILT("GlobalTableSettingsReplicationMode", FIELD_STRING),
    NOT_BUILT("VectorIndexUpdates", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndexUpdate")),
    NOT_BUILT("DisassociationProtectionEnabled", FIELD_BOOLEAN),
};
/* The table name alone: captured from the service. */
static const struct structure structure = STRUCTURE(struct input, fields, .table_name_alone = true);

/* ---- what goes together ---- */

/* The parts of a change, in the order in which one of them may have to stand alone. */
enum part {
    PART_ENCRYPTION,
    PART_CLASS,
    PART_PROTECTION,
    PART_WARM,
    PART_CEILINGS,
    PART_BILLING,
    PART_THROUGHPUT,
    PART_INDEXES,
    PART_STREAM,
    PART_COUNT
};

static const char *const standing_alone[PART_COUNT] = {
    [PART_ENCRYPTION] = "Server-Side Encryption modification",
    [PART_CLASS] = "TableClass modification",
    [PART_PROTECTION] = "DeletionProtection modification",
    [PART_WARM] = "WarmThroughput",
};

/* Beside others a structure without members is as good as absent; alone the service fails on it. */
static error check_not_empty(struct arena *arena, const struct capacity_input *in)
{
    if (!in->warm && !in->on_demand)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                INVALID "At least one of the members of %s must be specified",
                in->warm ? "WarmThroughput" : "OnDemandThroughput");
}

static error check_parts(struct arena *arena, const struct input *input)
{
    const struct settings_input *in = &input->settings;
    const struct index_updates updates = {&input->index_updates, &input->definitions};
    const bool given[PART_COUNT] = {
        [PART_ENCRYPTION] = in->encryption != NULL,
        [PART_CLASS] = is_given(in->table_class),
        [PART_PROTECTION] = in->deletion_protection.present,
        [PART_WARM] = in->capacity.warm && units_are_any(in->capacity.warm),
        [PART_CEILINGS] = in->capacity.on_demand && units_are_any(in->capacity.on_demand),
        [PART_BILLING] = settings_billing(in) != BILLING_UNSAID,
        [PART_THROUGHPUT] = in->capacity.throughput != NULL,
        [PART_INDEXES] = input->index_updates.count > 0,
        [PART_STREAM] = input->stream != NULL,
    };
    uint32_t count = 0;
    for (uint32_t i = 0; i < PART_COUNT; i++)
        count += given[i];
    if (count == 0)
        TRY(check_not_empty(arena, &in->capacity));
    if (count == 0)
        return FAILURE(ERROR_VALIDATION,
                       "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                       "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                       "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                       "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
                       "TableClass is required");
    if (input->index_updates.present && input->index_updates.count == 0)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "List of GlobalSecondaryIndexUpdates is empty");
    TRY(index_updates_check(arena, &updates));
    if (given[PART_WARM] && index_updates_create(&updates))
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Create global secondary index cannot be specified when updating "
                               "WarmThroughput");
    for (uint32_t i = 0; i < PART_COUNT && count > 1; i++) {
        if (given[i] && standing_alone[i])
            return fail(arena, ERROR_VALIDATION,
                        INVALID "%s must be the only operation in the request", standing_alone[i]);
    }
    bool is_combined = given[PART_THROUGHPUT] || given[PART_INDEXES] || given[PART_STREAM];
    if (given[PART_CEILINGS] && is_combined)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "OnDemandThroughput can only be combined with BillingMode in an "
                               "UpdateTable request");
    if (given[PART_THROUGHPUT] && index_updates_move(&updates))
        return FAILURE(ERROR_VALIDATION, INVALID "You cannot create or delete index while "
                                                 "updating table IOPS");
    if (given[PART_STREAM] && index_updates_move(&updates))
        return FAILURE(ERROR_VALIDATION, INVALID "You cannot create or delete index while "
                                                 "changing stream status");
    bool changes_throughput =
        given[PART_THROUGHPUT] || settings_billing(in) == BILLING_AS_PROVISIONED;
    if (given[PART_STREAM] && changes_throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "You cannot modify stream status while updating table IOPS");
    return NULL;
}

static error parse_stream(const struct stream_specification *in, struct table_change *change)
{
    if (!in)
        return NULL;
    if (in->enabled.value && in->view == STREAM_VIEW_NONE)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "If stream is being enabled then UpdateViewType is required");
    if (!in->enabled.value && in->view != STREAM_VIEW_NONE)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "If stream is being disabled, then UpdateViewType must not be "
                               "specified");
    change->stream = in->enabled.value ? STREAM_ENABLE : STREAM_DISABLE;
    change->stream_view = in->view;
    return NULL;
}

static error check_throughput(struct arena *arena, const struct settings_input *in)
{
    const struct throughput *throughput = in->capacity.throughput;
    if (settings_billing(in) == BILLING_PER_REQUEST && throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "ProvisionedThroughput cannot be specified when BillingMode is "
                               "PAY_PER_REQUEST");
    return throughput ? throughput_check(arena, SLICE("table"), throughput) : NULL;
}

/* Asked only once the table is there, for its mode may be PROVISIONED already. */
static error check_switch(const struct settings_input *in, const struct table *table)
{
    bool is_provisioned = table->settings.billing_mode == BILLING_PROVISIONED;
    if (settings_billing(in) != BILLING_AS_PROVISIONED)
        return NULL;
    if (in->capacity.throughput || (is_provisioned && in->capacity.on_demand))
        return NULL;
    return FAILURE(ERROR_VALIDATION,
                   INVALID "ProvisionedThroughput must be specified when BillingMode is "
                           "PROVISIONED");
}

static error check_quota(struct request *request, const struct input *in,
                         const struct table *table)
{
    const struct capacity_input *capacity = &in->settings.capacity;
    const struct index_updates updates = {&in->index_updates, &in->definitions};
    struct quota_change change = {0};
    if (capacity->throughput)
        quota_release(&change, table->settings.provisioned);
    quota_request(&change, capacity);
    index_updates_request_quota(&updates, table, &change);
    TRY(quota_check_account(request, &change));
    TRY(quota_check(request, SLICE_NONE, capacity));
    return index_updates_check_quota(request, &updates);
}

/* ---- the reply ---- */

static void show_removed(struct table_units *shown, struct table_units wanted)
{
    if (wanted.read == -1)
        shown->read = -1;
    if (wanted.write == -1)
        shown->write = -1;
}

/* That the throughput of an index was changed is not yet shown. */
static const struct index *shown_indexes(struct arena *arena, const struct table_changed *changed,
                                         const struct table_change *change)
{
    const struct table *after = changed->after;
    struct index *shown = arena_new_array(arena, struct index, after->index_count);
    for (uint32_t i = 0; i < after->index_count; i++) {
        shown[i] = after->indexes[i];
        const struct index *before = table_index(changed->before, shown[i].name);
        if (!before)
            continue;
        shown[i].history.increased_ms = before->history.increased_ms;
        shown[i].history.decreased_ms = before->history.decreased_ms;
        shown[i].history.decrease_count = before->history.decrease_count;
        for (uint32_t j = 0; j < change->index_action_count; j++) {
            const struct index *wanted = &change->index_actions[j].index;
            if (slice_equal(wanted->name, shown[i].name))
                show_removed(&shown[i].on_demand_max, wanted->on_demand_max);
        }
    }
    return shown;
}

/*
 * A change of units shows its time, and not yet that it counts; a switch to on demand counts as
 * one that takes all.
 */
static void show_units(struct table *shown, const struct table *before, int64_t now_ms)
{
    bool switches = shown->settings.billing_mode != before->settings.billing_mode;
    shown->history.decrease_count = table_decreases_today(&before->history, now_ms);
    if (switches && shown->settings.billing_mode == BILLING_PAY_PER_REQUEST)
        shown->history.decreased_ms = now_ms;
}

/*
 * As it is described in the moment before: nothing that takes time has come through. A ceiling that
 * was removed shows as the -1 asked for.
 */
static struct table shown_table(struct arena *arena, const struct table_changed *changed,
                                const struct table_change *change, int64_t now_ms)
{
    struct table shown = *changed->after;
    show_units(&shown, changed->before, now_ms);
    show_removed(&shown.settings.on_demand_max, change->on_demand_max);
    shown.indexes = shown_indexes(arena, changed, change);
    return shown;
}

/* What takes no time leaves the table in the state it is in; encryption says ACTIVE in any. */
static enum table_status shown_status(const struct table_changed *changed,
                                      const struct table_change *change, bool moves_index,
                                      int64_t now_ms)
{
    if (table_change_takes_time(change) || moves_index)
        return TABLE_UPDATING;
    return change->changes_encryption ? TABLE_ACTIVE : table_status_at(changed->before, now_ms);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    enum { NO_CEILING = -1 };
    struct db_session *session = request->session;
    struct arena *arena = request->arena;
    const struct index_updates updates = {&in->index_updates, &in->definitions};
    TRY(check_parts(arena, in));
    TRY(check_throughput(arena, &in->settings));
    struct table_change change;
    TRY(settings_parse(request, &in->settings, NO_CEILING, &change));
    TRY(parse_stream(in->stream, &change));

    struct table_changed changed;
    TRY(table_find_settled(session, in->table_name.name, &changed.before));
    TRY(check_switch(&in->settings, changed.before));
    enum billing_mode billing_mode = change.changes_billing_mode
                                         ? change.billing_mode
                                         : changed.before->settings.billing_mode;
    TRY(index_updates_parse(arena, &updates, changed.before, billing_mode,
                            &change.index_actions));
    change.index_action_count = in->index_updates.count;
    change.seen = changed.before;
    TRY(check_quota(request, in, changed.before));
    int64_t now_ms = db_now_ms(session->db);
    TRY(table_update(session, in->table_name.name, &change, &changed));

    struct table_state state = {
        .now_ms = now_ms - 1, /* nothing of it is ready, however short the transition is */
        .status = shown_status(&changed, &change, index_updates_move(&updates), now_ms),
        .switches_billing =
            changed.before->settings.billing_mode != changed.after->settings.billing_mode,
        .with_warm_throughput = in->settings.capacity.warm != NULL,
    };
    TRY(response_count_table(session, changed.after, &state));
    struct table shown = shown_table(arena, &changed, &change, now_ms);
    json_write_object_begin(request->out);
    response_table(request->out, SLICE("TableDescription"), &shown, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_update_table = {SLICE("UpdateTable"), &structure, run};
