/*
 * Items put into a table of a running server, as many at a time as a BatchWriteItem takes.
 *
 * Putting an item again changes nothing, so whatever does not answer, is throttled or comes back
 * unprocessed is sent again, with longer and longer pauses; an item that the server refuses is told
 * and passed over.
 */
#pragma once
#include "base/arena.h"
#include "client/client.h"

enum { PUTS_MAX = 25 };

struct puts {
    struct client *client; /* borrowed, like the text */
    slice table;
    void (*refused)(void *context, slice place, slice why); /* an item was not put */
    void *context;
    uint64_t put_count;
    uint64_t refused_count;

    struct arena arena; /* of those that are not sent yet */
    struct put {
        slice json; /* as it stands on the wire */
        slice key;  /* no two of a batch have the same */
        slice place;
    } list[PUTS_MAX];
    uint32_t count;
    size_t bytes;
};

void puts_init(struct puts *puts);
void puts_fini(struct puts *puts);

/* Everything is copied. Errors: as puts_send. */
error puts_add(struct puts *puts, struct arena *arena, const struct put *put) MUST_CHECK;

/*
 * Send what was added.
 *   Errors: SERVICE_UNAVAILABLE when the server does not come back; what it refuses of the table.
 */
error puts_send(struct puts *puts, struct arena *arena) MUST_CHECK;
