#include "server/options.h"

#include "base/option.h"

static const char *const words_SYNC[] = {"always", "interval", "never", NULL};
static const char *const words_CLOCK[] = {"real", "manual", NULL};
static const char *const words_THROUGHPUT[] = {"off", "observe", "enforce", NULL};
#define words_LOG_LEVEL log_level_names
#define words_TEXT NULL
#define words_INTEGER NULL
#define words_FLAG NULL

#define OPTION_SYNC OPTION_WORD
#define OPTION_CLOCK OPTION_WORD
#define OPTION_THROUGHPUT OPTION_WORD
#define OPTION_LOG_LEVEL OPTION_WORD

static const struct option table[] = {
#define OPTION(field, kind, name, value, standard, minimum, maximum, sentence)                     \
    {{name, sizeof(name) - 1},                                                                     \
     value,                                                                                        \
     standard,                                                                                     \
     OPTION_##kind,                                                                                \
     minimum,                                                                                      \
     maximum,                                                                                      \
     sentence,                                                                                     \
     offsetof(struct options, field),                                                              \
     words_##kind},
    OPTION_LIST(OPTION)
#undef OPTION
};
enum { OPTION_COUNT = sizeof table / sizeof table[0] };

static const struct option_set set_of_serve = {
    .command = "stator serve", .has_variables = true, .options = table, .count = OPTION_COUNT};

static bool is_digits(slice text, size_t size)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return text.size == size;
}

static bool is_region(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return text.size > 0 && text.size <= 64;
}

static error check_together(struct arena *arena, const struct options *options)
{
    if (options->in_memory && options->data.size > 0)
        return fail(arena, ERROR_USAGE, "--data and --in-memory exclude each other");
    if (!options->in_memory && options->data.size == 0)
        return fail(arena, ERROR_USAGE,
                    "say where the data goes: --data DIR, or --in-memory to keep none");
    if (!is_region(options->region))
        return fail(arena, ERROR_USAGE, "--region takes a name such as us-east-1");
    if (!is_digits(options->account, 12))
        return fail(arena, ERROR_USAGE, "--account takes 12 digits");
    return NULL;
}

static enum option_origin origin_of(const enum option_origin *origins, slice name)
{
    size_t index = 0;
    while (!slice_equal(table[index].name, name))
        index++;
    return origins[index];
}

/* Of the two that exclude each other, the one that is said outweighs the other's variable. */
static void choose_place(const enum option_origin *origins, struct options *options)
{
    enum option_origin data = origin_of(origins, SLICE("data"));
    enum option_origin in_memory = origin_of(origins, SLICE("in-memory"));
    if (options->in_memory && in_memory == OPTION_SAID && data == OPTION_VARIABLE)
        options->data = SLICE_NONE;
    if (options->data.size > 0 && data == OPTION_SAID && in_memory == OPTION_VARIABLE)
        options->in_memory = false;
}

error options_parse(struct arena *arena, int argument_count, char **arguments,
                    struct options *options)
{
    enum option_origin origins[OPTION_COUNT];
    struct option_arguments others;
    *options = (struct options){.port = 0};
    TRY(options_read(arena, &set_of_serve, argument_count, arguments, options, &others, origins));
    options->asks_for_help = others.asks_for_help;
    if (options->asks_for_help)
        return NULL;
    options->region_given = origin_of(origins, SLICE("region")) != OPTION_STANDARD;
    options->account_given = origin_of(origins, SLICE("account")) != OPTION_STANDARD;
    choose_place(origins, options);
    return check_together(arena, options);
}

void options_warn(void)
{
    SCOPED_ARENA(arena);
    const char *variable;
    for (size_t at = 0; (variable = option_unknown_variable(&arena, &set_of_serve, &at)); at++)
        log_write(LOG_WARN, "variable_ignored",
                  "variable=%s reason=\"it is no option: stator serve --help lists them\"",
                  LOG_VALUE(slice_of_string(variable)));
}

slice options_help(struct arena *arena)
{
    return option_help(arena, &set_of_serve,
                       "Each option can also be given as the variable named beside it.\n");
}
