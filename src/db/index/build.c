#include "db/index/build.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "db/db_private.h"
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* A page that was submitted and not settled. */
struct page {
    slice cursor; /* where it ends; of its submitter */
    struct store_pending *pending;
};

struct progress {
    struct progress *next;
    uint32_t number;
    slice table_name; /* memory of its own */
    slice cursor;     /* likewise; durable */
    bool is_settled;
    struct page pages[BUILD_PAGES_MAX]; /* in order */
    uint32_t page_count;
};

struct builds {
    pthread_mutex_t mutex; /* guards what follows */
    struct progress *first;
};

struct builds *builds_new(void)
{
    struct builds *builds = memory_alloc_zeroed(sizeof *builds);
    pthread_mutex_init(&builds->mutex, NULL);
    return builds;
}

static void free_progress(struct progress *progress)
{
    assert_that(progress->page_count == 0);
    free((char *)progress->table_name.data);
    free((char *)progress->cursor.data);
    free(progress);
}

void builds_free(struct builds *builds)
{
    while (builds->first) {
        struct progress *progress = builds->first;
        builds->first = progress->next;
        free_progress(progress);
    }
    pthread_mutex_destroy(&builds->mutex);
    free(builds);
}

static slice copy(slice bytes)
{
    if (bytes.size == 0)
        return SLICE_NONE;
    char *memory = memory_realloc(NULL, bytes.size);
    memcpy(memory, bytes.data, bytes.size);
    return slice_of(memory, bytes.size);
}

/* Where the build stands, or the end of the list. */
static struct progress **find_locked(struct builds *builds, uint32_t number)
{
    struct progress **link = &builds->first;
    while (*link && (*link)->number != number)
        link = &(*link)->next;
    return link;
}

static struct progress *get_locked(struct builds *builds, uint32_t number)
{
    struct progress *progress = *find_locked(builds, number);
    assert_that(progress);
    return progress;
}

void builds_add(struct builds *builds, slice table_name, uint32_t number, slice cursor)
{
    assert_that(number != 0);
    struct progress *progress = memory_alloc_zeroed(sizeof *progress);
    progress->number = number;
    progress->table_name = copy(table_name);
    progress->cursor = copy(cursor);
    pthread_mutex_lock(&builds->mutex);
    struct progress **link = find_locked(builds, number);
    while (*link && (*link)->page_count > 0) {
        pthread_mutex_unlock(&builds->mutex);
        usleep(1000); /* its pages are on their way to the disk */
        pthread_mutex_lock(&builds->mutex);
        link = find_locked(builds, number);
    }
    struct progress *given_up = *link;
    progress->next = given_up ? given_up->next : NULL;
    *link = progress;
    pthread_mutex_unlock(&builds->mutex);
    if (given_up)
        free_progress(given_up);
}

void builds_remove(struct builds *builds, uint32_t number)
{
    pthread_mutex_lock(&builds->mutex);
    struct progress **link = find_locked(builds, number);
    struct progress *progress = *link;
    if (progress)
        *link = progress->next;
    pthread_mutex_unlock(&builds->mutex);
    if (progress)
        free_progress(progress);
}

bool builds_next(struct builds *builds, struct arena *arena, uint32_t after, uint32_t *number,
                 slice *table_name)
{
    const struct progress *next = NULL;
    pthread_mutex_lock(&builds->mutex);
    for (const struct progress *one = builds->first; one; one = one->next) {
        if (one->number > after && (!next || one->number < next->number))
            next = one;
    }
    if (next) {
        *number = next->number;
        *table_name = arena_copy(arena, next->table_name);
    }
    pthread_mutex_unlock(&builds->mutex);
    return next != NULL;
}

bool builds_is_settled(struct builds *builds, uint32_t number)
{
    pthread_mutex_lock(&builds->mutex);
    bool settled = get_locked(builds, number)->is_settled;
    pthread_mutex_unlock(&builds->mutex);
    return settled;
}

void builds_settle(struct builds *builds, uint32_t number)
{
    pthread_mutex_lock(&builds->mutex);
    get_locked(builds, number)->is_settled = true;
    pthread_mutex_unlock(&builds->mutex);
}

slice builds_cursor(struct builds *builds, struct arena *arena, uint32_t number)
{
    pthread_mutex_lock(&builds->mutex);
    slice cursor = arena_copy(arena, get_locked(builds, number)->cursor);
    pthread_mutex_unlock(&builds->mutex);
    return cursor;
}

unsigned build_percent(struct db *db, const struct build *build)
{
    if (!build_is_under_way(build))
        return 100;
    uint64_t hash = 0;
    pthread_mutex_lock(&db->builds->mutex);
    const struct progress *progress = *find_locked(db->builds, build->number);
    if (progress && progress->cursor.size >= ROW_HASH_OFFSET + sizeof hash)
        hash = bytes_get_u64(progress->cursor.data + ROW_HASH_OFFSET);
    pthread_mutex_unlock(&db->builds->mutex);
    return (unsigned)((hash >> 32) * 100 >> 32);
}

void builds_page_submitted(struct builds *builds, uint32_t number, slice cursor,
                           struct store_pending *pending)
{
    pthread_mutex_lock(&builds->mutex);
    struct progress *progress = get_locked(builds, number);
    assert_that(progress->page_count < BUILD_PAGES_MAX);
    progress->pages[progress->page_count++] = (struct page){cursor, pending};
    pthread_mutex_unlock(&builds->mutex);
}

static enum store_pending_state state_of(const struct store_pending *pending)
{
    return (enum store_pending_state)atomic_load_explicit(&pending->state, memory_order_acquire);
}

void builds_page_settled(struct builds *builds, uint32_t number)
{
    pthread_mutex_lock(&builds->mutex);
    struct progress *progress = get_locked(builds, number);
    assert_that(progress->page_count > 0);
    struct page page = progress->pages[0];
    assert_that(state_of(page.pending) != STORE_PENDING_QUEUED);
    if (state_of(page.pending) == STORE_PENDING_DURABLE) {
        free((char *)progress->cursor.data);
        progress->cursor = copy(page.cursor);
    }
    progress->page_count--;
    memmove(progress->pages, progress->pages + 1, progress->page_count * sizeof page);
    pthread_mutex_unlock(&builds->mutex);
}

/* The page that the key is in, if it was submitted: by its state the rows are there or not. */
static bool page_covers(const struct progress *progress, slice item_key,
                        struct store_pending **pending)
{
    for (uint32_t i = 0; i < progress->page_count; i++) {
        const struct page *page = &progress->pages[i];
        if (slice_compare(item_key, page->cursor) >= 0)
            continue;
        enum store_pending_state state = state_of(page->pending);
        if (state == STORE_PENDING_QUEUED) {
            store_pending_retain(page->pending);
            *pending = page->pending;
        }
        return state != STORE_PENDING_DROPPED;
    }
    return false;
}

bool build_covers(struct db *db, const struct build *build, slice item_key,
                  struct row_version item_version, struct store_pending **pending)
{
    *pending = NULL;
    if (row_version_is_above(item_version, build->since))
        return true;
    struct builds *builds = db->builds;
    pthread_mutex_lock(&builds->mutex);
    const struct progress *progress = *find_locked(builds, build->number);
    bool covers = progress && (slice_compare(item_key, progress->cursor) < 0 ||
                               page_covers(progress, item_key, pending));
    pthread_mutex_unlock(&builds->mutex);
    return covers;
}

slice row_key_of_build(struct arena *arena, uint32_t number)
{
    enum { BYTES = 1 + 5 + 4 };
    char *key = arena_alloc_bytes(arena, BYTES);
    key[0] = AREA_META;
    memcpy(key + 1, "build", 5);
    bytes_put_u32(key + 6, number);
    return slice_of(key, BYTES);
}
