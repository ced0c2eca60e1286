/* How much lies in each partition: known, estimated, and what their ranges are. */
#include "db/partition/partition_size.h"

#include "base/bytes.h"
#include "db/partition/splitter.h"
#include "tests/unit/db/partition/split_fixture.h"
#include <stdio.h>

enum { PARTITIONS = 4, ITEMS = 200, ITEM_BYTES = 2 + 4 };

static void put_item(struct fixture *fixture, unsigned number)
{
    char json[40];
    snprintf(json, sizeof json, "{'pk':{'S':'%04u'}}", number);
    CHECK_OK(put(fixture, json));
}

static void fill(struct fixture *fixture)
{
    fixture_open(fixture);
    fixture->partition_count = PARTITIONS;
    fixture_reopen(fixture);
    create_table(fixture, false);
    for (unsigned i = 0; i < ITEMS; i++)
        put_item(fixture, i);
}

static void find_sizes(struct fixture *fixture)
{
    for (unsigned turns = 0; db_split(fixture->db); turns++)
        CHECK(turns < 1000);
}

struct sizes {
    struct partition_size list[PARTITIONS + 1];
    struct partition_size all;
    uint32_t count;
    uint32_t estimated_count;
};

static struct sizes look_at(struct fixture *fixture)
{
    struct caller caller;
    struct sizes sizes = {.count = 0};
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    sizes.count = table->partitions.count;
    CHECK(sizes.count <= PARTITIONS + 1);
    CHECK_OK(partition_sizes(&caller.session, table, NULL, sizes.list));
    for (uint32_t i = 0; i < sizes.count; i++) {
        sizes.all.items += sizes.list[i].items;
        sizes.all.bytes += sizes.list[i].bytes;
        sizes.estimated_count += sizes.list[i].is_estimated;
        CHECK(sizes.list[i].items > 0);
    }
    caller_close(&caller);
    return sizes;
}

static void check_all(const struct sizes *sizes, int64_t items)
{
    CHECK(sizes->all.items == items);
    CHECK(sizes->all.bytes == items * ITEM_BYTES);
}

TEST(sizes_are_even_shares_after_a_start_until_they_are_known)
{
    struct fixture fixture;
    fill(&fixture);
    fixture_reopen(&fixture);
    struct sizes sizes = look_at(&fixture);
    CHECK(sizes.estimated_count == PARTITIONS);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        CHECK(sizes.list[i].items == ITEMS / PARTITIONS);
    check_all(&sizes, ITEMS);
    find_sizes(&fixture);
    sizes = look_at(&fixture);
    CHECK(sizes.estimated_count == 0);
    check_all(&sizes, ITEMS);
    fixture_close(&fixture);
}

TEST(what_is_written_counts_at_once_when_sizes_are_known)
{
    struct fixture fixture;
    fill(&fixture);
    find_sizes(&fixture);
    for (unsigned i = ITEMS / 2; i < 2 * ITEMS; i++)
        put_item(&fixture, i);
    struct sizes sizes = look_at(&fixture);
    CHECK(sizes.estimated_count == 0);
    check_all(&sizes, 2 * ITEMS);
    fixture_close(&fixture);
}

TEST(children_of_a_split_share_by_width_what_the_others_leave)
{
    struct fixture fixture;
    fill(&fixture);
    find_sizes(&fixture);
    struct sizes before = look_at(&fixture);
    CHECK(split_at(&fixture, SLICE_NONE, 0x1000)); /* a quarter of the first partition */
    struct sizes sizes = look_at(&fixture);
    CHECK(sizes.count == PARTITIONS + 1 && sizes.estimated_count == 2);
    CHECK(sizes.list[0].is_estimated && sizes.list[1].is_estimated);
    CHECK(sizes.list[0].items == before.list[0].items / 4);
    CHECK(sizes.list[0].items + sizes.list[1].items >= before.list[0].items - 1);
    for (uint32_t i = 1; i < PARTITIONS; i++)
        CHECK(sizes.list[i + 1].items == before.list[i].items);
    find_sizes(&fixture);
    sizes = look_at(&fixture);
    CHECK(sizes.estimated_count == 0);
    check_all(&sizes, ITEMS);
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
