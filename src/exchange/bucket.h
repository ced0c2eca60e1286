/*
 * Buckets: folders whose files are objects, `a/b/c` being the file c in the folder a/b.
 *
 * Names of buckets and keys come from clients. Every part of them is opened by itself, in the folder
 * before it, and links are not followed; so no name leads out of the root.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

/*
 * The folder of a bucket in the directory `root`. Who opens one, here and below, closes the
 * descriptor.
 *   Errors: RESOURCE_NOT_FOUND when there is no such bucket; ACCESS_DENIED; STORAGE.
 */
error bucket_open(struct arena *arena, slice root, slice name, int *bucket) MUST_CHECK;

/*
 * Whether a key, or the beginning of one, can be a path: no part of it is empty, "." or "..", and
 * none has a zero byte. Slashes at the end of a beginning say nothing.
 */
bool bucket_can_hold(slice key);

/*
 * A folder in a bucket, made where it is not there; `path` empty: the bucket itself.
 *   Errors: as above; VALIDATION when it is no path.
 */
error bucket_make_folder(struct arena *arena, int bucket, slice path, int *folder) MUST_CHECK;

/* What stands in a folder and is to be there after a power cut. Errors: STORAGE. */
error bucket_sync(struct arena *arena, int folder) MUST_CHECK;

/* `errno` as an error that says what could not be done to what. */
error bucket_failure(struct arena *arena, const char *what, slice name) MUST_CHECK;
