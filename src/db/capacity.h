/*
 * Capacity units as the service charges them, counted in halves so that they stay integers.
 * Source: Developer Guide, quotas, item sizes and capacity.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole units for reading `charged_bytes`: at least one. */
uint64_t read_units_of(size_t charged_bytes);

/* Half units for reading `charged_bytes` at once: at least one unit, halved when eventual. */
int64_t capacity_of_read(size_t charged_bytes, bool consistent_read);

/* What a write did to one index: what its capacity depends on. */
struct index_change {
    size_t old_bytes; /* charged size of the entry before; 0: there was none */
    size_t new_bytes; /* after */
    bool changed;     /* the entry came, went, or differs */
    bool moved;       /* it was there before and after, under another index key */
};

/* Half units: nothing where it did not change; where its key changed, a delete and a put. */
int64_t capacity_of_change(const struct index_change *change);

/* Half units for a write: the larger of the item before and after, at least one unit. */
int64_t capacity_of_write(size_t old_bytes, size_t new_bytes);
