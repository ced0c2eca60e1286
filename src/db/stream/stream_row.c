#include "db/stream/stream_row.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "db/db_private.h"
#include "db/index/index_row.h"

enum {
    NAME_BYTES = 4 + 8,
    ITEM_OFFSET = STREAM_ROW_STAMP_OFFSET + STORE_STAMP_BYTES,
    TIME_OFFSET = STREAM_ROW_STAMP_OFFSET + LOG_POSITION_BYTES,
    ATTRIBUTES_MAX = 12,
    MEMBERS_MAX = 7,
};

slice stream_row_key(struct arena *arena, uint32_t log_space, int64_t label_ms)
{
    char name[NAME_BYTES];
    bytes_put_u32(name, log_space);
    bytes_put_u64(name + 4, (uint64_t)label_ms);
    return row_key_of_catalogue(arena, CATALOGUE_STREAM, slice_of(name, NAME_BYTES));
}

bool stream_row_is_key(slice key)
{
    return key.size == CATALOGUE_NAME_OFFSET + NAME_BYTES &&
           row_key_is_of_catalogue(key, CATALOGUE_STREAM);
}

/* ---- writing ---- */

struct pairs {
    struct arena *arena;
    slice *names;
    slice *values;
    uint32_t count;
};

static void add(struct pairs *pairs, slice name, slice value)
{
    pairs->names[pairs->count] = name;
    pairs->values[pairs->count++] = value;
}

static void add_text(struct pairs *pairs, slice name, slice text)
{
    add(pairs, name, value_make_string(pairs->arena, text));
}

static void add_integer(struct pairs *pairs, slice name, int64_t integer)
{
    add(pairs, name, stored_integer_make(pairs->arena, integer));
}

/* Empty: here. */
static void add_position(struct pairs *pairs, slice name, struct log_position position)
{
    char bytes[LOG_POSITION_BYTES];
    bool is_here = log_position_compare(position, LOG_HERE) == 0;
    log_position_put(bytes, position);
    add(pairs, name,
        value_make_binary(pairs->arena, slice_of(bytes, is_here ? 0 : sizeof bytes)));
}

static slice shard_value(struct arena *arena, const struct shard *shard)
{
    slice names[MEMBERS_MAX];
    slice values[MEMBERS_MAX];
    struct pairs pairs = {arena, names, values, 0};
    add_integer(&pairs, SLICE("Partition"), shard->id.partition);
    add_integer(&pairs, SLICE("CreatedMs"), shard->id.created_ms);
    if (shard->has_parent) {
        add_integer(&pairs, SLICE("Parent"), shard->parent.partition);
        add_integer(&pairs, SLICE("ParentCreatedMs"), shard->parent.created_ms);
    }
    add_position(&pairs, SLICE("Start"), shard->start);
    if (shard->is_ended)
        add_position(&pairs, SLICE("End"), shard->end);
    if (shard->split_ms != 0)
        add_integer(&pairs, SLICE("SplitMs"), shard->split_ms);
    return value_make_map(arena, names, values, pairs.count);
}

static slice shards_value(struct arena *arena, const struct stream *stream)
{
    slice *shards = arena_new_array(arena, slice, stream->shard_count);
    for (uint32_t i = 0; i < stream->shard_count; i++)
        shards[i] = shard_value(arena, &stream->shards[i]);
    return value_make_list(arena, shards, stream->shard_count);
}

static slice row_value(struct arena *arena, const struct stream *stream)
{
    const struct key_schema *keys = &stream->keys;
    slice names[ATTRIBUTES_MAX];
    slice values[ATTRIBUTES_MAX];
    struct pairs pairs = {arena, names, values, 0};
    add_text(&pairs, SLICE("TableName"), stream->table_name);
    add_text(&pairs, SLICE("TableId"), stream->table_id);
    add_text(&pairs, SLICE("HashName"), keys->hash.name);
    add_text(&pairs, SLICE("HashType"), value_type_name(keys->hash.type));
    if (keys->has_range) {
        add_text(&pairs, SLICE("RangeName"), keys->range.name);
        add_text(&pairs, SLICE("RangeType"), value_type_name(keys->range.type));
    }
    add_integer(&pairs, SLICE("LogSpace"), stream->log_space);
    add_integer(&pairs, SLICE("LabelMs"), stream->label_ms);
    add_integer(&pairs, SLICE("View"), stream->view);
    add_integer(&pairs, SLICE("ActiveMs"), stream->active_ms);
    if (stream->closed_ms != 0)
        add_integer(&pairs, SLICE("ClosedMs"), stream->closed_ms);
    add(&pairs, SLICE("Shards"), shards_value(arena, stream));
    slice item = item_make(arena, names, values, pairs.count);
    char *row = arena_alloc_bytes(arena, ITEM_OFFSET + item.size);
    row[0] = STREAM_ROW_FORMAT;
    memset(row + STREAM_ROW_STAMP_OFFSET, 0, STORE_STAMP_BYTES);
    memcpy(row + ITEM_OFFSET, item.data, item.size);
    return slice_of(row, ITEM_OFFSET + item.size);
}

struct store_write stream_row_write(struct arena *arena, const struct stream *stream)
{
    struct store_write write = db_put(stream_row_key(arena, stream->log_space, stream->label_ms),
                                      row_value(arena, stream));
    write.value_stamp = STREAM_ROW_STAMP_OFFSET;
    return write;
}

/* ---- reading ---- */

static bool read_text(slice item, slice name, slice *text)
{
    slice value;
    if (!item_attribute(item, name, &value) || value_type_of(value) != VALUE_S)
        return false;
    *text = value_content(value);
    return true;
}

static bool read_type(slice item, slice name, enum value_type *type)
{
    slice text;
    return read_text(item, name, &text) && value_type_parse(text, type) &&
           value_type_is_scalar_key(*type);
}

/* From `min` to `max`. */
static bool read_integer(slice value, int64_t min, int64_t max, int64_t *integer)
{
    return stored_integer_read(value, integer) && *integer >= min && *integer <= max;
}

static bool read_attribute(slice item, slice name, int64_t min, int64_t max, int64_t *integer)
{
    slice value;
    return item_attribute(item, name, &value) && read_integer(value, min, max, integer);
}

static bool read_member(slice map, slice name, int64_t max, int64_t *integer)
{
    slice value;
    return value_member(map, name, &value) && read_integer(value, 0, max, integer);
}

static bool read_position(slice value, struct log_position here, struct log_position *position)
{
    if (value_type_of(value) != VALUE_B)
        return false;
    slice bytes = value_content(value);
    if (bytes.size == 0)
        *position = here;
    else if (bytes.size == LOG_POSITION_BYTES)
        *position = log_position_get(bytes.data);
    else
        return false;
    return true;
}

static bool read_id(slice map, slice partition_name, slice created_name, struct shard_id *id)
{
    int64_t partition;
    if (!read_member(map, partition_name, UINT32_MAX, &partition) ||
        !read_member(map, created_name, INT64_MAX, &id->created_ms))
        return false;
    id->partition = (uint32_t)partition;
    return true;
}

static bool read_shard(slice map, struct log_position here, struct shard *shard)
{
    slice value;
    if (value_type_of(map) != VALUE_M ||
        !read_id(map, SLICE("Partition"), SLICE("CreatedMs"), &shard->id) ||
        !value_member(map, SLICE("Start"), &value) || !read_position(value, here, &shard->start))
        return false;
    shard->has_parent = value_member(map, SLICE("Parent"), &value);
    if (shard->has_parent &&
        !read_id(map, SLICE("Parent"), SLICE("ParentCreatedMs"), &shard->parent))
        return false;
    shard->is_ended = value_member(map, SLICE("End"), &value);
    if (shard->is_ended && !read_position(value, here, &shard->end))
        return false;
    return !value_member(map, SLICE("SplitMs"), &value) ||
           (shard->is_ended && read_integer(value, 1, INT64_MAX, &shard->split_ms));
}

/* A closed stream is sealed when all of its shards have ended. */
static bool read_shards(struct arena *arena, slice item, struct log_position here,
                        struct stream *stream, bool *all_ended)
{
    slice list, map;
    if (!item_attribute(item, SLICE("Shards"), &list) || value_type_of(list) != VALUE_L ||
        value_count(list) == 0)
        return false;
    struct shard *shards = arena_new_array(arena, struct shard, value_count(list));
    struct value_cursor cursor;
    uint32_t count = 0;
    *all_ended = true;
    value_cursor_init(&cursor, NULL, list);
    for (; value_cursor_next(&cursor, NULL, &map); count++) {
        if (!read_shard(map, here, &shards[count]))
            return false;
        *all_ended = *all_ended && shards[count].is_ended;
    }
    stream->shards = shards;
    stream->shard_count = count;
    return true;
}

static bool read_keys(slice item, struct key_schema *keys)
{
    slice unused;
    keys->has_range = item_attribute(item, SLICE("RangeName"), &unused);
    return read_text(item, SLICE("HashName"), &keys->hash.name) &&
           read_type(item, SLICE("HashType"), &keys->hash.type) &&
           (!keys->has_range || (read_text(item, SLICE("RangeName"), &keys->range.name) &&
                                 read_type(item, SLICE("RangeType"), &keys->range.type)));
}

static bool read_stream(struct arena *arena, slice item, const char *row, struct stream *stream)
{
    struct log_position here = log_position_get(row + STREAM_ROW_STAMP_OFFSET);
    int64_t space, view;
    bool all_ended;
    slice value;
    if (!read_text(item, SLICE("TableName"), &stream->table_name) ||
        !read_text(item, SLICE("TableId"), &stream->table_id) || !read_keys(item, &stream->keys) ||
        !read_attribute(item, SLICE("LogSpace"), 1, UINT32_MAX, &space) ||
        !read_attribute(item, SLICE("LabelMs"), 0, INT64_MAX, &stream->label_ms) ||
        !read_attribute(item, SLICE("View"), STREAM_VIEW_NEW_IMAGE, STREAM_VIEW_KEYS_ONLY, &view) ||
        !read_attribute(item, SLICE("ActiveMs"), 0, INT64_MAX, &stream->active_ms) ||
        !read_shards(arena, item, here, stream, &all_ended))
        return false;
    stream->log_space = (uint32_t)space;
    stream->view = (enum stream_view)view;
    if (item_attribute(item, SLICE("ClosedMs"), &value) &&
        !read_integer(value, 1, INT64_MAX, &stream->closed_ms))
        return false;
    uint32_t known_count = stream->keys.has_range ? 11 : 9;
    if (stream->closed_ms != 0)
        known_count++;
    if (item_attribute_count(item) != known_count)
        return false; /* a later release wrote it */
    if (stream->closed_ms != 0 && all_ended)
        stream->sealed_ms = (int64_t)bytes_get_u64(row + TIME_OFFSET);
    return true;
}

error stream_row_open(struct arena *arena, slice value, struct stream *stream)
{
    *stream = (struct stream){.closed_ms = 0};
    if (value.size <= ITEM_OFFSET || value.data[0] != STREAM_ROW_FORMAT)
        return fail(arena, ERROR_CORRUPT, "a stream's description has an unknown format");
    slice item = slice_from(value, ITEM_OFFSET);
    TRY(item_check(item));
    if (!read_stream(arena, item, value.data, stream))
        return fail(arena, ERROR_CORRUPT, "a stream's description lacks what it must have");
    return NULL;
}
