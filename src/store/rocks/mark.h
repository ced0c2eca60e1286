/*
 * The mark: the file ACKNOWLEDGED in the store's directory. It says up to which byte of which log
 * the store has answered "done", so that at the next start a damaged end of the log can be told
 * from a torn one. It is also what a process locks to own the directory.
 *
 * It is written after each group and before the answer, without a sync: after a kill it is exact,
 * after a power cut it may be older than the truth, never newer (where every group is synced).
 * The boot's id stored in it tells which of the two happened.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct log_position {
    uint64_t log; /* file number */
    uint64_t bytes;
};

enum { BOOT_ID_BYTES = 36 };

struct mark {
    int file;
    bool known;         /* the file was there and whole */
    bool same_boot;     /* nothing written has been lost since: no power cut in between */
    bool closed;        /* in order: everything is on disk, no journal has a torn end */
    bool synced_always; /* nothing is acknowledged before its sync */
    struct log_position acknowledged;
    struct log_position synced;
    char boot_id[BOOT_ID_BYTES]; /* of this boot */
};

/*
 * Lock the directory and read the mark; the file is made if it is not there.
 *   Errors: STORAGE when the directory is in use by another process or cannot be opened.
 */
error mark_open(struct arena *arena, const char *directory, struct mark *mark) MUST_CHECK;
void mark_close(struct mark *mark);

/* False: errno says why. */
bool mark_write(const struct mark *mark) MUST_CHECK;

/*
 * The positions that the logs must reach, whatever damage or tear they have. What was acknowledged
 * before its sync is only bound to be there while the machine has not lost what it held in memory.
 */
static inline struct log_position mark_held(const struct mark *mark)
{
    return mark->same_boot ? mark->acknowledged : mark->synced;
}

static inline bool log_position_is_before(struct log_position a, struct log_position b)
{
    return a.log < b.log || (a.log == b.log && a.bytes < b.bytes);
}
