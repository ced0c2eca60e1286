/* Damage of a change log, each kind put there by hand: check names it. */
#include "base/bytes.h"
#include "db/check/check.h"
#include "db/rows.h"
#include "tests/unit/db/stream/stream_fixture.h"

enum { RECORDS_MAX = 8 };

struct damaged {
    struct fixture fixture;
    struct store_entry records[RECORDS_MAX]; /* of the log, in order */
    uint32_t count;
    slice sentences;
};

static void keep_sentence(void *context, slice sentence)
{
    struct damaged *damaged = context;
    damaged->sentences = arena_format(&damaged->fixture.arena, "%.*s%.*s\n",
                                      SLICE_ARGS(damaged->sentences), SLICE_ARGS(sentence));
}

static slice sentences(struct damaged *damaged)
{
    struct check_report report;
    damaged->sentences = SLICE("");
    CHECK_OK(
        db_check(&damaged->fixture.arena, damaged->fixture.store, SLICE_NONE, keep_sentence, damaged, &report));
    return damaged->sentences;
}

static bool says(struct damaged *damaged, const char *words)
{
    slice said = sentences(damaged);
    return said.size > 0 && memmem(said.data, said.size, words, strlen(words)) != NULL;
}

/* One item put twice and another put once. */
static void open_damaged(struct damaged *damaged)
{
    *damaged = (struct damaged){.count = 0};
    struct fixture *fixture = &damaged->fixture;
    fixture_open(fixture);
    create_stream_table(fixture, STREAM_VIEW_KEYS_ONLY);
    CHECK_OK(put(fixture, "{'pk':{'S':'a'},'n':{'N':'1'}}"));
    CHECK_OK(put(fixture, "{'pk':{'S':'a'},'n':{'N':'2'}}"));
    CHECK_OK(put(fixture, "{'pk':{'S':'b'}}"));
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_LOG,
                              .from = SLICE("\x03"),
                              .to = SLICE("\x04"),
                              .tier = STORE_ANY,
                              .row_count_max = RECORDS_MAX,
                              .bytes_max = SIZE_MAX};
    struct store_page page;
    CHECK(store_scan(fixture->store, &fixture->arena, &scan, &page) == STORE_OK);
    CHECK(page.count == 3);
    memcpy(damaged->records, page.entries, page.count * sizeof page.entries[0]);
    damaged->count = page.count;
    CHECK_SLICE(sentences(damaged), SLICE(""));
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
