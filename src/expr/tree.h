/*
 * The tree of conditions: nodes for operands, comparisons, functions and logic. Private to expr/ and
 * to partiql/, whose statements become the same trees.
 *
 * It is parsed from the text alone (condition_parse_syntax), so that a syntax tree could be kept
 * and shared; resolving copies it and puts in names and values. A resolved tree is valid: every
 * node has the operands its operation wants, and they are of types it takes.
 * AND and OR take any number of operands: a legacy parameter may join thousands of entries.
 * A condition as an operand (PartiQL: `attribute_exists(a) = true`) is a BOOL.
 * A tree is at most EXPRESSION_OPERATORS_MAX + EXPRESSION_LEVELS_MAX nodes deep; each level of
 * PartiQL's parentheses is a few nodes, and what it joins by AND or OR is one.
 */
#pragma once
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/path.h"

enum operation { /* in the order of the table OPERATIONS in operation.c */
                 OPERATION_PATH,
                 OPERATION_VALUE,
                 OPERATION_AND,
                 OPERATION_OR,
                 OPERATION_NOT,
                 OPERATION_EQUAL,
                 OPERATION_NOT_EQUAL,
                 OPERATION_LESS,
                 OPERATION_LESS_OR_EQUAL,
                 OPERATION_GREATER,
                 OPERATION_GREATER_OR_EQUAL,
                 OPERATION_BETWEEN,
                 OPERATION_IN,
                 OPERATION_SIZE,
                 OPERATION_ATTRIBUTE_EXISTS,
                 OPERATION_ATTRIBUTE_NOT_EXISTS,
                 OPERATION_ATTRIBUTE_TYPE,
                 OPERATION_BEGINS_WITH,
                 OPERATION_CONTAINS,
                 OPERATION_IF_NOT_EXISTS, /* of updates; known, so that conditions can refuse it by
                                             name */
                 OPERATION_LIST_APPEND,
                 OPERATION_UNKNOWN_FUNCTION,
                 OPERATION_COUNT
};

struct condition {
    enum operation operation;
    bool parenthesised;
    uint32_t operand_count;
    struct condition **operands;
    struct path path;  /* OPERATION_PATH */
    slice placeholder; /* OPERATION_VALUE, until resolved */
    slice value;       /* OPERATION_VALUE, once resolved */
};

enum operation_class {
    CLASS_OPERAND,         /* a path or a value */
    CLASS_OPERATOR,        /* AND, =, BETWEEN, … */
    CLASS_VALUE_FUNCTION,  /* size: an operand */
    CLASS_TRUTH_FUNCTION,  /* attribute_exists, …: a condition */
    CLASS_UPDATE_FUNCTION, /* not for conditions */
    CLASS_NO_FUNCTION,     /* a name that is none */
};

struct operation_facts {
    slice name; /* as errors print it */
    enum operation_class class;
    uint8_t operand_count; /* of a function */
    bool needs_path;       /* its first operand must be a path */
    bool needs_distinct;   /* its first operand may not come again */
    uint16_t first_types;  /* bits of enum value_type that a literal may have; 0: any */
    uint16_t other_types;
};

const struct operation_facts *operation_facts(enum operation operation);

/*
 * The comparison of a key that an operation stands for; `mirrored` holds when the value is written
 * first: `:v < sk` is `sk > :v`. RANGE_ANY: it cannot stand in a key condition, so or at all.
 */
enum range_operator range_operator_of(enum operation operation, bool mirrored);

/* OPERATION_UNKNOWN_FUNCTION when there is none; names are matched exactly. */
enum operation operation_of_function(slice name);

/* From the text alone: a tree in which every function is known and stands where it may. */
error condition_parse_syntax(struct arena *arena, slice parameter, slice text,
                             struct condition **written) MUST_CHECK;

/*
 * The static checks of one node whose operands are resolved and checked.
 *   `parameter` as expression_fail takes it.
 *   `in_operands_max`: of IN, counting the left one.
 */
error condition_check(struct arena *arena, slice parameter, uint32_t in_operands_max,
                      const struct condition *node) MUST_CHECK;

/* Names and values in, static checks done, in a copy. */
error condition_resolve(struct arena *arena, slice parameter, struct placeholders *placeholders,
                        const struct condition *written, struct condition **resolved) MUST_CHECK;

struct condition *condition_make(struct arena *arena, enum operation operation,
                                 struct condition *const *operands, uint32_t count);
