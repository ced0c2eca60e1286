#include "exchange/ion_tokens.h"

#include "base/buffer.h"
#include "json/utf8.h"

static size_t left(const struct ion_tokens *text)
{
    return (size_t)(text->end - text->next);
}

static bool begins(const struct ion_tokens *text, slice prefix)
{
    return slice_begins_with(slice_of(text->next, left(text)), prefix);
}

static bool is_among(char byte, const char *set)
{
    return byte != 0 && strchr(set, byte);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word_begin(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte == '$';
}

/* ---- blanks ---- */

/* Behind `mark`; the end of the text when it is not there. */
static void skip_behind(struct ion_tokens *text, slice mark)
{
    while (text->next < text->end && !begins(text, mark))
        text->next++;
    if (text->next < text->end)
        text->next += mark.size;
}

static void skip_blanks(struct ion_tokens *text)
{
    while (text->next < text->end) {
        if (is_among(*text->next, " \t\r\n\v\f"))
            text->next++;
        else if (begins(text, SLICE("//")))
            skip_behind(text, SLICE("\n"));
        else if (begins(text, SLICE("/*")))
            skip_behind(text, SLICE("*/"));
        else
            return;
    }
}

bool ion_sees(struct ion_tokens *text, char byte)
{
    skip_blanks(text);
    return text->next < text->end && *text->next == byte;
}

bool ion_take(struct ion_tokens *text, char byte)
{
    bool sees = ion_sees(text, byte);
    text->next += sees;
    return sees;
}

error ion_expect(struct ion_tokens *text, char byte)
{
    if (ion_take(text, byte))
        return NULL;
    return fail(text->arena, ERROR_CORRUPT, "it has no %c where one belongs", byte);
}

enum ion_kind ion_peek(struct ion_tokens *text)
{
    skip_blanks(text);
    if (text->next == text->end)
        return ION_END;
    char byte = *text->next;
    if (byte == '"' || begins(text, SLICE("'''")))
        return ION_STRING;
    if (is_digit(byte) || byte == '-')
        return ION_NUMBER;
    if (byte == '[')
        return ION_LIST;
    if (begins(text, SLICE("{{")))
        return ION_BLOB;
    if (byte == '{')
        return ION_STRUCT;
    return is_word_begin(byte) || byte == '\'' ? ION_WORD : ION_OTHER;
}

/* ---- text ---- */

static int hex_value(char byte)
{
    if (is_digit(byte))
        return byte - '0';
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool read_hex(struct ion_tokens *text, unsigned digits, uint32_t *code)
{
    *code = 0;
    if (left(text) < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        int value = hex_value(*text->next++);
        if (value < 0)
            return false;
        *code = *code << 4 | (uint32_t)value;
    }
    return true;
}

static bool is_surrogate(uint32_t code, uint32_t first)
{
    return code >= first && code < first + 0x400;
}

static error bad_escape(void)
{
    return FAILURE(ERROR_CORRUPT, "a string has an escape that is none");
}

/* A code point by its number; one above U+FFFF may come as two halves, as in JSON. */
static error read_code(struct ion_tokens *text, unsigned digits, struct buffer *to)
{
    enum { HIGH = 0xD800, LOW = 0xDC00, CODE_POINT_MAX = 0x10FFFF };
    uint32_t code, low;
    if (!read_hex(text, digits, &code))
        return bad_escape();
    if (is_surrogate(code, HIGH) && begins(text, SLICE("\\u"))) {
        text->next += 2;
        if (!read_hex(text, 4, &low) || !is_surrogate(low, LOW))
            return bad_escape();
        code = 0x10000 + ((code - HIGH) << 10) + (low - LOW);
    }
    if (is_surrogate(code, HIGH) || is_surrogate(code, LOW) || code > CODE_POINT_MAX)
        return bad_escape();
    char bytes[4];
    buffer_append(to, slice_of(bytes, utf8_encode(code, bytes)));
    return NULL;
}

/* Behind the backslash. */
static error read_escape(struct ion_tokens *text, struct buffer *to)
{
    static const char names[] = "abtnfrv0\"'?\\/";
    static const char bytes[] = "\a\b\t\n\f\r\v\0\"'?\\/";
    if (text->next == text->end)
        return bad_escape();
    char name = *text->next++;
    if (name == 'x')
        return read_code(text, 2, to);
    if (name == 'u')
        return read_code(text, 4, to);
    if (name == 'U')
        return read_code(text, 8, to);
    if (name == '\r' && text->next < text->end && *text->next == '\n')
        text->next++;
    if (name == '\n' || name == '\r')
        return NULL; /* the line goes on */
    if (!is_among(name, names))
        return bad_escape();
    buffer_append_byte(to, bytes[strchr(names, name) - names]);
    return NULL;
}

/* From behind the opening quotes to behind the closing ones. */
static error read_quoted(struct ion_tokens *text, slice quotes, struct buffer *to)
{
    while (text->next < text->end) {
        if (begins(text, quotes)) {
            text->next += quotes.size;
            return NULL;
        }
        char byte = *text->next++;
        if (byte == '\\')
            TRY(read_escape(text, to));
        else if (byte == '\n' && quotes.size == 1)
            return FAILURE(ERROR_CORRUPT, "a string has no end on its line");
        else
            buffer_append_byte(to, byte);
    }
    return FAILURE(ERROR_CORRUPT, "a string has no end");
}

/* Long strings that follow one another are one. */
error ion_read_string(struct ion_tokens *text, slice *read)
{
    static const slice long_quotes = SLICE("'''");
    struct buffer content;
    buffer_init(&content, text->arena);
    skip_blanks(text);
    if (ion_take(text, '"')) {
        TRY(read_quoted(text, SLICE("\""), &content));
    } else {
        if (!begins(text, long_quotes))
            return FAILURE(ERROR_CORRUPT, "a set has a member of another type");
        while (begins(text, long_quotes)) {
            text->next += long_quotes.size;
            TRY(read_quoted(text, long_quotes, &content));
            skip_blanks(text);
        }
    }
    *read = buffer_slice(&content);
    return NULL;
}

error ion_read_word(struct ion_tokens *text, slice *read)
{
    struct buffer content;
    if (ion_take(text, '\'')) {
        buffer_init(&content, text->arena);
        TRY(read_quoted(text, SLICE("'"), &content));
        /* A quoted symbol is none of the words, whatever it spells. */
        *read = arena_format(text->arena, "'%.*s'", SLICE_ARGS(buffer_slice(&content)));
        return NULL;
    }
    const char *begin = text->next;
    if (begin < text->end && is_word_begin(*begin)) {
        while (text->next < text->end &&
               (is_word_begin(*text->next) || is_digit(*text->next) || *text->next == '.'))
            text->next++;
    }
    *read = slice_of(begin, (size_t)(text->next - begin));
    return read->size > 0 ? NULL : FAILURE(ERROR_CORRUPT, "it has a byte that begins nothing");
}

/* ---- numbers and blobs ---- */

/*
 * 103. and 1_000 and 5d2 become 103, 1000 and 5e2; what remains wrong with them is for the codec
 * of numbers to say.
 */
error ion_read_number(struct ion_tokens *text, slice *read)
{
    struct buffer number;
    buffer_init(&number, text->arena);
    skip_blanks(text);
    for (; text->next < text->end; text->next++) {
        char byte = *text->next;
        bool ends_point = number.size > 0 && number.data[number.size - 1] == '.' && !is_digit(byte);
        if (is_among(byte, ",]} \t\r\n\v\f/"))
            break;
        if (byte == '_')
            continue;
        if (!is_digit(byte) && !is_among(byte, "+-.deDE"))
            return FAILURE(ERROR_CORRUPT, "it has a value that is no decimal number");
        if (ends_point)
            number.size--;
        buffer_append_byte(&number, is_among(byte, "dD") ? 'e' : byte);
    }
    if (number.size > 0 && number.data[number.size - 1] == '.')
        number.size--;
    *read = buffer_slice(&number);
    return number.size > 0 ? NULL : FAILURE(ERROR_CORRUPT, "a set has a member of another type");
}

error ion_read_blob(struct ion_tokens *text, slice *base64)
{
    struct buffer content;
    buffer_init(&content, text->arena);
    skip_blanks(text);
    if (!begins(text, SLICE("{{")))
        return FAILURE(ERROR_CORRUPT, "a set has a member of another type");
    text->next += 2;
    for (; text->next < text->end && *text->next != '}'; text->next++) {
        if (is_among(*text->next, "\"'"))
            return FAILURE(ERROR_CORRUPT, "it has a clob, which stands for no attribute");
        if (!is_among(*text->next, " \t\r\n"))
            buffer_append_byte(&content, *text->next);
    }
    if (!begins(text, SLICE("}}")))
        return FAILURE(ERROR_CORRUPT, "a blob has no end");
    text->next += 2;
    *base64 = buffer_slice(&content);
    return NULL;
}

/* ---- names ---- */

static error read_symbol(struct ion_tokens *text, slice *symbol)
{
    if (ion_peek(text) == ION_STRING)
        return ion_read_string(text, symbol);
    TRY(ion_read_word(text, symbol));
    bool is_quoted = symbol->data[0] == '\'';
    if (is_quoted)
        *symbol = slice_of(symbol->data + 1, symbol->size - 2);
    return NULL;
}

error ion_read_name(struct ion_tokens *text, slice *name)
{
    TRY(read_symbol(text, name));
    return ion_expect(text, ':');
}

static bool take_colons(struct ion_tokens *text)
{
    skip_blanks(text);
    bool sees = begins(text, SLICE("::"));
    text->next += sees ? 2 : 0;
    return sees;
}

error ion_read_annotation(struct ion_tokens *text, slice *annotation)
{
    *annotation = SLICE_NONE;
    while (ion_peek(text) == ION_WORD) {
        struct ion_tokens ahead = *text;
        slice symbol;
        TRY(read_symbol(&ahead, &symbol));
        if (!take_colons(&ahead))
            return NULL;
        if (annotation->size == 0)
            *annotation = symbol;
        *text = ahead;
    }
    return NULL;
}

void ion_skip_version_markers(struct ion_tokens *text)
{
    static const slice marker = SLICE("$ion_1_0");
    while (ion_peek(text) == ION_WORD && begins(text, marker))
        text->next += marker.size;
}
