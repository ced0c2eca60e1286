/*
 * NextToken: where a SELECT goes on. It holds the key of the last row evaluated, bound to the
 * statement, its parameters and the table by a hash, and carries a checksum.
 *
 * Base64 of: version (1), hash of what it is bound to (8), the key as an item, hash of all that
 * (8).
 */
#pragma once
#include "ops/statement.h"

slice statement_token_make(struct arena *arena, const struct statement_input *in,
                           const struct table *table, slice key);

/*
 * The key; whether it is one of the table's or index's is not checked.
 *   Errors: VALIDATION "Invalid NextToken", "NextToken does not match request".
 */
error statement_token_open(struct arena *arena, slice token, const struct statement_input *in,
                           const struct table *table, slice *key) MUST_CHECK;
