/* What db/housekeep.c needs of db/table.c. */
#pragma once

struct db;

/* Retire tables whose DELETING time is over; returns how many. */
unsigned table_retire_due(struct db *db);
