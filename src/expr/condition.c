#include "expr/condition.h"
#include "base/assert.h"
#include "base/limits.h"
#include "expr/parser.h"
#include "expr/tree.h"
#include "json/utf8.h"

error condition_parse(struct arena *arena, slice parameter, slice text,
                      struct placeholders *placeholders, const struct condition **condition)
{
    /* Of conditions and filters alone the service says how long they are. */
    if (text.size > EXPRESSION_BYTES_MAX)
        return expression_fail(arena, parameter,
                               "Expression size has exceeded the maximum allowed size; "
                               "expression size: %zu",
                               text.size);
    struct condition *written;
    TRY(condition_parse_syntax(arena, parameter, text, &written));
    struct condition *resolved;
    TRY(condition_resolve(arena, parameter, placeholders, written, &resolved));
    *condition = resolved;
    return NULL;
}

const struct condition *condition_of_absence(struct arena *arena, slice attribute)
{
    struct path_element *element = arena_new(arena, struct path_element);
    element->name = attribute;
    struct condition *operand = condition_make(arena, OPERATION_PATH, NULL, 0);
    operand->path = (struct path){element, 1};
    return condition_make(arena, OPERATION_ATTRIBUTE_NOT_EXISTS, &operand, 1);
}

const struct condition *condition_or_absence(struct arena *arena, slice attribute,
                                             const struct condition *condition)
{
    if (!condition)
        return NULL;
    struct condition *operands[] = {arena_new(arena, struct condition),
                                    arena_new(arena, struct condition)};
    *operands[0] = *condition_of_absence(arena, attribute);
    *operands[1] = *condition;
    return condition_make(arena, OPERATION_OR, operands, 2);
}

/* Where a condition is evaluated. */
struct sight {
    slice item;
    struct arena *scratch;
};

/*
 * size() of a string counts units of UTF-16, as the service does by measurement (a letter with an
 * accent is 1, a character above U+FFFF is 2), though its guides say "length" and "bytes".
 */
static bool size_of_value(slice value, uint64_t *size)
{
    switch (value_type_of(value)) {
    case VALUE_S:
        *size = utf8_count_utf16(value_content(value));
        return true;
    case VALUE_B:
        *size = value_content(value).size;
        return true;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
    case VALUE_L:
    case VALUE_M:
        *size = value_count(value);
        return true;
    default:
        return false;
    }
}

static slice make_whole_number(struct arena *arena, uint64_t whole)
{
    struct number number = {.digits = whole};
    while (number.digits != 0 && number.digits % 10 == 0) {
        number.digits /= 10;
        number.exponent++;
    }
    return value_make_number(arena, &number);
}

static bool holds(const struct condition *node, const struct sight *sight);

/* False when there is nothing: no such attribute, or a size of what has none. */
static bool find_operand(const struct condition *operand, const struct sight *sight, slice *value)
{
    switch (operand->operation) {
    case OPERATION_VALUE:
        *value = operand->value;
        return true;
    case OPERATION_PATH:
        return path_find(&operand->path, sight->item, value);
    case OPERATION_SIZE: {
        slice measured;
        uint64_t size;
        if (!find_operand(operand->operands[0], sight, &measured) ||
            !size_of_value(measured, &size))
            return false;
        *value = make_whole_number(sight->scratch, size);
        return true;
    }
    default:
        *value = value_make_bool(holds(operand, sight));
        return true;
    }
}

/* Values of different types, or of a type without order, stand in no order to each other. */
static bool order_of(slice a, slice b, int *order)
{
    if (value_type_of(a) != value_type_of(b) || !value_type_is_scalar_key(value_type_of(a)))
        return false;
    *order = value_compare(a, b);
    return true;
}

static bool order_satisfies(enum operation operation, int order)
{
    switch (operation) {
    case OPERATION_LESS:
        return order < 0;
    case OPERATION_LESS_OR_EQUAL:
        return order <= 0;
    case OPERATION_GREATER:
        return order > 0;
    case OPERATION_GREATER_OR_EQUAL:
        return order >= 0;
    default:
        unreachable("only ordering operators ask");
    }
}

static bool holds_between(const struct condition *node, const struct sight *sight)
{
    slice value, lower, upper;
    int to_lower, to_upper;
    return find_operand(node->operands[0], sight, &value) &&
           find_operand(node->operands[1], sight, &lower) &&
           find_operand(node->operands[2], sight, &upper) && order_of(value, lower, &to_lower) &&
           order_of(value, upper, &to_upper) && to_lower >= 0 && to_upper <= 0;
}

static bool holds_in(const struct condition *node, const struct sight *sight)
{
    slice value;
    if (!find_operand(node->operands[0], sight, &value))
        return false;
    for (uint32_t i = 1; i < node->operand_count; i++) {
        slice candidate;
        if (find_operand(node->operands[i], sight, &candidate) && value_equal(value, candidate))
            return true;
    }
    return false;
}

static bool list_contains(slice list, slice wanted, struct arena *scratch)
{
    struct value_cursor cursor;
    value_cursor_init(&cursor, scratch, list);
    slice element;
    while (value_cursor_next(&cursor, NULL, &element)) {
        if (value_equal(element, wanted))
            return true;
    }
    return false;
}

static bool text_contains(slice text, slice part)
{
    return part.size == 0 ||
           (text.size > 0 && memmem(text.data, text.size, part.data, part.size) != NULL);
}

static bool contains(slice container, slice wanted, struct arena *scratch)
{
    enum value_type type = value_type_of(wanted);
    switch (value_type_of(container)) {
    case VALUE_S:
    case VALUE_B:
        return type == value_type_of(container) &&
               text_contains(value_content(container), value_content(wanted));
    case VALUE_SS:
        return type == VALUE_S && value_set_contains(container, wanted);
    case VALUE_NS:
        return type == VALUE_N && value_set_contains(container, wanted);
    case VALUE_BS:
        return type == VALUE_B && value_set_contains(container, wanted);
    case VALUE_L:
        return list_contains(container, wanted, scratch);
    default:
        return false;
    }
}

static bool begins_with(slice value, slice prefix)
{
    enum value_type type = value_type_of(value);
    return type == value_type_of(prefix) && (type == VALUE_S || type == VALUE_B) &&
           slice_begins_with(value_content(value), value_content(prefix));
}

static bool has_type(slice value, slice type_name)
{
    return slice_equal(value_type_name(value_type_of(value)), value_content(type_name));
}

/* What is missing differs from everything; a size that cannot be taken compares with nothing. */
static bool holds_for_missing(const struct condition *node)
{
    return node->operation == OPERATION_NOT_EQUAL &&
           node->operands[0]->operation != OPERATION_SIZE &&
           node->operands[1]->operation != OPERATION_SIZE;
}

/* Comparisons and functions of two operands. */
static bool holds_for_two(const struct condition *node, const struct sight *sight)
{
    slice a, b;
    if (!find_operand(node->operands[0], sight, &a) || !find_operand(node->operands[1], sight, &b))
        return holds_for_missing(node);
    switch (node->operation) {
    case OPERATION_EQUAL:
        return value_equal(a, b);
    case OPERATION_NOT_EQUAL:
        return !value_equal(a, b);
    case OPERATION_ATTRIBUTE_TYPE:
        return has_type(a, b);
    case OPERATION_BEGINS_WITH:
        return begins_with(a, b);
    case OPERATION_CONTAINS:
        return contains(a, b, sight->scratch);
    default: {
        int order;
        return order_of(a, b, &order) && order_satisfies(node->operation, order);
    }
    }
}

static bool any_is(const struct condition *node, const struct sight *sight, bool wanted)
{
    for (uint32_t i = 0; i < node->operand_count; i++) {
        if (holds(node->operands[i], sight) == wanted)
            return true;
    }
    return false;
}

static bool holds(const struct condition *node, const struct sight *sight)
{
    slice value;
    switch (node->operation) {
    case OPERATION_AND:
        return !any_is(node, sight, false);
    case OPERATION_OR:
        return any_is(node, sight, true);
    case OPERATION_NOT:
        return !holds(node->operands[0], sight);
    case OPERATION_ATTRIBUTE_EXISTS:
        return find_operand(node->operands[0], sight, &value);
    case OPERATION_ATTRIBUTE_NOT_EXISTS:
        return !find_operand(node->operands[0], sight, &value);
    case OPERATION_BETWEEN:
        return holds_between(node, sight);
    case OPERATION_IN:
        return holds_in(node, sight);
    default:
        return holds_for_two(node, sight);
    }
}

bool condition_holds(const struct condition *condition, slice item, struct arena *scratch)
{
    struct sight sight = {item, scratch};
    return !condition || holds(condition, &sight);
}

bool condition_names_attribute(const struct condition *condition, slice attribute)
{
    if (!condition)
        return false;
    if (condition->operation == OPERATION_PATH)
        return slice_equal(condition->path.elements[0].name, attribute);
    for (uint32_t i = 0; i < condition->operand_count; i++) {
        if (condition_names_attribute(condition->operands[i], attribute))
            return true;
    }
    return false;
}

bool condition_names_key(const struct condition *condition, const struct key_schema *schema,
                         slice *attribute)
{
    if (!condition)
        return false;
    if (condition->operation == OPERATION_PATH) {
        *attribute = condition->path.elements[0].name;
        return slice_equal(*attribute, schema->hash.name) ||
               (schema->has_range && slice_equal(*attribute, schema->range.name));
    }
    for (uint32_t i = 0; i < condition->operand_count; i++) {
        if (condition_names_key(condition->operands[i], schema, attribute))
            return true;
    }
    return false;
}

static uint32_t count_paths(const struct condition *condition)
{
    uint32_t count = condition->operation == OPERATION_PATH;
    for (uint32_t i = 0; i < condition->operand_count; i++)
        count += count_paths(condition->operands[i]);
    return count;
}

static struct path *collect_paths(const struct condition *condition, struct path *next)
{
    if (condition->operation == OPERATION_PATH)
        *next++ = condition->path;
    for (uint32_t i = 0; i < condition->operand_count; i++)
        next = collect_paths(condition->operands[i], next);
    return next;
}

/* All its paths as written, for NULL none. */
static uint32_t all_paths(struct arena *arena, const struct condition *condition,
                          struct path **paths)
{
    uint32_t count = condition ? count_paths(condition) : 0;
    *paths = arena_new_array(arena, struct path, count);
    if (count > 0)
        collect_paths(condition, *paths);
    return count;
}

uint32_t condition_attributes(struct arena *arena, const struct condition *condition,
                              const slice **names)
{
    struct path *paths;
    uint32_t count = all_paths(arena, condition, &paths);
    return paths_attributes(arena, paths_sort(arena, paths, count), count, names);
}

uint32_t condition_entered(struct arena *arena, const struct condition *condition,
                           const slice **names)
{
    struct path *paths;
    uint32_t count = all_paths(arena, condition, &paths);
    return paths_entered(arena, paths, count, names);
}
