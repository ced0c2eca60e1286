/* stator: the command line. This file alone names the storage engines. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/option.h"
#include "db/check/check.h"
#include "server/data_directory.h"
#include "server/options.h"
#include "server/serve.h"
#include "server/verify.h"
#include "server/version.h"
#include "tool/tool.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_OK = 0, EXIT_PROBLEM = 1, EXIT_USAGE = 2 };

static int report(error failure)
{
    fprintf(stderr, "stator: %.*s\n", SLICE_ARGS(failure->message));
    return failure->kind == ERROR_USAGE ? EXIT_USAGE : EXIT_PROBLEM;
}

static int print_help(struct arena *arena, const struct option_set *set, const char *about)
{
    printf("%.*s", SLICE_ARGS(option_help(arena, set, about)));
    return EXIT_OK;
}

static int run_serve(struct arena *arena, int argument_count, char **arguments)
{
    struct options options;
    error failure = options_parse(arena, argument_count, arguments, &options);
    if (!failure && options.asks_for_help) {
        slice help = options_help(arena);
        printf("%.*s", SLICE_ARGS(help));
    } else if (!failure) {
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

static error check_store(struct arena *arena, slice path, slice archives, bool repairs,
                         struct check_report *found)
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
    error failure = repairs ? db_repair(arena, store, archives, say, NULL, found)
                            : db_check(arena, store, archives, say, NULL, found);
    store_close(store);
    return failure;
}

struct check_options {
    bool repairs;
    slice backups;
};

static const struct option check_options[] = {
    {SLICE("repair"), "", "false", OPTION_FLAG, 0, 1,
     "Also write anew what follows from the items where it is wrong: indexes and counters.",
     offsetof(struct check_options, repairs), NULL},
    {SLICE("backup-dir"), "BACKUPS", "", OPTION_TEXT, 0, 0,
     "Directory of the server's backups; by default the folder backups in DIR.",
     offsetof(struct check_options, backups), NULL},
};

static const struct option_set set_of_check = {.command = "stator check",
                                               .arguments = "DIR",
                                               .argument_count = 1,
                                               .options = check_options,
                                               .count =
                                                   sizeof check_options / sizeof *check_options};

static const struct option_set set_of_verify = {
    .command = "stator verify-backup", .arguments = "PATH", .argument_count = 1};

/* As the server has it by default, where there is one. */
static slice backups_of(struct arena *arena, slice data)
{
    slice path = arena_format(arena, "%.*s/backups%c", SLICE_ARGS(data), 0);
    return access(path.data, F_OK) == 0 ? slice_first(path, path.size - 1) : SLICE_NONE;
}

static int run_check(struct arena *arena, int argument_count, char **arguments)
{
    struct check_options options;
    struct option_arguments said;
    error failure =
        options_read(arena, &set_of_check, argument_count, arguments, &options, &said, NULL);
    if (failure)
        return report(failure);
    if (said.asks_for_help)
        return print_help(arena, &set_of_check,
                          "Reads every row and block of a stopped data directory, and prints a "
                          "sentence for each\nproblem. Exits with 0 only if there is none.\n");
    slice path = slice_of_string(said.arguments[0]);
    struct data_directory directory;
    struct check_report found;
    failure = data_directory_open(arena, path, false, &directory);
    if (failure)
        return report(failure);
    if (options.backups.size == 0)
        options.backups = backups_of(arena, path);
    failure = check_store(arena, directory.store_path, options.backups, options.repairs, &found);
    data_directory_close(&directory);
    if (failure)
        return report(failure);
    if (options.repairs)
        printf("repaired=%llu ", (unsigned long long)found.repaired);
    printf("tables=%llu items=%llu records=%llu rows_to_drop=%llu problems=%llu\n",
           (unsigned long long)found.tables, (unsigned long long)found.items,
           (unsigned long long)found.records, (unsigned long long)found.dead_rows,
           (unsigned long long)found.problems);
    return found.problems == 0 ? EXIT_OK : EXIT_PROBLEM;
}

static int run_verify(struct arena *arena, int argument_count, char **arguments)
{
    struct option_arguments said;
    error failure =
        options_read(arena, &set_of_verify, argument_count, arguments, NULL, &said, NULL);
    if (failure)
        return report(failure);
    if (said.asks_for_help)
        return print_help(arena, &set_of_verify,
                          "Proves a file of a backup, or all in a directory, by restoring each in "
                          "memory. Exits with\n0 only if all are whole.\n");
    uint64_t problems = 0;
    log_set_level(LOG_WARN);
    failure =
        verify_backups(arena, slice_of_string(said.arguments[0]), store_open_memory, &problems);
    if (failure)
        return report(failure);
    return problems == 0 ? EXIT_OK : EXIT_PROBLEM;
}

static int run_version(struct arena *arena, int argument_count, char **arguments)
{
    (void)arena;
    (void)argument_count;
    (void)arguments;
    printf("%s\n", STATOR_VERSION);
    return EXIT_OK;
}

/* A command that judges says how it ends; a tool only whether it failed, and how. */
static const struct command {
    const char *name;
    const char *takes;
    const char *does;
    int (*run)(struct arena *arena, int argument_count, char **arguments);
    error (*tool)(struct arena *arena, int argument_count, char **arguments);
} commands[] = {
    {"serve", "[OPTION]...", "serve until SIGTERM; --help lists the options", run_serve, NULL},
    {"check", "DIR", "prove a stopped data directory whole", run_check, NULL},
    {"check", "--repair DIR", "and rebuild its indexes and counters from its items", run_check,
     NULL},
    {"verify-backup", "PATH", "prove a backup, or a directory of them", run_verify, NULL},
    {"plan", "[OPTION]...", "how many partitions a table has, by size and throughput", NULL,
     plan_run},
    {"heat", "TABLE", "draw where the load of a table falls, and its hot keys", NULL, heat_run},
    {"import", "DIR TABLE", "put the items of files into a table of a running server", NULL,
     import_run},
    {"export", "TABLE DIR", "a table of a running server in files, as exports to S3 are", NULL,
     export_run},
    {"version", "", "print the version", run_version, NULL},
};

static void print_usage(FILE *to)
{
    fprintf(to, "Stator " STATOR_VERSION ": the DynamoDB API on machines you own.\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char call[64];
        snprintf(call, sizeof call, "%s %s", commands[i].name, commands[i].takes);
        fprintf(to, "  stator %-19s %s\n", call, commands[i].does);
    }
}

/*
 * A standard descriptor that is closed at start would be the next file's that is opened, perhaps of
 * the store, and what is said on it would be written there.
 */
static bool open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    }
    return true;
}

int main(int argument_count, char **arguments)
{
    if (!open_standard_descriptors())
        return EXIT_PROBLEM;
    SCOPED_ARENA(arena);
    const char *name = argument_count > 1 ? arguments[1] : "";
    if (strcmp(name, "--version") == 0 || strcmp(name, "--help") == 0)
        name += strlen("--"); /* as most programs spell these two */
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) != 0)
            continue;
        if (commands[i].run)
            return commands[i].run(&arena, argument_count - 2, arguments + 2);
        error failure = commands[i].tool(&arena, argument_count - 2, arguments + 2);
        return failure ? report(failure) : EXIT_OK;
    }
    bool asked = strcmp(name, "help") == 0;
    print_usage(asked ? stdout : stderr);
    return asked ? EXIT_OK : EXIT_USAGE;
}
