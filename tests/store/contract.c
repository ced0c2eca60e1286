#include "tests/store/contract.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/task.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The rooms of the build decide which engines there are. */
error store_open_rocks(struct arena *arena, const struct store_options *options,
                       struct store **store) __attribute__((weak));

static error open_rocks(struct arena *arena, const struct store_options *options,
                        struct store **store)
{
    return store_open_rocks(arena, options, store);
}

const struct contract_engine contract_memory = {"memory", false, store_open_memory};
const struct contract_engine contract_rocks = {"rocks", true, open_rocks};

bool contract_has(const struct contract_engine *engine)
{
    return engine != &contract_rocks || store_open_rocks;
}

/* ---- a store for one test ---- */

static void remove_directory(const char *directory)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", directory, (char *)NULL);
        _exit(1);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void open_store(struct contract *test)
{
    arena_init(&test->arena, NULL);
    error failed = test->engine->open(&test->arena, &test->options, &test->store);
    CHECK_OK(failed);
    assert_that(!failed);
}

static void close_store(struct contract *test)
{
    CHECK_OK(store_verify(test->store, &test->arena));
    arena_fini(&test->arena); /* before the store: it may pin rows */
    store_close(test->store);
}

void contract_run(const struct contract_engine *engine, void (*run)(struct contract *test))
{
    struct contract test = {.engine = engine, .budget = {.max_bytes = 256 * 1024 * 1024}};
    snprintf(test.directory, sizeof test.directory, "%s", "/tmp/stator-contract-XXXXXX");
    assert_that(mkdtemp(test.directory));
    clock_init(&test.clock, true);
    clock_set_ms(&test.clock, 1000000);
    test.options = (struct store_options){
        .directory = slice_of_string(test.directory),
        .clock = &test.clock,
        .queue_budget = &test.budget,
        .sync = STORE_SYNC_ALWAYS,
        .cache_bytes = 8 * 1024 * 1024,
        .disk_reserve_bytes = 1024 * 1024,
    };
    open_store(&test);
    run(&test);
    close_store(&test);
    CHECK(atomic_load(&test.budget.used_bytes) == 0);
    remove_directory(test.directory);
}

void contract_reopen(struct contract *test)
{
    assert_that(test->engine->persistent);
    close_store(test);
    open_store(test);
}

/* ---- holding the queue ---- */

struct hold {
    struct store_sink sink;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool held;     /* guarded by mutex */
    bool released; /* guarded by mutex */
    bool over;     /* guarded by mutex */
    struct store_change_set change_set;
};

static void stand_still(struct store_sink *sink, struct store_change_set *first)
{
    (void)first;
    struct hold *hold = OBJECT_OF(sink, struct hold, sink);
    pthread_mutex_lock(&hold->mutex);
    hold->held = true;
    pthread_cond_broadcast(&hold->changed);
    while (!hold->released)
        pthread_cond_wait(&hold->changed, &hold->mutex);
    hold->over = true;
    pthread_cond_broadcast(&hold->changed);
    pthread_mutex_unlock(&hold->mutex);
}

static void wait_until(struct hold *hold, const bool *claim)
{
    pthread_mutex_lock(&hold->mutex);
    while (!*claim)
        pthread_cond_wait(&hold->changed, &hold->mutex);
    pthread_mutex_unlock(&hold->mutex);
}

void contract_hold(struct contract *test)
{
    assert_that(!test->hold);
    struct hold *hold = arena_new(&test->arena, struct hold);
    hold->sink.deliver = stand_still;
    pthread_mutex_init(&hold->mutex, NULL);
    pthread_cond_init(&hold->changed, NULL);
    hold->change_set.sink = &hold->sink;
    CHECK(store_submit(test->store, &hold->change_set) == STORE_OK);
    wait_until(hold, &hold->held);
    test->hold = hold;
}

void contract_release(struct contract *test)
{
    struct hold *hold = test->hold;
    pthread_mutex_lock(&hold->mutex);
    hold->released = true;
    pthread_cond_broadcast(&hold->changed);
    pthread_mutex_unlock(&hold->mutex);
    wait_until(hold, &hold->over);
    test->hold = NULL;
}

/* ---- writes ---- */

static struct store_write write_of(enum store_write_kind kind, enum store_area area, slice key,
                                   slice value, int64_t addend)
{
    return (struct store_write){kind, area, key, value, addend, STORE_NO_STAMP, STORE_NO_STAMP};
}

struct store_write put(slice key, slice value)
{
    return write_of(STORE_PUT, STORE_ROWS, key, value, 0);
}

struct store_write put_log(slice key, slice value)
{
    return write_of(STORE_PUT, STORE_LOG, key, value, 0);
}

struct store_write delete_row(slice key)
{
    return write_of(STORE_DELETE, STORE_ROWS, key, SLICE_NONE, 0);
}

struct store_write add(slice key, int64_t addend)
{
    return write_of(STORE_ADD, STORE_ROWS, key, SLICE_NONE, addend);
}

enum store_answer commit(struct contract *test, struct store_write *writes, uint32_t write_count)
{
    struct store_change_set change_set = {.writes = writes, .write_count = write_count};
    return store_submit_and_wait(test->store, &change_set);
}

enum store_answer commit_if(struct contract *test, struct store_guard guard,
                            struct store_write write)
{
    struct store_change_set change_set = {
        .guards = &guard, .guard_count = 1, .writes = &write, .write_count = 1};
    return store_submit_and_wait(test->store, &change_set);
}

slice get(struct contract *test, slice key)
{
    struct store_row row = {0};
    CHECK(store_get(test->store, STORE_SHARD_WHOLE, &test->arena, &key, 1, STORE_ANY, &row) ==
          STORE_OK);
    CHECK(row.found == (row.value.size > 0));
    return row.found ? row.value : SLICE_NONE;
}

int64_t get_total(struct contract *test, slice key)
{
    slice value = get(test, key);
    CHECK(value.size == 0 || value.size == 8);
    return value.size == 8 ? (int64_t)bytes_get_u64(value.data) : 0;
}

struct store_page scan_all(struct contract *test, enum store_area area, slice from, slice to)
{
    struct store_scan scan = {.area = area,
                              .from = from,
                              .to = to,
                              .tier = STORE_ANY,
                              .row_count_max = 1000000,
                              .bytes_max = SIZE_MAX};
    struct store_page page = {0};
    CHECK(store_scan(test->store, &test->arena, &scan, &page) == STORE_OK);
    CHECK(!page.more);
    return page;
}

/* ---- change sets in flight ---- */

static void collect(struct store_sink *sink, struct store_change_set *first)
{
    struct collector *collector = OBJECT_OF(sink, struct collector, sink);
    pthread_mutex_lock(&collector->mutex);
    collector->call_count++;
    for (; first; first = first->next) {
        collector->count++;
        collector->last = first;
    }
    pthread_cond_broadcast(&collector->delivered);
    pthread_mutex_unlock(&collector->mutex);
}

void collector_init(struct collector *collector)
{
    *collector = (struct collector){.sink = {.deliver = collect}};
    pthread_mutex_init(&collector->mutex, NULL);
    pthread_cond_init(&collector->delivered, NULL);
}

void collector_wait(struct collector *collector, uint32_t count)
{
    pthread_mutex_lock(&collector->mutex);
    while (collector->count < count)
        pthread_cond_wait(&collector->delivered, &collector->mutex);
    pthread_mutex_unlock(&collector->mutex);
}

static void release_pending(void *pending)
{
    store_pending_release(pending);
}

struct store_change_set *change_set_make(struct arena *arena, struct collector *collector,
                                         const struct store_write *writes, uint32_t write_count)
{
    struct store_change_set *change_set = arena_new(arena, struct store_change_set);
    change_set->writes = arena_new_array(arena, struct store_write, write_count);
    if (write_count > 0)
        memcpy(change_set->writes, writes, write_count * sizeof *writes);
    change_set->write_count = write_count;
    change_set->sink = &collector->sink;
    change_set->pending = store_pending_new();
    arena_defer(arena, release_pending, change_set->pending);
    return change_set;
}

void depend_on(struct arena *arena, struct store_change_set *change_set,
               const struct store_change_set *earlier)
{
    struct store_pending **dependencies =
        arena_new_array(arena, struct store_pending *, change_set->dependency_count + 1);
    for (uint32_t i = 0; i < change_set->dependency_count; i++)
        dependencies[i] = change_set->dependencies[i];
    dependencies[change_set->dependency_count++] = earlier->pending;
    store_pending_retain(earlier->pending);
    arena_defer(arena, release_pending, earlier->pending);
    change_set->dependencies = dependencies;
}

enum store_pending_state state_of(const struct store_change_set *change_set)
{
    return (enum store_pending_state)atomic_load(&change_set->pending->state);
}

slice number_text(struct arena *arena, const char *prefix, uint64_t number)
{
    return arena_format(arena, "%s%06llu", prefix, (unsigned long long)number);
}
