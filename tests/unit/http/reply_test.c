#include "http/reply.h"

#include "tests/test.h"

TEST(a_head_holds_everything_it_was_given)
{
    SCOPED_ARENA(arena);
    struct reply_date date = {0};
    reply_date_set(&date, 784111777);
    static const struct http_header more[] = {{SLICE("Access-Control-Max-Age"), SLICE("172800")},
                                              {SLICE("X"), SLICE("")}};
    struct http_response response = {.status = 400,
                                     .content_type = SLICE("application/json"),
                                     .request_id = SLICE("ID"),
                                     .crc32 = true,
                                     .headers = more,
                                     .header_count = 2};

    slice head = reply_head(&arena, &date, &response, SLICE("body"), REPLY_GZIP, REPLY_CLOSE);

    CHECK_SLICE(head, SLICE("HTTP/1.1 400 Bad Request\r\n"
                            "Server: Server\r\n"
                            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                            "Content-Type: application/json\r\n"
                            "Content-Length: 4\r\n"
                            "Content-Encoding: gzip\r\n"
                            "x-amzn-RequestId: ID\r\n"
                            "x-amz-crc32: 3685223346\r\n"
                            "Access-Control-Max-Age: 172800\r\n"
                            "X: \r\n"
                            "Connection: close\r\n\r\n"));
}

TEST(a_head_leaves_out_what_it_was_not_given)
{
    SCOPED_ARENA(arena);
    struct reply_date date = {0};
    reply_date_set(&date, 784111777);
    struct http_response response = {.status = 204};

    slice head = reply_head(&arena, &date, &response, SLICE_NONE, REPLY_PLAIN, REPLY_KEEP_ALIVE);

    CHECK_SLICE(head, SLICE("HTTP/1.1 204 No Content\r\n"
                            "Server: Server\r\n"
                            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                            "Connection: keep-alive\r\n\r\n"));
}

TEST(the_date_changes_with_the_second)
{
    struct reply_date date = {0};
    reply_date_set(&date, 784111777);
    reply_date_set(&date, 951782400);
    CHECK_SLICE(slice_of_string(date.text), SLICE("Tue, 29 Feb 2000 00:00:00 GMT"));
}
