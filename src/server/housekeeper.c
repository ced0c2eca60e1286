#include "server/housekeeper.h"

#include "base/assert.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct housekeeper {
    void (*keep)(void *context);
    void *context;
    uint32_t period_ms;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t end;
    bool closing; /* guarded by mutex */
};

static bool wait_for_turn(struct housekeeper *housekeeper)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += housekeeper->period_ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&housekeeper->mutex);
    int waited = 0;
    while (!housekeeper->closing && waited == 0)
        waited = pthread_cond_timedwait(&housekeeper->end, &housekeeper->mutex, &until);
    bool closing = housekeeper->closing;
    pthread_mutex_unlock(&housekeeper->mutex);
    return !closing;
}

static void *keep_house(void *argument)
{
    struct housekeeper *housekeeper = argument;
    while (wait_for_turn(housekeeper))
        housekeeper->keep(housekeeper->context);
    return NULL;
}

struct housekeeper *housekeeper_open(uint32_t period_ms, void (*keep)(void *context), void *context)
{
    struct housekeeper *housekeeper = memory_alloc_zeroed(sizeof *housekeeper);
    housekeeper->keep = keep;
    housekeeper->context = context;
    housekeeper->period_ms = period_ms;
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
