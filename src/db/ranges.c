/* Ranges of row keys: what a key condition, a segment or a start key allow. */
#include "base/assert.h"
#include "base/bytes.h"
#include "db/index/index_entry.h"
#include "db/read.h"

static slice with_part(struct arena *arena, slice prefix, slice value)
{
    struct buffer key;
    buffer_init(&key, arena);
    buffer_append(&key, prefix);
    key_part_encode(&key, value);
    return buffer_slice(&key);
}

/* Like with_part for a value of S or B, without the two bytes that end the part. */
static slice with_part_beginning(struct arena *arena, slice prefix, slice value)
{
    enum { PART_END_BYTES = 2 };
    slice key = with_part(arena, prefix, value);
    return slice_first(key, key.size - PART_END_BYTES);
}

struct row_range row_range_of_condition(struct arena *arena, const struct table *table,
                                        const struct index *index,
                                        const struct key_condition *condition)
{
    struct buffer buffer;
    buffer_init(&buffer, arena);
    row_key_begin_partition(&buffer, index_place(table, index), condition->hash_values,
                            condition->hash_count);
    for (uint32_t i = 0; i < condition->equal_count; i++)
        key_part_encode(&buffer, condition->equal_values[i]);
    slice prefix = buffer_slice(&buffer);
    struct row_range whole = {prefix, row_key_after_prefix(arena, prefix)};
    if (condition->range_operator == RANGE_ANY)
        return whole;
    slice value = condition->range_value;
    if (condition->range_operator == RANGE_BEGINS_WITH) {
        slice beginning = with_part_beginning(arena, prefix, value);
        return (struct row_range){beginning, row_key_after_prefix(arena, beginning)};
    }
    slice at = with_part(arena, prefix, value);
    slice past = row_key_after_prefix(arena, at); /* further parts may follow */
    switch (condition->range_operator) {
    case RANGE_EQ:
        return (struct row_range){at, past};
    case RANGE_LT:
        return (struct row_range){whole.from, at};
    case RANGE_LE:
        return (struct row_range){whole.from, past};
    case RANGE_GT:
        return (struct row_range){past, whole.to};
    case RANGE_GE:
        return (struct row_range){at, whole.to};
    case RANGE_BETWEEN: {
        slice upper = with_part(arena, prefix, condition->range_value_upper);
        return (struct row_range){at, row_key_after_prefix(arena, upper)};
    }
    case RANGE_ANY:
    case RANGE_BEGINS_WITH:
        break;
    }
    unreachable("every operator has its range");
}

struct row_range row_range_of_segment(struct arena *arena, const struct table *table,
                                      const struct index *index, uint32_t segment,
                                      uint32_t segment_count)
{
    assert_that(segment < segment_count);
    slice prefix = row_key_begin_place(arena, index_place(table, index));
    struct row_range range = {prefix, row_key_after_prefix(arena, prefix)};
    for (uint32_t edge = 0; edge < 2; edge++) {
        uint32_t position = segment + edge;
        if (position == 0 || position == segment_count)
            continue;
        char *bound = arena_alloc_bytes(arena, prefix.size + sizeof(uint64_t));
        memcpy(bound, prefix.data, prefix.size);
        unsigned __int128 hashes = (unsigned __int128)1 << 64;
        bytes_put_u64(bound + prefix.size, (uint64_t)(hashes * position / segment_count));
        *(edge == 0 ? &range.from : &range.to) = slice_of(bound, prefix.size + sizeof(uint64_t));
    }
    return range;
}

struct row_range row_range_after(struct arena *arena, const struct table *table,
                                 const struct index *index, struct row_range range, slice key,
                                 bool backward)
{
    slice row_key = index_row_key(arena, table, index, key);
    if (backward) {
        if (slice_compare(row_key, range.to) < 0)
            range.to = row_key;
    } else {
        slice next = row_key_successor(arena, row_key);
        if (slice_compare(next, range.from) > 0)
            range.from = next;
    }
    return range;
}

bool row_range_has(struct arena *arena, const struct table *table, const struct index *index,
                   struct row_range range, slice key)
{
    slice row_key = index_row_key(arena, table, index, key);
    return slice_compare(range.from, row_key) <= 0 && slice_compare(row_key, range.to) < 0;
}
