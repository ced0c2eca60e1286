/*
 * Attribute values in their stored, canonical form, as slices.
 *
 * Canonical: map members sorted by name, set members sorted and unique, numbers in ordered form.
 * Two values are equal as the service compares them exactly when their bytes are equal. The
 * layout is private to item/ and described in docs/formats.md.
 * Values come from item_read_json or from a row that passed item_check; reading asserts.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "item/number.h"

/* Stored: append only. */
enum value_type {
    VALUE_S,
    VALUE_N,
    VALUE_B,
    VALUE_SS,
    VALUE_NS,
    VALUE_BS,
    VALUE_BOOL,
    VALUE_NULL,
    VALUE_L,
    VALUE_M,
    VALUE_TYPE_COUNT
};

/* "S", "N", … as on the wire. */
slice value_type_name(enum value_type type);
bool value_type_parse(slice name, enum value_type *type);
static inline bool value_type_is_scalar_key(enum value_type type)
{
    return type <= VALUE_B;
}

enum value_type value_type_of(slice value);
slice value_content(slice value);                             /* S, B: the raw bytes */
struct number value_number(slice value);                      /* N */
slice value_number_ordered(slice value);                      /* N: the ordered form, borrowed */
bool value_bool(slice value);                                 /* BOOL */
uint32_t value_count(slice value);                            /* members of sets, lists, maps */
bool value_member(slice map, slice name, slice *found);       /* M */
bool value_element(slice list, uint32_t index, slice *found); /* L */

/*
 * Walk a list, map or set. Set members come as values of type S, N or B. All are borrowed from
 * the container: nothing is made in `arena`, which may be NULL.
 */
struct value_cursor {
    const char *next;
    uint32_t left;
    enum value_type type; /* of the container */
};
void value_cursor_init(struct value_cursor *cursor, struct arena *arena, slice container);
/* `name` is set for maps only; may be NULL for the others. False at the end. */
bool value_cursor_next(struct value_cursor *cursor, slice *name, slice *value);

static inline bool value_equal(slice a, slice b)
{
    return slice_equal(a, b);
}

/* Order of two values of one scalar type S, N or B. */
int value_compare(slice a, slice b);

/* True when `member`, a value of S, N or B, is in the set. */
bool value_set_contains(slice set, slice member);

/* Bytes the service charges for the value, without its name. */
size_t value_charged_bytes(slice value);

/* Levels of nesting: 1 for a scalar or set. */
uint32_t value_levels(slice value);

/* Constants. */
slice value_make_bool(bool truth);
slice value_make_null(void);

/* Made in `arena`. */
slice value_make_string(struct arena *arena, slice text);
slice value_make_binary(struct arena *arena, slice bytes);
slice value_make_number(struct arena *arena, const struct number *number);
slice value_make_list(struct arena *arena, const slice *values, uint32_t count);
/* Names must differ; they need not be sorted. */
slice value_make_map(struct arena *arena, const slice *names, const slice *values, uint32_t count);
/* `type` is SS, NS or BS; members are values of S, N, B; sorted and made unique. count > 0. */
slice value_make_set(struct arena *arena, enum value_type type, const slice *members,
                     uint32_t count);
