#include "http/chunked.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "tests/test.h"

/* Decodes `bytes` handed over in pieces of `piece_size`. */
static enum chunked_result decode(slice bytes, size_t piece_size, struct buffer *data,
                                  size_t *used_total)
{
    struct chunked chunked = {0};
    *used_total = 0;
    while (*used_total < bytes.size) {
        slice piece = slice_from(bytes, *used_total);
        if (piece.size > piece_size)
            piece.size = piece_size;
        size_t used = 0;
        slice part;
        enum chunked_result result;
        while ((result = chunked_read(&chunked, piece, &used, &part)) == CHUNKED_GAVE_DATA)
            buffer_append(data, part);
        *used_total += used;
        if (result != CHUNKED_NEEDS_MORE)
            return result;
    }
    return CHUNKED_NEEDS_MORE;
}

TEST(chunks_are_joined_however_they_arrive)
{
    slice text = SLICE("5\r\nhello\r\n00B;a=\"b\" ;c\r\n, wide worl\r\n1\r\nd\r\n0;last\r\n"
                       "Trailer: x\r\nOther: y\r\n\r\n");
    slice behind = SLICE("GET");
    for (size_t piece_size = 1; piece_size <= text.size + behind.size; piece_size++) {
        SCOPED_ARENA(arena);
        struct buffer all, data;
        buffer_init(&all, &arena);
        buffer_init(&data, &arena);
        buffer_append(&all, text);
        buffer_append(&all, behind);
        size_t used;
        CHECK(decode(buffer_slice(&all), piece_size, &data, &used) == CHUNKED_ENDED);
        CHECK(used == text.size);
        CHECK_SLICE(buffer_slice(&data), SLICE("hello, wide world"));
    }
}

TEST(what_is_not_a_chunk_is_refused)
{
    static const slice broken[] = {
        SLICE("\r\n"),           SLICE(" 5\r\n"),         SLICE("5 \r\n"),
        SLICE("5 ;a\r\n"),       SLICE("+5\r\n"),         SLICE("0x5\r\n"),
        SLICE("g\r\n"),          SLICE(";a\r\n"),         SLICE("5\n"),
        SLICE("5\r5"),           SLICE("5;a\n"),          SLICE("5;a\rb"),
        SLICE("5;\0"),           SLICE("1\r\nab"),        SLICE("1\r\na\n"),
        SLICE("1\r\na\rb"),      SLICE("1\r\na\r\n\r\n"), SLICE("000000001\r\n"),
        SLICE("fffffffff\r\n"),  SLICE("0\r\n\n"),        SLICE("0\r\n\rX"),
        SLICE("0\r\n a: b\r\n"), SLICE("0\r\na: b\n"),    SLICE("0\r\na: b\r\n\tc\r\n"),
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        SCOPED_ARENA(arena);
        struct buffer data;
        buffer_init(&data, &arena);
        size_t used;
        bool refused = decode(broken[i], broken[i].size, &data, &used) == CHUNKED_BROKEN;
        if (!refused)
            CHECK_SLICE(broken[i], SLICE("is refused"));
    }
}

TEST(extensions_and_trailers_are_bounded)
{
    static const slice starts[] = {SLICE("5;"), SLICE("0\r\na:"), SLICE("0\r\n")};
    static const slice fillers[] = {SLICE("a"), SLICE("a"), SLICE("a\r\n")};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        SCOPED_ARENA(arena);
        struct buffer text, data;
        buffer_init(&text, &arena);
        buffer_init(&data, &arena);
        buffer_append(&text, starts[i]);
        while (text.size < 2 * HEAD_BYTES_MAX)
            buffer_append(&text, fillers[i]);
        size_t used;
        CHECK(decode(buffer_slice(&text), 100, &data, &used) == CHUNKED_BROKEN);
    }
}
