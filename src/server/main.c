/* stator: the command line. This file alone names the storage engines. */
#include "base/arena.h"
#include "base/clock.h"
#include "db/check/check.h"
#include "server/data_directory.h"
#include "server/options.h"
#include "server/serve.h"
#include "server/verify.h"
#include "server/version.h"
#include <stdio.h>
#include <string.h>

enum { EXIT_OK = 0, EXIT_PROBLEM = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "Stator " STATOR_VERSION ": the DynamoDB API on machines you own.\n\n"
    "  stator serve [OPTION]...   serve until SIGTERM; --help lists the options\n"
    "  stator check DIR           prove a stopped data directory whole\n"
    "  stator check --repair DIR  and rebuild its indexes and counters from its items\n"
    "  stator verify-backup PATH  prove a backup, or a directory of them\n"
    "  stator version             print the version\n";

static int report(error failure)
{
    fprintf(stderr, "stator: %.*s\n", SLICE_ARGS(failure->message));
    return failure->kind == ERROR_USAGE ? EXIT_USAGE : EXIT_PROBLEM;
}

static int run_serve(struct arena *arena, int argument_count, char **arguments)
{
    if (argument_count > 0 && strcmp(arguments[0], "--help") == 0) {
        slice help = options_help(arena);
        printf("%.*s", SLICE_ARGS(help));
        return EXIT_OK;
    }
    struct options options;
    error failure = options_parse(arena, argument_count, arguments, &options);
    if (!failure) {
        const struct engines engines = {.memory = store_open_memory, .durable = store_open_rocks};
        failure = serve(arena, &options, &engines);
    }
    return failure ? report(failure) : EXIT_OK;
}

static void say(void *context, slice sentence)
{
    (void)context;
    printf("%.*s\n", SLICE_ARGS(sentence));
}

static error check_store(struct arena *arena, slice path, bool repairs, struct check_report *found)
{
    enum { CACHE_BYTES = 64 * 1024 * 1024 };
    struct clock clock;
    clock_init(&clock, false);
    struct store_options options = {.directory = path,
                                    .clock = &clock,
                                    .sync = STORE_SYNC_ALWAYS,
                                    .read_only = !repairs,
                                    .cache_bytes = CACHE_BYTES};
    struct store *store;
    TRY(store_open_rocks(arena, &options, &store));
    error failure = repairs ? db_repair(arena, store, say, NULL, found)
                            : db_check(arena, store, say, NULL, found);
    store_close(store);
    return failure;
}

static int run_check(struct arena *arena, int argument_count, char **arguments)
{
    bool repairs = argument_count > 0 && strcmp(arguments[0], "--repair") == 0;
    const char *path = argument_count == 1 + repairs ? arguments[repairs] : "-";
    if (path[0] == '-') {
        fprintf(stderr,
                "stator: check takes one data directory: stator check DIR, or check --repair DIR\n");
        return EXIT_USAGE;
    }
    struct data_directory directory;
    struct check_report found;
    error failure =
        data_directory_open(arena, slice_of_string(path), false, &directory);
    if (failure)
        return report(failure);
    failure = check_store(arena, directory.store_path, repairs, &found);
    data_directory_close(&directory);
    if (failure)
        return report(failure);
    if (repairs)
        printf("repaired=%llu ", (unsigned long long)found.repaired);
    printf("tables=%llu items=%llu records=%llu rows_to_drop=%llu problems=%llu\n",
           (unsigned long long)found.tables, (unsigned long long)found.items,
           (unsigned long long)found.records, (unsigned long long)found.dead_rows,
           (unsigned long long)found.problems);
    return found.problems == 0 ? EXIT_OK : EXIT_PROBLEM;
}

static int run_verify(struct arena *arena, int argument_count, char **arguments)
{
    if (argument_count != 1 || arguments[0][0] == '-') {
        fprintf(stderr, "stator: verify-backup takes one file or directory: stator verify-backup "
                        "PATH\n");
        return EXIT_USAGE;
    }
    uint64_t problems = 0;
    log_set_level(LOG_WARN);
    error failure =
        verify_backups(arena, slice_of_string(arguments[0]), store_open_memory, &problems);
    if (failure)
        return report(failure);
    return problems == 0 ? EXIT_OK : EXIT_PROBLEM;
}

int main(int argument_count, char **arguments)
{
    SCOPED_ARENA(arena);
    const char *command = argument_count > 1 ? arguments[1] : "";
    if (strcmp(command, "serve") == 0)
        return run_serve(&arena, argument_count - 2, arguments + 2);
    if (strcmp(command, "check") == 0)
        return run_check(&arena, argument_count - 2, arguments + 2);
    if (strcmp(command, "verify-backup") == 0)
        return run_verify(&arena, argument_count - 2, arguments + 2);
    if (strcmp(command, "version") == 0) {
        printf("%s\n", STATOR_VERSION);
        return EXIT_OK;
    }
    bool asked = strcmp(command, "help") == 0 || strcmp(command, "--help") == 0;
    fputs(usage, asked ? stdout : stderr);
    return asked ? EXIT_OK : EXIT_USAGE;
}
