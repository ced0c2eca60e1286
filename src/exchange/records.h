/*
 * Records: the parts of a text that each become one item.
 *
 * A line, that of CSV as far as its quotes go; an object of DynamoDB JSON, of which a line may have
 * several; a struct of Ion with what stands before it. Where a record ends is decided without
 * understanding it: whether it is well formed is for whoever parses it.
 */
#pragma once
#include "exchange/source.h"

enum exchange_format { EXCHANGE_DYNAMODB_JSON, EXCHANGE_ION, EXCHANGE_CSV, EXCHANGE_FORMAT_COUNT };

/* The largest item there can be is spelled in fewer: 400 KB of characters that are escaped. */
enum { RECORD_BYTES_MAX = 16 * 1024 * 1024 };

struct records;

struct records *records_open(struct arena *arena, struct source *source, slice name,
                             enum exchange_format format);

/*
 * The next record, blanks around it included, until the next call. Empty: there is none.
 *   Errors: CORRUPT naming file and line, STORAGE. They live in `arena`.
 */
error records_next(struct records *records, struct arena *arena, slice *record) MUST_CHECK;

/* The line that the last record begins in, from 1; and the plain bytes up to its end. */
uint64_t records_line(const struct records *records);
uint64_t records_bytes(const struct records *records);
