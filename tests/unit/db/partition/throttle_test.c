/*
 * Throughput enforced, in simulated time: burst, adaptive capacity, doubling, hot partitions,
 * indexes; within 5 % of what the service's documentation says.
 */
#include "tests/unit/db/partition/load_fixture.h"

static const struct table_settings provisioned = {.provisioned = {.read = 400, .write = 400}};
static const struct table_settings on_demand = {.billing_mode = BILLING_PAY_PER_REQUEST};
static const struct index plenty = {.provisioned = {.read = 40000, .write = 40000}};

#define REASON(name, resource)                                                                     \
    "\"ThrottlingReasons\":[{\"reason\":\"" name "\",\"resource\":"                                \
    "\"arn:aws:dynamodb:us-east-1:000000000000:table/T" resource "\"}]"

TEST(uneven_loads_within_what_is_provisioned_are_served_as_in_the_developer_guide)
{
    struct load load;
    load_open(&load, LOAD_KEYS, provisioned, plenty);
    struct served served =
        load_ask(&load, USAGE_WRITE, false, 600, (const int64_t[LOAD_KEYS]){50, 50, 50, 150});
    CHECK(served.sum == 600 * 300 && !served.refusal);
    load_close(&load);
}

TEST(what_is_over_is_throttled_and_the_rest_of_five_minutes_is_kept)
{
    struct load load;
    load_open(&load, LOAD_KEYS, provisioned, plenty);
    struct served served =
        load_ask(&load, USAGE_WRITE, false, 60, (const int64_t[LOAD_KEYS]){250, 250, 250, 250});
    CHECK(is_about(served.sum, 60 * 400));
    CHECK_FAILS(served.refusal, ERROR_PROVISIONED_THROUGHPUT_EXCEEDED,
                SLICE(REASON("TableWriteProvisionedThroughputExceeded", "")));
    load_wait(&load, 24 * 3600);
    /* 300 s of 400 are spent at 1000 a second, which leave 600 each second: 200 s. */
    served =
        load_ask(&load, USAGE_WRITE, false, 190, (const int64_t[LOAD_KEYS]){250, 250, 250, 250});
    CHECK(served.sum == 190 * 1000);
    served =
        load_ask(&load, USAGE_WRITE, false, 110, (const int64_t[LOAD_KEYS]){250, 250, 250, 250});
    CHECK(is_about(served.sum, 10 * 1000 + 100 * 400));
    /* Reads have a budget of their own. */
    served =
        load_ask(&load, USAGE_READ, false, 100, (const int64_t[LOAD_KEYS]){100, 100, 100, 100});
    CHECK(served.sum == 100 * 400);
    load_close(&load);
}

TEST(burst_does_not_lift_the_limit_of_a_partition)
{
    struct load load;
    load_open(&load, LOAD_KEYS, (struct table_settings){.provisioned = {10000, 10000}}, plenty);
    load_wait(&load, 3600);
    struct served served =
        load_ask(&load, USAGE_WRITE, false, 60, (const int64_t[LOAD_KEYS]){2000, 0, 900, 0});
    CHECK(is_about(served.units[0], 60 * 1000));
    CHECK(served.units[2] == 60 * 900);
    CHECK_FAILS(served.refusal, ERROR_PROVISIONED_THROUGHPUT_EXCEEDED,
                SLICE(REASON("TableWriteKeyRangeThroughputExceeded", "")));
    served = load_ask(&load, USAGE_READ, false, 60, (const int64_t[LOAD_KEYS]){0, 4000, 0, 0});
    CHECK(is_about(served.units[1], 60 * 3000));
    load_close(&load);
}

#define REASON_ON_DEMAND(name, resource)                                                           \
    "\"throttlingReasons\":[{\"reason\":\"" name "\",\"resource\":"                                \
    "\"arn:aws:dynamodb:us-east-1:000000000000:table/T" resource "\"}]"

TEST(a_table_on_demand_takes_what_is_warm_at_once_and_a_hot_partition_its_share)
{
    struct load load;
    load_open(&load, LOAD_KEYS, on_demand, (struct index){0});
    struct served served =
        load_ask(&load, USAGE_READ, false, 60, (const int64_t[LOAD_KEYS]){4000, 2900, 2900, 2900});
    CHECK(is_about(served.sum, 60 * (3000 + 3 * 2900)));
    served =
        load_ask(&load, USAGE_WRITE, false, 60, (const int64_t[LOAD_KEYS]){2000, 100, 100, 100});
    CHECK(is_about(served.units[0], 60 * 1000));
    CHECK(served.units[1] == 60 * 100);
    CHECK_FAILS(served.refusal, ERROR_THROTTLING,
                SLICE(REASON_ON_DEMAND("TableWriteKeyRangeThroughputExceeded", "")));
    load_close(&load);
}

TEST(a_table_on_demand_takes_twice_its_previous_peak_half_an_hour_later)
{
    struct load load;
    load_open(&load, LOAD_KEYS, on_demand, (struct index){0});
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 29, 9600), 4000));
    load_ask_evenly(&load, USAGE_WRITE, 3, 3200);
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 28, 9600), 8000));
    load_ask_evenly(&load, USAGE_WRITE, 3, 3200);
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 2, 14400), 14400));
    load_wait(&load, 24 * 3600); /* what it has grown to it keeps */
    CHECK(is_about(load_ask_evenly(&load, USAGE_WRITE, 2, 14400), 14400));
    CHECK(is_about(load_ask_evenly(&load, USAGE_READ, 1, 14400), 12000));
    load_close(&load);
}

TEST(a_ceiling_on_demand_is_told_by_its_name)
{
    struct load load;
    struct table_settings settings = on_demand;
    settings.on_demand_max = (struct table_units){.read = 500, .write = 200};
    load_open(&load, LOAD_KEYS, settings, (struct index){.on_demand_max = {.read = 50}});
    struct served served =
        load_ask(&load, USAGE_WRITE, false, 60, (const int64_t[LOAD_KEYS]){100, 100, 100, 100});
    CHECK(is_about(served.sum, 60 * 200));
    CHECK_FAILS(served.refusal, ERROR_THROTTLING,
                SLICE(REASON_ON_DEMAND("TableWriteMaxOnDemandThroughputExceeded", "")));
    served = load_ask(&load, USAGE_READ, true, 60, (const int64_t[LOAD_KEYS]){100, 0, 0, 0});
    CHECK(is_about(served.sum, 60 * 50));
    CHECK_FAILS(served.refusal, ERROR_THROTTLING,
                SLICE(REASON_ON_DEMAND("IndexReadMaxOnDemandThroughputExceeded", "/index/x")));
    load_close(&load);
}

TEST(a_second_is_no_day_but_time_that_stands_still_gives_nothing_back)
{
    struct load load;
    load_open(&load, LOAD_KEYS, (struct table_settings){.provisioned = {1, 1}}, plenty);
    struct served served =
        load_ask(&load, USAGE_WRITE, false, 1, (const int64_t[LOAD_KEYS]){10, 0, 0, 0});
    CHECK(served.sum == 10); /* in advance */
    served = load_ask(&load, USAGE_WRITE, false, 8, (const int64_t[LOAD_KEYS]){10, 0, 0, 0});
    CHECK(served.sum == 0);
    load_wait(&load, 1);
    served = load_ask(&load, USAGE_WRITE, false, 2, (const int64_t[LOAD_KEYS]){10, 0, 0, 0});
    CHECK(served.sum == 10);
    load_close(&load);
}
