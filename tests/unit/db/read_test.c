#include "db/read.h"

#include "base/limits.h"
#include "tests/unit/db/fixture.h"

enum { SORTED = 10 }; /* sk 0…9 of one partition */

static void fill(struct fixture *fixture)
{
    fixture_open_with_table(fixture, true);
    for (int i = 0; i < SORTED; i++) {
        slice json = arena_format(&fixture->arena, "{'pk':{'S':'a'},'sk':{'N':'%d'}}", i);
        CHECK_OK(put(fixture, arena_format(&fixture->arena, "%.*s", SLICE_ARGS(json)).data));
    }
    CHECK_OK(put(fixture, "{'pk':{'S':'b'},'sk':{'N':'5'}}"));
}

static slice number_of(struct arena *arena, const char *text)
{
    struct number number;
    CHECK(number_parse(slice_of_string(text), &number) == NUMBER_OK);
    return value_make_number(arena, &number);
}

/* The sort keys of a page, one digit each. */
static slice digits_of(struct arena *arena, const struct read_page *page)
{
    char *digits = arena_alloc_bytes(arena, page->count);
    for (uint32_t i = 0; i < page->count; i++) {
        slice value;
        CHECK(item_attribute(page->items[i], SLICE("sk"), &value));
        struct number number = value_number(value);
        number_format(&number, digits + i);
    }
    return slice_of(digits, page->count);
}

TEST(every_operator_reads_its_range_both_ways)
{
    static const struct {
        enum range_operator operator;
        const char *value;
        const char *upper;
        const char *wanted;
    } cases[] = {
        {RANGE_ANY, "0", "0", "0123456789"},
        {RANGE_EQ, "4", "0", "4"},
        {RANGE_LT, "4", "0", "0123"},
        {RANGE_LE, "4", "0", "01234"},
        {RANGE_GT, "4", "0", "56789"},
        {RANGE_GE, "4", "0", "456789"},
        {RANGE_BETWEEN, "2", "4", "234"},
        {RANGE_EQ, "4.5", "0", ""},
        {RANGE_GT, "9", "0", ""},
        {RANGE_LT, "-1", "0", ""},
    };
    struct fixture fixture;
    fill(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct caller caller;
        caller_open(&caller, &fixture);
        const struct table *table = find_table(&caller);
        struct key_condition condition = {
            .hash_values = {value_make_string(&caller.arena, SLICE("a"))},
            .hash_count = 1,
            .range_operator = cases[i].operator,
            .range_value = number_of(&caller.arena, cases[i].value),
            .range_value_upper = number_of(&caller.arena, cases[i].upper),
        };
        struct read_plan plan = {
            .table = table,
            .range = row_range_of_condition(&caller.arena, table, NULL, &condition),
        };
        struct read_page page;
        CHECK_OK(db_read_page(&caller.session, &plan, &page));
        slice wanted = slice_of_string(cases[i].wanted);
        CHECK_SLICE(digits_of(&caller.arena, &page), wanted);
        CHECK(!item_exists(page.last_key));
        plan.backward = true;
        CHECK_OK(db_read_page(&caller.session, &plan, &page));
        slice backward = digits_of(&caller.arena, &page);
        CHECK(backward.size == wanted.size);
        for (size_t j = 0; j < wanted.size && j < backward.size; j++)
            CHECK(backward.data[j] == wanted.data[wanted.size - 1 - j]);
        caller_close(&caller);
    }
    fixture_close(&fixture);
}

TEST(pages_follow_each_other_without_gap_or_repeat)
{
    struct fixture fixture;
    fill(&fixture);
    for (uint32_t limit = 1; limit <= SORTED + 2; limit++) {
        for (int backward = 0; backward < 2; backward++) {
            struct caller caller;
            caller_open(&caller, &fixture);
            const struct table *table = find_table(&caller);
            struct read_plan plan = {.table = table,
                                     .range =
                                         row_range_of_segment(&caller.arena, table, NULL, 0, 1),
                                     .backward = backward,
                                     .limit = limit};
            uint32_t total = 0;
            struct read_page page;
            do {
                CHECK_OK(db_read_page(&caller.session, &plan, &page));
                CHECK(page.scanned_count <= limit);
                total += page.count;
                if (item_exists(page.last_key)) {
                    CHECK(row_range_has(&caller.arena, table, NULL, plan.range, page.last_key));
                    plan.range = row_range_after(&caller.arena, table, NULL, plan.range,
                                                 page.last_key, backward);
                    CHECK(!row_range_has(&caller.arena, table, NULL, plan.range, page.last_key));
                }
            } while (item_exists(page.last_key));
            CHECK(total == SORTED + 1);
            caller_close(&caller);
        }
    }
    fixture_close(&fixture);
}

TEST(segments_share_the_table_out)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    for (int i = 0; i < 200; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(&fixture, arena_format(&arena, "{'pk':{'S':'k%d'}}", i).data));
    }
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    static const uint32_t segment_counts[] = {1, 2, 3, 7, 1000000};
    for (size_t i = 0; i < 4; i++) {
        uint32_t total = 0;
        for (uint32_t segment = 0; segment < segment_counts[i]; segment++) {
            struct read_plan plan = {.table = table,
                                     .range = row_range_of_segment(&caller.arena, table, NULL,
                                                                   segment, segment_counts[i])};
            struct read_page page;
            CHECK_OK(db_read_page(&caller.session, &plan, &page));
            total += page.count;
        }
        CHECK(total == 200);
    }
    struct row_range last =
        row_range_of_segment(&caller.arena, table, NULL, 999999, segment_counts[4]);
    CHECK(slice_compare(last.from, last.to) < 0);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_loop_reads_its_share_and_no_more)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    for (int i = 0; i <= LOOP_READ_ROWS_MAX; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(&fixture, arena_format(&arena, "{'pk':{'S':'k%d'}}", i).data));
    }
    struct caller caller;
    caller_open(&caller, &fixture);
    caller.session.tier = STORE_CACHED;
    caller.session.rows_left = LOOP_READ_ROWS_MAX;
    const struct table *table = find_table(&caller);
    struct read_plan plan = {.table = table,
                             .range = row_range_of_segment(&caller.arena, table, NULL, 0, 1)};
    struct read_page page;
    CHECK_KIND(db_read_page(&caller.session, &plan, &page), ERROR_WOULD_BLOCK);
    caller.session.rows_left = LOOP_READ_ROWS_MAX;
    plan.limit = LOOP_READ_ROWS_MAX;
    CHECK_OK(db_read_page(&caller.session, &plan, &page));
    CHECK(page.count == LOOP_READ_ROWS_MAX);
    caller_close(&caller);
    fixture_close(&fixture);
}

static unsigned steps;

static void count_step(struct db_session *session)
{
    (void)session;
    steps++;
}

TEST(a_long_read_looks_up_between_its_steps_and_a_worker_hands_it_on)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    enum { ITEMS = 2 * READ_STEP_ROWS_MAX + 1 };
    for (int i = 0; i < ITEMS; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(&fixture, arena_format(&arena, "{'pk':{'S':'k%d'}}", i).data));
    }
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    struct read_plan plan = {.table = table,
                             .range = row_range_of_segment(&caller.arena, table, NULL, 0, 1)};
    struct read_page page;
    caller.session.rows_left = WORKER_READ_ROWS_MAX;
    CHECK_KIND(db_read_page(&caller.session, &plan, &page), ERROR_WOULD_BLOCK);

    caller.session.rows_left = UINT32_MAX;
    caller.session.between_steps = count_step;
    steps = 0;
    CHECK_OK(db_read_page(&caller.session, &plan, &page));
    CHECK(page.count == ITEMS);
    CHECK(steps == 2);
    caller_close(&caller);
    fixture_close(&fixture);
}
