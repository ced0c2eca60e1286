/* Names of files to be imported: what they hold, and which of a directory are meant. */
#include "tool/import_files.h"

#include "tests/test.h"

TEST(the_ends_of_a_name_say_format_and_compression)
{
    static const struct {
        slice name;
        enum exchange_format format;
        enum compression compression;
    } rows[] = {
        {SLICE("a"), EXCHANGE_DYNAMODB_JSON, COMPRESSION_NONE},
        {SLICE("a.json"), EXCHANGE_DYNAMODB_JSON, COMPRESSION_NONE},
        {SLICE("data/a.json.gz"), EXCHANGE_DYNAMODB_JSON, COMPRESSION_GZIP},
        {SLICE("a.gz"), EXCHANGE_DYNAMODB_JSON, COMPRESSION_GZIP},
        {SLICE("a.ion"), EXCHANGE_ION, COMPRESSION_NONE},
        {SLICE("a.ion.gz"), EXCHANGE_ION, COMPRESSION_GZIP},
        {SLICE("a.csv.zst"), EXCHANGE_CSV, COMPRESSION_ZSTD},
        {SLICE("a.gz.csv"), EXCHANGE_CSV, COMPRESSION_NONE},
        {SLICE("a.csv/b"), EXCHANGE_DYNAMODB_JSON, COMPRESSION_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum exchange_format format;
        enum compression compression;
        import_file_kind(rows[i].name, &format, &compression);
        CHECK(format == rows[i].format && compression == rows[i].compression);
    }
}

TEST(of_an_export_the_data_files_are_meant_else_all)
{
    slice plain[] = {SLICE("a"), SLICE("data/b")};
    CHECK(import_choose_files(plain, 2) == 2);
    slice inside[] = {SLICE("_started"), SLICE("data/1.json.gz"), SLICE("manifest-summary.json")};
    CHECK(import_choose_files(inside, 3) == 1);
    CHECK_SLICE(inside[0], SLICE("data/1.json.gz"));
    slice above[] = {SLICE("AWSDynamoDB/1/data/1.json.gz"),
                     SLICE("AWSDynamoDB/1/manifest-files.json"),
                     SLICE("AWSDynamoDB/1/manifest-summary.json")};
    CHECK(import_choose_files(above, 3) == 1);
    CHECK_SLICE(above[0], SLICE("AWSDynamoDB/1/data/1.json.gz"));
    slice like[] = {SLICE("my-manifest-summary.json"), SLICE("b")};
    CHECK(import_choose_files(like, 2) == 2);
}
