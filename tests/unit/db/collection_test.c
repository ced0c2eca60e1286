/* Item collections: their sizes follow every write exactly, and none grows past the limit. */
#include "db/collection.h"

#include "base/bytes.h"
#include "db/check/check.h"
#include "db/db_private.h"
#include "store/queue.h"
#include "tests/unit/db/index/index_fixture.h"
#include <stdio.h>

/* The size of the collection "p0", "p1", …, as it is stored; 0: there is no row. */
static int64_t stored_bytes(struct fixture *fixture, const char *pk)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    slice item = item_of(&caller.arena, arena_format(&caller.arena,
                                                     "{'pk':{'S':'%s'},'sk':{'N':'0'}}%c", pk, 0)
                                            .data);
    slice key = row_key_of_collection(&caller.arena, &table->keys, table->space, item);
    struct store_row row;
    CHECK(store_get(fixture->store, STORE_SHARD_WHOLE, &caller.arena, &key, 1, STORE_ANY, &row) ==
          STORE_OK);
    int64_t bytes = -1;
    CHECK(collection_value_open(row.found ? row.value : SLICE_NONE, &bytes));
    CHECK(row.found == (bytes > 0));
    caller_close(&caller);
    return bytes;
}

/* By the definition: the items of the partition and what they imply in local indexes. */
static int64_t model_bytes(struct fixture *fixture, const struct model *model, uint32_t pk)
{
    int64_t bytes = 0;
    for (uint32_t sk = 0; sk < ITEMS_PER_PARTITION; sk++) {
        slice item = model->items[pk][sk];
        bytes += (int64_t)item_charged_bytes(item);
        for (uint32_t i = 0; i < INDEX_COUNT; i++) {
            if (index_definitions[i].kind == INDEX_LOCAL)
                bytes += (int64_t)item_charged_bytes(
                    implied_entry(&fixture->arena, &index_definitions[i], item));
        }
    }
    return bytes;
}

static error write_one(struct fixture *fixture, const struct write_plan *form,
                       struct write_result *result)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct write_plan plan = *form;
    plan.table = find_table(&caller);
    error failure = db_write(&caller.session, &plan, 1, result);
    error settled = caller_settle(&caller);
    if (failure)
        failure = fail(&fixture->arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    caller_close(&caller);
    return failure ? failure : settled;
}

static error delete(struct fixture *fixture, const char *json)
{
    struct write_result result;
    struct write_plan plan = {.kind = WRITE_DELETE, .key = item_of(&fixture->arena, json)};
    return write_one(fixture, &plan, &result);
}

TEST(the_size_of_a_collection_is_that_of_its_items_and_their_local_entries)
{
    struct random random;
    random_init(&random, test_seed());
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct model model = {0};
    for (int round = 0; round < 400; round++) {
        uint32_t pk;
        uint32_t sk;
        slice key = random_key(&fixture.arena, &random, &pk, &sk);
        bool goes = random_below(&random, 3) == 0;
        slice item = goes ? ITEM_ABSENT : random_item(&fixture.arena, &random, key);
        struct write_plan plan = {
            .kind = goes ? WRITE_DELETE : WRITE_PUT, .key = key, .item = item};
        struct write_result result;
        CHECK_OK(write_one(&fixture, &plan, &result));
        model.items[pk][sk] = item;

        int64_t bytes = model_bytes(&fixture, &model, pk);
        CHECK(result.collection_bytes == bytes);
        CHECK(stored_bytes(&fixture, arena_format(&fixture.arena, "p%u%c", pk, 0).data) == bytes);
    }
    fixture_close(&fixture);
}

static uint32_t count_rows(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    slice prefix = row_key_begin_collections(&caller.arena, find_table(&caller)->space);
    struct store_scan scan = {.area = STORE_ROWS,
                              .from = prefix,
                              .to = row_key_after_prefix(&caller.arena, prefix),
                              .tier = STORE_ANY,
                              .row_count_max = 100,
                              .bytes_max = SIZE_MAX};
    struct store_page page;
    CHECK(store_scan(fixture->store, &caller.arena, &scan, &page) == STORE_OK);
    caller_close(&caller);
    return page.count;
}

TEST(tables_without_local_indexes_count_nothing)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, true);
    struct write_result result;
    struct write_plan plan = {.kind = WRITE_PUT,
                              .item = item_of(&fixture.arena, "{'pk':{'S':'a'},'sk':{'N':'1'}}")};
    CHECK_OK(write_one(&fixture, &plan, &result));
    CHECK(result.collection_bytes == 0 && count_rows(&fixture) == 0);
    fixture_close(&fixture);
}

/* ---- the limit ---- */

#define SMALL "{'pk':{'S':'a'},'sk':{'N':'%d'}}"                     /* 2 + 1 + 2 + 2: 7 bytes */
#define LARGER "{'pk':{'S':'a'},'sk':{'N':'%d'},'z':{'S':'0123456'}}" /* and 1 + 7: 15 bytes */

/* `table`: NULL where write_one finds it. */
static struct write_plan put_plan(struct fixture *fixture, const struct table *table,
                                  const char *format, int number)
{
    char json[200];
    snprintf(json, sizeof json, format, number);
    return (struct write_plan){
        .table = table, .kind = WRITE_PUT, .item = item_of(&fixture->arena, json)};
}

/* The table has local indexes, none of whose keys these items have. */
static void open_with_limit(struct fixture *fixture, int64_t bytes_max)
{
    fixture_open(fixture);
    create_indexed_table(fixture);
    fixture->collection_bytes_max = bytes_max;
    fixture_reopen(fixture);
}

static void check_refused(error failure)
{
    CHECK(failure && failure->kind == ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED);
    if (failure)
        CHECK_SLICE(failure->message, SLICE("Collection size exceeded."));
}

TEST(a_collection_grows_to_its_limit_and_not_past_it)
{
    struct fixture fixture;
    open_with_limit(&fixture, 14);
    struct write_result result;
    struct write_plan first = put_plan(&fixture, NULL, SMALL, 1);
    struct write_plan second = put_plan(&fixture, NULL, SMALL, 2);
    struct write_plan third = put_plan(&fixture, NULL, SMALL, 3);
    struct write_plan larger = put_plan(&fixture, NULL, LARGER, 1);

    CHECK_OK(write_one(&fixture, &first, &result));
    CHECK_OK(write_one(&fixture, &second, &result));
    check_refused(write_one(&fixture, &third, &result));
    CHECK(result.refusal != NULL);
    check_refused(write_one(&fixture, &larger, &result));
    CHECK_OK(write_one(&fixture, &first, &result)); /* the same again: it does not grow */

    CHECK(stored_bytes(&fixture, "a") == 14);
    CHECK_OK(put(&fixture, "{'pk':{'S':'b'},'sk':{'N':'1'}}")); /* another one has room */
    CHECK_OK(delete(&fixture, "{'pk':{'S':'a'},'sk':{'N':'1'}}"));
    CHECK_OK(write_one(&fixture, &third, &result));
    fixture_close(&fixture);
}

TEST(a_collection_past_its_limit_may_shrink)
{
    struct fixture fixture;
    open_with_limit(&fixture, 1000);
    struct write_result result;
    struct write_plan larger = put_plan(&fixture, NULL, LARGER, 1);
    struct write_plan smaller = put_plan(&fixture, NULL, SMALL, 1);
    struct write_plan other = put_plan(&fixture, NULL, LARGER, 2);
    CHECK_OK(write_one(&fixture, &larger, &result));
    CHECK_OK(write_one(&fixture, &other, &result));
    fixture.collection_bytes_max = 1;
    fixture_reopen(&fixture);

    CHECK_OK(write_one(&fixture, &smaller, &result));
    CHECK(stored_bytes(&fixture, "a") == 15 + 7);
    check_refused(write_one(&fixture, &larger, &result));
    CHECK_OK(delete(&fixture, "{'pk':{'S':'a'},'sk':{'N':'1'}}"));
    CHECK_OK(delete(&fixture, "{'pk':{'S':'a'},'sk':{'N':'2'}}"));
    CHECK(stored_bytes(&fixture, "a") == 0);
    fixture_close(&fixture);
}

TEST(what_is_pending_counts_and_a_refusal_waits_for_it)
{
    struct fixture fixture;
    open_with_limit(&fixture, 7);
    struct rivals rivals;
    rivals_open(&rivals, &fixture);
    struct write_plan plans[] = {
        put_plan(&fixture, find_table(&rivals.first), SMALL, 1),
        put_plan(&fixture, find_table(&rivals.second), SMALL, 2),
    };
    struct write_result result;

    hold_groups(&fixture, true, 0);
    CHECK_OK(db_write(&rivals.first.session, &plans[0], 1, &result));
    check_refused(db_write(&rivals.second.session, &plans[1], 1, &result));

    CHECK(rivals.second.session.submitted != NULL);
    hold_groups(&fixture, false, 0);
    CHECK_OK(caller_settle(&rivals.first));
    CHECK_OK(caller_settle(&rivals.second));
    CHECK(stored_bytes(&fixture, "a") == 7);
    rivals_close(&rivals);
    fixture_close(&fixture);
}

TEST(when_a_pending_write_is_dropped_so_are_those_that_counted_on_it)
{
    struct fixture fixture;
    open_with_limit(&fixture, 1000);
    struct rivals rivals;
    rivals_open(&rivals, &fixture);
    struct write_plan plans[] = {
        put_plan(&fixture, find_table(&rivals.first), SMALL, 1),
        put_plan(&fixture, find_table(&rivals.second), SMALL, 2),
    };
    struct write_result result;
    hold_groups(&fixture, true, 1);
    CHECK_OK(db_write(&rivals.first.session, &plans[0], 1, &result));
    CHECK_OK(db_write(&rivals.second.session, &plans[1], 1, &result));
    hold_groups(&fixture, false, 1);

    CHECK_KIND(caller_settle(&rivals.first), ERROR_CONFLICT);
    CHECK_KIND(caller_settle(&rivals.second), ERROR_CONFLICT);

    CHECK(stored_bytes(&fixture, "a") == 0);
    rivals_close(&rivals);
    fixture_close(&fixture);
}

TEST(writes_of_one_change_set_count_together)
{
    struct fixture fixture;
    open_with_limit(&fixture, 20);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct write_plan plans[] = {
        put_plan(&fixture, table, SMALL, 1),
        {.table = table,
         .kind = WRITE_PUT,
         .item = item_of(&caller.arena, "{'pk':{'S':'b'},'sk':{'N':'1'}}")},
        put_plan(&fixture, table, LARGER, 2),
    };
    struct write_result results[3];

    check_refused(db_write(&caller.session, plans, 3, results));
    CHECK(results[0].refusal && !results[1].refusal && !results[2].refusal); /* the first is told */
    CHECK_OK(caller_settle(&caller));
    CHECK(stored_bytes(&fixture, "a") == 0 && stored_bytes(&fixture, "b") == 0);

    CHECK_OK(db_write(&caller.session, plans, 2, results));
    CHECK_OK(caller_settle(&caller));
    CHECK(stored_bytes(&fixture, "a") == 7 && stored_bytes(&fixture, "b") == 7);

    plans[0].kind = WRITE_DELETE; /* what goes makes room for what comes with it */
    plans[0].key = plans[0].item;
    CHECK_OK(db_write(&caller.session, plans, 3, results));
    CHECK_OK(caller_settle(&caller));
    CHECK(stored_bytes(&fixture, "a") == 15);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(of_writes_together_the_one_that_grows_is_told_not_one_that_stays)
{
    struct fixture fixture;
    open_with_limit(&fixture, 15);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'sk':{'N':'1'}}"));
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct write_plan plans[] = {
        put_plan(&fixture, table, SMALL, 1),
        put_plan(&fixture, table, LARGER, 2),
    };
    struct write_result results[2];
    check_refused(db_write(&caller.session, plans, 2, results));
    CHECK(!results[0].refusal && results[1].refusal);
    CHECK_OK(caller_settle(&caller));
    CHECK(stored_bytes(&fixture, "a") == 7);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(of_separate_writes_one_that_grows_too_far_leaves_its_room_to_the_next)
{
    struct fixture fixture;
    open_with_limit(&fixture, 14);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'sk':{'N':'1'}}"));
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct write_plan plans[] = {
        put_plan(&fixture, table, LARGER, 2),
        put_plan(&fixture, table, SMALL, 3),
    };
    struct write_result results[2];
    CHECK_OK(db_write_each(&caller.session, plans, 2, results));
    CHECK_OK(caller_settle(&caller));
    check_refused(results[0].refusal);
    CHECK(!results[1].refusal && stored_bytes(&fixture, "a") == 14);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_size_that_is_damaged_is_told_and_nothing_is_written)
{
    struct fixture fixture;
    open_with_limit(&fixture, 1000);
    struct write_result result;
    struct write_plan plan = put_plan(&fixture, NULL, SMALL, 1);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct store_write write = {
        .kind = STORE_PUT,
        .key = row_key_of_collection(&caller.arena, &table->keys, table->space, plan.item),
        .value = SLICE("no size"),
        .key_stamp = STORE_NO_STAMP,
        .value_stamp = STORE_NO_STAMP};
    struct store_change_set set = {.writes = &write, .write_count = 1};
    CHECK(store_submit_and_wait(fixture.store, &set) == STORE_OK);
    caller_close(&caller);

    CHECK_FAILS(write_one(&fixture, &plan, &result), ERROR_CORRUPT,
                SLICE("The size of an item collection is damaged. Stop the server and run check."));
    fixture_close(&fixture);
}

/* ---- directories that have no sizes yet ---- */

/* No sizes, but one that an upgrade has left which was cut short: its collection is no more. */
static void make_format_1(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    slice prefix = row_key_begin_collections(&caller.arena, table->space);
    CHECK(store_drop_range(fixture->store, STORE_SHARD_WHOLE, STORE_ROWS, prefix,
                           row_key_after_prefix(&caller.arena, prefix)) == STORE_OK);
    char number[4];
    bytes_put_u32(number, 1);
    slice gone = item_of(&caller.arena, "{'pk':{'S':'gone'},'sk':{'N':'1'}}");
    struct store_write writes[] = {
        db_put(STORE_FORMAT_KEY, slice_of(number, sizeof number)),
        collection_write(&caller.arena,
                         row_key_of_collection(&caller.arena, &table->keys, table->space, gone),
                         7),
    };
    CHECK_OK(db_commit_rows(fixture->db, &caller.arena, writes, 2));
    caller_close(&caller);
}

TEST(a_directory_of_format_1_is_counted_when_it_is_opened)
{
    struct random random;
    random_init(&random, test_seed());
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct model model = {0};
    for (int round = 0; round < 60; round++) {
        uint32_t pk;
        uint32_t sk;
        slice key = random_key(&fixture.arena, &random, &pk, &sk);
        struct write_plan plan = {.kind = WRITE_PUT,
                                  .item = random_item(&fixture.arena, &random, key)};
        struct write_result result;
        CHECK_OK(write_one(&fixture, &plan, &result));
        model.items[pk][sk] = plan.item;
    }
    make_format_1(&fixture);

    fixture_reopen(&fixture);

    CHECK(stored_bytes(&fixture, "gone") == 0);
    for (uint32_t pk = 0; pk < PARTITIONS; pk++)
        CHECK(stored_bytes(&fixture, arena_format(&fixture.arena, "p%u%c", pk, 0).data) ==
              model_bytes(&fixture, &model, pk));
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(many_collections_are_counted_when_a_directory_is_upgraded)
{
    enum { COLLECTIONS = 600 }; /* more than are written at once */
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    for (int i = 0; i < COLLECTIONS; i++)
        CHECK_OK(put(&fixture, arena_format(&fixture.arena,
                                            "{'pk':{'S':'k%d'},'sk':{'N':'1'},'a':{'S':'x'}}%c", i,
                                            0)
                                   .data));
    make_format_1(&fixture);

    fixture_reopen(&fixture);

    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.items == COLLECTIONS);
    CHECK(stored_bytes(&fixture, "k599") > 0);
    fixture_close(&fixture);
}
