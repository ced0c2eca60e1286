/*
 * CreateTable: a name, a key schema, a billing mode.
 *
 * Source: AWS API Reference, CreateTable; errors sheet section 9; control plane sheet section 2.
 */
#include "base/limits.h"
#include "ops/operation.h"
#include "ops/response.h"
#include "ops/table_members.h"
#include <inttypes.h>
#include <stdlib.h>

#define INVALID "One or more parameter values were invalid: "

/* ---- members ---- */

static const slice key_type_names[] = {SLICE("HASH"), SLICE("RANGE")};
static const struct choices key_type_choices = CHOICES(key_type_names);
enum key_type { KEY_TYPE_ABSENT, KEY_TYPE_HASH, KEY_TYPE_RANGE };

static const enum value_type value_types[] = {
    [ATTRIBUTE_B] = VALUE_B, [ATTRIBUTE_N] = VALUE_N, [ATTRIBUTE_S] = VALUE_S};

struct key_element {
    slice name;
    enum key_type type;
};
static const struct field key_element_fields[] = {
    FIELD(struct key_element, name, "AttributeName", FIELD_STRING, REQUIRED, .min = 1,
          .max = KEY_ATTRIBUTE_NAME_BYTES_MAX),
    FIELD(struct key_element, type, "KeyType", FIELD_ENUM, REQUIRED, .choices = &key_type_choices),
};
static const struct structure key_element_structure =
    STRUCTURE(struct key_element, key_element_fields, .shape = SLICE("KeySchemaElement"));

struct input {
    struct table_name table_name;
    struct decoded_list definitions;
    struct decoded_list key_schema;
    struct settings_input settings;
    struct decoded_list tags;
};

static const struct field fields[] = {
    FIELD(struct input, definitions, "AttributeDefinitions", FIELD_STRUCTURE_LIST, REQUIRED,
          .structure = &definition_structure),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST,
          .min = TABLE_NAME_BYTES_MIN),
    FIELD(struct input, settings.billing, "BillingMode", FIELD_ENUM, OPTIONAL,
          .choices = &billing_choices),
    FIELD(struct input, settings.throughput, "ProvisionedThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &throughput_structure),
    FIELD(struct input, key_schema, "KeySchema", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1, .max = 2,
          .structure = &key_element_structure),
    NOT_BUILT("GlobalSecondaryIndexes", FIELD_STRUCTURE_LIST,
              .structure = SHAPE("GlobalSecondaryIndex"),
              .empty_list = SLICE(INVALID "List of GlobalSecondaryIndexes is empty")),
    NOT_BUILT("LocalSecondaryIndexes", FIELD_STRUCTURE_LIST,
              .structure = SHAPE("LocalSecondaryIndex"),
              .empty_list = SLICE(INVALID "List of LocalSecondaryIndexes is empty")),
    NOT_BUILT("StreamSpecification", FIELD_STRUCTURE, .structure = SHAPE("StreamSpecification")),
    FIELD(struct input, settings.encryption, "SSESpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &encryption_structure),
    FIELD(struct input, tags, "Tags", FIELD_STRUCTURE_LIST, OPTIONAL, .structure = &tag_structure),
    FIELD(struct input, settings.table_class, "TableClass", FIELD_STRING, OPTIONAL),
    FIELD(struct input, settings.deletion_protection, "DeletionProtectionEnabled", FIELD_BOOLEAN,
          OPTIONAL),
    FIELD(struct input, settings.warm, "WarmThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &warm_structure),
    NOT_BUILT("ResourcePolicy", FIELD_STRING),
    FIELD(struct input, settings.on_demand, "OnDemandThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &on_demand_structure),
    NOT_BUILT("GlobalTableSourceArn", FIELD_STRING),
    NOT_BUILT("GlobalTableSettingsReplicationMode", FIELD_STRING),
    NOT_BUILT("VectorIndexes", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndex")),
};
static const struct structure structure = STRUCTURE(struct input, fields, .table_name_alone = true);

/* ---- settings ---- */

static error check_throughput(struct arena *arena, const struct settings_input *in)
{
    if (in->billing == BILLING_PER_REQUEST && in->throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                               "when BillingMode is PAY_PER_REQUEST");
    if (in->billing == BILLING_PER_REQUEST)
        return NULL;
    if (!in->throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified "
                               "when BillingMode is PROVISIONED");
    return throughput_check(arena, in->throughput);
}

/* What a table takes at once cannot be less than what its billing mode gives. */
static error check_warm(struct arena *arena, const struct table_units *wanted,
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
                        INVALID "Requested %s for WarmThroughput for table is lower than %s of "
                                "ProvisionedThroughput",
                        parts[i].name, parts[i].provisioned);
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Requested %s for WarmThroughput for table is lower than initial "
                            "throughput for OnDemand. See: https://docs.aws.amazon.com/"
                            "amazondynamodb/latest/developerguide/warm-throughput.html",
                    parts[i].name);
    }
    return NULL;
}

static error make_settings(struct request *request, const struct input *in,
                           struct table_settings *settings)
{
    enum { NO_CEILING = -2 }; /* there is none yet that could go */
    struct arena *arena = request->arena;
    struct table_change change;
    TRY(settings_parse(request, &in->settings, NO_CEILING, &change));
    *settings = (struct table_settings){
        .billing_mode = change.billing_mode,
        .provisioned = change.provisioned,
        .on_demand_max = change.on_demand_max,
        .table_class = change.table_class,
        .encryption_key_arn = change.encryption_key_arn,
        .deletion_protected = change.deletion_protected,
        .tags = in->tags.elements,
        .tag_count = in->tags.count,
    };
    TRY(table_check_ceilings(arena, SLICE("table"), settings->billing_mode, settings->on_demand_max));
    table_settings_warm_up(settings);
    TRY(check_warm(arena, &change.warm, settings));
    if (change.warm.read != 0)
        settings->warm.read = change.warm.read;
    if (change.warm.write != 0)
        settings->warm.write = change.warm.write;
    return tags_check(arena, &in->tags);
}

/* ---- keys ---- */

static const struct definition *find_definition(const struct input *in, slice name)
{
    const struct definition *definitions = in->definitions.elements;
    for (uint32_t i = 0; i < in->definitions.count; i++) {
        if (slice_equal(definitions[i].name, name))
            return &definitions[i];
    }
    return NULL;
}

static void append_name(struct buffer *names, slice name)
{
    if (names->size > 0)
        buffer_append(names, SLICE(", "));
    buffer_append(names, name);
}

static error undefined_keys(struct arena *arena, const struct input *in)
{
    const struct key_element *keys = in->key_schema.elements;
    const struct definition *definitions = in->definitions.elements;
    struct buffer key_names;
    struct buffer defined_names;
    buffer_init(&key_names, arena);
    buffer_init(&defined_names, arena);
    for (uint32_t i = 0; i < in->key_schema.count; i++)
        append_name(&key_names, keys[i].name);
    for (uint32_t i = 0; i < in->definitions.count; i++)
        append_name(&defined_names, definitions[i].name);
    return fail(arena, ERROR_VALIDATION,
                INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: "
                        "[%.*s], AttributeDefinitions: [%.*s]",
                SLICE_ARGS(buffer_slice(&key_names)), SLICE_ARGS(buffer_slice(&defined_names)));
}

static int compare_names(const void *a, const void *b)
{
    return slice_compare(((const struct definition *)a)->name,
                         ((const struct definition *)b)->name);
}

static error check_duplicates(struct arena *arena, const struct input *in)
{
    uint32_t count = in->definitions.count;
    struct definition *sorted = arena_new_array(arena, struct definition, count);
    if (count > 0)
        memcpy(sorted, in->definitions.elements, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_names);
    for (uint32_t i = 1; i < count; i++) {
        if (slice_equal(sorted[i - 1].name, sorted[i].name))
            return fail(arena, ERROR_VALIDATION, "Attribute Name is duplicated: %.*s",
                        SLICE_ARGS(sorted[i].name));
    }
    return NULL;
}

static error check_keys(struct arena *arena, const struct input *in)
{
    const struct key_element *keys = in->key_schema.elements;
    uint32_t key_count = in->key_schema.count;
    TRY(check_duplicates(arena, in));
    if (key_count > in->definitions.count)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: Some index key attribute have no definition");
    for (uint32_t i = 0; i < key_count; i++) {
        if (!find_definition(in, keys[i].name))
            return undefined_keys(arena, in);
    }
    if (key_count == 2 && slice_equal(keys[0].name, keys[1].name))
        return FAILURE(ERROR_VALIDATION, "Both the Hash Key and the Range Key element in the "
                                         "KeySchema have the same name");
    if (keys[0].type != KEY_TYPE_HASH)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    if (key_count == 2 && keys[1].type != KEY_TYPE_RANGE)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    if (key_count != in->definitions.count)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Number of attributes in KeySchema does not exactly match number of "
                               "attributes defined in AttributeDefinitions");
    return NULL;
}

static struct key_attribute key_attribute(const struct input *in, uint32_t index)
{
    const struct key_element *keys = in->key_schema.elements;
    slice name = keys[index].name;
    return (struct key_attribute){name, value_types[find_definition(in, name)->type]};
}

static struct key_schema key_schema_of(const struct input *in)
{
    struct key_schema keys = {.hash = key_attribute(in, 0), .has_range = in->key_schema.count == 2};
    if (keys.has_range)
        keys.range = key_attribute(in, 1);
    return keys;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct table_definition definition = {.name = in->table_name.name};
    TRY(check_throughput(request->arena, &in->settings));
    TRY(make_settings(request, in, &definition.settings));
    TRY(check_keys(request->arena, in));
    TRY(throughput_check_quota(request, in->settings.throughput));

    definition.keys = key_schema_of(in);
    const struct table *table;
    TRY(table_create(request->session, &definition, &table));

    json_write_object_begin(request->out);
    struct table_state state = {.now_ms = table->created_ms,
                                .status = TABLE_CREATING,
                                .with_warm_throughput = in->settings.warm != NULL};
    response_table(request->out, SLICE("TableDescription"), table, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_create_table = {SLICE("CreateTable"), &structure, run};
