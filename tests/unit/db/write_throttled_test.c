/* Writes over what a table or its index has: nothing of them is done, others beside them are. */
#include "db/partition/usage.h"
#include "tests/unit/db/fixture.h"

/* A table "T" whose global index "x" of attribute a has a budget of its own. */
struct scene {
    struct fixture fixture;
    struct caller caller;
    const struct table *table;
    struct write_plan plans[2];
    struct write_result results[2];
};

static void scene_open(struct scene *scene)
{
    fixture_open(&scene->fixture);
    scene->fixture.throughput = THROUGHPUT_ENFORCE;
    fixture_reopen(&scene->fixture);
    caller_open(&scene->caller, &scene->fixture);
    struct index index = {.name = SLICE("x"),
                          .kind = INDEX_GLOBAL,
                          .keys = {.hash = {{SLICE("a"), VALUE_S}}, .hash_count = 1},
                          .provisioned = {.read = 10, .write = 10}};
    struct table_definition definition = {.name = SLICE("T"),
                                          .keys = {.hash = {SLICE("pk"), VALUE_S}},
                                          .indexes = &index,
                                          .index_count = 1,
                                          .settings = {.provisioned = {.read = 10, .write = 10}}};
    CHECK_OK(table_create(&scene->caller.session, &definition, &scene->table));
}

static void scene_close(struct scene *scene)
{
    caller_close(&scene->caller);
    fixture_close(&scene->fixture);
}

static void use_up(struct scene *scene, const struct index *index)
{
    bucket_take(&usage_of(scene->table, index)->sum->buckets[USAGE_WRITE], 1000000);
}

static void plan_puts(struct scene *scene, const char *first, const char *second)
{
    const char *items[] = {first, second};
    for (int i = 0; i < 2; i++)
        scene->plans[i] = (struct write_plan){.table = scene->table,
                                              .kind = WRITE_PUT,
                                              .item = item_of(&scene->caller.arena, items[i])};
}

static bool is_throttled(error failure)
{
    return failure && failure->kind == ERROR_PROVISIONED_THROUGHPUT_EXCEEDED;
}

static void check_all_refused(const struct scene *scene)
{
    CHECK(is_throttled(scene->results[0].refusal) && is_throttled(scene->results[1].refusal));
    CHECK(scene->caller.session.submitted == NULL);
}

/* By the store: a read would be charged. */
static bool is_there(struct scene *scene, const char *json)
{
    const struct table *table = scene->table;
    struct arena *arena = &scene->caller.arena;
    slice key = row_key_of_item(arena, &table->keys, table->space, item_of(arena, json));
    struct store_row row;
    CHECK(store_get(scene->fixture.store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row) ==
          STORE_OK);
    return row.found;
}

TEST(a_throttled_write_does_nothing_of_all_that_it_was_to_do)
{
    struct scene scene;
    scene_open(&scene);
    use_up(&scene, NULL);
    plan_puts(&scene, "{'pk':{'S':'a'}}", "{'pk':{'S':'b'}}");
    bool repeated;

    CHECK(is_throttled(db_write(&scene.caller.session, scene.plans, 1, scene.results)));
    CHECK(is_throttled(
        db_write_once(&scene.caller.session, scene.plans, 2, NULL, scene.results, &repeated)));

    check_all_refused(&scene);
    CHECK(!is_there(&scene, "{'pk':{'S':'a'}}") && !is_there(&scene, "{'pk':{'S':'b'}}"));
    scene_close(&scene);
}

TEST(a_condition_that_does_not_hold_is_throttled_too)
{
    struct scene scene;
    scene_open(&scene);
    use_up(&scene, NULL);
    plan_puts(&scene, "{'pk':{'S':'a'}}", "{'pk':{'S':'b'}}");
    struct placeholders none = {.names_present = false};
    for (int i = 0; i < 2; i++)
        CHECK_OK(condition_parse(&scene.caller.arena, SLICE("ConditionExpression"),
                                 SLICE("attribute_exists(pk)"), &none, &scene.plans[i].condition));

    CHECK(is_throttled(db_write(&scene.caller.session, scene.plans, 2, scene.results)));

    CHECK_OK(db_write_each(&scene.caller.session, scene.plans, 2, scene.results));
    check_all_refused(&scene);
    scene_close(&scene);
}

TEST(what_its_index_has_no_room_for_is_left_out_and_the_rest_is_written)
{
    struct scene scene;
    scene_open(&scene);
    use_up(&scene, &scene.table->indexes[0]);
    plan_puts(&scene, "{'pk':{'S':'a'},'a':{'S':'x'}}", "{'pk':{'S':'b'}}");

    CHECK_OK(db_write_some(&scene.caller.session, scene.plans, 2, scene.results));
    CHECK_OK(caller_settle(&scene.caller));
    CHECK(is_throttled(scene.results[0].refusal) && !scene.results[1].refusal);
    CHECK(!is_there(&scene, "{'pk':{'S':'a'}}") && is_there(&scene, "{'pk':{'S':'b'}}"));

    CHECK(is_throttled(db_write(&scene.caller.session, scene.plans, 2, scene.results)));
    CHECK(!is_there(&scene, "{'pk':{'S':'a'}}"));
    scene_close(&scene);
}
