/* check --repair: whatever is wrong with what follows from the items, it is right afterwards. */
#include "base/bytes.h"
#include "db/check/check.h"
#include "db/collection.h"
#include "db/db_private.h"
#include "db/index/index_entry.h"
#include "tests/unit/db/index/index_fixture.h"

static struct check_report check_quietly(struct fixture *fixture)
{
    struct sentences sentences = {.arena = &fixture->arena};
    struct check_report report;
    CHECK_OK(db_check(&fixture->arena, fixture->store, SLICE_NONE, keep_sentence, &sentences, &report));
    return report;
}

static struct check_report repair(struct fixture *fixture, struct sentences *sentences)
{
    *sentences = (struct sentences){.arena = &fixture->arena};
    struct check_report report;
    CHECK_OK(db_repair(&fixture->arena, fixture->store, SLICE_NONE, keep_sentence, sentences, &report));
    return report;
}

static void fill(struct fixture *fixture, struct random *random)
{
    fixture_open(fixture);
    create_indexed_table(fixture);
    for (int i = 0; i < 30; i++) {
        struct caller caller;
        caller_open(&caller, fixture);
        uint32_t pk;
        uint32_t sk;
        slice key = random_key(&caller.arena, random, &pk, &sk);
        struct write_plan plan = {.table = find_table(&caller),
                                  .kind = WRITE_PUT,
                                  .item = random_item(&caller.arena, random, key)};
        struct write_result result;
        CHECK_OK(db_write(&caller.session, &plan, 1, &result));
        CHECK_OK(caller_settle(&caller));
        caller_close(&caller);
    }
}

static void open_filled(struct fixture *fixture)
{
    struct random random;
    random_init(&random, test_seed());
    fill(fixture, &random);
}

/*
 * All counters and rows of tables, one after the other; without versions and stamps, which an
 * entry has from the last item that changed it, and counters that are zero, which may be absent.
 */
static slice everything(struct fixture *fixture)
{
    struct buffer all;
    buffer_init(&all, &fixture->arena);
    static const slice ranges[][2] = {{SLICE("\x00table"), SLICE("\x00tablf")},
                                      {SLICE("\x02"), SLICE("\x03")}};
    for (uint32_t i = 0; i < 2; i++) {
        struct store_scan scan = {.area = STORE_ROWS,
                                  .from = ranges[i][0],
                                  .to = ranges[i][1],
                                  .tier = STORE_ANY,
                                  .row_count_max = 10000,
                                  .bytes_max = SIZE_MAX};
        struct store_page page;
        CHECK(store_scan(fixture->store, &fixture->arena, &scan, &page) == STORE_OK && !page.more);
        for (uint32_t r = 0; r < page.count; r++) {
            slice value = page.entries[r].value;
            if (i == 0 && slice_equal(value, SLICE("\0\0\0\0\0\0\0\0")))
                continue;
            if (row_value_open(page.entries[r].value, &value))
                buffer_append_byte(&all, ROW_ITEM);
            buffer_append(&all, page.entries[r].key);
            buffer_append(&all, value);
        }
    }
    return buffer_slice(&all);
}

/* One row that is no item, by chance: gone, cut short, another's, or one that nothing implies. */
static void damage_one(struct fixture *fixture, struct random *random)
{
    SCOPED_ARENA(arena);
    struct store_scan scan = {.area = STORE_ROWS,
                              .from = SLICE("\x02"),
                              .to = SLICE("\x03"),
                              .tier = STORE_ANY,
                              .row_count_max = 10000,
                              .bytes_max = SIZE_MAX};
    bool counters = random_below(random, 4) == 0;
    if (counters) {
        scan.from = SLICE("\x00table");
        scan.to = SLICE("\x00tablf");
    }
    struct store_page page;
    CHECK(store_scan(fixture->store, &arena, &scan, &page) == STORE_OK && page.count > 0);
    const struct store_entry *row = &page.entries[random_below(random, page.count)];
    const struct store_entry *other = &page.entries[random_below(random, page.count)];
    uint32_t space = bytes_get_u32(page.entries[0].key.data + 1);
    bool is_item =
        !counters && row->key.data[5] == ROW_CLASS_ITEM && bytes_get_u32(row->key.data + 1) == space;
    if (is_item)
        return;
    slice key = arena_copy(&arena, row->key);
    switch (random_below(random, counters ? 2 : 4)) {
    case 0:
        damage(fixture, db_delete(key));
        return;
    case 1:
        damage(fixture, db_put(key, counters ? SLICE("\0\0\0\0\0\0\1\1") : other->value));
        return;
    case 2:
        damage(fixture, db_put(key, SLICE("damaged")));
        return;
    case 3:
        ((char *)(uintptr_t)key.data)[key.size - 1] ^= 1;
        damage(fixture, db_put(key, row->value));
        return;
    }
}

TEST(any_damage_to_what_follows_from_the_items_is_mended)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 40; round++) {
        struct fixture fixture;
        fill(&fixture, &random);
        slice before = everything(&fixture);
        for (int i = 0; i < 8; i++)
            damage_one(&fixture, &random);
        bool damaged = !slice_equal(before, everything(&fixture));
        CHECK(damaged == (check_quietly(&fixture).problems > 0));

        struct sentences sentences;
        struct check_report report = repair(&fixture, &sentences);

        CHECK(report.problems == 0 && (report.repaired > 0) == damaged);
        CHECK(sentences.count == report.repaired);
        CHECK(check_quietly(&fixture).problems == 0);
        CHECK(slice_equal(before, everything(&fixture)));
        CHECK(repair(&fixture, &sentences).repaired == 0);
        fixture_close(&fixture);
    }
}

TEST(a_repair_says_what_it_mended)
{
    struct fixture fixture;
    open_filled(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    damage(&fixture, db_delete(row_key_of_counter(
                         &caller.arena, (struct row_place){.space = table->space}, COUNTER_ITEMS)));

    struct sentences sentences;
    CHECK(repair(&fixture, &sentences).repaired == 1);

    CHECK(slice_begins_with(sentences.last, SLICE("repaired: table T has ")));
    caller_close(&caller);
    fixture_close(&fixture);
}

/* Its entries are what is left of it. */
TEST(a_damaged_item_is_told_and_neither_it_nor_its_entries_are_touched)
{
    struct fixture fixture;
    open_filled(&fixture);
    CHECK_OK(put(&fixture, "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'},'b':{'N':'1'}}"));
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    slice key = item_of(&caller.arena, "{'pk':{'S':'p'},'sk':{'N':'1'}}");
    damage(&fixture, db_put(row_key_of_item(&caller.arena, &table->keys, table->space, key),
                            SLICE("damaged")));

    struct sentences sentences;
    CHECK(repair(&fixture, &sentences).problems > 0);

    struct store_row row;
    slice item = item_of(&caller.arena,
                         "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'},'b':{'N':'1'}}");
    const struct index *index = table_index(table, SLICE("global-a"));
    slice entry_key = index_entry_of(&caller.arena, table, index, item).key;
    CHECK(store_get(fixture.store, STORE_SHARD_WHOLE, &caller.arena, &entry_key, 1, STORE_ANY,
                    &row) == STORE_OK);
    CHECK(row.found);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_repair_that_cannot_write_says_so)
{
    struct fixture fixture;
    open_filled(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    slice key = row_key_of_counter(
        &caller.arena, (struct row_place){.space = find_table(&caller)->space}, COUNTER_ITEMS);
    damage(&fixture, db_delete(key));
    memory_store_set_faults(fixture.store, &(struct memory_faults){.unavailable_at_group = 1});

    struct sentences sentences = {.arena = &fixture.arena};
    struct check_report report;
    error failure =
        db_repair(&fixture.arena, fixture.store, SLICE_NONE, keep_sentence, &sentences, &report);

    CHECK(failure && failure->kind == ERROR_STORAGE);
    caller_close(&caller);
    fixture_close(&fixture);
}
