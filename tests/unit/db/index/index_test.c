#include "db/index/index.h"

#include "db/check/check.h"
#include "db/index/index_entry.h"
#include "tests/unit/db/index/index_fixture.h"

/* ---- what is refused ---- */

#define EMPTY_PUT(word, index, key)                                                                \
    "One or more parameter values are not valid. A value specified for a secondary index key is "  \
    "not supported. The AttributeValue for a key attribute cannot contain an empty " word          \
    " value. IndexName: " index ", IndexKey: " key
#define EMPTY_UPDATE(word)                                                                         \
    "One or more parameter values are not valid. The update expression attempted to update a "     \
    "secondary index key to a value that is not supported. The AttributeValue for a key "          \
    "attribute cannot contain an empty " word " value."
#define MISTYPED(key, expected, actual, index)                                                     \
    "One or more parameter values were invalid: Type mismatch for Index Key " key                  \
    " Expected: " expected " Actual: " actual " IndexName: " index
#define MISTYPED_RESULT                                                                            \
    "The update expression attempted to update the secondary index key to unsupported type"

/* Of the indexes that the attribute is a key of, the first by name is told. */
static const struct {
    const char *attribute;
    const char *put;
    const char *update;
} refused[] = {
    {"'a':{'S':''}", EMPTY_PUT("string", "global-a", "a"), EMPTY_UPDATE("string")},
    {"'c':{'B':''}", EMPTY_PUT("binary", "global-ab-cd", "c"), EMPTY_UPDATE("binary")},
    {"'a':{'N':'1'}", MISTYPED("a", "S", "N", "global-a"), MISTYPED_RESULT},
    {"'b':{'NULL':true}", MISTYPED("b", "N", "NULL", "global-ab-cd"), MISTYPED_RESULT},
    {"'d':{'L':[]}", MISTYPED("d", "S", "L", "global-ab-cd"), MISTYPED_RESULT},
};

TEST(index_keys_have_their_types_and_are_not_empty)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct arena *arena = &caller.arena;
    slice old_item = item_of(arena, "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'}}");
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        slice json =
            arena_format(arena, "{'pk':{'S':'p'},'sk':{'N':'1'},%s}%c", refused[i].attribute, 0);
        slice item = item_of(arena, json.data);
        CHECK_FAILS(index_check_item(arena, table, item), ERROR_VALIDATION,
                    slice_of_string(refused[i].put));
        CHECK_FAILS(index_check_updated_item(arena, table, NULL, old_item, item), ERROR_VALIDATION,
                    slice_of_string(refused[i].update));
        CHECK_OK(index_check_updated_item(arena, table, NULL, item, item));
    }
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(an_update_that_gives_an_index_key_an_empty_value_is_refused_before_its_item_is_known)
{
    static const struct {
        const char *expression;
        const char *problem; /* NULL: none */
    } rows[] = {
        {"SET a = :s", EMPTY_UPDATE("string")},
        {"SET e = :s, c = :b", EMPTY_UPDATE("binary")},
        {"SET a = :b", NULL}, /* of another type: told of the item */
        {"SET e = :s", NULL},
        {"SET a = if_not_exists(a, :s)", NULL},
        {"REMOVE a", NULL},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct arena *arena = &caller.arena;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct placeholder_value values[] = {
            {.placeholder = SLICE(":s"), .input.value = value_make_string(arena, SLICE(""))},
            {.placeholder = SLICE(":b"), .input.value = value_make_binary(arena, SLICE(""))}};
        struct placeholders placeholders = {.values = values, .value_count = 2};
        const struct update *update;
        CHECK_OK(update_parse(arena, slice_of_string(rows[i].expression), &placeholders, &update));
        error refusal = index_check_update(arena, find_table(&caller), update);
        CHECK_SLICE(refusal ? refusal->message : SLICE(""),
                    slice_of_string(rows[i].problem ? rows[i].problem : ""));
    }
    CHECK_OK(index_check_update(arena, find_table(&caller), NULL));
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(index_keys_have_the_sizes_of_keys)
{
    static char text[2049];
    memset(text, 'x', sizeof text);
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct arena *arena = &caller.arena;
    slice names[] = {SLICE("pk"), SLICE("d")};
    slice values[2] = {value_make_string(arena, SLICE("p"))};
    for (size_t size = 1024; size <= 2049; size += 1025) {
        values[1] = value_make_string(arena, slice_of(text, size));
        error failure = index_check_item(arena, table, item_make(arena, names, values, 2));
        CHECK((failure == NULL) == (size == 1024)); /* d is the sort key of one index */
    }
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_start_key_has_the_keys_of_table_and_index_alone)
{
    static const struct {
        const char *index;
        const char *key;
        bool fits;
    } cases[] = {
        {NULL, "{'pk':{'S':'p'},'sk':{'N':'1'}}", true},
        {NULL, "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'}}", false},
        {"global-a", "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'}}", true},
        {"global-a", "{'pk':{'S':'p'},'sk':{'N':'1'}}", false},
        {"global-a", "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'N':'1'}}", false},
        {"global-a", "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':''}}", false},
        {"global-a", "{'pk':{'S':''},'sk':{'N':'1'},'a':{'S':'x'}}", false},
        {"global-a", "{'pk':{'S':'p'},'sk':{'N':'1'},'b':{'N':'1'}}", false},
        {"local-b", "{'pk':{'S':'p'},'sk':{'N':'1'},'b':{'N':'1'}}", true},
        {"global-d-pk", "{'pk':{'S':'p'},'sk':{'N':'1'},'d':{'S':'x'}}", true},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct index *index =
            cases[i].index ? table_index(table, slice_of_string(cases[i].index)) : NULL;
        slice key = item_of(&caller.arena, cases[i].key);
        CHECK((index_check_key(&caller.arena, table, index, key) == NULL) == cases[i].fits);
    }
    CHECK(table_index(table, SLICE("global-b")) == NULL);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(an_update_that_does_not_fit_an_index_changes_nothing)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    CHECK_OK(put(&fixture, "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'}}"));
    struct caller caller;
    caller_open(&caller, &fixture);
    struct placeholder_value value = {.placeholder = SLICE(":a"),
                                      .input.value = value_make_string(&caller.arena, SLICE(""))};
    struct placeholders placeholders = {.values = &value, .value_count = 1};
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_UPDATE,
                              .key = item_of(&caller.arena, "{'pk':{'S':'p'},'sk':{'N':'1'}}")};
    CHECK_OK(update_parse(&caller.arena, SLICE("SET a = :a"), &placeholders, &plan.update));
    struct write_result result;
    CHECK_FAILS(db_write(&caller.session, &plan, 1, &result), ERROR_VALIDATION,
                SLICE(EMPTY_UPDATE("string")));
    CHECK(!caller.session.submitted);
    caller_close(&caller);
    fixture_close(&fixture);
}

/* ---- whole items from a local index ---- */

TEST(whole_items_are_fetched_and_each_is_charged_alone)
{
    static char text[9000];
    memset(text, 'x', sizeof text);
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct arena *arena = &caller.arena;
    for (int i = 1; i <= 3; i++) {
        slice json = arena_format(arena,
                                  "{'pk':{'S':'p'},'sk':{'N':'%d'},'b':{'N':'5'},"
                                  "'text':{'S':'%.*s'}}%c",
                                  i, (int)sizeof text, text, 0);
        CHECK_OK(put(&fixture, json.data));
    }
    const struct table *table = find_table(&caller);
    const struct index *index = table_index(table, SLICE("local-b"));
    const struct condition *filter = NULL;
    struct placeholder_value value = {.placeholder = SLICE(":t"),
                                      .input.value = value_make_string(arena, SLICE("xxx"))};
    struct placeholders placeholders = {.values = &value, .value_count = 1};
    CHECK_OK(condition_parse(arena, SLICE("FilterExpression"), SLICE("begins_with(txt, :t)"),
                             &placeholders, &filter));
    struct read_plan plan = {
        .table = table, .index = index, .range = row_range_of_segment(arena, table, index, 0, 1)};
    struct read_page page;
    CHECK_OK(db_read_page(&caller.session, &plan, &page));
    CHECK(page.count == 3 && item_attribute_count(page.items[0]) == 3 && page.fetched_units == 0);
    size_t entry_bytes = page.scanned_bytes;

    plan.fetch_base = true;
    CHECK_OK(db_read_page(&caller.session, &plan, &page));
    CHECK(page.count == 3 && item_attribute_count(page.items[0]) == 4);
    CHECK(page.fetched_units == 9 && page.scanned_bytes == entry_bytes);

    plan.filter = filter; /* an attribute that no item has */
    CHECK_OK(db_read_page(&caller.session, &plan, &page));
    CHECK(page.count == 0 && page.scanned_count == 3 && page.fetched_units == 9);
    caller_close(&caller);
    fixture_close(&fixture);
}

/* ---- deleting, checking ---- */

#define FULL_ITEM                                                                                  \
    "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'},'b':{'N':'1'},'c':{'B':'AA=='},'d':{'S':'x'}}"

static struct sentences check_telling(struct fixture *fixture, struct check_report *report)
{
    struct sentences sentences = {.arena = &fixture->arena};
    CHECK_OK(db_check(&fixture->arena, fixture->store, SLICE_NONE, keep_sentence, &sentences, report));
    return sentences;
}

TEST(a_deleted_table_takes_its_indexes_with_it)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    CHECK_OK(put(&fixture, FULL_ITEM));
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table;
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    caller_close(&caller);
    fixture_reopen(&fixture);

    struct check_report report;
    CHECK(check_telling(&fixture, &report).count == 0);
    CHECK(report.dead_rows == 1 + INDEX_COUNT + 1 /* size of the collection */ && report.tables == 0);
    housekeep(&fixture);
    CHECK(check_telling(&fixture, &report).count == 0); /* not a counter is left either */
    CHECK(report.dead_rows == 0);
    fixture_close(&fixture);
}

static slice stored_value(struct fixture *fixture, slice key)
{
    struct store_row row = {.found = false};
    CHECK(store_get(fixture->store, STORE_SHARD_WHOLE, &fixture->arena, &key, 1, STORE_ANY, &row) ==
          STORE_OK);
    CHECK(row.found);
    return row.value;
}

TEST(check_tells_entries_that_lack_differ_or_belong_to_no_item)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_indexed_table(&fixture);
    CHECK_OK(put(&fixture, FULL_ITEM));
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct arena *arena = &caller.arena;
    slice item = item_of(arena, FULL_ITEM);
    slice smaller = item_of(arena, "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'}}");
    struct check_report report;
    CHECK(check_telling(&fixture, &report).count == 0);

    for (uint32_t i = 0; i < INDEX_COUNT; i++) {
        const struct index *index = &table->indexes[i];
        slice key = index_entry_of(arena, table, index, item).key;
        slice value = arena_copy(arena, stored_value(&fixture, key));
        damage(&fixture, (struct store_write){.kind = STORE_DELETE, .key = key});
        /* The entry, the counters, and the size of the collection. */
        CHECK(check_telling(&fixture, &report).count == (index->kind == INDEX_LOCAL ? 3 : 2));
        damage(&fixture, (struct store_write){.kind = STORE_PUT, .key = key, .value = value});
        CHECK(check_telling(&fixture, &report).count == 0);
    }

    const struct index *index = table_index(table, SLICE("global-a"));
    slice key = index_entry_of(arena, table, index, item).key;
    slice value = arena_copy(arena, stored_value(&fixture, key));
    struct buffer other;
    buffer_init(&other, arena);
    buffer_append(&other, slice_first(value, ROW_HEADER_BYTES));
    buffer_append(&other, smaller);
    damage(&fixture,
           (struct store_write){.kind = STORE_PUT, .key = key, .value = buffer_slice(&other)});
    CHECK(check_telling(&fixture, &report).count == 2);
    damage(&fixture, (struct store_write){.kind = STORE_PUT, .key = key, .value = value});
    CHECK(check_telling(&fixture, &report).count == 0);

    slice item_key = row_key_of_item(arena, &table->keys, table->space, item);
    damage(&fixture, (struct store_write){.kind = STORE_DELETE, .key = item_key});
    CHECK(check_telling(&fixture, &report).count == INDEX_COUNT + 2);
    caller_close(&caller);
    fixture_close(&fixture);
}
