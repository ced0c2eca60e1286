#include "db/pace.h"

enum {
    WINDOW_US = 5000,
    REQUESTS_MANY = 2, /* in a window: whoever waits for something asks less often */
    PARTS = 8,         /* a step beside clients is one of so many */
    PAUSE_US_MAX = 5000,
};

/* A window that lasted longer than it should had room for as many more requests. */
static bool are_many(uint64_t request_count, uint64_t took_us)
{
    return request_count * WINDOW_US >= REQUESTS_MANY * took_us;
}

bool pace_look(struct pace *pace, uint64_t now_us, uint64_t request_count)
{
    uint64_t took_us = now_us - pace->since_us;
    if (pace->since_us != 0 && took_us < WINDOW_US)
        return pace->gives_way;
    pace->gives_way =
        pace->since_us != 0 && are_many(request_count - pace->request_count, took_us);
    pace->since_us = now_us;
    pace->request_count = request_count;
    return pace->gives_way;
}

uint32_t pace_rows(const struct pace *pace, uint32_t rows_max)
{
    return pace->gives_way && rows_max > PARTS ? rows_max / PARTS : rows_max;
}

uint32_t pace_pause_us(const struct pace *pace, uint64_t took_us)
{
    if (!pace->gives_way)
        return 0;
    return took_us < PAUSE_US_MAX ? (uint32_t)took_us : PAUSE_US_MAX;
}
