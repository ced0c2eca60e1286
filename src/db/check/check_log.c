/*
 * The change log against itself and against the items: records decode and stand where they belong,
 * stamps and times ascend, the images of an item chain for as long as a stream was enabled, and the
 * last one of an enabled stream is the item. Where a partition was split its records end before
 * those of its children begin; parts are walked by number, so a parent before its children.
 *
 * The chains need memory: one entry for each item with a record, up to CHAINS_MAX items; further
 * ones are checked record by record only.
 */
#include "base/bytes.h"
#include "db/check/check_private.h"
#include "db/rows.h"
#include "db/stream/stream_row.h"
#include <stdlib.h>
#include <xxhash.h>

enum { CHAINS_MAX = 1024 * 1024 };

/* Where an item's records have led so far. */
struct chain {
    uint64_t item;     /* hash of log space and place of the item; 0: the slot is free */
    uint64_t image;    /* hash of the newest image; 0: the item is gone */
    int64_t label_ms;  /* of the stream in whose time that was */
    bool is_confirmed; /* the item was met, or need not be there */
};

/* What a partition has in a stream. */
struct stream_part {
    const struct stream *stream;
    const struct shard *shard;
};

/* The last record of a part. */
struct part_end {
    uint32_t partition;
    struct log_position last;
};

struct check_logs {
    const struct stream **streams; /* by log space and label */
    uint32_t stream_count;
    uint32_t stream_capacity;

    /* The log that is being walked. */
    uint32_t space;
    uint32_t first_stream;
    const struct table *table;   /* NULL: it is gone */
    struct part_end *ends;       /* of its parts so far, by number */
    uint32_t end_count;
    uint32_t end_capacity;

    /* The part of it, and its record before. */
    uint32_t partition;
    const struct partition *described; /* as the table has it; NULL: there is no table */
    slice range_to;                    /* of it */
    struct stream_part *parts;         /* what it has in streams */
    uint32_t part_count;
    uint32_t part_capacity;
    struct log_position after_parent; /* its records stand behind the last one of its parent */
    int64_t time_ms;
    struct log_position low_water;

    struct chain *chains; /* open addressing */
    uint32_t chain_count;
    uint32_t slot_count; /* a power of two, or 0 */
};

void check_logs_open(struct check *check)
{
    check->logs = arena_new(check->arena, struct check_logs);
}

/* ---- streams ---- */

static void *grown(struct arena *arena, void *array, size_t size, uint32_t count,
                   uint32_t *capacity)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 16;
    char *more = arena_alloc(arena, *capacity * size);
    if (count > 0)
        memcpy(more, array, count * size);
    return more;
}

/* Whether a child's shard begins where its parent's ends; the parent's may be gone. */
static bool begins_with_split(const struct stream *stream, const struct shard *child)
{
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        const struct shard *shard = &stream->shards[i];
        if (shard->id.partition == child->parent.partition)
            return shard->split_ms != 0 && shard->id.created_ms == child->parent.created_ms &&
                   log_position_compare(shard->end, child->start) == 0 &&
                   shard->id.partition < child->id.partition;
    }
    return true;
}

static void check_lineage(struct check *check, const struct stream *stream)
{
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        const struct shard *shard = &stream->shards[i];
        if (shard->has_parent && !begins_with_split(stream, shard))
            check_problem(check,
                          "the shard of partition %u in a stream of table %.*s does not begin "
                          "where its parent ends",
                          shard->id.partition, SLICE_ARGS(stream->table_name));
    }
}

void check_stream_row(struct check *check, struct arena *arena, const struct store_entry *row)
{
    struct check_logs *logs = check->logs;
    struct stream *stream = arena_new(check->arena, struct stream);
    error failure = stream_row_open(check->arena, arena_copy(check->arena, row->value), stream);
    if (failure) {
        check_problem(check, "catalogue row %.*s: %.*s", SLICE_ARGS(check_hex(arena, row->key)),
                      SLICE_ARGS(failure->message));
        return;
    }
    if (!slice_equal(stream_row_key(arena, stream->log_space, stream->label_ms), row->key))
        check_problem(check, "catalogue row %.*s describes a stream that is not its key",
                      SLICE_ARGS(check_hex(arena, row->key)));
    if (stream->log_space >= check->next_space)
        check_problem(check, "a stream of table %.*s has log space %u, but the next free one is %u",
                      SLICE_ARGS(stream->table_name), stream->log_space, check->next_space);
    check_lineage(check, stream);
    logs->streams = grown(check->arena, logs->streams, sizeof *logs->streams, logs->stream_count,
                          &logs->stream_capacity);
    logs->streams[logs->stream_count++] = stream;
}

/* Where the streams of the log begin; stream_count: it has none. */
static uint32_t first_stream_of(const struct check_logs *logs, uint32_t space)
{
    uint32_t i = 0;
    while (i < logs->stream_count && logs->streams[i]->log_space != space)
        i++;
    return i;
}

/* The stream that was enabled at this place of the part being walked; NULL: none was. */
static const struct stream *stream_at(const struct check_logs *logs, struct log_position position)
{
    for (uint32_t i = 0; i < logs->part_count; i++) {
        const struct shard *shard = logs->parts[i].shard;
        if (log_position_compare(shard->start, position) <= 0 &&
            (!shard->is_ended || log_position_compare(position, shard->end) < 0))
            return logs->parts[i].stream;
    }
    return NULL;
}

/* ---- chains ---- */

static uint64_t hash_of_image(slice item)
{
    return item_exists(item) ? XXH3_64bits(item.data, item.size) | 1 : 0;
}

/* The same for the row of the item and for its records. */
static uint64_t hash_of_item(uint32_t log_space, slice row_key)
{
    slice place = slice_from(row_key, ROW_HASH_OFFSET);
    return XXH3_64bits_withSeed(place.data, place.size, log_space) | 1;
}

static struct chain *slot_of(const struct check_logs *logs, uint64_t item)
{
    uint32_t slot = (uint32_t)(item >> 32) & (logs->slot_count - 1);
    while (logs->chains[slot].item != 0 && logs->chains[slot].item != item)
        slot = (slot + 1) & (logs->slot_count - 1);
    return &logs->chains[slot];
}

static void grow_chains(struct check *check)
{
    struct check_logs *logs = check->logs;
    struct check_logs grown = *logs;
    grown.slot_count = logs->slot_count ? logs->slot_count * 2 : 1024;
    grown.chains = arena_new_array(check->arena, struct chain, grown.slot_count);
    for (uint32_t i = 0; i < logs->slot_count; i++) {
        if (logs->chains[i].item != 0)
            *slot_of(&grown, logs->chains[i].item) = logs->chains[i];
    }
    *logs = grown;
}

static void follow_chain(struct check *check, struct arena *arena, const struct store_entry *row,
                         uint64_t item, const struct stream *stream,
                         const struct log_change *change)
{
    struct check_logs *logs = check->logs;
    if (logs->chain_count * 2 >= logs->slot_count && logs->chain_count < CHAINS_MAX)
        grow_chains(check);
    struct chain *chain = slot_of(logs, item);
    if (chain->item == 0) {
        if (logs->chain_count >= CHAINS_MAX)
            return;
        logs->chain_count++;
        chain->item = item;
    } else if (chain->label_ms == stream->label_ms &&
               chain->image != hash_of_image(change->old_item)) {
        check_problem(check,
                      "record %.*s of table %.*s does not begin where the one before it of "
                      "its item ends",
                      SLICE_ARGS(check_hex(arena, row->key)), SLICE_ARGS(stream->table_name));
    }
    chain->image = hash_of_image(change->new_item);
    chain->label_ms = stream->label_ms;
    chain->is_confirmed = chain->image == 0 || stream->closed_ms != 0;
}

/* ---- records ---- */

/* The row key of a record's item, or what is wrong with its images. */
static const char *inspect_images(struct arena *arena, const struct key_schema *keys,
                                  const struct log_change *change, slice *row_key)
{
    const slice images[] = {change->old_item, change->new_item};
    *row_key = SLICE_NONE;
    if (slice_equal(change->old_item, change->new_item))
        return "records no change";
    for (uint32_t i = 0; i < 2; i++) {
        if (!item_exists(images[i]))
            continue;
        if (item_check(images[i]) || key_check_item(arena, keys, images[i]))
            return "holds an image that is no item of its table";
        slice key = row_key_of_item(arena, keys, 0, images[i]);
        if (row_key->size > 0 && !slice_equal(key, *row_key))
            return "holds images of two items";
        *row_key = key;
    }
    return NULL;
}

struct log_position check_low_water(struct check *check, struct arena *arena, uint32_t space,
                                    uint32_t partition)
{
    slice key = log_key_of_low_water(arena, space, partition);
    struct store_row row;
    bool found = store_get(check->store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row) ==
                     STORE_OK &&
                 row.found && row.value.size == LOG_POSITION_BYTES;
    return found ? log_position_get(row.value.data) : (struct log_position){0, 0};
}

/* ---- parts ---- */

static void enter_log(struct check *check, uint32_t space)
{
    struct check_logs *logs = check->logs;
    logs->space = space;
    logs->first_stream = first_stream_of(logs, space);
    logs->table = check_table_of_log(check, space);
    logs->end_count = 0;
}

static void find_stream_parts(struct check *check)
{
    struct check_logs *logs = check->logs;
    logs->part_count = 0;
    for (uint32_t i = logs->first_stream;
         i < logs->stream_count && logs->streams[i]->log_space == logs->space; i++) {
        const struct stream *stream = logs->streams[i];
        for (uint32_t j = 0; j < stream->shard_count; j++) {
            if (stream->shards[j].id.partition != logs->partition)
                continue;
            logs->parts = grown(check->arena, logs->parts, sizeof *logs->parts, logs->part_count,
                                &logs->part_capacity);
            logs->parts[logs->part_count++] = (struct stream_part){stream, &stream->shards[j]};
        }
    }
}

/* Among the partitions of the table's map, and those that were split. */
static void find_described(struct check_logs *logs)
{
    logs->described = NULL;
    if (!logs->table)
        return;
    struct partition_map map = logs->table->partitions;
    uint32_t position = partition_position(map, logs->partition);
    if (position < map.count) {
        logs->described = &map.list[position];
        logs->range_to = partition_end(map, position);
    }
    for (uint32_t i = 0; i < logs->table->sealed.count && !logs->described; i++) {
        const struct sealed_partition *sealed = &logs->table->sealed.list[i];
        if (sealed->partition.number == logs->partition) {
            logs->described = &sealed->partition;
            logs->range_to = sealed->to;
        }
    }
}

static struct log_position last_of_parent(const struct check_logs *logs)
{
    for (uint32_t i = 0; i < logs->end_count && logs->described && logs->described->is_child; i++) {
        if (logs->ends[i].partition == logs->described->parent)
            return logs->ends[i].last;
    }
    return (struct log_position){0, 0};
}

/* Of parts of logs, in which records ascend because their keys do. */
static void enter_part(struct check *check, struct arena *arena, uint32_t space, uint32_t partition)
{
    struct check_logs *logs = check->logs;
    if (logs->space == space && logs->partition == partition)
        return;
    if (logs->space != space)
        enter_log(check, space);
    logs->partition = partition;
    find_stream_parts(check);
    find_described(logs);
    logs->after_parent = last_of_parent(logs);
    logs->ends = grown(check->arena, logs->ends, sizeof *logs->ends, logs->end_count,
                       &logs->end_capacity);
    logs->ends[logs->end_count++] = (struct part_end){.partition = partition};
    logs->time_ms = 0;
    logs->low_water = check_low_water(check, arena, space, partition);
}

static const char *inspect_record(struct check *check, const struct log_record *record)
{
    struct check_logs *logs = check->logs;
    if (record->position.commit > check->commit_number)
        return "is of a commit that there was not";
    if (record->time_ms < logs->time_ms)
        return "is older than the one before it";
    if (log_position_compare(record->position, logs->low_water) < 0)
        return "stands before the low-water mark";
    if (log_position_compare(record->position, logs->after_parent) < 0)
        return "stands before a record of the partition that its own came of";
    for (uint32_t i = 0; i < logs->part_count; i++) {
        const struct shard *shard = logs->parts[i].shard;
        if (shard->has_parent && log_position_compare(record->position, shard->start) < 0)
            return "stands before its partition begins";
        if (shard->split_ms != 0 && log_position_compare(record->position, shard->end) >= 0)
            return "stands behind the end of its partition, which was split";
    }
    return NULL;
}

/* Whether the item lies in the range of the partition in whose part the record stands. */
static bool is_in_its_partition(const struct check_logs *logs, slice row_key)
{
    if (!logs->table)
        return true;
    return logs->described && partition_range_has(logs->described->from, logs->range_to,
                                                  slice_from(row_key, ROW_HASH_OFFSET));
}

void check_log_record(struct check *check, struct arena *arena, const struct store_entry *row)
{
    struct log_record record;
    const char *problem = NULL;
    if (!log_record_open(row, &record)) {
        check_problem(check,
                      "row %.*s of the change log is no record, or its stamp is not its "
                      "key's",
                      SLICE_ARGS(check_hex(arena, row->key)));
        return;
    }
    uint32_t space = bytes_get_u32(row->key.data + 1);
    enter_part(check, arena, space, bytes_get_u32(row->key.data + 5));
    const struct stream *stream = stream_at(check->logs, record.position);
    slice row_key = SLICE_NONE;
    const struct key_schema *keys = stream               ? &stream->keys
                                    : check->logs->table ? &check->logs->table->keys
                                                         : NULL;
    const struct space *dead = keys ? NULL : check_find_space(check, space);
    if (dead && dead->dead) {
        check->report->dead_rows++;
        return;
    }
    if (!keys)
        problem = "belongs to no table";
    if (!problem)
        problem = inspect_record(check, &record);
    if (!problem)
        problem = inspect_images(arena, keys, &record.change, &row_key);
    if (!problem && !is_in_its_partition(check->logs, row_key))
        problem = "stands in another partition than its item";
    if (problem)
        check_problem(check, "record %.*s %s", SLICE_ARGS(check_hex(arena, row->key)), problem);
    else if (stream) /* without one nobody promises that the log is complete */
        follow_chain(check, arena, row, hash_of_item(space, row_key), stream, &record.change);
    check->logs->time_ms = record.time_ms;
    check->logs->ends[check->logs->end_count - 1].last = record.position;
    check->report->records++;
}

/* ---- against the items ---- */

void check_logged_item(struct check *check, struct arena *arena, const struct table *table,
                       const struct store_entry *row, slice item)
{
    struct check_logs *logs = check->logs;
    if (table->stream.view == STREAM_VIEW_NONE || logs->slot_count == 0)
        return;
    struct chain *chain = slot_of(logs, hash_of_item(table->log_space, row->key));
    if (chain->item == 0 || chain->label_ms != table->stream.label_ms)
        return;
    chain->is_confirmed = true;
    if (chain->image != hash_of_image(item))
        check_problem(check, "row %.*s of table %.*s is not the last image in the change log",
                      SLICE_ARGS(check_hex(arena, row->key)), SLICE_ARGS(table->name));
}

void check_logs_end(struct check *check)
{
    const struct check_logs *logs = check->logs;
    uint64_t lost = 0;
    for (uint32_t i = 0; i < logs->slot_count; i++)
        lost += logs->chains[i].item != 0 && !logs->chains[i].is_confirmed;
    if (lost > 0)
        check_problem(check,
                      "%llu items are not there, though the change log ends with an image "
                      "of them",
                      (unsigned long long)lost);
}

bool check_is_low_water(struct check *check, const struct store_entry *row)
{
    enum { KEY_BYTES = 1 + 3 + 4 + 4, SPACE_OFFSET = 4 };
    if (row->key.size != KEY_BYTES || memcmp(row->key.data + 1, "log", 3) != 0 ||
        row->value.size != LOG_POSITION_BYTES)
        return false;
    uint32_t space = bytes_get_u32(row->key.data + SPACE_OFFSET);
    return first_stream_of(check->logs, space) < check->logs->stream_count ||
           check_table_of_log(check, space) || check_find_space(check, space);
}
