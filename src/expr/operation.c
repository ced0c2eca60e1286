#include "expr/tree.h"

#define BIT(type) (1u << VALUE_##type)
#define ORDERED (BIT(S) | BIT(N) | BIT(B))
#define SETS (BIT(SS) | BIT(NS) | BIT(BS))

static const struct operation_facts OPERATIONS[OPERATION_COUNT] = {
    [OPERATION_PATH] = {SLICE("path"), CLASS_OPERAND},
    [OPERATION_VALUE] = {SLICE("value"), CLASS_OPERAND},
    [OPERATION_AND] = {SLICE("AND"), CLASS_OPERATOR},
    [OPERATION_OR] = {SLICE("OR"), CLASS_OPERATOR},
    [OPERATION_NOT] = {SLICE("NOT"), CLASS_OPERATOR},
    [OPERATION_EQUAL] = {SLICE("="), CLASS_OPERATOR, .needs_distinct = true},
    [OPERATION_NOT_EQUAL] = {SLICE("<>"), CLASS_OPERATOR, .needs_distinct = true},
    [OPERATION_LESS] = {SLICE("<"), CLASS_OPERATOR, .needs_distinct = true, .first_types = ORDERED,
                        .other_types = ORDERED},
    [OPERATION_LESS_OR_EQUAL] = {SLICE("<="), CLASS_OPERATOR, .needs_distinct = true,
                                 .first_types = ORDERED, .other_types = ORDERED},
    [OPERATION_GREATER] = {SLICE(">"), CLASS_OPERATOR, .needs_distinct = true,
                           .first_types = ORDERED, .other_types = ORDERED},
    [OPERATION_GREATER_OR_EQUAL] = {SLICE(">="), CLASS_OPERATOR, .needs_distinct = true,
                                    .first_types = ORDERED, .other_types = ORDERED},
    [OPERATION_BETWEEN] = {SLICE("BETWEEN"), CLASS_OPERATOR, .needs_distinct = true,
                           .first_types = ORDERED, .other_types = ORDERED},
    [OPERATION_IN] = {SLICE("IN"), CLASS_OPERATOR, .needs_distinct = true},
    [OPERATION_SIZE] = {SLICE("size"), CLASS_VALUE_FUNCTION, 1,
                        .first_types = BIT(S) | BIT(B) | SETS | BIT(L) | BIT(M)},
    [OPERATION_ATTRIBUTE_EXISTS] = {SLICE("attribute_exists"), CLASS_TRUTH_FUNCTION, 1,
                                    .needs_path = true},
    [OPERATION_ATTRIBUTE_NOT_EXISTS] = {SLICE("attribute_not_exists"), CLASS_TRUTH_FUNCTION, 1,
                                        .needs_path = true},
    [OPERATION_ATTRIBUTE_TYPE] = {SLICE("attribute_type"), CLASS_TRUTH_FUNCTION, 2,
                                  .needs_distinct = true, .other_types = BIT(S)},
    [OPERATION_BEGINS_WITH] = {SLICE("begins_with"), CLASS_TRUTH_FUNCTION, 2,
                               .needs_distinct = true, .first_types = BIT(S) | BIT(B),
                               .other_types = BIT(S) | BIT(B)},
    [OPERATION_CONTAINS] = {SLICE("contains"), CLASS_TRUTH_FUNCTION, 2, .needs_distinct = true,
                            .first_types = BIT(S) | BIT(B) | SETS | BIT(L)},
    [OPERATION_IF_NOT_EXISTS] = {SLICE("if_not_exists"), CLASS_UPDATE_FUNCTION, 2},
    [OPERATION_LIST_APPEND] = {SLICE("list_append"), CLASS_UPDATE_FUNCTION, 2},
    [OPERATION_UNKNOWN_FUNCTION] = {SLICE("unknown"), CLASS_NO_FUNCTION},
};

const struct operation_facts *operation_facts(enum operation operation)
{
    return &OPERATIONS[operation];
}

enum operation operation_of_function(slice name)
{
    for (enum operation i = 0; i < OPERATION_COUNT; i++) {
        enum operation_class class = OPERATIONS[i].class;
        bool is_function = class == CLASS_VALUE_FUNCTION || class == CLASS_TRUTH_FUNCTION ||
                           class == CLASS_UPDATE_FUNCTION;
        if (is_function && slice_equal(name, OPERATIONS[i].name))
            return i;
    }
    return OPERATION_UNKNOWN_FUNCTION;
}
