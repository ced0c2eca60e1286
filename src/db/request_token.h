/*
 * Idempotency tokens: a transaction that a client sends twice takes effect once.
 *
 * A token's row stands in the batch of its transaction: it is there exactly when the transaction
 * took effect, and it says of which request. Looking it up and writing it happen under the lock of
 * the token (request_token_lock_key), so of two requests with one token the second sees the first's
 * row, even while it is pending.
 *
 * The rows are a queue. Their keys begin with the period, as long as a token lives, in which they
 * were written; a live token is in the period of now or in the one before. Older periods are
 * trimmed from a low-water mark on, row by row.
 */
#pragma once
#include "base/digest.h"
#include "db/db.h"

/* Whose token it is: one text may stand for a request of each kind. */
enum request_token_kind {
    REQUEST_OF_ACTIONS = 'a',
    REQUEST_OF_STATEMENTS = 's'
}; /* stored: append only */

struct request_token {
    enum request_token_kind kind;
    slice text;
    struct digest request; /* of all that the request asks for */
};

/* What is locked. Also the key under which the token's row stands in the overlay. */
slice request_token_lock_key(struct arena *arena, const struct request_token *token);

/* The stored value of the token when it still lives, else SLICE_NONE. */
error request_token_read(struct db_session *session, const struct request_token *token,
                         slice *value) MUST_CHECK;

/*
 * `value`, not SLICE_NONE, is of the same request.
 *   Errors: IDEMPOTENT_PARAMETER_MISMATCH; CORRUPT.
 */
error request_token_compare(const struct request_token *token, slice value) MUST_CHECK;

/* The row of the token, alive from now on. */
struct store_write request_token_put(struct db_session *session, const struct request_token *token);

/*
 * Take some of the rows away whose tokens have expired. Any thread but a loop, one at a time.
 * Returns how many; 0: none was due.
 */
unsigned request_token_trim(struct db *db);

/* Whether a row of area 00 is one of these, as far as its bytes tell. */
bool request_token_row_is_known(slice key, slice value);
