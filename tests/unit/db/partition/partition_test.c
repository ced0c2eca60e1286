/* The partition map: how many, where they begin, and which one an item's row lies in. */
#include "db/partition/partition.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "db/index/index_row.h"
#include "db/rows.h"
#include "tests/test.h"

TEST(a_new_table_has_the_partitions_that_its_throughput_needs)
{
    static const struct {
        enum billing_mode mode;
        int64_t reads;
        int64_t writes;
        uint32_t wanted;
    } cases[] = {
        {BILLING_PROVISIONED, 1, 1, 1},
        {BILLING_PROVISIONED, 5, 5, 1},
        {BILLING_PROVISIONED, 3000, 1, 2},
        {BILLING_PROVISIONED, 2997, 1, 1},
        {BILLING_PROVISIONED, 3000, 1000, 2},
        {BILLING_PROVISIONED, 2000, 3000, 4},
        {BILLING_PROVISIONED, 12000, 4000, 8},
        {BILLING_PROVISIONED, 40000, 40000, 54},
        {BILLING_PAY_PER_REQUEST, 12000, 4000, 4},
        {BILLING_PAY_PER_REQUEST, 12001, 4000, 5},
        {BILLING_PAY_PER_REQUEST, 12000, 4001, 5},
        {BILLING_PAY_PER_REQUEST, 40000, 40000, 40},
        {BILLING_PROVISIONED, INT64_MAX, INT64_MAX, PARTITIONS_MAX},
        {BILLING_PAY_PER_REQUEST, INT64_MAX, INT64_MAX, PARTITIONS_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct table_settings settings = {.billing_mode = cases[i].mode,
                                          .warm = {cases[i].reads, cases[i].writes}};
        CHECK(partition_count_of(&settings) == cases[i].wanted);
    }
}

TEST(a_size_needs_a_partition_for_each_ten_gigabytes)
{
    static const struct {
        int64_t bytes;
        int64_t wanted;
    } cases[] = {
        {0, 0},
        {1, 1},
        {10 * GIGABYTE, 1},
        {10 * GIGABYTE + 1, 2},
        {100 * GIGABYTE, 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(partitions_for_size(cases[i].bytes) == cases[i].wanted);
}

static slice row_key(struct arena *arena, uint64_t hash)
{
    char *key = arena_alloc_bytes(arena, ROW_HASH_OFFSET + 8 + 2);
    memset(key, 0xff, ROW_HASH_OFFSET + 8 + 2);
    bytes_put_u64(key + ROW_HASH_OFFSET, hash);
    return slice_of(key, ROW_HASH_OFFSET + 8 + 2);
}

TEST(every_hash_lies_in_one_of_equal_ranges)
{
    SCOPED_ARENA(arena);
    static const uint32_t counts[] = {1, 2, 3, 4, 54, PARTITIONS_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint32_t count = counts[i];
        struct table table = {.partitions = partition_map_make(&arena, count)};
        unsigned __int128 hashes = (unsigned __int128)1 << 64;
        for (uint32_t part = 0; part < count; part++) {
            uint64_t first = (uint64_t)(hashes * part / count);
            uint64_t last = (uint64_t)(hashes * (part + 1) / count - 1);
            CHECK(partition_of(&table, NULL, row_key(&arena, first))->number == part);
            CHECK(partition_of(&table, NULL, row_key(&arena, last))->number == part);
        }
    }
}

TEST(a_partition_may_begin_in_the_middle_of_a_hash)
{
    SCOPED_ARENA(arena);
    const struct partition parts[] = {
        {.number = 9, .from = SLICE("")},
        {.number = 4, .from = SLICE("\x10\0\0\0\0\0\0\0\xff")},
        {.number = 6, .from = SLICE("\x10\0\0\0\0\0\0\0\xff\xff\x01")}};
    struct table table = {.partitions = {parts, 3}};
    CHECK(partition_of(&table, NULL, row_key(&arena, 0x0fffffffffffffffull))->number == 9);
    CHECK(partition_of(&table, NULL, row_key(&arena, 0x1000000000000000ull))->number == 4);
    CHECK(partition_of(&table, NULL, row_key(&arena, 0x1000000000000001ull))->number == 6);
}

/* A row of a local index has the index's number before the hash. */
static slice local_row_key(struct arena *arena, uint64_t hash)
{
    slice key = row_key(arena, hash);
    char *longer = arena_alloc_bytes(arena, key.size + 1);
    memcpy(longer, key.data, ROW_HASH_OFFSET);
    longer[ROW_HASH_OFFSET] = 1;
    memcpy(longer + ROW_HASH_OFFSET + 1, key.data + ROW_HASH_OFFSET, key.size - ROW_HASH_OFFSET);
    return slice_of(longer, key.size + 1);
}

TEST(a_global_index_has_partitions_of_its_own_and_a_local_one_its_tables)
{
    SCOPED_ARENA(arena);
    const struct index indexes[] = {
        {.kind = INDEX_GLOBAL, .warm = {9000, 1}},
        {.kind = INDEX_LOCAL, .number = 1},
        {.kind = INDEX_GLOBAL, .partitions = partition_map_make(&arena, 2)},
    };
    struct table table = {.indexes = indexes,
                          .index_count = 3,
                          .settings = {.billing_mode = BILLING_PROVISIONED},
                          .partitions = partition_map_make(&arena, 16)};
    partition_indexes(&arena, &table, 0);
    const struct index *global = &table.indexes[0];
    const struct index *local = &table.indexes[1];
    uint64_t late = 0xe800000000000000ull;

    CHECK(global->partitions.count == 4 && local->partitions.count == 0);
    CHECK(table.indexes[2].partitions.count == 2);
    CHECK(partition_map_of(&table, NULL).count == 16);
    CHECK(partition_map_of(&table, local).count == 16);
    CHECK(partition_map_of(&table, global).count == 4);
    CHECK(partition_of(&table, NULL, row_key(&arena, late))->number == 14);
    CHECK(partition_of(&table, local, local_row_key(&arena, late))->number == 14);
    CHECK(partition_of(&table, global, row_key(&arena, late))->number == 3);
}

TEST(an_index_on_demand_has_the_partitions_of_a_table_on_demand)
{
    struct table table = {.settings = {.billing_mode = BILLING_PAY_PER_REQUEST}};
    struct index index = {.kind = INDEX_GLOBAL};
    CHECK(partition_count_of_index(&table, &index) == 4);
    index.warm = (struct table_units){30000, 4000};
    CHECK(partition_count_of_index(&table, &index) == 10);
}

static slice stored(struct arena *arena, const slice *froms, uint32_t count)
{
    struct partition *parts = arena_new_array(arena, struct partition, count);
    for (uint32_t i = 0; i < count; i++)
        parts[i] = (struct partition){.number = i, .from = froms[i]};
    return stored_partitions_make(arena, (struct partition_map){parts, count});
}

TEST(a_stored_map_has_its_partitions_in_order_from_the_beginning)
{
    SCOPED_ARENA(arena);
    struct partition_map map;
    const slice good[] = {SLICE(""), SLICE("\x40"), SLICE("\x40\x01")};
    CHECK(stored_partitions_read(&arena, stored(&arena, good, 3), &map));
    CHECK(map.count == 3 && map.list[2].number == 2);
    CHECK_SLICE(map.list[2].from, good[2]);

    const slice late[] = {SLICE("\x01"), SLICE("\x40")};
    const slice equal[] = {SLICE(""), SLICE("\x40"), SLICE("\x40")};
    const slice unsorted[] = {SLICE(""), SLICE("\x40"), SLICE("\x30")};
    CHECK(!stored_partitions_read(&arena, stored(&arena, late, 2), &map));
    CHECK(!stored_partitions_read(&arena, stored(&arena, equal, 3), &map));
    CHECK(!stored_partitions_read(&arena, stored(&arena, unsorted, 3), &map));
    CHECK(!stored_partitions_read(&arena, stored(&arena, NULL, 0), &map));
    CHECK(!stored_partitions_read(&arena, value_make_string(&arena, SLICE("x")), &map));
    slice number = value_make_binary(&arena, SLICE("x"));
    CHECK(!stored_partitions_read(&arena, value_make_list(&arena, &number, 1), &map));
}
