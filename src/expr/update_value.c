/*
 * What an action makes of the value it finds. Everything is read from the item before, so actions
 * know nothing of each other and of the order they stand in.
 */
#include "base/assert.h"
#include "expr/update_tree.h"

#define NOTHING_THERE                                                                              \
    FAILURE(ERROR_VALIDATION,                                                                      \
            "The provided expression refers to an attribute that does not exist in the item")
#define WRONG_TYPE                                                                                 \
    FAILURE(ERROR_VALIDATION, "An operand in the update expression has an incorrect data type")
#define WRONG_TYPE_LEGACY FAILURE(ERROR_VALIDATION, "Type mismatch for attribute to update")

/*
 * A result of more than 38 digits is called an overflow too, whatever its size.
 */
static error number_error(enum number_answer answer)
{
    switch (answer) {
    case NUMBER_OK:
        return NULL;
    case NUMBER_OVERFLOW:
    case NUMBER_TOO_PRECISE:
        return FAILURE(ERROR_VALIDATION, "Number overflow. Attempting to store a number with "
                                         "magnitude larger than supported range");
    case NUMBER_UNDERFLOW:
        return FAILURE(ERROR_VALIDATION, "Number underflow. Attempting to store a number with "
                                         "magnitude smaller than supported range");
    case NUMBER_NOT_NUMERIC:
        break;
    }
    unreachable("sums of numbers are numbers");
}

static error make_sum(struct arena *arena, enum term_kind kind, slice left, slice right,
                      slice *value)
{
    struct number a = value_number(left);
    struct number b = value_number(right);
    struct number result;
    TRY(number_error(kind == TERM_PLUS ? number_add(&a, &b, &result)
                                       : number_subtract(&a, &b, &result)));
    *value = value_make_number(arena, &result);
    return NULL;
}

/* Collects the members of lists and sets that become another one. */
struct collected {
    slice *members;
    uint32_t count;
};

static void collect(struct collected *to, slice container)
{
    struct value_cursor cursor;
    value_cursor_init(&cursor, NULL, container);
    slice member;
    while (value_cursor_next(&cursor, NULL, &member))
        to->members[to->count++] = member;
}

static struct collected collect_both(struct arena *arena, slice first, slice second)
{
    size_t count = (size_t)value_count(first) + value_count(second);
    struct collected both = {.members = arena_new_array(arena, slice, count)};
    collect(&both, first);
    collect(&both, second);
    return both;
}

static slice append_lists(struct arena *arena, slice first, slice second)
{
    struct collected both = collect_both(arena, first, second);
    return value_make_list(arena, both.members, both.count);
}

static slice unite_sets(struct arena *arena, slice first, slice second)
{
    struct collected both = collect_both(arena, first, second);
    return value_make_set(arena, value_type_of(first), both.members, both.count);
}

/* Both sets are sorted, so they are walked side by side. False when no member is left. */
static bool subtract_sets(struct arena *arena, slice from, slice taken, slice *rest)
{
    struct collected kept = {.members = arena_new_array(arena, slice, value_count(from))};
    struct value_cursor left, right;
    value_cursor_init(&left, NULL, from);
    value_cursor_init(&right, NULL, taken);
    slice member, other;
    bool has_other = value_cursor_next(&right, NULL, &other);
    while (value_cursor_next(&left, NULL, &member)) {
        while (has_other && value_compare(other, member) < 0)
            has_other = value_cursor_next(&right, NULL, &other);
        if (!has_other || value_compare(other, member) != 0)
            kept.members[kept.count++] = member;
    }
    if (kept.count == 0)
        return false;
    *rest = value_make_set(arena, value_type_of(from), kept.members, kept.count);
    return true;
}

static error evaluate(struct arena *arena, const struct term *term, slice item, slice *value);

static error evaluate_pair(struct arena *arena, const struct term *term, slice item, slice *value)
{
    slice left, right;
    TRY(evaluate(arena, term->operands[0], item, &left));
    TRY(evaluate(arena, term->operands[1], item, &right));
    enum value_type type = term->kind == TERM_LIST_APPEND ? VALUE_L : VALUE_N;
    if (value_type_of(left) != type || value_type_of(right) != type)
        return WRONG_TYPE;
    if (type == VALUE_N)
        return make_sum(arena, term->kind, left, right, value);
    *value = append_lists(arena, left, right);
    return NULL;
}

/* Recursion: terms are as deep as the parser allows. */
static error evaluate(struct arena *arena, const struct term *term, slice item, slice *value)
{
    switch (term->kind) {
    case TERM_VALUE:
        *value = term->value;
        return NULL;
    case TERM_PATH:
        return path_find(&term->path, item, value) ? NULL : NOTHING_THERE;
    case TERM_IF_NOT_EXISTS:
        if (path_find(&term->operands[0]->path, item, value))
            return NULL;
        return evaluate(arena, term->operands[1], item, value);
    case TERM_LIST_APPEND:
    case TERM_PLUS:
    case TERM_MINUS:
        return evaluate_pair(arena, term, item, value);
    case TERM_NO_FUNCTION:
    case TERM_KIND_COUNT:
        break;
    }
    unreachable("parsed updates have terms of these kinds alone");
}

static error add(struct arena *arena, slice found, slice operand, slice *value)
{
    switch (value_type_of(operand)) {
    case VALUE_N:
        return make_sum(arena, TERM_PLUS, found, operand, value);
    case VALUE_L: /* only AttributeUpdates comes here with a list */
        *value = append_lists(arena, found, operand);
        return NULL;
    default:
        *value = unite_sets(arena, found, operand);
        return NULL;
    }
}

/* ADD and DELETE: `change` says what stands there now. */
static error combine(struct arena *arena, const struct update *update, const struct action *action,
                     struct change *change)
{
    slice operand = action->term->value;
    bool adds = action->clause == UPDATE_ADD;
    if (!change->is_present) {
        change->is_present = adds;
        change->value = operand;
        return NULL;
    }
    slice found = change->value;
    if (value_type_of(found) != value_type_of(operand))
        return update->is_legacy ? WRONG_TYPE_LEGACY : WRONG_TYPE;
    if (adds)
        return add(arena, found, operand, &change->value);
    change->is_present = subtract_sets(arena, found, operand, &change->value);
    return NULL;
}

error action_evaluate(struct arena *arena, const struct update *update, const struct action *action,
                      slice item, struct change *change)
{
    *change = (struct change){.path = &action->path};
    switch (action->clause) {
    case UPDATE_SET:
        change->is_present = true;
        return evaluate(arena, action->term, item, &change->value);
    case UPDATE_REMOVE:
        return NULL;
    case UPDATE_ADD:
    case UPDATE_DELETE:
        change->is_present = path_find(&action->path, item, &change->value);
        return combine(arena, update, action, change);
    case UPDATE_CLAUSE_COUNT:
        break;
    }
    unreachable("actions belong to one of four clauses");
}
