/* The stored description of an export: everything that was written is read, and nothing else passes. */
#include "db/export/export_row.h"
#include "tests/test.h"

static const struct export made = {
    .labels = {.id = SLICE("01732271000123-1a2b3c4d"),
               .table_id = SLICE("12345a12-abcd-123a-ab12-1234abc12345"),
               .bucket = SLICE("b"),
               .prefix = SLICE("p"),
               .sse_algorithm = SLICE("KMS"),
               .kms_key_id = SLICE("key"),
               .format = EXPORT_ION,
               .is_incremental = true,
               .view = EXPORT_NEW_IMAGE,
               .start_ms = 1732271000123,
               .from_ms = 5,
               .to_ms = 6},
    .table_name = SLICE("Orders"),
    .token = SLICE("t"),
    .bucket_owner = SLICE("000000000000"),
    .request = SLICE("0123456789abcdef"),
    .type = EXPORT_TYPE_INCREMENTAL,
    .status = EXPORT_FAILED,
    .end_ms = 7,
    .failure_code = SLICE("S3NoSuchBucket"),
    .failure_message = SLICE("gone"),
    .counts = {.item_count = 8, .item_bytes = 9},
};

TEST(a_row_is_read_as_it_was_written)
{
    SCOPED_ARENA(arena);
    struct export read;
    struct store_write write = export_row_write(&arena, &made);
    CHECK(export_row_is_key(write.key));
    CHECK_SLICE(write.key, SLICE("\x01\x03Orders/01732271000123-1a2b3c4d"));
    CHECK_OK(export_row_open(&arena, write.value, &read));
    CHECK_SLICE(read.labels.id, made.labels.id);
    CHECK_SLICE(read.labels.kms_key_id, made.labels.kms_key_id);
    CHECK_SLICE(read.failure_message, made.failure_message);
    CHECK(read.labels.format == EXPORT_ION && read.labels.is_incremental &&
          read.labels.view == EXPORT_NEW_IMAGE && read.status == EXPORT_FAILED);
    CHECK(read.labels.to_ms == 6 && read.end_ms == 7 && read.counts.item_bytes == 9);
    CHECK_SLICE(export_row_write(&arena, &read).value, write.value);
}

TEST(a_damaged_row_is_an_error)
{
    SCOPED_ARENA(arena);
    slice value = export_row_write(&arena, &made).value;
    struct export read;
    for (size_t size = 0; size < value.size; size++)
        CHECK_FAILS(export_row_open(&arena, slice_first(value, size), &read), ERROR_CORRUPT,
                    SLICE("the row of an export is damaged"));
    struct export wrong = made;
    wrong.status = EXPORT_FAILED + 1;
    CHECK_FAILS(export_row_open(&arena, export_row_write(&arena, &wrong).value, &read),
                ERROR_CORRUPT, SLICE("the row of an export is damaged"));
}

TEST(other_rows_of_the_catalogue_are_no_exports)
{
    static const slice keys[] = {SLICE("\x01Orders"), SLICE("\x01\x03"), SLICE("\x01\x02"
                                                                              "1732271000123-1a2b3c4d"),
                                 SLICE("\x02\x03Orders/01732271000123-1a2b3c4d")};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        CHECK(!export_row_is_key(keys[i]));
}
