#include "exchange/export_files.h"
#include "exchange/bucket.h"
#include "item/item.h"
#include "tests/test.h"
#include "tests/unit/exchange/fixture.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct export_labels full = {
    .id = SLICE("01732271000123-1a2b3c4d"),
    .arn = SLICE("arn:aws:dynamodb:us-east-1:000000000000:table/T/export/01732271000123-1a2b3c4d"),
    .table_arn = SLICE("arn:aws:dynamodb:us-east-1:000000000000:table/T"),
    .table_id = SLICE("12345a12-abcd-123a-ab12-1234abc12345"),
    .bucket = SLICE("b"),
    .prefix = SLICE("p/q/"),
    .sse_algorithm = SLICE("AES256"),
    .format = EXPORT_JSON,
    .start_ms = 1732271000123,
    .time_ms = 1732271000000,
};

static struct export_labels incremental(enum export_format format)
{
    struct export_labels labels = full;
    labels.format = format;
    labels.is_incremental = true;
    labels.view = EXPORT_NEW_AND_OLD_IMAGES;
    labels.prefix = SLICE("");
    labels.from_ms = 1732270000000;
    labels.to_ms = 1732271000000;
    return labels;
}

static int open_bucket(struct arena *arena, slice root)
{
    int bucket;
    const char *path = arena_format(arena, "%.*s/b%c", SLICE_ARGS(root), 0).data;
    CHECK(mkdir(path, 0777) == 0);
    CHECK_OK(bucket_open(arena, root, SLICE("b"), &bucket));
    return bucket;
}

/* The one data file of a folder, as it was before it was compressed. */
static slice read_data(struct arena *arena, slice root, const char *folder, const char *ending)
{
    slice path = arena_format(arena, "%.*s/%s", SLICE_ARGS(root), folder);
    DIR *directory = opendir(arena_format(arena, "%.*s%c", SLICE_ARGS(path), 0).data);
    slice text = SLICE_NONE;
    CHECK(directory != NULL);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        slice name = arena_copy(arena, slice_of_string(entry->d_name));
        size_t ending_size = strlen(ending);
        if (name.size != 26 + ending_size || memcmp(name.data + 26, ending, ending_size) != 0)
            continue;
        CHECK(text.data == NULL);
        text = fixture_read(arena, path, name);
    }
    if (directory)
        closedir(directory);
    return text;
}

TEST(a_full_export_has_the_layout_of_the_service)
{
    SCOPED_ARENA(arena);
    slice root = fixture_folder(&arena);
    int bucket = open_bucket(&arena, root);
    struct export_files *files;
    struct export_data *data;
    struct export_counts counts;
    struct export_record record = {.item = fixture_item(&arena, SLICE("{\"p\":{\"S\":\"x\"}}"))};
    CHECK_OK(export_files_begin(&arena, bucket, &full, &files));
    CHECK_OK(export_data_begin(files, &arena, &data));
    CHECK_OK(export_data_add(data, &arena, &record));
    CHECK_OK(export_data_add(data, &arena, &record));
    CHECK_OK(export_data_end(data, &arena));
    CHECK_OK(export_files_finish(files, &arena, 1732271001000, &counts));
    CHECK(counts.item_count == 2 && counts.item_bytes == 4);
    slice own = arena_format(&arena, "%.*s/b/p/q/AWSDynamoDB/%.*s", SLICE_ARGS(root),
                             SLICE_ARGS(full.id));
    CHECK_SLICE(fixture_read(&arena, own, SLICE("_started")), SLICE(""));
    CHECK_SLICE(read_data(&arena, own, "data", ".json.gz"),
                SLICE("{\"Item\":{\"p\":{\"S\":\"x\"}}}\n{\"Item\":{\"p\":{\"S\":\"x\"}}}\n"));
    CHECK_SLICE(
        fixture_read(&arena, own, SLICE("manifest-summary.json")),
        SLICE("{\"version\":\"2020-06-30\",\"exportArn\":\"arn:aws:dynamodb:us-east-1:000000000000:"
              "table/T/export/01732271000123-1a2b3c4d\",\"startTime\":\"2024-11-22T10:23:20.123Z\","
              "\"endTime\":\"2024-11-22T10:23:21.000Z\",\"tableArn\":\"arn:aws:dynamodb:us-east-1:"
              "000000000000:table/T\",\"tableId\":\"12345a12-abcd-123a-ab12-1234abc12345\","
              "\"exportTime\":\"2024-11-22T10:23:20.000Z\",\"s3Bucket\":\"b\",\"s3Prefix\":\"p/q/\","
              "\"s3SseAlgorithm\":\"AES256\",\"s3SseKmsKeyId\":null,\"manifestFilesS3Key\":"
              "\"p/q/AWSDynamoDB/01732271000123-1a2b3c4d/manifest-files.json\","
              "\"billedSizeBytes\":4,\"itemCount\":2,\"outputFormat\":\"DYNAMODB_JSON\"}"));
    CHECK(fixture_read(&arena, own, SLICE("manifest-summary.md5")).size == 24);
    CHECK(slice_begins_with(fixture_read(&arena, own, SLICE("manifest-files.json")),
                            SLICE("{\"itemCount\":2,\"md5Checksum\":\"")));
    close(bucket);
}

static const struct {
    enum export_format format;
    slice item;
    slice old_item;
    slice line;
} changes[] = {
    {EXPORT_JSON, SLICE("{\"p\":{\"S\":\"x\"}}"), SLICE_NONE,
     SLICE("{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"5000\"}},\"Keys\":{\"p\":{\"S\":\"x\"}},"
           "\"NewImage\":{\"p\":{\"S\":\"x\"}}}\n")},
    {EXPORT_JSON, SLICE_NONE, SLICE("{\"p\":{\"S\":\"x\"}}"),
     SLICE("{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"5000\"}},\"Keys\":{\"p\":{\"S\":\"x\"}},"
           "\"OldImage\":{\"p\":{\"S\":\"x\"}}}\n")},
    {EXPORT_ION, SLICE("{\"p\":{\"S\":\"x\"}}"), SLICE("{\"p\":{\"S\":\"x\"},\"n\":{\"N\":\"1\"}}"),
     SLICE("$ion_1_0 {Record:{Metadata:{WriteTimestampMicros:5000.},Keys:{p:\"x\"},"
           "OldImage:{n:1.,p:\"x\"},NewImage:{p:\"x\"}}}\n")},
    {EXPORT_ION, SLICE_NONE, SLICE_NONE,
     SLICE("$ion_1_0 {Record:{Metadata:{WriteTimestampMicros:5000.},Keys:{p:\"x\"}}}\n")},
};

TEST(an_incremental_export_is_billed_for_ten_megabytes_at_least)
{
    static const struct {
        bool is_incremental;
        int64_t bytes;
        int64_t billed;
    } cases[] = {{false, 0, 0},
                 {false, 5, 5},
                 {true, 0, 10000000},
                 {true, 9999999, 10000000},
                 {true, 10000001, 10000001}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct export_labels labels = {.is_incremental = cases[i].is_incremental};
        struct export_counts counts = {.item_bytes = cases[i].bytes};
        CHECK(export_billed_bytes(&labels, &counts) == cases[i].billed);
    }
}

TEST(an_incremental_export_has_a_line_for_each_change)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        SCOPED_ARENA(arena);
        slice root = fixture_folder(&arena);
        int bucket = open_bucket(&arena, root);
        struct export_labels labels = incremental(changes[i].format);
        struct export_files *files;
    struct export_data *data;
        struct export_counts counts;
        struct export_record record = {
            .key = fixture_item(&arena, SLICE("{\"p\":{\"S\":\"x\"}}")), .time_ms = 5};
        if (changes[i].item.size > 0)
            record.item = fixture_item(&arena, changes[i].item);
        if (changes[i].old_item.size > 0)
            record.old_item = fixture_item(&arena, changes[i].old_item);
        CHECK_OK(export_files_begin(&arena, bucket, &labels, &files));
        CHECK_OK(export_data_begin(files, &arena, &data));
        CHECK_OK(export_data_add(data, &arena, &record));
        CHECK_OK(export_data_end(data, &arena));
        CHECK_OK(export_files_finish(files, &arena, 1732271001000, &counts));
        CHECK_SLICE(read_data(&arena, root, "b/AWSDynamoDB/data",
                              labels.format == EXPORT_JSON ? ".json.gz" : ".ion.gz"),
                    changes[i].line);
        close(bucket);
    }
}

TEST(an_export_that_is_made_anew_replaces_its_files)
{
    SCOPED_ARENA(arena);
    slice root = fixture_folder(&arena);
    int bucket = open_bucket(&arena, root);
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        struct export_labels labels = incremental(EXPORT_JSON);
        struct export_files *files;
    struct export_data *data;
        struct export_counts counts;
        CHECK_OK(export_files_begin(&arena, bucket, &labels, &files));
        CHECK_OK(export_data_begin(files, &arena, &data));
        CHECK_OK(export_data_end(data, &arena));
        CHECK_OK(export_files_finish(files, &arena, 1732271001000, &counts));
        CHECK_SLICE(read_data(&arena, root, "b/AWSDynamoDB/data", ".json.gz"), SLICE(""));
    }
    close(bucket);
}
