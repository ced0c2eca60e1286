/* Damage of a change log, each kind put there by hand: check names it. */
#include "base/bytes.h"
#include "db/check/check.h"
#include "db/rows.h"
#include "db/stream/stream_row.h"
#include "db/table/table_row.h"
#include "tests/unit/db/partition/split_fixture.h"

enum { RECORDS_MAX = 32 };

struct damaged {
    struct fixture fixture;
    struct store_entry records[RECORDS_MAX]; /* of the log, in order */
    uint32_t count;
};

static slice sentences(struct damaged *damaged)
{
    struct sentences sentences = {.arena = &damaged->fixture.arena};
    struct check_report report;
    CHECK_OK(db_check(sentences.arena, damaged->fixture.store, SLICE_NONE, keep_sentence,
                      &sentences, &report));
    return sentences.all;
}

static bool says(struct damaged *damaged, const char *words)
{
    slice said = sentences(damaged);
    return said.size > 0 && memmem(said.data, said.size, words, strlen(words)) != NULL;
}

static void open_stream_table(struct damaged *damaged)
{
    *damaged = (struct damaged){.count = 0};
    fixture_open(&damaged->fixture);
    create_stream_table(&damaged->fixture, STREAM_VIEW_KEYS_ONLY);
}

static void read_records(struct damaged *damaged)
{
    struct fixture *fixture = &damaged->fixture;
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_LOG,
                              .from = SLICE("\x03"),
                              .to = SLICE("\x04"),
                              .tier = STORE_ANY,
                              .row_count_max = RECORDS_MAX,
                              .bytes_max = SIZE_MAX};
    struct store_page page;
    CHECK(store_scan(fixture->store, &fixture->arena, &scan, &page) == STORE_OK);
    memcpy(damaged->records, page.entries, page.count * sizeof page.entries[0]);
    damaged->count = page.count;
    CHECK_SLICE(sentences(damaged), SLICE(""));
}

/* One item put twice and another put once. */
static void open_damaged(struct damaged *damaged)
{
    open_stream_table(damaged);
    CHECK_OK(put(&damaged->fixture, "{'pk':{'S':'a'},'n':{'N':'1'}}"));
    CHECK_OK(put(&damaged->fixture, "{'pk':{'S':'a'},'n':{'N':'2'}}"));
    CHECK_OK(put(&damaged->fixture, "{'pk':{'S':'b'}}"));
    read_records(damaged);
    CHECK(damaged->count == 3);
}

/* value empty: delete. */
static void write_row(struct damaged *damaged, enum store_area area, slice key, slice value)
{
    struct store_write write = {.kind = value.size > 0 ? STORE_PUT : STORE_DELETE,
                                .area = area,
                                .key = key,
                                .value = value,
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
    struct store_change_set set = {.writes = &write, .write_count = 1};
    set.pending = store_pending_new();
    CHECK(store_submit_and_wait(damaged->fixture.store, &set) == STORE_OK);
    store_pending_release(set.pending);
}

TEST(a_record_that_is_lost_in_the_middle_breaks_the_chain_of_its_item)
{
    struct damaged damaged;
    open_damaged(&damaged);
    write_row(&damaged, STORE_LOG, damaged.records[0].key, SLICE_NONE);
    CHECK_SLICE(sentences(&damaged), SLICE("")); /* the first one cannot be missed */
    write_row(&damaged, STORE_LOG, damaged.records[0].key, damaged.records[0].value);
    write_row(&damaged, STORE_LOG, damaged.records[1].key, SLICE_NONE);
    CHECK(says(&damaged, "is not the last image in the change log"));
    CHECK_OK(put(&damaged.fixture, "{'pk':{'S':'a'},'n':{'N':'3'}}"));
    CHECK(says(&damaged, "does not begin where the one before it of its item ends"));
    fixture_close(&damaged.fixture);
}

TEST(an_item_that_is_lost_is_missed_by_its_last_record)
{
    struct damaged damaged;
    open_damaged(&damaged);
    struct caller caller;
    caller_open(&caller, &damaged.fixture);
    const struct table *table = find_table(&caller);
    slice key = row_key_of_item(&damaged.fixture.arena, &table->keys, table->space,
                                item_of(&damaged.fixture.arena, "{'pk':{'S':'b'}}"));
    caller_close(&caller);
    write_row(&damaged, STORE_ROWS, key, SLICE_NONE);
    CHECK(
        says(&damaged, "1 items are not there, though the change log ends with an image of them"));
    fixture_close(&damaged.fixture);
}

TEST(a_record_that_is_not_where_it_belongs_is_named)
{
    struct damaged damaged;
    open_damaged(&damaged);
    struct arena *arena = &damaged.fixture.arena;
    slice key = damaged.records[2].key;
    slice value = damaged.records[2].value;
    char *other = (char *)arena_copy(arena, key).data;
    other[16]++; /* in its commit number */
    write_row(&damaged, STORE_LOG, slice_of(other, key.size), value);
    CHECK(says(&damaged, "is no record, or its stamp is not its key's"));
    write_row(&damaged, STORE_LOG, slice_of(other, key.size), SLICE_NONE);

    other = (char *)arena_copy(arena, key).data;
    bytes_put_u32(other + 1, 77);
    write_row(&damaged, STORE_LOG, slice_of(other, key.size), value);
    CHECK(says(&damaged, "belongs to no table"));
    write_row(&damaged, STORE_LOG, slice_of(other, key.size), SLICE_NONE);

    other = (char *)arena_copy(arena, key).data;
    other[0] = 4;
    write_row(&damaged, STORE_LOG, slice_of(other, key.size), value);
    CHECK(says(&damaged, "lies in an area that is not known"));
    write_row(&damaged, STORE_LOG, slice_of(other, key.size), SLICE_NONE);
    CHECK_SLICE(sentences(&damaged), SLICE(""));
    fixture_close(&damaged.fixture);
}

TEST(a_record_before_the_low_water_mark_and_a_mark_of_no_log_are_named)
{
    struct damaged damaged;
    open_damaged(&damaged);
    struct arena *arena = &damaged.fixture.arena;
    uint32_t space = bytes_get_u32(damaged.records[0].key.data + 1);
    char mark[LOG_POSITION_BYTES];
    log_position_put(mark, (struct log_position){1000, 0});
    slice value = arena_copy(arena, slice_of(mark, sizeof mark));
    write_row(&damaged, STORE_ROWS, log_key_of_low_water(arena, space, 0), value);
    CHECK(says(&damaged, "stands before the low-water mark"));
    write_row(&damaged, STORE_ROWS, log_key_of_low_water(arena, space, 0), SLICE_NONE);
    write_row(&damaged, STORE_ROWS, log_key_of_low_water(arena, 77, 0), value);
    CHECK(says(&damaged, "is not known or belongs to no table"));
    fixture_close(&damaged.fixture);
}

TEST(a_record_with_images_of_two_items_or_of_none_is_named)
{
    struct damaged damaged;
    open_damaged(&damaged);
    struct arena *arena = &damaged.fixture.arena;
    enum { OLD_SIZE_OFFSET = 20, ITEMS_OFFSET = 24 };
    slice record = damaged.records[2].value;
    slice a = item_of(arena, "{'pk':{'S':'a'}}");
    slice b = item_of(arena, "{'pk':{'S':'b'}}");
    struct {
        slice old_item;
        slice new_item;
        const char *words;
    } cases[] = {
        {a, b, "holds images of two items"},
        {b, b, "records no change"},
        {SLICE_NONE, SLICE("junk"), "holds an image that is no item of its table"},
        {item_of(arena, "{'x':{'S':'b'}}"), SLICE_NONE,
         "holds an image that is no item of its table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *value = arena_alloc_bytes(arena, ITEMS_OFFSET + a.size + b.size);
        memcpy(value, record.data, ITEMS_OFFSET);
        bytes_put_u32(value + OLD_SIZE_OFFSET, (uint32_t)cases[i].old_item.size);
        char *to = value + ITEMS_OFFSET;
        if (cases[i].old_item.size > 0)
            memcpy(to, cases[i].old_item.data, cases[i].old_item.size);
        to += cases[i].old_item.size;
        if (cases[i].new_item.size > 0)
            memcpy(to, cases[i].new_item.data, cases[i].new_item.size);
        to += cases[i].new_item.size;
        write_row(&damaged, STORE_LOG, damaged.records[2].key,
                  slice_of(value, (size_t)(to - value)));
        CHECK(says(&damaged, cases[i].words));
    }
    fixture_close(&damaged.fixture);
}

/* ---- where a partition was split ---- */

enum { SPLIT_ITEMS = 12, PARTITION_OFFSET = 5, STAMP_OFFSET = 9, VALUE_STAMP_OFFSET = 1 };

/* Items put before partition 0 was split into 1 and 2, and once more behind that. */
static void open_split(struct damaged *damaged)
{
    open_stream_table(damaged);
    put_many(&damaged->fixture, SPLIT_ITEMS, "before");
    CHECK(split_at(&damaged->fixture, SLICE_NONE, 0x8000));
    put_many(&damaged->fixture, SPLIT_ITEMS, "behind");
    read_records(damaged);
    CHECK(damaged->count == 2 * SPLIT_ITEMS);
}

static uint32_t partition_of_record(const struct store_entry *record)
{
    return bytes_get_u32(record->key.data + PARTITION_OFFSET);
}

static struct log_position position_of(const struct store_entry *record)
{
    return log_position_get(record->key.data + STAMP_OFFSET);
}

static const struct store_entry *last_record_in(const struct damaged *damaged, uint32_t partition)
{
    const struct store_entry *last = NULL;
    for (uint32_t i = 0; i < damaged->count; i++) {
        if (partition_of_record(&damaged->records[i]) == partition)
            last = &damaged->records[i];
    }
    CHECK(last != NULL);
    return last;
}

/* Take a record from its place in the log and put it at another one. */
static void move_record(struct damaged *damaged, const struct store_entry *record,
                        uint32_t partition, struct log_position position)
{
    struct arena *arena = &damaged->fixture.arena;
    char *key = (char *)arena_copy(arena, record->key).data;
    char *value = (char *)arena_copy(arena, record->value).data;
    bytes_put_u32(key + PARTITION_OFFSET, partition);
    log_position_put(key + STAMP_OFFSET, position);
    log_position_put(value + VALUE_STAMP_OFFSET, position);
    write_row(damaged, STORE_LOG, record->key, SLICE_NONE);
    write_row(damaged, STORE_LOG, slice_of(key, record->key.size),
              slice_of(value, record->value.size));
}

static struct log_position where_split(struct damaged *damaged)
{
    struct caller caller;
    caller_open(&caller, &damaged->fixture);
    struct log_position at = newest_stream(&caller)->shards[0].end;
    caller_close(&caller);
    return at;
}

TEST(a_record_on_the_wrong_side_of_a_split_is_named)
{
    enum place { FIRST_OF_PARENT, BEHIND_PARENT, AT_SPLIT, WHERE_IT_IS };
    static const struct {
        uint32_t from; /* partition, of which the last record is moved */
        uint32_t to;
        enum place place;
        const char *words;
    } cases[] = {
        {1, 1, FIRST_OF_PARENT, "stands before a record of the partition that its own came of"},
        {2, 2, BEHIND_PARENT, "stands before its partition begins"},
        {0, 0, AT_SPLIT, "stands behind the end of its partition, which was split"},
        {1, 2, WHERE_IT_IS, "stands in another partition than its item"},
        {2, 0, WHERE_IT_IS, "stands behind the end of its partition, which was split"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct damaged damaged;
        open_split(&damaged);
        const struct store_entry *record = last_record_in(&damaged, cases[i].from);
        const struct log_position places[] = {
            [FIRST_OF_PARENT] = position_of(&damaged.records[0]),
            [BEHIND_PARENT] = log_position_after(position_of(last_record_in(&damaged, 0))),
            [AT_SPLIT] = where_split(&damaged),
            [WHERE_IT_IS] = position_of(record),
        };
        move_record(&damaged, record, cases[i].to, places[cases[i].place]);
        CHECK(says(&damaged, cases[i].words));
        fixture_close(&damaged.fixture);
    }
}

TEST(a_record_outside_of_what_the_table_says_of_its_split_partition_is_named)
{
    struct damaged damaged;
    open_split(&damaged);
    struct arena *arena = &damaged.fixture.arena;
    struct caller caller;
    caller_open(&caller, &damaged.fixture);
    struct table fields = *find_table(&caller);
    CHECK(fields.sealed.count == 1);
    struct sealed_partition smaller = fields.sealed.list[0];
    smaller.to = place_at(arena, 1);
    const struct sealed_partitions cases[] = {{NULL, 0}, {&smaller, 1}};
    slice key = row_key_of_table(arena, fields.name);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fields.sealed = cases[i];
        write_row(&damaged, STORE_ROWS, key, table_row_make(arena, &fields));
        CHECK(says(&damaged, "stands in another partition than its item"));
    }
    caller_close(&caller);
    fixture_close(&damaged.fixture);
}

/* A stream's description with these shards. */
static void write_shards(struct damaged *damaged, struct stream stream, const struct shard *shards,
                         uint32_t count)
{
    stream.shards = shards;
    stream.shard_count = count;
    struct store_write write = stream_row_write(&damaged->fixture.arena, &stream);
    write_row(damaged, STORE_ROWS, write.key, write.value);
}

TEST(a_shard_that_does_not_begin_where_its_parent_ends_is_named)
{
    struct damaged damaged;
    open_split(&damaged);
    struct caller caller;
    caller_open(&caller, &damaged.fixture);
    const struct stream *stream = newest_stream(&caller);
    enum { PARENT, CHILD, SHARDS = 3 };
    CHECK(stream->shard_count == SHARDS);
    struct shard late = stream->shards[CHILD];
    struct shard never_split = stream->shards[PARENT];
    struct shard of_another_time = stream->shards[PARENT];
    struct shard still_open = stream->shards[PARENT];
    late.start = log_position_after(late.start);
    never_split.split_ms = 0;
    of_another_time.id.created_ms++;
    still_open.split_ms = 0;
    still_open.is_ended = false;
    const struct {
        uint32_t which;
        struct shard shard;
    } cases[] = {{CHILD, late},
                 {PARENT, never_split},
                 {PARENT, of_another_time},
                 {PARENT, still_open}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shard shards[SHARDS];
        memcpy(shards, stream->shards, sizeof shards);
        shards[cases[i].which] = cases[i].shard;
        write_shards(&damaged, *stream, shards, SHARDS);
        CHECK(says(&damaged, "does not begin where its parent ends"));
    }
    write_shards(&damaged, *stream, stream->shards, SHARDS);
    CHECK_SLICE(sentences(&damaged), SLICE(""));
    write_shards(&damaged, *stream, stream->shards + CHILD, SHARDS - 1); /* as after its day */
    CHECK_SLICE(sentences(&damaged), SLICE(""));
    caller_close(&caller);
    fixture_close(&damaged.fixture);
}
