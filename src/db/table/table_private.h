/* What the files of db/ that change tables share. */
#pragma once
#include "db/db_private.h"
#include "db/stream/stream_change.h"
#include "db/table/table.h"

/* Retire tables, and indexes, whose DELETING time is over; returns how many. */
unsigned table_retire_due(struct db *db);

/*
 * table_create, with another write in the same change set; NULL: none. db->control is held, by a
 * worker.
 */
error table_create_locked(struct db_session *session, const struct table_definition *definition,
                          const struct store_write *with,
                          const struct table **created) MUST_CHECK;

/* RESOURCE_IN_USE while the table is CREATING or DELETING. */
error table_check_there(struct arena *arena, const struct table *table, int64_t now_ms) MUST_CHECK;
error table_is_updating(struct arena *arena, const struct table *table) MUST_CHECK;

/*
 * A new description, with other writes and what becomes of its stream (NULL: nothing) in the same
 * change set; `newer` is held by the arena.
 * db->control is held.
 */
error table_replace_locked(struct db *db, struct arena *arena, const struct table *older,
                           const struct table *fields, const struct store_write *others,
                           uint32_t other_count, const struct stream_change *stream,
                           const struct table **newer) MUST_CHECK;

/*
 * The catalogue row goes and tombstones of the spaces come, in one change set; what recovery makes
 * of a table that goes comes with it. db->control is held.
 */
error table_retire_locked(struct db *db, struct arena *arena,
                          const struct table *table) MUST_CHECK;

/* The tombstone of one space: the description that is gone, with this space and no indexes. */
struct store_write table_bury(struct arena *arena, const struct table *table, uint32_t space);

/* Retire the index of the table that is being deleted, if there is one. db->control is held. */
error index_retire_deleted_locked(struct db *db, struct arena *arena,
                                  const struct table *table) MUST_CHECK;

/* Make known the builds that are in the description and were not in the older one. */
void builds_add_new(struct db *db, const struct table *older, const struct table *newer);
