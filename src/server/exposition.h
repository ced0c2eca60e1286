/*
 * The text format of Prometheus, version 0.0.4: families of samples, each family once, its samples
 * right behind its head. Numbers are whole ones of a decimal unit, so they come out exact.
 */
#pragma once
#include "base/buffer.h"
#include "base/histogram.h"

#define EXPOSITION_CONTENT_TYPE SLICE("text/plain; version=0.0.4; charset=utf-8")

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_SUMMARY };

/* `# HELP` and `# TYPE`. */
void exposition_head(struct buffer *out, slice name, enum metric_kind kind, slice help);

enum { EXPOSITION_LABELS_MAX = 3 };

struct label {
    slice name;
    slice value; /* any text; a label without a value is left out, which is the same */
};

struct sample {
    slice name;
    slice suffix; /* of the name: "_sum", or none */
    const struct label *labels;
    uint32_t label_count; /* at most EXPOSITION_LABELS_MAX */
};

/* One line: `number` / 10^decimals. */
void exposition_sample(struct buffer *out, const struct sample *sample, uint64_t number,
                       unsigned decimals);

/* Which bounds of a histogram are shown: from the first that is not below `from` to `to`. */
struct exposition_bounds {
    uint64_t from;
    uint64_t to;
};

/* Cumulative buckets up to +Inf, sum and count, which agree whatever is counted meanwhile. */
void exposition_histogram(struct buffer *out, const struct sample *sample,
                          const struct histogram_sum *histogram, struct exposition_bounds bounds,
                          unsigned decimals);
