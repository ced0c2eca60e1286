#include "ops/new_table.h"

#include "ops/tags.h"

#define INVALID "One or more parameter values were invalid: "

static error check_throughput(struct arena *arena, const struct settings_input *in)
{
    const struct throughput *throughput = in->capacity.throughput;
    if (settings_billing(in) == BILLING_PER_REQUEST && throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                               "when BillingMode is PAY_PER_REQUEST");
    if (settings_billing(in) == BILLING_PER_REQUEST)
        return NULL;
    if (!throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified "
                               "when BillingMode is PROVISIONED");
    return throughput_check(arena, SLICE("table"), throughput);
}

static error make_settings(struct request *request, const struct settings_input *in,
                           const struct decoded_list *tags, struct table_settings *settings)
{
    enum { NO_CEILING = -2 }; /* there is none yet that could go */
    struct arena *arena = request->arena;
    struct table_change change;
    TRY(settings_parse(request, in, NO_CEILING, &change));
    *settings = (struct table_settings){
        .billing_mode = change.billing_mode,
        .table_class = change.table_class,
        .encryption_key_arn = change.encryption_key_arn,
        .deletion_protected = change.deletion_protected,
        .tags = tags->elements,
        .tag_count = tags->count,
    };
    TRY(capacity_make(arena, SLICE_NONE, &in->capacity, settings));
    return tags_check(arena, tags);
}

error new_table_parse(struct request *request, const struct settings_input *settings,
                      const struct schema_input *schema, const struct decoded_list *tags,
                      struct table_definition *definition)
{
    TRY(check_throughput(request->arena, settings));
    TRY(make_settings(request, settings, tags, &definition->settings));
    return schema_parse(request->arena, schema, definition->settings.billing_mode, definition);
}

error new_table_check_quota(struct request *request, const struct settings_input *settings,
                            const struct schema_input *schema)
{
    struct quota_change change = {0};
    quota_request(&change, &settings->capacity);
    schema_request_quota(schema, &change);
    TRY(quota_check_account(request, &change));
    TRY(quota_check(request, SLICE_NONE, &settings->capacity));
    return schema_check_quota(request, schema);
}
