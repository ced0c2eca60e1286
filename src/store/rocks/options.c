/* Every setting of RocksDB, and why. What is not named here has RocksDB's default. */
#include "store/rocks/rocks_private.h"

#include "base/assert.h"
#include "store/rocks/table_file.h"
#include <stdio.h>

enum { RECOVERY_ABSOLUTE = 1 }; /* any damage to a log is an error; recovery.c cuts torn ends */

/*
 * Settings without a function of their own in the C interface.
 *   avoid_flush_during_recovery: a start writes no table files, so it is quick, and keeps the logs.
 *   track_and_verify_wals_in_manifest: a log that has vanished is an error at start.
 *   avoid_unnecessary_blocking_io: the end of a read deletes no files on a loop.
 *   stats_persist_period_sec: nobody reads them.
 */
static const char by_name[] = "avoid_flush_during_recovery=%s;"
                              "track_and_verify_wals_in_manifest=true;"
                              "verify_sst_unique_id_in_manifest=true;"
                              "avoid_unnecessary_blocking_io=true;"
                              "stats_persist_period_sec=0";

/*
 * A shard must have room for the index of a file, which is large where the data compresses well:
 * one that does not fit is read anew for each get (measured: 260 gets/s instead of 30,000). The row
 * cache stands in front, so few shards do.
 */
static int shard_bits(size_t cache_bytes)
{
    enum { SHARD_BYTES_MIN = 16 * 1024 * 1024, SHARD_BITS_MAX = 6 };
    int bits = 0;
    while (bits < SHARD_BITS_MAX && cache_bytes >> (bits + 1) >= SHARD_BYTES_MIN)
        bits++;
    return bits;
}

static rocksdb_block_based_table_options_t *table_options_make(size_t cache_bytes)
{
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_lru_cache_options_t *cache_options = rocksdb_lru_cache_options_create();
    rocksdb_lru_cache_options_set_capacity(cache_options, cache_bytes);
    rocksdb_lru_cache_options_set_num_shard_bits(cache_options, shard_bits(cache_bytes));
    rocksdb_cache_t *cache = rocksdb_cache_create_lru_opts(cache_options);
    rocksdb_lru_cache_options_destroy(cache_options);
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_cache_destroy(cache); /* the table options hold it */
    /* Indexes and filters live in the cache, so that cache_bytes bounds them too. */
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    rocksdb_block_based_options_set_filter_policy(table,
                                                  rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_block_based_options_set_whole_key_filtering(table, 1);
    rocksdb_block_based_options_set_format_version(table, 5);
    rocksdb_block_based_options_set_checksum(table, TABLE_FILE_XXH3);
    return table;
}

static void set_writing(rocksdb_options_t *options)
{
    /* One writer, the commit queue: what helps many only costs. */
    rocksdb_options_set_allow_concurrent_memtable_write(options, 0);
    rocksdb_options_set_recycle_log_file_num(options, 0); /* a log's end is its file's end */
    rocksdb_options_set_wal_recovery_mode(options, RECOVERY_ABSOLUTE);
    rocksdb_options_set_paranoid_checks(options, 1);

    /* Start, logs and memory are one choice. */
    rocksdb_options_set_write_buffer_size(options, WRITE_BUFFER_BYTES);
    rocksdb_options_set_max_write_buffer_number(options, 2);
    rocksdb_options_set_max_total_wal_size(options, LOGS_BYTES_MAX);

    rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, 0.05);
    rocksdb_options_set_memtable_whole_key_filtering(options, 1);
}

static void set_files(rocksdb_options_t *options)
{
    rocksdb_options_set_max_background_jobs(options, 2); /* one flush, one compaction */
    /* Each compaction of the first level rewrites most of the next one, so the more files it takes
       the less a row costs (measured: 1.8 us a put instead of 3.9), and filters keep gets cheap. */
    rocksdb_options_set_level0_file_num_compaction_trigger(options, 8);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_target_file_size_base(options, 32 * 1024 * 1024);
    rocksdb_options_set_max_bytes_for_level_base(options, 128 * 1024 * 1024);
    /* What is flushed is soon rewritten: not worth compressing. Levels after it share their value. */
    int compression[] = {rocksdb_no_compression, rocksdb_lz4_compression};
    rocksdb_options_set_compression_per_level(options, compression, 2);
    rocksdb_options_set_bottommost_compression(options, rocksdb_zstd_compression);
    /* All tables stay open: a read on a loop never opens a file, nor runs out of descriptors. */
    rocksdb_options_set_max_open_files(options, -1);
    rocksdb_options_set_skip_stats_update_on_db_open(options, 1);

    enum { LEVEL_WARN = 2 };
    rocksdb_options_set_info_log_level(options, LEVEL_WARN);
    rocksdb_options_set_max_log_file_size(options, 1024 * 1024);
    rocksdb_options_set_keep_log_file_num(options, 2);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
}

/* Modes in which a group could be seen, or lost, in part: never set, but a default may change. */
static void assert_modes(rocksdb_options_t *options)
{
    assert_that(!rocksdb_options_get_unordered_write(options));
    assert_that(!rocksdb_options_get_enable_pipelined_write(options));
    assert_that(!rocksdb_options_get_manual_wal_flush(options));
    assert_that(!rocksdb_options_get_allow_concurrent_memtable_write(options));
    assert_that(!rocksdb_options_get_allow_mmap_writes(options));
    assert_that(!rocksdb_options_get_use_fsync(options)); /* fdatasync is enough for an append */
    assert_that(rocksdb_options_get_recycle_log_file_num(options) == 0);
}

error rocks_options_make(struct arena *arena, size_t cache_bytes, bool keep_logs,
                         rocksdb_options_t **result)
{
    char settings[sizeof by_name + sizeof "false"];
    snprintf(settings, sizeof settings, by_name, keep_logs ? "true" : "false");
    rocksdb_options_t *base = rocksdb_options_create();
    rocksdb_options_t *options = rocksdb_options_create();
    char *problem = NULL;
    rocksdb_get_options_from_string(base, settings, options, &problem);
    rocksdb_options_destroy(base);
    if (problem) {
        error failed = fail(arena, ERROR_STORAGE, "This RocksDB does not fit: %s", problem);
        rocksdb_free(problem);
        rocksdb_options_destroy(options);
        return failed;
    }
    rocksdb_options_set_create_if_missing(options, 0);
    rocksdb_options_set_create_missing_column_families(options, 1);
    set_writing(options);
    set_files(options);
    rocksdb_block_based_table_options_t *table = table_options_make(cache_bytes);
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
    assert_modes(options);
    *result = options;
    return NULL;
}

rocksdb_readoptions_t *rocks_read_options_make(enum store_tier tier, bool background)
{
    enum { TIER_ANY = 0, TIER_BLOCK_CACHE = 1 };
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    rocksdb_readoptions_set_verify_checksums(options, 1);
    /* There are none (write.c drops ranges row by row), and where RocksDB before 8.6.3 looks for
       them it takes a block it may not or cannot read, at the edge between two files, for the end
       of the data: a scan would silently lack rows (tests/crash/large.mjs). */
    rocksdb_readoptions_set_ignore_range_deletions(options, 1);
    rocksdb_readoptions_set_fill_cache(options, !background);
    rocksdb_readoptions_set_background_purge_on_iterator_cleanup(options, 1);
    rocksdb_readoptions_set_read_tier(options, tier == STORE_CACHED ? TIER_BLOCK_CACHE : TIER_ANY);
    return options;
}
