#include "db/views.h"

#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct taken_view {
    int64_t taken_ms; /* the last time at which the rows are known to have stood so */
    struct store_view *view;
};

struct views {
    struct store *store;
    const struct clock *clock;
    int64_t lag_ms;
    int64_t gap_ms_max; /* between neighbours */

    pthread_mutex_t mutex; /* guards what follows */
    struct taken_view taken[VIEWS_MAX]; /* oldest first, at least one */
    uint32_t count;
};

enum { GAPS_PER_LAG = 10, PERIODS_PER_LAG = 12 /* a thread may wake late */ };

static int64_t part_of(int64_t lag_ms, int64_t parts)
{
    return lag_ms >= parts ? lag_ms / parts : 1;
}

static void add_locked(struct views *views, int64_t taken_ms)
{
    views->taken[views->count++] = (struct taken_view){taken_ms, store_view_open(views->store)};
}

struct views *views_new(struct store *store, const struct clock *clock, int64_t lag_ms)
{
    struct views *views = memory_alloc_zeroed(sizeof *views);
    views->store = store;
    views->clock = clock;
    views->lag_ms = lag_ms;
    views->gap_ms_max = part_of(lag_ms, GAPS_PER_LAG);
    pthread_mutex_init(&views->mutex, NULL);
    add_locked(views, clock_now_ms(clock) - lag_ms);
    return views;
}

/* Take out `count` of them from `first` on. */
static void drop_locked(struct views *views, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        store_view_release(views->taken[i].view);
    views->count -= count;
    memmove(&views->taken[first], &views->taken[first + count],
            (views->count - first) * sizeof views->taken[0]);
}

void views_free(struct views *views)
{
    drop_locked(views, 0, views->count);
    pthread_mutex_destroy(&views->mutex);
    free(views);
}

uint32_t views_period_ms(const struct views *views)
{
    return (uint32_t)part_of(views->lag_ms, PERIODS_PER_LAG);
}

/* The newest taken at or before the time; before the first one: the first. */
static uint32_t find_locked(const struct views *views, int64_t time_ms)
{
    uint32_t i = views->count - 1;
    while (i > 0 && views->taken[i].taken_ms > time_ms)
        i--;
    return i;
}

/* A clock may be set back: of what was taken later than now the newest is the state of now. */
static void follow_clock_locked(struct views *views, int64_t now_ms)
{
    struct taken_view *newest = &views->taken[views->count - 1];
    if (newest->taken_ms <= now_ms)
        return;
    newest->taken_ms = now_ms;
    uint32_t first = views->count - 1;
    while (first > 0 && views->taken[first - 1].taken_ms >= now_ms)
        first--;
    drop_locked(views, first, views->count - 1 - first);
}

static void prune_locked(struct views *views, int64_t now_ms)
{
    follow_clock_locked(views, now_ms);
    drop_locked(views, 0, find_locked(views, now_ms - views->lag_ms));
}

void views_keep(struct views *views, int64_t next_ms)
{
    pthread_mutex_lock(&views->mutex);
    int64_t now_ms = clock_now_ms(views->clock);
    prune_locked(views, now_ms);
    if (next_ms - views->taken[views->count - 1].taken_ms > views->gap_ms_max) {
        if (views->count == VIEWS_MAX) /* only where the clock has leapt about */
            drop_locked(views, 0, 1);
        add_locked(views, now_ms);
    }
    pthread_mutex_unlock(&views->mutex);
}

void views_prune(struct views *views)
{
    pthread_mutex_lock(&views->mutex);
    prune_locked(views, clock_now_ms(views->clock));
    pthread_mutex_unlock(&views->mutex);
}

struct store_view *views_find(struct views *views)
{
    pthread_mutex_lock(&views->mutex);
    uint32_t found = find_locked(views, clock_now_ms(views->clock) - views->lag_ms);
    struct store_view *view = store_view_retain(views->taken[found].view);
    pthread_mutex_unlock(&views->mutex);
    return view;
}

uint32_t views_count(struct views *views)
{
    pthread_mutex_lock(&views->mutex);
    uint32_t count = views->count;
    pthread_mutex_unlock(&views->mutex);
    return count;
}
