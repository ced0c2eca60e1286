/*
 * A key condition is parsed and checked as a condition, then restricted to clauses on attributes.
 * Texts: captured from the service; the "Invalid condition" family as dynalite has it.
 */
#include "base/assert.h"
#include "expr/key_condition_clauses.h"
#include "expr/parser.h"
#include "expr/tree.h"

static const slice PARAMETER = SLICE("KeyConditionExpression");

static const struct {
    enum range_operator plain;
    enum range_operator mirrored;
} RANGE_OPERATORS[OPERATION_COUNT] = {
    [OPERATION_EQUAL] = {RANGE_EQ, RANGE_EQ},
    [OPERATION_LESS] = {RANGE_LT, RANGE_GT},
    [OPERATION_LESS_OR_EQUAL] = {RANGE_LE, RANGE_GE},
    [OPERATION_GREATER] = {RANGE_GT, RANGE_LT},
    [OPERATION_GREATER_OR_EQUAL] = {RANGE_GE, RANGE_LE},
    [OPERATION_BETWEEN] = {RANGE_BETWEEN, RANGE_ANY},
    [OPERATION_BEGINS_WITH] = {RANGE_BEGINS_WITH, RANGE_ANY},
};

enum range_operator range_operator_of(enum operation operation, bool mirrored)
{
    return mirrored ? RANGE_OPERATORS[operation].mirrored : RANGE_OPERATORS[operation].plain;
}

static error check_operands(struct arena *arena, const struct condition *node, uint32_t *path_index)
{
    uint32_t path_count = 0;
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct condition *operand = node->operands[i];
        if (operand->operation == OPERATION_SIZE)
            return expression_fail(arena, PARAMETER,
                                   "KeyConditionExpressions cannot contain nested operations");
        if (operand->operation != OPERATION_PATH)
            continue;
        if (path_count++ > 0)
            return expression_fail(arena, PARAMETER,
                                   "Invalid condition in KeyConditionExpression: Multiple "
                                   "attribute names used in one condition");
        if (operand->path.count > 1)
            return expression_fail(
                arena, PARAMETER,
                "KeyConditionExpressions cannot have conditions on nested attributes");
        *path_index = i;
    }
    if (path_count == 0)
        return expression_fail(
            arena, PARAMETER,
            "Invalid condition in KeyConditionExpression: No key attribute specified");
    return NULL;
}

static bool names_twice(const struct key_condition_clauses *clauses, slice attribute)
{
    for (uint32_t i = 0; i < clauses->count; i++) {
        if (slice_equal(clauses->clauses[i].attribute, attribute))
            return true;
    }
    return false;
}

static error add_clause(struct arena *arena, const struct condition *node,
                        struct key_condition_clauses *clauses)
{
    slice name = operation_facts(node->operation)->name;
    if (range_operator_of(node->operation, false) == RANGE_ANY)
        return expression_fail(arena, PARAMETER,
                               "Invalid operator used in KeyConditionExpression: %.*s",
                               SLICE_ARGS(name));
    bool can_mirror = range_operator_of(node->operation, true) != RANGE_ANY;
    if (!can_mirror && node->operands[0]->operation != OPERATION_PATH)
        return expression_fail(arena, PARAMETER,
                               "Invalid condition in KeyConditionExpression: %.*s operator must "
                               "have the key attribute as its first operand",
                               SLICE_ARGS(name));
    uint32_t path_index = 0;
    TRY(check_operands(arena, node, &path_index));
    bool mirrored = path_index > 0;
    slice attribute = node->operands[path_index]->path.elements[0].name;
    if (names_twice(clauses, attribute))
        return expression_fail(arena, PARAMETER,
                               "KeyConditionExpressions must only contain one condition per key");

    struct key_clause *clause = &clauses->clauses[clauses->count++];
    clause->attribute = attribute;
    clause->range_operator = range_operator_of(node->operation, mirrored);
    clause->values[0] = node->operands[mirrored ? 0 : 1]->value;
    if (node->operation == OPERATION_BETWEEN)
        clause->values[1] = node->operands[2]->value;
    return NULL;
}

/* Clauses joined by AND, from left to right. As deep as the tree: bounded by the operators. */
static error add_clauses(struct arena *arena, const struct condition *node,
                         struct key_condition_clauses *clauses)
{
    if (node->operation != OPERATION_AND)
        return add_clause(arena, node, clauses);
    for (uint32_t i = 0; i < node->operand_count; i++)
        TRY(add_clauses(arena, node->operands[i], clauses));
    return NULL;
}

static uint32_t count_clauses(const struct condition *node)
{
    if (node->operation != OPERATION_AND)
        return 1;
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->operand_count; i++)
        count += count_clauses(node->operands[i]);
    return count;
}

error key_condition_parse(struct arena *arena, slice text, struct placeholders *placeholders,
                          const struct condition **condition)
{
    struct condition *written, *resolved;
    TRY(condition_parse_syntax(arena, PARAMETER, text, &written));
    TRY(condition_resolve(arena, PARAMETER, placeholders, written, &resolved));
    *condition = resolved;
    return NULL;
}

error key_condition_restrict(struct arena *arena, const struct condition *condition,
                             const struct key_condition_clauses **clauses)
{
    struct key_condition_clauses *found = arena_new(arena, struct key_condition_clauses);
    found->clauses = arena_new_array(arena, struct key_clause, count_clauses(condition));
    TRY(add_clauses(arena, condition, found));
    *clauses = found;
    return NULL;
}

static const struct key_clause *find_clause(const struct key_condition_clauses *clauses,
                                            slice attribute)
{
    for (uint32_t i = 0; i < clauses->count; i++) {
        if (slice_equal(clauses->clauses[i].attribute, attribute))
            return &clauses->clauses[i];
    }
    return NULL;
}

static error fail_missing(struct arena *arena, slice attribute)
{
    return fail(arena, ERROR_VALIDATION, "Query condition missed key schema element: %.*s",
                SLICE_ARGS(attribute));
}

/* The clause's operator, types of its values against the schema, then their sizes. */
static error check_clause(struct arena *arena, const struct key_attribute *attribute, bool is_range,
                          const struct key_clause *clause)
{
    if (clause->range_operator == RANGE_ANY)
        return FAILURE(ERROR_VALIDATION,
                       "Attempted conditional constraint is not an indexable operation");
    uint32_t count = clause->range_operator == RANGE_BETWEEN ? 2 : 1;
    bool matches = true;
    for (uint32_t i = 0; i < count; i++)
        matches = matches && value_type_of(clause->values[i]) == attribute->type;
    if (!matches)
        return FAILURE(ERROR_VALIDATION, "One or more parameter values were invalid: Condition "
                                         "parameter type does not match schema type");
    for (uint32_t i = 0; i < count; i++)
        TRY(key_value_check(arena, attribute->name, is_range, clause->values[i]));
    return NULL;
}

/* Names of the attributes that have no equality, as a message lists them. */
static slice names_without_equality(struct arena *arena,
                                    const struct key_condition_clauses *clauses,
                                    const struct key_attribute *attributes, uint32_t count)
{
    struct buffer names;
    buffer_init(&names, arena);
    for (uint32_t i = 0; i < count; i++) {
        const struct key_clause *clause = find_clause(clauses, attributes[i].name);
        if (clause && clause->range_operator == RANGE_EQ)
            continue;
        if (names.size > 0)
            buffer_append(&names, SLICE(", "));
        buffer_append(&names, attributes[i].name);
    }
    return buffer_slice(&names);
}

/* The partition key: an equality on every attribute. */
static error resolve_hash(struct arena *arena, const struct key_condition_clauses *clauses,
                          const struct key_parts *keys, struct key_condition *condition)
{
    if (keys->hash_count > 1) {
        slice names = names_without_equality(arena, clauses, keys->hash, keys->hash_count);
        if (names.size > 0)
            return fail(arena, ERROR_VALIDATION,
                        "HASH key attributes %.*s must have equality conditions specified in the "
                        "query",
                        SLICE_ARGS(names));
    }
    for (uint32_t i = 0; i < keys->hash_count; i++) {
        const struct key_clause *clause = find_clause(clauses, keys->hash[i].name);
        if (!clause)
            return fail_missing(arena, keys->hash[i].name);
        TRY(check_clause(arena, &keys->hash[i], false, clause));
        if (clause->range_operator != RANGE_EQ)
            return FAILURE(ERROR_VALIDATION, "Query key condition not supported");
        condition->hash_values[i] = clause->values[0];
    }
    condition->hash_count = keys->hash_count;
    return NULL;
}

/* The first attribute of the sort key that has no clause; there is one. */
static slice first_without_clause(const struct key_condition_clauses *clauses,
                                  const struct key_parts *keys)
{
    uint32_t i = 0;
    while (find_clause(clauses, keys->range[i].name))
        i++;
    assert_that(i < keys->range_count);
    return keys->range[i].name;
}

/* The sort key: equalities from the left, then one comparison of any kind. */
static error resolve_range(struct arena *arena, const struct key_condition_clauses *clauses,
                           const struct key_parts *keys, struct key_condition *condition)
{
    uint32_t used_count = 0; /* attributes up to the last one compared */
    uint32_t clause_count = 0;
    for (uint32_t i = 0; i < keys->range_count; i++) {
        if (find_clause(clauses, keys->range[i].name)) {
            used_count = i + 1;
            clause_count++;
        }
    }
    if (clause_count < clauses->count - keys->hash_count) /* one names another attribute */
        return fail_missing(arena, first_without_clause(clauses, keys));
    if (used_count == 0)
        return NULL;
    const struct key_attribute *last = &keys->range[used_count - 1];
    slice names = names_without_equality(arena, clauses, keys->range, used_count - 1);
    if (names.size > 0)
        return fail(arena, ERROR_VALIDATION,
                    "RANGE key attributes %.*s must have equality conditions specified in the "
                    "query because a condition is present on key attribute %.*s",
                    SLICE_ARGS(names), SLICE_ARGS(last->name));
    for (uint32_t i = 0; i < used_count; i++) {
        const struct key_clause *clause = find_clause(clauses, keys->range[i].name);
        TRY(check_clause(arena, &keys->range[i], true, clause));
        if (i + 1 < used_count)
            condition->equal_values[condition->equal_count++] = clause->values[0];
    }
    const struct key_clause *clause = find_clause(clauses, last->name);
    condition->range_operator = clause->range_operator;
    condition->range_value = clause->values[0];
    condition->range_value_upper = clause->values[1];
    return NULL;
}

error key_condition_resolve(struct arena *arena, const struct key_condition_clauses *clauses,
                            const struct key_parts *keys, struct key_condition *condition)
{
    uint32_t key_count = keys->hash_count + keys->range_count;
    if (clauses->count > key_count)
        return fail(arena, ERROR_VALIDATION,
                    "The number of query conditions (%u) exceeds the number of key attributes "
                    "defined in the schema (%u)",
                    clauses->count, key_count);
    *condition = (struct key_condition){.range_operator = RANGE_ANY};
    TRY(resolve_hash(arena, clauses, keys, condition));
    return resolve_range(arena, clauses, keys, condition);
}
