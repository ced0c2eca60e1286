/*
 * Writing an object of a bucket: a file that has its name only once all of it is on the disk,
 * compressed where that is asked for, and its sums as a manifest lists them.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

enum object_compression { OBJECT_PLAIN, OBJECT_GZIP };

struct object_writer;

struct object_sums {
    int64_t bytes; /* as stored */
    slice md5;     /* of what is stored, base64 */
    slice etag;    /* as an upload in one part gives it: hex, "-1" */
};

/*
 * What is open holds a file: finish or abandon it. The name is one part of a path.
 *   `folder`: borrowed, open as long as the writer.
 *   Errors: ACCESS_DENIED, STORAGE with name and reason, here and below.
 */
error object_create(struct arena *arena, int folder, slice name,
                    enum object_compression compression,
                    struct object_writer **writer) MUST_CHECK;
error object_add(struct object_writer *writer, struct arena *arena, slice bytes) MUST_CHECK;

/* The end, a sync, its name. The writer is gone afterwards, as it is after abandoning it. */
error object_finish(struct object_writer *writer, struct arena *arena,
                    struct object_sums *sums) MUST_CHECK;
void object_abandon(struct object_writer *writer);

/* An object of these bytes. `sums`: may be NULL. */
error object_write(struct arena *arena, int folder, slice name, slice bytes,
                   struct object_sums *sums) MUST_CHECK;
