/* The change log: what is recorded, in which order, and that it goes with its item or not at all.
 */
#include "tests/unit/db/stream/stream_fixture.h"

static const struct stream_record *record_at(struct caller *caller, uint32_t index, uint32_t count)
{
    static const struct stream_record none;
    const struct stream *stream = newest_stream(caller);
    struct stream_page page = {.count = 0};
    CHECK_OK(read_shard(caller, stream, stream->shards[0].start, 1000, &page));
    CHECK(page.count == count);
    return index < page.count ? &page.records[index] : &none;
}

static void check_record(struct fixture *fixture, uint32_t index, uint32_t count,
                         enum stream_event event, const char *old_image, const char *new_image)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct stream_record *record = record_at(&caller, index, count);
    CHECK(record->event == event);
    CHECK_SLICE(record->old_image, old_image ? item_of(&caller.arena, old_image) : ITEM_ABSENT);
    CHECK_SLICE(record->new_image, new_image ? item_of(&caller.arena, new_image) : ITEM_ABSENT);
    CHECK_SLICE(record->keys, item_of(&caller.arena, "{'pk':{'S':'a'}}"));
    caller_close(&caller);
}

TEST(every_change_of_an_item_has_a_record_with_both_images)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_AND_OLD_IMAGES);
    const char *one = "{'pk':{'S':'a'},'n':{'N':'1'}}";
    const char *two = "{'pk':{'S':'a'},'n':{'N':'2'}}";
    CHECK_OK(put(&fixture, one));
    CHECK_OK(put(&fixture, two));
    CHECK_OK(remove_item(&fixture, "{'pk':{'S':'a'}}"));
    check_record(&fixture, 0, 3, STREAM_INSERT, NULL, one);
    check_record(&fixture, 1, 3, STREAM_MODIFY, one, two);
    check_record(&fixture, 2, 3, STREAM_REMOVE, two, NULL);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_write_that_changes_nothing_has_no_record)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_KEYS_ONLY);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'m':{'M':{'x':{'N':'1'},'y':{'N':'2'}}}}"));
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'m':{'M':{'y':{'N':'2.0'},'x':{'N':'1'}}}}"));
    CHECK_OK(remove_item(&fixture, "{'pk':{'S':'b'}}"));
    CHECK(count_records(&fixture) == 1);
    fixture_close(&fixture);
}

TEST(a_table_without_a_stream_has_no_log)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NONE);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    CHECK(count_streams(&fixture) == 0);
    struct caller caller;
    caller_open(&caller, &fixture);
    CHECK(find_table(&caller)->log_space == 0);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_LOG,
                              .from = SLICE("\0"),
                              .to = SLICE("\xff"),
                              .tier = STORE_ANY,
                              .row_count_max = 1,
                              .bytes_max = 1};
    struct store_page page;
    CHECK(store_scan(fixture.store, &caller.arena, &scan, &page) == STORE_OK);
    CHECK(page.count == 0);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_dropped_change_leaves_no_record)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    struct memory_faults faults = {.conflict_at_submit = 1};
    memory_store_set_faults(fixture.store, &faults);
    CHECK_KIND(put(&fixture, "{'pk':{'S':'a'}}"), ERROR_CONFLICT);
    CHECK(count_records(&fixture) == 0);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    CHECK(count_records(&fixture) == 1);
    fixture_close(&fixture);
}

TEST(records_stand_in_the_order_of_the_commits_not_of_the_decisions)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_NEW_IMAGE);
    enum { COUNT = 40 };
    struct caller callers[COUNT];
    struct memory_faults faults = {.hold_groups = true};
    memory_store_set_faults(fixture.store, &faults);
    for (uint32_t i = 0; i < COUNT; i++) {
        caller_open(&callers[i], &fixture);
        slice json = arena_format(&callers[i].arena, "{'pk':{'S':'k%u'}}%c", i, 0);
        struct write_plan plan = {.table = find_table(&callers[i]),
                                  .kind = WRITE_PUT,
                                  .item = item_of(&callers[i].arena, json.data)};
        struct write_result result;
        CHECK_OK(db_write(&callers[i].session, &plan, 1, &result));
    }
    CHECK(count_records(&fixture) == 0); /* nobody sees what is not durable */
    faults.hold_groups = false;
    memory_store_set_faults(fixture.store, &faults);
    for (uint32_t i = 0; i < COUNT; i++) {
        CHECK_OK(caller_settle(&callers[i]));
        caller_close(&callers[i]);
    }
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct stream *stream = newest_stream(&caller);
    struct stream_page page = {.count = 0};
    CHECK_OK(read_shard(&caller, stream, stream->shards[0].start, 1000, &page));
    CHECK(page.count == COUNT);
    for (uint32_t i = 1; i < page.count; i++)
        CHECK(log_position_compare(page.records[i - 1].position, page.records[i].position) < 0);
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_record_names_who_changed_the_item)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_stream_table(&fixture, STREAM_VIEW_KEYS_ONLY);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    struct caller caller;
    caller_open(&caller, &fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_DELETE,
                              .key = item_of(&caller.arena, "{'pk':{'S':'a'}}"),
                              .actor = LOG_BY_TIME_TO_LIVE};
    struct write_result result;
    CHECK_OK(db_write(&caller.session, &plan, 1, &result));
    CHECK_OK(caller_settle(&caller));
    CHECK(record_at(&caller, 0, 2)->actor == LOG_BY_CLIENT);
    CHECK(record_at(&caller, 1, 2)->actor == LOG_BY_TIME_TO_LIVE);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_row_that_is_no_record_is_told_from_one)
{
    SCOPED_ARENA(arena);
    char value[64];
    memset(value, 0, sizeof value);
    value[0] = 1;
    value[23] = 10; /* size of the old image */
    struct log_position position = {0, 0};
    struct store_entry row = {log_key(&arena, 1, 0, position), slice_of(value, sizeof value)};
    struct log_record record;
    CHECK(log_record_open(&row, &record));
    CHECK(record.change.old_item.size == 10 && record.change.new_item.size == sizeof value - 34);

    static const struct {
        uint32_t offset;
        char byte;
    } damages[] = {{0, 2}, {1, 1}, {10, 1}, {19, 2}, {20, 1}, {23, 41}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char before = value[damages[i].offset];
        value[damages[i].offset] = damages[i].byte;
        CHECK(!log_record_open(&row, &record));
        value[damages[i].offset] = before;
    }
    row.value = slice_of(value, 24);
    CHECK(!log_record_open(&row, &record));
    row = (struct store_entry){slice_first(row.key, row.key.size - 1), slice_of(value, 64)};
    CHECK(!log_record_open(&row, &record));
}
