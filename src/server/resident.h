/*
 * The memory that the process holds, and what is done to keep it within its bound.
 *
 * The allocator keeps what was freed, for the next who asks. That is quick, and after a wave of
 * large requests it is much: caches and requests within --memory-mb, and a third as much again
 * lying about in pieces (measured with items of 400 KB). So what is free is given back when it
 * counts: once requests hold far less than they did, and now and then while the process is near its
 * bound. Keeping large pieces out of the heap altogether would cost a third more per request of 400 KB.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct resident_keeper {
    size_t bytes_max;           /* --memory-mb */
    size_t peak_request_bytes;  /* since memory was last given back for them */
    uint64_t not_before_us;     /* giving back costs, and is in vain where all is in use */
};

/* Resident memory; 0 where the system does not say. */
uint64_t resident_bytes(void);

/* By one thread, several times a second. */
void resident_keep(struct resident_keeper *keeper, size_t request_bytes);
