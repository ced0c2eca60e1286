/*
 * The memory engine: the readable reference, `--in-memory`, and where tests inject faults.
 *
 * Each group makes a new root from the current one and publishes it; a reader holds the root it
 * reads, tied to its arena, so rows are never copied.
 */
#include "base/assert.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "store/engine.h"
#include "store/memory/faults.h"
#include "store/memory/roots.h"
#include <pthread.h>
#include <stdlib.h>

struct memory_store {
    struct store store;
    struct store_options options;
    struct roots roots; /* published under `writing` */

    /* Guarded by `writing`: the queue's thread and drop_piece publish. */
    pthread_mutex_t writing;
    bool keeps_history;
    struct root **history; /* every root since it is kept, oldest first */
    uint32_t history_count;
    uint32_t history_capacity;

    /* Guarded by `setting`. */
    pthread_mutex_t setting;
    pthread_cond_t set;
    struct memory_faults faults;
};

static const struct store_engine memory_engine;

static struct memory_store *memory_of(struct store *store)
{
    assert_that(store->engine == &memory_engine);
    return (struct memory_store *)store;
}

/* ---- reading ---- */

/* A root, and that is all a view needs. */
struct memory_view {
    struct store_view view;
    struct root *root;
};

static struct root *root_of(const struct store_view *view)
{
    return ((const struct memory_view *)(const void *)view)->root;
}

/* The root to read, the newest without a view, held until the arena ends. */
static const struct root *pin_root(struct store *store, const struct store_view *view,
                                   struct arena *arena)
{
    struct root *root =
        view ? root_retain(root_of(view)) : roots_acquire(&memory_of(store)->roots);
    arena_defer(arena, root_release, root);
    return root;
}

static void get_from(const struct root *root, const slice *keys, uint32_t key_count,
                     struct store_row *rows)
{
    for (uint32_t i = 0; i < key_count; i++) {
        slice value = tree_get(root->trees[STORE_ROWS], keys[i]);
        rows[i] = (struct store_row){.found = value.size > 0, .value = value};
    }
}

static enum store_answer get(struct store *store, struct store_shard shard, struct arena *arena,
                             const slice *keys, uint32_t key_count, enum store_tier tier,
                             struct store_row *rows)
{
    (void)shard;
    (void)tier;
    get_from(pin_root(store, NULL, arena), keys, key_count, rows);
    return STORE_OK;
}

/* The next row in the range; false when it was read to its end. */
static bool next_entry(struct tree_cursor *cursor, const struct store_scan *scan,
                       struct store_entry *entry)
{
    if (scan->backward)
        return tree_previous(cursor, &entry->key, &entry->value) &&
               slice_compare(entry->key, scan->from) >= 0;
    return tree_next(cursor, &entry->key, &entry->value) && slice_compare(entry->key, scan->to) < 0;
}

static struct store_entry *grow_entries(struct arena *arena, const struct store_entry *entries,
                                        uint32_t count)
{
    struct store_entry *grown = arena_new_array(arena, struct store_entry, (size_t)count * 2);
    memcpy(grown, entries, count * sizeof *grown);
    return grown;
}

static enum store_answer scan(struct store *store, struct arena *arena,
                              const struct store_scan *scan, struct store_page *page)
{
    *page = (struct store_page){0};
    if (slice_compare(scan->from, scan->to) >= 0)
        return STORE_OK;
    struct tree_cursor cursor;
    tree_seek(pin_root(store, scan->view, arena)->trees[scan->area],
              scan->backward ? scan->to : scan->from, &cursor);
    uint32_t capacity = scan->row_count_max < 16 ? scan->row_count_max : 16;
    struct store_entry *entries = arena_new_array(arena, struct store_entry, capacity);
    size_t bytes = 0;
    struct store_entry entry;
    while (next_entry(&cursor, scan, &entry)) {
        if (page->count > 0 && (page->count == scan->row_count_max || bytes >= scan->bytes_max)) {
            page->more = true;
            break;
        }
        if (page->count == capacity) {
            entries = grow_entries(arena, entries, capacity);
            capacity *= 2;
        }
        entries[page->count++] = entry;
        bytes += entry.key.size + entry.value.size;
    }
    page->entries = entries;
    return STORE_OK;
}

/* ---- views ---- */

static struct store_view *view_open(struct store *store)
{
    struct memory_view *view = memory_alloc_zeroed(sizeof *view);
    view->root = roots_acquire(&memory_of(store)->roots);
    return &view->view;
}

static void view_close(struct store_view *view)
{
    root_release(root_of(view));
    free(view);
}

static enum store_answer view_get(const struct store_view *view, struct store_shard shard,
                                  struct arena *arena, const slice *keys, uint32_t key_count,
                                  enum store_tier tier, struct store_row *rows)
{
    (void)shard;
    (void)tier;
    get_from(pin_root(view->store, view, arena), keys, key_count, rows);
    return STORE_OK;
}

/* ---- writing ---- */

static void keep_in_history_locked(struct memory_store *memory, struct root *root)
{
    if (memory->history_count == memory->history_capacity) {
        memory->history_capacity = memory->history_capacity ? memory->history_capacity * 2 : 64;
        memory->history =
            memory_realloc(memory->history, memory->history_capacity * sizeof(struct root *));
    }
    memory->history[memory->history_count++] = root_retain(root);
}

/* The writers alone change `current`, so under `writing` it can be read without a reader's care. */
static struct root *begin_change_locked(struct memory_store *memory)
{
    return root_copy(memory->roots.slots[atomic_load(&memory->roots.current)].root);
}

static void publish_locked(struct memory_store *memory, struct root *root)
{
    if (memory->keeps_history)
        keep_in_history_locked(memory, root);
    roots_publish(&memory->roots, root);
}

/* Counts down to a fault; true for the one it falls on. */
static bool falls_now(struct memory_store *memory, uint64_t *countdown)
{
    pthread_mutex_lock(&memory->setting);
    bool falls = *countdown > 0 && --*countdown == 0;
    pthread_mutex_unlock(&memory->setting);
    return falls;
}

static bool is_full(struct memory_store *memory)
{
    pthread_mutex_lock(&memory->setting);
    bool full = memory->faults.is_full;
    pthread_mutex_unlock(&memory->setting);
    return full;
}

static enum store_answer write_group(struct store *store, const struct store_final_write *writes,
                                     uint32_t write_count)
{
    struct memory_store *memory = memory_of(store);
    if (write_count == 0)
        return STORE_OK; /* there is no disk to sync */
    if (is_full(memory) || falls_now(memory, &memory->faults.unavailable_at_group))
        return STORE_UNAVAILABLE;
    pthread_mutex_lock(&memory->writing);
    struct root *root = begin_change_locked(memory);
    for (uint32_t i = 0; i < write_count; i++) {
        if (writes[i].value.size == 0)
            tree_delete(&root->trees[writes[i].area], writes[i].key);
        else
            tree_put(&root->trees[writes[i].area], writes[i].key, writes[i].value);
    }
    publish_locked(memory, root);
    pthread_mutex_unlock(&memory->writing);
    return STORE_OK;
}

static enum store_answer drop_piece(struct store *store, struct arena *arena,
                                    const struct store_drop *drop, slice *end)
{
    struct memory_store *memory = memory_of(store);
    slice at = drop->at.size > 0 ? drop->at : drop->from;
    pthread_mutex_lock(&memory->writing);
    struct root *root = begin_change_locked(memory);
    for (uint32_t count = 0;; count++) {
        struct tree_cursor cursor;
        slice key;
        slice value;
        tree_seek(root->trees[drop->area], at, &cursor);
        if (!tree_next(&cursor, &key, &value) || slice_compare(key, drop->to) >= 0)
            break;
        if (count == drop->row_count_max) {
            *end = arena_copy(arena, key);
            break;
        }
        SCOPED_ARENA(scratch); /* the key goes with its row */
        tree_delete(&root->trees[drop->area], arena_copy(&scratch, key));
    }
    publish_locked(memory, root);
    pthread_mutex_unlock(&memory->writing);
    return STORE_OK;
}

/* ---- faults ---- */

static void before_group(struct store *store)
{
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->setting);
    while (memory->faults.hold_groups)
        pthread_cond_wait(&memory->set, &memory->setting);
    pthread_mutex_unlock(&memory->setting);
}

static bool drops(struct store *store, const struct store_change_set *change_set)
{
    (void)change_set;
    struct memory_store *memory = memory_of(store);
    return falls_now(memory, &memory->faults.conflict_at_submit);
}

void memory_store_set_faults(struct store *store, const struct memory_faults *faults)
{
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->setting);
    memory->faults = *faults;
    pthread_cond_broadcast(&memory->set);
    pthread_mutex_unlock(&memory->setting);
}

void memory_store_keep_history(struct store *store)
{
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->writing);
    if (!memory->keeps_history) {
        memory->keeps_history = true;
        struct root *root = roots_acquire(&memory->roots);
        keep_in_history_locked(memory, root);
        root_release(root);
    }
    pthread_mutex_unlock(&memory->writing);
}

static uint64_t commit_number_of(const struct root *root)
{
    slice value = tree_get(root->trees[STORE_ROWS], STORE_COMMIT_KEY);
    return value.size == 0 ? 0 : bytes_get_u64(value.data);
}

static error open_with(struct arena *arena, const struct store_options *options, struct root *root,
                       struct store **store);

error memory_store_crash_copy(struct arena *arena, struct store *store, uint64_t commit_number,
                              struct store **copy)
{
    struct memory_store *memory = memory_of(store);
    pthread_mutex_lock(&memory->writing);
    assert_that(memory->keeps_history);
    uint32_t i = memory->history_count;
    while (i > 0 && commit_number_of(memory->history[i - 1]) > commit_number)
        i--;
    assert_that(i > 0); /* history begins after that commit */
    struct root *kept = root_retain(memory->history[i - 1]);
    pthread_mutex_unlock(&memory->writing);
    return open_with(arena, &memory->options, kept, copy);
}

/* ---- the store itself ---- */

static bool is_writable(const struct store *store)
{
    /* Asking takes a lock and changes nothing. */
    return !is_full(memory_of((struct store *)(uintptr_t)store));
}

static slice problem(struct store *store, struct arena *arena)
{
    (void)store;
    (void)arena;
    return SLICE_NONE;
}

static error verify(struct store *store, struct arena *arena)
{
    static const char *const names[STORE_AREA_COUNT] = {"rows", "log"};
    const struct root *root = pin_root(store, NULL, arena);
    for (uint32_t area = 0; area < STORE_AREA_COUNT; area++) {
        if (!tree_verify(root->trees[area]))
            return fail(arena, ERROR_CORRUPT, "The tree of the area %s is damaged", names[area]);
    }
    return NULL;
}

static void close(struct store *store)
{
    struct memory_store *memory = memory_of(store);
    for (uint32_t i = 0; i < memory->history_count; i++)
        root_release(memory->history[i]);
    free(memory->history);
    roots_fini(&memory->roots);
    pthread_cond_destroy(&memory->set);
    pthread_mutex_destroy(&memory->setting);
    pthread_mutex_destroy(&memory->writing);
    free(memory);
}

static const struct store_engine memory_engine = {
    .name = "memory",
    .caps = {.batch_spans_shards = true, .snapshots = true, .exclusive = true},
    .get = get,
    .scan = scan,
    .view_open = view_open,
    .view_close = view_close,
    .view_get = view_get,
    .write_group = write_group,
    .drop_piece = drop_piece,
    .is_writable = is_writable,
    .problem = problem,
    .verify = verify,
    .close = close,
    .before_group = before_group,
    .drops = drops,
};

/* Takes over the reference to `root`. */
static error open_with(struct arena *arena, const struct store_options *options, struct root *root,
                       struct store **store)
{
    struct memory_store *memory = memory_alloc_zeroed(sizeof *memory);
    memory->store.engine = &memory_engine;
    memory->options = *options;
    roots_init(&memory->roots, root);
    pthread_mutex_init(&memory->writing, NULL);
    pthread_mutex_init(&memory->setting, NULL);
    pthread_cond_init(&memory->set, NULL);
    error failed = commit_queue_open(arena, &memory->store, options, &memory->store.queue);
    if (failed) {
        close(&memory->store);
        return failed;
    }
    *store = &memory->store;
    return NULL;
}

error store_open_memory(struct arena *arena, const struct store_options *options,
                        struct store **store)
{
    return open_with(arena, options, root_new(), store);
}
