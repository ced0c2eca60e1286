/*
 * Random writes against a model: whatever is put, updated and deleted, each index holds what the
 * items imply, reads of it answer what the items answer, and check finds nothing.
 */
#include "db/check/check.h"
#include "db/read.h"
#include "tests/unit/db/index/index_fixture.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 100, BATCHES_PER_ROUND = 12, PLANS_MAX = 4, IN_FLIGHT = 3, QUERIES = 12 };

/* ---- writing ---- */

static const struct update *random_update(struct arena *arena, struct random *random)
{
    struct buffer set, remove;
    struct placeholder_value *values = arena_new_array(arena, struct placeholder_value, 5);
    struct placeholders placeholders = {.values = values};
    buffer_init(&set, arena);
    buffer_init(&remove, arena);
    for (char name = 'a'; name <= 'e'; name++) {
        uint64_t action = random_below(random, 4);
        if (action == 0) {
            buffer_append(&remove,
                          arena_format(arena, "%s %c", remove.size ? "," : " REMOVE", name));
        } else if (action == 1) {
            buffer_append(&set,
                          arena_format(arena, "%s %c = :%c", set.size ? "," : "SET", name, name));
            values[placeholders.value_count++] =
                (struct placeholder_value){.placeholder = arena_format(arena, ":%c", name),
                                           .input.value = random_value(arena, random, name)};
        }
    }
    buffer_append(&set, buffer_slice(&remove));
    if (set.size == 0)
        return NULL;
    const struct update *update = NULL;
    CHECK_OK(update_parse(arena, buffer_slice(&set), &placeholders, &update));
    return update;
}

static struct write_plan random_plan(struct caller *caller, struct random *random, slice key)
{
    struct write_plan plan = {.table = find_table(caller), .key = key};
    switch (random_below(random, 5)) {
    case 0:
        plan.kind = WRITE_DELETE;
        break;
    case 1:
    case 2:
        plan.kind = WRITE_UPDATE;
        plan.update = random_update(&caller->arena, random);
        break;
    default:
        plan.kind = WRITE_PUT;
        plan.item = random_item(&caller->arena, random, key);
        CHECK_OK(index_check_item(&caller->arena, plan.table, plan.item));
    }
    return plan;
}

/* What capacity is charged by: sizes, and whether an entry changed or moved. */
static void check_changes(struct arena *arena, const struct write_result *result)
{
    for (uint32_t i = 0; i < INDEX_COUNT; i++) {
        const struct index *index = &index_definitions[i];
        const struct index_change *change = &result->index_changes[i];
        slice before = implied_entry(arena, index, result->old_item);
        slice after = implied_entry(arena, index, result->new_item);
        CHECK(change->old_bytes == item_charged_bytes(before));
        CHECK(change->new_bytes == item_charged_bytes(after));
        CHECK(change->changed == !slice_equal(before, after));
        slice old_keys[2 * KEY_PARTS_MAX] = {SLICE_NONE};
        slice new_keys[2 * KEY_PARTS_MAX] = {SLICE_NONE};
        bool both = key_values(before, index->keys.hash, index->keys.hash_count, old_keys) &&
                    key_values(after, index->keys.hash, index->keys.hash_count, new_keys) &&
                    key_values(before, index->keys.range, index->keys.range_count, old_keys + 4) &&
                    key_values(after, index->keys.range, index->keys.range_count, new_keys + 4);
        bool same = true;
        for (uint32_t k = 0; k < 2 * KEY_PARTS_MAX; k++)
            same = same && slice_equal(old_keys[k], new_keys[k]);
        CHECK(change->moved == (both && !same));
    }
}

/* One change set of one to four items; settled by whoever closes the caller. */
static void write_batch(struct fixture *fixture, struct model *model, struct random *random,
                        struct caller *caller)
{
    struct write_plan plans[PLANS_MAX];
    struct write_result results[PLANS_MAX];
    slice *cells[PLANS_MAX];
    uint32_t wanted = 1 + (uint32_t)random_below(random, PLANS_MAX);
    uint32_t count = 0;
    caller_open(caller, fixture);
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t pk, sk;
        slice key = random_key(&caller->arena, random, &pk, &sk);
        slice *cell = &model->items[pk][sk];
        bool is_new = true;
        for (uint32_t j = 0; j < count; j++)
            is_new = is_new && cells[j] != cell;
        if (!is_new)
            continue;
        cells[count] = cell;
        plans[count++] = random_plan(caller, random, key);
    }
    CHECK_OK(db_write(&caller->session, plans, count, results));
    for (uint32_t i = 0; i < count; i++) {
        CHECK_SLICE(results[i].old_item, *cells[i]);
        check_changes(&caller->arena, &results[i]);
        *cells[i] = item_exists(results[i].new_item)
                        ? arena_copy(&fixture->arena, results[i].new_item)
                        : ITEM_ABSENT;
    }
}

static void write_round(struct fixture *fixture, struct model *model, struct random *random)
{
    struct caller callers[IN_FLIGHT];
    for (uint32_t batch = 0; batch < BATCHES_PER_ROUND; batch += IN_FLIGHT) {
        for (uint32_t i = 0; i < IN_FLIGHT; i++)
            write_batch(fixture, model, random, &callers[i]);
        for (uint32_t i = 0; i < IN_FLIGHT; i++) {
            CHECK_OK(caller_settle(&callers[i]));
            caller_close(&callers[i]);
        }
    }
}

/* ---- what a read should answer ---- */

struct entries {
    slice entries[PARTITIONS * ITEMS_PER_PARTITION];
    uint32_t count;
};

static bool compares(enum range_operator operator, slice value, const struct key_condition *wanted)
{
    int order = value_compare(value, wanted->range_value);
    switch (operator) {
    case RANGE_ANY:
        return true;
    case RANGE_EQ:
        return order == 0;
    case RANGE_LT:
        return order < 0;
    case RANGE_LE:
        return order <= 0;
    case RANGE_GT:
        return order > 0;
    case RANGE_GE:
        return order >= 0;
    case RANGE_BETWEEN:
        return order >= 0 && value_compare(value, wanted->range_value_upper) <= 0;
    case RANGE_BEGINS_WITH:
        return slice_begins_with(value_content(value), value_content(wanted->range_value));
    }
    return false;
}

static bool matches(const struct index *index, const struct key_condition *condition, slice entry)
{
    slice values[KEY_PARTS_MAX];
    CHECK(key_values(entry, index->keys.hash, index->keys.hash_count, values));
    for (uint32_t i = 0; i < index->keys.hash_count; i++) {
        if (!value_equal(values[i], condition->hash_values[i]))
            return false;
    }
    CHECK(key_values(entry, index->keys.range, index->keys.range_count, values));
    for (uint32_t i = 0; i < condition->equal_count; i++) {
        if (!value_equal(values[i], condition->equal_values[i]))
            return false;
    }
    return condition->range_operator == RANGE_ANY ||
           compares(condition->range_operator, values[condition->equal_count], condition);
}

/* The order of one partition: sort attributes, then the table's key. */
static const struct index *sorted_index;
static int by_sort_key(const void *left, const void *right)
{
    static const struct key_attribute table_keys[] = {{SLICE("pk"), VALUE_S},
                                                      {SLICE("sk"), VALUE_N}};
    slice a[KEY_PARTS_MAX], b[KEY_PARTS_MAX];
    const struct key_parts *keys = &sorted_index->keys;
    CHECK(key_values(*(const slice *)left, keys->range, keys->range_count, a));
    CHECK(key_values(*(const slice *)right, keys->range, keys->range_count, b));
    for (uint32_t i = 0; i < keys->range_count; i++) {
        int order = value_compare(a[i], b[i]);
        if (order != 0)
            return order;
    }
    CHECK(key_values(*(const slice *)left, table_keys, 2, a));
    CHECK(key_values(*(const slice *)right, table_keys, 2, b));
    int order = value_compare(a[0], b[0]);
    return order != 0 ? order : value_compare(a[1], b[1]);
}

/* `condition` NULL: the whole index. */
static struct entries implied(struct arena *arena, const struct model *model,
                              const struct index *index, const struct key_condition *condition)
{
    struct entries implied = {.count = 0};
    for (uint32_t pk = 0; pk < PARTITIONS; pk++) {
        for (uint32_t sk = 0; sk < ITEMS_PER_PARTITION; sk++) {
            slice entry = implied_entry(arena, index, model->items[pk][sk]);
            if (item_exists(entry) && (!condition || matches(index, condition, entry)))
                implied.entries[implied.count++] = entry;
        }
    }
    sorted_index = index;
    qsort(implied.entries, implied.count, sizeof implied.entries[0], by_sort_key);
    return implied;
}

/* ---- reading ---- */

/* All pages of a range, with the limit given. */
static struct entries read_all(struct caller *caller, struct read_plan plan)
{
    struct entries found = {.count = 0};
    struct read_page page;
    do {
        CHECK_OK(db_read_page(&caller->session, &plan, &page));
        for (uint32_t i = 0; i < page.count; i++) {
            CHECK(found.count < PARTITIONS * ITEMS_PER_PARTITION);
            if (found.count < PARTITIONS * ITEMS_PER_PARTITION)
                found.entries[found.count++] = page.items[i];
        }
        if (!item_exists(page.last_key))
            break;
        CHECK_OK(index_check_key(&caller->arena, plan.table, plan.index, page.last_key));
        CHECK(row_range_has(&caller->arena, plan.table, plan.index, plan.range, page.last_key));
        plan.range = row_range_after(&caller->arena, plan.table, plan.index, plan.range,
                                     page.last_key, plan.backward);
    } while (true);
    return found;
}

static bool holds(const struct entries *entries, slice entry)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        if (slice_equal(entries->entries[i], entry))
            return true;
    }
    return false;
}

static void check_scan(struct caller *caller, const struct model *model, const struct table *table,
                       const struct index *index)
{
    struct entries wanted = implied(&caller->arena, model, index, NULL);
    struct entries found = {.count = 0};
    int64_t wanted_bytes = 0;
    for (uint32_t segment = 0; segment < 3; segment++) {
        struct read_plan plan = {.table = table,
                                 .index = index,
                                 .range =
                                     row_range_of_segment(&caller->arena, table, index, segment, 3),
                                 .limit = segment + 1};
        struct entries part = read_all(caller, plan);
        for (uint32_t i = 0; i < part.count; i++)
            found.entries[found.count++ % (PARTITIONS * ITEMS_PER_PARTITION)] = part.entries[i];
    }
    CHECK(found.count == wanted.count);
    for (uint32_t i = 0; i < wanted.count; i++) {
        CHECK(holds(&found, wanted.entries[i]));
        wanted_bytes += (int64_t)item_charged_bytes(wanted.entries[i]);
    }
    int64_t item_count, bytes;
    CHECK_OK(table_index_counts(&caller->session, table, index, &item_count, &bytes));
    CHECK(item_count == wanted.count && bytes == wanted_bytes);
}

static slice any_value(struct arena *arena, struct random *random,
                       const struct key_attribute *attribute)
{
    if (attribute->name.size == 1)
        return random_value(arena, random, attribute->name.data[0]);
    uint32_t pk, sk;
    slice value;
    CHECK(item_attribute(random_key(arena, random, &pk, &sk), attribute->name, &value));
    return value;
}

static struct key_condition random_condition(struct arena *arena, struct random *random,
                                             const struct index *index)
{
    struct key_condition condition = {.hash_count = index->keys.hash_count};
    for (uint32_t i = 0; i < condition.hash_count; i++)
        condition.hash_values[i] = any_value(arena, random, &index->keys.hash[i]);
    if (index->keys.range_count == 0)
        return condition;
    condition.equal_count = (uint32_t)random_below(random, index->keys.range_count);
    for (uint32_t i = 0; i < condition.equal_count; i++)
        condition.equal_values[i] = any_value(arena, random, &index->keys.range[i]);
    const struct key_attribute *last = &index->keys.range[condition.equal_count];
    condition.range_operator = (enum range_operator)random_below(random, RANGE_BEGINS_WITH + 1);
    if (last->type == VALUE_N && condition.range_operator == RANGE_BEGINS_WITH)
        condition.range_operator = RANGE_ANY;
    condition.range_value = any_value(arena, random, last);
    condition.range_value_upper = any_value(arena, random, last);
    if (condition.range_operator == RANGE_BETWEEN &&
        value_compare(condition.range_value, condition.range_value_upper) > 0)
        condition.range_value_upper = condition.range_value;
    return condition;
}

static void check_query(struct caller *caller, const struct model *model, struct random *random,
                        const struct table *table, const struct index *index)
{
    struct arena *arena = &caller->arena;
    struct key_condition condition = random_condition(arena, random, index);
    struct entries wanted = implied(arena, model, index, &condition);
    struct read_plan plan = {.table = table,
                             .index = index,
                             .range = row_range_of_condition(arena, table, index, &condition),
                             .backward = random_below(random, 2),
                             .limit = (uint32_t)random_below(random, 4)};
    struct entries found = read_all(caller, plan);
    CHECK(found.count == wanted.count);
    for (uint32_t i = 0; i < wanted.count && found.count == wanted.count; i++)
        CHECK_SLICE(found.entries[plan.backward ? wanted.count - 1 - i : i], wanted.entries[i]);
}

static void check_indexes(struct fixture *fixture, const struct model *model, struct random *random)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    CHECK(table->index_count == INDEX_COUNT);
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = table_index(table, index_definitions[i].name);
        CHECK(index == &table->indexes[i]);
        check_scan(&caller, model, table, index);
        for (uint32_t query = 0; query < QUERIES; query++)
            check_query(&caller, model, random, table, index);
    }
    caller_close(&caller);
    CHECK(check(fixture).problems == 0);
}

TEST(each_index_holds_what_the_items_imply)
{
    struct fixture fixture;
    struct random random;
    struct model model = {.items = {{ITEM_ABSENT}}};
    random_init(&random, test_seed());
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        write_round(&fixture, &model, &random);
        if (round % 8 == 7)
            fixture_reopen(&fixture);
        check_indexes(&fixture, &model, &random);
    }
    fixture_close(&fixture);
}
