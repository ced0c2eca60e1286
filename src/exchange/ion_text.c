#include "exchange/ion_text.h"

#include "base/limits.h"
#include "json/base64.h"
#include <stdio.h>

static void append_string(struct buffer *to, const char *text)
{
    buffer_append(to, slice_of_string(text));
}

/* ---- text ---- */

/* Between two of `quote`; what is above ASCII stands as it is. */
static void write_quoted(struct buffer *to, slice text, char quote)
{
    buffer_append_byte(to, quote);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        char escape[8];
        if (byte == (unsigned char)quote || byte == '\\') {
            buffer_append_byte(to, '\\');
            buffer_append_byte(to, (char)byte);
        } else if (byte < 0x20 || byte == 0x7F) {
            snprintf(escape, sizeof escape, "\\x%02x", byte);
            append_string(to, escape);
        } else {
            buffer_append_byte(to, (char)byte);
        }
    }
    buffer_append_byte(to, quote);
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* Names that stand without quotes. One that begins with $ might be the number of a symbol. */
static bool is_identifier(slice name)
{
    static const slice keywords[] = {SLICE("null"), SLICE("true"), SLICE("false"), SLICE("nan")};
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.data[i];
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_letter(byte) && (i == 0 || !(is_digit || byte == '$')))
            return false;
    }
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (slice_equal(name, keywords[i]))
            return false;
    }
    return name.size > 0;
}

static void write_name(struct buffer *to, slice name)
{
    if (is_identifier(name))
        buffer_append(to, name);
    else
        write_quoted(to, name, '\'');
    buffer_append_byte(to, ':');
}

/* ---- scalars ---- */

static void write_number(struct buffer *to, const struct number *number)
{
    char text[NUMBER_DIGITS_MAX];
    int count = 0;
    for (unsigned __int128 left = number->digits; left > 0; left /= 10)
        text[NUMBER_DIGITS_MAX - ++count] = (char)('0' + (int)(left % 10));
    slice digits = slice_of(text + NUMBER_DIGITS_MAX - count, (size_t)count);
    if (number->negative)
        buffer_append_byte(to, '-');
    int before_point = count + number->exponent;
    if (count == 0) {
        append_string(to, "0.");
    } else if (number->exponent <= 0 && before_point > 0) {
        buffer_append(to, slice_first(digits, (size_t)before_point));
        buffer_append_byte(to, '.');
        buffer_append(to, slice_from(digits, (size_t)before_point));
    } else {
        char exponent[8];
        snprintf(exponent, sizeof exponent, "d%d", number->exponent);
        buffer_append(to, digits);
        append_string(to, exponent);
    }
}

void ion_write_integer(struct buffer *to, int64_t integer)
{
    char text[24];
    snprintf(text, sizeof text, "%lld.", (long long)integer);
    append_string(to, text);
}

static void write_blob(struct buffer *to, slice bytes)
{
    size_t size = base64_encoded_size(bytes.size);
    append_string(to, "{{");
    base64_encode(bytes, buffer_reserve(to, size));
    to->size += size;
    append_string(to, "}}");
}

/* ---- containers: recursion is bounded by the nesting of stored values ---- */

static void write_list(struct buffer *to, slice list)
{
    struct value_cursor cursor;
    slice member;
    bool is_first = true;
    buffer_append_byte(to, '[');
    value_cursor_init(&cursor, NULL, list);
    for (; value_cursor_next(&cursor, NULL, &member); is_first = false) {
        if (!is_first)
            buffer_append_byte(to, ',');
        ion_write_value(to, member);
    }
    buffer_append_byte(to, ']');
}

static void write_set(struct buffer *to, slice set)
{
    append_string(to, "$dynamodb_");
    buffer_append(to, value_type_name(value_type_of(set)));
    append_string(to, "::");
    write_list(to, set);
}

static void write_member(struct buffer *to, bool is_first, slice name, slice value)
{
    if (!is_first)
        buffer_append_byte(to, ',');
    write_name(to, name);
    ion_write_value(to, value);
}

static void write_map(struct buffer *to, slice map)
{
    struct value_cursor cursor;
    slice name, value;
    bool is_first = true;
    buffer_append_byte(to, '{');
    value_cursor_init(&cursor, NULL, map);
    for (; value_cursor_next(&cursor, &name, &value); is_first = false)
        write_member(to, is_first, name, value);
    buffer_append_byte(to, '}');
}

void ion_write_value(struct buffer *to, slice value)
{
    struct number number;
    switch (value_type_of(value)) {
    case VALUE_S:
        write_quoted(to, value_content(value), '"');
        break;
    case VALUE_N:
        number = value_number(value);
        write_number(to, &number);
        break;
    case VALUE_B:
        write_blob(to, value_content(value));
        break;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
        write_set(to, value);
        break;
    case VALUE_BOOL:
        append_string(to, value_bool(value) ? "true" : "false");
        break;
    case VALUE_NULL:
        append_string(to, "null");
        break;
    case VALUE_L:
        write_list(to, value);
        break;
    case VALUE_M:
        write_map(to, value);
        break;
    case VALUE_TYPE_COUNT:
        break;
    }
}

void ion_write_item(struct buffer *to, slice item)
{
    struct item_cursor cursor;
    slice name, value;
    bool is_first = true;
    buffer_append_byte(to, '{');
    item_cursor_init(&cursor, item);
    for (; item_cursor_next(&cursor, &name, &value); is_first = false)
        write_member(to, is_first, name, value);
    buffer_append_byte(to, '}');
}
