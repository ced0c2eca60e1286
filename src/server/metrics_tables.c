/* Metrics of tables and global indexes, by their names. `index` NULL: the table itself. */
#include "server/metrics_private.h"

#include "db/index/index.h"
#include "db/partition/usage.h"
#include "db/table/table_counters.h"

static void write_sample(struct page *page, const struct metric *metric, slice suffix,
                         const struct table *table, struct label label, uint64_t number,
                         unsigned decimals)
{
    const struct label labels[] = {{SLICE("table"), table->name}, label};
    struct sample sample = {
        .name = metric->name, .suffix = suffix, .labels = labels, .label_count = 2};
    exposition_sample(page->out, &sample, number, decimals);
}

/* What is nothing is not shown. */
static void write_of_index(struct page *page, const struct metric *metric,
                           const struct table *table, const struct index *index, int64_t number)
{
    const struct label label = {SLICE("index"), index ? index->name : SLICE_NONE};
    if (number > 0)
        write_sample(page, metric, SLICE_NONE, table, label, (uint64_t)number, metric->decimals);
}

void metric_write_table_count(struct page *page, const struct metric *metric,
                              const struct table *table, const struct index *index)
{
    const void *counters = (const char *)table_counters(table) + metric->at;
    write_of_index(page, metric, table, index, (int64_t)counter_read(counters));
}

void metric_write_table_calls(struct page *page, const struct metric *metric,
                              const struct table *table, const struct index *index)
{
    (void)index;
    const struct table_counters *counters = table_counters(table);
    for (uint32_t kind = 0; counts_table_call(kind).size > 0; kind++) {
        const struct label label = {SLICE("operation"), counts_table_call(kind)};
        uint64_t count = counter_read(&counters->calls[kind].count);
        if (count == 0)
            continue;
        write_sample(page, metric, SLICE("_sum"), table, label,
                     counter_read(&counters->calls[kind].us), metric->decimals);
        write_sample(page, metric, SLICE("_count"), table, label, count, 0);
    }
}

/* ---- what they were asked for ---- */

static struct usage_counts usage_counts_of(const struct table *table, const struct index *index)
{
    struct usage_counts counts;
    usage_read(&usage_of(table, index)->sum->counters, &counts);
    return counts;
}

void metric_write_consumed(struct page *page, const struct metric *metric,
                           const struct table *table, const struct index *index)
{
    enum { TENTHS_OF_A_HALF = 5 };
    struct usage_counts counts = usage_counts_of(table, index);
    write_of_index(page, metric, table, index, counts.half_units[metric->which] * TENTHS_OF_A_HALF);
}

void metric_write_usage(struct page *page, const struct metric *metric, const struct table *table,
                        const struct index *index)
{
    struct usage_counts counts = usage_counts_of(table, index);
    const void *count = (const char *)&counts + metric->at;
    write_of_index(page, metric, table, index, *(const int64_t *)count);
}

void metric_write_throttles(struct page *page, const struct metric *metric,
                            const struct table *table, const struct index *index)
{
    static const slice limits[USAGE_LIMIT_COUNT] = {
        [USAGE_PROVISIONED] = SLICE("provisioned_throughput"),
        [USAGE_ACCOUNT] = SLICE("account"),
        [USAGE_KEY_RANGE] = SLICE("key_range_throughput"),
        [USAGE_ON_DEMAND_MAX] = SLICE("max_on_demand_throughput"),
    };
    struct usage_counts counts = usage_counts_of(table, index);
    const void *of_limits = (const char *)&counts + metric->at;
    for (enum usage_limit limit = 0; limit < USAGE_LIMIT_COUNT; limit++) {
        const struct label labels[] = {{SLICE("table"), table->name},
                                       {SLICE("index"), index ? index->name : SLICE_NONE},
                                       {SLICE("limit"), limits[limit]}};
        struct sample sample = {.name = metric->name, .labels = labels, .label_count = 3};
        int64_t count = ((const int64_t *)of_limits)[limit];
        if (count > 0)
            exposition_sample(page->out, &sample, (uint64_t)count, metric->decimals);
    }
}

/* ---- what they are ---- */

static void write_units(struct page *page, const struct metric *metric, const struct table *table,
                        const struct index *index, const struct table_units *units)
{
    const void *number = (const char *)units + metric->at;
    write_of_index(page, metric, table, index, *(const int64_t *)number);
}

void metric_write_provisioned(struct page *page, const struct metric *metric,
                              const struct table *table, const struct index *index)
{
    write_units(page, metric, table, index,
                index ? &index->provisioned : &table->settings.provisioned);
}

void metric_write_on_demand_max(struct page *page, const struct metric *metric,
                                const struct table *table, const struct index *index)
{
    write_units(page, metric, table, index,
                index ? &index->on_demand_max : &table->settings.on_demand_max);
}

/* From its beginning on, while it lasts. */
void metric_write_progress(struct page *page, const struct metric *metric,
                           const struct table *table, const struct index *index)
{
    if (!index || !build_is_under_way(&index->build))
        return;
    write_sample(page, metric, SLICE_NONE, table, (struct label){SLICE("index"), index->name},
                 build_percent(page->metrics->sources.db, &index->build), metric->decimals);
}
