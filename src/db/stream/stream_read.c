#include "db/stream/stream_read.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "db/db_private.h"
#include <xxhash.h>

static bool shows_new(enum stream_view view)
{
    return view == STREAM_VIEW_NEW_IMAGE || view == STREAM_VIEW_NEW_AND_OLD_IMAGES;
}

static bool shows_old(enum stream_view view)
{
    return view == STREAM_VIEW_OLD_IMAGE || view == STREAM_VIEW_NEW_AND_OLD_IMAGES;
}

static void make_record(struct arena *arena, const struct stream *stream, slice row_key,
                        const struct log_record *logged, struct stream_record *record)
{
    const struct log_change *change = &logged->change;
    bool was_there = item_exists(change->old_item);
    bool is_there = item_exists(change->new_item);
    *record = (struct stream_record){
        .position = logged->position,
        .time_ms = logged->time_ms,
        .event = !was_there ? STREAM_INSERT
                 : is_there ? STREAM_MODIFY
                            : STREAM_REMOVE,
        .actor = change->actor,
        .keys = key_of_item(arena, &stream->keys, is_there ? change->new_item : change->old_item),
        .old_image = shows_old(stream->view) ? change->old_item : ITEM_ABSENT,
        .new_image = shows_new(stream->view) ? change->new_item : ITEM_ABSENT,
    };
    XXH128_hash_t id = XXH3_128bits(row_key.data, row_key.size);
    bytes_put_u64(record->id, id.high64);
    bytes_put_u64(record->id + 8, id.low64);
    record->charged_bytes = item_charged_bytes(record->keys) +
                            item_charged_bytes(record->old_image) +
                            item_charged_bytes(record->new_image);
}

/* A page that grows. */
struct reading {
    struct db_session *session;
    const struct stream *stream;
    uint32_t limit;
    struct stream_record *records;
    uint32_t count;
    uint32_t capacity;
    size_t bytes;
    bool is_full;
    struct log_position next;
};

static void make_room(struct reading *reading, uint32_t more)
{
    if (reading->count + more <= reading->capacity)
        return;
    reading->capacity = reading->count + more;
    struct stream_record *grown =
        arena_new_array(reading->session->arena, struct stream_record, reading->capacity);
    if (reading->count > 0)
        memcpy(grown, reading->records, reading->count * sizeof *grown);
    reading->records = grown;
}

#define DAMAGED                                                                                    \
    FAILURE(ERROR_CORRUPT, "A record of the change log is damaged. Stop the server and run check.")

static error take_rows(struct reading *reading, const struct store_page *rows)
{
    make_room(reading, rows->count);
    for (uint32_t i = 0; i < rows->count; i++) {
        struct log_record logged;
        struct stream_record *record = &reading->records[reading->count];
        if (!log_record_open(&rows->entries[i], &logged))
            return DAMAGED;
        make_record(reading->session->arena, reading->stream, rows->entries[i].key, &logged,
                    record);
        reading->is_full =
            reading->count > 0 && reading->bytes + record->charged_bytes > STREAM_PAGE_BYTES_MAX;
        if (reading->is_full)
            return NULL;
        reading->bytes += record->charged_bytes;
        reading->next = log_position_after(logged.position);
        reading->count++;
    }
    reading->is_full = reading->count == reading->limit;
    return NULL;
}

/* How many rows to ask the store for next; 0: a loop has read its share. */
static uint32_t rows_wanted(const struct reading *reading)
{
    uint32_t wanted = reading->limit - reading->count;
    const struct db_session *session = reading->session;
    if (session->tier == STORE_CACHED && session->rows_left < wanted)
        wanted = session->rows_left;
    return wanted < STORE_SCAN_ROWS_MAX ? wanted : STORE_SCAN_ROWS_MAX;
}

/* The shard's records up to its end; where to begin and how many is still to say. */
static struct store_scan scan_of(struct db_session *session, const struct stream *stream,
                                 const struct shard *shard)
{
    return (struct store_scan){
        .shard = STORE_SHARD_WHOLE,
        .area = STORE_LOG,
        .to = log_key(session->arena, stream->log_space, shard->id.partition,
                      shard->is_ended ? shard->end : LOG_END),
        .tier = session->tier,
        .bytes_max = STORE_SCAN_BYTES_MAX,
    };
}

static error read_rows(struct reading *reading, const struct shard *shard)
{
    struct db_session *session = reading->session;
    uint32_t space = reading->stream->log_space;
    struct store_scan scan = scan_of(session, reading->stream, shard);
    struct store_page rows = {.more = true};
    while (rows.more && !reading->is_full) {
        scan.from = log_key(session->arena, space, shard->id.partition, reading->next);
        if (slice_compare(scan.from, scan.to) >= 0)
            break;
        scan.row_count_max = rows_wanted(reading);
        if (scan.row_count_max == 0)
            return db_error_of(session, STORE_WOULD_BLOCK);
        TRY(db_error_of(session, store_scan(session->db->store, session->arena, &scan, &rows)));
        session->rows_left -= rows.count < session->rows_left ? rows.count : session->rows_left;
        TRY(take_rows(reading, &rows));
    }
    return NULL;
}

error stream_read(struct db_session *session, const struct stream *stream,
                  const struct shard *shard, struct log_position from, uint32_t limit,
                  struct stream_page *page)
{
    struct reading reading = {
        .session = session,
        .stream = stream,
        .limit = limit,
        .next = from,
    };
    TRY(read_rows(&reading, shard));
    /* Looked at after reading: whatever was trimmed from under it is told by the mark. */
    struct log_position low_water;
    TRY(log_low_water(session, stream->log_space, shard->id.partition, &low_water));
    if (log_position_compare(from, low_water) < 0)
        return FAILURE(ERROR_TRIMMED_DATA_ACCESS,
                       "The operation attempted to read past the oldest stream record in a shard.");
    *page = (struct stream_page){
        .records = reading.records,
        .count = reading.count,
        .next = reading.next,
        .is_end = shard->is_ended && !reading.is_full,
    };
    return NULL;
}

error stream_oldest(struct db_session *session, const struct stream *stream,
                    const struct shard *shard, struct log_position *position)
{
    TRY(log_low_water(session, stream->log_space, shard->id.partition, position));
    if (log_position_compare(*position, shard->start) < 0)
        *position = shard->start;
    return NULL;
}

struct log_position stream_newest(const struct db_session *session, const struct shard *shard)
{
    struct log_position next = {store_commit_number(session->db->store) + 1, 0};
    return shard->is_ended && log_position_compare(shard->end, next) < 0 ? shard->end : next;
}

/* The first record from a commit on; its position is LOG_END when there is none. */
static error first_record(struct db_session *session, const struct stream *stream,
                          const struct shard *shard, uint64_t commit, struct log_record *record)
{
    struct log_position from = {commit, 0};
    struct store_scan scan = scan_of(session, stream, shard);
    scan.from = log_key(session->arena, stream->log_space, shard->id.partition, from);
    scan.row_count_max = 1;
    struct store_page rows = {.count = 0};
    if (session->tier == STORE_CACHED && session->rows_left == 0)
        return db_error_of(session, STORE_WOULD_BLOCK);
    if (slice_compare(scan.from, scan.to) < 0)
        TRY(db_error_of(session, store_scan(session->db->store, session->arena, &scan, &rows)));
    session->rows_left -= session->rows_left > 0;
    *record = (struct log_record){.position = LOG_END};
    return rows.count == 0 || log_record_open(&rows.entries[0], record) ? NULL : DAMAGED;
}

/* Times never fall from one commit to the next, and those of one commit are equal. */
error stream_at_time(struct db_session *session, const struct stream *stream,
                     const struct shard *shard, int64_t time_ms, struct log_position *position)
{
    struct log_position oldest;
    struct log_position newest = stream_newest(session, shard);
    TRY(stream_oldest(session, stream, shard, &oldest));
    uint64_t from = oldest.commit;
    uint64_t to = newest.commit + 1; /* the end of a shard may lie within a commit */
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        struct log_record record;
        TRY(first_record(session, stream, shard, middle, &record));
        bool is_behind = log_position_compare(record.position, LOG_END) < 0 &&
                         record.time_ms < time_ms;
        if (is_behind)
            from = record.position.commit + 1;
        else
            to = middle;
    }
    *position = (struct log_position){from, 0};
    if (log_position_compare(*position, oldest) < 0)
        *position = oldest;
    if (log_position_compare(*position, newest) > 0)
        *position = newest;
    return NULL;
}
