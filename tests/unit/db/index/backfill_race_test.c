/* Writers beside an index that is added, built and deleted, again and again, with dropped groups. */
#include "base/random.h"
#include "db/index/backfill.h"
#include "db/index/index_change.h"
#include "db/table/table_update.h"
#include "tests/unit/db/fixture.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { WRITERS = 3, KEYS = 60, ROUNDS = 60, FIRST_WRITES = 300 };

static const struct index by_group = {.name = SLICE("by-group"),
                                      .kind = INDEX_GLOBAL,
                                      .keys = {{{SLICE("g"), VALUE_S}}, 1, {}, 0},
                                      .projection = PROJECTION_KEYS_ONLY};

struct scene {
    struct fixture fixture;
    atomic_bool done;
    atomic_uint written;
};

struct writer {
    struct scene *scene;
    struct random random;
    pthread_t thread;
};

static void *write_on(void *argument)
{
    struct writer *writer = argument;
    struct scene *scene = writer->scene;
    while (!atomic_load(&scene->done)) {
        char json[128];
        uint64_t key = random_below(&writer->random, KEYS);
        uint64_t group = random_below(&writer->random, 3);
        bool with_group = random_below(&writer->random, 4) > 0;
        snprintf(json, sizeof json, "{'pk':{'S':'%u'},'%s':{'S':'%u'},'n':{'N':'%u'}}",
                 (unsigned)key, with_group ? "g" : "h", (unsigned)group,
                 (unsigned)random_below(&writer->random, 100));
        write_until_in(&scene->fixture, json,
                       random_below(&writer->random, 4) == 0 ? WRITE_DELETE : WRITE_PUT);
        atomic_fetch_add(&scene->written, 1);
    }
    return NULL;
}

/* A change that a dropped group undid is made again. */
static void change_index(struct fixture *fixture, enum index_action_kind kind)
{
    error failure;
    do {
        struct caller caller;
        caller_open(&caller, fixture);
        struct index_action action = {.kind = kind, .index = by_group};
        struct table_change change = {.index_actions = &action, .index_action_count = 1};
        struct table_changed changed;
        failure = table_update(&caller.session, SLICE("T"), &change, &changed);
        caller_close(&caller);
    } while (failure && failure->kind == ERROR_INTERNAL_SERVER_ERROR);
    /* Of a deletion that was made and whose group was dropped, the next try finds it under way. */
    CHECK(!failure || kind == INDEX_DELETE);
}

static bool has_index(struct fixture *fixture, bool readable)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct index *index = table_index(find_table(&caller), by_group.name);
    bool has = index && (!readable || !build_is_under_way(&index->build));
    caller_close(&caller);
    return has;
}

static void drop_a_group(struct fixture *fixture, struct random *random)
{
    struct memory_faults faults = {.unavailable_at_group = 1 + random_below(random, 6)};
    memory_store_set_faults(fixture->store, &faults);
}

static void run_round(struct scene *scene, struct random *random)
{
    struct fixture *fixture = &scene->fixture;
    change_index(fixture, INDEX_CREATE);
    bool to_the_end = random_below(random, 3) > 0;
    for (uint64_t turns = 1 + random_below(random, 3); to_the_end || turns > 0; turns--) {
        if (random_below(random, 2) == 0)
            drop_a_group(fixture, random);
        db_backfill(fixture->db);
        if (has_index(fixture, true))
            break;
    }
    unsigned written = atomic_load(&scene->written);
    while (atomic_load(&scene->written) < written + 20)
        sched_yield();
    change_index(fixture, INDEX_DELETE);
    while (has_index(fixture, false))
        db_housekeep(fixture->db);
    housekeep(fixture);
}

TEST(writers_beside_a_build_leave_the_index_that_the_items_imply)
{
    struct scene scene = {.done = false};
    struct fixture *fixture = &scene.fixture;
    struct writer writers[WRITERS];
    struct random random;
    random_init(&random, test_seed());
    fixture_open_with_table(fixture, false);
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.scene = &scene};
        random_init(&writers[i].random, random_next(&random));
        CHECK(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]) == 0);
    }
    while (atomic_load(&scene.written) < FIRST_WRITES)
        sched_yield();
    for (uint32_t round = 0; round < ROUNDS; round++)
        run_round(&scene, &random);
    memory_store_set_faults(fixture->store, &(struct memory_faults){0});
    change_index(fixture, INDEX_CREATE);
    build_all(fixture);
    atomic_store(&scene.done, true);
    for (uint32_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    CHECK(has_index(fixture, true));
    struct check_report report = check(fixture);
    CHECK(report.problems == 0 && report.dead_rows == 0);
    fixture_close(fixture);
}
