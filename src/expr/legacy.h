/*
 * The legacy parameters Expected, QueryFilter, ScanFilter, KeyConditions and AttributeUpdates:
 * other spellings of conditions, key conditions and updates, which become the same trees.
 * AttributesToGet is projection_of_names. Attribute names are literal here, dots and all.
 * Source: Developer Guide, expressions, error texts captured from the service.
 */
#pragma once
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/update.h"

enum legacy_operator {
    LEGACY_OPERATOR_NONE, /* not given */
    LEGACY_OPERATOR_EQ,
    LEGACY_OPERATOR_NE,
    LEGACY_OPERATOR_LE,
    LEGACY_OPERATOR_LT,
    LEGACY_OPERATOR_GE,
    LEGACY_OPERATOR_GT,
    LEGACY_OPERATOR_BETWEEN,
    LEGACY_OPERATOR_IN,
    LEGACY_OPERATOR_BEGINS_WITH,
    LEGACY_OPERATOR_CONTAINS,
    LEGACY_OPERATOR_NOT_CONTAINS,
    LEGACY_OPERATOR_NULL,
    LEGACY_OPERATOR_NOT_NULL,
    LEGACY_OPERATOR_COUNT
};

/* "EQ", "NE", … LEGACY_OPERATOR_NONE when there is none of that name. */
enum legacy_operator legacy_operator_parse(slice name);

/* One entry of such a parameter, as given. Only Expected has `exists` and `value`. */
struct legacy_condition {
    slice attribute;
    enum legacy_operator comparison_operator;
    bool has_exists;
    bool exists;
    bool has_value;
    bool has_list;
    struct value_input value;
    struct value_input *list;
    uint32_t list_count;
};

enum legacy_parameter {
    LEGACY_EXPECTED,
    LEGACY_FILTER, /* QueryFilter, ScanFilter: their entries always have an operator */
};

enum conditional_operator {
    CONDITIONAL_OPERATOR_NONE, /* not given: AND */
    CONDITIONAL_OPERATOR_AND,
    CONDITIONAL_OPERATOR_OR,
};

/*
 * `condition` is NULL when there are no entries.
 *   Errors: VALIDATION, also what is wrong with the values.
 */
error legacy_conditions_parse(struct arena *arena, enum legacy_parameter parameter,
                              const struct legacy_condition *entries, uint32_t count,
                              enum conditional_operator conditional_operator,
                              const struct condition **condition) MUST_CHECK;

error legacy_key_conditions_parse(struct arena *arena, const struct legacy_condition *entries,
                                  uint32_t count,
                                  const struct key_condition_clauses **clauses) MUST_CHECK;

enum legacy_action {
    LEGACY_ACTION_NONE, /* not given: PUT */
    LEGACY_ACTION_ADD,
    LEGACY_ACTION_PUT,
    LEGACY_ACTION_DELETE,
    LEGACY_ACTION_COUNT
};

/* One entry of AttributeUpdates. */
struct legacy_update {
    slice attribute;
    enum legacy_action action;
    const struct value_input *value; /* NULL: not given */
};

/*
 * Of entries for one attribute the last counts. No entries make an update that changes nothing.
 *   Errors: VALIDATION, also what is wrong with the values.
 */
error legacy_updates_parse(struct arena *arena, const struct legacy_update *entries, uint32_t count,
                           const struct update **update) MUST_CHECK;
