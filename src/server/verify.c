#include "server/verify.h"

#include "base/clock.h"
#include "db/backup/archive.h"
#include "db/backup/backup_proof.h"
#include "db/check/check.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct verifying {
    store_opener open_memory;
    slice directory;
    uint64_t problems;
};

static void say(void *context, slice sentence)
{
    (void)context;
    printf("%.*s\n", SLICE_ARGS(sentence));
}

/* The items in a database of their own, and that checked. */
static error restore_and_check(struct verifying *verifying, struct arena *arena, slice name,
                               struct backup_proof *proof, struct check_report *found)
{
    struct clock clock;
    struct store *store;
    struct db *db;
    clock_init(&clock, false);
    struct store_options store_options = {.clock = &clock};
    TRY(verifying->open_memory(arena, &store_options, &store));
    struct db_options db_options = {.store = store,
                                    .clock = &clock,
                                    .region = SLICE("us-east-1"),
                                    .account = SLICE("000000000000")};
    error failure = db_open(arena, &db_options, &db);
    if (!failure) {
        failure = backup_prove(db, arena, verifying->directory, name, proof);
        db_close(db);
    }
    if (!failure)
        failure = db_check(arena, store, SLICE_NONE, say, NULL, found);
    store_close(store);
    return failure;
}

static void verify_file(struct verifying *verifying, slice name)
{
    SCOPED_ARENA(arena);
    struct backup_proof proof = {.item_count = 0};
    struct check_report found = {.problems = 0};
    error failure = restore_and_check(verifying, &arena, name, &proof, &found);
    if (failure || found.problems > 0)
        verifying->problems++;
    if (failure)
        printf("%.*s: %.*s\n", SLICE_ARGS(name), SLICE_ARGS(failure->message));
    else
        printf("%.*s: table=%.*s items=%lld bytes=%lld images=%llu problems=%llu\n",
               SLICE_ARGS(name), SLICE_ARGS(proof.table_name), (long long)proof.item_count,
               (long long)proof.item_bytes, (unsigned long long)proof.image_count,
               (unsigned long long)found.problems);
}

static error verify_directory(struct verifying *verifying, struct arena *arena)
{
    const slice *names;
    uint32_t count;
    TRY(archive_list_files(arena, verifying->directory, &names, &count));
    for (uint32_t i = 0; i < count; i++) {
        const char *path = arena_format(arena, "%.*s/%.*s%c", SLICE_ARGS(verifying->directory),
                                        SLICE_ARGS(names[i]), 0)
                               .data;
        if (access(path, F_OK) == 0) /* a server may have removed it meanwhile */
            verify_file(verifying, names[i]);
    }
    return count > 0 ? NULL
                     : fail(arena, ERROR_USAGE, "%.*s has no backups",
                            SLICE_ARGS(verifying->directory));
}

error verify_backups(struct arena *arena, slice path, store_opener open_memory, uint64_t *problems)
{
    const char *text = arena_format(arena, "%.*s%c", SLICE_ARGS(path), 0).data;
    struct verifying verifying = {.open_memory = open_memory, .directory = path};
    struct stat status;
    error failure = NULL;
    if (stat(text, &status) != 0)
        return fail(arena, ERROR_USAGE, "cannot read %s: %s", text, strerror(errno));
    if (S_ISDIR(status.st_mode)) {
        failure = verify_directory(&verifying, arena);
    } else {
        const char *slash = strrchr(text, '/');
        slice name = slash ? slice_of_string(slash + 1) : path;
        verifying.directory = slash ? slice_of(text, (size_t)(slash - text)) : SLICE(".");
        verify_file(&verifying, name);
    }
    *problems = verifying.problems;
    return failure;
}
