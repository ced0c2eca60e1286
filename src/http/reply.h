/* The head of a reply, in one piece. */
#pragma once
#include "base/arena.h"
#include "http/server.h"
#include <time.h>

enum { REPLY_DATE_BYTES = 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */ };

/* The date as text, made once a second. Zeroed is the start. */
struct reply_date {
    time_t second;
    char text[REPLY_DATE_BYTES + 1];
};

void reply_date_set(struct reply_date *date, time_t now);

enum reply_coding {
    REPLY_PLAIN,
    REPLY_GZIP,
    REPLY_DEFLATE,
    REPLY_CHUNKED, /* in parts, each with its size */
    REPLY_UNSIZED, /* in parts, until the connection is closed */
};
enum reply_connection { REPLY_CLOSE, REPLY_KEEP_ALIVE };

/* `body` is as it will be sent: its size and checksum go into the head, unless it comes in parts. */
slice reply_head(struct arena *arena, const struct reply_date *date,
                 const struct http_response *response, slice body, enum reply_coding coding,
                 enum reply_connection connection);
