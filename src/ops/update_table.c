/*
 * UpdateTable: throughput, billing mode, class, encryption, protection, ceilings.
 *
 * One logical change a call. The reply shows what takes its time as it was, DescribeTable as it
 * is going to be.
 * Source: AWS API Reference, UpdateTable; the control plane measured on the service; Developer
 * Guide, throughput.
 */
#include "base/limits.h"
#include "ops/response.h"
#include "ops/table_members.h"

#define INVALID "One or more parameter values were invalid: "

struct input {
    struct table_name table_name;
    struct decoded_list definitions; /* of new indexes: nothing here by themselves */
    struct settings_input settings;
};

static const struct field fields[] = {
    FIELD(struct input, definitions, "AttributeDefinitions", FIELD_STRUCTURE_LIST, OPTIONAL,
          .structure = &definition_structure),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST, .min = 1),
    FIELD(struct input, settings.billing, "BillingMode", FIELD_ENUM, OPTIONAL,
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
    NOT_BUILT("GlobalSecondaryIndexUpdates", FIELD_STRUCTURE_LIST,
              .structure = SHAPE("GlobalSecondaryIndexUpdate")),
    NOT_BUILT("StreamSpecification", FIELD_STRUCTURE, .structure = SHAPE("StreamSpecification")),
    NOT_BUILT("ReplicaUpdates", FIELD_STRUCTURE_LIST, .structure = SHAPE("ReplicationGroupUpdate")),
    NOT_BUILT("MultiRegionConsistency", FIELD_STRING),
    NOT_BUILT("GlobalTableWitnessUpdates", FIELD_STRUCTURE_LIST,
              .structure = SHAPE("GlobalTableWitnessGroupUpdate")),
    NOT_BUILT("GlobalTableSettingsReplicationMode", FIELD_STRING),
    NOT_BUILT("VectorIndexUpdates", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndexUpdate")),
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
    PART_COUNT
};

static const char *const standing_alone[PART_COUNT] = {
    [PART_ENCRYPTION] = "Server-Side Encryption modification",
    [PART_CLASS] = "TableClass modification",
    [PART_PROTECTION] = "DeletionProtection modification",
    [PART_WARM] = "WarmThroughput",
};

static error check_parts(struct arena *arena, const struct settings_input *in)
{
    const bool given[PART_COUNT] = {
        [PART_ENCRYPTION] = in->encryption != NULL,
        [PART_CLASS] = is_given(in->table_class),
        [PART_PROTECTION] = in->deletion_protection.present,
        [PART_WARM] = in->capacity.warm != NULL,
        [PART_CEILINGS] = in->capacity.on_demand != NULL,
        [PART_BILLING] = in->billing != BILLING_UNSAID,
        [PART_THROUGHPUT] = in->capacity.throughput != NULL,
    };
    uint32_t count = 0;
    for (uint32_t i = 0; i < PART_COUNT; i++)
        count += given[i];
    if (count == 0)
        return FAILURE(ERROR_VALIDATION,
                       "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                       "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                       "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                       "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
                       "TableClass is required");
    for (uint32_t i = 0; i < PART_COUNT && count > 1; i++) {
        if (given[i] && standing_alone[i])
            return fail(arena, ERROR_VALIDATION,
                        INVALID "%s must be the only operation in the request", standing_alone[i]);
    }
    if (given[PART_CEILINGS] && given[PART_THROUGHPUT])
        return FAILURE(ERROR_VALIDATION,
                       INVALID "OnDemandThroughput can only be combined with BillingMode in an "
                               "UpdateTable request");
    return NULL;
}

static error check_throughput(struct arena *arena, const struct settings_input *in)
{
    const struct throughput *throughput = in->capacity.throughput;
    if (in->billing == BILLING_PER_REQUEST && throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                               "when BillingMode is PAY_PER_REQUEST");
    return throughput ? throughput_check(arena, SLICE("table"), throughput) : NULL;
}

/* Every global index wants throughput of its own with that of the table, and cannot get any yet. */
static error check_indexes(struct arena *arena, const struct table *table)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == INDEX_GLOBAL)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "ProvisionedThroughput must be specified for index: %.*s",
                        SLICE_ARGS(table->indexes[i].name));
    }
    return NULL;
}

/* Asked only once the table is there, for its mode may be PROVISIONED already. */
static error check_switch(struct arena *arena, const struct settings_input *in,
                          const struct table *table)
{
    bool is_provisioned = table->settings.billing_mode == BILLING_PROVISIONED;
    if (in->billing != BILLING_AS_PROVISIONED)
        return NULL;
    if (in->capacity.throughput)
        return is_provisioned ? NULL : check_indexes(arena, table);
    if (is_provisioned && in->capacity.on_demand)
        return NULL;
    return FAILURE(ERROR_VALIDATION,
                   INVALID "ProvisionedThroughput must be specified when BillingMode is "
                           "PROVISIONED");
}

/* ---- the reply ---- */

/* What takes its time is shown as it was. A ceiling that was removed shows as the -1 asked for. */
static struct table shown_table(const struct table_changed *changed,
                                const struct table_change *change)
{
    struct table shown = *changed->before;
    const struct table *after = changed->after;
    shown.settings.deletion_protected = after->settings.deletion_protected;
    shown.settings.warm = after->settings.warm;
    shown.settings.on_demand_max = after->settings.on_demand_max;
    if (change->on_demand_max.read == -1)
        shown.settings.on_demand_max.read = -1;
    if (change->on_demand_max.write == -1)
        shown.settings.on_demand_max.write = -1;
    shown.encrypted_ms = after->encrypted_ms;
    shown.warmed_ms = after->warmed_ms;
    return shown;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    enum { NO_CEILING = -1 };
    struct db_session *session = request->session;
    TRY(check_parts(request->arena, &in->settings));
    TRY(check_throughput(request->arena, &in->settings));
    struct table_change change;
    TRY(settings_parse(request, &in->settings, NO_CEILING, &change));

    struct table_changed changed;
    TRY(table_describe(session, in->table_name.name, &changed.before));
    TRY(check_switch(request->arena, &in->settings, changed.before));
    TRY(throughput_check_quota(request, in->settings.capacity.throughput));
    TRY(table_update(session, in->table_name.name, &change, &changed));

    struct table_state state = {
        .now_ms = db_now_ms(session->db),
        .status = table_change_takes_time(&change) ? TABLE_UPDATING : TABLE_ACTIVE,
        .with_warm_throughput = in->settings.capacity.warm != NULL,
    };
    TRY(response_count_table(session, changed.after, &state));
    struct table shown = shown_table(&changed, &change);
    json_write_object_begin(request->out);
    response_table(request->out, SLICE("TableDescription"), &shown, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_update_table = {SLICE("UpdateTable"), &structure, run};
