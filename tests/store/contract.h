/*
 * The engine contract: one suite, run once for each engine that was built; each must pass it
 * unchanged. CONTRACT_TEST(claim) registers "claim" for every engine; `test` is a fresh store.
 *
 * Groups are made certain with contract_hold: the queue's thread stands still in a delivery, so
 * that everything submitted meanwhile goes into one group.
 */
#pragma once
#include "base/budget.h"
#include "base/clock.h"
#include "store/store.h"
#include "tests/test.h"
#include <pthread.h>

struct contract_engine {
    const char *name;
    bool persistent; /* what was closed can be opened again */
    error (*open)(struct arena *arena, const struct store_options *options, struct store **store);
};
extern const struct contract_engine contract_memory;
extern const struct contract_engine contract_rocks;
/* Whether the engine is part of this build. */
bool contract_has(const struct contract_engine *engine);

struct contract {
    const struct contract_engine *engine;
    struct store *store;
    struct arena arena; /* of the test: what is read lives here until the store is closed */
    struct clock clock; /* manual */
    struct budget budget;
    struct store_options options;
    struct hold *hold;
    char directory[64];
};

void contract_run(const struct contract_engine *engine, void (*run)(struct contract *test));

#define CONTRACT_TEST(claim)                                                                       \
    static void claim(struct contract *test);                                                      \
    static void claim##_memory(void)                                                               \
    {                                                                                              \
        contract_run(&contract_memory, claim);                                                     \
    }                                                                                              \
    static void claim##_rocks(void)                                                                \
    {                                                                                              \
        contract_run(&contract_rocks, claim);                                                      \
    }                                                                                              \
    __attribute__((constructor)) static void add_##claim(void)                                     \
    {                                                                                              \
        test_add(__FILE__, #claim " on memory", claim##_memory);                                   \
        if (contract_has(&contract_rocks))                                                         \
            test_add(__FILE__, #claim " on rocks", claim##_rocks);                                 \
    }                                                                                              \
    static void claim(struct contract *test)

/* Close and open again, in place. Persistent engines only. */
void contract_reopen(struct contract *test);

/* From hold to release the queue takes nothing. */
void contract_hold(struct contract *test);
void contract_release(struct contract *test);

/* ---- writes ---- */

struct store_write put(slice key, slice value);
struct store_write put_log(slice key, slice value);
struct store_write delete_row(slice key);
struct store_write add(slice key, int64_t addend);

/* Submit one change set and wait for it. */
enum store_answer commit(struct contract *test, struct store_write *writes, uint32_t write_count);
enum store_answer commit_if(struct contract *test, struct store_guard guard,
                            struct store_write write);
#define COMMIT(test, ...)                                                                          \
    CHECK(commit((test), (struct store_write[]){__VA_ARGS__},                                      \
                 sizeof((struct store_write[]){__VA_ARGS__}) / sizeof(struct store_write)) ==      \
          STORE_OK)

/* The row as it stands; empty: absent. */
slice get(struct contract *test, slice key);
int64_t get_total(struct contract *test, slice key);
struct store_page scan_all(struct contract *test, enum store_area area, slice from, slice to);

/* ---- change sets in flight ---- */

/* A sink that keeps what it was told, in order. */
struct collector {
    struct store_sink sink;
    pthread_mutex_t mutex;
    pthread_cond_t delivered;
    /* Guarded by mutex. */
    uint32_t count;
    uint32_t call_count;
    struct store_change_set *last;
};
void collector_init(struct collector *collector);
void collector_wait(struct collector *collector, uint32_t count);

/* A change set in the arena, with a pending of its own that the arena releases. */
struct store_change_set *change_set_make(struct arena *arena, struct collector *collector,
                                         const struct store_write *writes, uint32_t write_count);
void depend_on(struct arena *arena, struct store_change_set *change_set,
               const struct store_change_set *earlier);
enum store_pending_state state_of(const struct store_change_set *change_set);

slice number_text(struct arena *arena, const char *prefix, uint64_t number); /* sorts by number */
