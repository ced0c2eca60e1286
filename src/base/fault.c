#include "base/fault.h"

const char *const fault_names[FAULT_COUNT] = {
    [FAULT_SYNC] = "sync",
    [FAULT_KEY_LOCK] = "key-lock",
    [FAULT_OVERLAY] = "overlay",
    [FAULT_REPLY_WAIT] = "reply-wait",
    [FAULT_INDEX_ROW] = "index-row",
    [FAULT_STALE_INDEX_ROW] = "stale-index-row",
    [FAULT_LOCK_ORDER] = "lock-order",
    [FAULT_SPLIT_BATCH] = "split-batch",
    [FAULT_SNAPSHOT] = "snapshot",
    [FAULT_EXPIRY_ROW] = "expiry-row",
    [FAULT_LOG_MISSING] = "log-missing",
    [FAULT_LOG_DOUBLED] = "log-doubled",
    [FAULT_LOG_STAMP] = "log-stamp",
    [FAULT_GATE] = "gate",
    [FAULT_SEGMENT_RECORD] = "segment-record",
    [FAULT_SEGMENT_END] = "segment-end",
    [FAULT_BACKUP_CUT] = "backup-cut",
    [FAULT_RESTORE_CUT] = "restore-cut",
    [FAULT_LOG_FLOOR] = "log-floor",
    [FAULT_SEALED_PART] = "sealed-part",
    [FAULT_SPLIT_EARLY] = "split-early",
    [FAULT_BURST_DEPTH] = "burst-depth",
    [FAULT_REFUSED_CHARGE] = "refused-charge",
    [FAULT_PARTITION_LIMIT] = "partition-limit",
};

#ifdef STATOR_PLANTED
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool fault_planted(enum fault fault)
{
    static const char *planted;
    if (!planted) {
        const char *named = getenv("STATOR_PLANT");
        planted = named ? named : "";
    }
    return strcmp(planted, fault_names[fault]) == 0;
}

void fault_dawdle(void)
{
    struct timespec while_others_work = {.tv_nsec = 20 * 1000 * 1000};
    nanosleep(&while_others_work, NULL);
}
#endif
