/* stator verify-backup: restores backups in memory and proves them. */
#pragma once
#include "server/serve.h"

/*
 * `path`: one archive, or a directory of them, which a server may be using. Prints a line for
 * each; `problems` counts those that are not whole.
 *   Errors: USAGE when there is nothing of the kind.
 */
error verify_backups(struct arena *arena, slice path, store_opener open_memory,
                     uint64_t *problems) MUST_CHECK;
