/*
 * Every metric of the page, in its order. docs/metrics.md has the same rows for readers, and tests
 * hold the two and the page together.
 */
#include "server/metrics_private.h"

#include "base/limits.h"
#include "db/partition/usage.h"
#include "db/table/table_counters.h"
#include "server/version.h"

enum { US = 6, MS = 3, WHOLE = 0 };

/* The number at an offset of a struct of figures. */
static uint64_t number_at(const void *figures, size_t at)
{
    return *(const uint64_t *)((const char *)figures + at);
}

static struct sample sample_of(const struct metric *metric, const struct label *labels,
                               uint32_t count)
{
    return (struct sample){.name = metric->name, .labels = labels, .label_count = count};
}

static void write_labelled(struct page *page, const struct metric *metric, struct label label,
                           uint64_t number)
{
    struct sample sample = sample_of(metric, &label, 1);
    exposition_sample(page->out, &sample, number, metric->decimals);
}

static slice number_label(struct page *page, uint64_t number)
{
    return arena_format(page->out->arena, "%llu", (unsigned long long)number);
}

/* ---- of the server ---- */

static void write_figure(struct page *page, const struct metric *metric)
{
    struct sample sample = sample_of(metric, NULL, 0);
    exposition_sample(page->out, &sample, number_at(page->figures, metric->at), metric->decimals);
}

static void write_constant(struct page *page, const struct metric *metric)
{
    struct sample sample = sample_of(metric, NULL, 0);
    exposition_sample(page->out, &sample, metric->which, metric->decimals);
}

/* Of `which`, in percent. */
static void write_share(struct page *page, const struct metric *metric)
{
    struct sample sample = sample_of(metric, NULL, 0);
    uint64_t number = number_at(page->figures, metric->at);
    exposition_sample(page->out, &sample, number * 10000 / metric->which, metric->decimals);
}

static void write_figure_histogram(struct page *page, const struct metric *metric)
{
    struct sample sample = sample_of(metric, NULL, 0);
    const void *histogram = (const char *)page->figures + metric->at;
    exposition_histogram(page->out, &sample, histogram, metric->bounds, metric->decimals);
}

static void write_build(struct page *page, const struct metric *metric)
{
    write_labelled(page, metric, (struct label){SLICE("version"), SLICE(STATOR_VERSION)}, 1);
}

static void write_loops(struct page *page, const struct metric *metric)
{
    for (unsigned i = 0; i < page->metrics->sources.loop_count; i++) {
        struct http_loop_counters counters;
        http_loop_counters(page->http, i, &counters);
        write_labelled(page, metric, (struct label){SLICE("loop"), number_label(page, i)},
                       number_at(&counters, metric->at));
    }
}

static void write_crews(struct page *page, const struct metric *metric)
{
    write_labelled(page, metric, (struct label){SLICE("crew"), SLICE("workers")},
                   number_at(&page->figures->workers, metric->at));
    write_labelled(page, metric, (struct label){SLICE("crew"), SLICE("readers")},
                   number_at(&page->figures->readers, metric->at));
}

/* ---- of the store's areas ---- */

static const slice area_names[STORE_AREA_COUNT] = {
    [STORE_ROWS] = SLICE("rows"),
    [STORE_LOG] = SLICE("log"),
};

static void write_areas(struct page *page, const struct metric *metric)
{
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++)
        write_labelled(page, metric, (struct label){SLICE("area"), area_names[area]},
                       number_at(&page->figures->store.areas[area], metric->at));
}

static void write_levels(struct page *page, const struct metric *metric)
{
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++) {
        for (uint64_t level = 0; level < STORE_LEVELS_MAX; level++) {
            const struct label labels[] = {{SLICE("area"), area_names[area]},
                                           {SLICE("level"), number_label(page, level)}};
            struct sample sample = sample_of(metric, labels, 2);
            exposition_sample(page->out, &sample,
                              page->figures->store.areas[area].level_files[level], WHOLE);
        }
    }
}

/* ---- of operations ---- */

static slice operation_label(uint32_t index)
{
    const struct operation *operation = operation_at(index);
    return operation ? operation->name : SLICE("none");
}

static void write_latencies(struct page *page, const struct metric *metric)
{
    for (uint32_t i = 0; i < operation_count(); i++) {
        struct histogram_sum histogram;
        counts_latency(page->metrics->sources.counts, i, &histogram);
        uint64_t count = 0;
        for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKET_COUNT; bucket++)
            count += histogram.counts[bucket];
        if (count == 0)
            continue;
        const struct label label = {SLICE("operation"), operation_label(i)};
        struct sample sample = sample_of(metric, &label, 1);
        exposition_histogram(page->out, &sample, &histogram, metric->bounds, metric->decimals);
    }
}

/* The name of an error without its namespace. */
static slice error_label(enum error_kind kind)
{
    slice type = error_wire_of(kind)->type;
    const char *name = memchr(type.data, '#', type.size);
    return name ? slice_from(type, (size_t)(name + 1 - type.data)) : type;
}

/* Several kinds have one name on the wire: what has the name of an earlier one counts with it. */
static bool is_first_of_name(enum error_kind kind)
{
    for (enum error_kind before = 0; before < kind; before++) {
        if (slice_equal(error_label(before), error_label(kind)))
            return false;
    }
    return true;
}

static uint64_t failures_of_name(const struct counts *counts, uint32_t operation,
                                 enum error_kind first)
{
    uint64_t count = 0;
    for (enum error_kind kind = first; kind < ERROR_KIND_COUNT; kind++) {
        if (slice_equal(error_label(kind), error_label(first)))
            count += counts_failures(counts, operation, kind);
    }
    return count;
}

/* Failures of the class `which`. */
static void write_failures(struct page *page, const struct metric *metric)
{
    const struct counts *counts = page->metrics->sources.counts;
    for (uint32_t i = 0; i <= operation_count(); i++) {
        for (enum error_kind kind = 0; kind < ERROR_KIND_COUNT; kind++) {
            if (failure_class(kind) != metric->which || !is_first_of_name(kind))
                continue;
            uint64_t count = failures_of_name(counts, i, kind);
            if (count == 0)
                continue;
            const struct label labels[] = {{SLICE("operation"), operation_label(i)},
                                           {SLICE("error"), error_label(kind)}};
            struct sample sample = sample_of(metric, labels, 2);
            exposition_sample(page->out, &sample, count, WHOLE);
        }
    }
}

static void write_phases(struct page *page, const struct metric *metric)
{
    static const slice names[PHASE_COUNT] = {
        [PHASE_RUN] = SLICE("run"),
        [PHASE_WORKER] = SLICE("worker"),
        [PHASE_COMMIT] = SLICE("commit"),
        [PHASE_ROOM] = SLICE("room"),
    };
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++)
        write_labelled(page, metric, (struct label){SLICE("phase"), names[phase]},
                       counts_phase_us(page->metrics->sources.counts, phase));
}

/* ---- the table ---- */

#define AT(member) offsetof(struct figures, member)
#define AREA_AT(member) offsetof(struct store_area_figures, member)
#define TABLE_AT(member) offsetof(struct table_counters, member)
#define USAGE_AT(member) offsetof(struct usage_counts, member)

enum {
    LATENCY_US_MIN = 16,
    LATENCY_US_MAX = 1 << 25,
    WRITE_US_MIN = 8,
    CHANGE_SETS_MAX = 1024,
};

#define ONE(metric_name, metric_kind, help_text, member, unit)                                     \
    {.name = SLICE(metric_name), .kind = METRIC_##metric_kind, .help = SLICE(help_text),           \
     .write = write_figure, .at = AT(member), .decimals = (unit)}
#define EACH(metric_name, metric_kind, label_names, help_text, writer, ...)                        \
    {.name = SLICE(metric_name), .kind = METRIC_##metric_kind, .labels = SLICE(label_names),       \
     .help = SLICE(help_text), .write = writer, __VA_ARGS__}
#define TABLES(metric_name, metric_kind, label_names, help_text, writer, ...)                      \
    {.name = SLICE(metric_name), .kind = METRIC_##metric_kind, .labels = SLICE(label_names),       \
     .help = SLICE(help_text), .write_table = writer, __VA_ARGS__}

#define INDEXES(...) TABLES(__VA_ARGS__, .of_indexes = true)

static const struct metric metrics[] = {
    /* Requests. */
    EACH("stator_successful_request_latency_seconds", HISTOGRAM, "operation",
         "From the last byte of a request that succeeded to its reply.", write_latencies,
         .bounds = {LATENCY_US_MIN, LATENCY_US_MAX}, .decimals = US),
    EACH("stator_user_errors_total", COUNTER, "operation,error",
         "Requests refused for a reason that lies in them, throttled ones and failed conditions "
         "apart.",
         write_failures, .which = FAILURE_OF_USER),
    EACH("stator_system_errors_total", COUNTER, "operation,error",
         "Requests answered with status 500 or above.", write_failures,
         .which = FAILURE_OF_SYSTEM),
    EACH("stator_throttled_requests_total", COUNTER, "operation,error",
         "Requests refused because a limit of throughput was exceeded.", write_failures,
         .which = FAILURE_THROTTLED),
    EACH("stator_request_phase_seconds_total", COUNTER, "phase",
         "What the time of requests went to: running, waiting for a worker, for the commit, for "
         "room in the commit queue.",
         write_phases, .decimals = US),
    ONE("stator_parked_requests", GAUGE, "Requests that wait for room in the commit queue.",
        parked_requests, WHOLE),

    /* Tables. */
    TABLES("stator_table_successful_request_latency_seconds", SUMMARY, "table,operation",
           "The same per table: of requests to several tables the first one's.",
           metric_write_table_calls, .decimals = US),
    INDEXES("stator_consumed_read_capacity_units_total", COUNTER, "table,index",
           "Read units consumed.", metric_write_consumed, .which = USAGE_READ, .decimals = 1),
    INDEXES("stator_consumed_write_capacity_units_total", COUNTER, "table,index",
           "Write units consumed.", metric_write_consumed, .which = USAGE_WRITE, .decimals = 1),
    INDEXES("stator_returned_item_count_total", COUNTER, "table,index",
           "Items that reads returned.", metric_write_usage, .at = USAGE_AT(returned_items)),
    INDEXES("stator_scanned_item_count_total", COUNTER, "table,index",
           "Items that reads looked at, those that a filter took out included.",
           metric_write_usage, .at = USAGE_AT(scanned_items)),
    INDEXES("stator_read_throttle_events_total", COUNTER, "table,index,limit",
           "Reads refused, by the limit that they were over.", metric_write_throttles,
           .at = USAGE_AT(throttled[USAGE_READ])),
    INDEXES("stator_write_throttle_events_total", COUNTER, "table,index,limit",
           "Writes refused, by the limit that they were over.", metric_write_throttles,
           .at = USAGE_AT(throttled[USAGE_WRITE])),
    INDEXES("stator_read_would_throttle_events_total", COUNTER, "table,index,limit",
           "Reads served that --throughput enforce would have refused.", metric_write_throttles,
           .at = USAGE_AT(would_throttle[USAGE_READ])),
    INDEXES("stator_write_would_throttle_events_total", COUNTER, "table,index,limit",
           "Writes served that --throughput enforce would have refused.", metric_write_throttles,
           .at = USAGE_AT(would_throttle[USAGE_WRITE])),
    TABLES("stator_conditional_check_failed_requests_total", COUNTER, "table",
           "Writes whose condition did not hold.", metric_write_table_count,
           .at = TABLE_AT(conditions_failed)),
    TABLES("stator_transaction_conflict_total", COUNTER, "table",
           "Requests refused because a transaction was under way on the same items.",
           metric_write_table_count, .at = TABLE_AT(transaction_conflicts)),
    TABLES("stator_table_throttled_requests_total", COUNTER, "table",
           "Requests to the table that were throttled.", metric_write_table_count,
           .at = TABLE_AT(throttled)),
    TABLES("stator_table_system_errors_total", COUNTER, "table",
           "Requests to the table that were answered with status 500 or above.",
           metric_write_table_count, .at = TABLE_AT(system_errors)),
    TABLES("stator_time_to_live_deleted_item_count_total", COUNTER, "table",
           "Items that time to live has deleted.", metric_write_table_count,
           .at = TABLE_AT(expired_items)),
    INDEXES("stator_provisioned_read_capacity_units", GAUGE, "table,index",
           "Read units a second that the table or index is provisioned with.", metric_write_provisioned,
           .at = offsetof(struct table_units, read)),
    INDEXES("stator_provisioned_write_capacity_units", GAUGE, "table,index",
           "Write units a second that the table or index is provisioned with.", metric_write_provisioned,
           .at = offsetof(struct table_units, write)),
    INDEXES("stator_on_demand_max_read_request_units", GAUGE, "table,index",
           "The ceiling of read units a second of an on-demand table or index that has one.",
           metric_write_on_demand_max, .at = offsetof(struct table_units, read)),
    INDEXES("stator_on_demand_max_write_request_units", GAUGE, "table,index",
           "The ceiling of write units a second of an on-demand table or index that has one.",
           metric_write_on_demand_max, .at = offsetof(struct table_units, write)),
    INDEXES("stator_online_index_percentage_progress", GAUGE, "table,index",
           "How far the making of an index that was added to a table is.", metric_write_progress),
    ONE("stator_tables", GAUGE, "Tables there are.", tables.tables, WHOLE),
    EACH("stator_account_max_reads", GAUGE, "",
         "Read units a second that all provisioned tables together may have.", write_constant,
         .which = CAPACITY_UNITS_ACCOUNT_MAX),
    EACH("stator_account_max_writes", GAUGE, "",
         "Write units a second that all provisioned tables together may have.", write_constant,
         .which = CAPACITY_UNITS_ACCOUNT_MAX),
    EACH("stator_account_max_table_level_reads", GAUGE, "",
         "Read units a second that one table or index may have.", write_constant,
         .which = CAPACITY_UNITS_TABLE_MAX),
    EACH("stator_account_max_table_level_writes", GAUGE, "",
         "Write units a second that one table or index may have.", write_constant,
         .which = CAPACITY_UNITS_TABLE_MAX),
    EACH("stator_account_provisioned_read_capacity_utilization", GAUGE, "",
         "Percent of stator_account_max_reads that is provisioned.", write_share,
         .at = AT(tables.read_units_provisioned), .which = CAPACITY_UNITS_ACCOUNT_MAX,
         .decimals = 2),
    EACH("stator_account_provisioned_write_capacity_utilization", GAUGE, "",
         "Percent of stator_account_max_writes that is provisioned.", write_share,
         .at = AT(tables.write_units_provisioned), .which = CAPACITY_UNITS_ACCOUNT_MAX,
         .decimals = 2),
    EACH("stator_max_provisioned_table_read_capacity_utilization", GAUGE, "",
         "Percent of stator_account_max_table_level_reads that the largest table or index has.",
         write_share, .at = AT(tables.read_units_provisioned_max),
         .which = CAPACITY_UNITS_TABLE_MAX, .decimals = 2),
    EACH("stator_max_provisioned_table_write_capacity_utilization", GAUGE, "",
         "Percent of stator_account_max_table_level_writes that the largest table or index has.",
         write_share, .at = AT(tables.write_units_provisioned_max),
         .which = CAPACITY_UNITS_TABLE_MAX, .decimals = 2),

    /* Connections and threads. */
    ONE("stator_connections_open", GAUGE, "Connections now.", http.connections_open, WHOLE),
    ONE("stator_connections_accepted_total", COUNTER, "Connections that were accepted.",
        http.connections_accepted, WHOLE),
    ONE("stator_connections_refused_total", COUNTER,
        "Connections closed at once, beyond --connections-max.", http.connections_refused, WHOLE),
    ONE("stator_http_requests_total", COUNTER, "Requests of any kind, pages included.",
        http.requests, WHOLE),
    EACH("stator_loop_connections", GAUGE, "loop", "Connections of each loop.", write_loops,
         .at = offsetof(struct http_loop_counters, connections_open)),
    EACH("stator_loop_requests_total", COUNTER, "loop", "Requests that came to each loop.",
         write_loops, .at = offsetof(struct http_loop_counters, requests)),
    EACH("stator_worker_threads", GAUGE, "crew", "Threads that may wait for the disk.",
         write_crews, .at = offsetof(struct workers_figures, threads)),
    EACH("stator_worker_threads_busy", GAUGE, "crew", "Of them, those that are at work.",
         write_crews, .at = offsetof(struct workers_figures, busy)),
    EACH("stator_worker_tasks_waiting", GAUGE, "crew", "Requests that wait for one of them.",
         write_crews, .at = offsetof(struct workers_figures, waiting)),

    /* The commit queue. */
    ONE("stator_commit_queue_depth", GAUGE, "Change sets submitted and not yet committed.",
        store.depth, WHOLE),
    ONE("stator_commit_queue_bytes", GAUGE, "What they hold.", queue_bytes, WHOLE),
    ONE("stator_commit_queue_max_bytes", GAUGE,
        "What they may hold; beyond it writes wait for room.", queue_bytes_max, WHOLE),
    ONE("stator_commit_groups_total", COUNTER, "Groups of change sets written, one batch each.",
        store.groups, WHOLE),
    ONE("stator_commit_rows_total", COUNTER, "Rows written.", store.rows, WHOLE),
    ONE("stator_commit_change_sets_total", COUNTER, "Change sets answered, dropped ones included.",
        store.change_sets, WHOLE),
    ONE("stator_commit_change_sets_dropped_total", COUNTER,
        "Of them, those that took no effect: they depended on what failed, or writes are refused.",
        store.dropped, WHOLE),
    EACH("stator_commit_group_change_sets", HISTOGRAM, "",
         "Change sets of a group: how many writes share a sync.", write_figure_histogram,
         .at = AT(store.group_change_sets), .bounds = {1, CHANGE_SETS_MAX}),
    EACH("stator_commit_sync_latency_seconds", HISTOGRAM, "",
         "What writing and syncing a group took.", write_figure_histogram,
         .at = AT(store.write_us), .bounds = {WRITE_US_MIN, LATENCY_US_MAX}, .decimals = US),
    ONE("stator_commit_number", GAUGE, "Number of the last commit; grows over restarts.",
        store.commit_number, WHOLE),

    /* Disk. */
    ONE("stator_writable", GAUGE, "1 while writes are taken, 0 while they are refused.",
        store.is_writable, WHOLE),
    ONE("stator_disk_free_bytes", GAUGE, "Free on the disk of the data.", store.disk_free_bytes,
        WHOLE),
    ONE("stator_disk_needed_bytes", GAUGE, "Writes are refused when less is free.",
        store.disk_needed_bytes, WHOLE),

    /* RocksDB. */
    EACH("stator_rocksdb_level_files", GAUGE, "area,level", "Table files of each level.",
         write_levels),
    EACH("stator_rocksdb_table_bytes", GAUGE, "area",
         "Table files, those that wait for deletion included.", write_areas,
         .at = AREA_AT(table_bytes)),
    EACH("stator_rocksdb_live_table_bytes", GAUGE, "area", "Table files that are read.",
         write_areas, .at = AREA_AT(live_table_bytes)),
    EACH("stator_rocksdb_write_buffer_bytes", GAUGE, "area",
         "Memory of what is in the log and not in a table file yet.", write_areas,
         .at = AREA_AT(write_buffer_bytes)),
    EACH("stator_rocksdb_write_buffers_waiting", GAUGE, "area",
         "Full write buffers that wait to be flushed.", write_areas,
         .at = AREA_AT(write_buffers_waiting)),
    EACH("stator_rocksdb_pending_compaction_bytes", GAUGE, "area",
         "What compaction has to rewrite before it comes to rest.", write_areas,
         .at = AREA_AT(pending_compaction_bytes)),
    EACH("stator_rocksdb_table_reader_bytes", GAUGE, "area",
         "Memory of open table files beside the block cache.", write_areas,
         .at = AREA_AT(table_reader_bytes)),
    ONE("stator_rocksdb_compactions_running", GAUGE, "Compactions under way.",
        store.compactions_running, WHOLE),
    ONE("stator_rocksdb_flushes_running", GAUGE, "Flushes under way.", store.flushes_running,
        WHOLE),
    ONE("stator_rocksdb_writes_stopped", GAUGE, "1 while writes stand still for compaction.",
        store.writes_are_stopped, WHOLE),
    ONE("stator_rocksdb_delayed_write_bytes_per_second", GAUGE,
        "What writes are slowed to, for compaction; 0: they are not.",
        store.delayed_bytes_a_second, WHOLE),
    ONE("stator_rocksdb_snapshots", GAUGE, "Snapshots open.", store.snapshots, WHOLE),
    ONE("stator_rocksdb_block_cache_bytes", GAUGE, "The block cache holds.",
        store.block_cache_bytes, WHOLE),
    ONE("stator_rocksdb_block_cache_max_bytes", GAUGE, "The block cache may hold.",
        store.block_cache_bytes_max, WHOLE),
    ONE("stator_rocksdb_block_cache_pinned_bytes", GAUGE,
        "Of the block cache, what is in use and cannot go.", store.block_cache_pinned_bytes,
        WHOLE),
    ONE("stator_row_cache_bytes", GAUGE, "The row cache holds.", store.row_cache_bytes, WHOLE),
    ONE("stator_row_cache_hits_total", COUNTER, "Single rows that it had.", store.row_cache_hits,
        WHOLE),
    ONE("stator_row_cache_misses_total", COUNTER, "Single rows that it had not.",
        store.row_cache_misses, WHOLE),

    /* Memory and process. */
    ONE("stator_memory_max_bytes", GAUGE, "--memory-mb.", memory_bytes_max, WHOLE),
    ONE("stator_request_bytes", GAUGE, "Requests and replies hold, in their arenas and buffers.",
        request_bytes, WHOLE),
    ONE("stator_request_max_bytes", GAUGE, "Requests and replies may hold.", request_bytes_max,
        WHOLE),
    ONE("stator_heap_used_bytes", GAUGE, "Taken from the allocator.", heap_used_bytes, WHOLE),
    ONE("stator_heap_held_bytes", GAUGE, "Held by the allocator, free parts included.",
        heap_held_bytes, WHOLE),
    ONE("process_resident_memory_bytes", GAUGE, "Resident memory.", resident_bytes, WHOLE),
    ONE("process_cpu_seconds_total", COUNTER, "User and system time.", cpu_us, US),
    ONE("process_open_fds", GAUGE, "Open file descriptors.", open_files, WHOLE),
    ONE("process_max_fds", GAUGE, "Most file descriptors there can be.", open_files_max, WHOLE),
    ONE("process_threads", GAUGE, "Threads.", threads, WHOLE),
    ONE("process_start_time_seconds", GAUGE, "When the process started, since 1970.", started_ms,
        MS),
    ONE("stator_uptime_seconds", GAUGE, "Since then.", uptime_ms, MS),
    EACH("stator_build_info", GAUGE, "version", "1, labelled with what is running.", write_build),
};

const struct metric *metric_at(uint32_t index)
{
    return index < sizeof metrics / sizeof *metrics ? &metrics[index] : NULL;
}
