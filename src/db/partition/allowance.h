/*
 * What a table or global index may be asked for in a second, by its settings: its allowance, and
 * what that is at a moment, when what it has been asked for counts too (db/partition/peak.h).
 *
 * Provisioned, it is what was provisioned, and the unused share of five minutes. Every partition
 * may take of it what it likes, as far as a partition goes (adaptive capacity). On demand it is
 * what is warm, or twice the previous peak; at most its ceiling, or what a table may have.
 * Source: Developer Guide, burst and adaptive capacity, on-demand capacity mode, warm throughput.
 */
#pragma once
#include "db/partition/bucket.h"
#include "db/partition/peak.h"
#include "db/table/table.h"

enum usage_kind { USAGE_READ, USAGE_WRITE, USAGE_KIND_COUNT };

/* What a request can be over, as the service names the reasons. */
enum usage_limit {
    USAGE_PROVISIONED,   /* of the table or index */
    USAGE_ACCOUNT,       /* the most that a table on demand may have */
    USAGE_KEY_RANGE,     /* of the partition; on demand also what has not been scaled to yet */
    USAGE_ON_DEMAND_MAX, /* the ceiling that its owner gave it */
    USAGE_LIMIT_COUNT,
    USAGE_WITHIN_LIMITS = USAGE_LIMIT_COUNT,
};

/* Units a second. */
struct allowance {
    bool on_demand;
    int64_t units;   /* provisioned, or warm */
    int64_t ceiling; /* on demand; 0: none */
};

/* `index`: a global one, or NULL. */
struct allowance allowance_of(const struct table *table, const struct index *index,
                              enum usage_kind kind);

/* What is warm, or twice the previous peak where that is more, as far as a table may have it. */
int64_t allowance_grown(const struct allowance *allowance, const struct peak *peak);

/* At a moment: how fast the bucket fills, and what whoever finds it empty is over. */
struct bucket_rate allowance_now(const struct allowance *allowance, const struct peak *peak,
                                 enum usage_limit *limit);

/* Of any one partition. */
struct bucket_rate allowance_of_partition(enum usage_kind kind);
