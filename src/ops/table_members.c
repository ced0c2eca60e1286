#include "ops/table_members.h"

#include "base/limits.h"
#include <inttypes.h>
#include <xxhash.h>

#define INVALID "One or more parameter values were invalid: "

/* ---- field tables ---- */

static const struct field table_name_fields[] = {
    FIELD(struct table_name_input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST,
          .min = 1),
};
const struct structure table_name_structure = STRUCTURE(struct table_name_input, table_name_fields);

static const slice billing_names[] = {SLICE("PROVISIONED"), SLICE("PAY_PER_REQUEST")};
const struct choices billing_choices = CHOICES(billing_names);

static const slice attribute_type_names[] = {SLICE("B"), SLICE("N"), SLICE("S")};
static const struct choices attribute_type_choices = CHOICES(attribute_type_names);

static const struct field definition_fields[] = {
    FIELD(struct definition, type, "AttributeType", FIELD_ENUM, REQUIRED,
          .choices = &attribute_type_choices),
    FIELD(struct definition, name, "AttributeName", FIELD_STRING, REQUIRED, .min = 1,
          .max = KEY_ATTRIBUTE_NAME_BYTES_MAX),
};
const struct structure definition_structure =
    STRUCTURE(struct definition, definition_fields, .shape = SLICE("AttributeDefinition"));

static const struct field throughput_fields[] = {
    FIELD(struct throughput, write_units, "WriteCapacityUnits", FIELD_LONG, REQUIRED, .min = 1),
    FIELD(struct throughput, read_units, "ReadCapacityUnits", FIELD_LONG, REQUIRED, .min = 1),
};
const struct structure throughput_structure =
    STRUCTURE(struct throughput, throughput_fields, .shape = SLICE("ProvisionedThroughput"));

static const struct field warm_fields[] = {
    FIELD(struct units_input, read, "ReadUnitsPerSecond", FIELD_LONG, OPTIONAL, .min = INT64_MIN),
    FIELD(struct units_input, write, "WriteUnitsPerSecond", FIELD_LONG, OPTIONAL, .min = INT64_MIN),
};
const struct structure warm_structure =
    STRUCTURE(struct units_input, warm_fields, .shape = SLICE("WarmThroughput"));

static const struct field on_demand_fields[] = {
    FIELD(struct units_input, read, "MaxReadRequestUnits", FIELD_LONG, OPTIONAL, .min = INT64_MIN),
    FIELD(struct units_input, write, "MaxWriteRequestUnits", FIELD_LONG, OPTIONAL,
          .min = INT64_MIN),
};
const struct structure on_demand_structure =
    STRUCTURE(struct units_input, on_demand_fields, .shape = SLICE("OnDemandThroughput"));

static const slice encryption_type_names[] = {SLICE("AES256"), SLICE("KMS")};
static const struct choices encryption_type_choices = CHOICES(encryption_type_names);

static const struct field encryption_fields[] = {
    FIELD(struct encryption_input, enabled, "Enabled", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct encryption_input, type, "SSEType", FIELD_ENUM, OPTIONAL,
          .choices = &encryption_type_choices),
    FIELD(struct encryption_input, key_id, "KMSMasterKeyId", FIELD_STRING, OPTIONAL, .min = 1),
};
const struct structure encryption_structure =
    STRUCTURE(struct encryption_input, encryption_fields, .shape = SLICE("SSESpecification"));

/* ---- throughput ---- */

/* Beyond it a number is no number of units; the quota, far below, has its own error. */
static const int64_t THROUGHPUT_SYNTAX_MAX = INT64_C(1000000000000);

struct named_units {
    const char *name;
    int64_t units;
};

error throughput_check(struct arena *arena, slice subject, const struct throughput *throughput)
{
    bool is_table = slice_equal(subject, SLICE("table"));
    const struct named_units parts[] = {
        {"ReadCapacityUnits", throughput->read_units.value},
        {"WriteCapacityUnits", throughput->write_units.value},
    };
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units > THROUGHPUT_SYNTAX_MAX)
            return fail(arena, ERROR_VALIDATION,
                        "Given value %" PRId64 " for %s is out of bounds%s%.*s", parts[i].units,
                        parts[i].name, is_table ? "" : " for ",
                        SLICE_ARGS(is_table ? SLICE_NONE : subject));
    }
    return NULL;
}

/* ---- the other settings ---- */

/* An optional number where 0 means absent: a given one below 1 becomes `too_low`. */
static int64_t units_of(const struct optional_integer *integer, int64_t too_low)
{
    if (!integer->present)
        return 0;
    return integer->value < 1 ? too_low : integer->value;
}

static int64_t ceiling_of(const struct optional_integer *integer, int64_t ceiling_none)
{
    enum { OUT_OF_RANGE = -2 };
    if (integer->present && integer->value == -1)
        return ceiling_none;
    return units_of(integer, OUT_OF_RANGE);
}

bool units_are_any(const struct units_input *units)
{
    return units->read.present || units->write.present;
}

static error parse_class(slice text, enum table_class *table_class)
{
    if (slice_equal(text, SLICE("STANDARD")))
        *table_class = TABLE_CLASS_STANDARD;
    else if (slice_equal(text, SLICE("STANDARD_INFREQUENT_ACCESS")))
        *table_class = TABLE_CLASS_INFREQUENT;
    else if (is_given(text))
        return FAILURE(ERROR_VALIDATION,
                       "Invalid table-class parameter provided. Please try again with a valid "
                       "table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].");
    return NULL;
}

/* The id of the key that an alias stands for: none is told by its alias, so it is made of it. */
static slice key_id_of_alias(struct request *request, slice alias)
{
    XXH128_hash_t hash = XXH3_128bits(alias.data, alias.size);
    return arena_format(
        request->arena, "%08" PRIx32 "-%04" PRIx32 "-%04" PRIx32 "-%04" PRIx32 "-%012" PRIx64,
        (uint32_t)(hash.high64 >> 32), (uint32_t)(hash.high64 >> 16) & 0xffff,
        (uint32_t)hash.high64 & 0xffff, (uint32_t)(hash.low64 >> 48), hash.low64 & 0xffffffffffff);
}

/* A key is given by ARN, by alias or by its own id; without one it is the account's. */
static slice key_arn(struct request *request, slice key_id)
{
    if (slice_begins_with(key_id, SLICE("arn:")))
        return key_id;
    slice region = db_region(request->session->db);
    slice account = db_account(request->session->db);
    if (key_id.size == 0)
        key_id = SLICE("alias/aws/dynamodb");
    if (slice_begins_with(key_id, SLICE("alias/")))
        key_id = key_id_of_alias(request, key_id);
    return arena_format(request->arena, "arn:aws:kms:%.*s:%.*s:key/%.*s", SLICE_ARGS(region),
                        SLICE_ARGS(account), SLICE_ARGS(key_id));
}

static error parse_encryption(struct request *request, const struct encryption_input *in,
                              struct table_change *change)
{
    if (!in)
        return NULL;
    bool is_off = in->enabled.present && !in->enabled.value;
    if (is_off && in->type != ENCRYPTION_UNSAID)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "SSEType can not be specified if Enabled is false");
    if (is_off && is_given(in->key_id))
        return FAILURE(ERROR_VALIDATION,
                       INVALID "KMSMasterKeyId can not be specified if Enabled is false");
    if (in->type == ENCRYPTION_AES256)
        return FAILURE(ERROR_VALIDATION, INVALID "SSEType AES256 is not supported");
    if (in->key_id.size > 0 && in->type != ENCRYPTION_KMS)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "SSEType KMS is required if KMSMasterKeyId is specified");
    change->changes_encryption = true;
    change->names_key_arn = slice_begins_with(in->key_id, SLICE("arn:"));
    if (in->enabled.value || in->type == ENCRYPTION_KMS)
        change->encryption_key_arn = key_arn(request, in->key_id);
    return NULL;
}

struct capacity capacity_parse(const struct capacity_input *in, int64_t ceiling_none)
{
    struct capacity capacity = {.warm = {0, 0}};
    if (in->throughput) {
        capacity.provisioned.read = in->throughput->read_units.value;
        capacity.provisioned.write = in->throughput->write_units.value;
    }
    if (in->warm) {
        capacity.warm.read = units_of(&in->warm->read, -1);
        capacity.warm.write = units_of(&in->warm->write, -1);
    }
    if (in->on_demand) {
        capacity.on_demand_max.read = ceiling_of(&in->on_demand->read, ceiling_none);
        capacity.on_demand_max.write = ceiling_of(&in->on_demand->write, ceiling_none);
    }
    return capacity;
}

enum billing settings_billing(const struct settings_input *in)
{
    return in->billing != BILLING_UNSAID ? in->billing : in->throughput_mode;
}

error settings_parse(struct request *request, const struct settings_input *in, int64_t ceiling_none,
                     struct table_change *change)
{
    struct capacity capacity = capacity_parse(&in->capacity, ceiling_none);
    *change = (struct table_change){
        .changes_billing_mode = settings_billing(in) != BILLING_UNSAID,
        .billing_mode = settings_billing(in) == BILLING_PER_REQUEST ? BILLING_PAY_PER_REQUEST
                                                                    : BILLING_PROVISIONED,
        .provisioned = capacity.provisioned,
        .on_demand_max = capacity.on_demand_max,
        .warm = capacity.warm,
        .changes_protection = in->deletion_protection.present,
        .deletion_protected = in->deletion_protection.value,
    };
    TRY(parse_class(in->table_class, &change->table_class));
    return parse_encryption(request, in->encryption, change);
}

/* What a table takes at once cannot be less than what its billing mode gives. */
static error check_warm(struct arena *arena, slice subject, const struct table_units *wanted,
                        const struct table_settings *settings)
{
    const struct {
        const char *name;
        int64_t wanted;
        int64_t given;
        const char *provisioned;
    } parts[] = {
        {"ReadUnitsPerSecond", wanted->read, settings->warm.read, "ReadCapacityUnits"},
        {"WriteUnitsPerSecond", wanted->write, settings->warm.write, "WriteCapacityUnits"},
    };
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].wanted == 0 || parts[i].wanted >= parts[i].given)
            continue;
        if (settings->billing_mode == BILLING_PROVISIONED)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "Requested %s for WarmThroughput for %.*s is lower than %s of "
                                "ProvisionedThroughput",
                        parts[i].name, SLICE_ARGS(subject), parts[i].provisioned);
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Requested %s for WarmThroughput for %.*s is lower than initial "
                            "throughput for OnDemand. See: https://docs.aws.amazon.com/"
                            "amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
                            "#on-demand-capacity-mode-initial",
                    parts[i].name, SLICE_ARGS(subject));
    }
    return NULL;
}

slice capacity_subject(struct arena *arena, const char *role, slice index_name)
{
    return index_name.size == 0 ? SLICE("table")
                                : arena_format(arena, "%s%.*s", role, SLICE_ARGS(index_name));
}

/* What exists already is refused the same in other words. */
static error check_no_ceilings(struct arena *arena, slice index_name,
                               const struct units_input *ceilings)
{
    if (!ceilings || (!ceilings->read.present && !ceilings->write.present))
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                INVALID "%s for OnDemandThroughput%s%.*s cannot be specified when table "
                        "BillingMode is PROVISIONED.",
                ceilings->read.present ? "MaxReadRequestUnits" : "MaxWriteRequestUnits",
                index_name.size > 0 ? " for index: " : "", SLICE_ARGS(index_name));
}

error capacity_make(struct arena *arena, slice index_name, const struct capacity_input *in,
                    struct table_settings *settings)
{
    enum { NO_CEILING = -2 }; /* there is none yet that could go */
    struct capacity wanted = capacity_parse(in, NO_CEILING);
    settings->provisioned = wanted.provisioned;
    settings->on_demand_max = wanted.on_demand_max;
    if (settings->billing_mode == BILLING_PROVISIONED)
        TRY(check_no_ceilings(arena, index_name, in->on_demand));
    TRY(table_check_ceilings(arena, capacity_subject(arena, "index : ", index_name),
                             settings->billing_mode, wanted.on_demand_max));
    table_settings_warm_up(settings);
    TRY(check_warm(arena, capacity_subject(arena, "index ", index_name), &wanted.warm, settings));
    if (wanted.warm.read != 0)
        settings->warm.read = wanted.warm.read;
    if (wanted.warm.write != 0)
        settings->warm.write = wanted.warm.write;
    return NULL;
}
