/*
 * The database: what makes bytes a DynamoDB. Owns the catalogue, the key locks and their overlay;
 * borrows the store and the clock.
 *
 * A request talks to it through a session, which lives in the request's arena. Operations are
 * straight-line code that can be run again from the top at any time before a write is submitted:
 * they return ERROR_WOULD_BLOCK (run again on a worker), ERROR_BUSY (run again when the queue has
 * room) or ERROR_CONFLICT (run again at once); none of the three is for a client.
 */
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "store/store.h"

struct db;
struct table;

/* What becomes of the throughput that tables have (db/partition/charge.h). */
enum throughput_mode {
    THROUGHPUT_OFF,     /* nothing is counted */
    THROUGHPUT_OBSERVE, /* what would be throttled is counted, and served */
    THROUGHPUT_ENFORCE, /* and refused */
};

struct db_options {
    struct store *store;       /* borrowed; outlives the db */
    const struct clock *clock; /* borrowed */
    slice region;              /* for a new directory; "" accepts what is stored */
    slice account;
    int64_t transition_delay_ms; /* how long tables stay CREATING and DELETING */
    uint32_t import_save_records; /* how often imports save their place; 0: as often as is quick */
    uint32_t backfill_page_rows; /* items of a page (db/index/backfill.h); 0: as many as are quick */
    uint32_t drop_rows;          /* that a turn of db_housekeep drops; 0: as many as are quick */
    int64_t expiry_sweep_ms;     /* how often expired items are looked for */
    int64_t collection_bytes_max; /* limit of an item collection; 0: the service's */
    int64_t eventual_ms;         /* how far eventually consistent reads lag behind; 0: not at all */
    uint32_t partition_count;    /* of new tables; 0: as they need (db/partition/partition.h) */
    enum throughput_mode throughput;
    slice bucket_root;           /* directory whose folders stand for buckets; empty: there are none */
    int64_t partition_bytes_max; /* a partition with more is split; 0: the service's */
    slice backup_directory;      /* of backups and what recovery keeps; empty: there are none */
};

/*
 *   Errors: USAGE when region or account differ from those fixed in the data directory;
 *   CORRUPT, STORAGE. The failure lives in `arena`.
 */
error db_open(struct arena *arena, const struct db_options *options, struct db **db) MUST_CHECK;
void db_close(struct db *db); /* no session may be open */

slice db_region(const struct db *db);
slice db_account(const struct db *db);
int64_t db_now_ms(const struct db *db);

/*
 * How many requests clients have made so far: where they make many, work in the background gives
 * way (db/pace.h). Told before such work begins; unless it is, nobody asks for anything.
 */
struct db_clients {
    uint64_t (*request_count)(void *context);
    void *context;
};
void db_hear_clients(struct db *db, struct db_clients clients);

/*
 * Background work that is due: drop the data of deleted tables, forget old tokens. A turn is done
 * in about 100 ms, and the next one goes on. Any thread but a loop, one at a time. Returns the
 * number of steps done; 0: nothing was due.
 */
unsigned db_housekeep(struct db *db);
/* Whether the turn has left much to do: then the next one comes at once. The same thread. */
bool db_has_rows_to_drop(const struct db *db);

/*
 * With eventual_ms, db_keep_view takes a view of the rows for later reads when one is due
 * (db/views.h). By the machine's clock it is called every db_view_period_ms, 0 when there is no
 * need; with a manual one, before the clock is moved to next_ms. Any thread.
 */
uint32_t db_view_period_ms(const struct db *db);
void db_keep_view(struct db *db, int64_t next_ms);

struct charge_note;

struct db_session {
    struct db *db;
    struct arena *arena;
    enum store_tier tier;    /* STORE_CACHED on a loop, STORE_ANY on a worker */
    struct store_sink *sink; /* is told when what was submitted is settled */
    void *owner;             /* comes back in the change set */
    /* NULL, or called between the steps of a long read: where others wait, let them. */
    void (*between_steps)(struct db_session *session);
    struct store_change_set *submitted; /* out: the reply must wait for it; NULL: nothing to wait for */
    uint32_t rows_left;      /* to be read before the answer must be WOULD_BLOCK: by a loop few */
    struct store_view *view; /* what db/read.h reads from; NULL: the rows as they stand now */
    struct store_view *past; /* the one view of this request; NULL: none chosen yet */
    bool is_background;      /* nobody's request: it is not charged (db/partition/charge.h) */
    int64_t now_ms;          /* when it last found a table, for the limits of throughput; 0: it has not */
    bool reads_consistently; /* what reads are charged: as for strongly consistent ones */
    struct charge_note *charges; /* the latest (db/partition/charge.h) */
    uint32_t charge_count;
    const struct table *table; /* out: the first that was found; held by the arena. NULL: none */
};

void db_session_init(struct db_session *session, struct db *db, struct arena *arena,
                     enum store_tier tier, struct store_sink *sink, void *owner);

/*
 * After the sink was told, on any one thread: takes what was submitted out of the overlay.
 *   Errors: CONFLICT (run again), BUSY, or what the client is told: INTERNAL_SERVER_ERROR.
 */
error db_session_settle(struct db_session *session) MUST_CHECK;

/* A store's answer to a read as an error; NULL for STORE_OK. */
error db_error_of(struct db_session *session, enum store_answer answer) MUST_CHECK;
