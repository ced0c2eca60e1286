/*
 * Text to tree, from the text alone.
 *
 * Operands and conditions share one set of rules here and are told apart where the grammar wants
 * one of them, because `(` may begin either: `(a) = :b`, `(a = :b) AND …`.
 * Grammar: Developer Guide, expressions.
 */
#include "base/assert.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "expr/parser.h"
#include "expr/tree.h"

/* Each is an error once the syntax is known to be good, in this order; the first in the text. */
struct notes {
    uint32_t operator_count;
    bool redundant_parentheses;
    slice unknown_function;
    slice update_function;
    slice misused_function;
};

struct condition_parser {
    struct parser base;
    struct notes notes;
};

enum { CONDITION_KEYWORDS = KEYWORD_AND | KEYWORD_OR | KEYWORD_NOT | KEYWORD_BETWEEN | KEYWORD_IN };

/* Weakest first; behind the last comes NOT. */
static const struct {
    enum keyword keyword;
    enum operation operation;
} LOGIC[] = {
    {KEYWORD_OR, OPERATION_OR},
    {KEYWORD_AND, OPERATION_AND},
};
enum { LOGIC_COUNT = sizeof LOGIC / sizeof *LOGIC };

static error parse_logic(struct condition_parser *parser, size_t level, struct condition **node);
static error parse_predicate(struct condition_parser *parser, struct condition **node);

struct condition *condition_make(struct arena *arena, enum operation operation,
                                 struct condition *const *operands, uint32_t count)
{
    struct condition *node = arena_new(arena, struct condition);
    node->operation = operation;
    node->operand_count = count;
    node->operands = arena_new_array(arena, struct condition *, count);
    if (count > 0)
        memcpy(node->operands, operands, count * sizeof *operands);
    return node;
}

static struct condition *make_operator(struct condition_parser *parser, enum operation operation,
                                       struct condition *const *operands, uint32_t count)
{
    parser->notes.operator_count++;
    return condition_make(parser->base.arena, operation, operands, count);
}

static void note(slice *noted, slice what)
{
    if (noted->size == 0)
        *noted = what;
}

static bool is_operand(const struct condition *node)
{
    return operation_facts(node->operation)->class == CLASS_OPERAND;
}

/* A path or a value is no condition: the token behind it should have been an operator. */
static error want_condition(struct condition_parser *parser, const struct condition *node)
{
    if (is_operand(node))
        return parser_syntax_error(&parser->base);
    const struct operation_facts *facts = operation_facts(node->operation);
    if (facts->class == CLASS_VALUE_FUNCTION)
        note(&parser->notes.misused_function, facts->name);
    return NULL;
}

static error want_operand(struct condition_parser *parser, const struct condition *node)
{
    const struct operation_facts *facts = operation_facts(node->operation);
    if (facts->class == CLASS_OPERATOR)
        return parser_syntax_error(&parser->base);
    if (facts->class == CLASS_TRUTH_FUNCTION)
        note(&parser->notes.misused_function, facts->name);
    return NULL;
}

static error parse_group(struct condition_parser *parser, struct condition **node)
{
    TRY(parser_enter(&parser->base));
    parser_advance(&parser->base);
    TRY(parse_logic(parser, 0, node));
    TRY(parser_expect(&parser->base, TOKEN_PARENTHESIS_CLOSE));
    if ((*node)->parenthesised)
        parser->notes.redundant_parentheses = true;
    (*node)->parenthesised = true;
    parser_leave(&parser->base);
    return NULL;
}

static error parse_operand(struct condition_parser *parser, struct condition **node);

/* `operand (',' operand)* ')'`, appended to what the array holds. */
static error parse_operand_list(struct condition_parser *parser, struct buffer *operands)
{
    do {
        struct condition *operand;
        TRY(parse_operand(parser, &operand));
        buffer_append(operands, slice_of(&operand, sizeof operand));
    } while (parser_accept(&parser->base, TOKEN_COMMA));
    return parser_expect(&parser->base, TOKEN_PARENTHESIS_CLOSE);
}

static struct condition *make_of_list(struct condition_parser *parser, enum operation operation,
                                      const struct buffer *operands)
{
    struct condition *node = condition_make(parser->base.arena, operation, NULL, 0);
    size_t count = operands->size / sizeof *node->operands;
    node->operand_count = (uint32_t)count;
    node->operands = arena_new_array(parser->base.arena, struct condition *, count);
    memcpy(node->operands, operands->data, operands->size);
    return node;
}

static error parse_call(struct condition_parser *parser, struct condition **node)
{
    slice name = parser->base.current.text;
    enum operation operation = operation_of_function(name);
    if (operation == OPERATION_UNKNOWN_FUNCTION)
        note(&parser->notes.unknown_function, name);
    else if (operation_facts(operation)->class == CLASS_UPDATE_FUNCTION)
        note(&parser->notes.update_function, name);

    TRY(parser_enter(&parser->base));
    parser_advance(&parser->base);
    parser_advance(&parser->base);
    struct buffer operands;
    buffer_init(&operands, parser->base.arena);
    TRY(parse_operand_list(parser, &operands));
    parser_leave(&parser->base);
    *node = make_of_list(parser, operation, &operands);
    return NULL;
}

/* A path, a value, a function call or anything in parentheses. */
static error parse_primary(struct condition_parser *parser, struct condition **node)
{
    const struct token *token = &parser->base.current;
    if (token->kind == TOKEN_PARENTHESIS_OPEN)
        return parse_group(parser, node);
    if (token->kind == TOKEN_NAME && parser_at_name(&parser->base) &&
        parser->base.next.kind == TOKEN_PARENTHESIS_OPEN)
        return parse_call(parser, node);
    if (token->kind == TOKEN_VALUE_REFERENCE) {
        *node = condition_make(parser->base.arena, OPERATION_VALUE, NULL, 0);
        (*node)->placeholder = token->text;
        parser_advance(&parser->base);
        return NULL;
    }
    *node = condition_make(parser->base.arena, OPERATION_PATH, NULL, 0);
    return parser_path(&parser->base, &(*node)->path);
}

static error parse_operand(struct condition_parser *parser, struct condition **node)
{
    TRY(parse_primary(parser, node));
    return want_operand(parser, *node);
}

/* A loop, so that levels are spent on parentheses alone: all that 300 operators allow fit. */
static error parse_not(struct condition_parser *parser, struct condition **node)
{
    uint32_t not_count = 0;
    while (parser_keyword(&parser->base) == KEYWORD_NOT) {
        parser_advance(&parser->base);
        not_count++;
    }
    TRY(parse_predicate(parser, node));
    if (not_count > 0)
        TRY(want_condition(parser, *node));
    for (; not_count > 0; not_count--) {
        struct condition *operand = *node;
        *node = make_operator(parser, OPERATION_NOT, &operand, 1);
    }
    return NULL;
}

static error parse_logic(struct condition_parser *parser, size_t level, struct condition **node)
{
    if (level == LOGIC_COUNT)
        return parse_not(parser, node);
    TRY(parse_logic(parser, level + 1, node));
    while (parser_keyword(&parser->base) == LOGIC[level].keyword) {
        struct condition *operands[] = {*node, NULL};
        TRY(want_condition(parser, operands[0]));
        parser_advance(&parser->base);
        TRY(parse_logic(parser, level + 1, &operands[1]));
        TRY(want_condition(parser, operands[1]));
        *node = make_operator(parser, LOGIC[level].operation, operands, 2);
    }
    return NULL;
}

static enum operation comparison_of(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_EQUAL:
        return OPERATION_EQUAL;
    case TOKEN_NOT_EQUAL:
        return OPERATION_NOT_EQUAL;
    case TOKEN_LESS:
        return OPERATION_LESS;
    case TOKEN_LESS_OR_EQUAL:
        return OPERATION_LESS_OR_EQUAL;
    case TOKEN_GREATER:
        return OPERATION_GREATER;
    case TOKEN_GREATER_OR_EQUAL:
        return OPERATION_GREATER_OR_EQUAL;
    default:
        return OPERATION_COUNT;
    }
}

static error parse_comparison(struct condition_parser *parser, enum operation operation,
                              struct condition **node)
{
    struct condition *operands[] = {*node, NULL};
    parser_advance(&parser->base);
    TRY(parse_operand(parser, &operands[1]));
    *node = make_operator(parser, operation, operands, 2);
    return NULL;
}

static error parse_between(struct condition_parser *parser, struct condition **node)
{
    struct condition *operands[] = {*node, NULL, NULL};
    parser_advance(&parser->base);
    TRY(parse_operand(parser, &operands[1]));
    TRY(parser_expect_keyword(&parser->base, KEYWORD_AND));
    TRY(parse_operand(parser, &operands[2]));
    *node = make_operator(parser, OPERATION_BETWEEN, operands, 3);
    return NULL;
}

static error parse_in(struct condition_parser *parser, struct condition **node)
{
    struct buffer operands;
    buffer_init(&operands, parser->base.arena);
    buffer_append(&operands, slice_of(node, sizeof *node));
    parser_advance(&parser->base);
    TRY(parser_expect(&parser->base, TOKEN_PARENTHESIS_OPEN));
    TRY(parse_operand_list(parser, &operands));
    parser->notes.operator_count++;
    *node = make_of_list(parser, OPERATION_IN, &operands);
    return NULL;
}

/* May also be a bare operand: who asked knows whether that will do. */
static error parse_predicate(struct condition_parser *parser, struct condition **node)
{
    TRY(parse_primary(parser, node));
    enum operation comparison = comparison_of(parser->base.current.kind);
    enum keyword keyword = parser_keyword(&parser->base);
    if (comparison == OPERATION_COUNT && keyword != KEYWORD_BETWEEN && keyword != KEYWORD_IN)
        return NULL;

    TRY(want_operand(parser, *node));
    if (comparison != OPERATION_COUNT)
        return parse_comparison(parser, comparison, node);
    return keyword == KEYWORD_BETWEEN ? parse_between(parser, node) : parse_in(parser, node);
}

static error check_notes(struct arena *arena, slice parameter, const struct notes *notes)
{
    if (notes->operator_count > EXPRESSION_OPERATORS_MAX)
        return expression_fail(arena, parameter,
                               "The expression contains too many operators; operator count: %u",
                               notes->operator_count);
    if (notes->redundant_parentheses)
        return expression_fail(arena, parameter, "The expression has redundant parentheses;");
    if (notes->unknown_function.size > 0)
        return expression_fail(arena, parameter, "Invalid function name; function: %.*s",
                               SLICE_ARGS(notes->unknown_function));
    if (notes->update_function.size > 0)
        return expression_fail(
            arena, parameter,
            "The function is not allowed in a condition expression; function: %.*s",
            SLICE_ARGS(notes->update_function));
    if (notes->misused_function.size > 0)
        return expression_fail(
            arena, parameter,
            "The function is not allowed to be used this way in an expression; function: %.*s",
            SLICE_ARGS(notes->misused_function));
    return NULL;
}

error condition_parse_syntax(struct arena *arena, slice parameter, slice text,
                             struct condition **written)
{
    struct condition_parser parser = {0};
    TRY(parser_init(&parser.base, arena, parameter, text, CONDITION_KEYWORDS));
    TRY(parse_logic(&parser, 0, written));
    TRY(want_condition(&parser, *written));
    TRY(parser_expect(&parser.base, TOKEN_END));
    assert_that(parser.base.levels == 0);
    TRY(check_notes(arena, parameter, &parser.notes));
    return parser_check_reserved(&parser.base);
}
