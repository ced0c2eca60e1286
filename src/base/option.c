#include "base/option.h"

#include "base/assert.h"
#include "base/buffer.h"
#include <stdlib.h>
#include <unistd.h>

/* `called`: --port or STATOR_PORT, whichever it was. */
static error bad_value(struct arena *arena, const struct option *option, slice called,
                       const char *text)
{
    if (option->kind == OPTION_INTEGER)
        return fail(arena, ERROR_USAGE, "%.*s takes a whole number from %lld to %lld, not '%s'",
                    SLICE_ARGS(called), (long long)option->minimum, (long long)option->maximum,
                    text);
    return fail(arena, ERROR_USAGE, "%.*s takes %s, not '%s'", SLICE_ARGS(called),
                option->kind == OPTION_FLAG ? "true or false" : option->value_name, text);
}

static bool find_word(const char *text, const char *const *words, unsigned *index)
{
    for (*index = 0; words[*index]; (*index)++) {
        if (strcmp(words[*index], text) == 0)
            return true;
    }
    return false;
}

static bool read_integer(const struct option *option, const char *text, int64_t *number)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    *number = value;
    return *text != 0 && *end == 0 && value >= option->minimum && value <= option->maximum;
}

static error set(struct arena *arena, const struct option *option, slice called, const char *text,
                 void *into)
{
    static const char *const flag_words[] = {"false", "true", NULL};
    void *field = (char *)into + option->offset;
    unsigned word;
    switch (option->kind) {
    case OPTION_TEXT:
        *(slice *)field = slice_of_string(text);
        return NULL;
    case OPTION_INTEGER:
        return read_integer(option, text, field) ? NULL : bad_value(arena, option, called, text);
    case OPTION_FLAG:
        if (!find_word(text, flag_words, &word))
            return bad_value(arena, option, called, text);
        *(bool *)field = word == 1;
        return NULL;
    case OPTION_WORD:
        if (!find_word(text, option->words, &word))
            return bad_value(arena, option, called, text);
        memcpy(field, &word, sizeof word);
        return NULL;
    }
    unreachable("a kind of option");
}

/* STATOR_DATA for data, STATOR_SYNC_INTERVAL_MS for sync-interval-ms. */
static const char *variable_name(struct arena *arena, slice name)
{
    slice variable = arena_format(arena, "STATOR_%.*s%c", SLICE_ARGS(name), 0);
    char *text = arena_alloc_bytes(arena, variable.size);
    for (size_t i = 0; i < variable.size; i++) {
        char c = variable.data[i];
        text[i] = c == '-' ? '_' : (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    }
    return text;
}

/* What no word has set: from the variables, else as the table says. */
static error set_unsaid(struct arena *arena, const struct option_set *set_of, void *into,
                        enum option_origin *origins)
{
    for (size_t i = 0; i < set_of->count; i++) {
        const struct option *option = &set_of->options[i];
        if (origins[i] == OPTION_SAID)
            continue;
        const char *variable = variable_name(arena, option->name);
        const char *text = set_of->has_variables ? getenv(variable) : NULL;
        origins[i] = text ? OPTION_VARIABLE : OPTION_STANDARD;
        if (text || option->standard)
            TRY(set(arena, option, slice_of_string(variable), text ? text : option->standard,
                    into));
    }
    return NULL;
}

const char *option_unknown_variable(struct arena *arena, const struct option_set *set_of,
                                    size_t *at)
{
    for (; environ[*at]; ++*at) {
        slice name = slice_first(slice_of_string(environ[*at]), strcspn(environ[*at], "="));
        bool is_known = !slice_begins_with(name, SLICE("STATOR_"));
        for (size_t i = 0; !is_known && i < set_of->count; i++) {
            const char *variable = variable_name(arena, set_of->options[i].name);
            is_known = slice_equal(name, slice_of_string(variable));
        }
        if (!is_known)
            return arena_format(arena, "%.*s%c", SLICE_ARGS(name), 0).data;
    }
    return NULL;
}

static const struct option *find_option(const struct option_set *set_of, slice name)
{
    for (size_t i = 0; i < set_of->count; i++) {
        if (slice_equal(set_of->options[i].name, name))
            return &set_of->options[i];
    }
    return NULL;
}

/* The option that texts[*at] is, and its value; *at moves on when that is a text of its own. */
static error set_said(struct arena *arena, const struct option_set *set_of, int text_count,
                      char **texts, int *at, void *into, enum option_origin *origins)
{
    slice said = slice_of_string(texts[*at]);
    const char *equals = strchr(texts[*at], '=');
    slice name = equals ? slice_first(said, (size_t)(equals - texts[*at])) : said;
    const struct option *option = find_option(set_of, slice_from(name, 2));
    if (!option)
        return fail(arena, ERROR_USAGE, "'%.*s' is no option of %s; %s --help lists them",
                    SLICE_ARGS(name), set_of->command, set_of->command);
    const char *text = equals ? equals + 1 : NULL;
    if (!text && option->kind == OPTION_FLAG)
        text = "true";
    if (!text && *at + 1 < text_count)
        text = texts[++*at];
    if (!text)
        return fail(arena, ERROR_USAGE, "--%.*s needs a value: %s", SLICE_ARGS(option->name),
                    option->value_name);
    origins[option - set_of->options] = OPTION_SAID;
    slice called = arena_format(arena, "--%.*s", SLICE_ARGS(option->name));
    return set(arena, option, called, text, into);
}

static error check_complete(struct arena *arena, const struct option_set *set_of,
                            const struct option_arguments *arguments,
                            const enum option_origin *origins)
{
    if (arguments->count != set_of->argument_count)
        return set_of->argument_count == 0
                   ? fail(arena, ERROR_USAGE, "'%s' is no option of %s; %s --help lists them",
                          arguments->arguments[0], set_of->command, set_of->command)
                   : fail(arena, ERROR_USAGE, "say it as %s %s; %s --help says more",
                          set_of->command, set_of->arguments, set_of->command);
    for (size_t i = 0; i < set_of->count; i++) {
        if (origins[i] == OPTION_STANDARD && !set_of->options[i].standard)
            return fail(arena, ERROR_USAGE, "%s needs --%.*s %s", set_of->command,
                        SLICE_ARGS(set_of->options[i].name), set_of->options[i].value_name);
    }
    return NULL;
}

error options_read(struct arena *arena, const struct option_set *set_of, int text_count,
                   char **texts, void *into, struct option_arguments *arguments,
                   enum option_origin *origins)
{
    assert_that(set_of->argument_count <= OPTION_ARGUMENTS_MAX);
    *arguments = (struct option_arguments){.count = 0};
    for (int i = 0; i < text_count; i++)
        arguments->asks_for_help = arguments->asks_for_help || strcmp(texts[i], "--help") == 0;
    if (arguments->asks_for_help)
        return NULL;
    if (!origins)
        origins = arena_new_array(arena, enum option_origin, set_of->count);
    memset(origins, 0, set_of->count * sizeof *origins);
    for (int i = 0; i < text_count; i++) {
        if (slice_begins_with(slice_of_string(texts[i]), SLICE("--")))
            TRY(set_said(arena, set_of, text_count, texts, &i, into, origins));
        else if (arguments->count < OPTION_ARGUMENTS_MAX)
            arguments->arguments[arguments->count++] = texts[i];
    }
    TRY(set_unsaid(arena, set_of, into, origins));
    return check_complete(arena, set_of, arguments, origins);
}

/* ---- help ---- */

/* Break the sentence where the line would pass column 78. */
static void append_wrapped(struct arena *arena, struct buffer *text, const char *sentence)
{
    enum { INDENT = 6, WIDTH = 78 };
    size_t column = INDENT;
    const char *before = "      ";
    for (const char *word = sentence; *word;) {
        size_t size = strcspn(word, " ");
        if (column > INDENT && column + size > WIDTH) {
            before = "\n      ";
            column = INDENT;
        }
        buffer_append(text, arena_format(arena, "%s%.*s", before, (int)size, word));
        before = " ";
        column += size + 1;
        word += size + (word[size] == ' ');
    }
    buffer_append(text, SLICE("\n"));
}

static void append_option(struct arena *arena, struct buffer *text, const struct option *option,
                          bool has_variable)
{
    buffer_append(text, arena_format(arena, "  --%.*s%s%s", SLICE_ARGS(option->name),
                                     *option->value_name ? " " : "", option->value_name));
    if (option->standard)
        buffer_append(text, arena_format(arena, "  [%s]", option->standard));
    if (has_variable)
        buffer_append(text, arena_format(arena, "  %s", variable_name(arena, option->name)));
    buffer_append(text, SLICE("\n"));
    append_wrapped(arena, text, option->sentence);
}

slice option_help(struct arena *arena, const struct option_set *set_of, const char *about)
{
    struct buffer text;
    buffer_init(&text, arena);
    buffer_append(&text, arena_format(arena, "Usage: %s%s%s%s\n%s%s", set_of->command,
                                      set_of->arguments ? " " : "",
                                      set_of->arguments ? set_of->arguments : "",
                                      set_of->count > 0 ? " [OPTION]..." : "", about,
                                      set_of->count > 0 ? "\n" : ""));
    for (size_t i = 0; i < set_of->count; i++)
        append_option(arena, &text, &set_of->options[i], set_of->has_variables);
    return buffer_slice(&text);
}
