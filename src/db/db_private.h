/* What the files of db/ share: the database itself and one change on its way. */
#pragma once
#include "base/random.h"
#include "db/backup/archive.h"
#include "db/index/build.h"
#include "db/table/catalogue.h"
#include "db/db.h"
#include "db/drops.h"
#include "db/export/export.h"
#include "db/locks.h"
#include "db/pace.h"
#include "db/rows.h"
#include "db/stream/stream.h"
#include "db/views.h"
#include <pthread.h>

struct db {
    struct arena arena; /* of region, account; lives as long as the db */
    struct store *store;
    const struct clock *clock;
    slice region;
    slice account;
    int64_t transition_delay_ms;
    int64_t collection_bytes_max; /* of an item collection */
    struct locks *locks;
    struct catalogue *catalogue;
    struct views *views; /* NULL: every read sees what is there now */
    struct streams *streams;
    struct archive *archive;
    struct exports *exports; /* those in progress */
    slice bucket_root;       /* of exports and imports; empty: there is none */
    _Atomic bool archive_has_work; /* for the next turn of db_archive */
    int64_t archive_due_ms;        /* a turn comes then in any case; of db_archive alone */
    int64_t growth_ms;             /* when growth was last looked for; the housekeeper's */
    int64_t log_tables_ms;         /* when logs without a stream were last looked at; the housekeeper's */
    int64_t sealed_ms;             /* when segments were last sealed; of db_archive alone */
    enum throughput_mode throughput;
    uint32_t partition_count; /* of new tables; 0: as they need */
    int64_t partition_bytes_max;
    struct splitter *splitter; /* of db_split alone */
    uint64_t incarnation;
    _Atomic bool has_begun; /* the incarnation is durable: this process may write */
    uint32_t token_low_water; /* of the one that trims (db/request_token.c); 0: not read yet */
    uint32_t import_save_records;   /* items between two places that are saved */
    struct import_run *import_run;  /* of db_import alone (db/import/import_run.c); NULL: none */
    _Atomic bool imports_have_work; /* for the next turn of db_import */
    _Atomic bool imports_stop;
    struct drops *drops; /* of db_housekeep alone */
    struct builds *builds;
    struct db_clients clients;
    uint32_t backfill_page_rows;
    struct pace build_pace; /* of db_backfill alone */
    _Atomic bool expiry_leaves; /* perhaps there is a table whose expiry rows are to go */
    int64_t expiry_sweep_ms;    /* a sweep begins so long after the one before */
    struct expiry_sweep *expiry_sweep;
    struct pace sweep_pace; /* of db_expire alone */

    /* One change of a description at a time, through its sync. Taken by workers only. */
    pthread_mutex_t control;
    uint32_t next_space;     /* guarded by control */
    struct random random;    /* guarded by control */
};

/* What a session has submitted: the change set, and its rows in the overlay. */
struct change {
    struct store_change_set set;
    struct overlay_entry *entries;
    uint32_t entry_count;
};

struct row_version db_next_version(struct db *db);
/* A random UUID, version 4. db->control is held. */
slice db_make_uuid_locked(struct db *db, struct arena *arena);
slice db_table_arn(const struct db *db, struct arena *arena, slice name);

/*
 * Before its first write a process leaves its mark, in one change set: its incarnation, and the
 * upgrade of an older directory. A store that takes no writes at the start (a full disk) is begun
 * by the housekeeper once it does; until then every write is refused.
 */
error db_begin(struct db *db, struct arena *arena) MUST_CHECK;
bool db_has_begun(struct db *db);

/* Looks at the clients, and whether to give way to them now. */
bool db_gives_way(struct db *db, struct pace *pace);

/* Submit writes and wait until they are durable. Workers only; lives in `arena`. */
error db_commit_rows(struct db *db, struct arena *arena, struct store_write *writes,
                     uint32_t write_count) MUST_CHECK;

/* The value of a row of AREA_META; empty: it is not there. Errors: CORRUPT. */
error db_read_meta(struct db *db, struct arena *arena, slice key, slice *value) MUST_CHECK;

/* The two counters of a table or index. */
error db_read_counters(struct db_session *session, struct row_place place, int64_t *item_count,
                       int64_t *bytes) MUST_CHECK;

/* Plain writes without a stamp. */
struct store_write db_put(slice key, slice value);
struct store_write db_delete(slice key);
