#include "ops/restore_members.h"

#include "base/limits.h"
#include "ops/quota.h"
#include "ops/response.h"

#define INVALID "Invalid Request: "

/*
 * The index of the source that an override stands for: the keys and the projection tell, and the
 * name may be a new one. Measured on the service.
 */
static error find_index(struct request *request, const struct table *source,
                        const struct index_input *in, enum index_kind kind,
                        const struct index **found)
{
    const struct index *index = NULL;
    for (uint32_t i = 0; i < source->index_count; i++) {
        const struct index *other = &source->indexes[i];
        bool fits = other->kind == kind && other->deleting_ms == 0 &&
                    schema_is_of_index(in, other);
        if (fits && (!index || slice_equal(other->name, in->name)))
            index = other;
    }
    if (!index)
        return fail(request->arena, ERROR_VALIDATION,
                    INVALID "Index %.*s does not match a secondary index that existed in "
                    "the source table and cannot be created during the restore operation",
                    SLICE_ARGS(in->name));
    *found = index;
    return NULL;
}

/* The throughput of an index follows the billing mode that the table is to have. */
static error check_index(struct request *request, const struct restore_input *overrides,
                         enum billing_mode mode, const struct index_input *in)
{
    bool has_units = in->capacity.throughput != NULL;
    if (has_units == (mode == BILLING_PROVISIONED))
        return NULL;
    if (!has_units)
        return fail(request->arena, ERROR_VALIDATION,
                    INVALID "Must specify provisioned throughput for index %.*s",
                    SLICE_ARGS(in->name));
    return fail(request->arena, ERROR_VALIDATION,
                INVALID "Cannot override ProvisionedThroughput %s for index %.*s",
                overrides->billing == BILLING_UNSAID
                    ? "unless BillingMode is PROVISIONED"
                    : "if BillingMode is overridden to PAY_PER_REQUEST",
                SLICE_ARGS(in->name));
}

static error add_index(struct request *request, const struct index_input *in,
                       const struct index *index, const struct table_settings *settings,
                       struct index *added)
{
    *added = (struct index){.name = in ? in->name : index->name,
                            .kind = index->kind,
                            .keys = index->keys,
                            .projection = index->projection,
                            .included = index->included,
                            .included_count = index->included_count};
    if (index->kind == INDEX_LOCAL)
        return NULL;
    struct table_settings own = {.billing_mode = settings->billing_mode};
    if (in)
        TRY(capacity_make(request->arena, index->name, &in->capacity, &own));
    bool keeps = !in || (!in->capacity.throughput && !in->capacity.on_demand);
    added->provisioned = keeps ? index->provisioned : own.provisioned;
    added->on_demand_max = keeps ? index->on_demand_max : own.on_demand_max;
    if (own.billing_mode == BILLING_PROVISIONED)
        added->on_demand_max = (struct table_units){0};
    if (own.billing_mode == BILLING_PAY_PER_REQUEST)
        added->provisioned = (struct table_units){0};
    else if (added->provisioned.read == 0)
        added->provisioned = settings->provisioned;
    added->warm = own.warm;
    return NULL;
}

/* All of a kind that the source has, or those that the override lists. */
static error add_indexes(struct request *request, const struct table *source, enum index_kind kind,
                         const struct restore_input *in, struct table_definition *definition)
{
    const struct decoded_list *overrides =
        kind == INDEX_LOCAL ? &in->local_indexes : &in->global_indexes;
    enum billing_mode mode = definition->settings.billing_mode;
    struct index *indexes = (struct index *)definition->indexes;
    const struct index_input *listed = overrides->elements;
    uint32_t count = overrides->present ? overrides->count : source->index_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct index *index = &source->indexes[i];
        if (overrides->present)
            TRY(find_index(request, source, &listed[i], kind, &index));
        if (overrides->present && kind == INDEX_GLOBAL)
            TRY(check_index(request, in, mode, &listed[i]));
        if (index->kind != kind || index->deleting_ms != 0)
            continue;
        if (definition->index_count == INDEXES_MAX)
            return FAILURE(ERROR_VALIDATION, "Invalid Request: An index is named twice");
        TRY(add_index(request, overrides->present ? &listed[i] : NULL, index,
                      &definition->settings, &indexes[definition->index_count++]));
    }
    return NULL;
}

static error check_names(const struct table_definition *definition)
{
    for (uint32_t i = 0; i < definition->index_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(definition->indexes[i].name, definition->indexes[j].name))
                return FAILURE(ERROR_VALIDATION, "Invalid Request: An index is named twice");
        }
    }
    return NULL;
}

static error check_ceilings(struct request *request, const struct units_input *in,
                            bool provisioned)
{
    const struct {
        const char *name;
        const struct optional_integer *units;
    } parts[] = {{"Read", &in->read}, {"Write", &in->write}};
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units->present && provisioned)
            return fail(request->arena, ERROR_VALIDATION,
                        INVALID "Cannot override Max%sRequestUnits for OnDemandThroughput unless "
                                "BillingModeOverride is PAY_PER_REQUEST",
                        parts[i].name);
        if (parts[i].units->present && parts[i].units->value < 1)
            return fail(request->arena, ERROR_VALIDATION,
                        INVALID "Requested Max%sRequestUnits for OnDemandThroughput is outside of "
                                "valid range",
                        parts[i].name);
    }
    return NULL;
}

/* Units are those of the billing mode that the table is to have. Measured on the service. */
static error check_units(struct request *request, const struct restore_input *in,
                         enum billing_mode mode)
{
    bool provisioned = mode == BILLING_PROVISIONED;
    if (in->billing != BILLING_UNSAID && provisioned && !in->throughput)
        return FAILURE(ERROR_VALIDATION, INVALID "Must override ProvisionedThroughput if "
                                                 "BillingMode is overridden to PROVISIONED");
    if (in->throughput && !provisioned)
        return in->billing == BILLING_UNSAID
                   ? FAILURE(ERROR_VALIDATION, INVALID "Cannot override ProvisionedThroughput "
                                                       "unless BillingMode is PROVISIONED")
                   : FAILURE(ERROR_VALIDATION,
                             INVALID "Cannot override ProvisionedThroughput if BillingMode is "
                                     "overridden to PAY_PER_REQUEST");
    return in->on_demand ? check_ceilings(request, in->on_demand, provisioned) : NULL;
}

static error make_settings(struct request *request, const struct restore_input *in,
                           const struct restore_source *source, struct table_settings *settings)
{
    enum { NO_CEILING = -2 }; /* there is none yet that could go */
    struct settings_input given = {
        .billing = in->billing,
        .capacity = {.throughput = in->throughput, .on_demand = in->on_demand},
        .encryption = in->encryption,
    };
    struct table_change change;
    TRY(settings_parse(request, &given, NO_CEILING, &change));
    *settings = restore_settings(source);
    if (in->billing != BILLING_UNSAID)
        settings->billing_mode = change.billing_mode;
    bool on_demand = settings->billing_mode == BILLING_PAY_PER_REQUEST;
    TRY(check_units(request, in, settings->billing_mode));
    if (in->throughput)
        settings->provisioned = change.provisioned;
    if (on_demand)
        settings->provisioned = (struct table_units){0};
    if (in->on_demand)
        settings->on_demand_max = change.on_demand_max;
    if (!on_demand)
        settings->on_demand_max = (struct table_units){0};
    if (change.changes_encryption)
        settings->encryption_key_arn = change.encryption_key_arn;
    TRY(quota_check_account(request,
                            &(struct quota_change){.requested = settings->provisioned}));
    return quota_check(request, SLICE_NONE, &given.capacity);
}

error restore_from_elsewhere(const struct restore_input *in, error not_found)
{
    if (in->encryption)
        return not_found;
    return FAILURE(ERROR_VALIDATION,
                   INVALID "sseSpecificationOverride must be provided for cross-region restores");
}

error restore_table(struct request *request, const struct restore_input *in,
                    const struct restore_source *source)
{
    struct table_definition definition = {
        .name = in->target_name,
        .keys = source->table.keys,
        .indexes = arena_new_array(request->arena, struct index, INDEXES_MAX),
        .restore = source->restore,
    };
    const struct table *table;
    TRY(make_settings(request, in, source, &definition.settings));
    TRY(add_indexes(request, &source->table, INDEX_LOCAL, in, &definition));
    TRY(add_indexes(request, &source->table, INDEX_GLOBAL, in, &definition));
    TRY(check_names(&definition));
    TRY(table_create(request->session, &definition, &table));
    restore_begun(request->session->db);
    struct table_state state = {.now_ms = table->created_ms, .status = TABLE_CREATING};
    json_write_object_begin(request->out);
    response_table(request->out, SLICE("TableDescription"), table, &state);
    json_write_object_end(request->out);
    return NULL;
}
