/*
 * stator check --repair: what follows from the items is written anew where it is wrong.
 *
 * The same walk as check's, several times: first entries go that no item implies, then those come
 * that are lacking or different, then the counters follow, and then everything is checked. An entry
 * gets the version and stamp of its item, as it had. Items are never touched.
 */
#include "db/check/check_private.h"

static void flush(struct check *check)
{
    struct mending *mending = &check->mending;
    struct store_change_set set = {.writes = mending->writes, .write_count = mending->count};
    enum store_answer answer =
        mending->count == 0 || check->failure ? STORE_OK
                                              : store_submit_and_wait(check->store, &set);
    if (answer != STORE_OK)
        check->failure =
            fail(check->arena, ERROR_STORAGE,
                 "the repair cannot be written: the disk is full or the store is read-only");
    mending->count = 0;
    mending->bytes = 0;
    arena_reset(&mending->arena);
}

static void say_repaired(struct check *check, slice sentence)
{
    if (check->report->repaired++ >= CHECK_SENTENCES_MAX)
        return;
    SCOPED_ARENA(scratch);
    check->say(check->context, arena_format(&scratch, "repaired: %.*s", SLICE_ARGS(sentence)));
}

void check_repaired(struct check *check, const char *format, ...)
{
    SCOPED_ARENA(scratch);
    va_list arguments;
    va_start(arguments, format);
    say_repaired(check, arena_format_list(&scratch, format, arguments));
    va_end(arguments);
}

static void mend(struct check *check, struct store_write write)
{
    struct mending *mending = &check->mending;
    write.key = arena_copy(&mending->arena, write.key);
    write.value = arena_copy(&mending->arena, write.value);
    mending->bytes += write.key.size + write.value.size;
    mending->writes[mending->count++] = write;
    if (mending->count == MENDING_WRITES_MAX || mending->bytes > STORE_SCAN_BYTES_MAX)
        flush(check);
}

void check_mendable(struct check *check, enum check_mode mode, const struct store_write *writes,
                    uint32_t write_count, const char *format, ...)
{
    SCOPED_ARENA(scratch);
    va_list arguments;
    va_start(arguments, format);
    slice sentence = arena_format_list(&scratch, format, arguments);
    va_end(arguments);
    check_problem(check, "%.*s", SLICE_ARGS(sentence));
    if (check->mode != mode || write_count == 0)
        return;
    say_repaired(check, sentence);
    for (uint32_t i = 0; i < write_count; i++)
        mend(check, writes[i]);
}

error db_repair(struct arena *arena, struct store *store, slice archives,
                void (*say)(void *context, slice sentence), void *context,
                struct check_report *report)
{
    uint64_t repaired = 0;
    for (enum check_mode mode = CHECK_MEND_STALE; mode <= CHECK_MEND_COUNTS; mode++) {
        struct check check = {.store = store,
                              .arena = arena,
                              .say = say,
                              .context = context,
                              .report = report,
                              .mode = mode};
        arena_init(&check.mending.arena, NULL);
        error failure = check_walk(&check);
        if (!failure)
            flush(&check);
        arena_fini(&check.mending.arena);
        TRY(failure ? failure : check.failure);
        repaired += report->repaired;
    }
    TRY(db_check(arena, store, archives, say, context, report));
    report->repaired = repaired;
    return NULL;
}
