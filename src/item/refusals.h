/* What the service says about wire values it does not take, as data. Private to item/. */
#pragma once
#include "item/item_json.h"

/* What a JSON value is to become; the service names its own Java types. */
enum wire_type {
    WIRE_STRING,
    WIRE_BOOLEAN,
    WIRE_BYTES,
    WIRE_LIST,
    WIRE_MAP,
    WIRE_VALUE, /* an AttributeValue in a list or map */
    WIRE_TYPE_COUNT,
};

/*
 * JSON of another kind stands where `expected` should be.
 *   Errors: SERIALIZATION, always.
 */
error wire_mistyped(struct arena *arena, struct json_reader *reader,
                    enum wire_type expected) MUST_CHECK;

/* The right JSON with a value that cannot be. */
enum refusal {
    REFUSAL_NOT_NUMERIC, /* with the text */
    REFUSAL_EMPTY_NUMBER_OLDER,
    REFUSAL_NUMBER_OVERFLOW,
    REFUSAL_NUMBER_UNDERFLOW,
    REFUSAL_NUMBER_TOO_PRECISE,
    REFUSAL_DUPLICATES_SS, /* with the members */
    REFUSAL_DUPLICATES_BS, /* with the members */
    REFUSAL_DUPLICATES_NS,
    REFUSAL_DUPLICATES_NS_OLDER,
    REFUSAL_EMPTY_SS,
    REFUSAL_EMPTY_NS,
    REFUSAL_EMPTY_BS,
    REFUSAL_NULL_STRING, /* in a string set */
    REFUSAL_NULL_MEMBER, /* in another set */
    REFUSAL_NULL_FALSE,
    REFUSAL_NO_TYPE,
    REFUSAL_SEVERAL_TYPES,
    REFUSAL_TOO_DEEP,
    REFUSAL_NAME_EMPTY,    /* an attribute of the item itself */
    REFUSAL_MAP_KEY_EMPTY, /* in a map inside of it */
    REFUSAL_NAME_TOO_LARGE,
    REFUSAL_COUNT,
};

/* The layer that words this refusal where an operation runs `layer`. */
enum value_layer refusal_layer(enum value_layer layer, enum refusal refusal);

/*
 * The service checks an item in passes: the names of its attributes, then how deep it is, then the
 * keys of its maps. So a failure that was met later may be the one to tell.
 */
bool refusal_outranks(enum refusal later, enum refusal earlier);

/* A VALIDATION failure; `detail` is what the text quotes, or SLICE_NONE. */
error refusal_make(struct arena *arena, enum value_layer layer, enum refusal refusal, slice detail);
