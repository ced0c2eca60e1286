/* How much lies in each partition: counted, estimated, and what their ranges are. */
#include "db/partition/partition_size.h"

#include "base/bytes.h"
#include "db/partition/partition.h"
#include "tests/unit/db/fixture.h"
#include <stdio.h>

enum { PARTITIONS = 4, ITEMS = 200, ITEM_BYTES = 2 + 4 };

static void fill(struct fixture *fixture)
{
    fixture_open(fixture);
    fixture->partition_count = PARTITIONS;
    fixture_reopen(fixture);
    create_table(fixture, false);
    for (unsigned i = 0; i < ITEMS; i++) {
        char json[40];
        snprintf(json, sizeof json, "{'pk':{'S':'%04u'}}", i);
        CHECK_OK(put(fixture, json));
    }
}

TEST(sizes_are_counted_within_the_budget_and_estimated_beyond)
{
    static const struct {
        uint32_t rows_max;
        uint32_t partition_rows_max;
        uint32_t estimated_count;
    } cases[] = {
        {10000, 10000, 0},      {10000, 10, PARTITIONS}, /* each has more than ten */
        {0, 10000, PARTITIONS}, {ITEMS, 10000, 0},       {ITEMS - 1, 10000, 1},
    };
    struct fixture fixture;
    fill(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct caller caller;
        caller_open(&caller, &fixture);
        struct partition_size_budget budget = {cases[i].rows_max, cases[i].partition_rows_max};
        struct partition_size sizes[PARTITIONS];
        CHECK_OK(partition_sizes(&caller.session, find_table(&caller), NULL, &budget, sizes));
        struct partition_size all = {.items = 0};
        uint32_t estimated_count = 0;
        for (uint32_t j = 0; j < PARTITIONS; j++) {
            all.items += sizes[j].items;
            all.bytes += sizes[j].bytes;
            estimated_count += sizes[j].is_estimated;
            CHECK(sizes[j].items > 0);
        }
        CHECK(estimated_count == cases[i].estimated_count);
        CHECK(all.items == ITEMS);
        CHECK(all.bytes == ITEMS * ITEM_BYTES);
        CHECK(budget.rows_left <= cases[i].rows_max);
        caller_close(&caller);
    }
    fixture_close(&fixture);
}

static slice from_of(struct arena *arena, uint64_t hash, const char *more)
{
    char *bytes = arena_alloc_bytes(arena, 8 + strlen(more));
    bytes_put_u64(bytes, hash);
    memcpy(bytes + 8, more, strlen(more));
    return slice_of(bytes, 8 + strlen(more));
}

TEST(ranges_of_hashes_meet_and_share_the_hash_that_a_range_ends_in)
{
    SCOPED_ARENA(arena);
    const struct partition list[] = {
        {.number = 0},
        {.number = 1, .from = from_of(&arena, 0x4000000000000000u, "")},
        {.number = 4, .from = from_of(&arena, 0x4000000000000007u, "key")},
        {.number = 5, .from = from_of(&arena, 0x4000000000000008u, "")},
    };
    static const struct partition_hashes wanted[] = {
        {0, 0x3fffffffffffffffu},
        {0x4000000000000000u, 0x4000000000000007u},
        {0x4000000000000007u, 0x4000000000000007u},
        {0x4000000000000008u, UINT64_MAX},
    };
    const struct partition_map map = {list, 4};
    for (uint32_t i = 0; i < 4; i++) {
        struct partition_hashes hashes = partition_hashes(map, i);
        CHECK(hashes.from == wanted[i].from && hashes.to == wanted[i].to);
    }
}
