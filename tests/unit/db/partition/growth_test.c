/* What tables on demand have grown to: durable, in steps, with the partitions that it needs. */
#include "db/partition/growth.h"

#include "db/db_private.h"
#include "db/partition/splitter.h"
#include "db/partition/usage.h"
#include "tests/unit/db/partition/load_fixture.h"
#include <pthread.h>

static const struct table_settings on_demand = {.billing_mode = BILLING_PAY_PER_REQUEST};
static const struct table_settings provisioned = {.provisioned = {.read = 400, .write = 400}};
static const struct index no_index = {.provisioned = {.read = 400, .write = 400}};

enum { MINUTE_S = 60, HALF_UNITS_PER_MEAN = 2 * MINUTE_S, UNTIL_PREVIOUS_S = 31 * MINUTE_S };

/* As it is described now, of the table or its index "x". */
struct described {
    struct table_units warm;
    int64_t partitions_wanted;
    uint32_t partition_count;
};

static struct described described(struct load *load, bool of_index)
{
    struct caller caller;
    caller_open(&caller, &load->fixture);
    const struct table *table = find_table(&caller);
    const struct index *index = &table->indexes[0];
    struct described found = {
        .warm = of_index ? index->warm : table->settings.warm,
        .partitions_wanted = of_index ? index->partitions_wanted : table->partitions_wanted,
        .partition_count = partition_map_of(table, of_index ? index : NULL).count,
    };
    caller_close(&caller);
    return found;
}

/* A minute of so many writes a second. */
static void spend_minute(struct load *load, bool of_index, int64_t units_per_second)
{
    struct caller caller;
    caller_open(&caller, &load->fixture);
    const struct table *table = find_table(&caller);
    const struct usage_view *view = usage_of(table, of_index ? &table->indexes[0] : NULL);
    peak_note(&view->sum->peaks[USAGE_WRITE], HALF_UNITS_PER_MEAN * units_per_second,
              load->now_ms);
    caller_close(&caller);
    load_wait(load, MINUTE_S);
}

static void split_all(struct load *load)
{
    for (unsigned turns = 0; db_split(load->fixture.db); turns++)
        CHECK(turns < 1000);
}

TEST(what_has_doubled_gets_the_partitions_it_needs_and_has_them_after_a_new_start)
{
    struct load load;
    load_open(&load, 0, on_demand, (struct index){0});
    CHECK(described(&load, false).partition_count == 4);
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 2, 9600), 4000));
    load_wait(&load, UNTIL_PREVIOUS_S);
    CHECK(db_housekeep(load.fixture.db) == 1);
    split_all(&load);
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 2, 9600), 8000));
    fixture_reopen(&load.fixture);
    struct described grown = described(&load, false);
    CHECK(grown.warm.read == 12000 && is_about(grown.warm.write, 8000));
    CHECK(grown.partition_count == (grown.warm.write + 999) / 1000);
    CHECK(described(&load, true).partition_count == 4);
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 2, 9600), 8000));
    CHECK(check(&load.fixture).problems == 0);
    load_close(&load);
}

TEST(what_is_warm_grows_by_a_tenth_or_more_up_to_what_a_table_may_have_and_never_shrinks)
{
    static const struct {
        int64_t minute;
        int64_t warm;
    } cases[] = {{2199, 4000}, {2200, 4400}, {2300, 4400}, {2420, 4840}, {1, 4840}, {30000, 40000}};
    struct load load;
    load_open(&load, 0, on_demand, (struct index){0});
    int64_t before = 4000;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spend_minute(&load, false, cases[i].minute);
        load_wait(&load, UNTIL_PREVIOUS_S);
        CHECK(growth_keep_due(load.fixture.db) == (cases[i].warm > before));
        before = cases[i].warm;
        CHECK(described(&load, false).warm.write == before);
        CHECK(described(&load, false).warm.read == 12000);
    }
    CHECK(described(&load, false).partitions_wanted == 40);
    load_close(&load);
}

TEST(a_description_grows_at_most_once_in_five_minutes)
{
    struct load load;
    load_open(&load, 0, on_demand, (struct index){0});
    spend_minute(&load, false, 3000);
    load_wait(&load, MINUTE_S);
    spend_minute(&load, false, 4000);
    load_wait(&load, UNTIL_PREVIOUS_S - 3 * MINUTE_S);
    CHECK(growth_keep_due(load.fixture.db) == 1);
    CHECK(described(&load, false).warm.write == 6000);
    load_wait(&load, GROWTH_PAUSE_MS / 1000 - 1);
    CHECK(growth_keep_due(load.fixture.db) == 0);
    CHECK(described(&load, false).warm.write == 6000);
    load_wait(&load, 1);
    CHECK(growth_keep_due(load.fixture.db) == 1);
    CHECK(described(&load, false).warm.write == 8000);
    load_wait(&load, 24 * 3600);
    CHECK(growth_keep_due(load.fixture.db) == 0);
    load_close(&load);
}

TEST(a_global_index_grows_by_itself)
{
    struct load load;
    load_open(&load, 0, on_demand, (struct index){0});
    spend_minute(&load, true, 3000);
    load_wait(&load, UNTIL_PREVIOUS_S);
    CHECK(growth_keep_due(load.fixture.db) == 1);
    fixture_reopen(&load.fixture);
    struct described index = described(&load, true);
    CHECK(index.warm.read == 12000 && index.warm.write == 6000 && index.partitions_wanted == 6);
    struct described table = described(&load, false);
    CHECK(table.warm.read == 12000 && table.warm.write == 4000 && table.partitions_wanted == 0);
    split_all(&load);
    CHECK(described(&load, true).partition_count == 6);
    CHECK(described(&load, false).partition_count == 4);
    load_close(&load);
}

TEST(what_is_provisioned_does_not_grow_and_without_counting_nothing_does)
{
    for (int is_off = 0; is_off < 2; is_off++) {
        struct load load;
        load_open(&load, 0, is_off ? on_demand : provisioned, is_off ? (struct index){0} : no_index);
        if (is_off) {
            load.fixture.throughput = THROUGHPUT_OFF;
            fixture_reopen(&load.fixture);
        }
        struct table_units before = described(&load, false).warm;
        spend_minute(&load, false, 30000);
        load_wait(&load, UNTIL_PREVIOUS_S);
        CHECK(db_housekeep(load.fixture.db) == 0);
        CHECK(described(&load, false).warm.write == before.write);
        CHECK(described(&load, false).partitions_wanted == 0);
        load_close(&load);
    }
}

enum { WRITERS = 4, GROWTHS = 8 };

struct writing {
    struct fixture *fixture;
    _Atomic bool is_over;
    _Atomic unsigned writes;
};

static void *write_on(void *argument)
{
    struct writing *writing = argument;
    while (!writing->is_over) {
        SCOPED_ARENA(arena);
        unsigned number = atomic_fetch_add(&writing->writes, 1) % 50;
        slice json = arena_format(&arena, "{'pk':{'S':'%u'},'a':{'S':'%u'}}%c", number, number, 0);
        write_until_in(writing->fixture, json.data, WRITE_PUT);
    }
    return NULL;
}

TEST(a_table_grows_and_is_split_while_it_is_written_to)
{
    struct load load;
    load_open(&load, 0, on_demand, (struct index){0});
    load.fixture.throughput = THROUGHPUT_OBSERVE;
    fixture_reopen(&load.fixture);
    struct writing writing = {.fixture = &load.fixture};
    pthread_t threads[WRITERS];
    for (unsigned i = 0; i < WRITERS; i++)
        CHECK(pthread_create(&threads[i], NULL, write_on, &writing) == 0);
    int64_t minute = 2200;
    for (unsigned i = 0; i < GROWTHS; i++, minute += minute / 6) {
        spend_minute(&load, i % 2, minute);
        load_wait(&load, UNTIL_PREVIOUS_S);
        CHECK(growth_keep_due(load.fixture.db) == 1);
        CHECK(described(&load, i % 2).warm.write >= 2 * minute);
        db_split(load.fixture.db);
    }
    writing.is_over = true;
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    split_all(&load);
    CHECK(described(&load, false).partition_count >= 5);
    CHECK(check(&load.fixture).problems == 0);
    load_close(&load);
}
