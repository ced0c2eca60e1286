/*
 * What ExecuteStatement, BatchExecuteStatement and ExecuteTransaction share: the members of one
 * statement, and statements as the plans of the other operations, once their table is known.
 */
#pragma once
#include "db/read.h"
#include "db/write.h"
#include "ops/members.h"
#include "ops/operation.h"
#include "partiql/statement.h"

struct statement_input {
    slice text;
    struct decoded_list parameters; /* of struct value_input */
};

/* What is wrong with the parameters, before the statement is read; NULL: nothing. */
error statement_check_parameters(const struct statement_input *in) MUST_CHECK;

/* `in` passed statement_check_parameters. */
error statement_input_parse(struct arena *arena, const struct statement_input *in,
                            const struct statement **statement) MUST_CHECK;

static inline bool statement_reads(const struct statement *statement)
{
    return statement->kind == STATEMENT_SELECT;
}

/*
 * The one item that a SELECT of a batch or transaction names: equalities on its whole key, nothing
 * else and no index.
 *   `operation` is named in the refusal.
 *   Errors: VALIDATION.
 */
error statement_single_key(struct arena *arena, const struct statement *statement,
                           const struct table *table, slice operation, slice *key) MUST_CHECK;

/*
 * The index that a SELECT reads; NULL: the table.
 *   Errors: VALIDATION.
 */
error statement_find_index(struct arena *arena, const struct statement *statement,
                           const struct table *table, const struct index **index) MUST_CHECK;

/* ---- writes (statement_write.c) ---- */

/*
 * INSERT, UPDATE or DELETE as PutItem, UpdateItem and DeleteItem would plan it; EXISTS as a check.
 *   `no_key`: what is said of a condition that does not name one item.
 *   Errors: VALIDATION.
 */
error statement_plan_write(struct arena *arena, const struct statement *statement,
                           const struct table *table, error no_key,
                           struct write_plan *plan) MUST_CHECK;

/* `no_key` of statements outside of transactions. */
error statement_without_key(void) MUST_CHECK;

/* Why the condition of the plan failed, in the words for this statement. */
error statement_condition_failed(struct arena *arena, const struct statement *statement,
                                 enum failure_values values, slice old_item) MUST_CHECK;

/* What RETURNING asks for; absent when it is nothing. */
slice statement_returned(struct arena *arena, const struct statement *statement,
                         const struct write_result *result);

/* ---- SELECT (statement_select.c) ---- */

struct select_range {
    slice hash_value;
    struct row_range rows;
    bool may_overlap;
};

struct select_plan {
    const struct statement *statement;
    struct read_plan read;             /* of each range in turn */
    const struct select_range *ranges; /* in the order in which they are read */
    uint32_t range_count;
    uint32_t items_max; /* evaluated for a page, whatever the limit; 0: as many as it says */
    slice key;          /* of the one row that they can hold; absent when there may be several */
};

/*
 *   Errors: VALIDATION.
 */
error select_plan_make(struct arena *arena, const struct statement *statement,
                       const struct table *table, bool consistent_read,
                       struct select_plan *plan) MUST_CHECK;

/* Leave out everything up to the row with this key. False when no range has it. */
bool select_plan_skip(struct arena *arena, struct select_plan *plan, slice key) MUST_CHECK;

struct consumed;
struct select_page {
    const slice *items; /* projected */
    uint32_t count;
    slice last_key; /* of the last row evaluated when there may be more; else absent */
};

/* `limit`: rows evaluated; 0: only the page size limits. */
error select_read(struct db_session *session, const struct select_plan *plan, uint32_t limit,
                  bool consistent_read, struct select_page *page,
                  struct consumed *consumed) MUST_CHECK;
