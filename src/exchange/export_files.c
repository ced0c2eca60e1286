#include "exchange/export_files.h"

#include "base/assert.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/memory.h"
#include "exchange/bucket.h"
#include "exchange/ion_text.h"
#include "exchange/object.h"
#include "item/item_json.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK_BYTES = 256 * 1024, NAME_CHARACTERS = 26, TIME_CHARACTERS_MAX = 32 };

const slice export_format_names[] = {SLICE("DYNAMODB_JSON"), SLICE("ION")};
const slice export_view_names[] = {SLICE("NEW_IMAGE"), SLICE("NEW_AND_OLD_IMAGES")};

static const slice service_folder = SLICE("AWSDynamoDB");

struct export_files {
    struct arena arena; /* of the labels */
    struct export_labels labels;
    int own_folder;  /* of the export */
    int data_folder; /* may be shared */
    pthread_mutex_t mutex; /* guards what follows */
    struct arena manifest_arena;
    struct json_writer manifest; /* of the data files that are whole */
    uint32_t begun_count;
    struct export_counts counts;
};

struct export_data {
    struct export_files *files;
    struct arena arena; /* of the name, and of the lines that gather */
    struct object_writer *object;
    slice name;
    struct buffer lines; /* not yet compressed */
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

int64_t export_billed_bytes(const struct export_labels *labels, const struct export_counts *counts)
{
    enum { INCREMENTAL_BYTES_MIN = 10 * 1000 * 1000 };
    bool is_little = labels->is_incremental && counts->item_bytes < INCREMENTAL_BYTES_MIN;
    return is_little ? INCREMENTAL_BYTES_MIN : counts->item_bytes;
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
    pthread_mutex_init(&files->mutex, NULL);
    arena_init(&files->manifest_arena, NULL);
    json_writer_init(&files->manifest, &files->manifest_arena);
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

static void write_json(struct export_data *data, struct arena *arena,
                       const struct export_record *record)
{
    struct json_writer out;
    json_writer_init(&out, arena);
    json_write_object_begin(&out);
    if (data->files->labels.is_incremental)
        write_json_change(&out, record,
                          arena_format(arena, "%lld", (long long)record->time_ms * 1000));
    else
        write_json_member(&out, SLICE("Item"), record->item);
    json_write_object_end(&out);
    buffer_append(&data->lines, json_writer_text(&out));
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

static void write_ion(struct export_data *data, const struct export_record *record)
{
    struct buffer *to = &data->lines;
    if (!data->files->labels.is_incremental) {
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

error export_data_begin(struct export_files *files, struct arena *arena,
                        struct export_data **begun)
{
    struct export_data *data = memory_alloc_zeroed(sizeof *data);
    arena_init(&data->arena, NULL);
    data->files = files;
    buffer_init(&data->lines, &data->arena);
    pthread_mutex_lock(&files->mutex);
    uint32_t number = files->begun_count++;
    pthread_mutex_unlock(&files->mutex);
    data->name = data_name(&data->arena, &files->labels, number);
    error failure =
        object_create(arena, files->data_folder, data->name, OBJECT_GZIP, &data->object);
    if (failure) {
        export_data_abandon(data);
        return failure;
    }
    *begun = data;
    return NULL;
}

static error flush_lines(struct export_data *data, struct arena *arena)
{
    TRY(object_add(data->object, arena, buffer_slice(&data->lines)));
    data->lines.size = 0;
    return NULL;
}

error export_data_add(struct export_data *data, struct arena *arena,
                      const struct export_record *record)
{
    if (data->files->labels.format == EXPORT_JSON)
        write_json(data, arena, record);
    else
        write_ion(data, record);
    buffer_append_byte(&data->lines, '\n');
    data->counts.item_count++;
    data->counts.item_bytes +=
        (int64_t)(item_charged_bytes(record->item) + item_charged_bytes(record->old_item));
    return data->lines.size < BLOCK_BYTES ? NULL : flush_lines(data, arena);
}

static void add_to_manifest(struct export_data *data, const struct object_sums *sums)
{
    SCOPED_ARENA(arena);
    const struct export_labels *labels = &data->files->labels;
    struct json_writer *out = &data->files->manifest;
    out->needs_comma = false; /* lines, and no list */
    json_write_object_begin(out);
    json_write_name(out, SLICE("itemCount"));
    json_write_integer(out, data->counts.item_count);
    json_write_name(out, SLICE("md5Checksum"));
    json_write_string(out, sums->md5);
    json_write_name(out, SLICE("etag"));
    json_write_string(out, sums->etag);
    json_write_name(out, SLICE("dataFileS3Key"));
    json_write_string(out,
                      key_in(&arena, labels, data_folder_name(&arena, labels), data->name));
    json_write_object_end(out);
    buffer_append_byte(&out->buffer, '\n');
}

static void add_to_counts(struct export_counts *all, const struct export_counts *counts)
{
    all->item_count += counts->item_count;
    all->item_bytes += counts->item_bytes;
    all->file_count++;
}

error export_data_end(struct export_data *data, struct arena *arena)
{
    struct object_sums sums;
    error failure = flush_lines(data, arena);
    if (!failure) {
        failure = object_finish(data->object, arena, &sums);
        data->object = NULL;
    }
    if (!failure) {
        pthread_mutex_lock(&data->files->mutex);
        add_to_manifest(data, &sums);
        add_to_counts(&data->files->counts, &data->counts);
        pthread_mutex_unlock(&data->files->mutex);
    }
    export_data_abandon(data);
    return failure;
}

void export_data_abandon(struct export_data *data)
{
    if (data->object)
        object_abandon(data->object);
    arena_fini(&data->arena);
    free(data);
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
    write_integer(&out, SLICE("billedSizeBytes"), export_billed_bytes(labels, &files->counts));
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
    assert_that(files->counts.file_count > 0);
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
    if (files->own_folder >= 0)
        close(files->own_folder);
    if (files->data_folder >= 0)
        close(files->data_folder);
    pthread_mutex_destroy(&files->mutex);
    arena_fini(&files->manifest_arena);
    arena_fini(&files->arena);
    free(files);
}
