/*
 * Throughput enforced, in simulated time: burst, adaptive capacity, doubling, hot partitions,
 * indexes; within 5 % of what the service's documentation says.
 */
#include "db/index/index.h"
#include "db/partition/charge.h"
#include "db/partition/partition.h"
#include "tests/unit/db/fixture.h"
#include <stdio.h>

enum { PARTITION_COUNT = 16 };

/* A table "T" of many partitions, a key in each of them, and an index "x" of its attribute a. */
struct load {
    struct fixture fixture;
    struct arena arena;
    slice keys[PARTITION_COUNT];
    int64_t now_ms;
};

static void find_keys(struct load *load, const struct table *table)
{
    for (uint32_t found = 0, i = 0; found < (1u << PARTITION_COUNT) - 1; i++) {
        char json[64];
        snprintf(json, sizeof json, "{'pk':{'S':'%u'},'a':{'S':'%u'}}", i, i);
        slice item = item_of(&load->arena, json);
        slice row_key = row_key_of_item(&load->arena, &table->keys, table->space, item);
        uint32_t place = (uint32_t)(partition_of(table, NULL, row_key) - table->partitions.list);
        load->keys[place] = item;
        found |= 1u << place;
    }
}

static void open_load(struct load *load, struct table_settings settings, struct index index)
{
    fixture_open(&load->fixture);
    load->fixture.throughput = THROUGHPUT_ENFORCE;
    load->fixture.partition_count = PARTITION_COUNT;
    fixture_reopen(&load->fixture);
    arena_init(&load->arena, NULL);
    index.name = SLICE("x");
    index.kind = INDEX_GLOBAL;
    index.keys = (struct key_parts){.hash = {{SLICE("a"), VALUE_S}}, .hash_count = 1};
    struct table_definition definition = {.name = SLICE("T"),
                                          .keys = {.hash = {SLICE("pk"), VALUE_S}},
                                          .indexes = &index,
                                          .index_count = 1,
                                          .settings = settings};
    struct caller caller;
    caller_open(&caller, &load->fixture);
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    CHECK(table->partitions.count == PARTITION_COUNT);
    find_keys(load, table);
    caller_close(&caller);
    load->now_ms = clock_now_ms(&load->fixture.clock);
}

static void close_load(struct load *load)
{
    arena_fini(&load->arena);
    fixture_close(&load->fixture);
}

/* Units that came through, of so many a second for each of the keys. */
struct served {
    int64_t units[PARTITION_COUNT];
    int64_t sum;
    error refusal; /* the last one */
};

/*
 * By charges alone: what reads and writes charge is proved elsewhere, and simulated days are long.
 * Requests of 10 units, spread over each second.
 */
static struct served ask(struct load *load, enum usage_kind kind, bool of_index, int seconds,
                         const int64_t *units_per_second)
{
    enum { UNITS = 10, STEPS = 20 };
    struct caller caller;
    caller_open(&caller, &load->fixture);
    const struct table *table = find_table(&caller);
    struct served served = {.sum = 0};
    slice row_keys[PARTITION_COUNT];
    for (int k = 0; k < PARTITION_COUNT; k++)
        row_keys[k] = row_key_of_item(&load->arena, &table->keys, table->space, load->keys[k]);
    int64_t due[PARTITION_COUNT] = {0};
    for (int64_t step = 0; step < (int64_t)seconds * STEPS; step++) {
        clock_set_ms(&load->fixture.clock, load->now_ms += 1000 / STEPS);
        struct caller one;
        caller_open(&one, &load->fixture);
        for (int k = 0; k < PARTITION_COUNT; k++) {
            for (due[k] += units_per_second[k]; due[k] >= UNITS * STEPS; due[k] -= UNITS * STEPS) {
                struct charge charge = {.table = table,
                                        .index = of_index ? &table->indexes[0] : NULL,
                                        .kind = kind,
                                        .row_key = row_keys[k],
                                        .half_units = 2 * UNITS};
                error refusal = charge_note(&one.session, &charge);
                served.units[k] += refusal ? 0 : UNITS;
                served.sum += refusal ? 0 : UNITS;
                if (refusal)
                    served.refusal =
                        fail(&load->arena, refusal->kind, "%.*s", SLICE_ARGS(refusal->members));
            }
        }
        charges_settle(&one.session, NULL);
        caller_close(&one);
    }
    caller_close(&caller);
    return served;
}

static void wait_for(struct load *load, int64_t seconds)
{
    clock_set_ms(&load->fixture.clock, load->now_ms += seconds * 1000);
}

static bool is_about(int64_t got, int64_t wanted)
{
    bool is = got >= wanted - wanted / 20 && got <= wanted + wanted / 20;
    if (!is)
        printf("got %lld, wanted %lld\n", (long long)got, (long long)wanted);
    return is;
}

static const struct table_settings provisioned = {.provisioned = {.read = 400, .write = 400}};
static const struct table_settings on_demand = {.billing_mode = BILLING_PAY_PER_REQUEST};
static const struct index plenty = {.provisioned = {.read = 40000, .write = 40000}};

#define REASON(name, resource)                                                                     \
    "\"ThrottlingReasons\":[{\"reason\":\"" name "\",\"resource\":"                                \
    "\"arn:aws:dynamodb:us-east-1:000000000000:table/T" resource "\"}]"

TEST(uneven_loads_within_what_is_provisioned_are_served_as_in_the_developer_guide)
{
    struct load load;
    open_load(&load, provisioned, plenty);
    struct served served =
        ask(&load, USAGE_WRITE, false, 600, (const int64_t[PARTITION_COUNT]){50, 50, 50, 150});
    CHECK(served.sum == 600 * 300 && !served.refusal);
    close_load(&load);
}

TEST(what_is_over_is_throttled_and_the_rest_of_five_minutes_is_kept)
{
    struct load load;
    open_load(&load, provisioned, plenty);
    struct served served =
        ask(&load, USAGE_WRITE, false, 60, (const int64_t[PARTITION_COUNT]){250, 250, 250, 250});
    CHECK(is_about(served.sum, 60 * 400));
    CHECK_FAILS(served.refusal, ERROR_PROVISIONED_THROUGHPUT_EXCEEDED,
                SLICE(REASON("TableWriteProvisionedThroughputExceeded", "")));
    wait_for(&load, 24 * 3600);
    /* 300 s of 400 are spent at 1000 a second, which leave 600 each second: 200 s. */
    served =
        ask(&load, USAGE_WRITE, false, 190, (const int64_t[PARTITION_COUNT]){250, 250, 250, 250});
    CHECK(served.sum == 190 * 1000);
    served =
        ask(&load, USAGE_WRITE, false, 110, (const int64_t[PARTITION_COUNT]){250, 250, 250, 250});
    CHECK(is_about(served.sum, 10 * 1000 + 100 * 400));
    /* Reads have a budget of their own. */
    served =
        ask(&load, USAGE_READ, false, 100, (const int64_t[PARTITION_COUNT]){100, 100, 100, 100});
    CHECK(served.sum == 100 * 400);
    close_load(&load);
}

TEST(burst_does_not_lift_the_limit_of_a_partition)
{
    struct load load;
    open_load(&load, (struct table_settings){.provisioned = {10000, 10000}}, plenty);
    wait_for(&load, 3600);
    struct served served =
        ask(&load, USAGE_WRITE, false, 60, (const int64_t[PARTITION_COUNT]){2000, 0, 900, 0});
    CHECK(is_about(served.units[0], 60 * 1000));
    CHECK(served.units[2] == 60 * 900);
    CHECK_FAILS(served.refusal, ERROR_PROVISIONED_THROUGHPUT_EXCEEDED,
                SLICE(REASON("TableWriteKeyRangeThroughputExceeded", "")));
    served = ask(&load, USAGE_READ, false, 60, (const int64_t[PARTITION_COUNT]){0, 4000, 0, 0});
    CHECK(is_about(served.units[1], 60 * 3000));
    close_load(&load);
}

#define REASON_ON_DEMAND(name, resource)                                                           \
    "\"throttlingReasons\":[{\"reason\":\"" name "\",\"resource\":"                                \
    "\"arn:aws:dynamodb:us-east-1:000000000000:table/T" resource "\"}]"

TEST(a_table_on_demand_takes_what_is_warm_at_once_and_a_hot_partition_its_share)
{
    struct load load;
    open_load(&load, on_demand, (struct index){0});
    struct served served =
        ask(&load, USAGE_READ, false, 60, (const int64_t[PARTITION_COUNT]){4000, 2900, 2900, 2900});
    CHECK(is_about(served.sum, 60 * (3000 + 3 * 2900)));
    served =
        ask(&load, USAGE_WRITE, false, 60, (const int64_t[PARTITION_COUNT]){2000, 100, 100, 100});
    CHECK(is_about(served.units[0], 60 * 1000));
    CHECK(served.units[1] == 60 * 100);
    CHECK_FAILS(served.refusal, ERROR_THROTTLING,
                SLICE(REASON_ON_DEMAND("TableWriteKeyRangeThroughputExceeded", "")));
    close_load(&load);
}

/* Of all partitions alike. */
static int64_t ask_evenly(struct load *load, enum usage_kind kind, int minutes,
                          int64_t units_per_second)
{
    int64_t each[PARTITION_COUNT];
    for (int k = 0; k < PARTITION_COUNT; k++)
        each[k] = units_per_second / PARTITION_COUNT;
    return ask(load, kind, false, 60 * minutes, each).sum / 60 / minutes;
}

TEST(a_table_on_demand_takes_twice_its_previous_peak_half_an_hour_later)
{
    struct load load;
    open_load(&load, on_demand, (struct index){0});
    CHECK(is_about(ask_evenly(&load, USAGE_WRITE, 29, 9600), 4000));
    ask_evenly(&load, USAGE_WRITE, 3, 3200);
    CHECK(is_about(ask_evenly(&load, USAGE_WRITE, 28, 9600), 8000));
    ask_evenly(&load, USAGE_WRITE, 3, 3200);
    CHECK(is_about(ask_evenly(&load, USAGE_WRITE, 2, 14400), 14400));
    wait_for(&load, 24 * 3600); /* what it has grown to it keeps */
    CHECK(is_about(ask_evenly(&load, USAGE_WRITE, 2, 14400), 14400));
    CHECK(is_about(ask_evenly(&load, USAGE_READ, 1, 14400), 12000));
    close_load(&load);
}

TEST(a_ceiling_on_demand_is_told_by_its_name)
{
    struct load load;
    struct table_settings settings = on_demand;
    settings.on_demand_max = (struct table_units){.read = 500, .write = 200};
    open_load(&load, settings, (struct index){.on_demand_max = {.read = 50}});
    struct served served =
        ask(&load, USAGE_WRITE, false, 60, (const int64_t[PARTITION_COUNT]){100, 100, 100, 100});
    CHECK(is_about(served.sum, 60 * 200));
    CHECK_FAILS(served.refusal, ERROR_THROTTLING,
                SLICE(REASON_ON_DEMAND("TableWriteMaxOnDemandThroughputExceeded", "")));
    served = ask(&load, USAGE_READ, true, 60, (const int64_t[PARTITION_COUNT]){100, 0, 0, 0});
    CHECK(is_about(served.sum, 60 * 50));
    CHECK_FAILS(served.refusal, ERROR_THROTTLING,
                SLICE(REASON_ON_DEMAND("IndexReadMaxOnDemandThroughputExceeded", "/index/x")));
    close_load(&load);
}

TEST(a_second_is_no_day_but_time_that_stands_still_gives_nothing_back)
{
    struct load load;
    open_load(&load, (struct table_settings){.provisioned = {1, 1}}, plenty);
    struct served served =
        ask(&load, USAGE_WRITE, false, 1, (const int64_t[PARTITION_COUNT]){10, 0, 0, 0});
    CHECK(served.sum == 10); /* in advance */
    served = ask(&load, USAGE_WRITE, false, 8, (const int64_t[PARTITION_COUNT]){10, 0, 0, 0});
    CHECK(served.sum == 0);
    wait_for(&load, 1);
    served = ask(&load, USAGE_WRITE, false, 2, (const int64_t[PARTITION_COUNT]){10, 0, 0, 0});
    CHECK(served.sum == 10);
    close_load(&load);
}
