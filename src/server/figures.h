/*
 * What the server as a whole is at, in figures: process, memory, connections, threads, store,
 * tables. Gathered at once for a page of metrics; each figure is right, not all at one moment.
 */
#pragma once
#include "http/server.h"
#include "server/counts.h"
#include "server/workers.h"
#include "store/figures.h"

struct calls;
struct db;

/* Whom to ask; all borrowed. */
struct figures_sources {
    const struct counts *counts;
    struct calls *calls;
    struct db *db;
    struct store *store;
    struct workers *workers;
    struct workers *readers;
    const struct budget *request_budget;
    const struct budget *queue_budget;
    size_t memory_bytes_max; /* --memory-mb */
    unsigned loop_count;
    uint64_t started_ms; /* epoch */
};

/* The sums over all tables and global indexes. */
struct table_figures {
    uint64_t tables;
    uint64_t read_units_provisioned;
    uint64_t write_units_provisioned;
    uint64_t read_units_provisioned_max; /* of one of them */
    uint64_t write_units_provisioned_max;
};

struct figures {
    uint64_t started_ms;
    uint64_t uptime_ms;
    uint64_t cpu_us; /* user and system */
    uint64_t threads;
    uint64_t open_files;
    uint64_t open_files_max;
    uint64_t resident_bytes;
    uint64_t heap_used_bytes; /* taken from the allocator */
    uint64_t heap_held_bytes; /* by it, what was freed and not returned included */
    uint64_t memory_bytes_max;
    uint64_t request_bytes; /* requests and replies */
    uint64_t request_bytes_max;
    uint64_t queue_bytes; /* change sets in the commit queue */
    uint64_t queue_bytes_max;
    uint64_t parked_requests;
    struct http_counters http;
    struct workers_figures workers;
    struct workers_figures readers;
    struct table_figures tables;
    struct store_figures store;
};

/* Waits for locks and reads /proc: not on a loop. `http`: of the exchange that asks. */
void figures_gather(const struct figures_sources *sources, const struct http_server *http,
                    struct figures *figures);
