#include "exchange/export_files.h"

#include "base/assert.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/memory.h"
#include "exchange/bucket.h"
#include "exchange/ion_text.h"
#include "exchange/object.h"
#include "item/item_json.h"
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK_BYTES = 256 * 1024, NAME_CHARACTERS = 26, TIME_CHARACTERS_MAX = 32 };

const slice export_format_names[] = {SLICE("DYNAMODB_JSON"), SLICE("ION")};
const slice export_view_names[] = {SLICE("NEW_IMAGE"), SLICE("NEW_AND_OLD_IMAGES")};

static const slice service_folder = SLICE("AWSDynamoDB");

struct export_files {
    struct arena arena; /* of labels, the list of files and the lines that gather */
    struct export_labels labels;
    int own_folder;  /* of the export */
    int data_folder; /* may be shared */
    struct object_writer *data;
    uint32_t data_count; /* files begun */
    slice data_name;
    int64_t data_item_count;
    struct buffer lines; /* of the data file, not yet compressed */
    struct json_writer manifest;
    struct export_counts counts;
};

/* ---- names ---- */

static slice prefix_of(const struct export_labels *labels)
{
    slice prefix = labels->prefix;
    while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/')
        prefix.size--;
    return prefix;
}

static slice key_in(struct arena *arena, const struct export_labels *labels, slice folder,
                    slice name)
{
    slice prefix = prefix_of(labels);
    return arena_format(arena, "%.*s%s%.*s/%.*s/%.*s", SLICE_ARGS(prefix),
                        prefix.size > 0 ? "/" : "", SLICE_ARGS(service_folder), SLICE_ARGS(folder),
                        SLICE_ARGS(name));
}

slice export_key(struct arena *arena, const struct export_labels *labels, slice name)
{
    return key_in(arena, labels, labels->id, name);
}

static slice data_folder_name(struct arena *arena, const struct export_labels *labels)
{
    return labels->is_incremental ? SLICE("data")
                                  : arena_format(arena, "%.*s/data", SLICE_ARGS(labels->id));
}

/* 26 characters, as the service's: the same for the same number of the same export. */
static slice data_name(struct arena *arena, const struct export_labels *labels, uint32_t number)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    enum { BITS = 5, CHARACTERS_OF_HALF = 12 };
    struct digest digest = digest_of(labels->id);
    digest_add(&digest, slice_of(&number, sizeof number));
    char name[NAME_CHARACTERS];
    uint64_t halves[] = {digest.high, digest.low};
    for (unsigned i = 0; i < NAME_CHARACTERS; i++) {
        unsigned half = i % 2;
        name[i] = digits[halves[half] & ((1U << BITS) - 1)];
        halves[half] = i / 2 == CHARACTERS_OF_HALF ? 0 : halves[half] >> BITS;
    }
    return arena_format(arena, "%.*s.%s.gz", NAME_CHARACTERS, name,
                        labels->format == EXPORT_JSON ? "json" : "ion");
}

static slice time_text(struct arena *arena, int64_t epoch_ms)
{
    time_t second = epoch_ms / 1000;
    struct tm fields;
    char text[TIME_CHARACTERS_MAX];
    gmtime_r(&second, &fields);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &fields);
    return arena_format(arena, "%s.%03dZ", text, (int)(epoch_ms % 1000));
}

/* ---- beginning ---- */

static void copy_labels(struct arena *arena, const struct export_labels *from,
                        struct export_labels *to)
{
    *to = *from;
    slice *texts[] = {&to->id,     &to->arn,           &to->table_arn, &to->table_id, &to->bucket,
                      &to->prefix, &to->sse_algorithm, &to->kms_key_id};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_copy(arena, *texts[i]);
}

static error open_folders(struct export_files *files, struct arena *arena, int folder)
{
    const struct export_labels *labels = &files->labels;
    slice own = key_in(arena, labels, labels->id, SLICE(""));
    slice data = key_in(arena, labels, data_folder_name(arena, labels), SLICE(""));
    TRY(bucket_make_folder(arena, folder, own, &files->own_folder));
    TRY(bucket_make_folder(arena, folder, data, &files->data_folder));
    return object_write(arena, files->own_folder, SLICE("_started"), SLICE(""), NULL);
}

error export_files_begin(struct arena *arena, int folder, const struct export_labels *labels,
                         struct export_files **begun)
{
    struct export_files *files = memory_alloc_zeroed(sizeof *files);
    arena_init(&files->arena, NULL);
    copy_labels(&files->arena, labels, &files->labels);
    files->own_folder = files->data_folder = -1;
    buffer_init(&files->lines, &files->arena);
    json_writer_init(&files->manifest, &files->arena);
    error failure = open_folders(files, arena, folder);
    if (failure) {
        export_files_abandon(files);
        return failure;
    }
    *begun = files;
    return NULL;
}

/* ---- lines ---- */

static void write_json_member(struct json_writer *out, slice name, slice item)
{
    json_write_name(out, name);
    item_write_json(out, item);
}

static void write_json_change(struct json_writer *out, const struct export_record *record,
                              slice micros)
{
    json_write_name(out, SLICE("Metadata"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("WriteTimestampMicros"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("N"));
    json_write_string(out, micros);
    json_write_object_end(out);
    json_write_object_end(out);
    write_json_member(out, SLICE("Keys"), record->key);
    if (item_exists(record->old_item))
        write_json_member(out, SLICE("OldImage"), record->old_item);
    if (item_exists(record->item))
        write_json_member(out, SLICE("NewImage"), record->item);
}

static void write_json(struct export_files *files, struct arena *arena,
                       const struct export_record *record)
{
    struct json_writer out;
    json_writer_init(&out, arena);
    json_write_object_begin(&out);
    if (files->labels.is_incremental)
        write_json_change(&out, record,
                          arena_format(arena, "%lld", (long long)record->time_ms * 1000));
    else
        write_json_member(&out, SLICE("Item"), record->item);
    json_write_object_end(&out);
    buffer_append(&files->lines, json_writer_text(&out));
}

static void write_ion_image(struct buffer *to, slice name, slice item)
{
    if (!item_exists(item))
        return;
    buffer_append_byte(to, ',');
    buffer_append(to, name);
    buffer_append_byte(to, ':');
    ion_write_item(to, item);
}

static void write_ion(struct export_files *files, const struct export_record *record)
{
    struct buffer *to = &files->lines;
    if (!files->labels.is_incremental) {
        buffer_append(to, SLICE("$ion_1_0 {Item:"));
        ion_write_item(to, record->item);
        buffer_append_byte(to, '}');
        return;
    }
    buffer_append(to, SLICE("$ion_1_0 {Record:{Metadata:{WriteTimestampMicros:"));
    ion_write_integer(to, record->time_ms * 1000);
    buffer_append_byte(to, '}');
    write_ion_image(to, SLICE("Keys"), record->key);
    write_ion_image(to, SLICE("OldImage"), record->old_item);
    write_ion_image(to, SLICE("NewImage"), record->item);
    buffer_append(to, SLICE("}}"));
}

/* ---- data files ---- */

static error flush_lines(struct export_files *files, struct arena *arena)
{
    TRY(object_add(files->data, arena, buffer_slice(&files->lines)));
    files->lines.size = 0;
    return NULL;
}

static void add_to_manifest(struct export_files *files, const struct object_sums *sums)
{
    SCOPED_ARENA(arena);
    const struct export_labels *labels = &files->labels;
    struct json_writer *out = &files->manifest;
    out->needs_comma = false; /* lines, and no list */
    json_write_object_begin(out);
    json_write_name(out, SLICE("itemCount"));
    json_write_integer(out, files->data_item_count);
    json_write_name(out, SLICE("md5Checksum"));
    json_write_string(out, sums->md5);
    json_write_name(out, SLICE("etag"));
    json_write_string(out, sums->etag);
    json_write_name(out, SLICE("dataFileS3Key"));
    json_write_string(out, key_in(&arena, labels, data_folder_name(&arena, labels),
                                  files->data_name));
    json_write_object_end(out);
    buffer_append_byte(&out->buffer, '\n');
}

static error end_data(struct export_files *files, struct arena *arena)
{
    struct object_sums sums;
    if (!files->data)
        return NULL;
    TRY(flush_lines(files, arena));
    error failure = object_finish(files->data, arena, &sums);
    files->data = NULL;
    if (failure)
        return failure;
    add_to_manifest(files, &sums);
    files->data_item_count = 0;
    return NULL;
}

error export_files_begin_data(struct export_files *files, struct arena *arena)
{
    TRY(end_data(files, arena));
    files->data_name = data_name(&files->arena, &files->labels, files->data_count++);
    return object_create(arena, files->data_folder, files->data_name, OBJECT_GZIP, &files->data);
}

error export_files_add(struct export_files *files, struct arena *arena,
                       const struct export_record *record)
{
    assert_that(files->data != NULL);
    if (files->labels.format == EXPORT_JSON)
        write_json(files, arena, record);
    else
        write_ion(files, record);
    buffer_append_byte(&files->lines, '\n');
    files->data_item_count++;
    files->counts.item_count++;
    files->counts.item_bytes +=
        (int64_t)(item_charged_bytes(record->item) + item_charged_bytes(record->old_item));
    return files->lines.size < BLOCK_BYTES ? NULL : flush_lines(files, arena);
}

/* ---- manifests ---- */

/* The object, and beside it its MD5 in base64. */
static error write_manifest(struct export_files *files, struct arena *arena, const char *name,
                            slice text)
{
    struct object_sums sums;
    TRY(object_write(arena, files->own_folder, arena_format(arena, "%s.json", name), text, &sums));
    return object_write(arena, files->own_folder, arena_format(arena, "%s.md5", name), sums.md5,
                        NULL);
}

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    if (text.size > 0)
        json_write_string(out, text);
    else
        json_write_null(out);
}

static void write_integer(struct json_writer *out, slice name, int64_t integer)
{
    json_write_name(out, name);
    json_write_integer(out, integer);
}

static void write_times(struct json_writer *out, struct arena *arena,
                        const struct export_labels *labels)
{
    if (!labels->is_incremental) {
        write_text(out, SLICE("exportTime"), time_text(arena, labels->time_ms));
        return;
    }
    write_text(out, SLICE("exportFromTime"), time_text(arena, labels->from_ms));
    write_text(out, SLICE("exportToTime"), time_text(arena, labels->to_ms));
}

static slice summary_text(struct export_files *files, struct arena *arena, int64_t end_ms)
{
    const struct export_labels *labels = &files->labels;
    struct json_writer out;
    json_writer_init(&out, arena);
    json_write_object_begin(&out);
    write_text(&out, SLICE("version"),
               labels->is_incremental ? SLICE("2023-08-01") : SLICE("2020-06-30"));
    write_text(&out, SLICE("exportArn"), labels->arn);
    write_text(&out, SLICE("startTime"), time_text(arena, labels->start_ms));
    write_text(&out, SLICE("endTime"), time_text(arena, end_ms));
    write_text(&out, SLICE("tableArn"), labels->table_arn);
    write_text(&out, SLICE("tableId"), labels->table_id);
    write_times(&out, arena, labels);
    write_text(&out, SLICE("s3Bucket"), labels->bucket);
    write_text(&out, SLICE("s3Prefix"), labels->prefix);
    write_text(&out, SLICE("s3SseAlgorithm"), labels->sse_algorithm);
    write_text(&out, SLICE("s3SseKmsKeyId"), labels->kms_key_id);
    write_text(&out, SLICE("manifestFilesS3Key"),
               export_key(arena, labels, SLICE("manifest-files.json")));
    write_integer(&out, SLICE("billedSizeBytes"), files->counts.item_bytes);
    write_integer(&out, SLICE("itemCount"), files->counts.item_count);
    write_text(&out, SLICE("outputFormat"), export_format_names[labels->format - 1]);
    if (labels->is_incremental) {
        write_text(&out, SLICE("outputView"), export_view_names[labels->view - 1]);
        write_text(&out, SLICE("exportType"), SLICE("INCREMENTAL_EXPORT"));
    }
    json_write_object_end(&out);
    return json_writer_text(&out);
}

static error finish(struct export_files *files, struct arena *arena, int64_t end_ms)
{
    if (files->data_count == 0)
        TRY(export_files_begin_data(files, arena));
    TRY(end_data(files, arena));
    TRY(bucket_sync(arena, files->data_folder));
    TRY(write_manifest(files, arena, "manifest-files", json_writer_text(&files->manifest)));
    TRY(write_manifest(files, arena, "manifest-summary", summary_text(files, arena, end_ms)));
    return bucket_sync(arena, files->own_folder);
}

error export_files_finish(struct export_files *files, struct arena *arena, int64_t end_ms,
                          struct export_counts *counts)
{
    error failure = finish(files, arena, end_ms);
    *counts = files->counts;
    export_files_abandon(files);
    return failure;
}

void export_files_abandon(struct export_files *files)
{
    if (files->data)
        object_abandon(files->data);
    if (files->own_folder >= 0)
        close(files->own_folder);
    if (files->data_folder >= 0)
        close(files->data_folder);
    arena_fini(&files->arena);
    free(files);
}
