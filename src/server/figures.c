#include "server/figures.h"

#include "base/budget.h"
#include "base/limits.h"
#include "db/index/index.h"
#include "server/call.h"
#include "server/resident.h"
#include <dirent.h>
#include <malloc.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ---- the process ---- */

static void measure_memory(struct figures *figures)
{
    figures->resident_bytes = resident_bytes();
    struct mallinfo2 heap = mallinfo2();
    figures->heap_used_bytes = heap.uordblks + heap.hblkhd;
    figures->heap_held_bytes = heap.arena + heap.hblkhd;
}

/* Entries of a folder of /proc that are numbers. */
static uint64_t count_entries(const char *path)
{
    uint64_t count = 0;
    DIR *directory = opendir(path);
    if (!directory)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static uint64_t us_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void measure_process(const struct figures_sources *sources, struct figures *figures)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    figures->started_ms = sources->started_ms;
    figures->uptime_ms = now_ms > sources->started_ms ? now_ms - sources->started_ms : 0;
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        figures->cpu_us = us_of(usage.ru_utime) + us_of(usage.ru_stime);
    figures->threads = count_entries("/proc/self/task");
    uint64_t open_files = count_entries("/proc/self/fd");
    figures->open_files = open_files > 0 ? open_files - 1 : 0; /* without the folder itself */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        figures->open_files_max = limit.rlim_cur;
    measure_memory(figures);
}

/* ---- tables ---- */

static void add_units(struct table_figures *figures, struct table_units units)
{
    uint64_t read = (uint64_t)units.read;
    uint64_t write = (uint64_t)units.write;
    figures->read_units_provisioned += read;
    figures->write_units_provisioned += write;
    if (read > figures->read_units_provisioned_max)
        figures->read_units_provisioned_max = read;
    if (write > figures->write_units_provisioned_max)
        figures->write_units_provisioned_max = write;
}

static void add_table(struct table_figures *figures, const struct table *table)
{
    figures->tables++;
    add_units(figures, table->settings.provisioned);
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == INDEX_GLOBAL)
            add_units(figures, table->indexes[i].provisioned);
    }
}

static void measure_tables(struct db *db, struct table_figures *figures)
{
    enum { AT_ONCE = 64 };
    const struct table *tables[AT_ONCE];
    char name[TABLE_NAME_BYTES_MAX];
    slice after = SLICE_NONE;
    uint32_t count;
    do {
        count = table_list(db, after, tables, AT_ONCE);
        for (uint32_t i = 0; i < count; i++) {
            add_table(figures, tables[i]);
            memcpy(name, tables[i]->name.data, tables[i]->name.size);
            after = slice_of(name, tables[i]->name.size);
            table_release(tables[i]);
        }
    } while (count == AT_ONCE);
}

void figures_gather(const struct figures_sources *sources, const struct http_server *http,
                    struct figures *figures)
{
    *figures = (struct figures){
        .memory_bytes_max = sources->memory_bytes_max,
        .request_bytes = atomic_load(&sources->request_budget->used_bytes),
        .request_bytes_max = sources->request_budget->max_bytes,
        .queue_bytes = atomic_load(&sources->queue_budget->used_bytes),
        .queue_bytes_max = sources->queue_budget->max_bytes,
        .parked_requests = calls_parked(sources->calls),
    };
    measure_process(sources, figures);
    measure_tables(sources->db, &figures->tables);
    http_server_counters(http, &figures->http);
    workers_measure(sources->workers, &figures->workers);
    workers_measure(sources->readers, &figures->readers);
    store_measure(sources->store, &figures->store);
}
