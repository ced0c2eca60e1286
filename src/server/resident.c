#include "server/resident.h"

#include "base/clock.h"
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum {
    WORTH_RETURNING_BYTES = 32 * 1024 * 1024,
    NEAR_SHARE = 8,        /* nearer to the bound than this share of it */
    WORTH_SHARE = 32,      /* what must come back for it to be worth doing again soon */
    AGAIN_US = 250 * 1000,
    AGAIN_IN_VAIN_US = 5 * 1000 * 1000,
};

uint64_t resident_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The wave is over: what it took is the machine's again. */
static void return_after_requests(struct resident_keeper *keeper, size_t request_bytes)
{
    if (request_bytes > keeper->peak_request_bytes)
        keeper->peak_request_bytes = request_bytes;
    if (keeper->peak_request_bytes - request_bytes < WORTH_RETURNING_BYTES)
        return;
    malloc_trim(0);
    keeper->peak_request_bytes = request_bytes;
}

static void return_near_bound(struct resident_keeper *keeper)
{
    uint64_t now_us = clock_monotonic_us();
    if (now_us < keeper->not_before_us)
        return;
    uint64_t before_bytes = resident_bytes();
    if (before_bytes < keeper->bytes_max - keeper->bytes_max / NEAR_SHARE)
        return;
    malloc_trim(0);
    uint64_t after_bytes = resident_bytes();
    bool was_worth_it = after_bytes + keeper->bytes_max / WORTH_SHARE <= before_bytes;
    keeper->not_before_us = now_us + (was_worth_it ? AGAIN_US : AGAIN_IN_VAIN_US);
}

void resident_keep(struct resident_keeper *keeper, size_t request_bytes)
{
    return_after_requests(keeper, request_bytes);
    return_near_bound(keeper);
}
