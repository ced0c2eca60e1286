#include "db/backup/kept.h"

#include "db/db_private.h"
#include <stdlib.h>

struct segments {
    struct backup *list; /* by their places */
    uint32_t count;
};

static int by_position(const void *a, const void *b)
{
    return log_position_compare(((const struct backup *)a)->at, ((const struct backup *)b)->at);
}

/* The next archive of the table and a type behind one; false: there is none. */
static bool next_of(struct archive *archive, struct arena *arena, slice table_id,
                    enum backup_type type, struct backup *backup)
{
    slice after = backup->id;
    bool found;
    do {
        found = archive_after(archive, arena, after, backup);
        after = backup->id;
    } while (found && (backup->type != type || !slice_equal(backup->table_id, table_id)));
    return found;
}

static struct segments find_segments(struct archive *archive, struct arena *arena, slice table_id)
{
    struct segments segments = {.count = 0};
    struct backup backup = {.id = SLICE_NONE};
    uint32_t count = 0;
    while (next_of(archive, arena, table_id, BACKUP_SEGMENT, &backup))
        count++;
    segments.list = arena_new_array(arena, struct backup, count + 1);
    backup.id = SLICE_NONE;
    while (segments.count < count && next_of(archive, arena, table_id, BACKUP_SEGMENT, &backup))
        segments.list[segments.count++] = backup;
    qsort(segments.list, segments.count, sizeof *segments.list, by_position);
    return segments;
}

/* How far the segments go, and from where on they do without a gap. */
static void follow(const struct segments *segments, struct arena *arena, struct kept *kept,
                   struct log_position *from)
{
    *from = segments->count > 0 ? segments->list[0].at : (struct log_position){0, 0};
    for (uint32_t i = 0; i < segments->count; i++) {
        const struct backup *segment = &segments->list[i];
        if (i > 0 && log_position_compare(segment->at, kept->sealed) > 0)
            *from = segment->at;
        if (log_position_compare(segment->at, *from) == 0)
            kept->gap = arena_format(arena,
                                     "an archive before %.*s is missing: changes are lost",
                                     SLICE_ARGS(archive_file_name(arena, segment)));
        if (log_position_compare(segment->to, kept->sealed) > 0)
            kept->sealed = segment->to;
    }
}

static void add_base(struct kept *kept, const struct backup *base)
{
    if (!kept->has_base || log_position_compare(base->at, kept->first_base.at) < 0)
        kept->first_base = *base;
    if (!kept->has_base || log_position_compare(base->at, kept->last_base.at) > 0)
        kept->last_base = *base;
    kept->has_base = true;
}

struct kept kept_find(struct archive *archive, struct arena *arena, slice table_id,
                      struct log_position log_begin)
{
    struct kept kept = {.has_base = false};
    struct segments segments = find_segments(archive, arena, table_id);
    struct backup base = {.id = SLICE_NONE};
    struct log_position from;
    bool lacks_any = false;
    follow(&segments, arena, &kept, &from);
    while (next_of(archive, arena, table_id, BACKUP_BASE, &base)) {
        struct log_position reach =
            log_position_compare(base.at, kept.sealed) > 0 ? base.at : kept.sealed;
        bool is_cut_off = log_position_compare(reach, log_begin) < 0;
        if (is_cut_off)
            kept.gap = SLICE("the last archives are missing: changes are lost that the log has no "
                             "more");
        if (is_cut_off || log_position_compare(base.at, from) < 0)
            lacks_any = true;
        else
            add_base(&kept, &base);
    }
    if (kept.has_base && log_position_compare(kept.sealed, kept.first_base.at) < 0)
        kept.sealed = kept.first_base.at;
    if (!lacks_any)
        kept.gap = SLICE_NONE;
    return kept;
}

error kept_log_begin(struct db_session *session, const struct table *table,
                     struct log_position *begin)
{
    *begin = (struct log_position){0, 0};
    uint32_t count;
    const uint32_t *parts = partition_log_parts(session->arena, table, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct log_position mark;
        TRY(log_low_water(session, table->log_space, parts[i], &mark));
        if (log_position_compare(mark, *begin) > 0)
            *begin = mark;
    }
    return NULL;
}

bool kept_find_orphan(struct archive *archive, struct arena *arena, slice table_id,
                      int64_t since_ms, struct backup *segment)
{
    struct log_position first_base = LOG_END;
    struct backup base = {.id = SLICE_NONE};
    while (next_of(archive, arena, table_id, BACKUP_BASE, &base)) {
        if (log_position_compare(base.at, first_base) < 0)
            first_base = base.at;
    }
    bool found = false;
    segment->id = SLICE_NONE;
    while (!found && next_of(archive, arena, table_id, BACKUP_SEGMENT, segment))
        found = segment->to_ms > since_ms && log_position_compare(segment->to, first_base) <= 0;
    return found;
}
