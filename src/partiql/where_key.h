/*
 * The one item that a statement's condition names: equalities on all key attributes, joined by AND,
 * and what else must hold of it.
 */
#pragma once
#include "expr/condition.h"

struct where_key {
    slice key;           /* an item of the key attributes that have an equality; types unchecked */
    bool is_complete;    /* all of the schema's have one */
    slice contradiction; /* a key attribute with two different values, or none */
    const struct condition *rest; /* all but the equalities of `key`; NULL: nothing else */
};

/* `takes_in`: `pk IN ['a']`, of one value, is an equality too. `where` may be NULL. */
void where_key_find(struct arena *arena, const struct condition *where,
                    const struct key_schema *schema, bool takes_in, struct where_key *found);
