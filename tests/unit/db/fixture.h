/* A database on the memory engine, with sessions whose completions a test waits for. */
#pragma once
#include "db/check/check.h"
#include "db/read.h"
#include "db/write.h"
#include "store/memory/faults.h"
#include "tests/test.h"

struct fixture {
    struct arena arena;
    struct clock clock;
    struct budget *budget;
    struct store *store;
    struct db *db;
    int64_t collection_bytes_max; /* from the next reopening on; 0: the service's */
    enum throughput_mode throughput; /* likewise; OBSERVE */
    uint32_t partition_count;        /* likewise, of new tables; 0: as many as they need */
    slice backup_directory;          /* likewise; empty: none */
};

enum {
    BACKFILL_TEST_ROWS = 3, /* of a page, so that a few items make many */
    DROP_TEST_ROWS = 2,     /* of a turn, likewise */
};

void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* Of a fixture that has a store and a clock: its database. */
void fixture_open_db(struct fixture *fixture);
/* The same store, seen by a new process. */
void fixture_reopen(struct fixture *fixture);

/* A request of its own: session, arena, and a sink to wait for. */
struct caller {
    struct store_sink sink; /* first */
    struct arena arena;
    struct db_session session;
    struct caller_wait *wait;
};

void caller_open(struct caller *caller, struct fixture *fixture);
/* Wait until what was submitted is settled; NULL when nothing was. */
error caller_settle(struct caller *caller);
void caller_close(struct caller *caller); /* settled before */

/* {"pk": {"S": …}} from JSON with ' for ". */
slice item_of(struct arena *arena, const char *json);

/* Two requests at once. */
struct rivals {
    struct caller first;
    struct caller second;
};

void rivals_open(struct rivals *rivals, struct fixture *fixture);
void rivals_close(struct rivals *rivals); /* both settled before */

/*
 * Groups wait while they are held.
 *   `conflict_at_submit`: the n-th change set from now is dropped with CONFLICT; 0: none.
 */
void hold_groups(struct fixture *fixture, bool held, uint64_t conflict_at_submit);

/* A table "T" with the hash key pk (S) and, if wanted, the range key sk (N). */
void create_table(struct fixture *fixture, bool with_range);
/* A fixture that has it. */
void fixture_open_with_table(struct fixture *fixture, bool with_range);
const struct table *find_table(struct caller *caller);

/* Put an item and wait; its error. */
error put(struct fixture *fixture, const char *json);
/* Put an item, or delete one by its key, until it is in: what was dropped runs again, as a call
 * does. */
void write_until_in(struct fixture *fixture, const char *json, enum write_kind kind);

/* What is due in the background is done: rows that are to go are dropped. */
void housekeep(struct fixture *fixture);

/* What is to be built is built. */
void build_all(struct fixture *fixture);

/* What a check or a repair has said; the text lives in `arena`. */
struct sentences {
    struct arena *arena;
    slice all; /* each on a line */
    slice last;
    uint32_t count;
};
void keep_sentence(void *sentences, slice sentence);

/* A row is changed behind the database's back. */
void damage(struct fixture *fixture, struct store_write write);

/* What `stator check` finds; each problem is printed. */
struct check_report check(struct fixture *fixture);
