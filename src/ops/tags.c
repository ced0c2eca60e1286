#include "ops/tags.h"

#include "base/limits.h"
#include "db/table/table.h"
#include "json/utf8.h"
#include <strings.h>

/* Lengths and absent members are refused in words of their own, so nothing is required here. */
static const struct field fields[] = {
    FIELD(struct table_tag, key, "Key", FIELD_STRING, OPTIONAL),
    FIELD(struct table_tag, value, "Value", FIELD_STRING, OPTIONAL),
};
const struct structure tag_structure =
    STRUCTURE(struct table_tag, fields, .shape = SLICE("Tag"));

/*
 * Where Unicode has, beyond ASCII, signs that are neither letters nor digits nor blanks, as far as
 * anybody types them. In order.
 */
static const struct {
    uint32_t first;
    uint32_t last;
} signs[] = {
    {0x80, 0x9F},       {0xA1, 0xA9},       {0xAB, 0xB1},       {0xB4, 0xB4},
    {0xB6, 0xB8},       {0xBB, 0xBB},       {0xBF, 0xBF},       {0xD7, 0xD7},
    {0xF7, 0xF7},       {0x200B, 0x2027},   {0x202A, 0x202E},   {0x2030, 0x205E},
    {0x2060, 0x206F},   {0x20A0, 0x20FF},   {0x2190, 0x245F},   {0x2500, 0x2775},
    {0x2794, 0x2BFF},   {0x2E00, 0x2E2E},   {0x2E30, 0x2FFF},   {0x3001, 0x3004},
    {0x3008, 0x3020},   {0xD800, 0xF8FF},   {0xFE00, 0xFE6F},   {0x1F110, 0x1FAFF},
    {0xE0000, 0x10FFFF},
};

static bool is_sign(uint32_t code_point)
{
    bool found = false;
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !found; i++)
        found = code_point >= signs[i].first && code_point <= signs[i].last;
    return found;
}

static bool is_ascii_tag_text(char byte)
{
    char letter = (char)(byte | 0x20);
    return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr(" +-=._:/@", byte) != NULL);
}

/* Letters and digits of every language, blanks, and some signs; texts are UTF-8 by now. */
static bool is_tag_text(slice text, size_t characters_max)
{
    if (utf8_count_utf16(text) > characters_max)
        return false;
    const char *end = text.data + text.size;
    for (const char *next = text.data; next < end;) {
        uint32_t code_point;
        next = utf8_decode(next, &code_point);
        if (code_point < 0x80 ? !is_ascii_tag_text((char)code_point) : is_sign(code_point))
            return false;
    }
    return true;
}

static slice shown(slice text)
{
    return is_given(text) ? text : SLICE("null");
}

static error check_key(struct arena *arena, slice key)
{
    if (key.size >= 4 && strncasecmp(key.data, "aws:", 4) == 0)
        return fail(arena, ERROR_VALIDATION, "Tag Key cannot be prefixed with aws:, Key: %.*s",
                    SLICE_ARGS(key));
    if (key.size == 0 || !is_tag_text(key, TAG_KEY_CHARACTERS_MAX))
        return fail(arena, ERROR_VALIDATION, "The Tag Key provided is invalid, Key: %.*s",
                    SLICE_ARGS(shown(key)));
    return NULL;
}

static error check_tag(struct arena *arena, const struct table_tag *tag)
{
    TRY(check_key(arena, tag->key));
    if (!is_given(tag->value) || !is_tag_text(tag->value, TAG_VALUE_CHARACTERS_MAX))
        return fail(arena, ERROR_VALIDATION, "The Tag Value provided is invalid, Value: %.*s",
                    SLICE_ARGS(shown(tag->value)));
    return NULL;
}

static error check_count(const struct decoded_list *list)
{
    return list->count > TAGS_MAX
               ? FAILURE(ERROR_VALIDATION, "Number of Tags exceed the current limit for the "
                                           "provided ResourceArn")
               : NULL;
}

error tags_check(struct arena *arena, const struct decoded_list *list)
{
    const struct table_tag *tags = list->elements;
    TRY(check_count(list));
    for (uint32_t i = 0; i < list->count; i++) {
        TRY(check_tag(arena, &tags[i]));
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(tags[i].key, tags[j].key))
                return fail(arena, ERROR_VALIDATION,
                            "Duplicate Tag Keys provided as input: Duplicate Tag Key found %.*s",
                            SLICE_ARGS(tags[i].key));
        }
    }
    return NULL;
}

error tag_keys_check(struct arena *arena, const struct decoded_list *list)
{
    const slice *keys = list->elements;
    TRY(check_count(list));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(check_key(arena, keys[i]));
    return NULL;
}
