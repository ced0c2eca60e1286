/*
 * CreateTable: a name, a key schema, indexes, a billing mode.
 *
 * Source: AWS API Reference, CreateTable; error texts captured from the service; the control plane
 * measured on the service.
 */
#include "base/limits.h"
#include "ops/new_table.h"
#include "ops/response.h"
#include "ops/stream_members.h"
#include "ops/tags.h"

#define INVALID "One or more parameter values were invalid: "

struct input {
    struct table_name table_name;
    struct schema_input schema;
    struct settings_input settings;
    struct decoded_list tags;
    const struct stream_specification *stream;
};

static const struct field fields[] = {
    FIELD(struct input, schema.definitions, "AttributeDefinitions", FIELD_STRUCTURE_LIST, REQUIRED,
          .structure = &definition_structure),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST,
          .min = TABLE_NAME_BYTES_MIN),
    FIELD(struct input, settings.billing, "BillingMode", FIELD_ENUM, OPTIONAL,
          .choices = &billing_choices),
    FIELD(struct input, settings.throughput_mode, "TableThroughputMode", FIELD_ENUM, OPTIONAL,
          .choices = &billing_choices),
    FIELD(struct input, settings.capacity.throughput, "ProvisionedThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &throughput_structure),
    FIELD(struct input, schema.keys, "KeySchema", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .max = 2, .structure = &key_element_structure),
    FIELD(struct input, schema.global_indexes, "GlobalSecondaryIndexes", FIELD_STRUCTURE_LIST,
          OPTIONAL, .structure = &global_index_structure),
    FIELD(struct input, schema.local_indexes, "LocalSecondaryIndexes", FIELD_STRUCTURE_LIST,
          OPTIONAL, .structure = &local_index_structure),
    FIELD(struct input, stream, "StreamSpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &stream_specification_structure),
    FIELD(struct input, settings.encryption, "SSESpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &encryption_structure),
    FIELD(struct input, tags, "Tags", FIELD_STRUCTURE_LIST, OPTIONAL, .structure = &tag_structure),
    FIELD(struct input, settings.table_class, "TableClass", FIELD_STRING, OPTIONAL),
    FIELD(struct input, settings.deletion_protection, "DeletionProtectionEnabled", FIELD_BOOLEAN,
          OPTIONAL),
    FIELD(struct input, settings.capacity.warm, "WarmThroughput", FIELD_STRUCTURE, OPTIONAL,
          .structure = &warm_structure),
    NOT_BUILT("ResourcePolicy", FIELD_STRING),
    FIELD(struct input, settings.capacity.on_demand, "OnDemandThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &on_demand_structure),
    NOT_BUILT("GlobalTableSourceArn", FIELD_STRING),
    NOT_BUILT("GlobalTableSettingsReplicationMode", FIELD_STRING),
    NOT_BUILT("VectorIndexes", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndex")),
};
/* The table name alone: captured from the service. */
static const struct structure structure = STRUCTURE(struct input, fields, .table_name_alone = true);

static error check_stream(const struct stream_specification *stream)
{
    if (stream && stream->enabled.value && stream->view == STREAM_VIEW_NONE)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Table is being created with a stream enabled, UpdateViewType is "
                               "required");
    if (stream && !stream->enabled.value && stream->view != STREAM_VIEW_NONE)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Table is being created with a stream disabled, UpdateViewType "
                               "should not be specified");
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct table_definition definition = {.name = in->table_name.name};
    TRY(new_table_parse(request, &in->settings, &in->schema, &in->tags, &definition));
    TRY(check_stream(in->stream));
    if (in->stream)
        definition.stream_view = in->stream->view;
    TRY(new_table_check_quota(request, &in->settings, &in->schema));

    const struct table *table;
    TRY(table_create(request->session, &definition, &table));

    json_write_object_begin(request->out);
    struct table_state state = {.now_ms = table->created_ms,
                                .status = TABLE_CREATING,
                                .switches_billing = true,
                                .with_warm_throughput = in->settings.capacity.warm != NULL};
    response_table(request->out, SLICE("TableDescription"), table, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_create_table = {SLICE("CreateTable"), &structure, run};
