/* Stored descriptions of tables: every field comes back, and damage is told from a description. */
#include "db/table/table_row.h"

#include "db/index/index.h"
#include "db/partition/partition.h"
#include "tests/test.h"

static const struct table_tag TAGS[] = {{SLICE("owner"), SLICE("Ada")}, {SLICE("team"), SLICE("")}};

static const struct partition PARTITIONS[] = {{.number = 7, .from = SLICE("")},
                                              {.number = 5, .from = SLICE("\x80\x00")}};

/* Each member different, so that none can stand in for another. */
static const struct table FULL = {
    .name = SLICE("Music"),
    .id = SLICE("0b1c"),
    .space = 4294967295u,
    .keys = {.hash = {SLICE("artist"), VALUE_B},
             .range = {SLICE("year"), VALUE_N},
             .has_range = true},
    .partitions = {PARTITIONS, 2},
    .log_space = 4294967294u,
    .stream = {.view = STREAM_VIEW_OLD_IMAGE, .label_ms = 1700000000456},
    .settings = {.billing_mode = BILLING_PROVISIONED,
                 .provisioned = {.read = 11, .write = 12},
                 .on_demand_max = {.read = 13, .write = 14},
                 .warm = {.read = 40013, .write = 40014},
                 .table_class = TABLE_CLASS_INFREQUENT,
                 .encryption_key_arn = SLICE("arn:aws:kms:us-east-1:1:key/k"),
                 .deletion_protected = true,
                 .tags = TAGS,
                 .tag_count = 2},
    .history = {.on_demand_ms = 21,
                .increased_ms = 22,
                .decreased_ms = 23,
                .decrease_count = 24,
                .provisioned_before = {.read = 41, .write = 42},
                .warm_before = {.read = 43, .write = 44},
                .class_changed_ms = 25,
                .class_changed_before_ms = 26,
                .class_before = TABLE_CLASS_STANDARD,
                .protection_changed_ms = 27,
                .encryption_window_ms = 28,
                .encryption_count = 29,
                .encryption_changed_ms = 30,
                .encryption_key_before = SLICE("arn:aws:kms:us-east-1:1:key/before")},
    .insights = {.mode = INSIGHTS_OFF,
                 .mode_before = INSIGHTS_OF_THROTTLED,
                 .since_ms = 37,
                 .changed_ms = 38},
    .created_ms = 1700000000123,
    .active_ms = 32,
    .updated_ms = 33,
    .jobs = TABLE_JOB_CLASS,
    .encrypted_ms = 34,
    .warmed_ms = 35,
    .deleting_ms = 36,
};

/* The attributes of the stored item, to be damaged and put together again. */
struct parts {
    slice names[96];
    slice values[96];
    uint32_t count;
};

static void take_apart(slice row, struct parts *parts)
{
    struct item_cursor cursor;
    item_cursor_init(&cursor, slice_from(row, 1));
    parts->count = 0;
    while (item_cursor_next(&cursor, &parts->names[parts->count], &parts->values[parts->count]))
        parts->count++;
}

static slice put_together(struct arena *arena, const struct parts *parts)
{
    slice item = item_make(arena, parts->names, parts->values, parts->count);
    char *row = arena_alloc_bytes(arena, 1 + item.size);
    row[0] = TABLE_ROW_FORMAT;
    memcpy(row + 1, item.data, item.size);
    return slice_of(row, 1 + item.size);
}

static slice number_value(struct arena *arena, const char *text)
{
    struct number number = {.digits = 0};
    CHECK(number_parse(slice_of_string(text), &number) == NUMBER_OK);
    return value_make_number(arena, &number);
}

static error open_with(struct arena *arena, const char *name, slice value)
{
    struct parts parts;
    take_apart(table_row_make(arena, &FULL), &parts);
    for (uint32_t i = 0; i < parts.count; i++)
        if (slice_equal(parts.names[i], slice_of_string(name)))
            parts.values[i] = value;
    struct table table;
    return table_row_open(arena, put_together(arena, &parts), &table);
}

TEST(every_field_of_a_description_comes_back)
{
    SCOPED_ARENA(arena);
    struct table table;

    slice row = table_row_make(&arena, &FULL);
    CHECK_OK(table_row_open(&arena, row, &table));

    CHECK_SLICE(table_row_make(&arena, &table), row);
    CHECK_SLICE(table.name, SLICE("Music"));
    CHECK(table.space == 4294967295u);
    CHECK(table.keys.hash.type == VALUE_B && table.keys.range.type == VALUE_N);
    CHECK(table.settings.deletion_protected && table.settings.tag_count == 2);
    CHECK(table.history.class_changed_before_ms == 26 && table.deleting_ms == 36);
    CHECK(table.partitions.count == 2 && table.partitions.list[1].number == 5);
    CHECK_SLICE(table.partitions.list[1].from, SLICE("\x80\x00"));
    CHECK(table.log_space == 4294967294u && table.stream.view == STREAM_VIEW_OLD_IMAGE);
}

TEST(a_description_without_what_may_be_absent_comes_back)
{
    SCOPED_ARENA(arena);
    struct table bare = {.name = SLICE("t"), .id = SLICE("i"), .keys.hash = {SLICE("k"), VALUE_S}};
    struct table table;

    CHECK_OK(table_row_open(&arena, table_row_make(&arena, &bare), &table));

    CHECK(!table.keys.has_range && table.settings.tag_count == 0);
    CHECK(!table.settings.deletion_protected && table.settings.encryption_key_arn.size == 0);
    CHECK(table.partitions.count == 1 && table.partitions.list[0].from.size == 0); /* as it needs */
    CHECK(table.log_space == 0 && table.stream.view == STREAM_VIEW_NONE);
}

TEST(insights_that_do_not_say_since_when_are_on_since_their_last_switch)
{
    SCOPED_ARENA(arena);
    struct table table = FULL;
    table.insights = (struct table_insights){.mode = INSIGHTS_OF_ALL, .changed_ms = 39};

    CHECK_OK(table_row_open(&arena, table_row_make(&arena, &table), &table));

    CHECK(table.insights.since_ms == 39);
}

TEST(a_description_of_another_format_or_cut_short_is_corrupt)
{
    SCOPED_ARENA(arena);
    slice row = table_row_make(&arena, &FULL);
    struct table table;

    for (size_t size = 0; size < row.size; size++) {
        CHECK_KIND(table_row_open(&arena, slice_first(row, size), &table), ERROR_CORRUPT);
    }
    char *other = arena_alloc_bytes(&arena, row.size);
    memcpy(other, row.data, row.size);
    other[0] = TABLE_ROW_FORMAT + 1;
    CHECK_FAILS(table_row_open(&arena, slice_of(other, row.size), &table), ERROR_CORRUPT,
                SLICE("a table description has an unknown format"));
}

TEST(a_field_of_the_wrong_type_is_corrupt)
{
    SCOPED_ARENA(arena);
    struct parts parts;
    take_apart(table_row_make(&arena, &FULL), &parts);
    CHECK(parts.count > 20);

    for (uint32_t i = 0; i < parts.count; i++) {
        slice name = parts.names[i];
        slice value = parts.values[i];
        parts.values[i] = value_make_binary(&arena, SLICE("x"));
        struct table table;
        CHECK_FAILS(
            table_row_open(&arena, put_together(&arena, &parts), &table), ERROR_CORRUPT,
            arena_format(&arena, "a table description lacks a good %.*s", SLICE_ARGS(name)));
        parts.values[i] = value;
    }
}

TEST(a_field_that_every_description_has_may_not_be_missing)
{
    SCOPED_ARENA(arena);
    static const slice always[] = {SLICE("TableName"), SLICE("TableId"),    SLICE("Space"),
                                   SLICE("HashName"),  SLICE("HashType"),   SLICE("RangeType"),
                                   SLICE("CreatedMs"), SLICE("DeletingMs"), SLICE("BillingMode")};

    for (size_t wanted = 0; wanted < sizeof always / sizeof *always; wanted++) {
        struct parts parts, less = {.count = 0};
        take_apart(table_row_make(&arena, &FULL), &parts);
        for (uint32_t i = 0; i < parts.count; i++) {
            if (slice_equal(parts.names[i], always[wanted]))
                continue;
            less.names[less.count] = parts.names[i];
            less.values[less.count++] = parts.values[i];
        }
        struct table table;
        error failed = table_row_open(&arena, put_together(&arena, &less), &table);
        CHECK(less.count + 1 == parts.count);
        CHECK(failed && failed->kind == ERROR_CORRUPT);
    }
}

TEST(what_a_description_may_not_have_is_refused_not_dropped)
{
    SCOPED_ARENA(arena);
    struct parts parts;
    take_apart(table_row_make(&arena, &FULL), &parts);
    parts.names[parts.count] = SLICE("Later");
    parts.values[parts.count++] = value_make_string(&arena, SLICE("x"));
    struct table table;

    CHECK_FAILS(table_row_open(&arena, put_together(&arena, &parts), &table), ERROR_CORRUPT,
                SLICE("a table description has the attribute Later, which this Stator does not "
                      "know"));
}

TEST(the_partitions_of_a_global_index_come_back_or_are_made_as_it_needs)
{
    SCOPED_ARENA(arena);
    struct index index = {.name = SLICE("i"),
                          .kind = INDEX_GLOBAL,
                          .keys = {.hash = {{SLICE("h"), VALUE_S}}, .hash_count = 1},
                          .partitions = {PARTITIONS, 2}};
    struct table with_index = FULL;
    struct table table;
    with_index.indexes = &index;
    with_index.index_count = 1;
    CHECK_OK(table_row_open(&arena, table_row_make(&arena, &with_index), &table));
    CHECK(table.indexes[0].partitions.count == 2);
    CHECK(table.indexes[0].partitions.list[1].number == 5);
    CHECK_SLICE(table.indexes[0].partitions.list[1].from, SLICE("\x80\x00"));

    index.partitions.count = 0; /* as earlier releases wrote it */
    index.warm = (struct table_units){6000, 1};
    CHECK_OK(table_row_open(&arena, table_row_make(&arena, &with_index), &table));
    CHECK(table.indexes[0].partitions.count == 3);
}

TEST(what_an_index_may_not_have_is_refused_not_dropped)
{
    SCOPED_ARENA(arena);
    struct index index = {.name = SLICE("i"),
                          .kind = INDEX_GLOBAL,
                          .keys = {.hash = {{SLICE("h"), VALUE_S}}, .hash_count = 1}};
    struct table with_index = FULL;
    with_index.indexes = &index;
    with_index.index_count = 1;
    struct parts parts;
    take_apart(table_row_make(&arena, &with_index), &parts);
    uint32_t at = 0;
    while (!slice_equal(parts.names[at], SLICE("Indexes")))
        at++;
    slice map;
    CHECK(value_element(parts.values[at], 0, &map));
    slice names[96];
    slice values[96];
    struct value_cursor cursor;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, map);
    while (value_cursor_next(&cursor, &names[count], &values[count]))
        count++;
    struct table table;
    CHECK_OK(table_row_open(&arena, put_together(&arena, &parts), &table));

    names[count] = SLICE("Later");
    values[count++] = value_make_string(&arena, SLICE("x"));
    slice more = value_make_map(&arena, names, values, count);
    parts.values[at] = value_make_list(&arena, &more, 1);

    CHECK_FAILS(table_row_open(&arena, put_together(&arena, &parts), &table), ERROR_CORRUPT,
                SLICE("a table description lacks a good Indexes"));
}

TEST(numbers_out_of_their_range_are_corrupt)
{
    SCOPED_ARENA(arena);
    static const struct {
        const char *name;
        const char *number;
        bool good;
    } cases[] = {
        {"Space", "4294967295", true},
        {"Space", "4294967296", false},
        {"Space", "-1", false},
        {"Space", "0.5", false},
        {"CreatedMs", "1e19", true},
        {"CreatedMs", "1e20", false},
        {"CreatedMs", "1.5", false},
        {"BillingMode", "1", true},
        {"BillingMode", "2", false},
        {"BillingMode", "-1", false},
        {"TableClass", "2", true},
        {"TableClass", "3", false},
        {"TableClass", "-1", false},
        {"DeletionProtected", "1", true},
        {"DeletionProtected", "2", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error failed = open_with(&arena, cases[i].name, number_value(&arena, cases[i].number));
        CHECK((failed == NULL) == cases[i].good);
    }
}

TEST(keys_have_a_type_that_keys_can_have)
{
    SCOPED_ARENA(arena);

    CHECK(open_with(&arena, "HashType", value_make_string(&arena, SLICE("S"))) == NULL);
    CHECK(open_with(&arena, "HashType", value_make_string(&arena, SLICE("BOOL"))) != NULL);
    CHECK(open_with(&arena, "RangeType", value_make_string(&arena, SLICE("text"))) != NULL);
}

TEST(tags_are_texts)
{
    SCOPED_ARENA(arena);
    slice name = SLICE("owner");
    slice number = number_value(&arena, "1");

    CHECK(open_with(&arena, "Tags", value_make_map(&arena, &name, &number, 1)) != NULL);
}
