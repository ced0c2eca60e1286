/* What the tests of expressions share: items, names and values from their wire JSON. */
#pragma once
#include "base/assert.h"
#include "expr/condition.h"
#include "tests/test.h"

static inline struct json_reader reader_of(struct arena *arena, slice json)
{
    assert_that(json_check(json));
    struct json_reader reader;
    json_reader_init(&reader, arena, json);
    return reader;
}

static inline slice item_of(struct arena *arena, const char *json)
{
    struct json_reader reader = reader_of(arena, slice_of_string(json));
    struct item_input input;
    CHECK_OK(item_read_json(&reader, arena, VALUE_LAYER_CURRENT_BARE, &input));
    assert_that(!input.invalid);
    return input.item;
}

static inline struct value_input value_of(struct arena *arena, const char *json,
                                          enum value_layer layer)
{
    struct json_reader reader = reader_of(arena, slice_of_string(json));
    struct value_input input;
    CHECK_OK(value_read_json(&reader, arena, layer, &input));
    return input;
}

static inline slice json_of_item(struct arena *arena, slice item)
{
    struct json_writer writer;
    json_writer_init(&writer, arena);
    item_write_json(&writer, item);
    return json_writer_text(&writer);
}

enum { TEST_PLACEHOLDERS_MAX = 1000 };

/* `names` is {"#a": "b"}, `values` {":v": {"S": "x"}}; NULL: not given. */
static inline struct placeholders placeholders_of_layer(struct arena *arena, const char *names,
                                                        const char *values, enum value_layer layer)
{
    struct placeholders placeholders = {
        .names_present = names != NULL,
        .values_present = values != NULL,
        .names = arena_new_array(arena, struct placeholder_name, TEST_PLACEHOLDERS_MAX),
        .values = arena_new_array(arena, struct placeholder_value, TEST_PLACEHOLDERS_MAX),
    };
    slice key;
    if (names) {
        struct json_reader reader = reader_of(arena, slice_of_string(names));
        json_object_begin(&reader);
        while (json_object_next(&reader, &key))
            placeholders.names[placeholders.name_count++] =
                (struct placeholder_name){.placeholder = key, .name = json_read_string(&reader)};
    }
    if (values) {
        struct json_reader reader = reader_of(arena, slice_of_string(values));
        json_object_begin(&reader);
        while (json_object_next(&reader, &key)) {
            struct placeholder_value *entry = &placeholders.values[placeholders.value_count++];
            entry->placeholder = key;
            CHECK_OK(value_read_json(&reader, arena, layer, &entry->input));
        }
    }
    return placeholders;
}

static inline struct placeholders placeholders_of(struct arena *arena, const char *names,
                                                  const char *values)
{
    return placeholders_of_layer(arena, names, values, VALUE_LAYER_CURRENT_BARE);
}

/* The text repeated, with `between` in the gaps. */
static inline slice repeat(struct arena *arena, const char *text, const char *between,
                           uint32_t count)
{
    struct buffer buffer;
    buffer_init(&buffer, arena);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append(&buffer, slice_of_string(between));
        buffer_append(&buffer, slice_of_string(text));
    }
    return buffer_slice(&buffer);
}
