/*
 * The data directory: DIR/stator.lock, held while a server or a check uses it, and DIR/rocks, the
 * store's files.
 */
#pragma once
#include "base/error.h"

struct data_directory {
    int lock; /* a file descriptor */
    slice store_path; /* in the arena it was opened with */
};

/*
 *   `create`: make it when it is not there.
 *   Errors: USAGE with a sentence: in use, not there, not permitted.
 */
error data_directory_open(struct arena *arena, slice path, bool create,
                          struct data_directory *directory) MUST_CHECK;
void data_directory_close(struct data_directory *directory);
