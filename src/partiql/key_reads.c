#include "partiql/key_reads.h"
#include "base/assert.h"
#include "base/limits.h"
#include "expr/tree.h"
#include "partiql/cursor.h"

struct splitting {
    struct arena *arena;
    const struct key_attribute *hash;
    const struct key_attribute *range; /* NULL: none */
};

static bool is_attribute(const struct condition *node, const struct key_attribute *attribute)
{
    return attribute && node->operation == OPERATION_PATH && node->path.count == 1 &&
           slice_equal(node->path.elements[0].name, attribute->name);
}

static bool are_values(const struct condition *node, uint32_t first)
{
    for (uint32_t i = first; i < node->operand_count; i++) {
        if (node->operands[i]->operation != OPERATION_VALUE)
            return false;
    }
    return true;
}

/* Which operand of a comparison is the attribute, when all others are values. */
static bool compares(const struct condition *node, const struct key_attribute *attribute,
                     uint32_t *place)
{
    if (node->operand_count < 2)
        return false;
    *place = is_attribute(node->operands[0], attribute) ? 0 : 1;
    if (*place == 0)
        return are_values(node, 1);
    return node->operand_count == 2 && is_attribute(node->operands[1], attribute) &&
           node->operands[0]->operation == OPERATION_VALUE;
}

static bool is_list_of(const struct condition *node, const struct key_attribute *attribute)
{
    uint32_t place;
    return node->operation == OPERATION_IN && compares(node, attribute, &place) && place == 0;
}

static bool is_equality(const struct condition *node, const struct key_attribute *attribute)
{
    uint32_t place;
    return node->operation == OPERATION_EQUAL && compares(node, attribute, &place);
}

static bool names_key(const struct splitting *splitting, const struct condition *node)
{
    return condition_names_attribute(node, splitting->hash->name) ||
           (splitting->range && condition_names_attribute(node, splitting->range->name));
}

/* Whether whatever satisfies it has one of a few partition keys. As deep as the tree. */
static bool is_keyed(const struct splitting *splitting, const struct condition *node)
{
    bool all = node->operation == OPERATION_OR;
    if (!all && node->operation != OPERATION_AND)
        return is_equality(node, splitting->hash) || is_list_of(node, splitting->hash);
    for (uint32_t i = 0; i < node->operand_count; i++) {
        if (is_keyed(splitting, node->operands[i]) != all)
            return !all;
    }
    return all;
}

/* ---- alternatives: lists of conditions that all hold ---- */

static error split(const struct splitting *splitting, struct condition *node,
                   struct list *alternatives);

static error add_alternative(const struct splitting *splitting, struct list *alternatives,
                             struct list conditions)
{
    if (alternatives->count == PARTIQL_READS_MAX)
        return FAILURE(ERROR_VALIDATION, "Too many decomposed read operations for a given query.");
    *LIST_ADD(splitting->arena, alternatives, struct list) = conditions;
    return NULL;
}

static void append(const struct splitting *splitting, struct list *conditions,
                   const struct list *more)
{
    struct condition *const *nodes = more->elements;
    for (uint32_t i = 0; i < more->count; i++)
        *LIST_ADD(splitting->arena, conditions, struct condition *) = nodes[i];
}

/* Each of these with each of those. */
static error cross(const struct splitting *splitting, struct list *alternatives,
                   const struct list *others)
{
    struct list crossed = {0};
    struct list *these = alternatives->elements;
    const struct list *those = others->elements;
    if (others->count == 1) {
        for (uint32_t i = 0; i < alternatives->count; i++)
            append(splitting, &these[i], &those[0]);
        return NULL;
    }
    for (uint32_t i = 0; i < alternatives->count; i++) {
        for (uint32_t j = 0; j < others->count; j++) {
            struct list both = {0};
            append(splitting, &both, &these[i]);
            append(splitting, &both, &those[j]);
            TRY(add_alternative(splitting, &crossed, both));
        }
    }
    *alternatives = crossed;
    return NULL;
}

static error split_and(const struct splitting *splitting, struct condition *node,
                       struct list *alternatives)
{
    struct list nothing = {0};
    TRY(add_alternative(splitting, alternatives, nothing));
    for (uint32_t i = 0; i < node->operand_count; i++) {
        struct list others = {0};
        TRY(split(splitting, node->operands[i], &others));
        TRY(cross(splitting, alternatives, &others));
    }
    return NULL;
}

static error split_or(const struct splitting *splitting, struct condition *node,
                      struct list *alternatives)
{
    for (uint32_t i = 0; i < node->operand_count; i++) {
        struct list others = {0};
        TRY(split(splitting, node->operands[i], &others));
        const struct list *each = others.elements;
        for (uint32_t j = 0; j < others.count; j++)
            TRY(add_alternative(splitting, alternatives, each[j]));
    }
    return NULL;
}

static error add_single(const struct splitting *splitting, struct condition *node,
                        struct list *alternatives)
{
    struct list conditions = {0};
    *LIST_ADD(splitting->arena, &conditions, struct condition *) = node;
    return add_alternative(splitting, alternatives, conditions);
}

static error split_list(const struct splitting *splitting, struct condition *node,
                        struct list *alternatives)
{
    for (uint32_t i = 1; i < node->operand_count; i++) {
        struct condition *operands[] = {node->operands[0], node->operands[i]};
        struct condition *equality = condition_make(splitting->arena, OPERATION_EQUAL, operands, 2);
        TRY(add_single(splitting, equality, alternatives));
    }
    return NULL;
}

/* What does not speak of keys stays whole. As deep as the tree. */
static error split(const struct splitting *splitting, struct condition *node,
                   struct list *alternatives)
{
    if (node->operation == OPERATION_AND)
        return split_and(splitting, node, alternatives);
    if (node->operation == OPERATION_OR && names_key(splitting, node))
        return split_or(splitting, node, alternatives);
    if (is_list_of(node, splitting->hash) || is_list_of(node, splitting->range))
        return split_list(splitting, node, alternatives);
    return add_single(splitting, node, alternatives);
}

/* ---- an alternative as a read ---- */

static error check_value(const struct splitting *splitting, const struct key_attribute *attribute,
                         slice value)
{
    if (value_type_of(value) != attribute->type)
        return fail(splitting->arena, ERROR_VALIDATION,
                    "Key attribute's data type should match its data type in table's schema: Key "
                    "%.*s",
                    SLICE_ARGS(attribute->name));
    return key_value_check(splitting->arena, attribute->name, attribute == splitting->range, value);
}

static error take_hash(const struct splitting *splitting, const struct condition *node,
                       struct key_read *read, bool *contradicts)
{
    slice value = node->operands[node->operands[0]->operation == OPERATION_VALUE ? 0 : 1]->value;
    TRY(check_value(splitting, splitting->hash, value));
    if (read->hash_value.size > 0 && !value_equal(read->hash_value, value))
        *contradicts = true;
    read->hash_value = value;
    return NULL;
}

static error take_range(const struct splitting *splitting, const struct condition *node,
                        struct list *conditions)
{
    uint32_t place;
    if (!compares(node, splitting->range, &place))
        return NULL;
    enum range_operator operator= range_operator_of(node->operation, place != 0);
    if (operator== RANGE_ANY)
        return NULL;
    struct key_condition condition = {.hash_count = 1, .range_operator = operator};
    condition.range_value = node->operands[place == 0 ? 1 : 0]->value;
    TRY(check_value(splitting, splitting->range, condition.range_value));
    if (operator== RANGE_BETWEEN) {
        condition.range_value_upper = node->operands[2]->value;
        TRY(check_value(splitting, splitting->range, condition.range_value_upper));
    }
    *LIST_ADD(splitting->arena, conditions, struct key_condition) = condition;
    return NULL;
}

static bool rules_out(const struct splitting *splitting, const struct condition *node)
{
    return splitting->range &&
           (node->operation == OPERATION_NOT || node->operation == OPERATION_NOT_EQUAL) &&
           condition_names_attribute(node, splitting->range->name);
}

static error make_read(const struct splitting *splitting, const struct list *alternative,
                       struct key_read *read)
{
    struct condition *const *nodes = alternative->elements;
    struct list conditions = {0};
    bool contradicts = false;
    *read = (struct key_read){.hash_value = SLICE_NONE};
    for (uint32_t i = 0; i < alternative->count; i++) {
        read->may_overlap |= rules_out(splitting, nodes[i]);
        if (is_equality(nodes[i], splitting->hash))
            TRY(take_hash(splitting, nodes[i], read, &contradicts));
        else if (splitting->range)
            TRY(take_range(splitting, nodes[i], &conditions));
    }
    assert_that(read->hash_value.size > 0);
    if (conditions.count == 0)
        *LIST_ADD(splitting->arena, &conditions, struct key_condition) =
            (struct key_condition){.hash_count = 1, .range_operator = RANGE_ANY};
    struct key_condition *made = conditions.elements;
    for (uint32_t i = 0; i < conditions.count; i++)
        made[i].hash_values[0] = read->hash_value;
    read->conditions = made;
    read->condition_count = contradicts ? 0 : conditions.count;
    read->condition =
        condition_make(splitting->arena, OPERATION_AND, alternative->elements, alternative->count);
    return NULL;
}

error key_reads_find(struct arena *arena, const struct condition *where,
                     const struct key_parts *keys, struct key_reads *reads)
{
    assert_that(keys->hash_count == 1 && keys->range_count <= 1);
    struct splitting splitting = {arena, &keys->hash[0], keys->range_count ? keys->range : NULL};
    *reads = (struct key_reads){.is_keyed = where && is_keyed(&splitting, where)};
    if (!reads->is_keyed)
        return NULL;
    struct list alternatives = {0};
    struct condition *root = arena_new(arena, struct condition);
    *root = *where;
    TRY(split(&splitting, root, &alternatives));
    struct key_read *made = arena_new_array(arena, struct key_read, alternatives.count);
    const struct list *each = alternatives.elements;
    for (uint32_t i = 0; i < alternatives.count; i++)
        TRY(make_read(&splitting, &each[i], &made[i]));
    reads->reads = made;
    reads->count = alternatives.count;
    return NULL;
}
