/*
 * How streams begin and end. A stream changes with its table's description, in one change set, so
 * the two never disagree. For the files of db/ that change tables; the control mutex is held.
 *
 * Enabling: the records begin when writers see the new description, which is after the commit
 * that is the shards' start. Disabling: writers see the new description after the commit that
 * closes the stream, and may add records until then; so a second commit, after the swap or after
 * the next start, seals it with the shards' ends. Nothing that was acknowledged while a stream was
 * durably enabled lacks its record.
 */
#pragma once
#include "db/stream/stream.h"

/* What UpdateTable or CreateTable asks for. */
enum stream_wish { STREAM_AS_IT_IS, STREAM_ENABLE, STREAM_DISABLE };

/* A change of one stream on its way. */
struct stream_change {
    bool is_any;
    struct store_write write; /* is_any: to be part of the table's change set */
    uint32_t next_space;      /* the first free one, when the log took one */
};

/*
 * Put the wish into the fields of the table that will be stored.
 *   Errors: VALIDATION when there is a stream already, or none to disable.
 */
error stream_change_make(struct db *db, struct arena *arena, struct table *fields,
                         enum stream_wish wish, enum stream_view view, uint32_t next_space,
                         struct stream_change *change) MUST_CHECK;

/* The table goes, and no write comes through its gate any more: its open stream ends here. */
void stream_change_end(struct db *db, struct arena *arena, const struct table *table,
                       struct stream_change *change);

/*
 * A partition of the table is split, in a change set between the records before and those behind
 * it: its shard in the open stream ends there, and those of its children begin.
 */
void stream_change_split(struct db *db, struct arena *arena, const struct table *table,
                         uint32_t parent, const struct partition children[2],
                         struct stream_change *change);

/*
 * Leave out shards, one flag each, unless the stream is not as it was seen any more.
 *   Errors: as db_commit_rows.
 */
error stream_drop_shards(struct db *db, struct arena *arena, const struct stream *seen,
                         const bool *is_over) MUST_CHECK;

/* The change set is durable: show the stream as it is stored now. */
void stream_change_done(struct db *db, struct arena *arena, const struct stream_change *change);

/*
 * Give closed streams that have no ends their ends. No writer sees a description in which one of
 * them is open. `sealed`: how many there were.
 */
error stream_seal_closed(struct db *db, struct arena *arena, unsigned *sealed) MUST_CHECK;

/* From the catalogue at start. Errors: CORRUPT. */
error stream_load(struct db *db, struct arena *arena, slice value) MUST_CHECK;
