/* json_check: is this text JSON? One pass, no memory, recursion bounded by JSON_LEVELS_MAX. */
#include "json/reader.h"

#include "base/limits.h"
#include "json/scan.h"
#include "json/utf8.h"

struct check {
    const char *next;
    const char *end;
};

static inline bool at(const struct check *check, char byte)
{
    return check->next < check->end && *check->next == byte;
}

static inline bool take(struct check *check, char byte)
{
    if (!at(check, byte))
        return false;
    check->next++;
    return true;
}

static inline void skip_blanks(struct check *check)
{
    while (check->next < check->end && (*check->next == ' ' || *check->next == '\n' ||
                                        *check->next == '\r' || *check->next == '\t'))
        check->next++;
}

static bool take_word(struct check *check, slice word)
{
    slice left = slice_of(check->next, (size_t)(check->end - check->next));
    if (!slice_begins_with(left, word))
        return false;
    check->next += word.size;
    return true;
}

static bool take_hex(struct check *check, uint32_t *value)
{
    if (check->end - check->next < 4)
        return false;
    *value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t byte = (uint8_t)*check->next++;
        uint32_t digit;
        if (byte >= '0' && byte <= '9')
            digit = byte - (uint32_t)'0';
        else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
            digit = (byte | 0x20u) - 'a' + 10;
        else
            return false;
        *value = *value << 4 | digit;
    }
    return true;
}

/* Behind the backslash. Surrogates come in pairs or not at all. */
static bool take_escape(struct check *check)
{
    if (check->next == check->end)
        return false;
    switch (*check->next++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        break;
    default:
        return false;
    }
    uint32_t unit;
    if (!take_hex(check, &unit))
        return false;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    uint32_t low;
    return unit < 0xDC00 && take(check, '\\') && take(check, 'u') && take_hex(check, &low) &&
           low >= 0xDC00 && low <= 0xDFFF;
}

static bool take_string(struct check *check)
{
    if (!take(check, '"'))
        return false;
    for (;;) {
        check->next = scan(check->next, check->end, SCAN_QUOTES | SCAN_CONTROLS | SCAN_NON_ASCII);
        if (check->next == check->end)
            return false;
        uint8_t byte = (uint8_t)*check->next;
        if (byte == '"') {
            check->next++;
            return true;
        }
        if (byte == '\\') {
            check->next++;
            if (!take_escape(check))
                return false;
        } else {
            size_t size = byte < 0x20 ? 0 : utf8_sequence_size(check->next, check->end);
            if (size == 0)
                return false;
            check->next += size;
        }
    }
}

/* One digit or more. */
static bool take_digits(struct check *check)
{
    const char *first = check->next;
    while (check->next < check->end && *check->next >= '0' && *check->next <= '9')
        check->next++;
    return check->next > first;
}

static bool take_number(struct check *check)
{
    take(check, '-');
    if (!take(check, '0') && !take_digits(check))
        return false;
    if (take(check, '.') && !take_digits(check))
        return false;
    if (take(check, 'e') || take(check, 'E')) {
        if (!take(check, '+'))
            take(check, '-');
        return take_digits(check);
    }
    return true;
}

static bool take_value(struct check *check, unsigned level);

static bool take_array(struct check *check, unsigned level)
{
    check->next++;
    skip_blanks(check);
    if (take(check, ']'))
        return true;
    do {
        if (!take_value(check, level + 1))
            return false;
    } while (take(check, ','));
    return take(check, ']');
}

static bool take_object(struct check *check, unsigned level)
{
    check->next++;
    skip_blanks(check);
    if (take(check, '}'))
        return true;
    do {
        skip_blanks(check);
        if (!take_string(check))
            return false;
        skip_blanks(check);
        if (!take(check, ':') || !take_value(check, level + 1))
            return false;
    } while (take(check, ','));
    return take(check, '}');
}

/* A value with the blanks around it; `level` arrays and objects are open around it. */
static bool take_value(struct check *check, unsigned level)
{
    skip_blanks(check);
    if (check->next == check->end)
        return false;
    bool good;
    switch (*check->next) {
    case '{':
        good = level < JSON_LEVELS_MAX && take_object(check, level);
        break;
    case '[':
        good = level < JSON_LEVELS_MAX && take_array(check, level);
        break;
    case '"':
        good = take_string(check);
        break;
    case 't':
        good = take_word(check, SLICE("true"));
        break;
    case 'f':
        good = take_word(check, SLICE("false"));
        break;
    case 'n':
        good = take_word(check, SLICE("null"));
        break;
    default:
        good = take_number(check);
    }
    if (!good)
        return false;
    skip_blanks(check);
    return true;
}

bool json_check(slice text)
{
    struct check check = {text.data, text.data + text.size};
    return take_value(&check, 0) && check.next == check.end;
}
