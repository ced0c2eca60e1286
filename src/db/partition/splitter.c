#include "db/partition/splitter.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/db_private.h"
#include "db/partition/split.h"
#include "db/partition/split_heat.h"
#include "db/partition/split_scan.h"
#include "db/partition/usage.h"
#include <stdlib.h>

enum {
    /* A scan is in no hurry: so many rows a turn are some 20 MB a second. */
    SCAN_ROWS_A_TURN = 4096,
    /* Whoever looks at a table with as many items finds it counted, not guessed. */
    SMALL_ITEMS_MAX = SCAN_ROWS_A_TURN,
    SMALL_ROWS_MAX = SMALL_ITEMS_MAX * (2 + LOCAL_INDEXES_MAX), /* with what is just coming */
    WAIT_DOUBLINGS_MAX = 6,
};

/* A scan that says how large a partition is. */
struct sizing {
    struct split_scan scan;
    struct partition_gauge_mark mark; /* when it began */
    uint32_t turns;
};

struct splitter {
    struct sizing quick; /* of a small table: within a turn */
    struct sizing slow;  /* of any other: a piece each turn */
    bool is_scanning;    /* the slow one */
    uint32_t rows_left;  /* of this turn, for quick ones */
};

struct splitter *splitter_new(void)
{
    return memory_alloc_zeroed(sizeof(struct splitter));
}

void splitter_free(struct splitter *splitter)
{
    if (splitter->is_scanning)
        split_scan_end(&splitter->slow.scan);
    free(splitter);
}

/* One map that is looked at. */
struct look {
    struct db *db;
    struct splitter *splitter;
    const struct table *table;
    const struct index *index; /* NULL: the table */
};

static struct partition_gauge *gauge_at(const struct look *look, uint32_t position)
{
    return &usage_of(look->table, look->index)->partitions[position]->gauge;
}

static int64_t bytes_of(const struct look *look, uint32_t position)
{
    return atomic_load_explicit(&gauge_at(look, position)->bytes, memory_order_relaxed);
}

static bool split_at(const struct look *look, uint32_t number, slice at, enum split_reason reason)
{
    struct split split = {.table = look->table,
                          .index_name = look->index ? look->index->name : SLICE_NONE,
                          .partition = number,
                          .at = at,
                          .reason = reason};
    bool done = false;
    error failure = partition_split(look->db, &split, &done);
    if (failure)
        log_write(LOG_WARN, "split_failed", "table=%.*s reason=%s", SLICE_ARGS(look->table->name),
                  LOG_VALUE(failure->message));
    return done;
}

/* ---- throughput ---- */

static uint64_t hash_of(slice place)
{
    char hash[sizeof(uint64_t)] = {0};
    if (place.size > 0)
        memcpy(hash, place.data, place.size < sizeof hash ? place.size : sizeof hash);
    return bytes_get_u64(hash);
}

/* The widest range of hashes, in its middle. */
static bool split_widest(const struct look *look, struct partition_map map)
{
    uint64_t widest = 0;
    uint64_t middle = 0;
    uint32_t number = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        uint64_t from = hash_of(map.list[i].from);
        uint64_t last = i + 1 < map.count ? hash_of(map.list[i + 1].from) - 1 : UINT64_MAX;
        if (last > from && last - from > widest) {
            widest = last - from;
            middle = from + widest / 2 + 1;
            number = map.list[i].number;
        }
    }
    char at[sizeof middle];
    bytes_put_u64(at, middle);
    return widest > 0 && split_at(look, number, slice_of(at, sizeof at), SPLIT_FOR_THROUGHPUT);
}

static bool look_at_throughput(const struct look *look)
{
    struct partition_map map = partition_map_of(look->table, look->index);
    int64_t wanted = look->index ? look->index->partitions_wanted : look->table->partitions_wanted;
    if (wanted > PARTITIONS_MAX)
        wanted = PARTITIONS_MAX;
    return map.count < wanted && split_widest(look, map);
}

/* ---- size ---- */

/* An unquiet partition is tried again after a while: twice as long each time. */
static bool is_due(struct partition_gauge *gauge)
{
    if (gauge->looks_left == 0)
        return true;
    gauge->looks_left--;
    return false;
}

static void put_off(struct partition_gauge *gauge, uint32_t turns)
{
    gauge->looks_left = (1 + turns) << gauge->scans_disturbed;
    if (gauge->scans_disturbed < WAIT_DOUBLINGS_MAX)
        gauge->scans_disturbed++;
}

/*
 * Whether a scan has to say how large the partition is. One that could not be split is looked at
 * again when it has grown by a quarter.
 */
static bool wants_scan(const struct look *look, uint32_t position)
{
    struct partition_gauge *gauge = gauge_at(look, position);
    int64_t limit = look->db->partition_bytes_max;
    if (!atomic_load_explicit(&gauge->is_exact, memory_order_acquire) && is_due(gauge))
        return true;
    if (!atomic_load_explicit(&gauge->is_known, memory_order_acquire) ||
        partition_map_of(look->table, look->index).count >= PARTITIONS_MAX)
        return false;
    int64_t tried = atomic_load_explicit(&gauge->whole_bytes, memory_order_relaxed);
    return bytes_of(look, position) > (tried > limit ? tried + tried / 4 : limit);
}

static bool is_scanned_now(const struct look *look, uint32_t position)
{
    const struct split_scan *scan = &look->splitter->slow.scan;
    return look->splitter->is_scanning &&
           scan->space == (look->index ? look->index->space : look->table->space) &&
           scan->partition == partition_map_of(look->table, look->index).list[position].number;
}

/* Of the table or index as a whole. */
static bool is_small(const struct look *look)
{
    SCOPED_ARENA(arena);
    struct db_session session;
    int64_t items, bytes;
    db_session_init(&session, look->db, &arena, STORE_ANY, NULL, NULL);
    error failure = look->index
                        ? table_index_counts(&session, look->table, look->index, &items, &bytes)
                        : table_counts(&session, look->table, &items, &bytes);
    return !failure && items <= SMALL_ITEMS_MAX;
}

/* What is counted at the mark, the scan will see: it begins when that is committed. */
static bool begin_sizing(const struct look *look, uint32_t position, struct sizing *sizing)
{
    SCOPED_ARENA(arena);
    *sizing = (struct sizing){.mark = partition_gauge_mark(gauge_at(look, position))};
    if (db_commit_rows(look->db, &arena, NULL, 0))
        return false;
    split_scan_begin(&sizing->scan, look->table, look->index, position);
    return true;
}

/* The children are as large as the halves that were scanned. */
static void tell_children(struct db *db, const struct split_scan *scan,
                          const struct split_sample *middle, bool is_exact)
{
    const struct table *table = catalogue_find(db->catalogue, scan->table_name);
    if (!table)
        return;
    struct look look = {.db = db, .table = table};
    if (scan->index_name.size > 0)
        look.index = table_index(table, scan->index_name);
    struct partition_map map = partition_map_of(table, look.index);
    int64_t bytes[] = {middle->bytes, scan->item_bytes - middle->bytes};
    int64_t items[] = {middle->items, scan->items - middle->items};
    uint32_t child = 0;
    for (uint32_t i = 0; i < map.count && child < 2; i++) {
        if (!map.list[i].is_child || map.list[i].parent != scan->partition)
            continue;
        /* Entries of local indexes lie as their items do. */
        if (scan->item_bytes > 0)
            bytes[child] = (int64_t)((double)bytes[child] * (double)scan->bytes /
                                     (double)scan->item_bytes);
        partition_gauge_learn(gauge_at(&look, i), (struct partition_gauge_mark){0}, bytes[child],
                             items[child], is_exact && scan->local_count == 0);
        child++;
    }
    table_release(table);
}

/* Whether it was split. */
static bool finish_sizing_at(const struct look *look, uint32_t position,
                             const struct sizing *sizing)
{
    const struct split_scan *scan = &sizing->scan;
    struct partition_gauge *gauge = gauge_at(look, position);
    catalogue_let_through(look->table);
    bool is_exact = partition_gauge_has_rested(gauge, sizing->mark);
    partition_gauge_learn(gauge, sizing->mark, scan->bytes, scan->items, is_exact);
    if (!is_exact)
        put_off(gauge, sizing->turns);
    if (scan->bytes <= look->db->partition_bytes_max)
        return false;
    const struct split_sample *middle = split_scan_middle(scan);
    if (!middle) /* one collection that must stay together, or one item */
        atomic_store_explicit(&gauge->whole_bytes, scan->bytes, memory_order_relaxed);
    if (!middle || !split_at(look, scan->partition, middle->at, SPLIT_FOR_SIZE))
        return false;
    /* From the split on nobody writes to the parent. */
    tell_children(look->db, scan, middle, partition_gauge_has_rested(gauge, sizing->mark));
    return true;
}

/* Of the table and partition that were scanned, if they are still there. */
static bool finish_sizing(struct db *db, struct splitter *splitter, struct sizing *sizing)
{
    const struct split_scan *scan = &sizing->scan;
    const struct table *table = catalogue_find(db->catalogue, scan->table_name);
    bool is_split = false;
    if (table && slice_equal(table->id, scan->table_id)) {
        struct look look = {db, splitter, table, NULL};
        bool is_index = scan->index_name.size > 0;
        if (is_index)
            look.index = table_index(table, scan->index_name);
        struct partition_map map = partition_map_of(table, look.index);
        uint32_t position = partition_position(map, scan->partition);
        uint32_t space = look.index ? look.index->space : table->space;
        if (space == scan->space && position < map.count)
            is_split = finish_sizing_at(&look, position, sizing);
    }
    if (table)
        table_release(table);
    return is_split;
}

/* For so many rows. False: it failed. */
static bool go_on_with(struct db *db, struct sizing *sizing, uint32_t row_count, bool *is_done)
{
    sizing->turns++;
    error failure = split_scan_go_on(db, &sizing->scan, row_count, is_done);
    if (failure)
        log_write(LOG_WARN, "split_scan_failed", "table=%.*s reason=%s",
                  SLICE_ARGS(sizing->scan.table_name), LOG_VALUE(failure->message));
    return !failure;
}

/* Whether the slow scan has come to its end. */
static bool go_on_slowly(struct db *db, struct splitter *splitter)
{
    bool is_done = false;
    bool works = go_on_with(db, &splitter->slow, SCAN_ROWS_A_TURN, &is_done);
    if (works && !is_done)
        return false;
    if (works)
        finish_sizing(db, splitter, &splitter->slow);
    split_scan_end(&splitter->slow.scan);
    splitter->is_scanning = false;
    return works;
}

/* A partition of a small table, from its beginning to its end. Whether it was split. */
static bool size_quickly(const struct look *look, uint32_t position)
{
    struct splitter *splitter = look->splitter;
    struct sizing *quick = &splitter->quick;
    bool is_done = false;
    bool is_split = false;
    if (!begin_sizing(look, position, quick))
        return false;
    if (go_on_with(look->db, quick, SMALL_ROWS_MAX, &is_done) && is_done)
        is_split = finish_sizing(look->db, splitter, quick);
    else
        put_off(gauge_at(look, position), quick->turns);
    int64_t rows = 1 + quick->scan.items;
    splitter->rows_left -= rows < splitter->rows_left ? (uint32_t)rows : splitter->rows_left;
    split_scan_end(&quick->scan);
    return is_split;
}

/* Whether this turn is over: a map has changed, or enough was read. */
static bool look_at_sizes(const struct look *look)
{
    struct splitter *splitter = look->splitter;
    struct partition_map map = partition_map_of(look->table, look->index);
    for (uint32_t i = 0; i < map.count && splitter->rows_left > 0; i++) {
        if (is_scanned_now(look, i) || !wants_scan(look, i))
            continue;
        if (is_small(look)) {
            if (size_quickly(look, i))
                return true;
        } else if (!splitter->is_scanning) {
            splitter->is_scanning = begin_sizing(look, i, &splitter->slow);
        }
    }
    return splitter->rows_left == 0;
}

/* ---- heat ---- */

static bool split_hot(const struct look *look, uint32_t position)
{
    SCOPED_ARENA(arena);
    struct usage_partition *usage = usage_of(look->table, look->index)->partitions[position];
    struct partition_map map = partition_map_of(look->table, look->index);
    struct hot_key_list *lists = arena_new_array(&arena, struct hot_key_list, HOT_LEVEL_COUNT);
    int64_t now_ms = db_now_ms(look->db);
    struct heat_seen seen = {.from = map.list[position].from,
                             .to = partition_end(map, position),
                             .collections = &lists[HOT_COLLECTIONS],
                             .items = &lists[HOT_ITEMS],
                             .divides_collections =
                                 look->index || (look->table->keys.has_range &&
                                                 !table_has_local_indexes(look->table))};
    for (uint32_t level = 0; level < HOT_LEVEL_COUNT; level++)
        hot_keys_read(&usage->hot_keys, &arena, now_ms, (enum hot_level)level, &lists[level]);
    slice at;
    return partition_heat_is_ripe(&usage->heat, &arena, &seen, now_ms, &at) &&
           split_at(look, map.list[position].number, at, SPLIT_FOR_HEAT);
}

static bool look_at_heat(const struct look *look)
{
    const struct usage_view *view = usage_of(look->table, look->index);
    int64_t now_ms = db_now_ms(look->db);
    for (uint32_t i = 0; i < view->partition_count && view->partition_count < HEAT_PARTITIONS_MAX;
         i++) {
        struct usage_partition *partition = view->partitions[i];
        const _Atomic int64_t *units = partition->counters.half_units;
        if (partition_heat_look(&partition->heat,
                                atomic_load_explicit(&units[USAGE_READ], memory_order_relaxed),
                                atomic_load_explicit(&units[USAGE_WRITE], memory_order_relaxed),
                                now_ms) &&
            split_hot(look, i))
            return true;
    }
    return false;
}

/* ---- turns ---- */

static bool look_at_map(const struct look *look)
{
    return look_at_throughput(look) || look_at_sizes(look) || look_at_heat(look);
}

static bool is_splittable(const struct db *db, const struct table *table)
{
    enum table_status status = table_status_at(table, db_now_ms(db));
    return status == TABLE_ACTIVE || status == TABLE_UPDATING;
}

/* Whether something was found to do. */
static bool look_at_table(struct db *db, const struct table *table)
{
    struct look look = {db, db->splitter, table, NULL};
    if (!is_splittable(db, table))
        return false;
    if (look_at_map(&look))
        return true;
    for (uint32_t i = 0; i < table->index_count; i++) {
        look.index = &table->indexes[i];
        if (look.index->kind == INDEX_GLOBAL && look.index->deleting_ms == 0 &&
            !build_is_under_way(&look.index->build) && look_at_map(&look))
            return true;
    }
    return false;
}

static bool look_at_tables(struct db *db)
{
    SCOPED_ARENA(arena);
    const struct table *table;
    slice after = SLICE_NONE;
    bool found = false;
    while (!found && catalogue_list(db->catalogue, after, &table, 1) == 1) {
        after = arena_copy(&arena, table->name);
        found = look_at_table(db, table);
        table_release(table);
    }
    return found;
}

bool db_split(struct db *db)
{
    if (!db_has_begun(db) || !store_is_writable(db->store))
        return false;
    struct splitter *splitter = db->splitter;
    splitter->rows_left = SCAN_ROWS_A_TURN;
    bool found = look_at_tables(db) || splitter->rows_left < SCAN_ROWS_A_TURN;
    return found || (splitter->is_scanning && go_on_slowly(db, splitter));
}
