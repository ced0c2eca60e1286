/*
 * Writers beside sweeps, builds and switches, with dropped groups: what was renewed survives, what
 * has expired goes, and the rows that tell are right.
 */
#include "base/log.h"
#include "base/random.h"
#include "db/index/backfill.h"
#include "db/expiry/expiry.h"
#include "db/expiry/expiry_sweep.h"
#include "tests/unit/db/fixture.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { WRITERS = 3, KEYS = 20, ROUNDS = 40, PAUSE_MS = 31 * 60 * 1000 };

static const int64_t NOW_MS = INT64_C(1800000000000);

struct scene {
    struct fixture fixture;
    atomic_bool done;
};

enum expiry { GONE, EXPIRED, ALIVE };

struct writer {
    struct scene *scene;
    struct random random;
    pthread_t thread;
    uint32_t number;
    enum expiry last[KEYS]; /* of its own keys: what it wrote last */
};

/* Of the three kinds of values one never expires, one has, and one is as good as never. */
static void *write_on(void *argument)
{
    struct writer *writer = argument;
    while (!atomic_load(&writer->scene->done)) {
        char json[128];
        uint32_t key = (uint32_t)random_below(&writer->random, KEYS);
        enum expiry wanted = (enum expiry)random_below(&writer->random, 3);
        if (wanted == GONE)
            snprintf(json, sizeof json, "{'pk':{'S':'%u-%u'}}", writer->number, key);
        else
            snprintf(json, sizeof json, "{'pk':{'S':'%u-%u'},'e':{'N':'%u'}}", writer->number, key,
                     wanted == EXPIRED ? 1799999000u + key : 3000000000u);
        write_until_in(&writer->scene->fixture, json, wanted == GONE ? WRITE_DELETE : WRITE_PUT);
        writer->last[key] = wanted;
    }
    return NULL;
}

static enum expiry_status status(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    enum expiry_status found = expiry_status_of(find_table(&caller));
    caller_close(&caller);
    return found;
}

/* A change that a dropped group undid is made again, and so is the end of the rows. */
static void switch_on_or_off(struct fixture *fixture, bool enable)
{
    error failure;
    do {
        struct caller caller;
        caller_open(&caller, fixture);
        failure = table_switch_expiry(&caller.session, SLICE("T"), enable, SLICE("e"));
        enum error_kind kind = failure ? failure->kind : ERROR_INTERNAL_SERVER_ERROR;
        CHECK(kind == ERROR_INTERNAL_SERVER_ERROR);
        caller_close(&caller);
    } while (failure);
    while (!enable && status(fixture) != EXPIRY_DISABLED)
        db_housekeep(fixture->db);
}

static void run_round(struct fixture *fixture, struct random *random, bool switches)
{
    if (random_below(random, 2) == 0)
        memory_store_set_faults(
            fixture->store,
            &(struct memory_faults){.unavailable_at_group = 1 + random_below(random, 6)});
    db_backfill(fixture->db);
    for (int turns = 0; turns < 5 && db_expire(fixture->db); turns++)
        continue;
    if (!switches)
        return;
    clock_set_ms(&fixture->clock, clock_now_ms(&fixture->clock) + PAUSE_MS);
    switch_on_or_off(fixture, false);
    clock_set_ms(&fixture->clock, clock_now_ms(&fixture->clock) + PAUSE_MS);
    switch_on_or_off(fixture, true);
}

static bool is_there(struct fixture *fixture, uint32_t number, uint32_t key)
{
    struct caller caller;
    caller_open(&caller, fixture);
    char json[64];
    slice item;
    snprintf(json, sizeof json, "{'pk':{'S':'%u-%u'}}", number, key);
    CHECK_OK(
        db_read_item(&caller.session, find_table(&caller), item_of(&caller.arena, json), &item));
    bool there = item_exists(item);
    caller_close(&caller);
    return there;
}

TEST(writers_beside_the_sweep_lose_nothing_that_is_renewed_and_keep_nothing_that_has_expired)
{
    struct scene scene;
    struct fixture *fixture = &scene.fixture;
    fixture_open(fixture);
    log_set_level(LOG_ERROR);
    clock_set_ms(&fixture->clock, NOW_MS);
    create_table(fixture, false);
    switch_on_or_off(fixture, true);
    atomic_init(&scene.done, false);
    struct random random;
    random_init(&random, test_seed());
    struct writer writers[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.scene = &scene, .number = i};
        random_init(&writers[i].random, random_next(&random));
        CHECK(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]) == 0);
    }
    for (int round = 0; round < ROUNDS; round++)
        run_round(fixture, &random, round % 8 == 7);
    atomic_store(&scene.done, true);
    for (uint32_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);

    memory_store_set_faults(fixture->store, &(struct memory_faults){.is_full = false});
    housekeep(fixture);
    build_all(fixture);
    for (int sweeps = 0; sweeps < 2; sweeps++) { /* the rest of one, and a whole one */
        while (db_expire(fixture->db))
            continue;
    }

    CHECK(status(fixture) == EXPIRY_ENABLED);
    for (uint32_t i = 0; i < WRITERS; i++) {
        for (uint32_t key = 0; key < KEYS; key++)
            CHECK(is_there(fixture, i, key) == (writers[i].last[key] == ALIVE));
    }
    struct check_report report = check(fixture);
    CHECK(report.problems == 0 && report.dead_rows == 0);
    fixture_close(fixture);
}
