/*
 * Operations of the API: one file each, named in ops/list.h, run the same way.
 *
 * server/handle.c decodes the body into the operation's input struct (ops/decode.h) and calls
 * run, which writes the reply's JSON to request->out and returns NULL, or returns the error. It
 * is straight-line code that may be run again from the top (see db/db.h) with a fresh arena.
 */
#pragma once
#include "db/db.h"
#include "json/writer.h"

struct structure; /* ops/decode.h */

struct request {
    struct db_session *session;
    struct arena *arena; /* the session's */
    struct json_writer *out;
    slice host; /* as the client names this server, or none */
    uint32_t batch_items_max; /* of a batch; the others are handed back unprocessed. 0: no bound */
};

struct operation {
    slice name;
    const struct structure *input; /* NULL: known to the service, not built here yet */
    error (*run)(struct request *request, const void *input);
};

/* By the name after the dot of X-Amz-Target; NULL when the service has no such operation. */
const struct operation *operation_find(slice name);

/* Whether it belongs to the API of DynamoDB Streams, which has a name of its own before the dot. */
bool operation_is_of_streams(const struct operation *operation);

/* Its place among all of them, from 0; a few comparisons for those that are asked for most. */
uint32_t operation_index(const struct operation *operation);
uint32_t operation_count(void);

/* All of them, built ones first: `index` counts from 0; NULL after the last. */
const struct operation *operation_at(uint32_t index);

/* Decode the body and run. The body passed json_check. */
error operation_run(const struct operation *operation, struct request *request,
                    slice body) MUST_CHECK;
