/* What the files of db/ that change tables share. */
#pragma once
#include "db/table.h"

/* Retire tables whose DELETING time is over; returns how many. */
unsigned table_retire_due(struct db *db);

/* RESOURCE_IN_USE unless the table is ACTIVE. */
error table_check_idle(struct arena *arena, const struct table *table, int64_t now_ms) MUST_CHECK;
