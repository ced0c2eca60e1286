/*
 * Tables: descriptions and the catalogue that finds them by name.
 *
 * A description is immutable, shared and counted; a change makes a new one that replaces it whole
 * (under the table's gate, see db/table/catalogue.c). What table_find returns is held until the
 * session's arena ends.
 */
#pragma once
#include "db/index/build.h"
#include "db/db.h"
#include "item/key.h"

enum billing_mode { BILLING_PROVISIONED, BILLING_PAY_PER_REQUEST }; /* stored: append only */
enum table_class { TABLE_CLASS_UNSAID, TABLE_CLASS_STANDARD, TABLE_CLASS_INFREQUENT }; /* stored */
enum table_status { TABLE_CREATING, TABLE_ACTIVE, TABLE_UPDATING, TABLE_DELETING };

/* What a table itself, whatever its indexes do, is UPDATING for. Stored: append only. */
enum table_job {
    TABLE_JOB_UNITS = 1,
    TABLE_JOB_BILLING = 2, /* units too, which come with the mode */
    TABLE_JOB_STREAM = 4,
    TABLE_JOB_CLASS = 8,
};

/* Capacity per second, or requests. */
struct table_units {
    int64_t read;
    int64_t write;
};

struct table_tag {
    slice key;
    slice value;
};

/* What a client sets. Of these only the keys of a table decide what happens to its data here. */
struct table_settings {
    enum billing_mode billing_mode;
    struct table_units provisioned;   /* PROVISIONED only, else 0 */
    struct table_units on_demand_max; /* PAY_PER_REQUEST only; 0: no ceiling */
    struct table_units warm;          /* what it has been able to take; never lowered */
    enum table_class table_class;
    slice encryption_key_arn; /* empty: the service's own key */
    bool deletion_protected;
    const struct table_tag *tags; /* each key once; of a description: sorted by key */
    uint32_t tag_count;
};

/* When settings changed, for limits on changes and for DescribeTable; 0: never. */
struct table_history {
    int64_t on_demand_ms; /* the last time it became PAY_PER_REQUEST */
    int64_t increased_ms;
    int64_t decreased_ms;
    int64_t decrease_count; /* of the UTC day of decreased_ms */
    struct table_units provisioned_before; /* the last change */
    struct table_units warm_before;
    int64_t class_changed_ms;
    int64_t class_changed_before_ms; /* the change before that one */
    enum table_class class_before;   /* the last one */
    int64_t protection_changed_ms;
    int64_t encryption_window_ms; /* the first of the changes that are counted together */
    int64_t encryption_count;     /* of them */
    int64_t encryption_changed_ms;
    slice encryption_key_before; /* the last one; as the key in the settings */
};

/* Time to live (db/expiry/expiry.h). */
struct table_expiry {
    slice attribute;    /* its numbers are epoch seconds; empty: off */
    bool is_leaving;    /* switched off: writes keep no rows any more, those there are to go */
    int64_t changed_ms; /* last switch; 0: never */
    struct build build; /* of the rows of items that were there before; its number is the table's
                           space */
};

/* What records of a stream show. Stored: append only. */
enum stream_view {
    STREAM_VIEW_NONE, /* there is no stream */
    STREAM_VIEW_NEW_IMAGE,
    STREAM_VIEW_OLD_IMAGE,
    STREAM_VIEW_NEW_AND_OLD_IMAGES,
    STREAM_VIEW_KEYS_ONLY,
};

/* The stream of a table as its description has it; the stream itself: db/stream/stream.h. */
struct table_stream {
    enum stream_view view; /* NONE: not enabled now */
    int64_t label_ms;      /* names the latest stream, enabled or not; 0: there never was one */
};

/* What of its past is kept (db/backup/backup.h, db/backup/recovery.h). */
struct table_recovery {
    int64_t since_ms;  /* point-in-time recovery was switched on; 0: it is off */
    int64_t days;      /* how far back it goes; 0: it is off */
    bool backs_up;     /* a backup is being made, which needs the change log */
};

/* What Contributor Insights were asked for (db/table/insights.h). */
enum insights_mode { INSIGHTS_OFF, INSIGHTS_OF_ALL, INSIGHTS_OF_THROTTLED }; /* stored */
struct table_insights {
    int64_t mode;        /* enum insights_mode */
    int64_t mode_before; /* likewise: while they are off what they were; OFF: never on, not known */
    int64_t since_ms;    /* they are on, in whatever mode; it names their rules */
    int64_t changed_ms;  /* last switch; 0: never */
};

/* Of stored ones; some were switched on before it was stored since when. False: damaged. */
bool table_insights_settle(struct table_insights *insights);

/* Where a table came from (db/backup/restore.h). */
struct table_restore {
    int64_t time_ms;  /* its items are those of this time; 0: it was not restored */
    slice backup_arn; /* empty: from point-in-time recovery */
    slice table_arn;  /* the table that it once was */
    slice table_id;
};

/* The last change of its tags, which takes time to get about (db/table/tagging.h). Not stored. */
struct table_tagged {
    const struct table_tag *before; /* as they were; sorted by key */
    uint32_t count_before;
    int64_t done_ms; /* it is under way before */
};

struct index;
struct partition;
struct usage_view;
struct sealed_partition;

/* Ranges of keys (db/partition/partition.h), in their order. */
struct partition_map {
    const struct partition *list;
    uint32_t count;
};

/* Those that were split, by number. */
struct sealed_partitions {
    const struct sealed_partition *list;
    uint32_t count;
};

struct table {
    slice name;
    slice arn;
    slice id;       /* a UUID, new for every incarnation of a name */
    uint32_t space; /* of its rows; never reused */
    struct key_schema keys;
    const struct index *indexes; /* in submitted order (db/index/index.h) */
    uint32_t index_count;
    struct partition_map partitions;
    const struct usage_view *usage; /* not stored: what it is asked for (db/partition/usage.h) */
    struct sealed_partitions sealed; /* of them the log still has the parts */
    int64_t partitions_wanted; /* by raised throughput: splits make as many; 0: none is wanted */
    uint32_t log_space; /* of its change log; never reused; 0: it has none yet */
    struct table_stream stream;
    struct table_settings settings;
    struct table_history history;
    struct table_expiry expiry;
    struct table_recovery recovery;
    struct table_insights insights;
    struct table_restore restore;
    struct table_tagged tagged;
    int64_t created_ms;
    int64_t active_ms;    /* CREATING before, ACTIVE from then on; TABLE_RESTORING */
    int64_t updated_ms;   /* UPDATING before */
    int64_t jobs;         /* and what for: bits of enum table_job */
    int64_t encrypted_ms; /* its encryption is UPDATING before */
    int64_t warmed_ms;    /* and its warm throughput */
    int64_t deleting_ms;  /* 0, or when DeleteTable was called */
    uint64_t version_floor; /* not stored: rows written by this description have versions above */
};

/* The table has not got all of its items yet. */
static const int64_t TABLE_RESTORING = INT64_MAX;

enum table_status table_status_at(const struct table *table, int64_t now_ms);
int64_t table_jobs_at(const struct table *table, int64_t now_ms); /* bits; 0: none */

slice table_class_name(enum table_class table_class); /* not of TABLE_CLASS_UNSAID */

/* What CreateTable asks for, already validated. */
struct table_definition {
    slice name;
    struct key_schema keys;
    const struct index *indexes; /* names differ; their spaces and numbers are chosen here */
    uint32_t index_count;
    struct table_settings settings;
    enum stream_view stream_view; /* NONE: without a stream */
    struct table_restore restore; /* time_ms 0: it is new and empty */
    slice id;                     /* of db_make_uuid_locked; empty: one is made */
    bool awaits_items;            /* it stays CREATING until somebody says that all are there */
};

/* What a table takes at once when it is on demand: the control plane measured on the service. */
enum { WARM_READ_UNITS_ON_DEMAND = 12000, WARM_WRITE_UNITS_ON_DEMAND = 4000 };

/* Raise what is warm to what the billing mode gives. */
void table_settings_warm_up(struct table_settings *settings);

/*
 * Ceilings that a client asks for: 0 is none asked for, -1 none wanted.
 *   `subject`: "table" or "index NAME", for messages.
 *   Errors: VALIDATION.
 */
error table_check_ceilings(struct arena *arena, slice subject, enum billing_mode billing_mode,
                           struct table_units wanted) MUST_CHECK;

/* Decreases of throughput in the UTC day of `now_ms`. */
int64_t table_decreases_today(const struct table_history *history, int64_t now_ms);

/*
 * The table of a data-plane request: ACTIVE or UPDATING.
 *   Errors: RESOURCE_NOT_FOUND "Requested resource not found".
 */
error table_find(struct db_session *session, slice name, const struct table **table) MUST_CHECK;

/*
 * The table of a control-plane request, in any state.
 *   Errors: RESOURCE_NOT_FOUND "Requested resource not found: Table: NAME not found".
 */
error table_describe(struct db_session *session, slice name, const struct table **table) MUST_CHECK;

/* Its items are still to come from a backup, or from another table's past. */
bool table_is_being_restored(const struct table *table);

/*
 * As table_describe, but for who asks for more than what stands in the description: a table that is
 * being restored is not there yet. Source: the control plane measured on the service.
 */
error table_find_settled(struct db_session *session, slice name,
                         const struct table **table) MUST_CHECK;

/* Names in byte order after `after` (empty: from the start), at most `limit`. */
error table_names(struct db_session *session, slice after, uint32_t limit, const slice **names,
                  uint32_t *count, bool *more) MUST_CHECK;

/* Provisioned units of all tables that are not being deleted, and of their global indexes. */
struct table_units table_units_reserved(struct db *db);

/* Up to `limit` tables with names after `after`, in order, whatever their state: each is held until
 * it is released. Waits for nothing. */
uint32_t table_list(struct db *db, slice after, const struct table **tables, uint32_t limit);
void table_release(const struct table *table);

/* Exact, as of the last durable change. */
error table_counts(struct db_session *session, const struct table *table, int64_t *item_count,
                   int64_t *bytes) MUST_CHECK;

/*
 * Durable when they return; workers only (WOULD_BLOCK on a loop).
 *   Errors: RESOURCE_IN_USE "Table already exists: NAME", of one that is restored
 *   TABLE_ALREADY_EXISTS, or TABLE_IN_USE when the one that is there is being restored itself;
 *   those of restore_check_locked; LIMIT_EXCEEDED.
 */
error table_create(struct db_session *session, const struct table_definition *definition,
                   const struct table **table) MUST_CHECK;

/*
 * The name is free and the data unreachable when it returns (after the transition delay); the
 * rows go in the background. `table` is the description as it was, with deleting_ms set.
 *   Errors: RESOURCE_NOT_FOUND as table_describe; VALIDATION when it is protected;
 *   RESOURCE_IN_USE while it, or what is of it, is on its way somewhere.
 */
error table_delete(struct db_session *session, slice name, const struct table **table) MUST_CHECK;
