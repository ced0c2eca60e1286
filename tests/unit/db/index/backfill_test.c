/* An index that is added to a table with items: what it holds, and when. */
#include "db/index/backfill.h"

#include "db/index/build.h"
#include "db/db_private.h"
#include "db/index/index_change.h"
#include "db/table/table_update.h"
#include "tests/unit/db/fixture.h"
#include "store/engine.h"
#include "store/queue.h"
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

enum { ITEMS = 20 };

static const struct index by_group = {
    .name = SLICE("by-group"), .kind = INDEX_GLOBAL, .keys = {{{SLICE("g"), VALUE_S}}, 1, {}, 0}};

static error change_index(struct fixture *fixture, enum index_action_kind kind)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct index_action action = {.kind = kind, .index = by_group};
    struct table_change change = {.index_actions = &action, .index_action_count = 1};
    struct table_changed changed;
    error failure = table_update(&caller.session, SLICE("T"), &change, &changed);
    caller_close(&caller);
    return failure;
}

static void put_item(struct fixture *fixture, uint32_t number, const char *more)
{
    char json[128];
    snprintf(json, sizeof json, "{'pk':{'S':'%u'},%s}", number, more);
    CHECK_OK(put(fixture, json));
}

/* Items 0 to ITEMS - 1 in a table without indexes. */
static void open_with_items(struct fixture *fixture)
{
    fixture_open_with_table(fixture, false);
    for (uint32_t i = 0; i < ITEMS; i++)
        put_item(fixture, i, "'g':{'S':'old'}");
}

static bool is_built(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct index *index = table_index(find_table(&caller), by_group.name);
    bool built = index && !build_is_under_way(&index->build);
    caller_close(&caller);
    return built;
}

static void build(struct fixture *fixture)
{
    build_all(fixture);
    CHECK(is_built(fixture));
}

/* How many entries the index has, by its counter, which check compares with its rows. */
static int64_t entry_count(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    int64_t count = -1;
    int64_t bytes;
    CHECK_OK(table_index_counts(&caller.session, table, table_index(table, by_group.name), &count,
                                &bytes));
    caller_close(&caller);
    return count;
}

TEST(older_items_get_their_entries)
{
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    CHECK(!is_built(&fixture));
    CHECK(entry_count(&fixture) == 0);
    CHECK(check(&fixture).problems == 0);
    build(&fixture);
    CHECK(entry_count(&fixture) == ITEMS);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

static void *create_index(void *fixture)
{
    CHECK_OK(change_index(fixture, INDEX_CREATE));
    return NULL;
}

/* A write is under way, so that the description waits; the build is known by then. */
TEST(a_build_that_is_met_before_its_description_is_not_forgotten)
{
    struct fixture fixture;
    open_with_items(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct table_gate *gate = table_gate(find_table(&caller));
    pthread_rwlock_rdlock(&gate->lock);
    pthread_t creator;
    CHECK(pthread_create(&creator, NULL, create_index, &fixture) == 0);
    uint32_t number;
    slice table_name;
    while (!builds_next(fixture.db->builds, &caller.arena, 0, &number, &table_name))
        sched_yield();

    db_backfill(fixture.db);

    pthread_rwlock_unlock(&gate->lock);
    pthread_join(creator, NULL);
    caller_close(&caller);
    build(&fixture);
    CHECK(entry_count(&fixture) == ITEMS);
    fixture_close(&fixture);
}

TEST(items_without_the_keys_or_of_other_types_are_passed_over)
{
    struct fixture fixture;
    open_with_items(&fixture);
    put_item(&fixture, 1, "'h':{'S':'no g'}");
    put_item(&fixture, 2, "'g':{'N':'2'}");
    put_item(&fixture, 3, "'g':{'S':''}");
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    build(&fixture);
    CHECK(entry_count(&fixture) == ITEMS - 3);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

/* Writes while the build has not begun, and after it is done: each item counts once. */
TEST(writes_keep_the_entries_of_the_items_they_touch)
{
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    put_item(&fixture, 4, "'g':{'S':'new'}");
    CHECK(entry_count(&fixture) == 1);
    put_item(&fixture, 4, "'g':{'S':'newer'}");
    CHECK(entry_count(&fixture) == 1);
    put_item(&fixture, 5, "'h':{'S':'gone'}");
    CHECK(entry_count(&fixture) == 1);
    CHECK(check(&fixture).problems == 0);
    build(&fixture);
    CHECK(entry_count(&fixture) == ITEMS - 1);
    CHECK(check(&fixture).problems == 0);
    put_item(&fixture, 6, "'h':{'S':'gone'}");
    CHECK(entry_count(&fixture) == ITEMS - 2);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_build_goes_on_in_the_next_process)
{
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    fixture_reopen(&fixture);
    CHECK(!is_built(&fixture));
    put_item(&fixture, 7, "'g':{'S':'new'}");
    CHECK(check(&fixture).problems == 0);
    build(&fixture);
    CHECK(entry_count(&fixture) == ITEMS);
    fixture_reopen(&fixture);
    CHECK(is_built(&fixture));
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(every_prefix_of_the_commits_of_a_build_goes_on_to_the_same_end)
{
    struct fixture fixture;
    open_with_items(&fixture);
    memory_store_keep_history(fixture.store);
    uint64_t first = store_commit_number(fixture.store);
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    build(&fixture);
    put_item(&fixture, 8, "'g':{'S':'new'}");
    uint64_t last = store_commit_number(fixture.store);
    CHECK(last - first > ITEMS / BACKFILL_TEST_ROWS / 2);
    for (uint64_t number = first + 1; number <= last; number++) {
        struct fixture crashed = fixture;
        arena_init(&crashed.arena, NULL);
        CHECK_OK(memory_store_crash_copy(&crashed.arena, fixture.store, number, &crashed.store));
        CHECK(check(&crashed).problems == 0);
        fixture_open_db(&crashed);
        put_item(&crashed, 0, "'g':{'S':'after'}");
        put_item(&crashed, ITEMS - 1, "'h':{'S':'after'}");
        CHECK(check(&crashed).problems == 0);
        build(&crashed);
        CHECK(entry_count(&crashed) == ITEMS - 1);
        CHECK(check(&crashed).problems == 0);
        fixture_close(&crashed);
    }
    fixture_close(&fixture);
}

TEST(an_index_that_goes_leaves_nothing_behind)
{
    struct fixture fixture;
    open_with_items(&fixture);
    for (uint32_t round = 0; round < 2; round++) { /* built, and in the middle of it */
        CHECK_OK(change_index(&fixture, INDEX_CREATE));
        if (round == 0)
            build(&fixture);
        put_item(&fixture, 9, "'g':{'S':'new'}");
        CHECK_OK(change_index(&fixture, INDEX_DELETE));
        housekeep(&fixture);
        CHECK(!db_backfill(fixture.db));
        struct check_report report = check(&fixture);
        CHECK(report.problems == 0 && report.dead_rows == 0);
    }
    fixture_close(&fixture);
}

/* A write that saw the table before the index was added must not come through behind it. */
TEST(a_write_between_description_and_submit_sees_an_index_that_is_added)
{
    struct fixture fixture;
    open_with_items(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_PUT,
                              .item = item_of(&caller.arena, "{'pk':{'S':'x'},'g':{'S':'x'}}")};
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    struct write_result result;
    CHECK_KIND(db_write(&caller.session, &plan, 1, &result), ERROR_CONFLICT);
    CHECK_OK(caller_settle(&caller));
    caller_close(&caller);
    build(&fixture);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_page_that_is_not_written_is_made_again)
{
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_OK(change_index(&fixture, INDEX_CREATE));
    for (uint64_t group = 2; group < 5; group++) {
        struct memory_faults faults = {.unavailable_at_group = group};
        memory_store_set_faults(fixture.store, &faults);
        db_backfill(fixture.db);
        CHECK(check(&fixture).problems == 0);
    }
    memory_store_set_faults(fixture.store, &(struct memory_faults){0});
    build(&fixture);
    CHECK(entry_count(&fixture) == ITEMS);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

/* ---- what is pending ---- */

static void wait_for_depth(struct fixture *fixture, uint32_t depth)
{
    struct store_figures figures = {0};
    for (; figures.depth < depth; sched_yield())
        store_measure(fixture->store, &figures);
}

static void *backfill_once(void *db)
{
    db_backfill(db);
    return NULL;
}

/* A turn of the build comes to the pages of a few items, which are all that is left. */
static void open_at_last_pages(struct fixture *fixture)
{
    enum { MORE_THAN_A_TURN = 200 };
    fixture_open_with_table(fixture, false);
    for (uint32_t i = 0; i < MORE_THAN_A_TURN; i++)
        put_item(fixture, i, "'g':{'S':'old'}");
    CHECK_OK(change_index(fixture, INDEX_CREATE));
    CHECK(db_backfill(fixture->db));
}

/* The key of the first item that the build has not come to, or of a later one. */
static slice next_key(struct fixture *fixture, struct caller *caller, uint32_t later)
{
    const struct table *table = find_table(caller);
    uint32_t number = table_index(table, by_group.name)->build.number;
    SCOPED_ARENA(arena);
    slice cursor = builds_cursor(fixture->db->builds, &arena, number);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = cursor,
                              .to = SLICE("\x03"),
                              .tier = STORE_ANY,
                              .row_count_max = later + 1,
                              .bytes_max = SIZE_MAX};
    struct store_page page;
    slice item;
    CHECK(store_scan(fixture->store, &arena, &scan, &page) == STORE_OK && page.count == later + 1);
    CHECK(row_value_open(page.entries[later].value, &item));
    return key_of_item(&caller->arena, &table->keys, item);
}

static struct write_plan put_of(struct caller *caller, slice key)
{
    slice pk;
    CHECK(item_attribute(key, SLICE("pk"), &pk));
    slice names[] = {SLICE("pk"), SLICE("g")};
    slice values[] = {pk, value_make_string(&caller->arena, SLICE("new"))};
    return (struct write_plan){.table = find_table(caller),
                               .kind = WRITE_PUT,
                               .item = item_make(&caller->arena, names, values, 2)};
}

/* A write beside a turn of the build, on a thread of its own. */
struct race {
    struct fixture fixture;
    struct caller caller;
    struct write_plan plan;
    struct write_result result;
    pthread_t build;
};

/* `later`: how far behind the first item that the build has not come to the write's item is. */
static void race_open(struct race *race, uint32_t later)
{
    open_at_last_pages(&race->fixture);
    caller_open(&race->caller, &race->fixture);
    race->plan = put_of(&race->caller, next_key(&race->fixture, &race->caller, later));
}

static void race_write(struct race *race)
{
    CHECK_OK(db_write(&race->caller.session, &race->plan, 1, &race->result));
}

/* Until so many change sets wait. */
static void race_build(struct race *race, uint32_t depth)
{
    CHECK(pthread_create(&race->build, NULL, backfill_once, race->fixture.db) == 0);
    wait_for_depth(&race->fixture, depth);
}

/* Whatever became of the write, the build goes on and is right. */
static void race_close(struct race *race)
{
    pthread_join(race->build, NULL);
    caller_close(&race->caller);
    CHECK(check(&race->fixture).problems == 0);
    build(&race->fixture);
    CHECK(check(&race->fixture).problems == 0);
    fixture_close(&race->fixture);
}

TEST(a_page_that_passes_over_a_pending_item_falls_with_it)
{
    struct race race;
    race_open(&race, 0);
    hold_groups(&race.fixture, true, 1);
    race_write(&race);
    race_build(&race, 2); /* the write, and a page that passes over its item */
    hold_groups(&race.fixture, false, 1);
    CHECK_KIND(caller_settle(&race.caller), ERROR_CONFLICT);
    race_close(&race);
}

TEST(a_write_that_relies_on_a_pending_page_falls_with_it)
{
    struct race race;
    race_open(&race, 0);
    hold_groups(&race.fixture, true, 1);
    race_build(&race, 1); /* a page with the item */
    race_write(&race);
    CHECK(race.result.index_changes[0].old_bytes > 0); /* the entry that the page makes */
    hold_groups(&race.fixture, false, 1);
    CHECK_KIND(caller_settle(&race.caller), ERROR_CONFLICT);
    race_close(&race);
}

/* Pages wait in the queue, and with them the write; the page that its item is in comes after. */
TEST(an_item_written_between_its_reading_and_its_page_is_read_again)
{
    enum { PAGES_PENDING = 4 };
    struct race race;
    race_open(&race, PAGES_PENDING * BACKFILL_TEST_ROWS + 1);
    hold_groups(&race.fixture, true, 0);
    race_build(&race, PAGES_PENDING);
    race_write(&race);
    CHECK(race.result.index_changes[0].old_bytes == 0); /* the build has not come to it */
    hold_groups(&race.fixture, false, 0);
    CHECK_OK(caller_settle(&race.caller));
    race_close(&race);
}
