/*
 * Before RocksDB opens a directory we prove that its journals hold everything acknowledged.
 *
 * The rule (docs/formats.md has the reasons):
 *   - Any damage after the store was closed in order: refused.
 *   - Damage before the mark's position, a log shorter than it, or no log as new: refused.
 *   - Damage after it, where records may have been written without a sync: cut there.
 *   - Otherwise only the newest log may be damaged, and nothing may begin after the damage: then
 *     it is the one batch in flight, and is cut. Without a mark it must also look torn.
 *   - A MANIFEST may be cut where nothing begins after the damage; without a power cut it must also
 *     look torn. CURRENT must name one that exists.
 *   - A table whose damage would end RocksDB instead of being told by it: refused.
 */
#pragma once
#include "base/error.h"
#include "store/rocks/mark.h"

struct recovery_plan {
    bool is_new; /* no store has ever been whole here */
    bool cuts;   /* the log `cut.log` is to end at `cut.bytes`, newer ones are emptied */
    struct log_position cut;
    const char *manifest;
    uint64_t manifest_bytes; /* that it is to have */
    bool cuts_manifest;
    const uint64_t *logs; /* numbers, ascending */
    uint32_t log_count;
    uint64_t log_bytes; /* of all logs together */
};

/* Changes nothing. Errors: CORRUPT naming the file and what to do, STORAGE. */
error recovery_inspect(struct arena *arena, const char *directory, const struct mark *mark,
                       struct recovery_plan *plan) MUST_CHECK;

/* Cut what is to be cut, and sync the logs: whatever is served from now on must not vanish. */
error recovery_apply(struct arena *arena, const char *directory,
                     const struct recovery_plan *plan) MUST_CHECK;

/* The highest log number in the directory, 0 for none. */
error recovery_newest_log(struct arena *arena, const char *directory, uint64_t *number) MUST_CHECK;

const char *recovery_log_path(struct arena *arena, const char *directory, uint64_t number);
