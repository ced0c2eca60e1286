/* What RocksDB, the row cache and the disk are at. */
#include "store/rocks/rocks_private.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t property(const struct rocks *rocks, enum store_area area, const char *name)
{
    uint64_t value = 0;
    if (rocksdb_property_int_cf(rocks->db, rocks->areas[area], name, &value) != 0)
        return 0;
    return value;
}

/* The number of files on a level is a property that RocksDB gives as text only. */
static uint64_t files_at_level(const struct rocks *rocks, enum store_area area, int level)
{
    char name[sizeof "rocksdb.num-files-at-level" + 12];
    snprintf(name, sizeof name, "rocksdb.num-files-at-level%d", level);
    char *text = rocksdb_property_value_cf(rocks->db, rocks->areas[area], name);
    uint64_t count = text ? strtoull(text, NULL, 10) : 0;
    rocksdb_free(text);
    return count;
}

static void measure_area(const struct rocks *rocks, enum store_area area,
                         struct store_area_figures *figures)
{
    const struct {
        const char *name;
        uint64_t *figure;
    } properties[] = {
        {"rocksdb.total-sst-files-size", &figures->table_bytes},
        {"rocksdb.live-sst-files-size", &figures->live_table_bytes},
        {"rocksdb.size-all-mem-tables", &figures->write_buffer_bytes},
        {"rocksdb.num-immutable-mem-table", &figures->write_buffers_waiting},
        {"rocksdb.estimate-pending-compaction-bytes", &figures->pending_compaction_bytes},
        {"rocksdb.estimate-table-readers-mem", &figures->table_reader_bytes},
    };
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        *properties[i].figure = property(rocks, area, properties[i].name);
    for (int level = 0; level < STORE_LEVELS_MAX; level++)
        figures->level_files[level] = files_at_level(rocks, area, level);
}

/* The areas have one block cache and one crew between them: either tells. */
static void measure_shared(const struct rocks *rocks, struct store_figures *figures)
{
    const struct {
        const char *name;
        uint64_t *figure;
    } properties[] = {
        {"rocksdb.block-cache-usage", &figures->block_cache_bytes},
        {"rocksdb.block-cache-capacity", &figures->block_cache_bytes_max},
        {"rocksdb.block-cache-pinned-usage", &figures->block_cache_pinned_bytes},
        {"rocksdb.num-running-compactions", &figures->compactions_running},
        {"rocksdb.num-running-flushes", &figures->flushes_running},
        {"rocksdb.is-write-stopped", &figures->writes_are_stopped},
        {"rocksdb.actual-delayed-write-rate", &figures->delayed_bytes_a_second},
        {"rocksdb.num-snapshots", &figures->snapshots},
    };
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        *properties[i].figure = property(rocks, STORE_ROWS, properties[i].name);
}

void rocks_measure(struct store *store, struct store_figures *figures)
{
    struct rocks *rocks = rocks_of(store);
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++)
        measure_area(rocks, area, &figures->areas[area]);
    measure_shared(rocks, figures);
    row_cache_measure(rocks->row_cache, &figures->row_cache_bytes, &figures->row_cache_hits,
                      &figures->row_cache_misses);
    disk_measure(rocks, &figures->disk_free_bytes, &figures->disk_needed_bytes);
}
