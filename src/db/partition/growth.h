/*
 * What tables and global indexes on demand have grown to, twice their previous peak
 * (db/partition/peak.h), becomes what is warm: durable, shown, and the splitter makes the
 * partitions that it needs. Only upwards, in fair steps, and seldom: a description changes once in
 * GROWTH_PAUSE_MS at most.
 */
#pragma once

struct db;

enum { GROWTH_PAUSE_MS = 5 * 60 * 1000 };

/*
 * Looks at all tables when the pause since the last look is over, and stores what has grown. Not
 * where the database does not count. From any thread but a loop, one at a time.
 *   Returns how many tables have grown.
 */
unsigned growth_keep_due(struct db *db);
