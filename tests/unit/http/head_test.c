#include "http/head.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/random.h"
#include "tests/test.h"

#define HEAD(line, headers) line "\r\nHost: a\r\n" headers "\r\n"
#define POST(headers) HEAD("POST / HTTP/1.1", headers)

struct row {
    slice head;
    uint16_t status;
};

#define ROW(text, status)                                                                          \
    {                                                                                              \
        SLICE(text), status                                                                        \
    }

static const struct row rows[] = {
    ROW(POST(""), 0),
    ROW("\r\n" POST(""), 0),
    ROW("\r\n\r\n", 400),
    ROW("\r\n\r\n" POST(""), 400),
    /* The request line. */
    ROW(HEAD("GET /a?b HTTP/1.0", ""), 0),
    ROW("GET / HTTP/1.0\r\n\r\n", 0),
    ROW("GET / HTTP/1.1\r\n\r\n", 400),
    ROW(HEAD("GET /  HTTP/1.1", ""), 400),
    ROW(HEAD("GET  / HTTP/1.1", ""), 400),
    ROW(HEAD(" GET / HTTP/1.1", ""), 400),
    ROW(HEAD("GET\t/ HTTP/1.1", ""), 400),
    ROW(HEAD("GET /\tHTTP/1.1", ""), 400),
    ROW(HEAD("GET / HTTP/1.1 ", ""), 505),
    ROW(HEAD("GET / http/1.1", ""), 400),
    ROW(HEAD("GET /", ""), 400),
    ROW(HEAD("GET / HTTP/0.9", ""), 505),
    ROW(HEAD("GET / HTTP/1.2", ""), 505),
    ROW(HEAD("GET / HTTP/2.0", ""), 505),
    ROW(HEAD("GET / HTTP/1.11", ""), 505),
    ROW("PRI * HTTP/2.0\r\n\r\n", 400),
    ROW(HEAD("DESCRIBE / RTSP/1.0", ""), 400),
    ROW(HEAD("SOURCE / ICE/1.0", ""), 400),
    ROW(HEAD("FOO / HTTP/1.1", ""), 400),
    ROW(HEAD("get / HTTP/1.1", ""), 400),
    ROW(HEAD("CONNECT a:1 HTTP/1.1", ""), 400),
    ROW(HEAD("OPTIONS * HTTP/1.1", ""), 0),
    ROW(HEAD("GET a HTTP/1.1", ""), 400),
    ROW(HEAD("GET /a#b HTTP/1.1", ""), 400),
    ROW(HEAD("GET /\x80 HTTP/1.1", ""), 400),
    ROW(HEAD("GET /a\0b HTTP/1.1", ""), 400),
    ROW(HEAD("GET http://a/b HTTP/1.1", ""), 0),
    ROW(HEAD("GET ftp://a/b HTTP/1.1", ""), 400),
    /* Lines. */
    ROW("GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    ROW("GET / HTTP/1.1\r\nHost: a\n\r\n\r\n", 400),
    ROW("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400),
    ROW(POST("A: b\rC: d\r\n"), 400),
    ROW(POST("A: b\nTransfer-Encoding: chunked\r\n"), 400),
    ROW(POST("A: b\r\n c\r\n"), 400),
    ROW(POST("A: b\r\n\tc\r\n"), 400),
    ROW("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    ROW(POST("A: b\0c\r\n"), 400),
    ROW(POST("A: b\x7f\r\n"), 400),
    ROW(POST("A: b\x01\r\n"), 400),
    ROW(POST("A: b\tc\x80\r\n"), 0),
    /* Names. */
    ROW(POST("A : b\r\n"), 400),
    ROW(POST("A\t: b\r\n"), 400),
    ROW(POST("A b: c\r\n"), 400),
    ROW(POST("Content-Length : 1\r\n"), 400),
    ROW(POST(": b\r\n"), 400),
    ROW(POST("A\r\n"), 400),
    ROW(POST("A(: b\r\n"), 400),
    ROW(POST("\xc3\xa4: b\r\n"), 400),
    ROW(POST("A:\r\n"), 0),
    ROW(POST("A:b\r\n"), 0),
    /* Host. */
    ROW(POST("Host: a\r\n"), 400),
    ROW(POST("hOST: b\r\n"), 400),
    ROW(HEAD("GET / HTTP/1.0", "Host: b\r\n"), 400),
    ROW("GET / HTTP/1.1\r\nHost:\r\n\r\n", 0),
    /* Framing. */
    ROW(POST("Content-Length: 5\r\n"), 0),
    ROW(POST("Content-Length: 5 \r\n"), 0),
    ROW(POST("Content-Length: 005\r\n"), 0),
    ROW(POST("Content-Length:\r\n"), 400),
    ROW(POST("Content-Length: +5\r\n"), 400),
    ROW(POST("Content-Length: -5\r\n"), 400),
    ROW(POST("Content-Length: 5 5\r\n"), 400),
    ROW(POST("Content-Length: 5, 5\r\n"), 400),
    ROW(POST("Content-Length: 0x5\r\n"), 400),
    ROW(POST("Content-Length: 5.0\r\n"), 400),
    ROW(POST("Content-Length: 18446744073709551616\r\n"), 400),
    ROW(POST("Content-Length: 99999999999999999999999\r\n"), 400),
    ROW(POST("Content-Length: 5\r\nContent-Length: 5\r\n"), 400),
    ROW(POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
    ROW(POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400),
    ROW(POST("Transfer-Encoding: chunked\r\n"), 0),
    ROW(POST("Transfer-Encoding: Chunked\r\n"), 0),
    ROW(POST("Transfer-Encoding: identity\r\n"), 400),
    ROW(POST("Transfer-Encoding: gzip, chunked\r\n"), 400),
    ROW(POST("Transfer-Encoding: chunked, chunked\r\n"), 400),
    ROW(POST("Transfer-Encoding: chunked, identity\r\n"), 400),
    ROW(POST("Transfer-Encoding: xchunked\r\n"), 400),
    ROW(POST("Transfer-Encoding: \x0b"
             "chunked\r\n"),
        400),
    ROW(POST("Transfer-Encoding:\r\n"), 400),
    ROW(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400),
    ROW(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400),
    ROW(HEAD("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), 400),
    /* What else decides how the request is read. */
    ROW(POST("Connection: upgrade\r\nUpgrade: h2c\r\n"), 0),
    ROW(POST("Content-Encoding: gzip\r\n"), 0),
    ROW(POST("Content-Encoding: Deflate\r\n"), 0),
    ROW(POST("Content-Encoding: br\r\n"), 415),
    ROW(POST("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), 400),
    ROW(POST("Expect: 100-Continue\r\n"), 0),
    ROW(POST("Expect: 200-ok\r\n"), 417),
};

/* A copy that ends where its memory ends, so that a sanitizer sees a read past it. */
static char *copy_to_end(struct arena *arena, slice bytes)
{
    enum { ROOM = 8192 };
    char *end = (char *)arena_alloc(arena, ROOM) + ROOM;
    return memcpy(end - bytes.size, bytes.data, bytes.size);
}

TEST(what_two_servers_could_read_differently_is_refused)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED_ARENA(arena);
        slice text = rows[i].head;
        struct http_head head;
        uint16_t status = head_parse(&arena, slice_of(copy_to_end(&arena, text), text.size), &head);
        if (status != rows[i].status)
            CHECK_SLICE(arena_format(&arena, "%u", status),
                        arena_format(&arena, "%u for %.*s", rows[i].status, SLICE_ARGS(text)));
    }
}

static bool lies_within(slice part, slice whole)
{
    return part.size == 0 ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

TEST(a_damaged_head_is_refused_or_split_within_its_bytes)
{
    enum { ROUNDS = 20000 };
    static const char bytes[] = "\r\n\t :;,/?#0159aAzZ=\"\0\x7f\x80\xff";
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED_ARENA(arena);
        slice text = rows[random_below(&random, sizeof rows / sizeof *rows)].head;
        char *copy = copy_to_end(&arena, text);
        /* All but the end, which whoever calls head_parse has seen. */
        for (uint64_t count = random_below(&random, 4); text.size > 4 && count > 0; count--)
            copy[random_below(&random, text.size - 4)] =
                bytes[random_below(&random, sizeof bytes - 1)];
        slice damaged = slice_of(copy, text.size);
        struct http_head head;
        if (head_parse(&arena, damaged, &head) != 0)
            continue;
        CHECK(lies_within(head.method, damaged) && lies_within(head.query, damaged));
        CHECK(lies_within(head.host, damaged));
        CHECK(head_may_come(damaged, 0)); /* it was not refused on the way here */
        for (uint32_t i = 0; i < head.header_count; i++) {
            CHECK(lies_within(head.headers[i].name, damaged));
            CHECK(lies_within(head.headers[i].value, damaged));
        }
    }
}

TEST(a_head_is_split_into_its_parts)
{
    SCOPED_ARENA(arena);
    struct http_head head;
    slice text = SLICE(HEAD("POST /p/q?r=s?t HTTP/1.1",
                            "X-Empty: \r\nX-Blank: \t a  b \t\r\nConnection: Keep-Alive\r\n"
                            "Content-Length: 12\r\nLast:z\r\n"));

    CHECK(head_parse(&arena, text, &head) == 0);

    struct http_request request = {.headers = head.headers, .header_count = head.header_count};
    CHECK_SLICE(head.method, SLICE("POST"));
    CHECK_SLICE(head.path, SLICE("/p/q"));
    CHECK_SLICE(head.query, SLICE("r=s?t"));
    CHECK(head.header_count == 6);
    CHECK_SLICE(http_header(&request, SLICE("host")), SLICE("a"));
    CHECK_SLICE(http_header(&request, SLICE("X-EMPTY")), SLICE(""));
    CHECK(http_header(&request, SLICE("x-empty")).data != NULL);
    CHECK_SLICE(http_header(&request, SLICE("x-blank")), SLICE("a  b"));
    CHECK_SLICE(http_header(&request, SLICE("connection")), SLICE("Keep-Alive"));
    CHECK_SLICE(http_header(&request, SLICE("content-length")), SLICE("12"));
    CHECK_SLICE(http_header(&request, SLICE("last")), SLICE("z"));
    CHECK(http_header(&request, SLICE("x-none")).data == NULL);
    CHECK(head.framing == FRAMING_SIZED && head.content_length == 12);
}

TEST(an_absolute_target_gives_its_path_and_host)
{
    static const struct {
        slice head, path, query, host;
    } targets[] = {
        {SLICE(HEAD("GET http://b:1/b?c HTTP/1.1", "")), SLICE("/b"), SLICE("c"), SLICE("b:1")},
        {SLICE(HEAD("GET HTTPS://b HTTP/1.1", "")), SLICE("/"), SLICE(""), SLICE("b")},
        {SLICE(HEAD("GET http://b?c HTTP/1.1", "")), SLICE("/"), SLICE("c"), SLICE("b")},
        {SLICE(HEAD("GET http:///c HTTP/1.1", "")), SLICE("/c"), SLICE(""), SLICE("")},
        {SLICE(HEAD("GET /? HTTP/1.1", "")), SLICE("/"), SLICE(""), SLICE("a")},
        {SLICE("GET / HTTP/1.0\r\n\r\n"), SLICE("/"), SLICE(""), SLICE_NONE},
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        SCOPED_ARENA(arena);
        struct http_head head;
        CHECK(head_parse(&arena, targets[i].head, &head) == 0);
        CHECK_SLICE(head.path, targets[i].path);
        CHECK_SLICE(head.query, targets[i].query);
        CHECK_SLICE(head.host, targets[i].host);
        CHECK(!head.host.data == !targets[i].host.data);
    }
}

TEST(a_connection_is_kept_as_its_version_and_headers_say)
{
    static const struct {
        slice head;
        bool keep_alive;
    } cases[] = {
        {SLICE(POST("")), true},
        {SLICE(POST("Connection: close\r\n")), false},
        {SLICE(POST("Connection: x, Close\r\n")), false},
        {SLICE(HEAD("GET / HTTP/1.0", "")), false},
        {SLICE(HEAD("GET / HTTP/1.0", "Connection: keep-alive\r\n")), true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct http_head head;
        CHECK(head_parse(&arena, cases[i].head, &head) == 0);
        CHECK(head.keep_alive == cases[i].keep_alive);
    }
}

TEST(replies_are_coded_for_those_who_take_it)
{
    static const struct {
        slice accepted;
        enum reply_coding coding;
    } cases[] = {
        {SLICE(""), REPLY_PLAIN},
        {SLICE("gzip"), REPLY_GZIP},
        {SLICE("deflate"), REPLY_DEFLATE},
        {SLICE("identity"), REPLY_PLAIN},
        {SLICE("xgzip"), REPLY_PLAIN},
        {SLICE("x-gzip"), REPLY_PLAIN},
        {SLICE(","), REPLY_PLAIN},
        {SLICE("br"), REPLY_PLAIN},
        /* the first of those as heavy */
        {SLICE("gzip, deflate"), REPLY_GZIP},
        {SLICE("br, identity, deflate, gzip"), REPLY_DEFLATE},
        {SLICE("GZIP, identity"), REPLY_GZIP},
        {SLICE("dog, gzip ,, cat"), REPLY_GZIP},
        /* weights */
        {SLICE("deflate , GZIP;q=0.5"), REPLY_DEFLATE},
        {SLICE("deflate;q=0.5, gzip;q=0.2"), REPLY_DEFLATE},
        {SLICE("gzip;q=0.8, deflate;q=0.5"), REPLY_GZIP},
        {SLICE("br, gzip;q=0, deflate; q = 0.5 , identity;q=0"), REPLY_DEFLATE},
        {SLICE("gzip ; q=1"), REPLY_GZIP},
        {SLICE("gzip ;q=0"), REPLY_PLAIN},
        {SLICE("gzip;q=0.000, deflate"), REPLY_DEFLATE},
        {SLICE("br,identity;q=0.5,gzip;q=0.0001"), REPLY_GZIP},
        {SLICE("gzip;q=0.5,identity;q=0.8"), REPLY_GZIP},
        {SLICE("gzip;q=0, gzip;q=1, gzip;q=0"), REPLY_GZIP},
        /* any */
        {SLICE("*"), REPLY_GZIP},
        {SLICE("*;q=0"), REPLY_PLAIN},
        {SLICE("*, identity"), REPLY_GZIP},
        {SLICE("*;q=0.5,identity"), REPLY_GZIP},
        {SLICE("*, deflate"), REPLY_DEFLATE},
        {SLICE("*, deflate;q=0.5"), REPLY_GZIP},
        {SLICE("*, gzip;q=0.5"), REPLY_DEFLATE},
        {SLICE("identity;q=0"), REPLY_PLAIN},
        {SLICE("br;q=0.8,identity;q=0.5,*;q=0"), REPLY_PLAIN},
        /* what is not well formed */
        {SLICE("\"gzip\""), REPLY_PLAIN},
        {SLICE("gzip br"), REPLY_PLAIN},
        {SLICE("gzip:q=1"), REPLY_PLAIN},
        {SLICE("deflate;q=0.5, gzip;q=31"), REPLY_GZIP},
        {SLICE("gzip;q=31,deflate;q=51"), REPLY_GZIP},
        {SLICE("deflate;q=0.5, gzip;q=1;q=0.2"), REPLY_GZIP},
        {SLICE("deflate;q=0.5,gzip;q=0."), REPLY_DEFLATE},
        {SLICE("deflate;q=0.5,gzip;q=0.x"), REPLY_GZIP},
        {SLICE("deflate;q=0.5,gzip;q=0. x"), REPLY_GZIP},
        {SLICE("deflate;q=-0.5,gzip;q=0.2"), REPLY_GZIP},
        {SLICE("deflate;q=0.5,gzip;q=000000000000000000000000000000000"), REPLY_GZIP},
        {SLICE("gzip;q= 0;q=1"), REPLY_PLAIN},
        {SLICE("gzip;q =0;q=1"), REPLY_GZIP},
        {SLICE("gzip; q=0;q=1"), REPLY_PLAIN},
        {SLICE("gzip;nq=0;q=1"), REPLY_PLAIN},
        {SLICE("gzip;q"), REPLY_GZIP},
        {SLICE("gzip;q="), REPLY_GZIP},
        /* only the first header counts */
        {SLICE("gzip\r\nAccept-Encoding: identity"), REPLY_GZIP},
        {SLICE("identity\r\nAccept-Encoding: gzip"), REPLY_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct http_head head;
        slice text = arena_format(&arena, POST("Accept-Encoding: %.*s\r\n"),
                                  SLICE_ARGS(cases[i].accepted));
        CHECK(head_parse(&arena, text, &head) == 0);
        CHECK(head.reply_coding == cases[i].coding);
    }
    SCOPED_ARENA(arena);
    struct http_head head;
    CHECK(head_parse(&arena, SLICE(POST("")), &head) == 0);
    CHECK(head.reply_coding == REPLY_PLAIN);
}

TEST(more_headers_than_allowed_are_refused)
{
    for (uint32_t extra = 0; extra < 2; extra++) {
        SCOPED_ARENA(arena);
        struct buffer text;
        buffer_init(&text, &arena);
        buffer_append(&text, SLICE("GET / HTTP/1.1\r\nHost: a\r\n"));
        for (uint32_t i = 1; i < HEADERS_MAX + extra; i++)
            buffer_append(&text, SLICE("a: b\r\n"));
        buffer_append(&text, SLICE("\r\n"));
        struct http_head head;
        CHECK(head_parse(&arena, buffer_slice(&text), &head) == (extra ? 400 : 0));
    }
}

TEST(the_end_of_a_head_is_found_however_it_arrives)
{
    slice text = SLICE("GET / HTTP/1.1\r\n\r\nbody\r\n\r\n");
    size_t scanned = 0;
    for (size_t size = 0; size < 18; size++)
        CHECK(head_find_end(slice_first(text, size), &scanned) == 0);
    CHECK(head_find_end(slice_first(text, 18), &scanned) == 18);
    scanned = 0;
    CHECK(head_find_end(text, &scanned) == 18);
}

TEST(what_never_becomes_a_head_is_told_from_what_may_become_one)
{
    static const struct {
        slice bytes;
        bool may_come;
    } beginnings[] = {
        {SLICE("P"), true},
        {SLICE("\r"), true},
        {SLICE("\r\nPOST /"), true},
        {SLICE("POST / HTTP/1.1\r"), true},
        {SLICE("POST / HTTP/1.1\r\nHost: a\tb \xc3\xa9\r\n\r"), true},
        {SLICE("\x16\x03\x01\x02\x00\x01"), false},
        {SLICE("\x80"), false},
        {SLICE("\n"), false},
        {SLICE(" GET"), false},
        {SLICE("GET / HTTP/1.1\nHost: a\n"), false},
        {SLICE("GET / HTTP/1.1\r\rHost: a"), false},
        {SLICE("GET / HTTP/1.1\r\nHost: \x00"), false},
    };
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        slice bytes = beginnings[i].bytes;
        CHECK(head_may_come(bytes, 0) == beginnings[i].may_come);
        /* Byte by byte it is told no later. */
        size_t scanned = 0;
        bool may_come = true;
        for (size_t size = 1; size <= bytes.size; size++) {
            size_t checked = scanned;
            CHECK(head_find_end(slice_first(bytes, size), &scanned) == 0);
            may_come = may_come && head_may_come(slice_first(bytes, size), checked);
        }
        CHECK(may_come == beginnings[i].may_come);
    }
}
