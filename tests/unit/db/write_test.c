#include "db/write.h"

#include "tests/unit/db/fixture.h"

/* attribute_not_exists(pk) */
static const struct condition *is_new(struct arena *arena)
{
    const struct condition *condition = NULL;
    struct placeholders none = {.names_present = false};
    CHECK_OK(condition_parse(arena, SLICE("ConditionExpression"),
                             SLICE("attribute_not_exists(pk)"), &none, &condition));
    return condition;
}

static error write_item(struct caller *caller, const char *json,
                        const struct condition *condition, struct write_result *result)
{
    struct write_plan plan = {.table = find_table(caller),
                              .kind = WRITE_PUT,
                              .item = item_of(&caller->arena, json),
                              .condition = condition};
    return db_write(&caller->session, &plan, 1, result);
}

static slice read_item(struct caller *caller)
{
    slice item = ITEM_ABSENT;
    CHECK_OK(db_read_item(&caller->session, find_table(caller),
                          item_of(&caller->arena, "{'pk':{'S':'a'}}"), &item));
    return item;
}

TEST(a_pending_row_is_seen_by_writers_and_not_by_readers)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct caller first, second, reader;
    caller_open(&first, &fixture);
    caller_open(&second, &fixture);
    caller_open(&reader, &fixture);
    struct write_result result;

    hold_groups(&fixture, true, 0);
    CHECK_OK(write_item(&first, "{'pk':{'S':'a'},'n':{'N':'1'}}", NULL, &result));
    CHECK(!item_exists(result.old_item));
    CHECK_OK(write_item(&second, "{'pk':{'S':'a'},'n':{'N':'2'}}", is_new(&second.arena), &result));

    CHECK(result.condition_failed);
    CHECK(item_attribute_count(result.old_item) == 2);
    CHECK(second.session.submitted != NULL); /* the refusal waits for what it saw */
    CHECK(!item_exists(read_item(&reader)));

    hold_groups(&fixture, false, 0);
    CHECK_OK(caller_settle(&first));
    CHECK_OK(caller_settle(&second));
    CHECK(item_exists(read_item(&reader)));
    caller_close(&first);
    caller_close(&second);
    caller_close(&reader);
    fixture_close(&fixture);
}

TEST(who_saw_a_dropped_row_runs_again)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct rivals rivals;
    rivals_open(&rivals, &fixture);
    struct write_result result;

    hold_groups(&fixture, true, 1);
    CHECK_OK(write_item(&rivals.first, "{'pk':{'S':'a'}}", NULL, &result));
    CHECK_OK(write_item(&rivals.second, "{'pk':{'S':'a'}}", is_new(&rivals.second.arena), &result));
    CHECK(result.condition_failed);
    hold_groups(&fixture, false, 1);

    CHECK_KIND(caller_settle(&rivals.first), ERROR_CONFLICT);
    CHECK_KIND(caller_settle(&rivals.second), ERROR_CONFLICT);
    CHECK_OK(write_item(&rivals.second, "{'pk':{'S':'a'}}", is_new(&rivals.second.arena), &result));
    CHECK(!result.condition_failed);
    CHECK_OK(caller_settle(&rivals.second));
    rivals_close(&rivals);
    fixture_close(&fixture);
}

static void check_counts(struct fixture *fixture, int64_t wanted_count, int64_t wanted_bytes)
{
    struct caller caller;
    caller_open(&caller, fixture);
    int64_t count = -1;
    int64_t bytes = -1;
    CHECK_OK(table_counts(&caller.session, find_table(&caller), &count, &bytes));
    CHECK(count == wanted_count);
    CHECK(bytes == wanted_bytes);
    caller_close(&caller);
}

TEST(counts_are_exact_after_every_write)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    check_counts(&fixture, 0, 0);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    check_counts(&fixture, 1, 3);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'x':{'S':'1234'}}"));
    check_counts(&fixture, 1, 8);
    CHECK_OK(put(&fixture, "{'pk':{'S':'b'}}"));
    check_counts(&fixture, 2, 11);

    struct caller caller;
    caller_open(&caller, &fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_DELETE,
                              .key = item_of(&caller.arena, "{'pk':{'S':'a'}}")};
    struct write_result result;
    CHECK_OK(db_write(&caller.session, &plan, 1, &result));
    CHECK_OK(caller_settle(&caller));
    CHECK(item_exists(result.old_item) && !item_exists(result.new_item));
    check_counts(&fixture, 1, 3);
    CHECK_OK(db_write(&caller.session, &plan, 1, &result)); /* nothing there: nothing to wait for */
    CHECK(caller.session.submitted == NULL);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(of_separate_writes_those_that_can_be_are_made)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'n':{'S':'x'}}"));
    struct caller caller;
    caller_open(&caller, &fixture);
    struct arena *arena = &caller.arena;
    const struct update *update = NULL;
    struct placeholders none = {.names_present = false};
    CHECK_OK(update_parse(arena, SLICE("SET n = n + n"), &none, &update));
    const struct table *table = find_table(&caller);
    struct write_plan plans[] = {
        {.table = table,
         .kind = WRITE_PUT,
         .item = item_of(arena, "{'pk':{'S':'new'}}"),
         .condition = is_new(arena)},
        {.table = table,
         .kind = WRITE_UPDATE,
         .key = item_of(arena, "{'pk':{'S':'a'}}"),
         .update = update},
        {.table = table,
         .kind = WRITE_DELETE,
         .key = item_of(arena, "{'pk':{'S':'b'}}"),
         .condition = condition_of_absence(arena, SLICE("pk"))},
        {.table = table,
         .kind = WRITE_UPDATE,
         .key = item_of(arena, "{'pk':{'S':'c'}}"),
         .update = update},
    };
    struct write_result results[4];
    CHECK_OK(put(&fixture, "{'pk':{'S':'b'}}"));
    CHECK_OK(db_write_each(&caller.session, plans, 4, results));
    CHECK_OK(caller_settle(&caller));
    CHECK(!results[0].condition_failed && !results[0].refusal);
    CHECK(!results[1].condition_failed && results[1].refusal);
    CHECK(!results[2].refusal && results[2].condition_failed);
    CHECK(results[3].refusal);
    caller_close(&caller);
    check_counts(&fixture, 3, 5 + 3 + 5);
    fixture_close(&fixture);
}

TEST(more_writes_than_may_be_read_for_here_are_for_somebody_who_may_wait)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_PUT,
                              .item = item_of(&caller.arena, "{'pk':{'S':'a'}}")};
    struct write_result result;
    caller.session.rows_left = 0;
    error failure = db_write(&caller.session, &plan, 1, &result);
    CHECK(failure && failure->kind == ERROR_WOULD_BLOCK && !caller.session.submitted);
    caller.session.rows_left = 1;
    CHECK_OK(db_write(&caller.session, &plan, 1, &result));
    CHECK_OK(caller_settle(&caller));
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(separate_writes_that_all_fail_wait_for_what_they_saw)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct rivals rivals;
    rivals_open(&rivals, &fixture);
    struct write_result result;
    hold_groups(&fixture, true, 0);
    CHECK_OK(write_item(&rivals.first, "{'pk':{'S':'a'}}", NULL, &result));
    struct write_plan plan = {.table = find_table(&rivals.second),
                              .kind = WRITE_PUT,
                              .item = item_of(&rivals.second.arena, "{'pk':{'S':'a'}}"),
                              .condition = is_new(&rivals.second.arena)};
    CHECK_OK(db_write_each(&rivals.second.session, &plan, 1, &result));
    CHECK(result.condition_failed);
    CHECK(rivals.second.session.submitted != NULL);
    hold_groups(&fixture, false, 0);
    CHECK_OK(caller_settle(&rivals.first));
    CHECK_OK(caller_settle(&rivals.second));
    rivals_close(&rivals);
    fixture_close(&fixture);
}

TEST(a_write_planned_on_an_old_description_runs_again)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct caller writer, other;
    caller_open(&writer, &fixture);
    caller_open(&other, &fixture);
    const struct table *old = find_table(&writer);
    const struct table *deleted;

    CHECK_OK(table_delete(&other.session, SLICE("T"), &deleted));
    create_table(&fixture, false);
    struct write_plan plan = {.table = old,
                              .kind = WRITE_PUT,
                              .item = item_of(&writer.arena, "{'pk':{'S':'a'}}")};
    struct write_result result;

    CHECK_KIND(db_write(&writer.session, &plan, 1, &result), ERROR_CONFLICT);
    CHECK(writer.session.submitted == NULL);
    check_counts(&fixture, 0, 0);
    caller_close(&writer);
    caller_close(&other);
    fixture_close(&fixture);
}
