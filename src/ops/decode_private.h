/* What the decoder is made of: decode.c walks, mistyped.c and constraints.c report. */
#pragma once
#include "ops/decode.h"

#define SHAPES "com.amazonaws.dynamodb.v20120810."

/* JSON of another type comes next: SERIALIZATION, always. `wanted` is a class of java.lang. */
error mistyped_scalar(struct json_reader *reader, const char *wanted) MUST_CHECK;
/* `is_element`: of a list or a map. */
error mistyped_structure(struct json_reader *reader, const struct structure *structure,
                         bool is_element) MUST_CHECK;
error mistyped_map(struct json_reader *reader, slice value_class) MUST_CHECK;
error mistyped_list(struct json_reader *reader, bool is_element) MUST_CHECK;

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
    bool yields; /* to any that does not */
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

/* The lengths of a list's strings. */
void constrain_elements(struct violations *violations, const struct place *place,
                        const struct decoded_list *list, slice json);

/* What is wrong with a map of tables, gathered while it is read. */
struct table_map_faults {
    bool has_bad_key;
    bool has_bad_length;
};
void table_map_check_key(struct table_map_faults *faults, const struct table_name *table_name);
void table_map_check_length(struct table_map_faults *faults, const struct field *field,
                            uint32_t length);

/* Before those that were found inside the map, from `first` on. `map` stands at its JSON. */
void constrain_table_map(struct violations *violations, const struct place *place, uint32_t first,
                         const struct table_map_faults *faults, struct json_reader map);

/* Drop those from `first` on that are of the field at that position. */
void violations_forget(struct violations *violations, uint32_t first, uint32_t position);

/* Put those from `first` on into the order of their fields. */
void violations_sort(struct violations *violations, uint32_t first);

/* All of them as one error; NULL when there are none. */
error violations_error(struct violations *violations, const struct structure *input);
