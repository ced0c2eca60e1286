/*
 * Rows: the keys and values that stand in the store, byte for byte (docs/formats.md).
 *
 * The first byte of a key is its area. Spaces are 4 bytes and never reused, so that the rows of a
 * deleted table can never be taken for those of its successor.
 */
#pragma once
#include "base/error.h"
#include "item/key.h"

/* Areas: stored, append only. */
enum { AREA_META = 0x00, AREA_CATALOGUE = 0x01, AREA_ITEM = 0x02, AREA_LOG = 0x03 };

/*
 * What a row of AREA_CATALOGUE holds: one byte after the area; behind it a name of its own. A table
 * has its name there at once, which begins with a letter. Stored, append only.
 */
enum catalogue_kind {
    CATALOGUE_TOMBSTONE = 0,
    CATALOGUE_STREAM = 1,
    CATALOGUE_BACKUP = 2,
    CATALOGUE_EXPORT = 3,
    CATALOGUE_IMPORT = 4,
};
enum { CATALOGUE_NAME_OFFSET = 1 + 1 };
slice row_key_of_catalogue(struct arena *arena, enum catalogue_kind kind, slice name);
bool row_key_is_of_catalogue(slice key, enum catalogue_kind kind);

/* What a row of AREA_ITEM holds: one byte after the space. Stored, append only. */
enum {
    ROW_CLASS_COLLECTION = 'C',
    ROW_CLASS_EXPIRY = 'E',
    ROW_CLASS_ITEM = 'I',
    ROW_CLASS_LOCAL = 'L',
};
enum { ROW_HASH_OFFSET = 1 + 4 + 1 }; /* in the key of an item: behind area, space and class */

/* The header before every stored item: kind, version, stamp. */
enum row_kind { ROW_ITEM = 1, ROW_EXPIRY = 2 }; /* stored: append only */
enum {
    ROW_VERSION_OFFSET = 1, /* writer incarnation (8), counter (8): never repeated for a key */
    ROW_STAMP_OFFSET = ROW_VERSION_OFFSET + 16,
    ROW_HEADER_BYTES = ROW_STAMP_OFFSET + 18,
};

/* Rows of AREA_META that belong to db; the store has its own (store/queue.h). */
#define META_REGION_KEY SLICE("\x00" "region")
#define META_ACCOUNT_KEY SLICE("\x00" "account")
#define META_NEXT_SPACE_KEY SLICE("\x00" "next-space")   /* u32 */
#define META_INCARNATION_KEY SLICE("\x00" "incarnation") /* u64: of the last process that wrote */
#define META_OLDEST_TOKEN_PERIOD_KEY SLICE("\x00" "oldest-token-period") /* u32 (db/request_token.h) */

/*
 * Where the rows of a table or index lie: of a table and of a global index in a space of their
 * own, of a local index in the table's space under its number.
 */
struct row_place {
    uint32_t space;
    uint8_t local_number; /* 0: not a local index */
};

/* Counters of a place: 00 'table' space which, then the number of a local index; int64, added to. */
enum table_counter { COUNTER_ITEMS = 'i', COUNTER_BYTES = 'b' }; /* stored */
slice row_key_of_counter(struct arena *arena, struct row_place place, enum table_counter counter);

/* 01 name, and 01 00 space for the tombstone of a deleted table. */
slice row_key_of_table(struct arena *arena, slice name);
slice row_key_of_tombstone(struct arena *arena, uint32_t space);

/* 02 space 'I' hash64(pk) pk sk, of an item or its key alone, which have been checked. */
slice row_key_of_item(struct arena *arena, const struct key_schema *keys, uint32_t space,
                      slice item);

/*
 * 02 space 'E' second, then what follows 'I' in the row key of the item. An expiry row says all it
 * has to say in its key; its value is ROW_EXPIRY_VALUE.
 */
#define ROW_EXPIRY_VALUE SLICE("\x02")
slice row_key_of_expiry(struct arena *arena, slice item_key, uint64_t second);
/* 02 space 'E' second: the first key that expiry rows from this second on can have. */
slice row_key_begin_expiry(struct arena *arena, uint32_t space, uint64_t second);
/* Of an expiry row: its second, and the row key of its item; false when it is too short for one. */
bool row_key_open_expiry(struct arena *arena, slice key, uint64_t *second, slice *item_key);

/* 02 space: what all rows of a space begin with. */
slice row_key_begin_space(struct arena *arena, uint32_t space);

/* 02 space 'I', of a local index 02 space 'L' number: what the rows of a place begin with. */
slice row_key_begin_place(struct arena *arena, struct row_place place);

/* That, hash64(parts), parts: what the rows of one partition key begin with. */
void row_key_begin_partition(struct buffer *to, struct row_place place, const slice *hash_values,
                             uint32_t count);

/* 02 space 'C' hash64(pk) pk, of an item or its key: the row that counts its collection. */
slice row_key_of_collection(struct arena *arena, const struct key_schema *keys, uint32_t space,
                            slice item);

/* 02 space 'C': what the rows that count collections begin with. */
slice row_key_begin_collections(struct arena *arena, uint32_t space);

/* What the rows of this collection begin with in a place of its table: row_key_begin_partition. */
slice row_key_collection_in(struct arena *arena, slice collection_key, struct row_place place);

/* The first key after all keys that begin with this one. The prefix must have a byte below FF. */
slice row_key_after_prefix(struct arena *arena, slice prefix);

/* The key that follows this one immediately. */
slice row_key_successor(struct arena *arena, slice key);

struct row_version {
    uint64_t incarnation;
    uint64_t counter;
};

/* Header and item in writable memory, the stamp still empty. */
slice row_value_make(struct arena *arena, struct row_version version, slice item);

/* Of a stored value that is an item row. */
struct row_version row_value_version(slice value);

static inline bool row_version_equal(struct row_version a, struct row_version b)
{
    return a.incarnation == b.incarnation && a.counter == b.counter;
}

static inline bool row_version_is_above(struct row_version version, struct row_version floor)
{
    return version.incarnation != floor.incarnation ? version.incarnation > floor.incarnation
                                                    : version.counter > floor.counter;
}

/* The item of a stored value; false when the bytes are no item row. */
bool row_value_open(slice value, slice *item);
