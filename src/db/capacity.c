#include "db/capacity.h"

#include "base/limits.h"

static int64_t units(size_t charged_bytes, size_t unit_bytes)
{
    size_t whole = (charged_bytes + unit_bytes - 1) / unit_bytes;
    return whole > 0 ? (int64_t)whole : 1;
}

uint64_t read_units_of(size_t charged_bytes)
{
    return (uint64_t)units(charged_bytes, READ_UNIT_BYTES);
}

int64_t capacity_of_read(size_t charged_bytes, bool consistent_read)
{
    return units(charged_bytes, READ_UNIT_BYTES) * (consistent_read ? 2 : 1);
}

int64_t capacity_of_write(size_t old_bytes, size_t new_bytes)
{
    return units(old_bytes > new_bytes ? old_bytes : new_bytes, WRITE_UNIT_BYTES) * 2;
}

int64_t capacity_of_change(const struct index_change *change)
{
    if (!change->changed)
        return 0;
    if (change->moved)
        return capacity_of_write(change->old_bytes, 0) + capacity_of_write(0, change->new_bytes);
    return capacity_of_write(change->old_bytes, change->new_bytes);
}
