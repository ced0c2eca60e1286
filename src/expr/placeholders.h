/*
 * ExpressionAttributeNames and ExpressionAttributeValues of one request, shared by all its
 * expressions, which mark what they use.
 */
#pragma once
#include "item/item_json.h"

struct placeholder_name {
    slice placeholder; /* with its '#' */
    slice name;
    bool used;
};

struct placeholder_value {
    slice placeholder; /* with its ':' */
    struct value_input input;
    bool used;
};

struct placeholders {
    bool names_present; /* the member was given, even if empty */
    bool values_present;
    struct placeholder_name *names;
    uint32_t name_count;
    struct placeholder_value *values;
    uint32_t value_count;
    /* Entries in order of their placeholder: made by the first look-up, leave them zero. */
    const uint32_t *names_sorted;
    const uint32_t *values_sorted;
};

/*
 * The maps were given although no expression was.
 *   `absent_expressions`: the tail of the older text, e.g. "ConditionExpression is null".
 *   Errors: VALIDATION as the layer words it.
 */
error placeholders_check_unwanted(struct arena *arena, const struct placeholders *placeholders,
                                  slice absent_expressions, enum value_layer layer) MUST_CHECK;

/*
 * Shape of the two maps before any expression is read: not empty, keys well formed, values valid.
 */
error placeholders_check(struct arena *arena, const struct placeholders *placeholders,
                         enum value_layer layer) MUST_CHECK;

/* After all expressions are parsed: every entry was used. */
error placeholders_check_used(struct arena *arena,
                              const struct placeholders *placeholders) MUST_CHECK;

/* The entry of a placeholder with its '#' or ':', or NULL. The sorted indexes live in `arena`. */
struct placeholder_name *
placeholders_find_name(struct arena *arena, struct placeholders *placeholders, slice placeholder);
struct placeholder_value *
placeholders_find_value(struct arena *arena, struct placeholders *placeholders, slice placeholder);
