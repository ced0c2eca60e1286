/*
 * json_check agrees with a second, slow judge of the grammar; a text that passed can be walked,
 * written anew, and says the same then.
 */
#include "tests/fuzz/fuzz.h"

#include "base/limits.h"
#include "json/reader.h"
#include "json/utf8.h"
#include "json/writer.h"
#include <ctype.h>

/* RFC 8259 on a NUL-terminated copy; each function returns what follows, or NULL. */
static const char *judge_value(const char *at, int levels);

static const char *judge_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static long hex_unit(const char *at)
{
    long unit = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = at[i] ? strchr(digits, tolower((unsigned char)at[i])) : NULL;
        if (!digit)
            return -1;
        unit = unit * 16 + (digit - digits);
    }
    return unit;
}

/* One code point of UTF-8 by the table of the Unicode standard. */
static const char *judge_character(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    static const struct {
        unsigned char first, last, second_first, second_last;
        int more;
    } rows[] = {
        {0x20, 0x7F, 0, 0, 0},       {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
        {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
        {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (at[0] < rows[i].first || at[0] > rows[i].last)
            continue;
        for (int k = 1; k <= rows[i].more; k++)
            if (at[k] < (k == 1 ? rows[i].second_first : 0x80) ||
                at[k] > (k == 1 ? rows[i].second_last : 0xBF))
                return NULL;
        return text + 1 + rows[i].more;
    }
    return NULL;
}

static const char *judge_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while (at && *at != '"') {
        if (*at != '\\') {
            at = judge_character(at);
        } else if (at[1] == 'u') {
            long unit = hex_unit(at + 2);
            if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
                return NULL;
            at += 6;
            if (unit < 0xD800 || unit > 0xDBFF)
                continue;
            long low = at[0] == '\\' && at[1] == 'u' ? hex_unit(at + 2) : -1;
            if (low < 0xDC00 || low > 0xDFFF)
                return NULL;
            at += 6;
        } else if (at[1] && strchr("\"\\/bfnrt", at[1])) {
            at += 2;
        } else {
            return NULL;
        }
    }
    return at ? at + 1 : NULL;
}

static const char *judge_digits(const char *at)
{
    size_t count = strspn(at, "0123456789");
    return count ? at + count : NULL;
}

static const char *judge_number(const char *at)
{
    at += *at == '-';
    at = *at == '0' ? at + 1 : judge_digits(at);
    if (at && *at == '.')
        at = judge_digits(at + 1);
    if (at && (*at == 'e' || *at == 'E')) {
        at++;
        at = judge_digits(at + (*at == '+' || *at == '-'));
    }
    return at;
}

static const char *judge_members(const char *at, int levels, char close)
{
    if (levels == 0)
        return NULL;
    at = judge_blanks(at + 1);
    if (*at == close)
        return at + 1;
    for (;;) {
        if (close == '}') {
            at = judge_string(judge_blanks(at));
            at = at ? judge_blanks(at) : NULL;
            if (!at || *at++ != ':')
                return NULL;
        }
        at = judge_value(at, levels - 1);
        if (!at || (*at != ',' && *at != close))
            return NULL;
        if (*at++ == close)
            return at;
    }
}

static const char *judge_value(const char *at, int levels)
{
    at = judge_blanks(at);
    if (*at == '{' || *at == '[')
        at = judge_members(at, levels, *at == '{' ? '}' : ']');
    else if (*at == '"')
        at = judge_string(at);
    else if (strncmp(at, "true", 4) == 0 || strncmp(at, "null", 4) == 0)
        at += 4;
    else if (strncmp(at, "false", 5) == 0)
        at += 5;
    else
        at = judge_number(at);
    return at ? judge_blanks(at) : NULL;
}

static void rewrite(struct json_reader *reader, struct json_writer *writer)
{
    slice name;
    switch (json_peek(reader)) {
    case JSON_NULL:
        json_read_null(reader);
        json_write_null(writer);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_write_bool(writer, json_read_bool(reader));
        break;
    case JSON_NUMBER:
        json_write_raw(writer, json_read_number(reader));
        break;
    case JSON_STRING:
        name = json_read_string(reader);
        assert_that(utf8_check(name));
        json_write_string(writer, name);
        break;
    case JSON_ARRAY:
        json_array_begin(reader);
        json_write_array_begin(writer);
        while (json_array_next(reader))
            rewrite(reader, writer);
        json_write_array_end(writer);
        break;
    case JSON_OBJECT:
        json_object_begin(reader);
        json_write_object_begin(writer);
        while (json_object_next(reader, &name)) {
            json_write_name(writer, name);
            rewrite(reader, writer);
        }
        json_write_object_end(writer);
        break;
    }
}

static slice rewritten(struct arena *arena, slice text)
{
    struct json_reader reader;
    struct json_writer writer;
    json_reader_init(&reader, arena, text);
    json_writer_init(&writer, arena);
    rewrite(&reader, &writer);
    return json_writer_text(&writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice text = slice_of(data, size);
    char *copy = arena_alloc_zeroed(&arena, size + 1);
    memcpy(copy, data, size);
    const char *end = judge_value(copy, JSON_LEVELS_MAX);
    bool good = json_check(text);
    assert_that(good == (end == copy + size));
    if (!good)
        return 0;

    struct json_reader reader;
    json_reader_init(&reader, &arena, text);
    slice raw = json_raw(&reader);
    assert_that(json_check(raw));

    slice once = rewritten(&arena, text);
    assert_that(json_check(once));
    assert_that(slice_equal(rewritten(&arena, once), once));
    return 0;
}
