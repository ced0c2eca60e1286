#include "json/reader.h"

#include "base/assert.h"
#include "json/scan.h"
#include "json/utf8.h"

void json_reader_init(struct json_reader *reader, struct arena *arena, slice checked_text)
{
    *reader = (struct json_reader){
        .next = checked_text.data,
        .end = checked_text.data + checked_text.size,
        .arena = arena,
    };
}

/* The next byte that is no blank. */
static inline char next_byte(struct json_reader *reader)
{
    for (; reader->next < reader->end; reader->next++) {
        char byte = *reader->next;
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t')
            return byte;
    }
    unreachable("the text ends inside a value: it was not checked");
}

static inline void take(struct json_reader *reader, char expected)
{
    char byte = next_byte(reader);
    assert_that(byte == expected);
    reader->next++;
}

enum json_kind json_peek(struct json_reader *reader)
{
    static const uint8_t kinds[256] = {
        ['{'] = JSON_OBJECT, ['['] = JSON_ARRAY,  ['"'] = JSON_STRING, ['t'] = JSON_TRUE,
        ['f'] = JSON_FALSE,  ['n'] = JSON_NULL,   ['-'] = JSON_NUMBER, ['0'] = JSON_NUMBER,
        ['1'] = JSON_NUMBER, ['2'] = JSON_NUMBER, ['3'] = JSON_NUMBER, ['4'] = JSON_NUMBER,
        ['5'] = JSON_NUMBER, ['6'] = JSON_NUMBER, ['7'] = JSON_NUMBER, ['8'] = JSON_NUMBER,
        ['9'] = JSON_NUMBER,
    };
    return kinds[(uint8_t)next_byte(reader)];
}

/* The byte before tells nothing: a comma can only stand between members of a checked text. */
static inline bool next_member(struct json_reader *reader, char closing)
{
    char byte = next_byte(reader);
    if (byte == closing) {
        reader->next++;
        return false;
    }
    if (byte == ',')
        reader->next++;
    return true;
}

void json_object_begin(struct json_reader *reader)
{
    take(reader, '{');
}

bool json_object_next(struct json_reader *reader, slice *name)
{
    if (!next_member(reader, '}'))
        return false;
    *name = json_read_string(reader);
    take(reader, ':');
    return true;
}

void json_array_begin(struct json_reader *reader)
{
    take(reader, '[');
}

bool json_array_next(struct json_reader *reader)
{
    return next_member(reader, ']');
}

/* Behind the opening quote; returns the closing one. */
static const char *string_end(const struct json_reader *reader, const char *next)
{
    for (;;) {
        next = scan(next, reader->end, SCAN_QUOTES);
        assert_that(next < reader->end);
        if (*next == '"')
            return next;
        next += 2; /* the backslash and what it hides */
    }
}

static uint32_t hex(const char *digits)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t digit = (uint8_t)digits[i];
        value = value << 4 | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return value;
}

/* `from` is behind "\u"; four digits are read, or ten for a pair of surrogates. */
static const char *unescape_unicode(const char *from, char **to)
{
    uint32_t code_point = hex(from);
    from += 4;
    if (code_point >= 0xD800 && code_point <= 0xDBFF) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (hex(from + 2) - 0xDC00);
        from += 6;
    }
    *to += utf8_encode(code_point, *to);
    return from;
}

static char unescape_letter(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

/* An escape is never shorter than what it stands for. */
static slice unescape(struct arena *arena, const char *from, const char *end)
{
    char *text = arena_alloc_bytes(arena, (size_t)(end - from));
    char *to = text;
    while (from < end) {
        const char *escape = scan(from, end, SCAN_QUOTES);
        memcpy(to, from, (size_t)(escape - from));
        to += escape - from;
        from = escape;
        if (from == end)
            break;
        char letter = from[1];
        from += 2;
        if (letter == 'u')
            from = unescape_unicode(from, &to);
        else
            *to++ = unescape_letter(letter);
    }
    return slice_of(text, (size_t)(to - text));
}

slice json_read_string(struct json_reader *reader)
{
    take(reader, '"');
    const char *first = reader->next;
    const char *stop = scan(first, reader->end, SCAN_QUOTES);
    assert_that(stop < reader->end);
    if (*stop == '"') {
        reader->next = stop + 1;
        return slice_of(first, (size_t)(stop - first));
    }
    const char *end = string_end(reader, stop);
    reader->next = end + 1;
    return unescape(reader->arena, first, end);
}

static bool ends_word(char byte)
{
    return byte == ',' || byte == '}' || byte == ']' || byte == ' ' || byte == '\n' ||
           byte == '\r' || byte == '\t';
}

/* A number, true, false or null: everything up to what may follow a value. */
static slice read_word(struct json_reader *reader)
{
    next_byte(reader);
    const char *first = reader->next;
    while (reader->next < reader->end && !ends_word(*reader->next))
        reader->next++;
    return slice_of(first, (size_t)(reader->next - first));
}

slice json_read_number(struct json_reader *reader)
{
    assert_that(json_peek(reader) == JSON_NUMBER);
    return read_word(reader);
}

bool json_read_bool(struct json_reader *reader)
{
    enum json_kind kind = json_peek(reader);
    assert_that(kind == JSON_TRUE || kind == JSON_FALSE);
    read_word(reader);
    return kind == JSON_TRUE;
}

void json_read_null(struct json_reader *reader)
{
    assert_that(json_peek(reader) == JSON_NULL);
    read_word(reader);
}

void json_skip(struct json_reader *reader)
{
    size_t open = 0;
    do {
        switch (next_byte(reader)) {
        case '{':
        case '[':
            open++;
            reader->next++;
            break;
        case '}':
        case ']':
            open--;
            reader->next++;
            break;
        case ',':
        case ':':
            reader->next++;
            break;
        case '"':
            reader->next = string_end(reader, reader->next + 1) + 1;
            break;
        default:
            read_word(reader);
        }
    } while (open > 0);
}

slice json_raw(struct json_reader *reader)
{
    next_byte(reader);
    const char *first = reader->next;
    json_skip(reader);
    return slice_of(first, (size_t)(reader->next - first));
}
