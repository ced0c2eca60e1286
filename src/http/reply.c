#include "http/reply.h"

#include "base/assert.h"
#include <zlib.h>

static const struct reason {
    uint16_t status;
    slice line;
} reasons[] = {
    {200, SLICE("HTTP/1.1 200 OK\r\n")},
    {201, SLICE("HTTP/1.1 201 Created\r\n")},
    {202, SLICE("HTTP/1.1 202 Accepted\r\n")},
    {204, SLICE("HTTP/1.1 204 No Content\r\n")},
    {400, SLICE("HTTP/1.1 400 Bad Request\r\n")},
    {401, SLICE("HTTP/1.1 401 Unauthorized\r\n")},
    {403, SLICE("HTTP/1.1 403 Forbidden\r\n")},
    {404, SLICE("HTTP/1.1 404 Not Found\r\n")},
    {405, SLICE("HTTP/1.1 405 Method Not Allowed\r\n")},
    {413, SLICE("HTTP/1.1 413 Content Too Large\r\n")},
    {415, SLICE("HTTP/1.1 415 Unsupported Media Type\r\n")},
    {417, SLICE("HTTP/1.1 417 Expectation Failed\r\n")},
    {421, SLICE("HTTP/1.1 421 Misdirected Request\r\n")},
    {429, SLICE("HTTP/1.1 429 Too Many Requests\r\n")},
    {500, SLICE("HTTP/1.1 500 Internal Server Error\r\n")},
    {501, SLICE("HTTP/1.1 501 Not Implemented\r\n")},
    {503, SLICE("HTTP/1.1 503 Service Unavailable\r\n")},
    {505, SLICE("HTTP/1.1 505 HTTP Version Not Supported\r\n")},
};

/* More than all the fixed parts of a head together. */
enum { FIXED_BYTES_MAX = 320, DECIMAL_BYTES_MAX = 20 };

static slice status_line(uint16_t status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].line;
    unreachable("a status without a line");
}

void reply_date_set(struct reply_date *date, time_t now)
{
    if (date->second == now)
        return;
    struct tm parts;
    gmtime_r(&now, &parts);
    size_t size = strftime(date->text, sizeof date->text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    assert_that(size == REPLY_DATE_BYTES);
    date->second = now;
}

static char *put(char *to, slice text)
{
    if (text.size > 0)
        memcpy(to, text.data, text.size);
    return to + text.size;
}

static char *put_decimal(char *to, uint64_t number)
{
    char digits[DECIMAL_BYTES_MAX];
    char *digit = digits + sizeof digits;
    do {
        *--digit = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(to, slice_of(digit, (size_t)(digits + sizeof digits - digit)));
}

static const slice coding_lines[] = {
    [REPLY_PLAIN] = SLICE(""),
    [REPLY_GZIP] = SLICE("Content-Encoding: gzip\r\n"),
    [REPLY_DEFLATE] = SLICE("Content-Encoding: deflate\r\n"),
    [REPLY_CHUNKED] = SLICE("Transfer-Encoding: chunked\r\n"),
    [REPLY_UNSIZED] = SLICE(""),
};

static char *put_header(char *to, slice name, slice value)
{
    to = put(to, name);
    to = put(to, SLICE(": "));
    to = put(to, value);
    return put(to, SLICE("\r\n"));
}

static size_t head_bytes_max(const struct http_response *response)
{
    size_t size = FIXED_BYTES_MAX + response->content_type.size + response->request_id.size;
    for (uint32_t i = 0; i < response->header_count; i++)
        size += response->headers[i].name.size + response->headers[i].value.size + 4;
    return size;
}

slice reply_head(struct arena *arena, const struct reply_date *date,
                 const struct http_response *response, slice body, enum reply_coding coding,
                 enum reply_connection connection)
{
    size_t size_max = head_bytes_max(response);
    char *head = arena_alloc_bytes(arena, size_max);
    char *to = put(head, status_line(response->status));
    to = put(to, SLICE("Server: Server\r\nDate: "));
    to = put(to, slice_of(date->text, REPLY_DATE_BYTES));
    to = put(to, SLICE("\r\n"));
    if (response->content_type.size > 0)
        to = put_header(to, SLICE("Content-Type"), response->content_type);
    bool in_parts = coding == REPLY_CHUNKED || coding == REPLY_UNSIZED;
    if (response->status != 204 && !in_parts) { /* RFC 9110 section 8.6 */
        to = put(to, SLICE("Content-Length: "));
        to = put_decimal(to, body.size);
        to = put(to, SLICE("\r\n"));
    }
    to = put(to, coding_lines[coding]);
    if (response->request_id.size > 0)
        to = put_header(to, SLICE("x-amzn-RequestId"), response->request_id);
    if (response->crc32 && !in_parts) {
        to = put(to, SLICE("x-amz-crc32: "));
        to = put_decimal(to, crc32_z(0, (const Bytef *)body.data, body.size));
        to = put(to, SLICE("\r\n"));
    }
    for (uint32_t i = 0; i < response->header_count; i++)
        to = put_header(to, response->headers[i].name, response->headers[i].value);
    to = put(to, connection == REPLY_CLOSE ? SLICE("Connection: close\r\n\r\n")
                                           : SLICE("Connection: keep-alive\r\n\r\n"));
    size_t size = (size_t)(to - head);
    assert_that(size <= size_max);
    return slice_of(head, size);
}
