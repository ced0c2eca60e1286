/* stator heat: the partitions of a table of a running server, drawn. */
#include "base/option.h"
#include "tool/call.h"
#include "tool/heat_draw.h"
#include "tool/tool.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct heat_options {
    struct call_options server;
    bool watches;
    int64_t every_s;
};

static const struct option options[] = {
    CALL_OPTIONS(struct heat_options, server),
    {SLICE("watch"), "", "false", OPTION_FLAG, 0, 1,
     "Draw it again and again, until the command is stopped.",
     offsetof(struct heat_options, watches), NULL},
    {SLICE("every-s"), "N", "2", OPTION_INTEGER, 1, 3600, "Seconds from one picture to the next.",
     offsetof(struct heat_options, every_s), NULL},
};

static const struct option_set set = {.command = "stator heat",
                                      .arguments = "TABLE",
                                      .argument_count = 1,
                                      .options = options,
                                      .count = sizeof options / sizeof *options};

static const char about[] =
    "Where the load of a table falls: its partitions and their hottest keys. Units and items are\n"
    "counted since the server started, hot keys over the last minutes. ~ marks an estimate.\n"
    "A server shows this to other machines with --admin-open only.\n";

static bool says_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
    }
    return false;
}

static struct heat_style style_of_terminal(void)
{
    const char *terminal = getenv("TERM");
    bool is_plain = !isatty(STDOUT_FILENO) || !terminal || strcmp(terminal, "dumb") == 0;
    return (struct heat_style){.has_colors = !is_plain && !getenv("NO_COLOR"),
                               .has_blocks = says_utf8()};
}

/* Names of tables need no escapes in a query; what is none is refused here. */
static error check_name(struct arena *arena, const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (*name == 0 || name[strspn(name, allowed)] != 0)
        return fail(arena, ERROR_USAGE, "'%s' is no name of a table", name);
    return NULL;
}

static error draw(struct client *client, struct arena *arena, const char *table,
                  const struct heat_style *style)
{
    struct client_reply reply;
    struct heat_page page;
    slice path = arena_format(arena, "/_stator/partitions?table=%s", table);
    TRY(client_get(client, arena, path, &reply));
    if (reply.status != 200)
        return fail(arena, ERROR_SERVICE_UNAVAILABLE, "the server answers %u: %.*s", reply.status,
                    SLICE_ARGS(reply.body));
    TRY(heat_page_read(arena, reply.body, &page));
    if (page.place_count == 0)
        return fail(arena, ERROR_USAGE, "there is no table '%s'", table);
    slice text = heat_draw(arena, &page, style);
    fwrite(text.data, 1, text.size, stdout);
    fflush(stdout);
    return NULL;
}

error heat_run(struct arena *arena, int word_count, char **words)
{
    struct heat_options said;
    struct option_arguments arguments;
    TRY(options_read(arena, &set, word_count, words, &said, &arguments, NULL));
    if (arguments.asks_for_help) {
        printf("%.*s", SLICE_ARGS(option_help(arena, &set, about)));
        return NULL;
    }
    const char *table = arguments.arguments[0];
    TRY(check_name(arena, table));
    struct client *client = call_client(arena, &said.server);
    struct heat_style style = style_of_terminal();
    struct arena picture; /* of the last one; a failure lies there too */
    arena_init(&picture, NULL);
    error failure = draw(client, &picture, table, &style);
    while (!failure && said.watches) {
        sleep((unsigned)said.every_s);
        arena_reset(&picture);
        if (isatty(STDOUT_FILENO))
            printf("\x1b[H\x1b[2J");
        failure = draw(client, &picture, table, &style);
    }
    if (failure)
        failure = fail(arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    arena_fini(&picture);
    return failure;
}
