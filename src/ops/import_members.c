/*
 * Counters are told when the import has ended, and ProcessedSizeBytes not before: measured on the
 * service. There is no CloudWatch here, so its log group is not named.
 */
#include "ops/import_members.h"

const slice exchange_format_names[] = {
    [EXCHANGE_DYNAMODB_JSON] = SLICE("DYNAMODB_JSON"),
    [EXCHANGE_ION] = SLICE("ION"),
    [EXCHANGE_CSV] = SLICE("CSV"),
};

const slice compression_names[] = {
    [COMPRESSION_NONE] = SLICE("NONE"),
    [COMPRESSION_GZIP] = SLICE("GZIP"),
    [COMPRESSION_ZSTD] = SLICE("ZSTD"),
};

static const slice status_names[] = {
    [IMPORT_IN_PROGRESS] = SLICE("IN_PROGRESS"),
    [IMPORT_COMPLETED] = SLICE("COMPLETED"),
    [IMPORT_FAILED] = SLICE("FAILED"),
};

static bool is_delimiter(slice text)
{
    return text.size == 1 && text.data[0] != 0 && strchr(",;:|\t ", text.data[0]);
}

const struct pattern pattern_of_delimiter = {SLICE("[,;:|\\t ]"), is_delimiter};

static bool is_csv_header(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte < ' ' || byte > '~' || byte == '"' || byte == ',')
            return false;
    }
    return true;
}

const struct pattern pattern_of_csv_header = {SLICE("[\\x20-\\x21\\x23-\\x2B\\x2D-\\x7E]*"),
                                              is_csv_header};

static bool is_next_import(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (!(byte >= '0' && byte <= '9') && !(byte >= 'a' && byte <= 'f'))
            return false;
    }
    return text.size > 0 && text.size % 16 == 0;
}

const struct pattern pattern_of_next_import = {SLICE("([0-9a-f]{16})+"), is_next_import};

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    json_write_string(out, text);
}

static void write_integer(struct json_writer *out, slice name, int64_t integer)
{
    json_write_name(out, name);
    json_write_integer(out, integer);
}

static slice table_arn_of(const struct import *import)
{
    return slice_first(import->arn, import->arn.size - SLICE("/import/").size - IMPORT_ID_BYTES);
}

static void write_source(struct json_writer *out, const struct import *import)
{
    json_write_name(out, SLICE("S3BucketSource"));
    json_write_object_begin(out);
    if (import->bucket_owner.size > 0)
        write_text(out, SLICE("S3BucketOwner"), import->bucket_owner);
    write_text(out, SLICE("S3Bucket"), import->bucket);
    if (import->has_prefix)
        write_text(out, SLICE("S3KeyPrefix"), import->prefix);
    json_write_object_end(out);
}

static void write_csv_options(struct json_writer *out, const struct import *import)
{
    if (import->delimiter.size == 0 && import->header_count == 0)
        return;
    json_write_name(out, SLICE("InputFormatOptions"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("Csv"));
    json_write_object_begin(out);
    if (import->delimiter.size > 0)
        write_text(out, SLICE("Delimiter"), import->delimiter);
    if (import->header_count > 0) {
        json_write_name(out, SLICE("HeaderList"));
        json_write_array_begin(out);
        for (uint32_t i = 0; i < import->header_count; i++)
            json_write_string(out, import->header[i]);
        json_write_array_end(out);
    }
    json_write_object_end(out);
    json_write_object_end(out);
}

static void write_times(struct json_writer *out, const struct import *import)
{
    json_write_name(out, SLICE("StartTime"));
    json_write_timestamp(out, import->started_ms);
    if (import->ended_ms == 0)
        return;
    json_write_name(out, SLICE("EndTime"));
    json_write_timestamp(out, import->ended_ms);
}

static void write_counts(struct json_writer *out, const struct import *import)
{
    bool has_ended = import->status != IMPORT_IN_PROGRESS;
    struct import_place place = has_ended ? import->place : (struct import_place){.error_count = 0};
    if (has_ended)
        write_integer(out, SLICE("ProcessedSizeBytes"), place.processed_bytes);
    write_integer(out, SLICE("ProcessedItemCount"), place.imported_count + place.error_count);
    write_integer(out, SLICE("ImportedItemCount"), place.imported_count);
    write_integer(out, SLICE("ErrorCount"), place.error_count);
    if (import->status != IMPORT_FAILED)
        return;
    write_text(out, SLICE("FailureCode"), import->failure_code);
    write_text(out, SLICE("FailureMessage"), import->failure_message);
}

void response_import(struct json_writer *out, const struct import *import)
{
    json_write_object_begin(out);
    json_write_name(out, SLICE("ImportTableDescription"));
    json_write_object_begin(out);
    write_text(out, SLICE("ImportArn"), import->arn);
    write_text(out, SLICE("ImportStatus"), status_names[import->status]);
    write_text(out, SLICE("TableArn"), table_arn_of(import));
    write_text(out, SLICE("TableId"), import->table_id);
    write_text(out, SLICE("ClientToken"), import->client_token);
    write_source(out, import);
    write_text(out, SLICE("InputFormat"), exchange_format_names[import->format]);
    write_csv_options(out, import);
    write_text(out, SLICE("InputCompressionType"), compression_names[import->compression]);
    json_write_name(out, SLICE("TableCreationParameters"));
    json_write_raw(out, import->parameters);
    write_times(out, import);
    write_counts(out, import);
    json_write_object_end(out);
    json_write_object_end(out);
}

void response_import_summary(struct json_writer *out, const struct import *import)
{
    json_write_object_begin(out);
    write_text(out, SLICE("ImportArn"), import->arn);
    write_text(out, SLICE("ImportStatus"), status_names[import->status]);
    write_text(out, SLICE("TableArn"), table_arn_of(import));
    write_source(out, import);
    write_text(out, SLICE("InputFormat"), exchange_format_names[import->format]);
    write_times(out, import);
    json_write_object_end(out);
}
