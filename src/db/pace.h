/*
 * The pace of work in the background. Alone it goes as fast as it can. Where clients have many
 * requests its steps are small, one at a time is in the commit queue, and after each the queue and
 * the core are theirs for as long as the step took.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t since_us;      /* of the window that is under way; 0: none yet */
    uint64_t request_count; /* when it began */
    bool gives_way;         /* as the last window told */
};

/* Looks at the clients: how many requests they have made so far. Whether to give way to them. */
bool pace_look(struct pace *pace, uint64_t now_us, uint64_t request_count);

/* Rows of the next step, of at most `rows_max`. */
uint32_t pace_rows(const struct pace *pace, uint32_t rows_max);

/* How long clients are left alone after a step that took so long. */
uint32_t pace_pause_us(const struct pace *pace, uint64_t took_us);
