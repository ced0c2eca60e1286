/*
 * Whatever a record of CSV is, its fields, written in quotes, are the same record again; and an
 * item made of them is JSON.
 */
#include "tests/fuzz/fuzz.h"

#include "exchange/csv.h"
#include "json/reader.h"
#include "json/utf8.h"

static slice quoted(struct arena *arena, const struct csv_field *fields, uint32_t count,
                    char delimiter)
{
    struct buffer text;
    buffer_init(&text, arena);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(&text, delimiter);
        buffer_append_byte(&text, '"');
        for (size_t k = 0; k < fields[i].text.size; k++) {
            if (fields[i].text.data[k] == '"')
                buffer_append_byte(&text, '"');
            buffer_append_byte(&text, fields[i].text.data[k]);
        }
        buffer_append_byte(&text, '"');
    }
    return buffer_slice(&text);
}

static slice *names(struct arena *arena, uint32_t count)
{
    slice *header = arena_new_array(arena, slice, count);
    for (uint32_t i = 0; i < count; i++)
        header[i] = arena_format(arena, "c%u", i);
    return header;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",;:|\t ";
    SCOPED_ARENA(arena);
    const struct csv_field *fields, *again;
    uint32_t count, count_again;
    if (size == 0)
        return 0;
    char delimiter = delimiters[data[0] % (sizeof delimiters - 1)];
    slice record = slice_of(data + 1, size - 1);
    if (csv_parse(&arena, record, delimiter, &fields, &count))
        return 0;
    assert_that(count > 0);
    slice text = quoted(&arena, fields, count, delimiter);
    assert_that(!csv_parse(&arena, text, delimiter, &again, &count_again));
    assert_that(count == count_again);
    for (uint32_t i = 0; i < count; i++)
        assert_that(again[i].is_quoted && slice_equal(fields[i].text, again[i].text));
    if (!utf8_check(record))
        return 0;
    struct json_writer writer;
    json_writer_init(&writer, &arena);
    csv_write_item(&writer, names(&arena, count), fields, count, NULL, 0);
    assert_that(json_check(json_writer_text(&writer)));
    return 0;
}
