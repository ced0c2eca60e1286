/*
 * Records of CSV: RFC 4180, with a delimiter of one's choice.
 *
 * A field in quotes may hold delimiters, line breaks and, doubled, quotes; one without them holds
 * no quote at all.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "json/writer.h"

enum { CSV_FIELDS_MAX = 65536 };

struct csv_field {
    slice text;
    bool is_quoted;
};

/* Errors: CORRUPT with what is wrong. */
error csv_parse(struct arena *arena, slice record, char delimiter, const struct csv_field **fields,
                uint32_t *count) MUST_CHECK;

/* An attribute that is no string: a key of the table or of an index. */
struct csv_key {
    slice name;
    slice type; /* S, N or B */
};

/*
 * Write the fields as an item, as it stands on the wire. A field that is empty and not quoted is an
 * attribute that is not there. Everything but the keys is a string.
 */
void csv_write_item(struct json_writer *out, const slice *header, const struct csv_field *fields,
                    uint32_t count, const struct csv_key *keys, uint32_t key_count);
