#include "partiql/where.h"
#include "base/assert.h"
#include "base/limits.h"
#include "expr/tree.h"
#include "partiql/literal.h"

static error parse_or(struct cursor *cursor, struct condition **node);
static error parse_predicate(struct cursor *cursor, struct condition **node);
static error parse_operand(struct cursor *cursor, bool behind_operator, struct condition **node);

/* Expressions' own errors, without the name of a parameter before them. */
static error check(const struct cursor *cursor, const struct condition *node)
{
    return condition_check(cursor->arena, SLICE_NONE, PARTIQL_IN_VALUES_MAX + 1, node);
}

static error make(const struct cursor *cursor, enum operation operation,
                  struct condition *const *operands, uint32_t count, struct condition **node)
{
    *node = condition_make(cursor->arena, operation, operands, count);
    return check(cursor, *node);
}

static struct condition *make_value(const struct cursor *cursor, slice value)
{
    struct condition *node = condition_make(cursor->arena, OPERATION_VALUE, NULL, 0);
    node->value = value;
    return node;
}

/* A path or a value is no condition by itself. */
static error want_condition(const struct cursor *cursor, const struct condition *node)
{
    enum operation_class class = operation_facts(node->operation)->class;
    if (class == CLASS_OPERATOR || class == CLASS_TRUTH_FUNCTION)
        return NULL;
    return cursor_unexpected(cursor, false);
}

/* ---- operands ---- */

/* Functions are called in any case of letters. */
static enum operation function_of(slice name)
{
    static const enum operation functions[] = {
        OPERATION_SIZE,           OPERATION_ATTRIBUTE_EXISTS, OPERATION_ATTRIBUTE_NOT_EXISTS,
        OPERATION_ATTRIBUTE_TYPE, OPERATION_BEGINS_WITH,      OPERATION_CONTAINS,
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (slice_equal_ignoring_case(name, operation_facts(functions[i])->name))
            return functions[i];
    }
    return OPERATION_UNKNOWN_FUNCTION;
}

static slice lower_case(struct arena *arena, slice text)
{
    char *lower = arena_alloc_bytes(arena, text.size);
    for (size_t i = 0; i < text.size; i++)
        lower[i] = text.data[i] >= 'A' && text.data[i] <= 'Z' ? (char)(text.data[i] - 'A' + 'a')
                                                              : text.data[i];
    return slice_of(lower, text.size);
}

/* Behind the opening symbol, up to the closing one, which goes too. */
static error parse_operands(struct cursor *cursor, enum symbol close, struct list *operands)
{
    if (cursor_accept(cursor, close))
        return NULL;
    do {
        struct condition *operand;
        TRY(parse_operand(cursor, false, &operand));
        *LIST_ADD(cursor->arena, operands, struct condition *) = operand;
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    return cursor_expect(cursor, close);
}

static error parse_call(struct cursor *cursor, struct condition **node)
{
    const struct lexeme name = cursor->current;
    enum operation operation = function_of(name.text);
    if (operation == OPERATION_UNKNOWN_FUNCTION) {
        slice lower = lower_case(cursor->arena, name.text);
        slice position = cursor_position(cursor, &name);
        return fail(cursor->arena, ERROR_VALIDATION, "Unrecognized function: %.*s%.*s",
                    SLICE_ARGS(lower), SLICE_ARGS(position));
    }
    cursor_advance(cursor);
    cursor_advance(cursor);
    struct list operands = {0};
    TRY(cursor_enter(cursor));
    TRY(parse_operands(cursor, SYMBOL_PARENTHESIS_CLOSE, &operands));
    cursor_leave(cursor);
    return make(cursor, operation, operands.elements, operands.count, node);
}

static error parse_group(struct cursor *cursor, struct condition **node)
{
    TRY(cursor_enter(cursor));
    cursor_advance(cursor);
    TRY(parse_or(cursor, node));
    cursor_leave(cursor);
    return cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE);
}

/* Also a condition in parentheses: it compares as a boolean does. */
static error parse_operand(struct cursor *cursor, bool behind_operator, struct condition **node)
{
    if (cursor_at_call(cursor))
        return parse_call(cursor, node);
    if (cursor_at_symbol(cursor, SYMBOL_PARENTHESIS_OPEN))
        return parse_group(cursor, node);
    if (cursor_at_name(cursor)) {
        *node = condition_make(cursor->arena, OPERATION_PATH, NULL, 0);
        return cursor_path(cursor, &(*node)->path);
    }
    if (!literal_at(cursor))
        return cursor_unexpected(cursor, behind_operator);
    *node = make_value(cursor, SLICE_NONE);
    return literal_parse(cursor, &(*node)->value);
}

/* ---- predicates ---- */

static const struct {
    enum symbol symbol;
    enum operation operation;
} COMPARISONS[] = {
    {SYMBOL_EQUAL, OPERATION_EQUAL},     {SYMBOL_NOT_EQUAL, OPERATION_NOT_EQUAL},
    {SYMBOL_LESS, OPERATION_LESS},       {SYMBOL_LESS_OR_EQUAL, OPERATION_LESS_OR_EQUAL},
    {SYMBOL_GREATER, OPERATION_GREATER}, {SYMBOL_GREATER_OR_EQUAL, OPERATION_GREATER_OR_EQUAL},
};

static enum operation comparison_at(const struct cursor *cursor)
{
    for (size_t i = 0; i < sizeof COMPARISONS / sizeof *COMPARISONS; i++) {
        if (cursor_at_symbol(cursor, COMPARISONS[i].symbol))
            return COMPARISONS[i].operation;
    }
    return OPERATION_COUNT;
}

static error parse_between(struct cursor *cursor, struct condition **node)
{
    struct condition *operands[] = {*node, NULL, NULL};
    TRY(parse_operand(cursor, true, &operands[1]));
    TRY(cursor_expect_word(cursor, WORD_AND, "Expected AND keyword"));
    if (cursor_at_end(cursor))
        return cursor_malformed(cursor, "Expected expression after AND");
    TRY(parse_operand(cursor, true, &operands[2]));
    return make(cursor, OPERATION_BETWEEN, operands, 3, node);
}

static error parse_in(struct cursor *cursor, struct condition **node)
{
    struct list operands = {0};
    *LIST_ADD(cursor->arena, &operands, struct condition *) = *node;
    enum symbol close = SYMBOL_BRACKET_CLOSE;
    if (cursor_at_symbol(cursor, SYMBOL_PARENTHESIS_OPEN))
        close = SYMBOL_PARENTHESIS_CLOSE;
    else if (!cursor_at_symbol(cursor, SYMBOL_BRACKET_OPEN))
        return cursor_unexpected(cursor, true);
    cursor_advance(cursor);
    TRY(parse_operands(cursor, close, &operands));
    uint32_t value_count = operands.count - 1;
    if (value_count == 0)
        return cursor_malformed(cursor, "Unexpected term");
    if (value_count > PARTIQL_IN_VALUES_MAX)
        return fail(cursor->arena, ERROR_VALIDATION,
                    "The IN operator is provided with too many operands; number of operands: %u",
                    value_count);
    return make(cursor, OPERATION_IN, operands.elements, operands.count, node);
}

/*
 * The types that IS asks for, and the attribute types each of them is, as a set: BAG is three. Of
 * two names that begin alike the longer stands first.
 */
static const struct {
    slice words[2];
    slice types[3];
} TYPES[] = {
    {{SLICE("NULL")}, {SLICE("NULL")}},
    {{SLICE("BOOL")}, {SLICE("BOOL")}},
    {{SLICE("BOOLEAN")}, {SLICE("BOOL")}},
    {{SLICE("STRING")}, {SLICE("S")}},
    {{SLICE("VARCHAR")}, {SLICE("S")}},
    {{SLICE("CHARACTER"), SLICE("VARYING")}, {SLICE("S")}},
    {{SLICE("CHARACTER")}, {SLICE("S")}},
    {{SLICE("CHAR")}, {SLICE("S")}},
    {{SLICE("INT")}, {SLICE("N")}},
    {{SLICE("INT2")}, {SLICE("N")}},
    {{SLICE("INT4")}, {SLICE("N")}},
    {{SLICE("INT8")}, {SLICE("N")}},
    {{SLICE("INTEGER")}, {SLICE("N")}},
    {{SLICE("INTEGER2")}, {SLICE("N")}},
    {{SLICE("INTEGER4")}, {SLICE("N")}},
    {{SLICE("INTEGER8")}, {SLICE("N")}},
    {{SLICE("SMALLINT")}, {SLICE("N")}},
    {{SLICE("BIGINT")}, {SLICE("N")}},
    {{SLICE("DEC")}, {SLICE("N")}},
    {{SLICE("DECIMAL")}, {SLICE("N")}},
    {{SLICE("NUMERIC")}, {SLICE("N")}},
    {{SLICE("FLOAT")}, {SLICE("N")}},
    {{SLICE("REAL")}, {SLICE("N")}},
    {{SLICE("DOUBLE"), SLICE("PRECISION")}, {SLICE("N")}},
    {{SLICE("BLOB")}, {SLICE("B")}},
    {{SLICE("LIST")}, {SLICE("L")}},
    {{SLICE("STRUCT")}, {SLICE("M")}},
    {{SLICE("TUPLE")}, {SLICE("M")}},
    {{SLICE("BAG")}, {SLICE("SS"), SLICE("NS"), SLICE("BS")}},
};
enum { TYPES_PER_NAME = 3 };

static error make_type_test(struct cursor *cursor, struct condition *operand, const slice *types,
                            struct condition **node)
{
    struct condition *tests[TYPES_PER_NAME];
    uint32_t count = 0;
    for (; count < TYPES_PER_NAME && types[count].size > 0; count++) {
        slice type = value_make_string(cursor->arena, types[count]);
        struct condition *operands[] = {operand, make_value(cursor, type)};
        TRY(make(cursor, OPERATION_ATTRIBUTE_TYPE, operands, 2, &tests[count]));
    }
    *node = count == 1 ? tests[0] : condition_make(cursor->arena, OPERATION_OR, tests, count);
    return NULL;
}

static bool is_bare(const struct lexeme *lexeme, slice word)
{
    return lexeme->kind != LEXEME_QUOTED && slice_equal_ignoring_case(lexeme->text, word);
}

static bool accept_type(struct cursor *cursor, const slice *words)
{
    bool two = words[1].size > 0;
    if (!is_bare(&cursor->current, words[0]) || (two && !is_bare(&cursor->next, words[1])))
        return false;
    cursor_advance(cursor);
    if (two)
        cursor_advance(cursor);
    return true;
}

/* Behind IS and NOT. What is missing is of no type. */
static error parse_type(struct cursor *cursor, struct condition **node)
{
    if (cursor_accept_word(cursor, WORD_MISSING))
        return make(cursor, OPERATION_ATTRIBUTE_NOT_EXISTS, node, 1, node);
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (accept_type(cursor, TYPES[i].words))
            return make_type_test(cursor, *node, TYPES[i].types, node);
    }
    return cursor_malformed(cursor, "Expected type name");
}

static error negate(struct cursor *cursor, bool negated, struct condition **node)
{
    if (negated) {
        struct condition *operand = *node;
        *node = condition_make(cursor->arena, OPERATION_NOT, &operand, 1);
    }
    return NULL;
}

/* May also be a bare operand: who asked knows whether that will do. */
static error parse_predicate(struct cursor *cursor, struct condition **node)
{
    TRY(parse_operand(cursor, false, node));
    enum operation comparison = comparison_at(cursor);
    if (comparison != OPERATION_COUNT) {
        struct condition *operands[] = {*node, NULL};
        cursor_advance(cursor);
        TRY(parse_operand(cursor, true, &operands[1]));
        return make(cursor, comparison, operands, 2, node);
    }
    if (cursor_accept_word(cursor, WORD_IS)) {
        bool negated = cursor_accept_word(cursor, WORD_NOT);
        TRY(parse_type(cursor, node));
        return negate(cursor, negated, node);
    }
    bool negated = cursor_at_word(cursor, WORD_NOT) &&
                   (cursor->next.word == WORD_IN || cursor->next.word == WORD_BETWEEN);
    if (negated)
        cursor_advance(cursor);
    if (cursor_accept_word(cursor, WORD_BETWEEN))
        TRY(parse_between(cursor, node));
    else if (cursor_accept_word(cursor, WORD_IN))
        TRY(parse_in(cursor, node));
    return negate(cursor, negated, node);
}

/* ---- logic ---- */

/* Two negations are none, so that the tree stays as shallow as its parentheses. */
static error parse_not(struct cursor *cursor, struct condition **node)
{
    bool negated = false, any = false;
    while (cursor_accept_word(cursor, WORD_NOT)) {
        negated = !negated;
        any = true;
    }
    TRY(parse_predicate(cursor, node));
    if (any)
        TRY(want_condition(cursor, *node));
    return negate(cursor, negated, node);
}

/* Conditions joined by one operator become one node, however many they are. */
static error parse_joined(struct cursor *cursor, enum word word, enum operation operation,
                          error (*parse)(struct cursor *, struct condition **),
                          struct condition **node)
{
    TRY(parse(cursor, node));
    if (!cursor_at_word(cursor, word))
        return NULL;
    struct list operands = {0};
    TRY(want_condition(cursor, *node));
    *LIST_ADD(cursor->arena, &operands, struct condition *) = *node;
    while (cursor_accept_word(cursor, word)) {
        if (cursor_at_end(cursor))
            return cursor_unexpected(cursor, true);
        TRY(parse(cursor, node));
        TRY(want_condition(cursor, *node));
        *LIST_ADD(cursor->arena, &operands, struct condition *) = *node;
    }
    *node = condition_make(cursor->arena, operation, operands.elements, operands.count);
    return NULL;
}

static error parse_and(struct cursor *cursor, struct condition **node)
{
    return parse_joined(cursor, WORD_AND, OPERATION_AND, parse_not, node);
}

static error parse_or(struct cursor *cursor, struct condition **node)
{
    return parse_joined(cursor, WORD_OR, OPERATION_OR, parse_and, node);
}

error where_parse(struct cursor *cursor, const struct condition **condition)
{
    struct condition *node;
    TRY(parse_or(cursor, &node));
    TRY(want_condition(cursor, node));
    *condition = node;
    return NULL;
}

/* ---- expressions that stand alone ---- */

/* Functions are all called one thing. */
static const slice KINDS[OPERATION_COUNT] = {
    [OPERATION_PATH] = SLICE("Id"),
    [OPERATION_VALUE] = SLICE("Lit"),
    [OPERATION_EQUAL] = SLICE("Eq"),
    [OPERATION_NOT_EQUAL] = SLICE("Ne"),
    [OPERATION_LESS] = SLICE("Lt"),
    [OPERATION_LESS_OR_EQUAL] = SLICE("Lte"),
    [OPERATION_GREATER] = SLICE("Gt"),
    [OPERATION_GREATER_OR_EQUAL] = SLICE("Gte"),
    [OPERATION_BETWEEN] = SLICE("Between"),
    [OPERATION_IN] = SLICE("InCollection"),
    [OPERATION_NOT] = SLICE("Not"),
    [OPERATION_AND] = SLICE("And"),
    [OPERATION_OR] = SLICE("Or"),
};

error where_parse_alone(struct cursor *cursor, slice *kind)
{
    bool tests_type = cursor->next.word == WORD_IS;
    struct condition *node;
    TRY(parse_or(cursor, &node));
    *kind = KINDS[node->operation];
    if (tests_type && node->operation != OPERATION_NOT)
        *kind = SLICE("IsType");
    else if (node->operation == OPERATION_PATH && node->path.count > 1)
        *kind = SLICE("Path");
    else if (kind->size == 0)
        *kind = SLICE("Call");
    return NULL;
}
