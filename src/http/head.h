/*
 * The head of a request: from its bytes to a request line, headers and the framing of its body.
 *
 * The whole head is at hand, in one piece, when it is parsed; all slices point into it. llhttp
 * reads the syntax. What it lets through and two servers could read differently is refused here,
 * before anything is executed: bare CR or LF, folded lines, doubled or malformed framing headers.
 */
#pragma once
#include "base/arena.h"
#include "http/reply.h"

enum http_framing { FRAMING_NONE, FRAMING_SIZED, FRAMING_CHUNKED };

struct http_head {
    slice method;
    slice host; /* of an absolute target, else of the header; NULL data: none was named */
    slice path;
    slice query;
    const struct http_header *headers;
    uint32_t header_count;
    enum http_framing framing;
    uint64_t content_length; /* with FRAMING_SIZED */
    bool keep_alive;
    bool takes_chunks; /* HTTP/1.1 */
    bool expects_continue;
    bool body_is_compressed;
    enum reply_coding reply_coding; /* that the client takes: REPLY_PLAIN, _GZIP or _DEFLATE */
};

/*
 * The size of the head that `bytes` begins with, its empty line included; 0: not whole yet.
 * `scanned` (0 at first) remembers where the last search ended.
 */
size_t head_find_end(slice bytes, size_t *scanned);

/*
 * Whether a head may still begin with `bytes`, of which the first `checked` were here before. What
 * never becomes one, such as TLS or lines that end with LF alone, is refused when it is seen: who
 * sends it waits for our word, not for a time limit.
 */
bool head_may_come(slice bytes, size_t checked);

/* Status 0, or the one to refuse with. `bytes` lives as long as the head. */
uint16_t head_parse(struct arena *arena, slice bytes, struct http_head *head);
