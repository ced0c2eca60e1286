/* What is counted: units, items, where they lie, and that changes of a table lose none of it. */
#include "db/partition/usage.h"

#include "db/partition/charge.h"
#include "db/table/table_update.h"
#include "db/write_wait.h"
#include "tests/unit/db/index/index_fixture.h"
#include <stdio.h>

static struct usage_counts counts_of(const struct usage_counters *counters)
{
    struct usage_counts counts;
    usage_read(counters, &counts);
    return counts;
}

static struct usage_counts sum_of(struct fixture *fixture, uint32_t index)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    const struct usage_view *view = usage_of(table, index == 0 ? NULL : &table->indexes[index - 1]);
    struct usage_counts counts = counts_of(&view->sum->counters);
    struct usage_counts parts = {.scanned_items = 0};
    for (uint32_t i = 0; i < view->partition_count; i++) {
        struct usage_counts part = counts_of(&view->partitions[i]->counters);
        parts.half_units[USAGE_READ] += part.half_units[USAGE_READ];
        parts.half_units[USAGE_WRITE] += part.half_units[USAGE_WRITE];
        parts.scanned_items += part.scanned_items;
        parts.returned_items += part.returned_items;
    }
    CHECK(memcmp(parts.half_units, counts.half_units, sizeof parts.half_units) == 0);
    CHECK(parts.scanned_items == counts.scanned_items);
    CHECK(parts.returned_items == counts.returned_items);
    caller_close(&caller);
    return counts;
}

static void write_one(struct fixture *fixture, struct write_plan plan, const char *json,
                      bool in_transaction)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct write_result result;
    bool repeated;
    plan.table = find_table(&caller);
    *(plan.kind == WRITE_PUT ? &plan.item : &plan.key) = item_of(&caller.arena, json);
    CHECK_OK(in_transaction ? db_write_once(&caller.session, &plan, 1, NULL, &result, &repeated)
                            : db_write(&caller.session, &plan, 1, &result));
    CHECK_OK(caller_settle(&caller));
    charges_settle(&caller.session, NULL);
    caller_close(&caller);
}

TEST(a_write_is_charged_by_the_larger_of_the_item_before_and_after_and_twice_in_a_transaction)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    const struct write_plan put = {.kind = WRITE_PUT};
    const struct write_plan delete = {.kind = WRITE_DELETE};
    write_one(&fixture, put, "{'pk':{'S':'a'}}", false);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_WRITE] == 2);
    write_one(&fixture, put, "{'pk':{'S':'a'}}", true);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_WRITE] == 6);
    write_one(&fixture, delete, "{'pk':{'S':'a'}}", false);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_WRITE] == 8);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_READ] == 0);
    fixture_close(&fixture);
}

TEST(what_the_database_writes_in_the_background_is_not_charged)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_DELETE,
                              .key = item_of(&caller.arena, "{'pk':{'S':'a'}}"),
                              .actor = LOG_BY_TIME_TO_LIVE};
    struct write_result result;
    CHECK_OK(db_write_and_wait(fixture.db, &caller.arena, &plan, 1, &result));
    caller_close(&caller);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_WRITE] == 0);
    fixture_close(&fixture);
}

static void read_one(struct fixture *fixture, const char *json, bool consistent_read, bool settles)
{
    struct caller caller;
    caller_open(&caller, fixture);
    slice item;
    db_read_consistently(&caller.session, consistent_read);
    CHECK_OK(
        db_read_item(&caller.session, find_table(&caller), item_of(&caller.arena, json), &item));
    if (settles)
        charges_settle(&caller.session, NULL);
    else
        charges_take_back(&caller.session, 0);
    caller_close(&caller);
}

TEST(a_read_is_charged_when_it_is_answered_found_or_not_and_half_when_eventual)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    read_one(&fixture, "{'pk':{'S':'a'}}", true, true);
    read_one(&fixture, "{'pk':{'S':'a'}}", false, true);
    read_one(&fixture, "{'pk':{'S':'gone'}}", true, true);
    read_one(&fixture, "{'pk':{'S':'a'}}", true, false);
    struct usage_counts counts = sum_of(&fixture, 0);
    CHECK(counts.half_units[USAGE_READ] == 2 + 1 + 2);
    CHECK(counts.scanned_items == 2 && counts.returned_items == 2);
    fixture_close(&fixture);
}

TEST(a_database_that_is_told_not_to_counts_nothing)
{
    struct fixture fixture;
    fixture_open(&fixture);
    fixture.throughput = THROUGHPUT_OFF;
    fixture_reopen(&fixture);
    create_table(&fixture, false);
    write_one(&fixture, (struct write_plan){.kind = WRITE_PUT}, "{'pk':{'S':'a'}}", false);
    read_one(&fixture, "{'pk':{'S':'a'}}", true, true);
    struct usage_counts nothing = {.scanned_items = 0};
    struct usage_counts counts = sum_of(&fixture, 0);
    CHECK(memcmp(&counts, &nothing, sizeof counts) == 0);
    fixture_close(&fixture);
}

static void read_page(struct fixture *fixture, uint32_t index)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    struct read_plan plan = {.table = table, .index = index ? &table->indexes[index - 1] : NULL};
    plan.range = row_range_of_segment(&caller.arena, table, plan.index, 0, 1);
    struct read_page page;
    db_read_consistently(&caller.session, true);
    CHECK_OK(db_read_page(&caller.session, &plan, &page));
    charges_settle(&caller.session, NULL);
    caller_close(&caller);
}

static void open_with_items(struct fixture *fixture, int count)
{
    fixture_open_with_table(fixture, false);
    for (int i = 0; i < count; i++) {
        char json[256];
        snprintf(json, sizeof json, "{'pk':{'S':'%d'},'a':{'S':'%0100d'}}", i, i);
        CHECK_OK(put(fixture, json));
    }
}

TEST(a_page_is_shared_out_between_the_partitions_that_it_came_from)
{
    struct fixture fixture;
    open_with_items(&fixture, 200);
    read_page(&fixture, 0);
    struct usage_counts counts = sum_of(&fixture, 0);
    CHECK(counts.half_units[USAGE_READ] == 2 * 6); /* about 21 KB */
    CHECK(counts.scanned_items == 200 && counts.returned_items == 200);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct usage_view *view = usage_of(find_table(&caller), NULL);
    CHECK(view->partition_count == 4);
    for (uint32_t i = 0; i < view->partition_count; i++) {
        struct usage_counts part = counts_of(&view->partitions[i]->counters);
        CHECK(part.scanned_items > 30 && part.half_units[USAGE_READ] >= 2);
    }
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_page_that_would_be_throttled_is_told_once_and_takes_nothing)
{
    struct fixture fixture;
    open_with_items(&fixture, 200);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct usage_view *view = usage_of(find_table(&caller), NULL);
    read_page(&fixture, 0);
    bucket_take(&view->sum->buckets[USAGE_READ], 1000000);
    int64_t tokens = view->sum->buckets[USAGE_READ].tokens;
    read_page(&fixture, 0);
    int64_t told = 0;
    struct usage_counts counts = sum_of(&fixture, 0);
    for (uint32_t limit = 0; limit < USAGE_LIMIT_COUNT; limit++)
        told += counts.would_throttle[USAGE_READ][limit];
    CHECK(told == 1 && counts.scanned_items == 400);
    CHECK(view->sum->buckets[USAGE_READ].tokens == tokens);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(the_entries_of_a_global_index_are_charged_to_it_and_those_of_a_local_one_to_the_table)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    int64_t expected[1 + INDEX_COUNT] = {2};
    write_one(&fixture, (struct write_plan){.kind = WRITE_PUT},
              "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'},'b':{'N':'2'},'c':{'B':'AAEC'},"
              "'d':{'S':'y'},'e':{'S':'z'}}",
              false);
    for (uint32_t i = 0; i < INDEX_COUNT; i++)
        expected[index_definitions[i].kind == INDEX_LOCAL ? 0 : 1 + i] += 2;
    for (uint32_t i = 0; i <= INDEX_COUNT; i++) {
        bool is_local = i > 0 && index_definitions[i - 1].kind == INDEX_LOCAL;
        CHECK(sum_of(&fixture, i).half_units[USAGE_WRITE] == expected[is_local ? 0 : i]);
        if (is_local || i == 0)
            continue;
        read_page(&fixture, i);
        CHECK(sum_of(&fixture, i).half_units[USAGE_READ] == 2);
        CHECK(sum_of(&fixture, i).returned_items == 1);
    }
    fixture_close(&fixture);
}

TEST(a_change_of_the_description_loses_nothing)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    write_one(&fixture, (struct write_plan){.kind = WRITE_PUT}, "{'pk':{'S':'a'}}", false);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct table_change change = {.table_class = TABLE_CLASS_INFREQUENT};
    struct table_changed changed;
    CHECK_OK(table_update(&caller.session, SLICE("T"), &change, &changed));
    caller_close(&caller);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_WRITE] == 2);
    write_one(&fixture, (struct write_plan){.kind = WRITE_PUT}, "{'pk':{'S':'a'}}", false);
    CHECK(sum_of(&fixture, 0).half_units[USAGE_WRITE] == 4);
    fixture_close(&fixture);
}
