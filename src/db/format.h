/*
 * The format number of a directory: what kinds of rows and attributes may stand in it
 * (docs/formats.md). The store refuses a directory that is newer than STORE_FORMAT; here an older
 * one is brought up to it.
 */
#pragma once
#include "store/store.h"

struct db;

/*
 * Append what brings the directory to STORE_FORMAT: the rows that the steps in between rewrite, at
 * most FORMAT_WRITES_MAX with the number. Nothing for one of this format, or without a number (in
 * memory), which is new. `format`: what it was. What would be too much for one change set is
 * written before, so that writing it again changes nothing (docs/formats.md).
 *   Errors: CORRUPT, STORAGE.
 */
enum { FORMAT_WRITES_MAX = 16 };
error format_upgrade(struct db *db, struct arena *arena, struct store_write *writes,
                     uint32_t *count, uint32_t *format) MUST_CHECK;
