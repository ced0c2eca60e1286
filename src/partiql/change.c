#include "partiql/change.h"
#include "base/assert.h"
#include "expr/update_tree.h"
#include "partiql/literal.h"

/* Everything the statement changes and reads, in the order of the text. */
struct changes {
    struct list actions;   /* struct action */
    struct list functions; /* struct term *, behind their operands */
    struct list reads;     /* struct term *: paths */
};

static error parse_sum(struct cursor *cursor, struct changes *changes, struct term **term);

static struct term *make_term(const struct cursor *cursor, enum term_kind kind)
{
    struct term *term = arena_new(cursor->arena, struct term);
    term->kind = kind;
    return term;
}

static void note_function(struct cursor *cursor, struct changes *changes, struct term *term)
{
    *LIST_ADD(cursor->arena, &changes->functions, struct term *) = term;
}

/* ---- set_add and set_delete ---- */

static const struct {
    slice name;
    slice shown;
    enum update_clause clause;
} SET_FUNCTIONS[] = {
    {SLICE("set_add"), SLICE("SET_ADD"), UPDATE_ADD},
    {SLICE("set_delete"), SLICE("SET_DELETE"), UPDATE_DELETE},
};
enum { SET_FUNCTION_COUNT = sizeof SET_FUNCTIONS / sizeof *SET_FUNCTIONS };

static size_t set_function_at(const struct cursor *cursor)
{
    size_t i = 0;
    while (i < SET_FUNCTION_COUNT &&
           !(cursor_at_call(cursor) &&
             slice_equal_ignoring_case(cursor->current.text, SET_FUNCTIONS[i].name)))
        i++;
    return i;
}

/* What stood between the parentheses of a set function. */
struct set_operands {
    uint32_t count;
    struct lexeme first; /* where the first one begins */
    bool first_is_path;
    struct path path;
    struct term *second;
};

static error parse_set_operands(struct cursor *cursor, struct changes *changes,
                                struct set_operands *operands)
{
    *operands = (struct set_operands){.first = cursor->current};
    if (cursor_accept(cursor, SYMBOL_PARENTHESIS_CLOSE))
        return NULL;
    do {
        struct term *term;
        TRY(parse_sum(cursor, changes, &term));
        if (operands->count == 0) {
            operands->first_is_path = term->kind == TERM_PATH;
            operands->path = term->path;
        } else if (operands->count == 1) {
            operands->second = term;
        }
        operands->count++;
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    return cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE);
}

static bool is_set(const struct term *term)
{
    if (term->kind != TERM_VALUE)
        return false;
    enum value_type type = value_type_of(term->value);
    return type == VALUE_SS || type == VALUE_NS || type == VALUE_BS;
}

static error parse_set_function(struct cursor *cursor, struct changes *changes, size_t which,
                                struct action *action)
{
    const struct lexeme name = cursor->current;
    slice shown = SET_FUNCTIONS[which].shown;
    struct set_operands operands;
    cursor_advance(cursor);
    cursor_advance(cursor);
    TRY(parse_set_operands(cursor, changes, &operands));
    slice at_name = cursor_position(cursor, &name);
    slice at_first = cursor_position(cursor, &operands.first);
    if (operands.count != 2)
        return fail(cursor->arena, ERROR_VALIDATION, "%.*s must have exactly two arguments%.*s",
                    SLICE_ARGS(shown), SLICE_ARGS(at_name));
    if (!operands.first_is_path || !path_equal(&operands.path, &action->path))
        return fail(cursor->arena, ERROR_VALIDATION,
                    "The first argument to %.*s must equal the assignment value%.*s",
                    SLICE_ARGS(shown), SLICE_ARGS(at_name));
    if (!is_set(operands.second))
        return fail(cursor->arena, ERROR_VALIDATION,
                    "The second argument to %.*s must be a value with type SET%.*s",
                    SLICE_ARGS(shown), SLICE_ARGS(at_first));
    action->clause = SET_FUNCTIONS[which].clause;
    action->term = operands.second;
    return NULL;
}

/* ---- terms ---- */

static const struct {
    slice name;
    enum term_kind kind;
} FUNCTIONS[] = {
    {SLICE("list_append"), TERM_LIST_APPEND},
    {SLICE("if_not_exists"), TERM_IF_NOT_EXISTS},
};

static error parse_call(struct cursor *cursor, struct changes *changes, struct term **term)
{
    const struct lexeme name = cursor->current;
    *term = NULL;
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
        if (slice_equal_ignoring_case(name.text, FUNCTIONS[i].name))
            *term = make_term(cursor, FUNCTIONS[i].kind);
    }
    if (!*term) {
        slice position = cursor_position(cursor, &name);
        return fail(cursor->arena, ERROR_VALIDATION, "Unrecognized function: %.*s%.*s",
                    SLICE_ARGS(name.text), SLICE_ARGS(position));
    }
    cursor_advance(cursor);
    cursor_advance(cursor);
    TRY(cursor_enter(cursor));
    do {
        struct term *operand;
        TRY(parse_sum(cursor, changes, &operand));
        if ((*term)->operand_count < TERM_OPERANDS_MAX)
            (*term)->operands[(*term)->operand_count] = operand;
        (*term)->operand_count++;
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    cursor_leave(cursor);
    note_function(cursor, changes, *term);
    return cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE);
}

static error parse_operand(struct cursor *cursor, struct changes *changes, bool behind_operator,
                           struct term **term)
{
    if (cursor_at_call(cursor))
        return parse_call(cursor, changes, term);
    if (cursor_at_symbol(cursor, SYMBOL_PARENTHESIS_OPEN)) {
        TRY(cursor_enter(cursor));
        cursor_advance(cursor);
        TRY(parse_sum(cursor, changes, term));
        cursor_leave(cursor);
        return cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE);
    }
    if (cursor_at_name(cursor)) {
        *term = make_term(cursor, TERM_PATH);
        *LIST_ADD(cursor->arena, &changes->reads, struct term *) = *term;
        return cursor_path(cursor, &(*term)->path);
    }
    if (!literal_at(cursor))
        return cursor_unexpected(cursor, behind_operator);
    *term = make_term(cursor, TERM_VALUE);
    return literal_parse(cursor, &(*term)->value);
}

/* One operator at most, as in expressions: a second one needs parentheses. */
static error parse_sum(struct cursor *cursor, struct changes *changes, struct term **term)
{
    TRY(parse_operand(cursor, changes, false, term));
    bool is_sum = cursor_at_symbol(cursor, SYMBOL_PLUS);
    if (!is_sum && !cursor_at_symbol(cursor, SYMBOL_MINUS))
        return NULL;
    cursor_advance(cursor);
    struct term *sum = make_term(cursor, is_sum ? TERM_PLUS : TERM_MINUS);
    sum->operands[0] = *term;
    TRY(parse_operand(cursor, changes, true, &sum->operands[1]));
    sum->operand_count = 2;
    note_function(cursor, changes, sum);
    *term = sum;
    return NULL;
}

/* ---- actions ---- */

static error take_target(struct cursor *cursor, struct action *action)
{
    return cursor_at_name(cursor)
               ? cursor_path(cursor, &action->path)
               : cursor_malformed(cursor, "Expected identifier for simple path");
}

static error parse_set(struct cursor *cursor, struct changes *changes)
{
    struct action action = {.clause = UPDATE_SET};
    TRY(take_target(cursor, &action));
    TRY(cursor_expect(cursor, SYMBOL_EQUAL));
    size_t set_function = set_function_at(cursor);
    if (set_function < SET_FUNCTION_COUNT)
        TRY(parse_set_function(cursor, changes, set_function, &action));
    else
        TRY(parse_sum(cursor, changes, &action.term));
    *LIST_ADD(cursor->arena, &changes->actions, struct action) = action;
    return NULL;
}

static error parse_remove(struct cursor *cursor, struct changes *changes)
{
    struct action action = {.clause = UPDATE_REMOVE};
    TRY(take_target(cursor, &action));
    *LIST_ADD(cursor->arena, &changes->actions, struct action) = action;
    return NULL;
}

/* Now that neither list grows any more, their elements can be pointed at. */
static struct update *make_update(const struct cursor *cursor, const struct changes *changes)
{
    struct update *update = arena_new(cursor->arena, struct update);
    update->actions = changes->actions.elements;
    update->action_count = changes->actions.count;
    struct term *const *reads = changes->reads.elements;
    uint32_t count = changes->actions.count + changes->reads.count;
    struct path **paths = arena_new_array(cursor->arena, struct path *, count);
    for (uint32_t i = 0; i < changes->actions.count; i++)
        paths[update->path_count++] = &update->actions[i].path;
    for (uint32_t i = 0; i < changes->reads.count; i++)
        paths[update->path_count++] = &reads[i]->path;
    update->paths = paths;
    return update;
}

bool change_at(const struct cursor *cursor)
{
    return cursor_at_word(cursor, WORD_SET) || cursor_at_word(cursor, WORD_REMOVE);
}

/* SET has one or more actions, REMOVE has one. */
error change_parse(struct cursor *cursor, const struct update **update)
{
    struct changes changes = {0};
    while (change_at(cursor)) {
        if (cursor_accept_word(cursor, WORD_REMOVE)) {
            TRY(parse_remove(cursor, &changes));
            continue;
        }
        cursor_advance(cursor);
        do {
            TRY(parse_set(cursor, &changes));
        } while (cursor_accept(cursor, SYMBOL_COMMA));
    }
    struct update *made = make_update(cursor, &changes);
    *update = made;
    return update_check(cursor->arena, SLICE_NONE, made, changes.functions.elements,
                        changes.functions.count);
}
