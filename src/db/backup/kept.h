/*
 * What the archive keeps of a table for point-in-time recovery: bases, and segments one behind the
 * other. A file that is lost leaves a gap, and no base before it reaches any further.
 */
#pragma once
#include "db/backup/archive.h"

struct kept {
    bool has_base;
    struct backup first_base; /* that reaches back furthest, and behind which no change is lost */
    struct backup last_base;
    struct log_position sealed; /* all changes before this are in archives */
    slice gap; /* what is lost, in words; empty: nothing that a base would need */
};

/* `log_begin`: the table's log has no records before. Text is in `arena`. */
struct kept kept_find(struct archive *archive, struct arena *arena, slice table_id,
                      struct log_position log_begin);

/* Before which place records of the table have been trimmed from its log. Errors: CORRUPT. */
error kept_log_begin(struct db_session *session, const struct table *table,
                     struct log_position *begin) MUST_CHECK;

/* The segment that no base goes before, and that is younger than a time; false: there is none. */
bool kept_find_orphan(struct archive *archive, struct arena *arena, slice table_id,
                      int64_t since_ms, struct backup *segment);
