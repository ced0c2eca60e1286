/* What becomes of files that other tools wrote: their items on the wire, or where they are wrong.
 */
#include "exchange/item_reader.h"

#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* A descriptor of a file with these bytes, which is nowhere else. */
static int file_of(slice bytes)
{
    char path[] = "/tmp/stator-items-XXXXXX";
    int descriptor = mkstemp(path);
    CHECK(descriptor >= 0 && unlink(path) == 0);
    CHECK(write(descriptor, bytes.data, bytes.size) == (ssize_t)bytes.size);
    CHECK(lseek(descriptor, 0, SEEK_SET) == 0);
    return descriptor;
}

/* All items in turn, each on a line; then, where it was wrong, what was said. */
static slice read_all(struct arena *arena, slice file, const struct item_reader_options *options)
{
    struct buffer all;
    struct item_reader *reader = item_reader_open(arena, file_of(file), SLICE("F"), options);
    slice json;
    error failure;
    buffer_init(&all, arena);
    while (!(failure = item_reader_next(reader, arena, &json)) && json.size > 0) {
        buffer_append(&all, json);
        buffer_append_byte(&all, '\n');
    }
    if (failure)
        buffer_append(&all, failure->message);
    else
        CHECK(item_reader_bytes(reader) >= file.size || options->compression != COMPRESSION_NONE);
    return buffer_slice(&all);
}

struct row {
    const char *file;
    const char *read;
};

static void check_rows(const struct row *rows, size_t count,
                       const struct item_reader_options *options)
{
    for (size_t i = 0; i < count; i++) {
        SCOPED_ARENA(arena);
        CHECK_SLICE(read_all(&arena, slice_of_string(rows[i].file), options),
                    slice_of_string(rows[i].read));
    }
}
#define CHECK_ROWS(rows, ...)                                                                      \
    check_rows(rows, sizeof rows / sizeof rows[0], &(struct item_reader_options){__VA_ARGS__})

TEST(a_file_of_dynamodb_json_has_an_item_in_each_object)
{
    static const struct row rows[] = {
        {"", ""},
        {"\n \t\r\n", ""},
        {"{\"Item\":{\"a\":{\"S\":\"1\"}}}\n{\"Item\":{\"a\":{\"S\":\"}{\\\"\"}}}",
         "{\"a\":{\"S\":\"1\"}}\n{\"a\":{\"S\":\"}{\\\"\"}}\n"},
        {"{\"Item\":{}}{\"Item\":{}}\n", "{}\n{}\n"},
        {"{\"x\":1,\"Item\":{},\"y\":[{}]}", "{}\n"},
        {"{\"Item\":{}}\n{\"Item\":\n{}}", "{}\nF: line 2: it is not JSON"},
        {"{\"Item\":{}}\n\n{\"NotAnItem\":{}}\n{\"Item\":{}}",
         "{}\nF: line 3: it has no object Item"},
        {"{\"Item\":[]}", "F: line 1: it has no object Item"},
        {"[{\"Item\":{}}]", "F: line 1: it is not JSON"},
        {"}", "F: line 1: it is not JSON"},
        {"{\"Item\":{\"a\":{\"S\":\"\xff\"}}}", "F: line 1: it is not JSON"},
        {"{\"Item\":{}", "F: line 1: it is not JSON"},
    };
    CHECK_ROWS(rows, .format = EXCHANGE_DYNAMODB_JSON);
}

TEST(columns_of_csv_are_attributes_and_keys_have_their_types)
{
    static const struct csv_key keys[] = {{SLICE("n"), SLICE("N")}, {SLICE("b"), SLICE("B")}};
    static const struct row rows[] = {
        {"", ""},
        {"n,b\n", ""},
        {"n,b,c\n1,YQ==,2\n", "{\"n\":{\"N\":\"1\"},\"b\":{\"B\":\"YQ==\"},\"c\":{\"S\":\"2\"}}\n"},
        {"a,c\r\n1,2\r\n3,4", "{\"a\":{\"S\":\"1\"},\"c\":{\"S\":\"2\"}}\n"
                              "{\"a\":{\"S\":\"3\"},\"c\":{\"S\":\"4\"}}\n"},
        {"a,c\n\"\"\"123\"\"\",\"x,\ny\"\n",
         "{\"a\":{\"S\":\"\\\"123\\\"\"},\"c\":{\"S\":\"x,\\ny\"}}\n"},
        {"a,c\n,\"\"\n", "{\"c\":{\"S\":\"\"}}\n"},
        {"a,c\n1\n", "F: line 2: it has 1 columns, and the header has 2"},
        {"a,c\n1,2,3\n", "F: line 2: it has 3 columns, and the header has 2"},
        {"a,a\n", "F: line 1: two columns have one name"},
        {"a,c\n1,x\"y\n", "F: line 2: a quote stands in a field without quotes around it: a quote "
                          "is written as two in a field in quotes"},
        {"a\n\"1\"2\n", "F: line 2: text follows a field in quotes"},
        {"a\n1\n\n\"2", "{\"a\":{\"S\":\"1\"}}\nF: line 4: a field in quotes has no end"},
        {"a\n\xff\n", "F: line 2: it is not UTF-8"},
    };
    CHECK_ROWS(rows, .format = EXCHANGE_CSV, .delimiter = ',', .keys = keys, .key_count = 2);
}

TEST(with_a_header_of_its_own_the_first_line_of_csv_is_an_item)
{
    static const slice header[] = {SLICE("a"), SLICE("c")};
    static const struct row rows[] = {
        {"1|2\n", "{\"a\":{\"S\":\"1\"},\"c\":{\"S\":\"2\"}}\n"},
        {"1,2|\"3|4\"\n", "{\"a\":{\"S\":\"1,2\"},\"c\":{\"S\":\"3|4\"}}\n"},
    };
    CHECK_ROWS(rows, .format = EXCHANGE_CSV, .delimiter = '|', .header = header, .header_count = 2);
}

TEST(values_of_ion_are_attribute_values)
{
    static const struct row rows[] = {
        {"", ""},
        {"$ion_1_0\n", ""},
        {"$ion_1_0 {Item:{a:\"x\"}}\n{Item:{a:\"y\"}}",
         "{\"a\":{\"S\":\"x\"}}\n{\"a\":{\"S\":\"y\"}}\n"},
        {"$ion_1_0 {Item:{n:103.,m:6d2,o:-1.5e3,p:1_000}}",
         "{\"n\":{\"N\":\"103\"},\"m\":{\"N\":\"6e2\"},\"o\":{\"N\":\"-1.5e3\"},\"p\":{\"N\":"
         "\"1000\"}}\n"},
        {"{Item:{n:5.d3}}", "{\"n\":{\"N\":\"5e3\"}}\n"},
        {"{Item:{t:true,f:false,z:null}}",
         "{\"t\":{\"BOOL\":true},\"f\":{\"BOOL\":false},\"z\":{\"NULL\":true}}\n"},
        {"{Item:{b:{{ YQ== }},l:[\"x\",[1,],{}],m:{'a b':1,\"c}\":2,},}}",
         "{\"b\":{\"B\":\"YQ==\"},\"l\":{\"L\":[{\"S\":\"x\"},{\"L\":[{\"N\":\"1\"}]},{\"M\":{}}]},"
         "\"m\":{\"M\":{\"a b\":{\"N\":\"1\"},\"c}\":{\"N\":\"2\"}}}}\n"},
        {"{Item:{s:$dynamodb_SS::[\"x\",\"y\"],n:'$dynamodb_NS'::[1,2.5],b:$dynamodb_BS :: "
         "[{{YQ==}}]}}",
         "{\"s\":{\"SS\":[\"x\",\"y\"]},\"n\":{\"NS\":[\"1\",\"2.5\"]},\"b\":{\"BS\":[\"YQ==\"]}}"
         "\n"},
        {"{ // a } comment\n Item : /* } */ {\n a : \"}\\n\\u00e9\\ud83e\\udd91\\x41\\\"\" } }",
         "{\"a\":{\"S\":\"}\\n\u00e9\U0001f991A\\\"\"}}\n"},
        {"{Item:{a:'''x''' '''}y'''}}", "{\"a\":{\"S\":\"x}y\"}}\n"},
        {"{Item:{b:{{ab//cdef}}}}", "{\"b\":{\"B\":\"ab//cdef\"}}\n"},
        {"{NotAnItem:{}}", "F: line 1: it has no struct Item"},
        {"\n[1]{Item:{}}", "F: line 2: it is no struct with a field Item"},
        {"{Item:{a:2007-01-01T}}", "F: line 1: it has a value that is no decimal number"},
        {"{Item:{a:0xff}}", "F: line 1: it has a value that is no decimal number"},
        {"{Item:{a:x}}", "F: line 1: it has a value that stands for no attribute"},
        {"{Item:{a:'null'}}", "F: line 1: it has a value that stands for no attribute"},
        {"{Item:{a:(x)}}", "F: line 1: it has a value that stands for no attribute"},
        {"{Item:{a:{{\"clob\"}}}}", "F: line 1: it has a clob, which stands for no attribute"},
        {"{Item:{a:other::[1]}}", "F: line 1: it has an annotation that is none of the sets'"},
        {"{Item:{a:$dynamodb_SS::[1]}}", "F: line 1: a set has a member of another type"},
        {"{Item:{a:$dynamodb_NS::[\"1\"]}}", "F: line 1: it has a value that is no decimal number"},
        {"{Item:{a:$dynamodb_BS::[1]}}", "F: line 1: a set has a member of another type"},
        {"{Item:{a:\"\\ud83e\"}}", "F: line 1: a string has an escape that is none"},
        {"{Item:{a:\"\\q\"}}", "F: line 1: a string has an escape that is none"},
        {"{Item:{a:\"x\ny\"}}", "F: line 1: a string has no end on its line"},
        {"{Item:{a:\"x", "F: line 1: a string has no end"},
        {"{Item:{a:[1 2]}}", "F: line 1: a list has no comma between two elements"},
        {"{Item:{a:1 b:2}}", "F: line 1: a struct has no comma between two fields"},
        {"{Item:{a 1}}", "F: line 1: it has no : where one belongs"},
        {"{Item:{a:1}", "F: line 1: it has no } where one belongs"},
        {"{Item:{a:\"\xff\"}}", "F: line 1: it is not UTF-8"},
    };
    CHECK_ROWS(rows, .format = EXCHANGE_ION);
}

TEST(ion_that_is_nested_without_end_is_refused)
{
    SCOPED_ARENA(arena);
    enum { LEVELS = 100000 };
    struct buffer file;
    buffer_init(&file, &arena);
    buffer_append(&file, SLICE("{Item:{a:"));
    memset(buffer_reserve(&file, LEVELS), '[', LEVELS);
    file.size += LEVELS;
    CHECK_SLICE(read_all(&arena, buffer_slice(&file),
                         &(struct item_reader_options){.format = EXCHANGE_ION}),
                SLICE("F: line 1: it is nested too deeply"));
}

TEST(a_record_without_end_is_refused_when_it_passes_the_largest_there_can_be)
{
    SCOPED_ARENA(arena);
    size_t size = RECORD_BYTES_MAX + 1024 * 1024;
    char *bytes = arena_alloc_bytes(&arena, size);
    memset(bytes, 'x', size);
    CHECK_SLICE(read_all(&arena, slice_of(bytes, size),
                         &(struct item_reader_options){.format = EXCHANGE_DYNAMODB_JSON}),
                SLICE("F: line 1: what begins here goes on for more than 16777216 bytes"));
}

/* ---- compressed ---- */

static slice gzipped(struct arena *arena, slice plain)
{
    z_stream stream = {0};
    size_t bound = plain.size + 1024;
    char *to = arena_alloc_bytes(arena, bound);
    CHECK(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)plain.data;
    stream.avail_in = (uInt)plain.size;
    stream.next_out = (Bytef *)to;
    stream.avail_out = (uInt)bound;
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&stream);
    return slice_of(to, bound - stream.avail_out);
}

static slice zstd_of(struct arena *arena, slice plain)
{
    size_t bound = ZSTD_compressBound(plain.size);
    char *to = arena_alloc_bytes(arena, bound);
    return slice_of(to, ZSTD_compress(to, bound, plain.data, plain.size, 3));
}

static slice joined(struct arena *arena, slice a, slice b)
{
    struct buffer both;
    buffer_init(&both, arena);
    buffer_append(&both, a);
    buffer_append(&both, b);
    return buffer_slice(&both);
}

/* Items that do not compress away, on several reads of the source. */
static slice many_items(struct arena *arena)
{
    struct buffer items;
    buffer_init(&items, arena);
    for (uint32_t i = 0; i < 20000; i++)
        buffer_append(&items,
                      arena_format(arena, "{\"Item\":{\"a\":{\"S\":\"%u\"}}}\n", i * 2654435761u));
    return buffer_slice(&items);
}

static const struct {
    enum compression compression;
    slice (*make)(struct arena *arena, slice plain);
} compressions[] = {{COMPRESSION_GZIP, gzipped}, {COMPRESSION_ZSTD, zstd_of}};

TEST(a_compressed_file_of_several_members_is_read_as_the_plain_one)
{
    for (unsigned i = 0; i < 2; i++) {
        SCOPED_ARENA(arena);
        struct item_reader_options plain = {.compression = COMPRESSION_NONE};
        struct item_reader_options options = {.compression = compressions[i].compression};
        slice items = many_items(&arena);
        slice half = compressions[i].make(&arena, slice_first(items, items.size / 2));
        slice rest = compressions[i].make(&arena, slice_from(items, items.size / 2));
        CHECK(slice_equal(read_all(&arena, joined(&arena, half, rest), &options),
                          read_all(&arena, items, &plain)));
        CHECK_SLICE(read_all(&arena, SLICE_NONE, &options), SLICE_NONE);
    }
}

TEST(a_compressed_file_that_is_damaged_or_cut_short_is_told_with_its_name)
{
    for (unsigned i = 0; i < 2; i++) {
        SCOPED_ARENA(arena);
        struct item_reader_options options = {.compression = compressions[i].compression};
        slice whole = compressions[i].make(&arena, many_items(&arena));
        slice cut[] = {slice_first(whole, whole.size - 1), slice_first(whole, whole.size / 2),
                       slice_first(whole, 3), SLICE("{\"Item\":{}}")};
        for (unsigned k = 0; k < 4; k++) {
            slice read = read_all(&arena, cut[k], &options);
            const char *last = memrchr(read.data, '\n', read.size);
            slice said = last ? slice_from(read, (size_t)(last + 1 - read.data)) : read;
            CHECK(slice_begins_with(said, SLICE("F: byte ")));
        }
    }
}
