/* Splits: of tables with and without a log, of indexes, cut short, undone, under load. */
#include "tests/unit/db/partition/split_fixture.h"

#include "base/limits.h"
#include "db/backup/kept.h"
#include "db/db_private.h"
#include <pthread.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void advance(struct fixture *fixture, int64_t milliseconds)
{
    clock_set_ms(&fixture->clock, clock_now_ms(&fixture->clock) + milliseconds);
}

TEST(two_children_with_new_numbers_share_the_range_of_a_parent)
{
    SCOPED_ARENA(arena);
    struct partition_map map = partition_map_make(&arena, 2);
    slice at = place_at(&arena, 0x4000);
    CHECK(partition_map_split(&arena, map, 0, at, &map));
    CHECK(map.count == 3);
    CHECK(map.list[0].number == 2 && map.list[0].is_child && map.list[0].parent == 0);
    CHECK(map.list[0].from.size == 0);
    CHECK(map.list[1].number == 3 && map.list[1].is_child && map.list[1].parent == 0);
    CHECK_SLICE(map.list[1].from, at);
    CHECK(map.list[2].number == 1 && !map.list[2].is_child);
    CHECK(partition_map_split(&arena, map, 3, place_at(&arena, 0x4001), &map));
    CHECK(map.list[1].number == 4 && map.list[2].number == 5 && map.list[2].parent == 3);
}

TEST(a_split_outside_the_range_or_of_no_partition_or_beyond_the_bound_is_none)
{
    SCOPED_ARENA(arena);
    struct partition_map map = partition_map_make(&arena, 2);
    struct partition_map split;
    CHECK(!partition_map_split(&arena, map, 1, place_at(&arena, 0x8000), &split)); /* its begin */
    CHECK(!partition_map_split(&arena, map, 1, place_at(&arena, 0x7fff), &split));
    CHECK(!partition_map_split(&arena, map, 0, place_at(&arena, 0x8000), &split)); /* its end */
    CHECK(!partition_map_split(&arena, map, 0, SLICE_NONE, &split));
    CHECK(!partition_map_split(&arena, map, 2, place_at(&arena, 0x9000), &split));
    struct partition_map full = partition_map_make(&arena, PARTITIONS_MAX);
    CHECK(!partition_map_split(&arena, full, 0, SLICE("\0\0\0\1"), &split));
}

TEST(a_sealed_partition_takes_its_place_by_number_and_comes_back)
{
    SCOPED_ARENA(arena);
    struct sealed_partitions sealed = {NULL, 0};
    static const uint32_t numbers[] = {5, 1, 9, 3};
    for (size_t i = 0; i < 4; i++) {
        struct sealed_partition more = {.partition = {.number = numbers[i], .from = SLICE("a")},
                                        .to = SLICE("b"),
                                        .sealed_ms = 7};
        sealed = partition_seal(&arena, sealed, &more);
    }
    struct sealed_partitions read;
    CHECK(stored_sealed_read(&arena, stored_sealed_make(&arena, sealed), &read));
    CHECK(read.count == 4 && read.list[0].partition.number == 1);
    CHECK(read.list[1].partition.number == 3 && read.list[3].partition.number == 9);
    CHECK_SLICE(read.list[2].to, SLICE("b"));
    CHECK(!stored_sealed_read(&arena, value_make_string(&arena, SLICE("x")), &read));
}

TEST(a_split_ends_the_shard_of_the_parent_and_begins_those_of_its_children)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    put_many(&fixture, 40, "before");
    CHECK(split_at(&fixture, SLICE_NONE, 0x8000));
    put_many(&fixture, 40, "behind");
    for (unsigned round = 0; round < 2; round++) {
        bool parent_ends, left_ends, right_ends;
        CHECK(count_shard(&fixture, 0, &parent_ends) == 40);
        uint32_t left = count_shard(&fixture, 1, &left_ends);
        uint32_t right = count_shard(&fixture, 2, &right_ends);
        CHECK(left + right == 40 && left > 0 && right > 0);
        CHECK(parent_ends && !left_ends && !right_ends);
        struct caller caller;
        caller_open(&caller, &fixture);
        const struct stream *stream = newest_stream(&caller);
        CHECK(stream->shard_count == 3 && stream->sealed_ms == 0);
        for (uint32_t i = 1; i < 3; i++) {
            CHECK(stream->shards[i].has_parent && stream->shards[i].parent.partition == 0);
            CHECK(log_position_compare(stream->shards[i].start, stream->shards[0].end) == 0);
            CHECK(slice_compare(shard_name(&caller.arena, stream, stream->shards[0].id),
                                shard_name(&caller.arena, stream, stream->shards[i].id)) < 0);
        }
        CHECK(find_table(&caller)->sealed.count == 1);
        caller_close(&caller);
        CHECK(check(&fixture).problems == 0);
        fixture_reopen(&fixture);
    }
    fixture_close(&fixture);
}

TEST(a_child_is_split_like_its_parent_and_a_stream_is_closed_with_all_of_them)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    put_many(&fixture, 20, "1");
    CHECK(split_at(&fixture, SLICE_NONE, 0x8000));
    put_many(&fixture, 20, "2");
    CHECK(split_at(&fixture, SLICE_NONE, 0x4000));
    put_many(&fixture, 20, "3");
    CHECK(split_at(&fixture, SLICE_NONE, 0x6000));
    put_many(&fixture, 20, "4");
    CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));
    CHECK(split_at(&fixture, SLICE_NONE, 0x1000));
    CHECK_OK(wish_stream(&fixture, STREAM_ENABLE, STREAM_VIEW_KEYS_ONLY));
    put_many(&fixture, 20, "5");
    struct caller caller;
    caller_open(&caller, &fixture);
    CHECK(newest_stream(&caller)->shard_count == 5); /* those that are, and not those that were */
    CHECK(find_table(&caller)->sealed.count == 4);
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_sealed_partition_is_forgotten_with_its_last_record)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    put_many(&fixture, 20, "before");
    advance(&fixture, 1000);
    CHECK(split_at(&fixture, SLICE_NONE, 0x8000));
    put_many(&fixture, 20, "behind");
    advance(&fixture, DAY_MS - 1);
    housekeep(&fixture); /* the records are gone, but not yet a day ago */
    struct caller caller;
    caller_open(&caller, &fixture);
    CHECK(newest_stream(&caller)->shard_count == 3 && find_table(&caller)->sealed.count == 1);
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    advance(&fixture, 60 * 1000);
    housekeep(&fixture);
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    CHECK(stream->shard_count == 2 && find_table(&caller)->sealed.count == 0);
    CHECK(stream->shards[0].has_parent); /* though it is not there any more */
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_reopen(&fixture);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

static struct log_position begin_of_log(struct fixture *fixture)
{
    struct caller caller;
    struct log_position begin;
    caller_open(&caller, fixture);
    CHECK_OK(kept_log_begin(&caller.session, find_table(&caller), &begin));
    caller_close(&caller);
    return begin;
}

TEST(how_far_a_log_is_gone_is_known_when_its_sealed_partitions_are_forgotten)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    put_many(&fixture, 20, "before");
    advance(&fixture, 1000);
    CHECK(split_at(&fixture, SLICE_NONE, 0x8000)); /* two generations, and no record in the second */
    CHECK(split_at(&fixture, SLICE_NONE, 0x4000));
    advance(&fixture, DAY_MS - 1);
    housekeep(&fixture);
    struct log_position begin = begin_of_log(&fixture);
    CHECK(begin.commit > 0);
    advance(&fixture, 60 * 1000);
    housekeep(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    CHECK(find_table(&caller)->sealed.count == 0);
    caller_close(&caller);
    CHECK(log_position_compare(begin_of_log(&fixture), begin) == 0);
    put_many(&fixture, 20, "behind");
    uint32_t count = 0;
    for (uint32_t i = 0; i < 3; i++) {
        bool is_end;
        count += count_shard(&fixture, i, &is_end);
    }
    CHECK(count == 20);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_table_without_a_log_keeps_nothing_of_a_partition_that_was_split)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NONE);
    put_many(&fixture, 10, "x");
    CHECK(split_at(&fixture, SLICE_NONE, 0x8000));
    fixture_reopen(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    CHECK(map_of_table(&caller).count == 2 && find_table(&caller)->sealed.count == 0);
    CHECK(map_of_table(&caller).list[1].number == 2 && map_of_table(&caller).list[1].parent == 0);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_split_that_the_store_drops_has_not_happened_and_takes_with_it_who_wrote_behind_it)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    put_many(&fixture, 10, "before");
    struct memory_faults faults = {.conflict_at_submit = 1};
    memory_store_set_faults(fixture.store, &faults);
    CHECK(!split_at(&fixture, SLICE_NONE, 0x8000));
    struct caller caller;
    caller_open(&caller, &fixture);
    CHECK(map_of_table(&caller).count == 1 && find_table(&caller)->sealed.count == 0);
    CHECK(newest_stream(&caller)->shard_count == 1 && !newest_stream(&caller)->shards[0].is_ended);
    caller_close(&caller);
    put_many(&fixture, 10, "behind");
    bool is_end;
    CHECK(count_shard(&fixture, 0, &is_end) == 20 && !is_end);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

struct splitter {
    struct fixture *fixture;
    bool done;
};

static void *split_in_the_middle(void *argument)
{
    struct splitter *splitter = argument;
    splitter->done = split_at(splitter->fixture, SLICE_NONE, 0x8000);
    return NULL;
}

TEST(a_write_behind_a_split_that_is_dropped_is_dropped_with_it)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    hold_groups(&fixture, true, 1);
    struct splitter splitter = {.fixture = &fixture};
    pthread_t thread;
    pthread_create(&thread, NULL, split_in_the_middle, &splitter);
    struct caller caller;
    uint32_t partitions = 1;
    while (partitions == 1) { /* until writers see the children */
        caller_open(&caller, &fixture);
        partitions = map_of_table(&caller).count;
        if (partitions == 1)
            caller_close(&caller);
    }
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_PUT,
                              .item = item_of(&caller.arena, "{'pk':{'S':'a'}}")};
    struct write_result result;
    CHECK_OK(db_write(&caller.session, &plan, 1, &result));
    hold_groups(&fixture, false, 1);
    CHECK_KIND(caller_settle(&caller), ERROR_CONFLICT);
    pthread_join(thread, NULL);
    CHECK(!splitter.done);
    caller_close(&caller);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

/* Whatever prefix of the groups a crash leaves, the partitions, shards and records fit together. */
TEST(a_crash_at_any_commit_leaves_a_split_done_or_not_done)
{
    struct fixture fixture;
    fixture_open(&fixture);
    memory_store_keep_history(fixture.store);
    create_stream_table(&fixture, STREAM_VIEW_NEW_AND_OLD_IMAGES);
    for (unsigned i = 1; i <= 6; i++) {
        put_many(&fixture, 5, "x");
        CHECK(split_at(&fixture, SLICE_NONE, (uint16_t)(i * 0x2000 + (i % 2) * 0x100)));
    }
    put_many(&fixture, 5, "y");
    uint64_t last = store_commit_number(fixture.store);
    CHECK(last > 40);
    for (uint64_t number = 2; number <= last; number++) {
        struct fixture crashed = fixture;
        arena_init(&crashed.arena, NULL);
        CHECK_OK(
            memory_store_crash_copy(&crashed.arena, fixture.store, number, &crashed.store));
        fixture_open_db(&crashed);
        CHECK(check(&crashed).problems == 0);
        put_many(&crashed, 5, "z");
        CHECK(check(&crashed).problems == 0);
        fixture_close(&crashed);
    }
    fixture_close(&fixture);
}

TEST(an_index_is_split_on_its_own_and_has_no_part_of_the_log)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct index index = {.name = SLICE("G"),
                                .kind = INDEX_GLOBAL,
                                .keys = {.hash = {{SLICE("x"), VALUE_S}}, .hash_count = 1}};
    struct table_definition definition = {
        .name = SLICE("T"),
        .keys = {.hash = {SLICE("pk"), VALUE_S}},
        .settings = {.billing_mode = BILLING_PROVISIONED, .provisioned = {1, 1}},
        .indexes = &index,
        .index_count = 1,
        .stream_view = STREAM_VIEW_NEW_IMAGE,
    };
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
    put_many(&fixture, 10, "x");
    CHECK(split_at(&fixture, SLICE("G"), 0x8000));
    CHECK(split_at(&fixture, SLICE("G"), 0x4000));
    fixture_reopen(&fixture);
    caller_open(&caller, &fixture);
    table = find_table(&caller);
    CHECK(table->indexes[0].partitions.count == 3 && table->partitions.count == 1);
    CHECK(table->sealed.count == 0 && newest_stream(&caller)->shard_count == 1);
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(what_was_seen_before_another_change_is_not_split)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NONE);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct split split = {.table = find_table(&caller), .at = place_at(&caller.arena, 0x8000)};
    CHECK_OK(wish_stream(&fixture, STREAM_ENABLE, STREAM_VIEW_NEW_IMAGE));
    bool done = true;
    CHECK_OK(partition_split(fixture.db, &split, &done));
    CHECK(!done);
    split.table = find_table(&caller);
    split.index_name = SLICE("none");
    CHECK_OK(partition_split(fixture.db, &split, &done));
    CHECK(!done);
    caller_close(&caller);
    fixture_close(&fixture);
}

enum { WRITERS = 4, WRITES = 400, SPLITS = 60 };

static void *write_on(void *argument)
{
    struct fixture *fixture = argument;
    for (unsigned i = 0; i < WRITES; i++) {
        SCOPED_ARENA(arena);
        slice json = arena_format(&arena, "{'pk':{'S':'k%u'},'n':{'N':'%u'}}%c", i % 23, i, 0);
        write_until_in(fixture, json.data, WRITE_PUT);
    }
    return NULL;
}

TEST(records_stand_once_and_in_order_while_partitions_are_split)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_AND_OLD_IMAGES);
    pthread_t threads[WRITERS];
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_on, &fixture);
    for (unsigned i = 1; i <= SPLITS; i++)
        CHECK(split_at(&fixture, SLICE_NONE, (uint16_t)(i * 1051)));
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}
