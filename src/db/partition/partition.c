#include "db/partition/partition.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "db/index/index_row.h"
#include "db/rows.h"

static int64_t quotient_up(int64_t amount, int64_t share)
{
    return amount / share + (amount % share > 0);
}

int64_t partitions_for_throughput(enum billing_mode mode, struct table_units units)
{
    enum { WRITES_IN_READS = PARTITION_READ_UNITS / PARTITION_WRITE_UNITS };
    int64_t by_reads = quotient_up(units.read, PARTITION_READ_UNITS);
    int64_t by_writes = quotient_up(units.write, PARTITION_WRITE_UNITS);
    if (mode == BILLING_PAY_PER_REQUEST)
        return by_reads > by_writes ? by_reads : by_writes;
    if (units.read > INT64_MAX / 2 || units.write > INT64_MAX / 2 / WRITES_IN_READS)
        return by_reads + by_writes;
    return quotient_up(units.read + units.write * WRITES_IN_READS, PARTITION_READ_UNITS);
}

int64_t partitions_for_size(int64_t bytes)
{
    return quotient_up(bytes, PARTITION_GIGABYTES_MAX * GIGABYTE);
}

uint32_t partition_count_of(const struct table_settings *settings)
{
    int64_t count = partitions_for_throughput(settings->billing_mode, settings->warm);
    return count < 1 ? 1 : count > PARTITIONS_MAX ? PARTITIONS_MAX : (uint32_t)count;
}

uint32_t partition_count_of_index(const struct table *table, const struct index *index)
{
    struct table_settings settings = {.billing_mode = table->settings.billing_mode,
                                      .provisioned = index->provisioned,
                                      .warm = index->warm};
    table_settings_warm_up(&settings);
    return partition_count_of(&settings);
}

struct partition_map partition_map_make(struct arena *arena, uint32_t count)
{
    assert_that(count > 0 && count <= PARTITIONS_MAX);
    struct partition *partitions = arena_new_array(arena, struct partition, count);
    const unsigned __int128 hashes = (unsigned __int128)1 << 64;
    for (uint32_t i = 1; i < count; i++) {
        char *from = arena_alloc_bytes(arena, sizeof(uint64_t));
        bytes_put_u64(from, (uint64_t)(hashes * i / count));
        partitions[i] = (struct partition){.number = i, .from = slice_of(from, sizeof(uint64_t))};
    }
    return (struct partition_map){partitions, count};
}

void partition_indexes(struct arena *arena, struct table *table, uint32_t count)
{
    if (table->index_count == 0)
        return;
    struct index *indexes = arena_new_array(arena, struct index, table->index_count);
    for (uint32_t i = 0; i < table->index_count; i++) {
        indexes[i] = table->indexes[i];
        if (indexes[i].kind == INDEX_GLOBAL && indexes[i].partitions.count == 0)
            indexes[i].partitions = partition_map_make(
                arena, count > 0 ? count : partition_count_of_index(table, &indexes[i]));
    }
    table->indexes = indexes;
}

/* ---- where rows lie ---- */

static bool has_own_map(const struct index *index)
{
    return index && index->kind == INDEX_GLOBAL;
}

struct partition_map partition_map_of(const struct table *table, const struct index *index)
{
    return has_own_map(index) ? index->partitions : table->partitions;
}

const struct partition *partition_of(const struct table *table, const struct index *index,
                                     slice row_key)
{
    enum { LOCAL_HASH_OFFSET = ROW_HASH_OFFSET + 1 }; /* behind the index's number */
    bool is_local = index && index->kind == INDEX_LOCAL;
    struct partition_map map = partition_map_of(table, index);
    slice place = slice_from(row_key, is_local ? LOCAL_HASH_OFFSET : ROW_HASH_OFFSET);
    uint32_t low = 0; /* its range begins at or before the key */
    uint32_t high = map.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (slice_compare(map.list[middle].from, place) <= 0)
            low = middle;
        else
            high = middle;
    }
    return &map.list[low];
}

/* ---- stored ---- */

slice stored_partitions_make(struct arena *arena, struct partition_map map)
{
    const slice names[] = {SLICE("Number"), SLICE("From")};
    slice *maps = arena_new_array(arena, slice, map.count);
    for (uint32_t i = 0; i < map.count; i++) {
        slice values[] = {stored_integer_make(arena, map.list[i].number),
                          value_make_binary(arena, map.list[i].from)};
        maps[i] = value_make_map(arena, names, values, 2);
    }
    return value_make_list(arena, maps, map.count);
}

static bool read_partition(slice map, struct partition *partition)
{
    slice number, from;
    int64_t integer;
    if (value_type_of(map) != VALUE_M || !value_member(map, SLICE("Number"), &number) ||
        !stored_integer_read(number, &integer) || integer < 0 || integer > UINT32_MAX ||
        !value_member(map, SLICE("From"), &from) || value_type_of(from) != VALUE_B)
        return false;
    *partition = (struct partition){.number = (uint32_t)integer, .from = value_content(from)};
    return true;
}

bool stored_partitions_read(struct arena *arena, slice value, struct partition_map *map)
{
    if (value_type_of(value) != VALUE_L || value_count(value) == 0 ||
        value_count(value) > PARTITIONS_MAX)
        return false;
    struct partition *partitions = arena_new_array(arena, struct partition, value_count(value));
    struct value_cursor cursor;
    slice member;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, value);
    for (; value_cursor_next(&cursor, NULL, &member); count++) {
        if (!read_partition(member, &partitions[count]))
            return false;
        if (count == 0 ? partitions[0].from.size > 0
                       : slice_compare(partitions[count - 1].from, partitions[count].from) >= 0)
            return false;
    }
    *map = (struct partition_map){partitions, count};
    return true;
}
