#include "db/table/table_update.h"

#include "db/table/shown.h"
#include "db/table/table_row.h"
#include "db/table/tagging.h"
#include "tests/unit/db/fixture.h"

static const int64_t HOUR_MS = 3600 * 1000;

static void reopen(struct fixture *fixture, int64_t transition_delay_ms)
{
    db_close(fixture->db);
    struct db_options options = {.store = fixture->store,
                                 .clock = &fixture->clock,
                                 .transition_delay_ms = transition_delay_ms};
    CHECK_OK(db_open(&fixture->arena, &options, &fixture->db));
}

/* The table T with 100 units each way. */
static void create_provisioned(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct table_definition definition = {
        .name = SLICE("T"),
        .keys = {.hash = {SLICE("pk"), VALUE_S}},
        .settings = {.provisioned = {100, 100}},
    };
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
}

/* In the fixture's arena when it fails. */
static error update(struct fixture *fixture, const struct table_change *change)
{
    struct caller caller;
    struct table_changed changed;
    caller_open(&caller, fixture);
    error failure = table_update(&caller.session, SLICE("T"), change, &changed);
    if (failure)
        failure = fail(&fixture->arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    caller_close(&caller);
    return failure;
}

static error provision(struct fixture *fixture, int64_t read, int64_t write)
{
    struct table_change change = {.provisioned = {read, write}};
    return update(fixture, &change);
}

static void pass_ms(struct fixture *fixture, int64_t ms)
{
    clock_set_ms(&fixture->clock, clock_now_ms(&fixture->clock) + ms);
}

/* Friday, October 9, 2026, 00:00 */
static const int64_t OCTOBER_9_MS = INT64_C(1791504000000);

TEST(settings_and_their_history_survive_a_restart)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    int64_t now_ms = clock_now_ms(&fixture.clock);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    CHECK_OK(provision(&fixture, 200, 50));
    CHECK_OK(update(&fixture, &(struct table_change){.table_class = TABLE_CLASS_INFREQUENT}));
    CHECK_OK(update(&fixture, &(struct table_change){.changes_encryption = true,
                                                     .encryption_key_arn = SLICE("arn:k")}));
    CHECK_OK(update(
        &fixture, &(struct table_change){.changes_protection = true, .deletion_protected = true}));
    CHECK_OK(update(&fixture, &(struct table_change){.warm = {5000, 0}}));
    struct caller caller;
    caller_open(&caller, &fixture);
    struct table_tag tags[] = {{SLICE("team"), SLICE("red")}, {SLICE("empty"), SLICE("")}};
    CHECK_OK(table_tag(&caller.session, SLICE("T"), tags, 2));
    caller_close(&caller);

    for (int round = 0; round < 2; round++) {
        caller_open(&caller, &fixture);
        const struct table *table = find_table(&caller);
        CHECK(table->settings.provisioned.read == 200 && table->settings.provisioned.write == 50);
        CHECK(table->settings.warm.read == 5000 && table->settings.warm.write == 100);
        CHECK(table->settings.table_class == TABLE_CLASS_INFREQUENT);
        CHECK_SLICE(table->settings.encryption_key_arn, SLICE("arn:k"));
        CHECK(table->settings.deletion_protected);
        CHECK(table->settings.tag_count == 2);
        CHECK_SLICE(table->settings.tags[0].key, SLICE("empty"));
        CHECK_SLICE(table->settings.tags[0].value, SLICE(""));
        CHECK_SLICE(table->settings.tags[1].value, SLICE("red"));
        CHECK(table->history.increased_ms == now_ms && table->history.decreased_ms == now_ms);
        CHECK(table->history.decrease_count == 1);
        CHECK(table->history.on_demand_ms == 0);
        slice item;
        CHECK_OK(db_read_item(&caller.session, table, item_of(&caller.arena, "{'pk':{'S':'a'}}"),
                              &item));
        CHECK(item_exists(item));
        caller_close(&caller);
        reopen(&fixture, 0);
    }
    fixture_close(&fixture);
}

TEST(a_description_without_newer_fields_is_read_with_their_defaults)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct table fields = {.name = SLICE("T"),
                           .id = SLICE("id"),
                           .space = 7,
                           .keys = {.hash = {SLICE("pk"), VALUE_S}},
                           .settings = {.provisioned = {3, 4}}};
    struct table read;

    CHECK_OK(table_row_open(&fixture.arena, table_row_make(&fixture.arena, &fields), &read));

    CHECK(read.settings.warm.read == 3 && read.settings.warm.write == 4);
    CHECK(!read.settings.deletion_protected && read.settings.tag_count == 0);
    CHECK(read.settings.encryption_key_arn.size == 0);
    CHECK(read.updated_ms == 0 && read.history.decrease_count == 0);
    fixture_close(&fixture);
}

TEST(a_fifth_decrease_of_a_day_waits_an_hour)
{
    struct fixture fixture;
    fixture_open(&fixture);
    clock_set_ms(&fixture.clock, OCTOBER_9_MS);
    create_provisioned(&fixture);
    for (int64_t units = 99; units > 95; units--)
        CHECK_OK(provision(&fixture, units, units));
    pass_ms(&fixture, 94 * 1000);

    error refused = provision(&fixture, 95, 200);

    CHECK(refused && refused->kind == ERROR_LIMIT_EXCEEDED);
    CHECK_SLICE(refused->message,
                SLICE("Subscriber limit exceeded: Provisioned throughput decreases are limited "
                      "within a given UTC day. After the first 4 decreases, each subsequent "
                      "decrease in the same UTC day can be performed at most once every 3600 "
                      "seconds. Number of decreases today: 4. Last decrease at Friday, October 9, "
                      "2026 at 12:00:00 AM Coordinated Universal Time. Next decrease can be made "
                      "at Friday, October 9, 2026 at 1:00:00 AM Coordinated Universal Time"));
    CHECK_OK(provision(&fixture, 200, 200));
    pass_ms(&fixture, HOUR_MS - 94 * 1000);
    CHECK_OK(provision(&fixture, 90, 90));
    CHECK(provision(&fixture, 89, 89) != NULL);
    pass_ms(&fixture, 23 * HOUR_MS); /* another day */
    for (int64_t units = 80; units > 76; units--)
        CHECK_OK(provision(&fixture, units, units));
    CHECK(provision(&fixture, 70, 70) != NULL);
    fixture_close(&fixture);
}

TEST(throughput_that_does_not_change_is_refused)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    CHECK_FAILS(provision(&fixture, 100, 100), ERROR_VALIDATION,
                SLICE("The provisioned throughput for the table will not change. The requested "
                      "value equals the current value. Current ReadCapacityUnits provisioned for "
                      "the table: 100. Requested ReadCapacityUnits: 100. Current "
                      "WriteCapacityUnits provisioned for the table: 100. Requested "
                      "WriteCapacityUnits: 100. Refer to the Amazon DynamoDB Developer Guide for "
                      "current limits and how to request higher limits."));
    fixture_close(&fixture);
}

TEST(a_switch_of_billing_drops_ceilings_and_keeps_the_table_warm)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    struct table_change to_demand = {.changes_billing_mode = true,
                                     .billing_mode = BILLING_PAY_PER_REQUEST,
                                     .on_demand_max = {10, 0}};
    struct table_change back = {.changes_billing_mode = true, .provisioned = {1, 2}};
    struct table_change ceilings = {.on_demand_max = {-1, 20}};
    struct caller caller;

    CHECK_OK(update(&fixture, &to_demand));
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    CHECK(table->settings.on_demand_max.read == 10 && table->settings.on_demand_max.write == 0);
    CHECK(table->settings.provisioned.read == 0);
    CHECK(table->history.on_demand_ms == clock_now_ms(&fixture.clock));
    caller_close(&caller);
    CHECK_OK(update(&fixture, &ceilings));
    caller_open(&caller, &fixture);
    table = find_table(&caller);
    CHECK(table->settings.on_demand_max.read == 0 && table->settings.on_demand_max.write == 20);
    caller_close(&caller);
    CHECK_OK(update(&fixture, &back));
    caller_open(&caller, &fixture);
    table = find_table(&caller);
    CHECK(table->settings.on_demand_max.write == 0);
    CHECK(table->settings.provisioned.read == 1 && table->settings.provisioned.write == 2);
    CHECK(table->settings.warm.read == 12000 && table->settings.warm.write == 4000);
    CHECK(table->history.on_demand_ms != 0);
    caller_close(&caller);
    CHECK_FAILS(update(&fixture, &ceilings), ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: MaxReadRequestUnits for "
                      "OnDemandThroughput cannot be specified when the table BillingMode is "
                      "PROVISIONED"));
    fixture_close(&fixture);
}

TEST(a_table_that_is_updating_serves_data_and_refuses_changes)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    reopen(&fixture, 1000);
    CHECK_OK(provision(&fixture, 5, 5));
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);

    CHECK(table_status_at(table, clock_now_ms(&fixture.clock)) == TABLE_UPDATING);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    slice in_use = SLICE("Attempt to change a resource which is still in use: Table: T is in the "
                         "process of being updated.");
    CHECK_FAILS(provision(&fixture, 6, 6), ERROR_RESOURCE_IN_USE,
                SLICE("Attempt to change a resource which is still in use: Table IOPS are "
                      "currently being updated. Table: T"));
    CHECK_FAILS(table_delete(&caller.session, SLICE("T"), &table), ERROR_RESOURCE_IN_USE, in_use);
    pass_ms(&fixture, 1000);
    CHECK(table_status_at(table, clock_now_ms(&fixture.clock)) == TABLE_ACTIVE);
    CHECK_OK(provision(&fixture, 6, 6));
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(what_is_under_way_goes_on_after_a_restart)
{
    enum { DELAY_MS = 5000 };
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    reopen(&fixture, DELAY_MS);
    CHECK_OK(update(&fixture, &(struct table_change){.table_class = TABLE_CLASS_INFREQUENT}));
    CHECK_OK(update(&fixture, &(struct table_change){.changes_encryption = true,
                                                     .encryption_key_arn = SLICE("arn:k")}));
    int64_t now_ms = clock_now_ms(&fixture.clock);

    reopen(&fixture, DELAY_MS);

    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    CHECK(table_jobs_at(table, now_ms) == TABLE_JOB_CLASS &&
          table_jobs_at(table, now_ms + DELAY_MS) == 0);
    CHECK(shown_class(table, now_ms + DELAY_MS - 1).table_class == TABLE_CLASS_UNSAID);
    CHECK(shown_class(table, now_ms + DELAY_MS).table_class == TABLE_CLASS_INFREQUENT);
    CHECK_SLICE(shown_encryption(table, now_ms).key_arn, SLICE(""));
    CHECK_SLICE(shown_encryption(table, now_ms + DELAY_MS - 1).key_arn, SLICE("arn:k"));
    CHECK(shown_encryption(table, now_ms + DELAY_MS - 1).is_updating);
    CHECK(!shown_encryption(table, now_ms + DELAY_MS).is_updating);
    CHECK_FAILS(update(&fixture, &(struct table_change){.table_class = TABLE_CLASS_STANDARD}),
                ERROR_RESOURCE_IN_USE,
                SLICE("Attempt to change a resource which is still in use: Can't update table "
                      "class when a table class update is in progress. Table: T "
                      "TableClassUpdateInProgress: STANDARD_INFREQUENT_ACCESS"));
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(encryption_changes_four_times_in_a_day_and_then_every_six_hours)
{
    struct fixture fixture;
    fixture_open(&fixture);
    clock_set_ms(&fixture.clock, OCTOBER_9_MS);
    create_provisioned(&fixture);
    struct table_change change = {.changes_encryption = true};
    static const slice keys[] = {SLICE("arn:a"), SLICE("arn:b")};
    for (int i = 0; i < 4; i++) {
        change.encryption_key_arn = keys[i % 2];
        pass_ms(&fixture, 1000);
        CHECK_OK(update(&fixture, &change));
    }
    change.encryption_key_arn = keys[0];
    slice limit = SLICE(
        "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending "
        "at 2026-10-10T00:00:01.000Z. After the first 4 change, each subsequent change in the same "
        "window can be performed at most once every 21600 seconds. Number of updates today: 4. "
        "Last change at 2026-10-09T00:00:04.000Z. Next changes can be made at "
        "2026-10-09T06:00:04.000Z.");
    CHECK_FAILS(update(&fixture, &change), ERROR_LIMIT_EXCEEDED, limit);
    reopen(&fixture, 0);
    pass_ms(&fixture, 6 * HOUR_MS - 1);
    CHECK_FAILS(update(&fixture, &change), ERROR_LIMIT_EXCEEDED, limit);
    pass_ms(&fixture, 1);
    CHECK_OK(update(&fixture, &change));

    clock_set_ms(&fixture.clock, OCTOBER_9_MS + 24 * HOUR_MS + 1000); /* another window */
    for (int i = 0; i < 4; i++) {
        change.encryption_key_arn = keys[1 - i % 2];
        CHECK_OK(update(&fixture, &change));
    }
    change.encryption_key_arn = keys[1];
    CHECK(update(&fixture, &change) != NULL);
    fixture_close(&fixture);
}

TEST(a_protected_table_is_not_deleted)
{
    struct fixture fixture;
    fixture_open(&fixture);
    clock_set_ms(&fixture.clock, OCTOBER_9_MS);
    create_provisioned(&fixture);
    struct table_change protect = {.changes_protection = true, .deletion_protected = true};
    struct table_change release = {.changes_protection = true};
    const struct table *table;
    struct caller caller;
    caller_open(&caller, &fixture);

    CHECK_OK(update(&fixture, &protect));
    CHECK_FAILS(table_delete(&caller.session, SLICE("T"), &table), ERROR_VALIDATION,
                SLICE("Resource cannot be deleted as it is currently protected against deletion. "
                      "Disable deletion protection first."));
    CHECK_FAILS(update(&fixture, &release), ERROR_THROTTLING,
                SLICE("Deletion protection setting for table T modified within the previous 15000 "
                      "milliseconds. Please try again after 2026-10-09T00:00:15.000Z"));
    CHECK(update(&fixture, &protect) != NULL);
    pass_ms(&fixture, 14999);
    CHECK(update(&fixture, &release) != NULL);
    pass_ms(&fixture, 1);
    CHECK_OK(update(&fixture, &protect)); /* no change, so no pause after it */
    CHECK_OK(update(&fixture, &release));
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(the_class_changes_twice_in_thirty_days)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    struct table_change infrequent = {.table_class = TABLE_CLASS_INFREQUENT};
    struct table_change standard = {.table_class = TABLE_CLASS_STANDARD};
    CHECK_OK(update(&fixture, &standard)); /* no change */
    CHECK_OK(update(&fixture, &infrequent));
    pass_ms(&fixture, HOUR_MS);
    CHECK_OK(update(&fixture, &standard));
    CHECK_FAILS(update(&fixture, &infrequent), ERROR_LIMIT_EXCEEDED,
                SLICE("Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 "
                      "day(s)."));
    CHECK_FAILS(update(&fixture, &standard), ERROR_LIMIT_EXCEEDED, /* the class it has */
                SLICE("Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 "
                      "day(s)."));
    pass_ms(&fixture, (30 * 24 - 1) * HOUR_MS);
    CHECK_OK(update(&fixture, &infrequent));
    fixture_close(&fixture);
}

TEST(a_table_has_at_most_fifty_tags)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_provisioned(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct table_tag tags[50];
    for (int i = 0; i < 50; i++)
        tags[i] = (struct table_tag){arena_format(&caller.arena, "k%02d", i), SLICE("v")};
    struct table_tag one_more = {SLICE("more"), SLICE("v")};
    slice removed[] = {SLICE("k00"), SLICE("not there")};
    CHECK_OK(table_tag(&caller.session, SLICE("T"), tags, 50));
    CHECK_OK(table_tag(&caller.session, SLICE("T"), tags, 50));

    CHECK_FAILS(table_tag(&caller.session, SLICE("T"), &one_more, 1), ERROR_VALIDATION,
                SLICE("Number of Tags exceed the current limit for the provided ResourceArn"));
    CHECK_OK(table_untag(&caller.session, SLICE("T"), removed, 2));
    CHECK_OK(table_tag(&caller.session, SLICE("T"), &one_more, 1));
    const struct table *table = find_table(&caller);
    CHECK(table->settings.tag_count == 50);
    CHECK_SLICE(table->settings.tags[0].key, SLICE("k01"));
    CHECK_SLICE(table->settings.tags[49].key, SLICE("more"));
    caller_close(&caller);
    fixture_close(&fixture);
}
