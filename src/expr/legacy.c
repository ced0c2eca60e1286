#include "expr/legacy.h"
#include "base/assert.h"
#include "expr/key_condition_clauses.h"
#include "expr/tree.h"

#define INVALID "One or more parameter values were invalid: "
#define BIT(type) (1u << VALUE_##type)
#define ORDERED (BIT(S) | BIT(N) | BIT(B))

enum { ANY_COUNT = UINT32_MAX, ANY_TYPE = 0 };

static const struct facts {
    slice name;
    uint32_t values_min;
    uint32_t values_max;
    uint32_t types; /* bits of enum value_type, or ANY_TYPE */
    enum operation operation;
    enum range_operator range_operator; /* RANGE_ANY: no key condition */
} OPERATORS[LEGACY_OPERATOR_COUNT] = {
    [LEGACY_OPERATOR_EQ] = {SLICE("EQ"), 1, 1, ANY_TYPE, OPERATION_EQUAL, RANGE_EQ},
    [LEGACY_OPERATOR_NE] = {SLICE("NE"), 1, 1, ANY_TYPE, OPERATION_NOT_EQUAL, RANGE_ANY},
    [LEGACY_OPERATOR_LE] = {SLICE("LE"), 1, 1, ORDERED, OPERATION_LESS_OR_EQUAL, RANGE_LE},
    [LEGACY_OPERATOR_LT] = {SLICE("LT"), 1, 1, ORDERED, OPERATION_LESS, RANGE_LT},
    [LEGACY_OPERATOR_GE] = {SLICE("GE"), 1, 1, ORDERED, OPERATION_GREATER_OR_EQUAL, RANGE_GE},
    [LEGACY_OPERATOR_GT] = {SLICE("GT"), 1, 1, ORDERED, OPERATION_GREATER, RANGE_GT},
    [LEGACY_OPERATOR_BETWEEN] = {SLICE("BETWEEN"), 2, 2, ORDERED, OPERATION_BETWEEN, RANGE_BETWEEN},
    [LEGACY_OPERATOR_IN] = {SLICE("IN"), 1, ANY_COUNT, ORDERED, OPERATION_IN, RANGE_ANY},
    [LEGACY_OPERATOR_BEGINS_WITH] = {SLICE("BEGINS_WITH"), 1, 1, BIT(S) | BIT(B),
                                     OPERATION_BEGINS_WITH, RANGE_BEGINS_WITH},
    [LEGACY_OPERATOR_CONTAINS] = {SLICE("CONTAINS"), 1, 1, ORDERED, OPERATION_CONTAINS, RANGE_ANY},
    [LEGACY_OPERATOR_NOT_CONTAINS] = {SLICE("NOT_CONTAINS"), 1, 1, ORDERED, OPERATION_CONTAINS,
                                      RANGE_ANY},
    [LEGACY_OPERATOR_NULL] = {SLICE("NULL"), 0, 0, ANY_TYPE, OPERATION_ATTRIBUTE_NOT_EXISTS,
                              RANGE_ANY},
    [LEGACY_OPERATOR_NOT_NULL] = {SLICE("NOT_NULL"), 0, 0, ANY_TYPE, OPERATION_ATTRIBUTE_EXISTS,
                                  RANGE_ANY},
};

enum legacy_operator legacy_operator_parse(slice name)
{
    for (enum legacy_operator i = LEGACY_OPERATOR_NONE + 1; i < LEGACY_OPERATOR_COUNT; i++) {
        if (slice_equal(name, OPERATORS[i].name))
            return i;
    }
    return LEGACY_OPERATOR_NONE;
}

/* An entry's values, wherever they were written. */
struct values {
    const struct value_input *inputs;
    uint32_t count;
};

static struct values values_of(const struct legacy_condition *entry)
{
    if (entry->has_list)
        return (struct values){entry->list, entry->list_count};
    return (struct values){&entry->value, entry->has_value ? 1 : 0};
}

static error check_inputs(const struct values *values)
{
    for (uint32_t i = 0; i < values->count; i++)
        TRY(values->inputs[i].invalid);
    return NULL;
}

/* The values against what the operator takes: how many, of one type, of which. */
static error check_operands(struct arena *arena, const struct facts *facts,
                            const struct values *values)
{
    if (values->count < facts->values_min || values->count > facts->values_max)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Invalid number of argument(s) for the %.*s ComparisonOperator",
                    SLICE_ARGS(facts->name));
    if (values->count == 0)
        return NULL;
    enum value_type type = value_type_of(values->inputs[0].value);
    for (uint32_t i = 1; i < values->count; i++) {
        if (value_type_of(values->inputs[i].value) != type)
            return FAILURE(ERROR_VALIDATION, INVALID
                           "AttributeValues inside AttributeValueList must be of same type");
    }
    if (facts->types != ANY_TYPE && !(facts->types & (1u << type))) {
        slice type_name = value_type_name(type);
        return fail(arena, ERROR_VALIDATION,
                    INVALID "ComparisonOperator %.*s is not valid for %.*s AttributeValue type",
                    SLICE_ARGS(facts->name), SLICE_ARGS(type_name));
    }
    if (facts->operation == OPERATION_BETWEEN &&
        value_compare(values->inputs[0].value, values->inputs[1].value) > 0)
        return FAILURE(ERROR_VALIDATION, "The BETWEEN condition was provided a range where the "
                                         "lower bound is greater than the upper bound");
    return NULL;
}

static error fail_for(struct arena *arena, const struct legacy_condition *entry, const char *claim)
{
    return fail(arena, ERROR_VALIDATION, INVALID "%s for Attribute: %.*s", claim,
                SLICE_ARGS(entry->attribute));
}

/* An entry of Expected without an operator: {Value, Exists}. */
static error check_exists(struct arena *arena, const struct legacy_condition *entry)
{
    if (entry->has_list)
        return fail_for(arena, entry,
                        "AttributeValueList can only be used with a ComparisonOperator");
    bool exists = !entry->has_exists || entry->exists;
    if (exists && !entry->has_value)
        return fail_for(arena, entry,
                        entry->has_exists ? "Value must be provided when Exists is true"
                                          : "Value must be provided when Exists is null");
    if (!exists && entry->has_value)
        return fail_for(arena, entry, "Value cannot be used when Exists is false");
    return NULL;
}

static error check_expected(struct arena *arena, const struct legacy_condition *entry)
{
    const struct facts *facts = &OPERATORS[entry->comparison_operator];
    if (entry->has_value && entry->has_list)
        return fail_for(arena, entry, "Value and AttributeValueList cannot be used together");
    if (entry->comparison_operator == LEGACY_OPERATOR_NONE)
        return check_exists(arena, entry);
    if (entry->has_exists)
        return fail_for(arena, entry, "Exists and ComparisonOperator cannot be used together");
    if (facts->values_min > 0 && !entry->has_value && !entry->has_list)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Value or AttributeValueList must be used with ComparisonOperator: "
                            "%.*s for Attribute: %.*s",
                    SLICE_ARGS(facts->name), SLICE_ARGS(entry->attribute));
    return NULL;
}

static error check_entry(struct arena *arena, enum legacy_parameter parameter,
                         const struct legacy_condition *entry)
{
    struct values values = values_of(entry);
    TRY(path_check_name(entry->attribute));
    if (parameter == LEGACY_EXPECTED)
        TRY(check_expected(arena, entry));
    TRY(check_inputs(&values));
    if (entry->comparison_operator == LEGACY_OPERATOR_NONE)
        return NULL;
    return check_operands(arena, &OPERATORS[entry->comparison_operator], &values);
}

static struct condition *make_path(struct arena *arena, slice attribute)
{
    struct path_element *element = arena_new(arena, struct path_element);
    element->name = attribute;
    struct condition *node = condition_make(arena, OPERATION_PATH, NULL, 0);
    node->path = (struct path){element, 1};
    return node;
}

static struct condition *make_value(struct arena *arena, slice value)
{
    struct condition *node = condition_make(arena, OPERATION_VALUE, NULL, 0);
    node->value = value;
    return node;
}

static struct condition *make_operation(struct arena *arena, enum operation operation,
                                        slice attribute, struct values values)
{
    struct condition **operands = arena_new_array(arena, struct condition *, values.count + 1ul);
    operands[0] = make_path(arena, attribute);
    for (uint32_t i = 0; i < values.count; i++)
        operands[i + 1] = make_value(arena, values.inputs[i].value);
    return condition_make(arena, operation, operands, values.count + 1);
}

/* An attribute that is not there does not contain anything, nor is it NOT_CONTAINS. */
static struct condition *make_not_contains(struct arena *arena, slice attribute,
                                           struct values values)
{
    struct values none = {NULL, 0};
    struct condition *contains = make_operation(arena, OPERATION_CONTAINS, attribute, values);
    struct condition *operands[] = {
        make_operation(arena, OPERATION_ATTRIBUTE_EXISTS, attribute, none),
        condition_make(arena, OPERATION_NOT, &contains, 1),
    };
    return condition_make(arena, OPERATION_AND, operands, 2);
}

static struct condition *make_entry(struct arena *arena, const struct legacy_condition *entry)
{
    struct values values = values_of(entry);
    if (entry->comparison_operator == LEGACY_OPERATOR_NOT_CONTAINS)
        return make_not_contains(arena, entry->attribute, values);
    enum operation operation = OPERATORS[entry->comparison_operator].operation;
    if (entry->comparison_operator == LEGACY_OPERATOR_NONE)
        operation = entry->has_value ? OPERATION_EQUAL : OPERATION_ATTRIBUTE_NOT_EXISTS;
    return make_operation(arena, operation, entry->attribute, values);
}

static error check_conditional_operator(enum conditional_operator given, uint32_t count)
{
    if (given == CONDITIONAL_OPERATOR_NONE || count > 1)
        return NULL;
    if (count == 0)
        return FAILURE(ERROR_VALIDATION,
                       "ConditionalOperator cannot be used without Filter or Expected");
    return FAILURE(ERROR_VALIDATION, "ConditionalOperator can only be used when Filter or Expected "
                                     "has two or more elements");
}

error legacy_conditions_parse(struct arena *arena, enum legacy_parameter parameter,
                              const struct legacy_condition *entries, uint32_t count,
                              enum conditional_operator conditional_operator,
                              const struct condition **condition)
{
    struct condition **operands = arena_new_array(arena, struct condition *, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_that(parameter == LEGACY_EXPECTED || entries[i].comparison_operator);
        TRY(check_entry(arena, parameter, &entries[i]));
        operands[i] = make_entry(arena, &entries[i]);
    }
    TRY(check_conditional_operator(conditional_operator, count));

    enum operation join =
        conditional_operator == CONDITIONAL_OPERATOR_OR ? OPERATION_OR : OPERATION_AND;
    *condition = count == 0 ? NULL : condition_make(arena, join, operands, count);
    return NULL;
}

error legacy_key_conditions_parse(struct arena *arena, const struct legacy_condition *entries,
                                  uint32_t count, const struct key_condition_clauses **clauses)
{
    struct key_condition_clauses *made = arena_new(arena, struct key_condition_clauses);
    made->clauses = arena_new_array(arena, struct key_clause, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct legacy_condition *entry = &entries[i];
        assert_that(entry->comparison_operator != LEGACY_OPERATOR_NONE);
        TRY(check_entry(arena, LEGACY_FILTER, entry));
        const struct facts *facts = &OPERATORS[entry->comparison_operator];
        struct key_clause *clause = &made->clauses[made->count++];
        *clause = (struct key_clause){.attribute = entry->attribute,
                                      .range_operator = facts->range_operator};
        /* More values only for an operator that will be refused. */
        for (uint32_t v = 0; v < entry->list_count && v < 2; v++)
            clause->values[v] = entry->list[v].value;
    }
    *clauses = made;
    return NULL;
}
