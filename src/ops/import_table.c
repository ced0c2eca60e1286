/*
 * ImportTable: a new table with the items of the files in a bucket.
 *
 * Source: AWS API Reference, ImportTable; Developer Guide, import from Amazon S3; imports measured
 * on the service: the client token is required there, whatever the reference says, options of CSV
 * are refused with other formats, and no index is warmed up.
 */
#include "base/limits.h"
#include "ops/bucket_members.h"
#include "ops/import_members.h"
#include "ops/new_table.h"
#include "ops/response.h"

enum { CSV_HEADERS_MAX = 255, CSV_HEADER_BYTES_MAX = 65536 };

/* ---- S3BucketSource ---- */

struct source_input {
    slice owner;
    slice bucket;
    slice prefix;
};

static const struct field source_fields[] = {
    FIELD(struct source_input, owner, "S3BucketOwner", FIELD_STRING, OPTIONAL,
          .pattern = &pattern_of_bucket_owner),
    FIELD(struct source_input, bucket, "S3Bucket", FIELD_STRING, REQUIRED,
          .pattern = &pattern_of_bucket, .max = BUCKET_BYTES_MAX),
    FIELD(struct source_input, prefix, "S3KeyPrefix", FIELD_STRING, OPTIONAL,
          .max = BUCKET_PREFIX_BYTES_MAX),
};
static const struct structure source_structure =
    STRUCTURE(struct source_input, source_fields, .shape = SLICE("S3BucketSource"));

/* ---- InputFormatOptions ---- */

struct csv_input {
    slice delimiter;
    struct decoded_list header;
};

static const struct field csv_fields[] = {
    FIELD(struct csv_input, delimiter, "Delimiter", FIELD_STRING, OPTIONAL,
          .pattern = &pattern_of_delimiter, .min = 1, .max = 1),
    FIELD(struct csv_input, header, "HeaderList", FIELD_STRING_LIST, OPTIONAL, .min = 1,
          .max = CSV_HEADERS_MAX, .element_max = CSV_HEADER_BYTES_MAX),
};
static const struct structure csv_structure =
    STRUCTURE(struct csv_input, csv_fields, .shape = SLICE("CsvOptions"));

struct options_input {
    const struct csv_input *csv;
};

static const struct field options_fields[] = {
    FIELD(struct options_input, csv, "Csv", FIELD_STRUCTURE, OPTIONAL, .structure = &csv_structure),
};
static const struct structure options_structure =
    STRUCTURE(struct options_input, options_fields, .shape = SLICE("InputFormatOptions"));

/* ---- TableCreationParameters ---- */

struct table_input {
    slice name;
    struct schema_input schema;
    struct settings_input settings;
};

static const struct field table_fields[] = {
    FIELD(struct table_input, name, "TableName", FIELD_STRING, REQUIRED,
          .is_name = true, .min = TABLE_NAME_BYTES_MIN, .max = TABLE_NAME_BYTES_MAX),
    FIELD(struct table_input, schema.definitions, "AttributeDefinitions", FIELD_STRUCTURE_LIST,
          REQUIRED, .structure = &definition_structure),
    FIELD(struct table_input, schema.keys, "KeySchema", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .max = 2, .structure = &key_element_structure),
    FIELD(struct table_input, settings.billing, "BillingMode", FIELD_ENUM, OPTIONAL,
          .choices = &billing_choices),
    FIELD(struct table_input, settings.capacity.throughput, "ProvisionedThroughput",
          FIELD_STRUCTURE, OPTIONAL, .structure = &throughput_structure),
    FIELD(struct table_input, settings.capacity.on_demand, "OnDemandThroughput", FIELD_STRUCTURE,
          OPTIONAL, .structure = &on_demand_structure),
    FIELD(struct table_input, settings.encryption, "SSESpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &encryption_structure),
    FIELD(struct table_input, schema.global_indexes, "GlobalSecondaryIndexes", FIELD_STRUCTURE_LIST,
          OPTIONAL, .structure = &global_index_structure),
    NOT_BUILT("VectorIndexes", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndex")),
};
static const struct structure table_structure =
    STRUCTURE(struct table_input, table_fields, .shape = SLICE("TableCreationParameters"));

/* ---- the request ---- */

/* In the order of their enum, after UNSAID; and as the service lists them when it refuses one. */
static const slice format_names[] = {SLICE("DYNAMODB_JSON"), SLICE("ION"), SLICE("CSV")};
static const slice compressed_names[] = {SLICE("ZSTD"), SLICE("NONE"), SLICE("GZIP")};
static const enum compression compressions[] = {COMPRESSION_ZSTD, COMPRESSION_NONE,
                                                COMPRESSION_GZIP};
static const struct choices format_choices = CHOICES(format_names);
static const struct choices compression_choices = CHOICES(compressed_names);
_Static_assert(sizeof format_names / sizeof *format_names == EXCHANGE_FORMAT_COUNT &&
                   sizeof compressed_names / sizeof *compressed_names == COMPRESSION_COUNT,
               "every value has its name");

struct input {
    slice client_token;
    const struct source_input *source;
    uint32_t format; /* 1 + enum exchange_format */
    const struct options_input *options;
    uint32_t compression; /* 1 + a place in compressions; 0: not said */
    const struct table_input *table;
};

static const struct field fields[] = {
    FIELD(struct input, client_token, "ClientToken", FIELD_STRING, REQUIRED,
          .pattern = &pattern_of_client_token),
    FIELD(struct input, source, "S3BucketSource", FIELD_STRUCTURE, REQUIRED,
          .structure = &source_structure),
    FIELD(struct input, format, "InputFormat", FIELD_ENUM, REQUIRED, .choices = &format_choices),
    FIELD(struct input, options, "InputFormatOptions", FIELD_STRUCTURE, OPTIONAL,
          .structure = &options_structure),
    FIELD(struct input, compression, "InputCompressionType", FIELD_ENUM, OPTIONAL,
          .choices = &compression_choices),
    FIELD(struct input, table, "TableCreationParameters", FIELD_STRUCTURE, REQUIRED,
          .structure = &table_structure),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error check_csv(struct arena *arena, const struct input *in, const struct csv_input *csv)
{
    if (!csv)
        return NULL;
    if (in->format != 1 + EXCHANGE_CSV)
        return fail(arena, ERROR_VALIDATION,
                    "Invalid Request: Unsupported InputFormatOptions for the given input format: "
                    "%.*s.",
                    SLICE_ARGS(format_names[in->format - 1]));
    const slice *header = csv->header.elements;
    for (uint32_t i = 0; i < csv->header.count; i++) {
        if (!pattern_of_csv_header.matches(header[i]))
            return fail(arena, ERROR_VALIDATION,
                        "1 validation error detected: Value '%.*s' at "
                        "'inputFormatOptions.csv.headerList.%u.member' failed to satisfy "
                        "constraint: Member must satisfy regular expression pattern: %.*s",
                        SLICE_ARGS(header[i]), i + 1, SLICE_ARGS(pattern_of_csv_header.shown));
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(header[i], header[j]))
                return fail(arena, ERROR_VALIDATION,
                            "One or more parameter values were invalid: HeaderList names a column "
                            "twice: %.*s",
                            SLICE_ARGS(header[i]));
        }
    }
    return NULL;
}

static error check_indexes(const struct table_input *table)
{
    const struct index_input *indexes = table->schema.global_indexes.elements;
    for (uint32_t i = 0; i < table->schema.global_indexes.count; i++) {
        if (indexes[i].capacity.warm)
            return FAILURE(ERROR_VALIDATION, "WarmThroughput is not supported on Global Secondary "
                                             "Indexes via ImportTable");
    }
    return NULL;
}

static slice parameters_json(struct arena *arena, const struct table_definition *definition)
{
    struct json_writer writer;
    json_writer_init(&writer, arena);
    response_creation_parameters(&writer, definition);
    return json_writer_text(&writer);
}

static error run(struct request *request, const void *decoded)
{
    static const struct decoded_list no_tags;
    const struct input *in = decoded;
    const struct csv_input *csv = in->options ? in->options->csv : NULL;
    struct table_definition definition = {.name = in->table->name};
    TRY(check_csv(request->arena, in, csv));
    TRY(check_indexes(in->table));
    TRY(new_table_parse(request, &in->table->settings, &in->table->schema, &no_tags, &definition));
    TRY(new_table_check_quota(request, &in->table->settings, &in->table->schema));
    struct import import = {
        .table_name = in->table->name,
        .client_token = in->client_token,
        .bucket = in->source->bucket,
        .bucket_owner = is_given(in->source->owner) ? in->source->owner
                                                    : db_account(request->session->db),
        .prefix = in->source->prefix,
        .has_prefix = is_given(in->source->prefix),
        .format = (enum exchange_format)(in->format - 1),
        .compression = in->compression > 0 ? compressions[in->compression - 1] : COMPRESSION_NONE,
        .delimiter = csv ? csv->delimiter : SLICE_NONE,
        .header = csv ? csv->header.elements : NULL,
        .header_count = csv ? csv->header.count : 0,
        .parameters = parameters_json(request->arena, &definition),
    };
    TRY(import_begin(request->session, &definition, &import));
    response_import(request->out, &import);
    return NULL;
}

const struct operation operation_import_table = {SLICE("ImportTable"), &structure, run};
