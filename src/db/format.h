/*
 * The format number of a directory: what kinds of rows and attributes may stand in it
 * (docs/formats.md). The store refuses a directory that is newer than STORE_FORMAT; here an older
 * one is brought up to it.
 */
#pragma once
#include "base/error.h"

struct db;
struct arena;

/*
 * Bring the directory to STORE_FORMAT in one change set: the rows that the steps in between
 * rewrite, and the number. Before anything else is written; a store that takes no writes stays as
 * it is. A directory without a number (in memory) is new, and of this format.
 *   Errors: as db_commit_rows; CORRUPT.
 */
error format_upgrade(struct db *db, struct arena *arena) MUST_CHECK;
