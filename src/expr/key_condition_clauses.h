/* What a key condition says before a table is known, in either spelling. Private to expr/. */
#pragma once
#include "expr/key_condition.h"

struct key_clause {
    slice attribute;
    enum range_operator range_operator; /* RANGE_ANY: a legacy operator that no key takes */
    slice values[2];                    /* the second for BETWEEN only */
};

struct key_condition_clauses {
    uint32_t count;
    struct key_clause *clauses; /* at most one for an attribute */
};
