#include "tool/heat_page.h"

#include "json/reader.h"
#include <stdlib.h>

enum { PARTITIONS_MAX_READ = 4096, KEYS_MAX_READ = 64, PLACES_MAX_READ = 64 };

static const struct failure bad_page = {
    .kind = ERROR_SERVICE_UNAVAILABLE,
    .message = SLICE("what was answered is no page of partitions: is that a server of this "
                     "version?")};

/* A reader that stops at the first value of another kind than expected. */
struct page_reader {
    struct json_reader json;
    struct arena *arena;
    bool is_bad;
};

static bool expect(struct page_reader *reader, enum json_kind kind)
{
    reader->is_bad = reader->is_bad || json_peek(&reader->json) != kind;
    return !reader->is_bad;
}

static slice read_text(struct page_reader *reader)
{
    return expect(reader, JSON_STRING) ? json_read_string(&reader->json) : SLICE_NONE;
}

static double read_number(struct page_reader *reader)
{
    char text[64];
    slice spelled = expect(reader, JSON_NUMBER) ? json_read_number(&reader->json) : SLICE_NONE;
    size_t size = spelled.size < sizeof text ? spelled.size : sizeof text - 1;
    if (size > 0)
        memcpy(text, spelled.data, size);
    text[size] = 0;
    return strtod(text, NULL);
}

static int64_t read_count(struct page_reader *reader)
{
    double number = read_number(reader);
    return number >= 0 && number < 9e18 ? (int64_t)number : 0;
}

static bool read_truth(struct page_reader *reader)
{
    enum json_kind kind = json_peek(&reader->json);
    if (kind == JSON_TRUE || kind == JSON_FALSE)
        return json_read_bool(&reader->json);
    reader->is_bad = true;
    return false;
}

/* Calls `read` for each member of an object until something is bad. */
static void read_members(struct page_reader *reader, void *into,
                         void (*read)(struct page_reader *reader, slice name, void *into))
{
    if (!expect(reader, JSON_OBJECT))
        return;
    json_object_begin(&reader->json);
    for (slice name; !reader->is_bad && json_object_next(&reader->json, &name);)
        read(reader, name, into);
}

/* An array of objects: at most `limit` of them, more are bad. */
static uint32_t read_objects(struct page_reader *reader, void *into, size_t size, uint32_t limit,
                             void (*read)(struct page_reader *reader, slice name, void *into))
{
    uint32_t count = 0;
    if (!expect(reader, JSON_ARRAY))
        return 0;
    json_array_begin(&reader->json);
    while (!reader->is_bad && json_array_next(&reader->json)) {
        reader->is_bad = count == limit;
        if (!reader->is_bad)
            read_members(reader, (char *)into + size * count++, read);
    }
    return count;
}

static void read_key_member(struct page_reader *reader, slice name, void *into)
{
    struct heat_key *key = into;
    if (slice_equal(name, SLICE("key")))
        key->key = read_text(reader);
    else if (slice_equal(name, SLICE("share")))
        key->share = read_number(reader);
    else
        json_skip(&reader->json);
}

static const struct heat_key *read_keys(struct page_reader *reader, uint32_t *count)
{
    struct heat_key *keys = arena_new_array(reader->arena, struct heat_key, KEYS_MAX_READ);
    *count = read_objects(reader, keys, sizeof *keys, KEYS_MAX_READ, read_key_member);
    return keys;
}

static void read_partition_member(struct page_reader *reader, slice name, void *into)
{
    struct heat_partition *partition = into;
    const struct {
        slice name;
        int64_t *count;
    } counts[] = {
        {SLICE("id"), &partition->id},
        {SLICE("bytes"), &partition->bytes},
        {SLICE("items"), &partition->items},
        {SLICE("throttled"), &partition->throttled},
        {SLICE("would_throttle"), &partition->would_throttle},
        {SLICE("scanned_items"), &partition->scanned_items},
        {SLICE("returned_items"), &partition->returned_items},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (slice_equal(name, counts[i].name)) {
            *counts[i].count = read_count(reader);
            return;
        }
    }
    if (slice_equal(name, SLICE("hash_from")))
        partition->hash_from = read_text(reader);
    else if (slice_equal(name, SLICE("hash_to")))
        partition->hash_to = read_text(reader);
    else if (slice_equal(name, SLICE("is_estimated")))
        partition->is_estimated = read_truth(reader);
    else if (slice_equal(name, SLICE("read_units")))
        partition->read_units = read_number(reader);
    else if (slice_equal(name, SLICE("write_units")))
        partition->write_units = read_number(reader);
    else if (slice_equal(name, SLICE("hot_keys")))
        partition->hot_keys = read_keys(reader, &partition->hot_key_count);
    else if (slice_equal(name, SLICE("hot_items")))
        partition->hot_items = read_keys(reader, &partition->hot_item_count);
    else
        json_skip(&reader->json);
}

/* What a page's objects are read into: the table's, and the indexes' behind it. */
struct places {
    struct heat_place list[PLACES_MAX_READ];
    uint32_t count;
};

static void read_place_member(struct page_reader *reader, slice name, void *into)
{
    struct heat_place *place = into;
    if (slice_equal(name, SLICE("table")) || slice_equal(name, SLICE("index"))) {
        place->name = read_text(reader);
    } else if (slice_equal(name, SLICE("partitions"))) {
        struct heat_partition *partitions =
            arena_new_array(reader->arena, struct heat_partition, PARTITIONS_MAX_READ);
        place->partition_count = read_objects(reader, partitions, sizeof *partitions,
                                              PARTITIONS_MAX_READ, read_partition_member);
        place->partitions = partitions;
    } else {
        json_skip(&reader->json);
    }
}

static void read_table_member(struct page_reader *reader, slice name, void *into)
{
    struct places *places = into;
    if (slice_equal(name, SLICE("indexes")))
        places->count = 1 + read_objects(reader, places->list + 1, sizeof *places->list,
                                         PLACES_MAX_READ - 1, read_place_member);
    else
        read_place_member(reader, name, &places->list[0]);
}

static void read_page_member(struct page_reader *reader, slice name, void *into)
{
    struct places *places = into;
    if (!slice_equal(name, SLICE("tables"))) {
        json_skip(&reader->json);
        return;
    }
    if (!expect(reader, JSON_ARRAY))
        return;
    json_array_begin(&reader->json);
    while (!reader->is_bad && json_array_next(&reader->json)) {
        reader->is_bad = places->count > 0; /* one table was asked for */
        places->count = 1;
        if (!reader->is_bad)
            read_members(reader, places, read_table_member);
    }
}

error heat_page_read(struct arena *arena, slice body, struct heat_page *page)
{
    if (body.size == 0 || !json_check(body))
        return &bad_page;
    struct places *places = arena_new(arena, struct places);
    struct page_reader reader = {.arena = arena};
    json_reader_init(&reader.json, arena, body);
    read_members(&reader, places, read_page_member);
    if (reader.is_bad)
        return &bad_page;
    *page = (struct heat_page){places->list, places->count};
    return NULL;
}
