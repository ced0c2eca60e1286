/* What schema.c, of definitions and the table's keys, shares with schema_index.c. */
#pragma once
#include "ops/schema.h"

#define INVALID "One or more parameter values were invalid: "

enum key_type { KEY_TYPE_ABSENT, KEY_TYPE_HASH, KEY_TYPE_RANGE };
struct key_element {
    slice name;
    enum key_type type;
};

/* The choices of ProjectionType, in the order in which the service prints them. */
enum projected_as { PROJECTED_UNSAID, PROJECTED_ALL, PROJECTED_INCLUDE, PROJECTED_KEYS_ONLY };
struct projection_input {
    enum projected_as type;
    struct decoded_list included;
};

/* The attribute definitions, each found by name. */
struct definitions {
    const struct decoded_list *given;
    const struct definition *sorted; /* by name */
    bool *used;                      /* of the sorted ones */
};
/* That the first is a HASH, a second a RANGE, and not both the same attribute. */
error schema_check_pair(const struct decoded_list *keys) MUST_CHECK;

/* The keys, defined and of the right kinds, HASH ones first. */
struct key_parts schema_key_parts(const struct definitions *definitions,
                                  const struct decoded_list *keys);

/* A global index whose keys are defined. */
error schema_parse_global(struct arena *arena, const struct index_input *in,
                          const struct definitions *definitions, enum billing_mode billing_mode,
                          struct index *index) MUST_CHECK;

/* The definition has its keys; it gets its indexes. */
error schema_parse_indexes(struct arena *arena, const struct schema_input *in,
                           const struct definitions *definitions, enum billing_mode billing_mode,
                           struct table_definition *definition) MUST_CHECK;
