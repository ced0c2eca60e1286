#include "server/options.h"

#include "base/buffer.h"
#include <stdlib.h>

enum option_kind {
    KIND_TEXT,
    KIND_INTEGER,
    KIND_FLAG,
    KIND_SYNC,
    KIND_CLOCK,
    KIND_LOG_LEVEL,
};

struct option {
    slice name;
    const char *value_name;
    const char *standard;
    enum option_kind kind;
    int64_t minimum;
    int64_t maximum;
    const char *sentence;
    size_t offset;
};

static const struct option table[] = {
#define OPTION(field, kind, name, value, standard, minimum, maximum, sentence)                     \
    {{name, sizeof(name) - 1}, value, standard, KIND_##kind, minimum, maximum, sentence,           \
     offsetof(struct options, field)},
    OPTION_LIST(OPTION)
#undef OPTION
};
enum { OPTION_COUNT = sizeof table / sizeof table[0] };

static const char *const sync_words[] = {"always", "interval", "never"};
static const char *const clock_words[] = {"real", "manual"};
static const char *const flag_words[] = {"false", "true"};

static bool find_word(const char *text, const char *const *words, unsigned count, unsigned *index)
{
    for (*index = 0; *index < count; (*index)++) {
        if (strcmp(words[*index], text) == 0)
            return true;
    }
    return false;
}

static error bad_value(struct arena *arena, const struct option *option, const char *text)
{
    if (option->kind == KIND_INTEGER)
        return fail(arena, ERROR_USAGE, "--%.*s takes a whole number from %lld to %lld, not '%s'",
                    SLICE_ARGS(option->name), (long long)option->minimum,
                    (long long)option->maximum, text);
    return fail(arena, ERROR_USAGE, "--%.*s takes %s, not '%s'", SLICE_ARGS(option->name),
                option->kind == KIND_FLAG ? "true or false" : option->value_name, text);
}

static error set(struct arena *arena, struct options *options, const struct option *option,
                 const char *text)
{
    void *field = (char *)options + option->offset;
    unsigned index;
    switch (option->kind) {
    case KIND_TEXT:
        *(option_TEXT *)field = slice_of_string(text);
        return NULL;
    case KIND_INTEGER: {
        char *end;
        long long number = strtoll(text, &end, 10);
        if (*text == 0 || *end != 0 || number < option->minimum || number > option->maximum)
            return bad_value(arena, option, text);
        *(option_INTEGER *)field = number;
        return NULL;
    }
    case KIND_FLAG:
        if (!find_word(text, flag_words, 2, &index))
            return bad_value(arena, option, text);
        *(option_FLAG *)field = index == 1;
        return NULL;
    case KIND_SYNC:
        if (!find_word(text, sync_words, 3, &index))
            return bad_value(arena, option, text);
        *(option_SYNC *)field = (enum store_sync)index;
        return NULL;
    case KIND_CLOCK:
        if (!find_word(text, clock_words, 2, &index))
            return bad_value(arena, option, text);
        *(option_CLOCK *)field = (enum clock_kind)index;
        return NULL;
    case KIND_LOG_LEVEL:
        if (!log_level_parse(text, field))
            return bad_value(arena, option, text);
        return NULL;
    }
    return bad_value(arena, option, text);
}

/* STATOR_DATA for data, STATOR_SYNC_INTERVAL_MS for sync-interval-ms. */
static void variable_name(slice name, char *to)
{
    memcpy(to, "STATOR_", 7);
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        to[7 + i] = c == '-' ? '_' : (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    }
    to[7 + name.size] = 0;
}

static error set_from_environment(struct arena *arena, struct options *options, bool *given)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char variable[64];
        variable_name(table[i].name, variable);
        const char *text = getenv(variable);
        given[i] = text != NULL;
        TRY(set(arena, options, &table[i], text ? text : table[i].standard));
    }
    return NULL;
}

static const struct option *find_option(slice name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (slice_equal(table[i].name, name))
            return &table[i];
    }
    return NULL;
}

/* --name VALUE, --name=VALUE, and --flag alone. */
static error set_from_arguments(struct arena *arena, int count, char **arguments,
                                struct options *options, bool *given)
{
    for (int i = 0; i < count; i++) {
        slice argument = slice_of_string(arguments[i]);
        const char *equals = strchr(arguments[i], '=');
        slice name = equals ? slice_first(argument, (size_t)(equals - arguments[i])) : argument;
        const struct option *option =
            slice_begins_with(name, SLICE("--")) ? find_option(slice_from(name, 2)) : NULL;
        if (!option)
            return fail(arena, ERROR_USAGE,
                        "'%.*s' is no option of stator serve; stator serve --help lists them",
                        SLICE_ARGS(name));
        const char *text = equals ? equals + 1 : NULL;
        if (!text && option->kind == KIND_FLAG)
            text = "true";
        if (!text && i + 1 < count)
            text = arguments[++i];
        if (!text)
            return fail(arena, ERROR_USAGE, "--%.*s needs a value: %s", SLICE_ARGS(option->name),
                        option->value_name);
        TRY(set(arena, options, option, text));
        given[option - table] = true;
    }
    return NULL;
}

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

error options_parse(struct arena *arena, int argument_count, char **arguments,
                    struct options *options)
{
    bool given[OPTION_COUNT];
    *options = (struct options){.port = 0};
    TRY(set_from_environment(arena, options, given));
    TRY(set_from_arguments(arena, argument_count, arguments, options, given));
    options->region_given = given[find_option(SLICE("region")) - table];
    options->account_given = given[find_option(SLICE("account")) - table];
    return check_together(arena, options);
}

/* Break the sentence where the line would pass column 78. */
static void append_wrapped(struct arena *arena, struct buffer *text, const char *sentence)
{
    enum { INDENT = 6, WIDTH = 78 };
    size_t column = INDENT;
    buffer_append(text, SLICE("      "));
    for (const char *word = sentence; *word;) {
        size_t size = strcspn(word, " ");
        if (column > INDENT && column + size > WIDTH) {
            buffer_append(text, SLICE("\n      "));
            column = INDENT;
        }
        buffer_append(text, arena_format(arena, "%.*s ", (int)size, word));
        column += size + 1;
        word += size + (word[size] == ' ');
    }
    buffer_append(text, SLICE("\n"));
}

slice options_help(struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, arena);
    buffer_append(&text, SLICE("Usage: stator serve [OPTION]...\n"
                               "Each option can also be given as the variable named beside it.\n\n"));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &table[i];
        char variable[64];
        variable_name(option->name, variable);
        buffer_append(&text, arena_format(arena, "  --%.*s%s%s  [%s]  %s\n",
                                          SLICE_ARGS(option->name), *option->value_name ? " " : "",
                                          option->value_name, option->standard, variable));
        append_wrapped(arena, &text, option->sentence);
    }
    return buffer_slice(&text);
}
