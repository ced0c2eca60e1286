/*
 * stator check: proves a stopped store whole. Every row decodes, belongs to a live space, its key
 * matches its item; every index holds exactly what the items imply; counts and commit numbers
 * agree. So do the archives of tables with point-in-time recovery.
 */
#pragma once
#include "store/store.h"

struct check_report {
    uint64_t tables;
    uint64_t items;
    uint64_t records;   /* of change logs */
    uint64_t dead_rows; /* of deleted tables, waiting to be dropped */
    uint64_t problems;
    uint64_t repaired; /* by db_repair: rows and tables that were put right */
};

/*
 * `archives`: the directory of backups, whose files are read too and held against the tables with
 * point-in-time recovery; empty: there is none. `say` is called with one sentence per problem (at
 * most 100, then counting goes on silently).
 *   Errors: STORAGE, CORRUPT when the store cannot be read on.
 */
error db_check(struct arena *arena, struct store *store, slice archives,
               void (*say)(void *context, slice sentence), void *context,
               struct check_report *report) MUST_CHECK;

/*
 * stator check --repair: rebuilds what follows from the items, entries of indexes, counters and
 * sizes of item collections, through the commit queue; nothing else may use the store. Then checks
 * it, so that `problems` is what is left. `say` is also called with a sentence for each repair.
 *   Errors: as db_check; STORAGE when nothing can be written.
 */
error db_repair(struct arena *arena, struct store *store, slice archives,
                void (*say)(void *context, slice sentence), void *context,
                struct check_report *report) MUST_CHECK;
