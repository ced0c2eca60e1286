/*
 * What the time of a call goes to, and the log line of a slow one.
 *
 * A call is in one phase at a time; the clock is read whenever it moves on to the next.
 */
#pragma once
#include "base/slice.h"

struct arena;
struct reply_form;

/* One word each in the log line: run_us, worker_us, commit_us, room_us. */
enum phase {
    PHASE_RUN,    /* being checked, decoded, run */
    PHASE_WORKER, /* waiting for a worker */
    PHASE_COMMIT, /* waiting until what it submitted, or saw, is on disk */
    PHASE_ROOM,   /* waiting for room in the commit queue */
    PHASE_COUNT
};

struct times {
    uint64_t started_us; /* clock_monotonic_us */
    uint64_t entered_us; /* the phase it is in */
    enum phase phase;
    uint64_t spent_us[PHASE_COUNT];
};

/* Running since then. */
void times_begin(struct times *times, uint64_t started_us);
void times_enter(struct times *times, enum phase phase);

struct slow_request {
    const struct reply_form *form;
    uint16_t status;
    unsigned runs;
    slice body; /* passed json_check */
};

/* The call ends now: one line when it took `threshold_us` or longer. */
void times_end(struct times *times, uint64_t threshold_us, struct arena *arena,
               const struct slow_request *request);
