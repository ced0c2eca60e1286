/*
 * MD5, as manifests and etags of a bucket's objects carry it. It tells damage, not intent: nothing
 * here trusts it. Source: RFC 1321.
 */
#pragma once
#include "base/slice.h"

enum { MD5_BYTES = 16 };

struct md5 {
    uint32_t state[4];
    uint64_t byte_count;
    unsigned char block[64]; /* what does not fill one yet */
};

void md5_init(struct md5 *md5);
void md5_add(struct md5 *md5, slice bytes);
/* The sum of all that was added; `md5` may not be used afterwards. */
void md5_finish(struct md5 *md5, char sum[MD5_BYTES]);
