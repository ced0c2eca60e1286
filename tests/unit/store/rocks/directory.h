/* Store directories under test: made, copied as a kill would leave them, damaged, removed. */
#pragma once
#include "store/store.h"
#include "tests/test.h"

struct directory {
    char path[64];
};

void directory_make(struct directory *directory);
void directory_remove(struct directory *directory);

/*
 * The files as they are now. Of an open store that is what a kill leaves: the operating system
 * holds every byte written.
 */
void directory_copy(const struct directory *from, struct directory *to);

/* Names of the files that begin and end so, ascending, in `arena`. */
uint32_t directory_files(struct arena *arena, const struct directory *directory, const char *prefix,
                         const char *suffix, const char ***names);

slice file_read(struct arena *arena, const struct directory *directory, const char *name);
void file_write(const struct directory *directory, const char *name, slice bytes);

/* ---- stores ---- */

/* With small caches and no disk reserve; the test changes what it is about. */
struct store_options directory_options(const struct directory *directory);

/* NULL, with a failed check, when it cannot be opened. */
struct store *directory_open(const struct directory *directory);

/* A directory of a store that has the row k with the value v, and is closed. */
void directory_make_with_row(struct directory *directory);

enum store_answer store_put(struct store *store, enum store_area area, slice key, slice value);
/* Empty: absent. The answer must be STORE_OK. */
slice store_value(struct arena *arena, struct store *store, slice key);
