/* Where the partition key of a row's key ends. Of db/partition/hot_keys.c. */
#pragma once
#include "base/slice.h"

struct table;
struct index;

struct hot_place {
    uint64_t collection_hash; /* the row key's own */
    slice collection;         /* hash and partition key; borrowed from the row key */
    slice row;                /* and the sort key */
};

struct hot_place hot_place_of(const struct table *table, const struct index *index, slice row_key);
/* Whether two rows of the table or index have the same partition key, as their hashes tell. */
bool hot_place_is_same_collection(const struct index *index, slice first, slice second);
uint64_t hot_place_hash(slice place);
