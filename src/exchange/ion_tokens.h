/* The tokens of Ion text: what exchange/ion_read.c reads its values from. UTF-8 that was checked.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct ion_tokens {
    const char *next;
    const char *end;
    struct arena *arena; /* where strings with escapes go */
};

enum ion_kind {
    ION_END,
    ION_STRING,
    ION_NUMBER, /* or a timestamp, which ion_read_number refuses */
    ION_BLOB,   /* or a clob, which ion_read_blob refuses */
    ION_WORD,   /* null, a boolean or a symbol */
    ION_LIST,
    ION_STRUCT,
    ION_OTHER,
};

/* Kind of what comes next behind blanks and comments; nothing else is consumed. */
enum ion_kind ion_peek(struct ion_tokens *text);

/* Behind blanks and comments. */
bool ion_sees(struct ion_tokens *text, char byte);
bool ion_take(struct ion_tokens *text, char byte);
error ion_expect(struct ion_tokens *text, char byte) MUST_CHECK;

/* The marker $ion_1_0, any number of times. */
void ion_skip_version_markers(struct ion_tokens *text);

/*
 * Consume what was peeked. Strings as they read, numbers as JSON spells them, blobs as base64
 * without blanks.
 *   Errors: CORRUPT.
 */
error ion_read_string(struct ion_tokens *text, slice *read) MUST_CHECK;
error ion_read_number(struct ion_tokens *text, slice *read) MUST_CHECK;
error ion_read_blob(struct ion_tokens *text, slice *base64) MUST_CHECK;
error ion_read_word(struct ion_tokens *text, slice *read) MUST_CHECK;

/* The name of a field with its colon. */
error ion_read_name(struct ion_tokens *text, slice *name) MUST_CHECK;

/* `symbol::`, or nothing, and then nothing is consumed. Of several the first is told. */
error ion_read_annotation(struct ion_tokens *text, slice *annotation) MUST_CHECK;
