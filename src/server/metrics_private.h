/* What the files of the page of metrics share. */
#pragma once
#include "server/exposition.h"
#include "server/metrics.h"

struct table;
struct index;

struct page {
    const struct metrics *metrics;
    const struct http_server *http;
    const struct figures *figures;
    struct buffer *out;
};

/* One family of the page. */
struct metric {
    slice name;
    enum metric_kind kind;
    slice labels; /* separated by commas, or none */
    slice help;
    /* One of both: all samples, or those of one table, and where it has indexes of each. */
    void (*write)(struct page *page, const struct metric *metric);
    void (*write_table)(struct page *page, const struct metric *metric, const struct table *table,
                        const struct index *index);
    bool of_indexes;                 /* global ones, besides their tables */
    size_t at;                       /* of a number in what `write` reads */
    size_t which;                    /* one of several for `write` */
    unsigned decimals;               /* of its unit: microseconds are shown as seconds */
    struct exposition_bounds bounds; /* of a histogram */
};

/* NULL after the last. */
const struct metric *metric_at(uint32_t index);

/* ---- metrics_tables.c: for write_table ---- */

void metric_write_table_count(struct page *page, const struct metric *metric,
                              const struct table *table, const struct index *index);
void metric_write_table_calls(struct page *page, const struct metric *metric,
                              const struct table *table, const struct index *index);
void metric_write_consumed(struct page *page, const struct metric *metric,
                           const struct table *table, const struct index *index);
void metric_write_usage(struct page *page, const struct metric *metric, const struct table *table,
                        const struct index *index);
void metric_write_throttles(struct page *page, const struct metric *metric,
                            const struct table *table, const struct index *index);
void metric_write_provisioned(struct page *page, const struct metric *metric,
                              const struct table *table, const struct index *index);
void metric_write_on_demand_max(struct page *page, const struct metric *metric,
                                const struct table *table, const struct index *index);
void metric_write_progress(struct page *page, const struct metric *metric,
                           const struct table *table, const struct index *index);
