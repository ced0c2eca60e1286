#include "tests/fuzz/items.h"

#include "base/assert.h"
#include "tests/fuzz/walk.h"
#include "json/reader.h"

static const char *const ITEMS[FUZZ_ITEM_COUNT] = {
    "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"}}",
    "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"},\"a\":{\"M\":{\"b\":{\"L\":[{\"N\":\"1\"},{\"S\":"
    "\"x\"},{\"M\":{\"c\":{\"B\":\"AAE=\"}}}]},\"d\":{\"S\":\"text\"}}},\"b\":{\"L\":[{\"L\":[{"
    "\"NULL\":true}]},{\"BOOL\":false}]},\"c\":{\"N\":\"12.5\"},\"d\":{\"S\":\"hello\"},\"n\":{"
    "\"NS\":[\"1\",\"2\",\"3\"]},\"s\":{\"SS\":[\"x\",\"y\"]},\"t\":{\"BS\":[\"AA==\"]}}",
};

const struct key_schema fuzz_schema = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};

static struct json_reader reader_of(struct arena *arena, const char *json)
{
    slice text = slice_of_string(json);
    assert_that(json_check(text));
    struct json_reader reader;
    json_reader_init(&reader, arena, text);
    return reader;
}

slice fuzz_item(struct arena *arena, uint32_t index, enum value_layer layer)
{
    struct json_reader reader = reader_of(arena, ITEMS[index]);
    struct item_input input;
    error failed = item_read_json(&reader, arena, layer, &input);
    assert_that(!failed && !input.invalid);
    return input.item;
}

struct value_input fuzz_value(struct arena *arena, const char *json, enum value_layer layer)
{
    struct json_reader reader = reader_of(arena, json);
    struct value_input input;
    error failed = value_read_json(&reader, arena, layer, &input);
    assert_that(!failed && !input.invalid);
    return input;
}

void fuzz_check_item(struct arena *arena, slice item)
{
    error failed = item_check(item);
    assert_that(!failed);
    walk_item(arena, item);
}
