/* Options by a table: values, variables, refusals. */
#include "base/option.h"

#include "tests/test.h"
#include <stdlib.h>

enum color { RED, GREEN };

struct said {
    slice name;
    int64_t count;
    bool is_loud;
    enum color color;
};

static const char *const colors[] = {"red", "green", NULL};
static const struct option options[] = {
    {SLICE("name"), "NAME", "nobody", OPTION_TEXT, 0, 0, "Whose it is.",
     offsetof(struct said, name), NULL},
    {SLICE("count-max"), "N", "7", OPTION_INTEGER, -1, 99, "How many.",
     offsetof(struct said, count), NULL},
    {SLICE("loud"), "", "false", OPTION_FLAG, 0, 1, "Whether it is heard.",
     offsetof(struct said, is_loud), NULL},
    {SLICE("color"), "red|green", "green", OPTION_WORD, 0, 0, "Its colour.",
     offsetof(struct said, color), colors},
};
static const struct option_set tested = {.command = "stator try",
                                         .arguments = "TABLE",
                                         .argument_count = 1,
                                         .has_variables = true,
                                         .options = options,
                                         .count = 4};

enum { WORDS_MAX = 6 };

static error read_words(struct arena *arena, const char *const *words, struct said *said,
                        struct option_arguments *arguments)
{
    char *texts[WORDS_MAX];
    int count = 0;
    for (; count < WORDS_MAX && words[count]; count++)
        texts[count] = (char *)(uintptr_t)words[count]; /* they are only read */
    return options_read(arena, &tested, count, texts, said, arguments, NULL);
}

TEST(options_are_read_however_they_are_spelled)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *name;
        int64_t count;
        bool is_loud;
        enum color color;
    } cases[] = {
        {{"t"}, "nobody", 7, false, GREEN},
        {{"t", "--name", "a", "--count-max", "-1"}, "a", -1, false, GREEN},
        {{"--name=", "--count-max=99", "--loud", "t"}, "", 99, true, GREEN},
        {{"--loud=false", "t", "--color=red"}, "nobody", 7, false, RED},
        {{"--name=a=b", "t", "--name", "last"}, "last", 7, false, GREEN},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct said said;
        struct option_arguments arguments;
        CHECK_OK(read_words(&arena, cases[i].words, &said, &arguments));
        CHECK_SLICE(said.name, slice_of_string(cases[i].name));
        CHECK(said.count == cases[i].count);
        CHECK(said.is_loud == cases[i].is_loud);
        CHECK(said.color == cases[i].color);
        CHECK(arguments.count == 1);
        CHECK_SLICE(slice_of_string(arguments.arguments[0]), SLICE("t"));
    }
}

TEST(a_variable_stands_for_an_option_that_is_not_said)
{
    static const char *const words[][3] = {{"t"}, {"t", "--count-max=1"}};
    SCOPED_ARENA(arena);
    struct said said;
    struct option_arguments arguments;
    CHECK(setenv("STATOR_COUNT_MAX", "42", 1) == 0);
    CHECK_OK(read_words(&arena, words[0], &said, &arguments));
    CHECK(said.count == 42);
    CHECK_OK(read_words(&arena, words[1], &said, &arguments));
    CHECK(said.count == 1);
    CHECK(unsetenv("STATOR_COUNT_MAX") == 0);
}

TEST(a_bad_variable_is_named_and_does_not_matter_where_the_option_is_said)
{
    static const char *const words[][3] = {{"t"}, {"t", "--count-max=1"}};
    SCOPED_ARENA(arena);
    struct said said;
    struct option_arguments arguments;
    CHECK(setenv("STATOR_COUNT_MAX", "tcp://10.0.0.1:8000", 1) == 0);
    CHECK_FAILS(read_words(&arena, words[0], &said, &arguments), ERROR_USAGE,
                SLICE("STATOR_COUNT_MAX takes a whole number from -1 to 99, not "
                      "'tcp://10.0.0.1:8000'"));
    CHECK_OK(read_words(&arena, words[1], &said, &arguments));
    CHECK(said.count == 1);
    CHECK(unsetenv("STATOR_COUNT_MAX") == 0);
}

TEST(a_variable_that_is_no_option_is_found)
{
    SCOPED_ARENA(arena);
    CHECK(setenv("STATOR_COUNT_MAXIMUM", "1", 1) == 0);
    CHECK(setenv("STATOR_COUNT_MAX", "1", 1) == 0);
    CHECK(setenv("NOT_STATOR_COUNT", "1", 1) == 0);
    unsigned found = 0;
    const char *variable;
    for (size_t at = 0; (variable = option_unknown_variable(&arena, &tested, &at)); at++) {
        CHECK(strcmp(variable, "STATOR_COUNT_MAX") != 0);
        CHECK(strcmp(variable, "NOT_STATOR_COUNT") != 0);
        found += strcmp(variable, "STATOR_COUNT_MAXIMUM") == 0;
    }
    CHECK(found == 1);
    CHECK(unsetenv("STATOR_COUNT_MAXIMUM") == 0);
    CHECK(unsetenv("STATOR_COUNT_MAX") == 0);
    CHECK(unsetenv("NOT_STATOR_COUNT") == 0);
}

TEST(what_cannot_be_read_is_said)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *sentence;
    } cases[] = {
        {{"t", "--other"}, "'--other' is no option of stator try; stator try --help lists them"},
        {{"t", "--"}, "'--' is no option of stator try; stator try --help lists them"},
        {{"t", "--name"}, "--name needs a value: NAME"},
        {{"t", "--count-max=100"}, "--count-max takes a whole number from -1 to 99, not '100'"},
        {{"t", "--count-max", "1x"}, "--count-max takes a whole number from -1 to 99, not '1x'"},
        {{"t", "--count-max="}, "--count-max takes a whole number from -1 to 99, not ''"},
        {{"t", "--loud=yes"}, "--loud takes true or false, not 'yes'"},
        {{"t", "--color=blue"}, "--color takes red|green, not 'blue'"},
        {{NULL}, "say it as stator try TABLE; stator try --help says more"},
        {{"t", "u"}, "say it as stator try TABLE; stator try --help says more"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct said said;
        struct option_arguments arguments;
        CHECK_FAILS(read_words(&arena, cases[i].words, &said, &arguments), ERROR_USAGE,
                    slice_of_string(cases[i].sentence));
    }
}

TEST(help_comes_from_the_same_table)
{
    SCOPED_ARENA(arena);
    const struct option_set one = {.command = "stator try", .options = options, .count = 1};
    CHECK_SLICE(option_help(&arena, &one, "It tries.\n"),
                SLICE("Usage: stator try [OPTION]...\nIt tries.\n\n"
                      "  --name NAME  [nobody]\n      Whose it is.\n"));
    const struct option_set none = {.command = "stator try", .arguments = "TABLE"};
    CHECK_SLICE(option_help(&arena, &none, "It tries.\n"),
                SLICE("Usage: stator try TABLE\nIt tries.\n"));
}

TEST(help_is_given_wherever_it_is_asked_for)
{
    static const char *const cases[][WORDS_MAX] = {
        {"--help"},
        {"t", "--name", "a", "--help"},
        {"t", "u", "--other", "--help"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct said said;
        struct option_arguments arguments;
        CHECK_OK(read_words(&arena, cases[i], &said, &arguments));
        CHECK(arguments.asks_for_help);
    }
}
