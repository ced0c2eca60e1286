#include "partiql/literal.h"
#include "base/assert.h"
#include "base/buffer.h"
#include "base/limits.h"

/* Where within a value another one stands. */
struct spot {
    const struct spot *outer; /* NULL: the whole value */
    bool is_index;
    uint32_t index;
    slice name;
    uint32_t level; /* of nesting; the whole value's is 1 */
};

static const struct spot ROOT = {.level = 1};

static slice spot_text(const struct cursor *cursor, const struct spot *spot)
{
    if (!spot->outer)
        return SLICE("root");
    slice outer = spot_text(cursor, spot->outer);
    if (spot->is_index)
        return arena_format(cursor->arena, "%.*s[%u]", SLICE_ARGS(outer), spot->index);
    return arena_format(cursor->arena, "%.*s.%.*s", SLICE_ARGS(outer), SLICE_ARGS(spot->name));
}

static error fail_under(const struct cursor *cursor, const struct spot *spot, const char *problem)
{
    slice under = spot_text(cursor, spot);
    return fail(cursor->arena, ERROR_VALIDATION, "%s under %.*s", problem, SLICE_ARGS(under));
}

static error fail_type(const struct cursor *cursor, const struct spot *spot)
{
    bool is_parameter = cursor_at_symbol(cursor, SYMBOL_PARAMETER);
    slice what = is_parameter ? SLICE("Parameter") : cursor->current.text;
    slice under = spot_text(cursor, spot);
    slice position = cursor_position(cursor, &cursor->current);
    return fail(cursor->arena, ERROR_VALIDATION, "Unsupported data type: %.*s under key %.*s%.*s",
                SLICE_ARGS(what), SLICE_ARGS(under), SLICE_ARGS(position));
}

static bool at_sign(const struct cursor *cursor)
{
    return cursor_at_symbol(cursor, SYMBOL_MINUS) || cursor_at_symbol(cursor, SYMBOL_PLUS);
}

static bool at_container(const struct cursor *cursor)
{
    return cursor_at_symbol(cursor, SYMBOL_BRACKET_OPEN) ||
           cursor_at_symbol(cursor, SYMBOL_BRACE_OPEN) || cursor_at_symbol(cursor, SYMBOL_BAG_OPEN);
}

bool literal_at(const struct cursor *cursor)
{
    enum lexeme_kind kind = cursor->current.kind;
    return kind == LEXEME_STRING || kind == LEXEME_NUMBER || at_sign(cursor) ||
           at_container(cursor) || cursor_at_symbol(cursor, SYMBOL_PARAMETER) ||
           cursor_at_word(cursor, WORD_TRUE) || cursor_at_word(cursor, WORD_FALSE) ||
           cursor_at_word(cursor, WORD_NULL);
}

/* ---- scalars ---- */

static error number_error(const struct cursor *cursor, const struct spot *spot,
                          enum number_answer answer)
{
    switch (answer) {
    case NUMBER_OK:
        return NULL;
    case NUMBER_OVERFLOW:
        return fail_under(cursor, spot,
                          "Number overflow. Attempting to store a number with magnitude larger "
                          "than supported range");
    case NUMBER_UNDERFLOW:
        return fail_under(cursor, spot,
                          "Number underflow. Attempting to store a number with magnitude smaller "
                          "than supported range");
    case NUMBER_TOO_PRECISE:
        return fail_under(cursor, spot,
                          "Attempting to store more than 38 significant digits in a Number");
    case NUMBER_NOT_NUMERIC:
        break;
    }
    return cursor_malformed(cursor, "");
}

/* Any number of signs, each turning what follows it. */
static error parse_number(struct cursor *cursor, const struct spot *spot, slice *value)
{
    bool negative = false;
    while (at_sign(cursor)) {
        negative ^= cursor_at_symbol(cursor, SYMBOL_MINUS);
        cursor_advance(cursor);
    }
    if (cursor->current.kind != LEXEME_NUMBER)
        return cursor_unexpected(cursor, true);
    struct number number;
    TRY(number_error(cursor, spot, number_parse(cursor->current.text, &number)));
    number.negative = negative && number.digits != 0;
    *value = value_make_number(cursor->arena, &number);
    cursor_advance(cursor);
    return NULL;
}

static error parse_word(struct cursor *cursor, slice *value)
{
    if (cursor_at_word(cursor, WORD_NULL))
        *value = value_make_null();
    else
        *value = value_make_bool(cursor_at_word(cursor, WORD_TRUE));
    cursor_advance(cursor);
    return NULL;
}

/* ---- containers ---- */

static error parse_value(struct cursor *cursor, const struct spot *spot, slice *value);

static error parse_list(struct cursor *cursor, const struct spot *spot, slice *value)
{
    struct list elements = {0};
    struct spot inner = {.outer = spot, .is_index = true, .level = spot->level + 1};
    cursor_advance(cursor);
    if (!cursor_at_symbol(cursor, SYMBOL_BRACKET_CLOSE)) {
        do {
            inner.index = elements.count;
            slice *element = LIST_ADD(cursor->arena, &elements, slice);
            TRY(parse_value(cursor, &inner, element));
        } while (cursor_accept(cursor, SYMBOL_COMMA));
    }
    *value = value_make_list(cursor->arena, elements.elements, elements.count);
    return cursor_expect(cursor, SYMBOL_BRACKET_CLOSE);
}

/* The names and values of a map, which become a value or an item. */
struct members {
    struct list names;
    struct list values;
};

static error parse_name(struct cursor *cursor, const struct members *members, slice *name)
{
    if (cursor->current.kind != LEXEME_STRING)
        return cursor_unexpected(cursor, false);
    *name = cursor_content(cursor, &cursor->current);
    if (name->size == 0)
        return FAILURE(ERROR_VALIDATION, "Empty attribute name");
    const slice *names = members->names.elements;
    for (uint32_t i = 0; i < members->names.count; i++) {
        if (slice_equal(names[i], *name))
            return fail(cursor->arena, ERROR_VALIDATION, "Duplicate attribute name: %.*s",
                        SLICE_ARGS(*name));
    }
    cursor_advance(cursor);
    return cursor_expect(cursor, SYMBOL_COLON);
}

/* `parse` reads each value; the braces stand around. */
static error parse_members(struct cursor *cursor, const struct spot *spot,
                           error (*parse)(struct cursor *, const struct spot *, slice *),
                           struct members *members)
{
    cursor_advance(cursor);
    if (cursor_accept(cursor, SYMBOL_BRACE_CLOSE))
        return NULL;
    do {
        slice name, value;
        TRY(parse_name(cursor, members, &name));
        struct spot inner = {.outer = spot, .name = name, .level = spot->level + 1};
        TRY(parse(cursor, &inner, &value));
        *LIST_ADD(cursor->arena, &members->names, slice) = name;
        *LIST_ADD(cursor->arena, &members->values, slice) = value;
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    return cursor_expect(cursor, SYMBOL_BRACE_CLOSE);
}

static error parse_map(struct cursor *cursor, const struct spot *spot, slice *value)
{
    struct members members = {0};
    TRY(parse_members(cursor, spot, parse_value, &members));
    *value = value_make_map(cursor->arena, members.names.elements, members.values.elements,
                            members.names.count);
    return NULL;
}

/* Members of a set and how the service repeats them. */
struct bag {
    struct list members;
    struct buffer text;
};

static error parse_member(struct cursor *cursor, const struct spot *spot, struct bag *bag)
{
    bool is_number = cursor->current.kind == LEXEME_NUMBER || at_sign(cursor);
    if (!is_number && cursor->current.kind != LEXEME_STRING)
        return FAILURE(ERROR_VALIDATION, "Unsupported data type in Bag. DynamoDB only supports "
                                         "either numbers or strings in bags");
    slice text = cursor_content(cursor, &cursor->current);
    if (bag->text.size > 0)
        buffer_append(&bag->text, SLICE(", "));
    buffer_append(&bag->text, text);
    return parse_value(cursor, spot, LIST_ADD(cursor->arena, &bag->members, slice));
}

static error check_bag(const struct cursor *cursor, const struct bag *bag, slice set)
{
    if (value_count(set) == bag->members.count)
        return NULL;
    bool is_numbers = value_type_of(set) == VALUE_NS;
    slice text = buffer_slice(&bag->text);
    return fail(cursor->arena, ERROR_VALIDATION,
                "One or more parameter values were invalid: Input collection [%.*s] contains "
                "duplicates%s",
                SLICE_ARGS(text), is_numbers ? "! under root" : ".");
}

static error parse_bag(struct cursor *cursor, const struct spot *spot, slice *value)
{
    struct bag bag = {0};
    buffer_init(&bag.text, cursor->arena);
    cursor_advance(cursor);
    if (cursor_at_symbol(cursor, SYMBOL_BAG_CLOSE))
        return FAILURE(ERROR_VALIDATION, "Empty bags are not supported");
    do {
        TRY(parse_member(cursor, spot, &bag));
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    TRY(cursor_expect(cursor, SYMBOL_BAG_CLOSE));
    const slice *members = bag.members.elements;
    enum value_type type = value_type_of(members[0]);
    for (uint32_t i = 1; i < bag.members.count; i++) {
        if (value_type_of(members[i]) != type)
            return FAILURE(ERROR_VALIDATION, "Unsupported data type in Bag. DynamoDB only supports "
                                             "either numbers or strings in bags");
    }
    *value = value_make_set(cursor->arena, type == VALUE_S ? VALUE_SS : VALUE_NS, members,
                            bag.members.count);
    return check_bag(cursor, &bag, *value);
}

/* Recursion: as deep as values may be nested. */
static error parse_value(struct cursor *cursor, const struct spot *spot, slice *value)
{
    if (!literal_at(cursor) && (cursor_at_name(cursor) || cursor_at_call(cursor)))
        return fail_type(cursor, spot);
    if (!literal_at(cursor))
        return cursor_unexpected(cursor, false);
    if (spot->level > NESTING_LEVELS_MAX)
        return fail_under(cursor, spot, "Nesting Levels have exceeded supported limits");
    if (cursor_at_symbol(cursor, SYMBOL_PARAMETER))
        return fail_type(cursor, spot);
    if (cursor_at_symbol(cursor, SYMBOL_BRACKET_OPEN))
        return parse_list(cursor, spot, value);
    if (cursor_at_symbol(cursor, SYMBOL_BRACE_OPEN))
        return parse_map(cursor, spot, value);
    if (cursor_at_symbol(cursor, SYMBOL_BAG_OPEN))
        return parse_bag(cursor, spot, value);
    if (cursor->current.kind == LEXEME_KEYWORD)
        return parse_word(cursor, value);
    if (cursor->current.kind != LEXEME_STRING)
        return parse_number(cursor, spot, value);
    *value = value_make_string(cursor->arena, cursor_content(cursor, &cursor->current));
    cursor_advance(cursor);
    return NULL;
}

error literal_parse(struct cursor *cursor, slice *value)
{
    if (cursor_at_symbol(cursor, SYMBOL_PARAMETER))
        return cursor_parameter(cursor, value);
    return parse_value(cursor, &ROOT, value);
}

/* ---- items ---- */

/* Each attribute is a whole value. */
static error parse_attribute(struct cursor *cursor, const struct spot *spot, slice *value)
{
    (void)spot;
    return literal_parse(cursor, value);
}

static error item_of_parameter(struct cursor *cursor, slice *item)
{
    slice map;
    TRY(cursor_parameter(cursor, &map));
    if (value_type_of(map) != VALUE_M)
        return cursor_malformed(cursor, "Expected a map as the item");
    struct list names = {0};
    struct list values = {0};
    struct value_cursor members;
    value_cursor_init(&members, NULL, map);
    slice name, value;
    while (value_cursor_next(&members, &name, &value)) {
        *LIST_ADD(cursor->arena, &names, slice) = name;
        *LIST_ADD(cursor->arena, &values, slice) = value;
    }
    *item = item_make(cursor->arena, names.elements, values.elements, names.count);
    return NULL;
}

error literal_item(struct cursor *cursor, slice *item)
{
    if (cursor_at_symbol(cursor, SYMBOL_PARAMETER))
        return item_of_parameter(cursor, item);
    if (!cursor_at_symbol(cursor, SYMBOL_BRACE_OPEN))
        return cursor_unexpected(cursor, false);
    struct members members = {0};
    TRY(parse_members(cursor, &ROOT, parse_attribute, &members));
    *item = item_make(cursor->arena, members.names.elements, members.values.elements,
                      members.names.count);
    return NULL;
}
