/*
 * Field tables: what an operation takes, as data, and the one decoder that reads them all.
 *
 * An operation declares a struct, a table of fields and a structure over both. Decoding walks the
 * body once and yields the struct, or the service's error, in this order: wrong JSON types
 * (SerializationException, members of structures before top-level scalars), then every constraint
 * that fails, collected in the order of the table, then parameters that are not built yet.
 * A table therefore lists its fields in the order in which the service reports them.
 *
 * A member that is null counts as absent, an unknown one is ignored, a repeated one counts once.
 * Source: error texts captured from the service.
 */
#pragma once
#include "expr/placeholders.h"
#include <stddef.h>

/* Beside each the C type of the member. */
enum field_type {
    FIELD_STRING,         /* slice; data is NULL when absent */
    FIELD_ENUM,           /* an enum of 4 bytes: 0 when absent, else 1 + index in choices */
    FIELD_TABLE_NAME,     /* struct table_name */
    FIELD_BOOLEAN,        /* struct optional_boolean */
    FIELD_INTEGER,        /* struct optional_integer; 32 bits on the wire */
    FIELD_LONG,           /* struct optional_integer */
    FIELD_TIMESTAMP,      /* struct optional_integer, in epoch ms; the last of the scalars */
    FIELD_ITEM,           /* struct item_input: items and keys */
    FIELD_VALUE,          /* struct value_input *; NULL when absent */
    FIELD_NAMES,          /* struct placeholders, its names */
    FIELD_VALUES,         /* struct placeholders, its values */
    FIELD_STRING_LIST,    /* struct decoded_list of slice */
    FIELD_VALUE_LIST,     /* struct decoded_list of struct value_input */
    FIELD_ITEM_LIST,      /* struct decoded_list of struct item_input */
    FIELD_STRUCTURE,      /* pointer to the structure's struct; NULL when absent */
    FIELD_STRUCTURE_LIST, /* struct decoded_list of the structure's struct */
    FIELD_STRUCTURE_MAP,  /* the same; each struct begins with a slice, its entry's key */
    FIELD_TABLE_MAP,      /* the same; each begins with a struct table_name */
    FIELD_TABLE_LIST_MAP, /* struct decoded_list of struct table_list; min, max: of each list */
};

enum field_presence {
    OPTIONAL,
    REQUIRED,       /* a constraint like the others */
    REQUIRED_FIRST, /* asked for before any constraint, in words of its own */
    NOT_YET,        /* not built: checked like the others, then refused by name */
};

enum field_wording {
    WORDING_ECHO,    /* Value '0' at 'limit' failed to satisfy constraint: … */
    WORDING_GENERIC, /* Value at 'Limit' failed to satisfy constraint: … */
    WORDING_BARE,    /* Failed to satisfy constraint: …, alone and before all others */
};

/* The values of an enum, in the order in which the service prints them. */
struct choices {
    const slice *names;
    uint32_t count;
    slice shown; /* what is printed instead, or none */
};

/* What a string must look like, as the service spells it. */
struct pattern {
    slice shown;
    bool (*matches)(slice text);
};

struct field {
    slice name; /* as on the wire */
    enum field_type type;
    enum field_presence presence;
    enum field_wording wording;
    uint32_t offset;
    int64_t min;                       /* of a number's value, else of the length */
    int64_t max;                       /* 0: unbounded */
    int64_t element_max;               /* STRING_LIST: of each one's length, from 1; 0: unbounded */
    bool is_name;                      /* STRING: [a-zA-Z0-9_.-]+ */
    const struct pattern *pattern;     /* STRING; NULL: any */
    bool yields;                       /* TABLE…MAP: what is wrong with its keys and lengths is
                                          reported only when nothing else is */
    enum value_layer layer;            /* ITEM; VALUE_LAYER_CURRENT: the structure's */
    const struct choices *choices;     /* ENUM */
    const struct structure *structure; /* STRUCTURE… */
};

struct structure {
    slice shape; /* its name in the service model; empty for an operation's input */
    const struct field *fields;
    uint32_t field_count;
    uint32_t size;          /* of the C struct */
    enum value_layer layer; /* of the values in an operation's input */
    bool table_name_alone;  /* a bad table name is reported by itself when nothing is missing */
};

#define FIELD(input, member, wire_name, field_type, field_presence, ...)                           \
    {                                                                                              \
        .name = SLICE(wire_name), .type = field_type, .presence = field_presence,                  \
        .offset = offsetof(input, member), ##__VA_ARGS__                                           \
    }
#define NOT_BUILT(wire_name, field_type, ...)                                                      \
    {                                                                                              \
        .name = SLICE(wire_name), .type = field_type, .presence = NOT_YET, ##__VA_ARGS__           \
    }
/* A structure of which only the name matters: all that is in it is ignored. */
#define SHAPE(name) (&(const struct structure){.shape = {(name), sizeof(name) - 1}, .size = 1})
#define STRUCTURE(input, table, ...)                                                               \
    {                                                                                              \
        .fields = table, .field_count = sizeof(table) / sizeof *(table), .size = sizeof(input),    \
        ##__VA_ARGS__                                                                              \
    }
#define CHOICES(list)                                                                              \
    {                                                                                              \
        .names = list, .count = sizeof(list) / sizeof *(list)                                      \
    }

struct table_name {
    slice given; /* a name or an ARN, as replies repeat it */
    slice name;
};

/* What a name or an ARN, as given, stands for. */
struct table_name table_name_of(slice given);

struct optional_boolean {
    bool present;
    bool value;
};

struct optional_integer {
    bool present;
    int64_t value;
};

struct decoded_list {
    bool present;
    uint32_t count;
    void *elements;
};

/* What one table is asked to do. */
struct table_list {
    struct table_name table_name;
    struct decoded_list list;
};

/*
 * Read a body that passed json_check into `*input`, a zeroed struct in `arena`.
 *   `operation` is named in the refusal of parameters that are not built.
 *   Errors: SERIALIZATION, VALIDATION.
 */
error decode(struct arena *arena, slice operation, const struct structure *structure, slice body,
             const void **input) MUST_CHECK;

static inline bool is_given(slice text)
{
    return text.data != NULL;
}
