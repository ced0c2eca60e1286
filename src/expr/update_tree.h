/*
 * What an update is made of. Private to expr/ and to partiql/, whose UPDATE becomes the same struct.
 *
 * A term is what stands right of a path: a value, a path to read, a function or a sum. Terms are at
 * most EXPRESSION_LEVELS_MAX deep, so that walking one may recurse.
 */
#pragma once
#include "expr/path.h"
#include "expr/update.h"

enum term_kind {
    TERM_PATH,
    TERM_VALUE,
    TERM_IF_NOT_EXISTS,
    TERM_LIST_APPEND,
    TERM_PLUS,
    TERM_MINUS,
    TERM_NO_FUNCTION, /* a name that is none: refused once the text is read */
    TERM_KIND_COUNT
};

enum { TERM_OPERANDS_MAX = 2 };

struct term {
    enum term_kind kind;
    uint32_t operand_count; /* as written; those beyond TERM_OPERANDS_MAX are not kept */
    struct term *operands[TERM_OPERANDS_MAX];
    struct path path;  /* TERM_PATH */
    slice placeholder; /* TERM_VALUE, until resolved */
    slice value;       /* TERM_VALUE, once resolved */
};

enum update_clause { UPDATE_SET, UPDATE_REMOVE, UPDATE_ADD, UPDATE_DELETE, UPDATE_CLAUSE_COUNT };

struct action {
    enum update_clause clause;
    struct path path;  /* what it changes; no two actions of an update overlap or conflict */
    struct term *term; /* ADD, DELETE: a TERM_VALUE of a type they take; REMOVE: NULL */
};

struct update {
    bool is_legacy;        /* from AttributeUpdates: some errors have other words */
    uint32_t action_count; /* in the order of the text */
    struct action *actions;
    uint32_t path_count; /* all paths, those changed and those read */
    struct path *const *paths;
};

/*
 * The checks that need no item, once names and values are in.
 *   `parameter` as expression_fail takes it.
 *   `functions`: its functions and sums in the order of the text, each behind its operands.
 *   Errors: VALIDATION.
 */
error update_check(struct arena *arena, slice parameter, const struct update *update,
                   struct term *const *functions, uint32_t function_count) MUST_CHECK;

/* What became of one action: `value` is to stand at the path, or nothing. */
struct change {
    const struct path *path;
    bool is_present;
    slice value;
};

/*
 * Evaluate an action on the item before.
 *   Errors: VALIDATION.
 */
error action_evaluate(struct arena *arena, const struct update *update, const struct action *action,
                      slice item, struct change *change) MUST_CHECK;
