#include "tests/test.h"

#include "base/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test {
    struct test *next;
    const char *file;
    const char *name;
    void (*run)(void);
};

static struct test *tests;
static struct test **tests_end = &tests;
static unsigned failed_checks;
static uint64_t seed;

void test_add(const char *file, const char *name, void (*run)(void))
{
    struct test *test = malloc(sizeof *test);
    if (!test)
        abort();
    *test = (struct test){NULL, file, name, run};
    *tests_end = test;
    tests_end = &test->next;
}

void test_check(bool holds, const char *text, const char *file, int line)
{
    if (holds)
        return;
    failed_checks++;
    if (failed_checks <= 20)
        printf("    %s:%d: not true: %s\n", file, line, text);
}

void test_check_slice(slice got, slice wanted, const char *text, const char *file, int line)
{
    if (slice_equal(got, wanted))
        return;
    failed_checks++;
    if (failed_checks <= 20)
        printf("    %s:%d: %s\n      got    «%.*s»\n      wanted «%.*s»\n", file, line, text,
               SLICE_ARGS(got), SLICE_ARGS(wanted));
}

uint64_t test_seed(void)
{
    return seed;
}

/* Usage: PROGRAM [--seed N] [WORD], where only tests whose file or name has WORD are run. */
int main(int argument_count, char **arguments)
{
    seed = random_seed();
    const char *word = "";
    for (int i = 1; i < argument_count; i++) {
        if (strcmp(arguments[i], "--seed") == 0 && i + 1 < argument_count)
            seed = strtoull(arguments[++i], NULL, 0);
        else
            word = arguments[i];
    }
    unsigned passed = 0;
    unsigned failed = 0;
    while (tests) {
        struct test *test = tests;
        tests = test->next;
        if (strstr(test->file, word) || strstr(test->name, word)) {
            failed_checks = 0;
            test->run();
            if (failed_checks == 0) {
                passed++;
            } else {
                failed++;
                printf("  FAILED %s (%s), seed %llu\n", test->name, test->file,
                       (unsigned long long)seed);
            }
        }
        free(test);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
