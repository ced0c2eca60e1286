/*
 * Planted faults: a test build (make planted) switches off one safeguard at a time, named by the
 * variable STATOR_PLANT, and a named test must notice. In every other build fault_planted is the
 * constant false and the safeguards cannot be switched off.
 */
#pragma once
#include <stdbool.h>

enum fault {
    FAULT_SYNC,       /* the commit queue does not sync */
    FAULT_KEY_LOCK,   /* writers of one key do not exclude each other */
    FAULT_OVERLAY,    /* writers do not see rows that are queued but not durable */
    FAULT_REPLY_WAIT, /* a reply does not wait for the pending rows it has seen */
    FAULT_INDEX_ROW,  /* the entry of an item in an index is not written */
    FAULT_STALE_INDEX_ROW, /* an entry that an item has left is not deleted */
    FAULT_LOCK_ORDER,      /* a write of several keys begins with the lock of its first one */
    FAULT_SPLIT_BATCH,     /* half of a transaction's rows become durable before the others */
    FAULT_SNAPSHOT,        /* a transaction's items are read one after the other */
    FAULT_EXPIRY_ROW,      /* the row that says when an item expires is not written */
    FAULT_LOG_MISSING, /* a change is not recorded in the log */
    FAULT_LOG_DOUBLED, /* a change is recorded twice */
    FAULT_LOG_STAMP,   /* a record's place in the log is taken before the commit */
    FAULT_GATE,            /* a write goes on with a description that has been replaced */
    FAULT_SEGMENT_RECORD,  /* a segment leaves out a record now and then */
    FAULT_SEGMENT_END,     /* a segment claims commits that come after it */
    FAULT_BACKUP_CUT,      /* a backup has what was written after its cut too */
    FAULT_RESTORE_CUT,     /* a restore to a moment takes in what is younger */
    FAULT_LOG_FLOOR,       /* a log is trimmed before its records are in an archive */
    FAULT_SEALED_PART,     /* archives leave out the logs of partitions that were split */
    FAULT_SPLIT_EARLY,     /* a partition's children take records before it is closed */
    FAULT_BURST_DEPTH,     /* unused throughput is kept for twice as long */
    FAULT_REFUSED_CHARGE,  /* a request that is throttled is charged all the same */
    FAULT_PARTITION_LIMIT, /* a partition takes whatever its table has */
    FAULT_COUNT
};

extern const char *const fault_names[FAULT_COUNT];

#ifdef STATOR_PLANTED
bool fault_planted(enum fault fault);
void fault_dawdle(void); /* where a fault is planted: others get on meanwhile */
#else
static inline bool fault_planted(enum fault fault)
{
    (void)fault;
    return false;
}
static inline void fault_dawdle(void)
{
}
#endif
