/*
 * The parameters that expressions replaced, as members: Expected, QueryFilter, ScanFilter,
 * KeyConditions and ConditionalOperator. expr/legacy.h makes conditions of them.
 */
#pragma once
#include "expr/legacy.h"
#include "ops/decode.h"

/* Elements of the maps: FIELD_STRUCTURE_MAP of these. */
extern const struct structure expected_structure;
extern const struct structure condition_structure;

enum joined_by { /* ConditionalOperator */
                 JOINED_UNSAID,
                 JOINED_BY_OR,
                 JOINED_BY_AND,
};
extern const struct choices joined_by_choices;
extern const struct choices joined_by_choices_of_query;

/*
 *   `condition` is NULL when the parameter is absent or empty.
 *   Errors: VALIDATION.
 */
error legacy_members_parse(struct arena *arena, enum legacy_parameter parameter,
                           const struct decoded_list *entries, enum joined_by joined_by,
                           const struct condition **condition) MUST_CHECK;

error legacy_members_parse_keys(struct arena *arena, const struct decoded_list *entries,
                                const struct key_condition_clauses **clauses) MUST_CHECK;
