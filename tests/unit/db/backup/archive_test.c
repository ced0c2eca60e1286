/* Who waits for the backups of a table is told as soon as none is being made any more. */
#include "db/backup/archive.h"

#include "base/clock.h"
#include "tests/test.h"

struct ending {
    struct archive *archive;
    void (*end)(struct archive *archive);
};

static const struct backup asked_for = {
    .type = BACKUP_USER,
    .id = SLICE("1732271000123-1a2b3c4d"),
    .table_name = SLICE("T"),
    .table_id = SLICE("id of T"),
};

static void finish(struct archive *archive)
{
    struct backup made = asked_for;
    made.is_available = true;
    archive_put(archive, &made);
}

static void give_up(struct archive *archive)
{
    archive_forget(archive, asked_for.id);
}

static void *run(void *argument)
{
    struct ending *ending = argument;
    ending->end(ending->archive);
    return NULL;
}

/* Whether one is still being made afterwards. */
static bool await_ending(void (*end)(struct archive *archive))
{
    struct arena arena;
    struct ending ending = {.end = end};
    pthread_t thread;
    arena_init(&arena, NULL);
    CHECK_OK(archive_look_into(&arena, SLICE_NONE, &ending.archive));
    archive_put(ending.archive, &asked_for);
    CHECK(archive_makes_backup(ending.archive, asked_for.table_id));
    CHECK(!archive_makes_backup(ending.archive, SLICE("id of another")));
    CHECK(pthread_create(&thread, NULL, run, &ending) == 0);
    archive_await_backup(ending.archive, asked_for.table_id);
    bool makes_one = archive_makes_backup(ending.archive, asked_for.table_id);
    pthread_join(thread, NULL);
    archive_close(ending.archive);
    arena_fini(&arena);
    return makes_one;
}

TEST(who_waits_for_a_backup_goes_on_when_its_making_ends)
{
    enum { ROUNDS = 8 }; /* each would take a second if nobody were told */
    static const struct {
        void (*end)(struct archive *archive);
        bool makes_one;
    } endings[] = {{finish, false}, {give_up, false}, {archive_stop, true}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        uint64_t begun_us = clock_monotonic_us();
        for (unsigned round = 0; round < ROUNDS; round++)
            CHECK(await_ending(endings[i].end) == endings[i].makes_one);
        CHECK(clock_monotonic_us() - begun_us < ROUNDS * UINT64_C(500000));
    }
}
