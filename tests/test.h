/* The whole test framework. TEST registers itself; CHECK records and goes on. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

void test_add(const char *file, const char *name, void (*run)(void));
void test_check(bool holds, const char *text, const char *file, int line);
void test_check_slice(slice got, slice wanted, const char *text, const char *file, int line);
/* The seed of this run: printed, and set with --seed N to repeat a failure. */
uint64_t test_seed(void);

#define TEST(name)                                                                                 \
    static void name(void);                                                                        \
    __attribute__((constructor)) static void add_##name(void)                                      \
    {                                                                                              \
        test_add(__FILE__, #name, name);                                                           \
    }                                                                                              \
    static void name(void)

#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_SLICE(got, wanted) test_check_slice((got), (wanted), #got, __FILE__, __LINE__)
#define CHECK_OK(call)                                                                             \
    do {                                                                                           \
        error check_error = (call);                                                                \
        test_check_slice(check_error ? check_error->message : SLICE_NONE, SLICE_NONE, #call,       \
                         __FILE__, __LINE__);                                                      \
        test_check(check_error == NULL, #call, __FILE__, __LINE__);                                \
    } while (0)
#define CHECK_KIND(call, wanted_kind)                                                              \
    do {                                                                                           \
        error check_error = (call);                                                                \
        test_check(check_error && check_error->kind == (wanted_kind), #call " is " #wanted_kind,   \
                   __FILE__, __LINE__);                                                            \
    } while (0)
#define CHECK_FAILS(call, wanted_kind, wanted_message)                                             \
    do {                                                                                           \
        error check_error = (call);                                                                \
        test_check(check_error && check_error->kind == (wanted_kind), #call " fails", __FILE__,    \
                   __LINE__);                                                                      \
        test_check_slice(check_error ? check_error->message : SLICE_NONE, wanted_message, #call,   \
                         __FILE__, __LINE__);                                                      \
    } while (0)
