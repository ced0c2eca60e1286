/*
 * Chains: which archives, one behind the other, make a table as it was at a moment. A backup alone;
 * or a base, and the segments of the change log behind it.
 */
#pragma once
#include "db/backup/archive_file.h"
#include "db/backup/backup.h"

struct chain {
    struct backup *archives; /* in the order in which they are to be read */
    uint32_t count;
    uint32_t capacity;
    bool is_waiting; /* for a base that is being made */
};

/* Errors: CORRUPT naming the gap, when an archive is not there. */
error chain_find(struct db *db, struct arena *arena, const struct table_restore *restore,
                 struct chain *chain) MUST_CHECK;

/* Read its files through, but for those that are too large to be waited for. Errors: as archive_open. */
error chain_prove(struct db *db, struct arena *arena, const struct chain *chain) MUST_CHECK;

/*
 * What recovery keeps and is damaged counts as lost from now on, so that EarliestRestorableDateTime
 * is true; a base that is lacking then is made by the next turn. `failure`: NULL, or of reading it.
 */
void chain_pass_over_damaged(struct db *db, const struct backup *backup, error failure);

/* The newest base that is not younger than the moment; false: there is none. */
bool chain_find_base(struct db *db, struct arena *arena, const struct table_restore *restore,
                     struct backup *base);

/* Whether it is a state of an item with these keys. Errors: CORRUPT naming file and offset. */
error chain_check_image(const struct archive_reader *reader, struct arena *arena,
                        const struct key_schema *keys,
                        const struct archive_image *image) MUST_CHECK;
