/*
 * Reading the objects of a bucket (exchange/bucket.h): files below its folder, by their keys.
 *
 * Nothing but regular files is an object; links are not followed.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

enum {
    OBJECT_KEY_BYTES_MAX = 1024, /* S3 */
    OBJECT_LEVELS_MAX = 64,      /* of folders in a key */
    OBJECTS_MAX = 50000,         /* of a listing: what an import of the service takes */
};

/*
 * The keys of all objects that begin with the prefix, in order.
 *   `bucket`: descriptor of its folder; borrowed.
 *   Errors: ACCESS_DENIED; STORAGE, also for a file that S3 could not have; LIMIT_EXCEEDED when there are more than OBJECTS_MAX.
 */
error objects_list(struct arena *arena, int bucket, slice prefix, const slice **keys,
                   uint32_t *count) MUST_CHECK;

/* For reading; the descriptor is the caller's. Errors: ACCESS_DENIED, STORAGE. */
error objects_open(struct arena *arena, int bucket, slice key, int *descriptor) MUST_CHECK;
