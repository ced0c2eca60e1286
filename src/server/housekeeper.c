#include "server/housekeeper.h"

#include "base/assert.h"
#include "base/memory.h"
#include "server/workers.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct housekeeper {
    struct chore chore;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t end;
    bool closing; /* guarded by mutex */
};

static bool wait_for_turn(struct housekeeper *housekeeper, bool at_once)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += housekeeper->chore.period_ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&housekeeper->mutex);
    int waited = at_once ? ETIMEDOUT : 0;
    while (!housekeeper->closing && waited == 0)
        waited = pthread_cond_timedwait(&housekeeper->end, &housekeeper->mutex, &until);
    bool closing = housekeeper->closing;
    pthread_mutex_unlock(&housekeeper->mutex);
    return !closing;
}

static void *keep_house(void *argument)
{
    struct housekeeper *housekeeper = argument;
    bool more = false;
    thread_stand_back(housekeeper->chore.niceness);
    while (wait_for_turn(housekeeper, more))
        more = housekeeper->chore.keep(housekeeper->chore.context);
    return NULL;
}

struct housekeeper *housekeeper_open(const struct chore *chore)
{
    struct housekeeper *housekeeper = memory_alloc_zeroed(sizeof *housekeeper);
    housekeeper->chore = *chore;
    pthread_mutex_init(&housekeeper->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&housekeeper->end, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&housekeeper->thread, NULL, keep_house, housekeeper);
    assert_that(!failed);
    return housekeeper;
}

void housekeeper_close(struct housekeeper *housekeeper)
{
    pthread_mutex_lock(&housekeeper->mutex);
    housekeeper->closing = true;
    pthread_cond_signal(&housekeeper->end);
    pthread_mutex_unlock(&housekeeper->mutex);
    pthread_join(housekeeper->thread, NULL);
    pthread_cond_destroy(&housekeeper->end);
    pthread_mutex_destroy(&housekeeper->mutex);
    free(housekeeper);
}
