#include "json/writer.h"

#include "base/assert.h"
#include "json/base64.h"
#include "json/scan.h"

void json_writer_init(struct json_writer *writer, struct arena *arena)
{
    buffer_init(&writer->buffer, arena);
    writer->needs_comma = false;
}

slice json_writer_text(const struct json_writer *writer)
{
    return buffer_slice(&writer->buffer);
}

/* Room for `size` bytes and, written already, the comma that is due before them. */
static inline char *reserve(struct json_writer *writer, size_t size)
{
    struct buffer *buffer = &writer->buffer;
    char *to = buffer->capacity - buffer->size > size ? buffer->data + buffer->size
                                                      : buffer_reserve(buffer, size + 1);
    if (writer->needs_comma)
        *to++ = ',';
    return to;
}

static inline void finish(struct json_writer *writer, const char *end, bool needs_comma)
{
    writer->buffer.size = (size_t)(end - writer->buffer.data);
    writer->needs_comma = needs_comma;
}

static inline void begin(struct json_writer *writer, char bracket)
{
    char *to = reserve(writer, 1);
    *to++ = bracket;
    finish(writer, to, false);
}

static inline void end(struct json_writer *writer, char bracket)
{
    writer->needs_comma = false;
    char *to = reserve(writer, 1);
    *to++ = bracket;
    finish(writer, to, true);
}

void json_write_object_begin(struct json_writer *writer)
{
    begin(writer, '{');
}

void json_write_object_end(struct json_writer *writer)
{
    end(writer, '}');
}

void json_write_array_begin(struct json_writer *writer)
{
    begin(writer, '[');
}

void json_write_array_end(struct json_writer *writer)
{
    end(writer, ']');
}

/* Spelling of the bytes that cannot stand for themselves; returns where it ends. */
static char *write_escape(char *to, uint8_t byte)
{
    static const char short_forms[] = "btn?fr"; /* from 08; there is none for 0B */
    *to++ = '\\';
    if (byte == '"' || byte == '\\') {
        *to++ = (char)byte;
    } else if (byte >= 0x08 && byte <= 0x0D && byte != 0x0B) {
        *to++ = short_forms[byte - 0x08];
    } else {
        memcpy(to, "u00", 3);
        to[3] = "01"[byte >> 4];
        to[4] = "0123456789abcdef"[byte & 15];
        to += 5;
    }
    return to;
}

/* Writes text between quotes, with escapes of six bytes at most. */
static char *write_escaped(char *to, const char *next, const char *text_end)
{
    while (next < text_end) {
        const char *stop = scan(next, text_end, SCAN_QUOTES | SCAN_CONTROLS);
        memcpy(to, next, (size_t)(stop - next));
        to += stop - next;
        next = stop;
        if (next < text_end)
            to = write_escape(to, (uint8_t)*next++);
    }
    return to;
}

static inline char *write_string(struct json_writer *writer, slice text)
{
    enum { ESCAPE_BYTES_MAX = 6 };
    const char *text_end = text.data + text.size;
    const char *stop = scan(text.data, text_end, SCAN_QUOTES | SCAN_CONTROLS);
    size_t plain_size = (size_t)(stop - text.data);
    char *to = reserve(writer, 3 + plain_size + (text.size - plain_size) * ESCAPE_BYTES_MAX);
    *to++ = '"';
    if (plain_size > 0)
        memcpy(to, text.data, plain_size);
    to = write_escaped(to + plain_size, stop, text_end);
    *to++ = '"';
    return to;
}

void json_write_name(struct json_writer *writer, slice name)
{
    char *to = write_string(writer, name);
    *to++ = ':';
    finish(writer, to, false);
}

void json_write_string(struct json_writer *writer, slice text)
{
    finish(writer, write_string(writer, text), true);
}

void json_write_base64(struct json_writer *writer, slice bytes)
{
    size_t size = base64_encoded_size(bytes.size);
    char *to = reserve(writer, size + 2);
    *to++ = '"';
    base64_encode(bytes, to);
    to += size;
    *to++ = '"';
    finish(writer, to, true);
}

static inline void write_raw(struct json_writer *writer, slice json, bool needs_comma)
{
    char *to = reserve(writer, json.size);
    memcpy(to, json.data, json.size);
    finish(writer, to + json.size, needs_comma);
}

void json_write_raw(struct json_writer *writer, slice json)
{
    write_raw(writer, json, true);
}

void json_write_raw_opening(struct json_writer *writer, slice json)
{
    write_raw(writer, json, false);
}

void json_write_bool(struct json_writer *writer, bool value)
{
    json_write_raw(writer, value ? SLICE("true") : SLICE("false"));
}

void json_write_null(struct json_writer *writer)
{
    json_write_raw(writer, SLICE("null"));
}

enum { INTEGER_TEXT_BYTES_MAX = 20 };

/* Digits from the last to the first; returns where they begin, before `text_end`. */
static char *write_digits(char *text_end, uint64_t value)
{
    do {
        *--text_end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return text_end;
}

void json_write_integer(struct json_writer *writer, int64_t value)
{
    char text[INTEGER_TEXT_BYTES_MAX];
    char *text_end = text + sizeof text;
    char *first = write_digits(text_end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0)
        *--first = '-';
    json_write_raw(writer, slice_of(first, (size_t)(text_end - first)));
}

void json_write_halves(struct json_writer *writer, int64_t half_units)
{
    assert_that(half_units >= 0);
    char text[INTEGER_TEXT_BYTES_MAX + 2];
    char *text_end = text + sizeof text;
    text_end[-2] = '.';
    text_end[-1] = half_units % 2 ? '5' : '0';
    char *first = write_digits(text_end - 2, (uint64_t)half_units / 2);
    json_write_raw(writer, slice_of(first, (size_t)(text_end - first)));
}

void json_write_timestamp(struct json_writer *writer, int64_t epoch_ms)
{
    assert_that(epoch_ms >= 0);
    char text[INTEGER_TEXT_BYTES_MAX + 4];
    char *text_end = text + sizeof text;
    /* 1 in front keeps the zeros of the fraction; the point then takes its place. */
    char *point = write_digits(text_end, 1000 + (uint64_t)epoch_ms % 1000);
    *point = '.';
    char *first = write_digits(point, (uint64_t)epoch_ms / 1000);
    json_write_raw(writer, slice_of(first, (size_t)(text_end - first)));
}
