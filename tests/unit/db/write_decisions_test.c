/* What db_write decides about updates, deletes, full queues and damaged rows. */
#include "db/write.h"

#include "base/budget.h"
#include "db/rows.h"
#include "tests/unit/db/fixture.h"

static struct write_plan update_plan(struct caller *caller, const char *text)
{
    struct placeholders *placeholders = arena_new(&caller->arena, struct placeholders);
    struct placeholder_value *value = arena_new(&caller->arena, struct placeholder_value);
    struct number one = {.digits = 1};
    *value = (struct placeholder_value){
        .placeholder = SLICE(":n"), .input = {.value = value_make_number(&caller->arena, &one)}};
    placeholders->values_present = true;
    placeholders->values = value;
    placeholders->value_count = 1;
    struct write_plan plan = {.table = find_table(caller),
                              .kind = WRITE_UPDATE,
                              .key = item_of(&caller->arena, "{'pk':{'S':'a'}}")};
    CHECK_OK(update_parse(&caller->arena, slice_of_string(text), placeholders, &plan.update));
    return plan;
}

static struct write_plan delete_plan(struct caller *caller)
{
    return (struct write_plan){.table = find_table(caller),
                               .kind = WRITE_DELETE,
                               .key = item_of(&caller->arena, "{'pk':{'S':'a'}}")};
}

static struct write_plan put_plan(struct caller *caller, const char *json)
{
    return (struct write_plan){
        .table = find_table(caller), .kind = WRITE_PUT, .item = item_of(&caller->arena, json)};
}

static error run(struct caller *caller, struct write_plan plan, struct write_result *result)
{
    return db_write(&caller->session, &plan, 1, result);
}

static bool is(error failure, enum error_kind kind)
{
    return failure && failure->kind == kind;
}

/* A table, and two requests at once. */
struct scene {
    struct fixture fixture;
    struct caller first;
    struct caller second;
    struct write_result result;
};

static void scene_open(struct scene *scene)
{
    fixture_open_with_table(&scene->fixture, false);
    caller_open(&scene->first, &scene->fixture);
    caller_open(&scene->second, &scene->fixture);
}

static void scene_close(struct scene *scene)
{
    CHECK_OK(caller_settle(&scene->first));
    CHECK_OK(caller_settle(&scene->second));
    caller_close(&scene->first);
    caller_close(&scene->second);
    fixture_close(&scene->fixture);
}

TEST(an_update_makes_the_item_unless_it_only_takes_away)
{
    struct scene scene;
    scene_open(&scene);

    CHECK_OK(run(&scene.first, update_plan(&scene.first, "REMOVE gone"), &scene.result));
    CHECK(!item_exists(scene.result.new_item));
    CHECK(scene.first.session.submitted == NULL);

    CHECK_OK(run(&scene.first, update_plan(&scene.first, "ADD n :n"), &scene.result));
    CHECK(!item_exists(scene.result.old_item));
    CHECK(item_attribute_count(scene.result.new_item) == 2);
    scene_close(&scene);
}

TEST(an_update_that_does_not_fit_the_item_waits_for_what_it_saw)
{
    struct scene scene;
    scene_open(&scene);
    hold_groups(&scene.fixture, true, 0);
    CHECK_OK(run(&scene.first, put_plan(&scene.first, "{'pk':{'S':'a'},'n':{'S':'text'}}"),
                 &scene.result));

    error failure = run(&scene.second, update_plan(&scene.second, "ADD n :n"), &scene.result);

    CHECK(is(failure, ERROR_VALIDATION));
    CHECK(scene.second.session.submitted != NULL);
    hold_groups(&scene.fixture, false, 0);
    scene_close(&scene);
}

TEST(an_update_that_does_not_fit_a_durable_item_waits_for_nothing)
{
    struct scene scene;
    scene_open(&scene);
    CHECK_OK(put(&scene.fixture, "{'pk':{'S':'a'},'n':{'S':'text'}}"));

    error failure = run(&scene.first, update_plan(&scene.first, "ADD n :n"), &scene.result);

    CHECK(is(failure, ERROR_VALIDATION));
    CHECK(scene.first.session.submitted == NULL);
    scene_close(&scene);
}

TEST(a_pending_delete_is_no_item_to_the_next_writer)
{
    struct scene scene;
    scene_open(&scene);
    CHECK_OK(put(&scene.fixture, "{'pk':{'S':'a'}}"));
    hold_groups(&scene.fixture, true, 0);
    CHECK_OK(run(&scene.first, delete_plan(&scene.first), &scene.result));

    CHECK_OK(run(&scene.second, delete_plan(&scene.second), &scene.result));

    CHECK(!item_exists(scene.result.old_item));
    CHECK(scene.second.session.submitted != NULL); /* that there is none may yet be undone */
    hold_groups(&scene.fixture, false, 0);
    scene_close(&scene);
}

TEST(a_full_queue_takes_nothing_and_keeps_nothing)
{
    struct scene scene;
    scene_open(&scene);
    hold_groups(&scene.fixture, true, 0);
    CHECK_OK(run(&scene.first, put_plan(&scene.first, "{'pk':{'S':'a'}}"), &scene.result));
    size_t spent_bytes = scene.fixture.budget->max_bytes;
    budget_take(scene.fixture.budget, spent_bytes);

    struct write_plan other = put_plan(&scene.second, "{'pk':{'S':'b'}}");
    CHECK(is(run(&scene.second, other, &scene.result), ERROR_BUSY));
    struct write_plan same = put_plan(&scene.second, "{'pk':{'S':'a'},'v':{'N':'1'}}");
    CHECK(is(run(&scene.second, same, &scene.result), ERROR_BUSY));
    struct write_plan unfit = update_plan(&scene.second, "SET pk.x = :n");
    CHECK(is(run(&scene.second, unfit, &scene.result), ERROR_BUSY));

    CHECK(scene.second.session.submitted == NULL);
    budget_give(scene.fixture.budget, spent_bytes);
    hold_groups(&scene.fixture, false, 0);
    CHECK_OK(caller_settle(&scene.first));
    CHECK_OK(run(&scene.second, same, &scene.result));
    CHECK(item_attribute_count(scene.result.old_item) == 1);
    scene_close(&scene);
}

TEST(a_row_that_is_no_item_is_corrupt)
{
    struct scene scene;
    scene_open(&scene);
    struct write_plan plan = put_plan(&scene.first, "{'pk':{'S':'a'}}");
    slice key =
        row_key_of_item(&scene.first.arena, &plan.table->keys, plan.table->space, plan.item);
    struct store_write write = {.kind = STORE_PUT,
                                .key = key,
                                .value = SLICE("no item"),
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
    struct store_change_set set = {.writes = &write, .write_count = 1};
    CHECK(store_submit_and_wait(scene.fixture.store, &set) == STORE_OK);

    CHECK(is(run(&scene.first, plan, &scene.result), ERROR_CORRUPT));
    scene.first.session.tier = STORE_CACHED;
    CHECK(is(run(&scene.first, plan, &scene.result), ERROR_CORRUPT));

    CHECK(scene.first.session.submitted == NULL);
    scene_close(&scene);
}
