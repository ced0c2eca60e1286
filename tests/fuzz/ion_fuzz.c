/*
 * Whatever bytes a file of Ion has, it is read to its end or to an error that names its place, and
 * each item that comes of it is JSON. A record alone says the same.
 */
#include "tests/fuzz/fuzz.h"

#include "exchange/ion_read.h"
#include "exchange/item_reader.h"
#include "json/reader.h"
#include <sys/mman.h>
#include <unistd.h>

static int descriptor_of(slice bytes)
{
    int descriptor = memfd_create("fuzz", 0);
    assert_that(descriptor >= 0);
    assert_that(write(descriptor, bytes.data, bytes.size) == (ssize_t)bytes.size);
    assert_that(lseek(descriptor, 0, SEEK_SET) == 0);
    return descriptor;
}

static void read_file(slice bytes)
{
    static const struct item_reader_options options = {.format = EXCHANGE_ION};
    SCOPED_ARENA(arena);
    struct item_reader *reader =
        item_reader_open(&arena, descriptor_of(bytes), SLICE("F"), &options);
    slice json;
    error failure;
    uint64_t before = 0;
    while (!(failure = item_reader_next(reader, &arena, &json)) && json.size > 0) {
        assert_that(json_check(json));
        assert_that(item_reader_bytes(reader) > before);
        before = item_reader_bytes(reader);
    }
    assert_that(failure ? slice_begins_with(failure->message, SLICE("F: line "))
                        : item_reader_bytes(reader) == bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice text = slice_of(data, size);
    struct json_writer writer;
    bool found;
    json_writer_init(&writer, &arena);
    error failure = ion_read_item(&writer, &arena, text, &found);
    assert_that(failure || !found || json_check(json_writer_text(&writer)));
    read_file(text);
    return 0;
}
