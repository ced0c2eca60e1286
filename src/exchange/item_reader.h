/*
 * Items from a file that another tool wrote, one after the other, as they stand on the wire.
 *
 * Whatever the format, an item comes as DynamoDB JSON, `{"pk":{"S":"a"}}`, that passed json_check:
 * item/item_json.h makes a stored item of it, and a request carries it as it is. What cannot form
 * an item ends the file, as it does for the service; whether an item fits a table is for others.
 *
 * Source: Developer Guide, import formats and validation; AWS API Reference, CsvOptions.
 */
#pragma once
#include "exchange/csv.h"
#include "exchange/records.h"

struct item_reader_options {
    enum exchange_format format;
    enum compression compression;
    char delimiter;             /* CSV */
    const slice *header;        /* CSV: names of the columns */
    uint32_t header_count;      /* 0: the first record of the file names them */
    const struct csv_key *keys; /* CSV: attributes that are no strings */
    uint32_t key_count;
};

struct item_reader;

/* The options' text is borrowed. `descriptor` is the reader's and goes with the arena. */
struct item_reader *item_reader_open(struct arena *arena, int descriptor, slice name,
                                     const struct item_reader_options *options);

/*
 * The next item; empty: there is none. Until the next call, or as long as `arena` lives.
 *   Errors: CORRUPT naming file and line, after which there is nothing more; STORAGE.
 */
error item_reader_next(struct item_reader *reader, struct arena *arena, slice *json) MUST_CHECK;

/* The line that the last item begins in, from 1; and the plain bytes up to its end. */
uint64_t item_reader_line(const struct item_reader *reader);
uint64_t item_reader_bytes(const struct item_reader *reader);
