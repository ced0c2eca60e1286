#include "db/partition/partition.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/limits.h"
#include "db/index/index_row.h"
#include "db/rows.h"
#include <stdlib.h>

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

void partition_want(int64_t *wanted, struct partition_map map, uint32_t before, uint32_t needed)
{
    if (needed > before && needed > map.count)
        *wanted = needed;
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

uint32_t partition_position(struct partition_map map, uint32_t number)
{
    uint32_t position = 0;
    while (position < map.count && map.list[position].number != number)
        position++;
    return position;
}

slice partition_end(struct partition_map map, uint32_t position)
{
    return position + 1 < map.count ? map.list[position + 1].from : SLICE_NONE;
}

bool partition_range_has(slice from, slice to, slice place)
{
    return slice_compare(from, place) <= 0 && (to.size == 0 || slice_compare(place, to) < 0);
}

/* ---- splits ---- */

static uint32_t next_number(struct partition_map map)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        if (map.list[i].number >= next)
            next = map.list[i].number + 1;
    }
    return next;
}

bool partition_map_split(struct arena *arena, struct partition_map map, uint32_t number, slice at,
                         struct partition_map *split)
{
    uint32_t position = partition_position(map, number);
    if (position == map.count || map.count >= PARTITIONS_MAX ||
        slice_equal(map.list[position].from, at) ||
        !partition_range_has(map.list[position].from, partition_end(map, position), at))
        return false;
    uint32_t next = next_number(map);
    struct partition *list = arena_new_array(arena, struct partition, map.count + 1);
    memcpy(list, map.list, position * sizeof *list);
    memcpy(list + position + 2, map.list + position + 1,
           (map.count - position - 1) * sizeof *list);
    list[position] = (struct partition){next, true, number, map.list[position].from};
    list[position + 1] = (struct partition){next + 1, true, number, at};
    *split = (struct partition_map){list, map.count + 1};
    return true;
}

struct sealed_partitions partition_seal(struct arena *arena, struct sealed_partitions sealed,
                                        const struct sealed_partition *more)
{
    struct sealed_partition *list =
        arena_new_array(arena, struct sealed_partition, sealed.count + 1);
    uint32_t position = sealed.count;
    for (; position > 0 && sealed.list[position - 1].partition.number > more->partition.number;
         position--)
        list[position] = sealed.list[position - 1];
    list[position] = *more;
    if (position > 0)
        memcpy(list, sealed.list, position * sizeof *list);
    return (struct sealed_partitions){list, sealed.count + 1};
}

static int by_value(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

const uint32_t *partition_log_parts(struct arena *arena, const struct table *table, uint32_t *count)
{
    uint32_t sealed_count = fault_planted(FAULT_SEALED_PART) ? 0 : table->sealed.count;
    *count = table->partitions.count + sealed_count;
    uint32_t *numbers = arena_new_array(arena, uint32_t, *count);
    for (uint32_t i = 0; i < table->partitions.count; i++)
        numbers[i] = table->partitions.list[i].number;
    for (uint32_t i = 0; i < sealed_count; i++)
        numbers[table->partitions.count + i] = table->sealed.list[i].partition.number;
    qsort(numbers, *count, sizeof *numbers, by_value);
    return numbers;
}

/* ---- stored ---- */

enum { MEMBERS_MAX = 5 };

/* Names and values of a partition; returns how many. */
static uint32_t add_members(struct arena *arena, const struct partition *partition, slice *names,
                            slice *values)
{
    uint32_t count = 0;
    names[count] = SLICE("Number");
    values[count++] = stored_integer_make(arena, partition->number);
    names[count] = SLICE("From");
    values[count++] = value_make_binary(arena, partition->from);
    if (partition->is_child) {
        names[count] = SLICE("Parent");
        values[count++] = stored_integer_make(arena, partition->parent);
    }
    return count;
}

slice stored_partitions_make(struct arena *arena, struct partition_map map)
{
    slice names[MEMBERS_MAX];
    slice values[MEMBERS_MAX];
    slice *maps = arena_new_array(arena, slice, map.count);
    for (uint32_t i = 0; i < map.count; i++) {
        uint32_t count = add_members(arena, &map.list[i], names, values);
        maps[i] = value_make_map(arena, names, values, count);
    }
    return value_make_list(arena, maps, map.count);
}

static bool read_number(slice value, uint32_t *number)
{
    int64_t integer;
    if (!stored_integer_read(value, &integer) || integer < 0 || integer > UINT32_MAX)
        return false;
    *number = (uint32_t)integer;
    return true;
}

static bool read_place(slice map, slice name, slice *place)
{
    slice value;
    if (!value_member(map, name, &value) || value_type_of(value) != VALUE_B)
        return false;
    *place = value_content(value);
    return true;
}

static bool read_partition(slice map, struct partition *partition)
{
    slice value;
    if (value_type_of(map) != VALUE_M || !value_member(map, SLICE("Number"), &value) ||
        !read_number(value, &partition->number) ||
        !read_place(map, SLICE("From"), &partition->from))
        return false;
    partition->is_child = value_member(map, SLICE("Parent"), &value);
    return !partition->is_child ||
           (read_number(value, &partition->parent) && partition->parent < partition->number);
}

bool stored_partitions_read(struct arena *arena, slice value, struct partition_map *map)
{
    if (value_type_of(value) != VALUE_L || value_count(value) == 0 ||
        value_count(value) > PARTITIONS_MAX)
        return false;
    struct partition *list = arena_new_array(arena, struct partition, value_count(value));
    struct value_cursor cursor;
    slice member;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, value);
    for (; value_cursor_next(&cursor, NULL, &member); count++) {
        if (!read_partition(member, &list[count]))
            return false;
        if (count == 0 ? list[0].from.size > 0
                       : slice_compare(list[count - 1].from, list[count].from) >= 0)
            return false;
    }
    *map = (struct partition_map){list, count};
    return true;
}

slice stored_sealed_make(struct arena *arena, struct sealed_partitions sealed)
{
    slice names[MEMBERS_MAX];
    slice values[MEMBERS_MAX];
    slice *maps = arena_new_array(arena, slice, sealed.count);
    for (uint32_t i = 0; i < sealed.count; i++) {
        uint32_t count = add_members(arena, &sealed.list[i].partition, names, values);
        names[count] = SLICE("To");
        values[count++] = value_make_binary(arena, sealed.list[i].to);
        names[count] = SLICE("SealedMs");
        values[count++] = stored_integer_make(arena, sealed.list[i].sealed_ms);
        maps[i] = value_make_map(arena, names, values, count);
    }
    return value_make_list(arena, maps, sealed.count);
}

bool stored_sealed_read(struct arena *arena, slice value, struct sealed_partitions *sealed)
{
    if (value_type_of(value) != VALUE_L || value_count(value) >= PARTITIONS_MAX)
        return false;
    struct sealed_partition *list =
        arena_new_array(arena, struct sealed_partition, value_count(value));
    struct value_cursor cursor;
    slice member, time;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, value);
    for (; value_cursor_next(&cursor, NULL, &member); count++) {
        if (!read_partition(member, &list[count].partition) ||
            !read_place(member, SLICE("To"), &list[count].to) ||
            !value_member(member, SLICE("SealedMs"), &time) ||
            !stored_integer_read(time, &list[count].sealed_ms))
            return false;
        if (count > 0 && list[count - 1].partition.number >= list[count].partition.number)
            return false;
    }
    *sealed = (struct sealed_partitions){list, count};
    return true;
}
