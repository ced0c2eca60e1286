/*
 * PartiQL statements: text to what it asks for, as the trees and items that the other operations
 * work with. Nothing here knows a table: whether a name is a key or an index is seen later.
 *
 * A statement lives in the arena it was parsed in and is immutable.
 * Source: Developer Guide, PartiQL for DynamoDB; error texts captured from the service.
 */
#pragma once
#include "expr/condition.h"
#include "expr/path.h"
#include "expr/update.h"

enum statement_kind {
    STATEMENT_SELECT,
    STATEMENT_EXISTS, /* of a SELECT: only in transactions */
    STATEMENT_INSERT,
    STATEMENT_UPDATE,
    STATEMENT_DELETE,
};

/* One of a SELECT's: what stands at the path comes back under the name. */
struct column {
    slice name; /* the path's last name, with the indexes behind it */
    struct path path;
};

struct order_key {
    slice attribute;
    bool descending;
};

enum returning {
    RETURNING_NOTHING,
    RETURNING_ALL_OLD,
    RETURNING_MODIFIED_OLD,
    RETURNING_ALL_NEW,
    RETURNING_MODIFIED_NEW,
};

struct statement {
    enum statement_kind kind;
    slice table;                   /* a name or an ARN */
    slice index;                   /* empty: the table itself */
    const struct condition *where; /* NULL: none */

    /* SELECT, EXISTS */
    const struct column *columns; /* none: whole items; names differ */
    uint32_t column_count;
    const struct order_key *order;
    uint32_t order_count;
    error bad_column; /* said once table and index are known; NULL: none is bad */

    slice item;                  /* INSERT */
    const struct update *update; /* UPDATE: at least one action */
    enum returning returning;    /* UPDATE, DELETE */
};

/*
 *   `parameters`: all valid; as many as the statement has question marks.
 *   Errors: VALIDATION.
 */
error statement_parse(struct arena *arena, slice text, const struct value_input *parameters,
                      uint32_t parameter_count, const struct statement **statement) MUST_CHECK;

/* The table that a statement is about, without reading the rest; empty: it names none. */
slice statement_table(struct arena *arena, slice text);

/* What the columns leave of an item, an item of its own; the item itself when there are none. */
slice statement_project(const struct statement *statement, slice item, struct arena *arena);
