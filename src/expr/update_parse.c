/*
 * Text to actions, and every check that needs no item.
 *
 * While the text is read all paths, values and functions are listed in its order, so that each
 * check after that is a loop over one of the lists: the service reports by kind of problem first,
 * then by place. Grammar: Developer Guide, expressions; order of errors: error texts captured from
 * the service.
 */
#include "base/assert.h"
#include "base/limits.h"
#include "expr/parser.h"
#include "expr/tree.h"
#include "expr/update_tree.h"

#define BIT(type) (1u << VALUE_##type)

enum { ANY_TYPE = 0 };

static const struct {
    slice name;
    bool needs_path; /* as its first operand */
    uint32_t types;  /* bits of enum value_type that a value as an operand may have */
    bool takes_list_append;
} TERMS[TERM_KIND_COUNT] = {
    [TERM_IF_NOT_EXISTS] = {SLICE("if_not_exists"), true, ANY_TYPE, true},
    [TERM_LIST_APPEND] = {SLICE("list_append"), false, BIT(L), false},
    [TERM_PLUS] = {SLICE("+"), false, BIT(N), false},
    [TERM_MINUS] = {SLICE("-"), false, BIT(N), false},
};

static const struct {
    slice name;
    enum keyword keyword;
    uint32_t types; /* of the value; of SET and REMOVE none is asked */
} CLAUSES[UPDATE_CLAUSE_COUNT] = {
    [UPDATE_SET] = {SLICE("SET"), KEYWORD_SET, ANY_TYPE},
    [UPDATE_REMOVE] = {SLICE("REMOVE"), KEYWORD_REMOVE, ANY_TYPE},
    [UPDATE_ADD] = {SLICE("ADD"), KEYWORD_ADD, BIT(N) | BIT(SS) | BIT(NS) | BIT(BS)},
    [UPDATE_DELETE] = {SLICE("DELETE"), KEYWORD_DELETE, BIT(SS) | BIT(NS) | BIT(BS)},
};

/* Each is an error once the syntax is known to be good; the first in the text. */
struct notes {
    uint32_t operator_count;
    slice unknown_function;
    slice condition_function;
    slice misused_function;
    slice repeated_clause;
};

struct update_parser {
    struct parser base;
    struct notes notes;
    bool clause_seen[UPDATE_CLAUSE_COUNT];
    struct action *actions;
    uint32_t action_count;
    /* In the order of the text; functions behind their operands. */
    struct path **paths;
    uint32_t path_count;
    struct term **values;
    uint32_t value_count;
    struct term **functions;
    uint32_t function_count;
};

static slice parameter_name(void)
{
    return SLICE("UpdateExpression");
}

static void note(slice *noted, slice what)
{
    if (noted->size == 0)
        *noted = what;
}

/* ---- syntax ---- */

static error parse_sum(struct update_parser *parser, struct term **term);
static error parse_operand(struct update_parser *parser, struct term **term);

static struct term *make_term(struct update_parser *parser, enum term_kind kind)
{
    struct term *term = arena_new(parser->base.arena, struct term);
    term->kind = kind;
    return term;
}

static error take_path(struct update_parser *parser, struct path *path)
{
    parser->paths[parser->path_count++] = path;
    return parser_path(&parser->base, path);
}

static error take_value(struct update_parser *parser, struct term **term)
{
    *term = make_term(parser, TERM_VALUE);
    (*term)->placeholder = parser->base.current.text;
    parser->values[parser->value_count++] = *term;
    return parser_expect(&parser->base, TOKEN_VALUE_REFERENCE);
}

static void add_operand(struct update_parser *parser, struct term *term, struct term *operand)
{
    if (operand->kind == TERM_LIST_APPEND && !TERMS[term->kind].takes_list_append)
        note(&parser->notes.misused_function, TERMS[TERM_LIST_APPEND].name);
    if (term->operand_count < TERM_OPERANDS_MAX)
        term->operands[term->operand_count] = operand;
    term->operand_count++;
}

static enum term_kind term_of_function(struct update_parser *parser, slice name)
{
    if (slice_equal(name, TERMS[TERM_IF_NOT_EXISTS].name))
        return TERM_IF_NOT_EXISTS;
    if (slice_equal(name, TERMS[TERM_LIST_APPEND].name))
        return TERM_LIST_APPEND;
    bool is_known = operation_of_function(name) != OPERATION_UNKNOWN_FUNCTION;
    note(is_known ? &parser->notes.condition_function : &parser->notes.unknown_function, name);
    return TERM_NO_FUNCTION;
}

static error parse_call(struct update_parser *parser, struct term **term)
{
    *term = make_term(parser, term_of_function(parser, parser->base.current.text));
    parser_advance(&parser->base);
    TRY(parser_enter(&parser->base));
    parser_advance(&parser->base);
    do {
        struct term *operand;
        TRY(parse_operand(parser, &operand));
        add_operand(parser, *term, operand);
    } while (parser_accept(&parser->base, TOKEN_COMMA));
    parser_leave(&parser->base);
    parser->functions[parser->function_count++] = *term;
    return parser_expect(&parser->base, TOKEN_PARENTHESIS_CLOSE);
}

static error parse_group(struct update_parser *parser, struct term **term)
{
    TRY(parser_enter(&parser->base));
    parser_advance(&parser->base);
    TRY(parse_sum(parser, term));
    parser_leave(&parser->base);
    return parser_expect(&parser->base, TOKEN_PARENTHESIS_CLOSE);
}

static error parse_operand(struct update_parser *parser, struct term **term)
{
    const struct parser *base = &parser->base;
    if (base->current.kind == TOKEN_PARENTHESIS_OPEN)
        return parse_group(parser, term);
    if (base->current.kind == TOKEN_NAME && parser_at_name(base) &&
        base->next.kind == TOKEN_PARENTHESIS_OPEN)
        return parse_call(parser, term);
    if (base->current.kind == TOKEN_VALUE_REFERENCE)
        return take_value(parser, term);
    *term = make_term(parser, TERM_PATH);
    return take_path(parser, &(*term)->path);
}

/* One operator at most: a second one is a syntax error, unless parentheses stand between. */
static error parse_sum(struct update_parser *parser, struct term **term)
{
    TRY(parse_operand(parser, term));
    enum token_kind token = parser->base.current.kind;
    if (token != TOKEN_PLUS && token != TOKEN_MINUS)
        return NULL;
    struct term *sum = make_term(parser, token == TOKEN_PLUS ? TERM_PLUS : TERM_MINUS);
    add_operand(parser, sum, *term);
    parser_advance(&parser->base);
    TRY(parse_operand(parser, term));
    add_operand(parser, sum, *term);
    parser->notes.operator_count++;
    parser->functions[parser->function_count++] = sum;
    *term = sum;
    return NULL;
}

static error parse_action(struct update_parser *parser, enum update_clause clause)
{
    struct action *action = &parser->actions[parser->action_count++];
    action->clause = clause;
    TRY(take_path(parser, &action->path));
    switch (clause) {
    case UPDATE_SET:
        TRY(parser_expect(&parser->base, TOKEN_EQUAL));
        return parse_sum(parser, &action->term);
    case UPDATE_ADD:
    case UPDATE_DELETE:
        if (parser->base.current.kind != TOKEN_VALUE_REFERENCE)
            return parser_syntax_error(&parser->base);
        return take_value(parser, &action->term);
    case UPDATE_REMOVE:
        return NULL;
    case UPDATE_CLAUSE_COUNT:
        break;
    }
    unreachable("every clause has its actions");
}

static error parse_clause(struct update_parser *parser)
{
    enum keyword keyword = parser_keyword(&parser->base);
    enum update_clause clause = 0;
    while (clause < UPDATE_CLAUSE_COUNT && CLAUSES[clause].keyword != keyword)
        clause++;
    if (clause == UPDATE_CLAUSE_COUNT)
        return parser_syntax_error(&parser->base);
    if (parser->clause_seen[clause])
        note(&parser->notes.repeated_clause, CLAUSES[clause].name);
    parser->clause_seen[clause] = true;

    parser_advance(&parser->base);
    do {
        TRY(parse_action(parser, clause));
    } while (parser_accept(&parser->base, TOKEN_COMMA));
    return NULL;
}

static error fail_update(const struct update_parser *parser, const char *problem, slice what)
{
    return expression_fail(parser->base.arena, parameter_name(), "%s%.*s", problem,
                           SLICE_ARGS(what));
}

static error check_notes(const struct update_parser *parser)
{
    const struct notes *notes = &parser->notes;
    if (notes->operator_count > EXPRESSION_OPERATORS_MAX)
        return expression_fail(parser->base.arena, parameter_name(),
                               "The expression contains too many operators; operator count: %u",
                               notes->operator_count);
    TRY(parser_check_reserved(&parser->base));
    if (notes->unknown_function.size > 0)
        return fail_update(parser, "Invalid function name; function: ", notes->unknown_function);
    if (notes->condition_function.size > 0)
        return fail_update(parser,
                           "The function is not allowed in an update expression; function: ",
                           notes->condition_function);
    if (notes->misused_function.size > 0)
        return fail_update(
            parser, "The function is not allowed to be used this way in an expression; function: ",
            notes->misused_function);
    if (notes->repeated_clause.size > 0)
        return expression_fail(
            parser->base.arena, parameter_name(),
            "The \"%.*s\" section can only be used once in an update expression;",
            SLICE_ARGS(notes->repeated_clause));
    return NULL;
}

enum { KEYWORDS = KEYWORD_SET | KEYWORD_REMOVE | KEYWORD_ADD | KEYWORD_DELETE };

static error parse_syntax(struct update_parser *parser, struct arena *arena, slice text)
{
    TRY(parser_init(&parser->base, arena, parameter_name(), text, KEYWORDS));
    /* Each action, path, value and function takes two bytes of the text, but for the last. */
    size_t count_max = text.size / 2 + 1;
    parser->actions = arena_new_array(arena, struct action, count_max);
    parser->paths = arena_new_array(arena, struct path *, count_max);
    parser->values = arena_new_array(arena, struct term *, count_max);
    parser->functions = arena_new_array(arena, struct term *, count_max);
    do {
        TRY(parse_clause(parser));
    } while (parser->base.current.kind != TOKEN_END);
    assert_that(parser->base.levels == 0);
    return check_notes(parser);
}

/* ---- names and values ---- */

static error resolve(struct update_parser *parser, struct placeholders *placeholders)
{
    struct arena *arena = parser->base.arena;
    for (uint32_t i = 0; i < parser->path_count; i++) {
        struct path *path = parser->paths[i];
        struct path written = *path;
        TRY(path_resolve(arena, parameter_name(), placeholders, &written, path));
    }
    for (uint32_t i = 0; i < parser->value_count; i++) {
        struct term *term = parser->values[i];
        struct placeholder_value *found =
            placeholders_find_value(arena, placeholders, term->placeholder);
        if (!found)
            return fail_update(parser,
                               "An expression attribute value used in expression is not defined; "
                               "attribute value: ",
                               term->placeholder);
        assert_that(!found->input.invalid);
        found->used = true;
        term->value = found->input.value;
    }
    return NULL;
}

static error check_targets(struct arena *arena, slice parameter, const struct update *update)
{
    struct path *targets = arena_new_array(arena, struct path, update->action_count);
    for (uint32_t i = 0; i < update->action_count; i++)
        targets[i] = update->actions[i].path;
    return paths_check(arena, parameter, targets, update->action_count);
}

/* ADD and DELETE alone call types by these names; sets are always welcome. */
static const slice LONG_TYPE_NAMES[VALUE_TYPE_COUNT] = {
    [VALUE_S] = SLICE("STRING"),     [VALUE_N] = SLICE("NUMBER"),  [VALUE_B] = SLICE("BINARY"),
    [VALUE_BOOL] = SLICE("BOOLEAN"), [VALUE_NULL] = SLICE("NULL"), [VALUE_L] = SLICE("LIST"),
    [VALUE_M] = SLICE("MAP"),
};

static error check_action(struct arena *arena, slice parameter, const struct action *action)
{
    uint32_t types = CLAUSES[action->clause].types;
    if (types == ANY_TYPE)
        return NULL;
    enum value_type type = value_type_of(action->term->value);
    if (types & (1u << type))
        return NULL;
    return expression_fail(arena, parameter,
                           "Incorrect operand type for operator or function; operator: %.*s, "
                           "operand type: %.*s",
                           SLICE_ARGS(CLAUSES[action->clause].name),
                           SLICE_ARGS(LONG_TYPE_NAMES[type]));
}

static error check_function(struct arena *arena, slice parameter, const struct term *term)
{
    slice name = TERMS[term->kind].name;
    if (term->operand_count != TERM_OPERANDS_MAX)
        return expression_fail(arena, parameter,
                               "Incorrect number of operands for operator or function; operator "
                               "or function: %.*s, number of operands: %u",
                               SLICE_ARGS(name), term->operand_count);
    if (TERMS[term->kind].needs_path && term->operands[0]->kind != TERM_PATH)
        return expression_fail(
            arena, parameter,
            "Operator or function requires a document path; operator or function: %.*s",
            SLICE_ARGS(name));
    for (uint32_t i = 0; i < TERM_OPERANDS_MAX; i++) {
        uint32_t types = TERMS[term->kind].types;
        const struct term *operand = term->operands[i];
        if (types == ANY_TYPE || operand->kind != TERM_VALUE)
            continue;
        enum value_type type = value_type_of(operand->value);
        slice type_name = value_type_name(type);
        if (!(types & (1u << type)))
            return expression_fail(arena, parameter,
                                   "Incorrect operand type for operator or function; operator or "
                                   "function: %.*s, operand type: %.*s",
                                   SLICE_ARGS(name), SLICE_ARGS(type_name));
    }
    return NULL;
}

error update_check(struct arena *arena, slice parameter, const struct update *update,
                   struct term *const *functions, uint32_t function_count)
{
    TRY(check_targets(arena, parameter, update));
    for (uint32_t i = 0; i < update->action_count; i++)
        TRY(check_action(arena, parameter, &update->actions[i]));
    for (uint32_t i = 0; i < function_count; i++)
        TRY(check_function(arena, parameter, functions[i]));
    return NULL;
}

error update_parse(struct arena *arena, slice text, struct placeholders *placeholders,
                   const struct update **update)
{
    struct update_parser parser = {0};
    TRY(parse_syntax(&parser, arena, text));
    TRY(resolve(&parser, placeholders));
    struct update *made = arena_new(arena, struct update);
    *made = (struct update){.action_count = parser.action_count,
                            .actions = parser.actions,
                            .path_count = parser.path_count,
                            .paths = parser.paths};
    *update = made;
    return update_check(arena, parameter_name(), made, parser.functions, parser.function_count);
}
