/* What the decoder (decode.c) and its constraints (constraints.c) share. */
#pragma once
#include "ops/decode.h"

/* Where in the request a value stands, for the paths in messages. */
struct place {
    const struct place *outer; /* NULL at the top */
    const struct field *field;
    uint32_t element; /* counted from 1 in a list, else 0 */
    slice key;        /* of a map's entry, or none */
};

struct violation {
    uint32_t position; /* of the field in the structure that is being read */
    bool is_table_name;
    bool is_missing;
    slice text;
};

/* As many as the service reports; also the most that one field of the input may add. */
enum { VIOLATIONS_MAX = 10 };

struct violations {
    struct arena *arena;
    struct violation *list;
    uint32_t count;
    uint32_t field_first; /* where those of the current field of the input begin */
    error alone;          /* reported by itself, before all others */
};

/* `value` is the value's JSON. Each adds what fails. */
void constrain_missing(struct violations *violations, const struct place *place);
void constrain_string(struct violations *violations, const struct place *place, slice text);
void constrain_enum(struct violations *violations, const struct place *place, slice text);
void constrain_table_name(struct violations *violations, const struct place *place,
                          const struct table_name *table_name);
void constrain_number(struct violations *violations, const struct place *place, int64_t value);
void constrain_length(struct violations *violations, const struct place *place, uint32_t length,
                      slice json);

/* Put those from `first` on into the order of their fields. */
void violations_sort(struct violations *violations, uint32_t first);

/* All of them as one error; NULL when there are none. */
error violations_error(struct violations *violations, bool table_name_alone);
