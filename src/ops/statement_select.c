/*
 * SELECT as reads: one range of rows for each partition key that the condition fixes, or all rows
 * of the table or index. The whole condition is the filter of every range, so that ranges need
 * only hold all that counts.
 */
#include "base/assert.h"
#include "base/limits.h"
#include "db/capacity.h"
#include "ops/key_paths.h"
#include "ops/page.h"
#include "ops/response.h"
#include "ops/statement.h"
#include "partiql/key_reads.h"
#include <stdlib.h>

/* ---- the index ---- */

/* The attributes in which columns begin, each once, in the order of the text. */
static uint32_t column_attributes(struct arena *arena, const struct statement *statement,
                                  const slice **names)
{
    slice *found = arena_new_array(arena, slice, statement->column_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < statement->column_count; i++) {
        slice name = statement->columns[i].path.elements[0].name;
        uint32_t known = 0;
        while (known < count && !slice_equal(found[known], name))
            known++;
        found[known] = name;
        count = known == count ? count + 1 : count;
    }
    *names = found;
    return count;
}

/* What it does not project, a global index cannot give; a local one is asked for whole items. */
static error check_columns(struct arena *arena, const struct statement *statement,
                           struct read_plan *read)
{
    const slice *names;
    uint32_t count = column_attributes(arena, statement, &names);
    slice unprojected = page_unprojected(arena, read->table, read->index, names, count);
    if (unprojected.size == 0)
        return NULL;
    read->fetch_base = read->index->kind == INDEX_LOCAL;
    if (read->fetch_base)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "One or more parameter values were invalid: Global secondary index %.*s does not "
                "project [%.*s]",
                SLICE_ARGS(read->index->name), SLICE_ARGS(unprojected));
}

/* Refused where every alternative does; otherwise what is missing is missing in the entries. */
static error check_filters(struct arena *arena, const struct read_plan *read,
                           const struct key_reads *reads)
{
    slice first = SLICE_NONE;
    for (uint32_t i = 0; i < reads->count; i++) {
        const slice *names;
        uint32_t count = condition_attributes(arena, reads->reads[i].condition, &names);
        slice unprojected = page_unprojected(arena, read->table, read->index, names, count);
        if (unprojected.size == 0)
            return NULL;
        first = i == 0 ? unprojected : first;
    }
    if (first.size == 0)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "One or more parameter values were invalid: Secondary index %.*s does not project "
                "one or more filter attributes: [%.*s]",
                SLICE_ARGS(read->index->name), SLICE_ARGS(first));
}

static error check_index(struct arena *arena, const struct statement *statement,
                         bool consistent_read, struct read_plan *read)
{
    if (!read->index)
        return NULL;
    if (read->index->kind == INDEX_GLOBAL && consistent_read)
        return FAILURE(ERROR_VALIDATION,
                       "Strongly consistent read is not supported on Global Secondary Indexes");
    return check_columns(arena, statement, read);
}

static error check_paths(struct arena *arena, const struct statement *statement,
                         const struct table *table)
{
    const slice *entered;
    struct path *paths = arena_new_array(arena, struct path, statement->column_count);
    for (uint32_t i = 0; i < statement->column_count; i++)
        paths[i] = statement->columns[i].path;
    uint32_t count = paths_entered(arena, paths, statement->column_count, &entered);
    TRY(key_paths_check(arena, table, entered, count));
    count = condition_entered(arena, statement->where, &entered);
    return key_paths_check(arena, table, entered, count);
}

/* ---- ORDER BY ---- */

/* In which order partitions and the rows in each are read. */
struct sequence {
    bool by_hash; /* partitions by their key, else as they lie */
    bool hash_descending;
    bool backward;
};

static bool has_several_hashes(const struct key_reads *reads)
{
    for (uint32_t i = 1; i < reads->count; i++) {
        if (!value_equal(reads->reads[i].hash_value, reads->reads[0].hash_value))
            return true;
    }
    return false;
}

/* Ordered by the partition key alone, rows come backward: so does the service. */
static error find_sequence(struct arena *arena, const struct statement *statement,
                           const struct key_parts *keys, const struct key_reads *reads,
                           struct sequence *sequence)
{
    *sequence = (struct sequence){.backward = statement->order_count > 0};
    if (statement->order_count == 0)
        return NULL;
    if (!statement->where)
        return FAILURE(ERROR_VALIDATION,
                       "Must have WHERE clause in the statement when using ORDER BY clause.");
    for (uint32_t i = 0; i < statement->order_count; i++) {
        const struct order_key *key = &statement->order[i];
        if (slice_equal(key->attribute, keys->hash[0].name)) {
            sequence->by_hash = true;
            sequence->hash_descending = key->descending;
        } else if (keys->range_count > 0 && slice_equal(key->attribute, keys->range[0].name)) {
            sequence->backward = key->descending;
        } else {
            return fail(arena, ERROR_VALIDATION,
                        "Attribute %.*s in ORDER BY clause must be part of the primary key",
                        SLICE_ARGS(key->attribute));
        }
    }
    if (!reads->is_keyed)
        return FAILURE(ERROR_VALIDATION, "Must have at least one non-optional hash key condition "
                                         "in WHERE clause when using ORDER BY clause.");
    if (!sequence->by_hash && has_several_hashes(reads))
        return FAILURE(ERROR_VALIDATION, "Must have hash key in ORDER BY clause when more than one "
                                         "hash key condition specified in WHERE clause.");
    return NULL;
}

static int compare_ranges(const void *a, const void *b, void *context)
{
    const struct select_range *one = a, *two = b;
    const struct sequence *sequence = context;
    if (sequence->by_hash && !value_equal(one->hash_value, two->hash_value)) {
        int order = value_compare(one->hash_value, two->hash_value);
        return sequence->hash_descending ? -order : order;
    }
    int order = slice_compare(one->rows.from, two->rows.from);
    return sequence->backward ? -order : order;
}

/* ---- ranges ---- */

static bool is_empty(struct row_range rows)
{
    return slice_compare(rows.from, rows.to) >= 0;
}

static struct row_range intersect(struct row_range a, struct row_range b)
{
    return (struct row_range){slice_compare(a.from, b.from) > 0 ? a.from : b.from,
                              slice_compare(a.to, b.to) < 0 ? a.to : b.to};
}

static struct row_range rows_of(struct arena *arena, const struct read_plan *plan,
                                const struct key_read *read)
{
    struct row_range rows =
        row_range_of_condition(arena, plan->table, plan->index, &read->conditions[0]);
    for (uint32_t i = 1; i < read->condition_count; i++)
        rows = intersect(
            rows, row_range_of_condition(arena, plan->table, plan->index, &read->conditions[i]));
    return rows;
}

/* Put a range among the others; those it may overlap become one with it. */
static error add_range(struct select_range *ranges, uint32_t *count, struct select_range range)
{
    for (uint32_t i = 0; i < *count; i++) {
        struct select_range *other = &ranges[i];
        if (is_empty(intersect(other->rows, range.rows)))
            continue;
        if (!other->may_overlap && !range.may_overlap)
            return FAILURE(
                ERROR_VALIDATION,
                "Overlapping conditions with range keys are not supported in where clause");
        range.may_overlap = true;
        if (slice_compare(other->rows.from, range.rows.from) < 0)
            range.rows.from = other->rows.from;
        if (slice_compare(other->rows.to, range.rows.to) > 0)
            range.rows.to = other->rows.to;
        *other = ranges[--*count];
        i = UINT32_MAX; /* the grown range, against all again */
    }
    ranges[(*count)++] = range;
    return NULL;
}

/* The key of the one row that a read can find; absent when there may be several. */
static slice single_key(struct arena *arena, const struct read_plan *plan,
                        const struct key_read *read)
{
    const struct key_schema *keys = &plan->table->keys;
    slice names[] = {keys->hash.name, keys->range.name};
    slice values[] = {read->hash_value, SLICE_NONE};
    if (plan->index)
        return ITEM_ABSENT;
    if (!keys->has_range)
        return item_make(arena, names, values, 1);
    for (uint32_t i = 0; i < read->condition_count; i++) {
        values[1] = read->conditions[i].range_value;
        if (read->conditions[i].range_operator == RANGE_EQ)
            return item_make(arena, names, values, 2);
    }
    return ITEM_ABSENT;
}

static error find_ranges(struct arena *arena, const struct key_reads *reads,
                         struct select_plan *plan)
{
    struct select_range *ranges = arena_new_array(arena, struct select_range, reads->count + 1ul);
    plan->ranges = ranges;
    if (!reads->is_keyed) {
        ranges[plan->range_count++].rows =
            row_range_of_segment(arena, plan->read.table, plan->read.index, 0, 1);
        return NULL;
    }
    for (uint32_t i = 0; i < reads->count; i++) {
        const struct key_read *read = &reads->reads[i];
        if (read->condition_count == 0)
            continue;
        struct select_range range = {read->hash_value, rows_of(arena, &plan->read, read),
                                     read->may_overlap};
        if (!is_empty(range.rows))
            TRY(add_range(ranges, &plan->range_count, range));
    }
    if (reads->count == 1 && plan->range_count == 1)
        plan->key = single_key(arena, &plan->read, &reads->reads[0]);
    return NULL;
}

error select_plan_make(struct arena *arena, const struct statement *statement,
                       const struct table *table, bool consistent_read, struct select_plan *plan)
{
    *plan = (struct select_plan){.statement = statement, .read = {.table = table}};
    TRY(statement_find_index(arena, statement, table, &plan->read.index));
    if (statement->bad_column)
        return statement->bad_column;
    TRY(check_index(arena, statement, consistent_read, &plan->read));
    struct key_parts keys = index_key_parts(table, plan->read.index);
    struct key_reads reads;
    TRY(key_reads_find(arena, statement->where, &keys, &reads));
    struct sequence sequence;
    TRY(find_sequence(arena, statement, &keys, &reads, &sequence));
    TRY(find_ranges(arena, &reads, plan));
    if (plan->read.index)
        TRY(check_filters(arena, &plan->read, &reads));
    TRY(check_paths(arena, statement, table));
    qsort_r((void *)plan->ranges, plan->range_count, sizeof *plan->ranges, compare_ranges,
            &sequence);
    plan->read.backward = sequence.backward;
    plan->read.filter = statement->where;
    plan->items_max = plan->range_count > 1 ? PARTIQL_READS_ITEMS_MAX : 0;
    return NULL;
}

bool select_plan_skip(struct arena *arena, struct select_plan *plan, slice key)
{
    const struct read_plan *read = &plan->read;
    if (index_check_key(arena, read->table, read->index, key))
        return false;
    struct select_range *ranges = (struct select_range *)plan->ranges;
    for (uint32_t i = 0; i < plan->range_count; i++) {
        struct row_range rows = ranges[i].rows;
        if (!row_range_has(arena, read->table, read->index, rows, key))
            continue;
        ranges[i].rows =
            row_range_after(arena, read->table, read->index, rows, key, read->backward);
        plan->ranges += i;
        plan->range_count -= i;
        return true;
    }
    return false;
}

/* ---- reading ---- */

static void add_items(struct arena *arena, const struct select_plan *plan,
                      const struct read_page *read, struct select_page *page)
{
    slice *items = arena_new_array(arena, slice, (size_t)page->count + read->count);
    if (page->count > 0)
        memcpy(items, page->items, page->count * sizeof *items);
    for (uint32_t i = 0; i < read->count; i++)
        items[page->count++] = statement_project(plan->statement, read->items[i], arena);
    page->items = items;
}

/* One row is got as GetItem gets it. There is nothing to go on with. */
static error read_single(struct db_session *session, const struct read_plan *plan, slice key,
                         struct read_page *page)
{
    slice *item = arena_new(session->arena, slice);
    TRY(db_read_item(session, plan->table, key, item));
    bool counts = item_exists(*item) && condition_holds(plan->filter, *item, session->arena);
    *page = (struct read_page){.items = item,
                               .count = counts ? 1 : 0,
                               .scanned_count = item_exists(*item) ? 1 : 0,
                               .scanned_bytes = item_charged_bytes(*item),
                               .last_key = ITEM_ABSENT};
    return NULL;
}

error select_read(struct db_session *session, const struct select_plan *plan, uint32_t limit,
                  bool consistent_read, struct select_page *page, struct consumed *consumed)
{
    struct read_plan read = plan->read;
    *page = (struct select_page){.last_key = ITEM_ABSENT};
    consumed->table = read.table;
    if (plan->items_max > 0 && (limit == 0 || limit > plan->items_max))
        limit = plan->items_max;
    read.limit = limit;
    db_read_consistently(session, consistent_read);
    struct read_page nothing = {.items = NULL};
    if (plan->range_count == 0) /* looking for what cannot be is charged as finding nothing */
        consumed_add_read(consumed, &read, &nothing, consistent_read);
    for (uint32_t i = 0; i < plan->range_count && !item_exists(page->last_key); i++) {
        struct read_page found;
        read.range = plan->ranges[i].rows;
        TRY(item_exists(plan->key) ? read_single(session, &read, plan->key, &found)
                                   : db_read_page(session, &read, &found));
        consumed_add_read(consumed, &read, &found, consistent_read);
        add_items(session->arena, plan, &found, page);
        page->last_key = found.last_key;
        read.bytes_before += found.scanned_bytes;
        if (limit > 0)
            read.limit -= found.scanned_count;
    }
    return NULL;
}
