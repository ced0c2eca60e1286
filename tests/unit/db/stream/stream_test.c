/* Streams through their life: enabled, read, disabled, dropped, across processes. */
#include "tests/unit/db/stream/stream_fixture.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static void advance(struct fixture *fixture, int64_t milliseconds)
{
    clock_set_ms(&fixture->clock, clock_now_ms(&fixture->clock) + milliseconds);
}

TEST(a_stream_is_enabled_once_and_disabled_once)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NONE);
    CHECK_FAILS(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE), ERROR_VALIDATION,
                SLICE("Table has no stream to disable: TableName: T"));
    CHECK_OK(wish_stream(&fixture, STREAM_ENABLE, STREAM_VIEW_NEW_IMAGE));
    CHECK_FAILS(wish_stream(&fixture, STREAM_ENABLE, STREAM_VIEW_NEW_IMAGE), ERROR_VALIDATION,
                SLICE("Table already has an enabled stream: TableName: T"));
    CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));
    CHECK_FAILS(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE), ERROR_VALIDATION,
                SLICE("Table has no stream to disable: TableName: T"));
    CHECK(count_streams(&fixture) == 1);
    fixture_close(&fixture);
}

TEST(each_time_it_is_enabled_a_stream_is_another_also_in_the_same_millisecond)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_KEYS_ONLY);
    CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));
    CHECK_OK(wish_stream(&fixture, STREAM_ENABLE, STREAM_VIEW_KEYS_ONLY));
    delete_table(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_KEYS_ONLY);
    CHECK(count_streams(&fixture) == 3);
    fixture_close(&fixture);
}

TEST(a_stream_shows_what_its_view_has_and_charges_for_it)
{
    static const struct {
        enum stream_view view;
        bool has_old;
        bool has_new;
        size_t bytes; /* of the change from {pk:a, x:123} to {pk:a, x:12345} */
    } cases[] = {
        {STREAM_VIEW_KEYS_ONLY, false, false, 3},
        {STREAM_VIEW_NEW_IMAGE, false, true, 3 + 9},
        {STREAM_VIEW_OLD_IMAGE, true, false, 3 + 7},
        {STREAM_VIEW_NEW_AND_OLD_IMAGES, true, true, 3 + 7 + 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        fixture_open(&fixture);
        create_stream_table(&fixture, cases[i].view);
        CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'x':{'S':'123'}}"));
        CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'x':{'S':'12345'}}"));
        struct caller caller;
        caller_open(&caller, &fixture);
        const struct stream *stream = newest_stream(&caller);
        struct stream_page page = {.count = 0};
        CHECK_OK(read_shard(&caller, stream, stream->shards[0].start, 10, &page));
        CHECK(page.count == 2);
        CHECK(item_exists(page.records[1].old_image) == cases[i].has_old);
        CHECK(item_exists(page.records[1].new_image) == cases[i].has_new);
        CHECK(page.records[1].charged_bytes == cases[i].bytes);
        caller_close(&caller);
        fixture_close(&fixture);
    }
}

TEST(reading_goes_on_where_it_stopped_and_ends_with_a_closed_shard)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    for (unsigned i = 0; i < 5; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(&fixture, arena_format(&arena, "{'pk':{'S':'k%u'}}%c", i, 0).data));
    }
    CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));
    CHECK_OK(put(&fixture, "{'pk':{'S':'later'}}"));

    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    struct log_position from = stream->shards[0].start;
    uint32_t read = 0;
    struct stream_page page = {.count = 0};
    for (unsigned pages = 0; pages < 10 && !page.is_end; pages++) {
        CHECK_OK(read_shard(&caller, stream, from, 2, &page));
        CHECK(page.count <= 2);
        read += page.count;
        from = page.next;
    }
    CHECK(page.is_end && read == 5);
    CHECK_OK(read_shard(&caller, stream, from, 2, &page));
    CHECK(page.is_end && page.count == 0);
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(an_open_shard_never_ends)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    struct log_position newest = stream_newest(&caller.session, &stream->shards[0]);
    struct stream_page page = {.count = 1};
    CHECK_OK(read_shard(&caller, stream, newest, 10, &page));
    CHECK(page.count == 0 && !page.is_end);
    CHECK(log_position_compare(page.next, newest) == 0);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    CHECK_OK(read_shard(&caller, stream, page.next, 10, &page));
    CHECK(page.count == 1);
    caller_close(&caller);
    fixture_close(&fixture);
}

/* The name of the first record from the time on; 0: there is none. */
static char name_at(struct caller *caller, const struct stream *stream, int64_t time_ms)
{
    struct log_position position;
    struct stream_page page = {.count = 0};
    CHECK_OK(stream_at_time(&caller->session, stream, &stream->shards[0], time_ms, &position));
    CHECK_OK(read_shard(caller, stream, position, 1, &page));
    if (page.count == 0)
        return 0;
    slice name;
    CHECK(item_attribute(page.records[0].keys, SLICE("pk"), &name));
    return value_content(name).data[0];
}

TEST(a_time_finds_the_first_record_of_that_time_or_later)
{
    static const struct {
        int64_t after_ms; /* of the first record */
        char name;
    } cases[] = {
        {-1000000, 'a'}, {-1, 'a'}, {0, 'a'},     {1, 'b'},   {999, 'b'},
        {1000, 'b'},     {1001, 'd'}, {1002, 'd'}, {1003, 0}, {DAY_MS, 0},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_KEYS_ONLY);
    advance(&fixture, 5);
    int64_t first_ms = clock_now_ms(&fixture.clock);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    advance(&fixture, 1000);
    CHECK_OK(put(&fixture, "{'pk':{'S':'b'}}"));
    CHECK_OK(put(&fixture, "{'pk':{'S':'c'}}"));
    advance(&fixture, 2);
    CHECK_OK(put(&fixture, "{'pk':{'S':'d'}}"));
    for (unsigned is_ended = 0; is_ended < 2; is_ended++) {
        struct caller caller;
        caller_open(&caller, &fixture);
        const struct stream *stream = newest_stream(&caller);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            CHECK(name_at(&caller, stream, first_ms + cases[i].after_ms) == cases[i].name);
        caller_close(&caller);
        if (!is_ended)
            CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));
    }
    fixture_close(&fixture);
}

TEST(a_page_ends_before_its_bytes_do_but_has_at_least_one_record)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    enum { COUNT = 6, TEXT_BYTES = 300 * 1024 };
    for (unsigned i = 0; i < COUNT; i++) {
        SCOPED_ARENA(arena);
        char *text = arena_alloc_bytes(&arena, TEXT_BYTES);
        memset(text, 'x', TEXT_BYTES);
        slice json =
            arena_format(&arena, "{'pk':{'S':'k%u'},'x':{'S':'%.*s'}}%c", i, TEXT_BYTES, text, 0);
        CHECK_OK(put(&fixture, json.data));
    }
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    struct stream_page page = {.count = 0};
    CHECK_OK(read_shard(&caller, stream, stream->shards[0].start, 1000, &page));
    CHECK(page.count == 3);
    CHECK_OK(read_shard(&caller, stream, page.next, 1000, &page));
    CHECK(page.count == 3 && !page.is_end);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(streams_and_their_places_come_back_with_a_new_process)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));
    CHECK_OK(wish_stream(&fixture, STREAM_ENABLE, STREAM_VIEW_OLD_IMAGE));
    CHECK_OK(put(&fixture, "{'pk':{'S':'b'}}"));
    fixture_reopen(&fixture);
    CHECK_OK(put(&fixture, "{'pk':{'S':'c'}}"));
    CHECK(count_streams(&fixture) == 2);
    CHECK(count_records(&fixture) == 2);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    CHECK(stream->view == STREAM_VIEW_OLD_IMAGE && stream->closed_ms == 0);
    CHECK_SLICE(stream->table_name, SLICE("T"));
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(records_go_after_a_day_and_reading_them_is_refused)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    CHECK_OK(put(&fixture, "{'pk':{'S':'old'}}"));
    advance(&fixture, DAY_MS / 2);
    CHECK_OK(put(&fixture, "{'pk':{'S':'young'}}"));
    advance(&fixture, DAY_MS / 2 - 1);
    housekeep(&fixture);
    CHECK(count_records(&fixture) == 2);
    advance(&fixture, 1);
    housekeep(&fixture);
    CHECK(count_records(&fixture) == 1);

    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    struct stream_page page;
    CHECK_FAILS(read_shard(&caller, stream, stream->shards[0].start, 10, &page),
                ERROR_TRIMMED_DATA_ACCESS,
                SLICE("The operation attempted to read past the oldest stream record in a shard."));
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    advance(&fixture, DAY_MS);
    housekeep(&fixture);
    CHECK(count_records(&fixture) == 0 && count_streams(&fixture) == 1);
    fixture_close(&fixture);
}

TEST(many_records_are_trimmed_in_steps)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_KEYS_ONLY);
    enum { COUNT = 1300 };
    for (unsigned i = 0; i < COUNT; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(&fixture, arena_format(&arena, "{'pk':{'S':'k%u'}}%c", i, 0).data));
    }
    advance(&fixture, DAY_MS);
    CHECK(db_housekeep(fixture.db) == 3); /* 512, 512 and the rest */
    CHECK(count_records(&fixture) == 0);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_disabled_stream_is_read_for_a_day_and_then_gone)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    delete_table(&fixture);
    housekeep(&fixture);
    CHECK(count_records(&fixture) == 1);
    fixture_reopen(&fixture);
    advance(&fixture, DAY_MS - 1);
    housekeep(&fixture);
    CHECK(count_streams(&fixture) == 1);
    advance(&fixture, 1);
    housekeep(&fixture);
    CHECK(count_streams(&fixture) == 0);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_stream_closed_by_a_process_that_ended_is_sealed_by_the_next)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    memory_store_keep_history(fixture.store);
    CHECK_OK(wish_stream(&fixture, STREAM_DISABLE, STREAM_VIEW_NONE));

    struct store *whole = fixture.store; /* two commits: closed, then sealed */
    CHECK_OK(memory_store_crash_copy(&fixture.arena, whole, store_commit_number(whole) - 1,
                                     &fixture.store));
    fixture_reopen(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    CHECK(stream->closed_ms != 0 && stream->sealed_ms == 0);
    CHECK(stream_status_of(fixture.db, stream) == STREAM_DISABLING);
    CHECK_OK(put(&fixture, "{'pk':{'S':'unrecorded'}}"));
    housekeep(&fixture);
    stream = newest_stream(&caller);
    CHECK(stream->sealed_ms != 0 && stream->shards[0].is_ended);
    CHECK(stream_status_of(fixture.db, stream) == STREAM_DISABLED);
    caller_close(&caller);
    CHECK(count_records(&fixture) == 1);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
    store_close(whole);
}
