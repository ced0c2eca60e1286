/* A table with every kind of index, and what its indexes hold by the items alone. */
#pragma once
#include "base/random.h"
#include "db/index/index.h"
#include "tests/unit/db/fixture.h"

enum { INDEX_COUNT = 8, PARTITIONS = 3, ITEMS_PER_PARTITION = 8 };

/* pk (S) and sk (N) are the keys of the table; a, d (S), b (N), c (B) those of its indexes. */
extern const struct index index_definitions[INDEX_COUNT];

void create_indexed_table(struct fixture *fixture);

/* The items as they should be, by pk and sk; ITEM_ABSENT: none. In the fixture's arena. */
struct model {
    slice items[PARTITIONS][ITEMS_PER_PARTITION];
};

slice random_key(struct arena *arena, struct random *random, uint32_t *pk, uint32_t *sk);
/* A value of a small range, so that index keys are shared; `name` is one of a, b, c, d, e. */
slice random_value(struct arena *arena, struct random *random, char name);
/* The key with some of a, b, c, d, e. */
slice random_item(struct arena *arena, struct random *random, slice key);

/* The values of key attributes; false: one is missing. */
bool key_values(slice item, const struct key_attribute *attributes, uint32_t count, slice *values);

/* What the item implies in the index, by the definition of projections; ITEM_ABSENT: nothing. */
slice implied_entry(struct arena *arena, const struct index *index, slice item);
