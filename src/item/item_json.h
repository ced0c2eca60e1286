/*
 * The codecs between wire JSON ({"Name": {"S": "…"}}) and stored items, one pass each way.
 *
 * Reading tells two kinds of failure apart. A wrong JSON type is a SerializationException and is
 * returned. A wrong value (number, set, NULL, nesting) is a ValidationException that must wait
 * for its turn in the service's order of checks: it is kept in `invalid`, the rest is read on.
 * Texts by layer: see enum value_layer.
 */
#pragma once
#include "item/item.h"
#include "json/reader.h"
#include "json/writer.h"

/*
 * Which layer of the service's validation an operation runs decides the wording. The service goes
 * over from the older to the current one, operation by operation and Region by Region.
 */
enum value_layer {
    VALUE_LAYER_CURRENT,      /* "1 validation error detected: " first */
    VALUE_LAYER_CURRENT_BARE, /* without it */
    VALUE_LAYER_OLDER,
    VALUE_LAYER_OLDER_SETS, /* current, but as the older one where refusals.c says so */
};

struct item_input {
    bool present;  /* the member was there and not null */
    slice item;    /* valid when present and invalid is NULL; {} is an item of 0 attributes */
    error invalid; /* NULL: the values are good */
};

struct value_input {
    slice value;
    error invalid;
};

/* The next value must be an object or null; other JSON types are a SerializationException. */
error item_read_json(struct json_reader *reader, struct arena *arena, enum value_layer layer,
                     struct item_input *input) MUST_CHECK;
error value_read_json(struct json_reader *reader, struct arena *arena, enum value_layer layer,
                      struct value_input *input) MUST_CHECK;

void item_write_json(struct json_writer *writer, slice item);
void value_write_json(struct json_writer *writer, slice value);
