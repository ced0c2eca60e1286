/* Where the data goes: what is said, what a variable says, and which of them holds. */
#include "server/options.h"
#include "tests/test.h"
#include <stdlib.h>

enum { WORDS_MAX = 3 };

static error parse(struct arena *arena, const char *const *words, struct options *options)
{
    char *texts[WORDS_MAX];
    int count = 0;
    while (count < WORDS_MAX && words[count]) {
        texts[count] = (char *)arena_format(arena, "%s%c", words[count], 0).data;
        count++;
    }
    return options_parse(arena, count, texts, options);
}

static void set_variable(const char *name, const char *value)
{
    CHECK((value ? setenv(name, value, 1) : unsetenv(name)) == 0);
}

TEST(what_is_said_of_the_place_of_data_outweighs_the_variable_of_the_other)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *data_variable;
        const char *memory_variable;
        const char *data; /* NULL: it is refused */
        bool in_memory;
    } cases[] = {
        {{"--in-memory"}, NULL, NULL, "", true},
        {{"--in-memory"}, "/data", NULL, "", true},
        {{NULL}, "/data", NULL, "/data", false},
        {{"--data=/said"}, "/data", NULL, "/said", false},
        {{"--data=/said"}, NULL, "true", "/said", false},
        {{NULL}, NULL, "true", "", true},
        {{"--in-memory=false"}, "/data", "true", "/data", false},
        {{"--data="}, "/data", "true", "", true},
        {{"--data=/said", "--in-memory"}, NULL, NULL, NULL, false},
        {{NULL}, "/data", "true", NULL, false},
        {{NULL}, NULL, NULL, NULL, false},
        {{"--data="}, "/data", NULL, NULL, false},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_variable("STATOR_DATA", cases[i].data_variable);
        set_variable("STATOR_IN_MEMORY", cases[i].memory_variable);
        struct options options;
        error failed = parse(&arena, cases[i].words, &options);
        CHECK((failed == NULL) == (cases[i].data != NULL));
        if (failed) {
            CHECK_KIND(failed, ERROR_USAGE);
            continue;
        }
        CHECK_SLICE(options.data, slice_of_string(cases[i].data));
        CHECK(options.in_memory == cases[i].in_memory);
    }
    set_variable("STATOR_DATA", NULL);
    set_variable("STATOR_IN_MEMORY", NULL);
}
