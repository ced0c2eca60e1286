/* What the files of the page of metrics share. */
#pragma once
#include "server/exposition.h"
#include "server/metrics.h"

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
    /* One of both: all samples, or those of one table. */
    void (*write)(struct page *page, const struct metric *metric);
    void (*write_table)(struct page *page, const struct metric *metric, const struct table *table);
    size_t at;         /* of a number in what `write` reads */
    size_t which;      /* one of several for `write` */
    unsigned decimals; /* of its unit: microseconds are shown as seconds */
    struct exposition_bounds bounds; /* of a histogram */
};

/* NULL after the last. */
const struct metric *metric_at(uint32_t index);
