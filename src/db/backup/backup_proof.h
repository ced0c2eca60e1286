/* The proof of a backup: all of it is read, and its items written into an empty database. */
#pragma once
#include "db/backup/backup.h"

struct backup_proof {
    slice table_name;
    int64_t item_count; /* of what was restored; of a segment 0 */
    int64_t item_bytes;
    uint64_t image_count;
};

/*
 * `db`: empty. Text lives in `arena`.
 *   Errors: CORRUPT naming file and offset; STORAGE.
 */
error backup_prove(struct db *db, struct arena *arena, slice directory, slice name,
                   struct backup_proof *proof) MUST_CHECK;

/* Whether a file with this name is an archive. */
bool backup_is_file_name(slice name);
