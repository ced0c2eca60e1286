/*
 * CreateTable: a name, a key schema, a billing mode.
 *
 * Source: AWS API Reference, CreateTable; errors sheet section 9; control plane sheet section 2.
 */
#include "base/limits.h"
#include "ops/operation.h"
#include "ops/response.h"
#include <inttypes.h>
#include <stdlib.h>

#define INVALID "One or more parameter values were invalid: "

/* ---- members ---- */

static const slice billing_names[] = {SLICE("PROVISIONED"), SLICE("PAY_PER_REQUEST")};
static const struct choices billing_choices = CHOICES(billing_names);
enum billing { BILLING_UNSAID, BILLING_AS_PROVISIONED, BILLING_PER_REQUEST };

static const slice key_type_names[] = {SLICE("HASH"), SLICE("RANGE")};
static const struct choices key_type_choices = CHOICES(key_type_names);
enum key_type { KEY_TYPE_ABSENT, KEY_TYPE_HASH, KEY_TYPE_RANGE };

static const slice attribute_type_names[] = {SLICE("B"), SLICE("N"), SLICE("S")};
static const struct choices attribute_type_choices = CHOICES(attribute_type_names);
enum attribute_type { ATTRIBUTE_ABSENT, ATTRIBUTE_B, ATTRIBUTE_N, ATTRIBUTE_S };
static const enum value_type value_types[] = {
    [ATTRIBUTE_B] = VALUE_B, [ATTRIBUTE_N] = VALUE_N, [ATTRIBUTE_S] = VALUE_S};

struct definition {
    slice name;
    enum attribute_type type;
};
static const struct field definition_fields[] = {
    FIELD(struct definition, name, "AttributeName", FIELD_STRING, REQUIRED, .min = 1,
          .max = KEY_ATTRIBUTE_NAME_BYTES_MAX),
    FIELD(struct definition, type, "AttributeType", FIELD_ENUM, REQUIRED,
          .choices = &attribute_type_choices),
};
static const struct structure definition_structure =
    STRUCTURE(struct definition, definition_fields, .shape = SLICE("AttributeDefinition"));

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

struct throughput {
    struct optional_integer write_units;
    struct optional_integer read_units;
};
static const struct field throughput_fields[] = {
    FIELD(struct throughput, write_units, "WriteCapacityUnits", FIELD_LONG, REQUIRED, .min = 1),
    FIELD(struct throughput, read_units, "ReadCapacityUnits", FIELD_LONG, REQUIRED, .min = 1),
};
static const struct structure throughput_structure =
    STRUCTURE(struct throughput, throughput_fields, .shape = SLICE("ProvisionedThroughput"));

struct input {
    struct table_name table_name;
    struct decoded_list definitions;
    struct decoded_list key_schema;
    enum billing billing;
    const struct throughput *throughput;
};

static const struct field fields[] = {
    FIELD(struct input, definitions, "AttributeDefinitions", FIELD_STRUCTURE_LIST, REQUIRED,
          .structure = &definition_structure),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST,
          .min = TABLE_NAME_BYTES_MIN),
    FIELD(struct input, billing, "BillingMode", FIELD_ENUM, OPTIONAL, .choices = &billing_choices),
    FIELD(struct input, throughput, "ProvisionedThroughput", FIELD_STRUCTURE, OPTIONAL,
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
    NOT_BUILT("SSESpecification", FIELD_STRUCTURE, .structure = SHAPE("SSESpecification")),
    NOT_BUILT("Tags", FIELD_STRUCTURE_LIST, .structure = SHAPE("Tag")),
    NOT_BUILT("TableClass", FIELD_STRING),
    NOT_BUILT("DeletionProtectionEnabled", FIELD_BOOLEAN),
    NOT_BUILT("WarmThroughput", FIELD_STRUCTURE, .structure = SHAPE("WarmThroughput")),
    NOT_BUILT("ResourcePolicy", FIELD_STRING),
    NOT_BUILT("OnDemandThroughput", FIELD_STRUCTURE, .structure = SHAPE("OnDemandThroughput")),
    NOT_BUILT("GlobalTableSourceArn", FIELD_STRING),
    NOT_BUILT("GlobalTableSettingsReplicationMode", FIELD_STRING),
    NOT_BUILT("VectorIndexes", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndex")),
};
static const struct structure structure = STRUCTURE(struct input, fields, .table_name_alone = true);

/* ---- throughput ---- */

/* Beyond it a number is no number of units; the quota, far below, has its own error. */
static const int64_t THROUGHPUT_SYNTAX_MAX = INT64_C(1000000000000);

static error check_throughput(struct arena *arena, const struct input *in)
{
    if (in->billing == BILLING_PER_REQUEST) {
        if (!in->throughput)
            return NULL;
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                               "when BillingMode is PAY_PER_REQUEST");
    }
    if (!in->throughput)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified "
                               "when BillingMode is PROVISIONED");
    const struct {
        const char *name;
        int64_t units;
    } parts[] = {
        {"ReadCapacityUnits", in->throughput->read_units.value},
        {"WriteCapacityUnits", in->throughput->write_units.value},
    };
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units > THROUGHPUT_SYNTAX_MAX)
            return fail(arena, ERROR_VALIDATION, "Given value %" PRId64 " for %s is out of bounds",
                        parts[i].units, parts[i].name);
    }
    return NULL;
}

/* The quota of a table; found after all that is wrong with the request itself. */
static error check_quota(struct request *request, const struct throughput *throughput)
{
    if (!throughput)
        return NULL;
    slice region = db_region(request->session->db);
    const struct {
        const char *name;
        int64_t units;
    } parts[] = {
        {"ReadCapacityUnits", throughput->read_units.value},
        {"WriteCapacityUnits", throughput->write_units.value},
    };
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units > CAPACITY_UNITS_TABLE_MAX)
            return fail(request->arena, ERROR_LIMIT_EXCEEDED,
                        "The requested %s, %" PRId64
                        ", is above the per table maximum for the account in %.*s. Per table "
                        "maximum: %d.",
                        parts[i].name, parts[i].units, SLICE_ARGS(region),
                        CAPACITY_UNITS_TABLE_MAX);
    }
    return NULL;
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

static struct table_definition definition_of(const struct input *in)
{
    struct table_definition definition = {
        .name = in->table_name.name,
        .keys = {.hash = key_attribute(in, 0), .has_range = in->key_schema.count == 2},
        .billing_mode = in->throughput ? BILLING_PROVISIONED : BILLING_PAY_PER_REQUEST,
    };
    if (definition.keys.has_range)
        definition.keys.range = key_attribute(in, 1);
    if (in->throughput) {
        definition.read_units = in->throughput->read_units.value;
        definition.write_units = in->throughput->write_units.value;
    }
    return definition;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    TRY(check_throughput(request->arena, in));
    TRY(check_keys(request->arena, in));
    TRY(check_quota(request, in->throughput));

    struct table_definition definition = definition_of(in);
    const struct table *table;
    TRY(table_create(request->session, &definition, &table));

    json_write_object_begin(request->out);
    struct table_state state = {.status = TABLE_CREATING};
    response_table(request->out, SLICE("TableDescription"), table, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_create_table = {SLICE("CreateTable"), &structure, run};
