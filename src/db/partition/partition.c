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

uint32_t partition_count_of(const struct table_settings *settings)
{
    enum { WRITES_IN_READS = PARTITION_READ_UNITS / PARTITION_WRITE_UNITS };
    int64_t reads = settings->warm.read;
    int64_t writes = settings->warm.write;
    int64_t count;
    if (settings->billing_mode == BILLING_PAY_PER_REQUEST) {
        int64_t by_reads = quotient_up(reads, PARTITION_READ_UNITS);
        count = quotient_up(writes, PARTITION_WRITE_UNITS);
        if (count < by_reads)
            count = by_reads;
    } else if (reads > INT64_MAX / 2 || writes > INT64_MAX / 2 / WRITES_IN_READS) {
        count = PARTITIONS_MAX;
    } else {
        count = quotient_up(reads + writes * WRITES_IN_READS, PARTITION_READ_UNITS);
    }
    return count < 1 ? 1 : count > PARTITIONS_MAX ? PARTITIONS_MAX : (uint32_t)count;
}

const struct partition *partitions_make(struct arena *arena, uint32_t count)
{
    assert_that(count > 0 && count <= PARTITIONS_MAX);
    struct partition *partitions = arena_new_array(arena, struct partition, count);
    const unsigned __int128 hashes = (unsigned __int128)1 << 64;
    for (uint32_t i = 1; i < count; i++) {
        char *from = arena_alloc_bytes(arena, sizeof(uint64_t));
        bytes_put_u64(from, (uint64_t)(hashes * i / count));
        partitions[i] = (struct partition){.number = i, .from = slice_of(from, sizeof(uint64_t))};
    }
    return partitions;
}

const struct partition *partition_of(const struct table *table, slice row_key)
{
    slice place = slice_from(row_key, ROW_HASH_OFFSET);
    uint32_t low = 0; /* its range begins at or before the key */
    uint32_t high = table->partition_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (slice_compare(table->partitions[middle].from, place) <= 0)
            low = middle;
        else
            high = middle;
    }
    return &table->partitions[low];
}

/* ---- stored ---- */

slice stored_partitions_make(struct arena *arena, const struct table *table)
{
    const slice names[] = {SLICE("Number"), SLICE("From")};
    slice *maps = arena_new_array(arena, slice, table->partition_count);
    for (uint32_t i = 0; i < table->partition_count; i++) {
        slice values[] = {stored_integer_make(arena, table->partitions[i].number),
                          value_make_binary(arena, table->partitions[i].from)};
        maps[i] = value_make_map(arena, names, values, 2);
    }
    return value_make_list(arena, maps, table->partition_count);
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

bool stored_partitions_read(struct arena *arena, slice value, struct table *table)
{
    if (value_type_of(value) != VALUE_L || value_count(value) == 0 ||
        value_count(value) > PARTITIONS_MAX)
        return false;
    struct partition *partitions = arena_new_array(arena, struct partition, value_count(value));
    struct value_cursor cursor;
    slice map;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, value);
    for (; value_cursor_next(&cursor, NULL, &map); count++) {
        if (!read_partition(map, &partitions[count]))
            return false;
        if (count == 0 ? partitions[0].from.size > 0
                       : slice_compare(partitions[count - 1].from, partitions[count].from) >= 0)
            return false;
    }
    table->partitions = partitions;
    table->partition_count = count;
    return true;
}
