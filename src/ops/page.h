/*
 * What Query and Scan share: the members that say which rows count and what of them returns, and
 * the reply of one page.
 */
#pragma once
#include "db/read.h"
#include "expr/projection.h"
#include "ops/legacy_members.h"
#include "ops/members.h"
#include "ops/operation.h"

struct page_input {
    struct table_name table_name;
    slice index_name; /* absent: the table */
    struct optional_integer limit;
    enum capacity_detail capacity;
    enum selection selection;
    struct optional_boolean consistent_read;
    struct item_input start_key;
    struct decoded_list attributes_to_get;
    slice projection_expression;
    slice filter_expression;
    struct placeholders placeholders;
    struct decoded_list filter; /* QueryFilter or ScanFilter */
    enum joined_by joined_by;
};

/*
 * The rules of Select.
 *   Errors: VALIDATION.
 *   Source: error texts captured from the service.
 */
error page_check_selection(struct arena *arena, const struct page_input *page,
                           enum value_layer layer) MUST_CHECK;

struct page_expressions {
    const struct condition *filter;                    /* NULL: every item */
    const struct projection *projection;               /* NULL: whole items */
    const struct key_condition_clauses *key_condition; /* Query only */
};

/*
 * That names and values come with an expression that may use them: judged first of all.
 *   `key_condition`: Query's; absent for Scan.
 *   Errors: VALIDATION.
 */
error page_check_unwanted(struct arena *arena, const struct page_input *page, slice key_condition,
                          enum value_layer layer) MUST_CHECK;

/*
 * QueryFilter or ScanFilter, and AttributesToGet: judged before the expressions are.
 *   Errors: VALIDATION.
 */
error page_parse_legacy(struct arena *arena, const struct page_input *page,
                        struct page_expressions *expressions) MUST_CHECK;

/*
 * All expressions of the request, and that every placeholder is used by one.
 *   `key_condition`: Query's; absent for Scan.
 */
error page_parse_expressions(struct arena *arena, const struct page_input *page,
                             slice key_condition, enum value_layer layer,
                             struct page_expressions *expressions) MUST_CHECK;

/*
 * Which index is read, put into the plan.
 *   Errors: VALIDATION.
 *   Source: error texts captured from the service.
 */
error page_find_index(struct arena *arena, const struct page_input *page,
                      struct read_plan *plan) MUST_CHECK;

/*
 * Whether that index can give what is asked for, and whether the items themselves are needed for
 * it, put into the plan. Judged after starting keys, key conditions and filters.
 *   Errors: VALIDATION.
 *   Source: texts and place captured from the service.
 */
error page_check_projected(struct arena *arena, const struct page_input *page,
                           const struct page_expressions *expressions,
                           struct read_plan *plan) MUST_CHECK;

/* Those of the names that the index does not project, as "a, b". */
slice page_unprojected(struct arena *arena, const struct table *table, const struct index *index,
                       const slice *names, uint32_t count);

/*
 * That neither projection nor filter looks into keys.
 *   Errors: VALIDATION.
 */
error page_check_paths(struct arena *arena, const struct table *table,
                       const struct page_expressions *expressions) MUST_CHECK;

/*
 * That the starting key is one of what Query, or Scan of an index, reads.
 *   Errors: VALIDATION; the words tell a part of the index's key of another type from one of the
 *   table's, and both from all else.
 */
error page_check_start_key(struct arena *arena, const struct read_plan *plan,
                           slice start_key) MUST_CHECK;

/* The part of it that Query judges before its key conditions: the count, and the partition key. */
error page_check_start_partition(const struct read_plan *plan, slice start_key) MUST_CHECK;

/*
 * Read the page and write the whole reply. `plan` holds the table, the index, the range and the
 * direction.
 */
error page_reply(struct request *request, const struct page_input *page, struct read_plan *plan,
                 const struct page_expressions *expressions) MUST_CHECK;
