/*
 * JSON reader: a pull reader over a text in memory, without a tree.
 *
 * json_check reads the whole text once and decides whether it is JSON: strict UTF-8, strict
 * escapes (no lone surrogates), one value, at most JSON_LEVELS_MAX levels. The reader walks a text
 * that passed and asserts that it did, so its calls cannot fail on syntax.
 */
#pragma once
#include "base/arena.h"

bool json_check(slice text);

enum json_kind {
    JSON_NULL,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_reader {
    const char *next;
    const char *end;
    struct arena *arena; /* where unescaped strings go */
};

void json_reader_init(struct json_reader *reader, struct arena *arena, slice checked_text);

/* Kind of the value that comes next; nothing is consumed. */
enum json_kind json_peek(struct json_reader *reader);

/*
 * Objects: json_object_begin, then json_object_next until it says false; after each true the
 * member's value must be consumed. Arrays alike. Duplicate member names are all reported.
 */
void json_object_begin(struct json_reader *reader);
bool json_object_next(struct json_reader *reader, slice *name);
void json_array_begin(struct json_reader *reader);
bool json_array_next(struct json_reader *reader);

/* Consume a value of the kind peeked. Strings without escapes are borrowed from the text. */
slice json_read_string(struct json_reader *reader);
slice json_read_number(struct json_reader *reader); /* its spelling */
bool json_read_bool(struct json_reader *reader);
void json_read_null(struct json_reader *reader);

/* Consume any value; json_raw also returns its spelling. */
void json_skip(struct json_reader *reader);
slice json_raw(struct json_reader *reader);
