#include "http/head.h"

#include "base/limits.h"
#include "http/coding.h"
#include <llhttp/llhttp.h>

static const slice END = SLICE("\r\n\r\n");

enum status {
    ACCEPTED = 0,
    BAD_REQUEST = 400,
    UNSUPPORTED_MEDIA_TYPE = 415,
    EXPECTATION_FAILED = 417,
    VERSION_NOT_SUPPORTED = 505
};

/* Headers that decide how the request is read. */
enum known {
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONTENT_ENCODING,
    ACCEPT_ENCODING,
    EXPECT,
    KNOWN_COUNT
};

static const slice known_names[KNOWN_COUNT] = {
    [HOST] = SLICE("host"),
    [CONTENT_LENGTH] = SLICE("content-length"),
    [TRANSFER_ENCODING] = SLICE("transfer-encoding"),
    [CONTENT_ENCODING] = SLICE("content-encoding"),
    [ACCEPT_ENCODING] = SLICE("accept-encoding"),
    [EXPECT] = SLICE("expect"),
};

struct known_header {
    uint32_t count;
    slice value; /* of the first one */
};

/* RFC 9110 section 5.6.2. llhttp, as it is built, also lets a space through. */
static const bool token_bytes[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true,  ['#'] = true,
    ['$'] = true,         ['%'] = true,         ['&'] = true,         ['\''] = true, ['*'] = true,
    ['+'] = true,         ['-'] = true,         ['.'] = true,         ['^'] = true,  ['_'] = true,
    ['`'] = true,         ['|'] = true,         ['~'] = true,
};

/* Bytes of a line: no control characters but the tab. */
static const bool text_bytes[256] = {['\t'] = true, [0x20 ... 0x7e] = true, [0x80 ... 0xff] = true};

/* What llhttp's callbacks gather. */
struct gathering {
    slice method;
    slice target;
    uint32_t header_count;
    bool complete;
    struct http_header headers[HEADERS_MAX];
};

size_t head_find_end(slice bytes, size_t *scanned)
{
    slice rest = slice_from(bytes, *scanned);
    const char *end = rest.size ? memmem(rest.data, rest.size, END.data, END.size) : NULL;
    if (end)
        return (size_t)(end - bytes.data) + END.size;
    if (bytes.size >= END.size)
        *scanned = bytes.size - (END.size - 1);
    return 0;
}

bool head_may_come(slice bytes, size_t checked)
{
    unsigned char first = bytes.size > 0 ? (unsigned char)bytes.data[0] : '\r';
    if (!token_bytes[first] && first != '\r')
        return false;
    for (size_t i = checked; i < bytes.size; i++) {
        bool follows_cr = i > 0 && bytes.data[i - 1] == '\r';
        unsigned char byte = (unsigned char)bytes.data[i];
        if (follows_cr ? byte != '\n' : !text_bytes[byte] && byte != '\r')
            return false;
    }
    return true;
}

static int on_method(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    gathering->method = slice_of(at, size);
    return 0;
}

static int on_target(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    gathering->target = slice_of(at, size);
    return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    if (gathering->header_count == HEADERS_MAX || size == 0)
        return HPE_USER;
    for (size_t i = 0; i < size; i++)
        if (!token_bytes[(unsigned char)at[i]])
            return HPE_USER;
    gathering->headers[gathering->header_count++] =
        (struct http_header){slice_of(at, size), {"", 0}};
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    gathering->headers[gathering->header_count - 1].value = slice_trim(slice_of(at, size));
    return 0;
}

/* Bodies are framed by ourselves: llhttp's work ends with the head. */
static int on_complete(llhttp_t *parser)
{
    struct gathering *gathering = parser->data;
    gathering->complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_method = on_method,
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_complete,
};

/* Past the bytes that are surely text, many at a time. */
static const unsigned char *skip_text(const unsigned char *at, const unsigned char *end)
{
    enum { AT_ONCE = 16 };
    while ((size_t)(end - at) >= AT_ONCE) {
        unsigned char next __attribute__((vector_size(AT_ONCE)));
        memcpy(&next, at, AT_ONCE);
        __auto_type odd = (next < ' ') | (next == 0x7f); /* all ones where it may not be text */
        uint64_t halves[2];
        memcpy(halves, &odd, sizeof halves);
        if (halves[0] | halves[1])
            break;
        at += AT_ONCE;
    }
    return at;
}

/* Every line ends with CR LF, holds text, and none continues the one before. */
static bool lines_are_plain(slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    const unsigned char *end = at + bytes.size;
    while (at < end) {
        at = skip_text(at, end);
        while (text_bytes[*at]) /* stops: the last byte is an LF */
            at++;
        if (at[0] != '\r' || at[1] != '\n')
            return false;
        at += 2;
        if (at < end && (*at == ' ' || *at == '\t'))
            return false;
    }
    return true;
}

/* "METHOD target HTTP/1.x", with single spaces: llhttp would forgive more. */
static uint16_t check_request_line(const struct gathering *gathering, slice bytes, int *minor)
{
    slice target = gathering->target;
    for (size_t i = 0; i < target.size; i++)
        if (target.data[i] <= ' ' || target.data[i] >= 0x7f || target.data[i] == '#')
            return BAD_REQUEST;
    slice rest = slice_from(bytes, gathering->method.size);
    if (gathering->method.data != bytes.data || target.data != rest.data + 1)
        return BAD_REQUEST;
    rest = slice_from(rest, 1 + target.size);
    if (slice_begins_with(rest, SLICE(" HTTP/1.1\r\n")))
        *minor = 1;
    else if (slice_begins_with(rest, SLICE(" HTTP/1.0\r\n")))
        *minor = 0;
    else
        return slice_begins_with(rest, SLICE(" HTTP/")) ? VERSION_NOT_SUPPORTED : BAD_REQUEST;
    return ACCEPTED;
}

/* Of an absolute target path and query count, and its host, not the header (RFC 9112, 3.2.2). */
static uint16_t split_target(slice target, struct http_head *head)
{
    static const slice schemes[] = {SLICE("http://"), SLICE("https://")};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (target.size <= schemes[i].size ||
            !slice_equal_ignoring_case(slice_first(target, schemes[i].size), schemes[i]))
            continue;
        target = slice_from(target, schemes[i].size);
        size_t host_size = 0;
        while (host_size < target.size && target.data[host_size] != '/' &&
               target.data[host_size] != '?')
            host_size++;
        head->host = slice_first(target, host_size);
        target = slice_from(target, host_size);
        if (target.size == 0)
            target = SLICE("/");
        break;
    }
    const char *question = target.size ? memchr(target.data, '?', target.size) : NULL;
    head->path = question ? slice_of(target.data, (size_t)(question - target.data)) : target;
    head->query = question ? slice_from(target, head->path.size + 1) : SLICE("");
    if (head->path.size == 0 && question)
        head->path = SLICE("/");
    bool usable = head->path.data[0] == '/' || slice_equal(target, SLICE("*"));
    return usable ? ACCEPTED : BAD_REQUEST;
}

static void find_known(const struct gathering *gathering, struct known_header *known)
{
    for (uint32_t i = 0; i < gathering->header_count; i++) {
        const struct http_header *header = &gathering->headers[i];
        for (int k = 0; k < KNOWN_COUNT; k++) {
            if (header->name.size == known_names[k].size &&
                slice_equal_ignoring_case(header->name, known_names[k])) {
                if (known[k].count++ == 0)
                    known[k].value = header->value;
                break;
            }
        }
    }
}

/* Digits only: no sign, no space, no list, no overflow. */
static bool parse_length(slice text, uint64_t *length)
{
    *length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(*length, 10, length) ||
            __builtin_add_overflow(*length, (uint64_t)(text.data[i] - '0'), length))
            return false;
    }
    return text.size > 0;
}

static uint16_t read_framing(const struct known_header *known, int minor, struct http_head *head)
{
    uint32_t encodings = known[TRANSFER_ENCODING].count;
    uint32_t lengths = known[CONTENT_LENGTH].count;
    if (encodings + lengths > 1 || (encodings > 0 && minor == 0))
        return BAD_REQUEST;
    if (encodings > 0) {
        if (!slice_equal_ignoring_case(known[TRANSFER_ENCODING].value, SLICE("chunked")))
            return BAD_REQUEST;
        head->framing = FRAMING_CHUNKED;
    } else if (lengths > 0) {
        if (!parse_length(known[CONTENT_LENGTH].value, &head->content_length))
            return BAD_REQUEST;
        head->framing = head->content_length > 0 ? FRAMING_SIZED : FRAMING_NONE;
    }
    return ACCEPTED;
}

static uint16_t read_codings(const struct known_header *known, struct http_head *head)
{
    slice coding = known[CONTENT_ENCODING].value;
    if (known[CONTENT_ENCODING].count > 1)
        return BAD_REQUEST;
    head->body_is_compressed = slice_equal_ignoring_case(coding, SLICE("gzip")) ||
                               slice_equal_ignoring_case(coding, SLICE("deflate"));
    if (coding.size > 0 && !head->body_is_compressed &&
        !slice_equal_ignoring_case(coding, SLICE("identity")))
        return UNSUPPORTED_MEDIA_TYPE;
    head->reply_coding = coding_choose(known[ACCEPT_ENCODING].value);
    return ACCEPTED;
}

static uint16_t read_known(const struct gathering *gathering, int minor, struct http_head *head)
{
    struct known_header known[KNOWN_COUNT] = {0};
    find_known(gathering, known);
    if (known[HOST].count > 1 || (known[HOST].count == 0 && minor == 1))
        return BAD_REQUEST;
    if (!head->host.data && known[HOST].count > 0)
        head->host = known[HOST].value;
    uint16_t status = read_framing(known, minor, head);
    if (status == ACCEPTED)
        status = read_codings(known, head);
    if (status != ACCEPTED || known[EXPECT].count == 0)
        return status;
    bool expects = slice_equal_ignoring_case(known[EXPECT].value, SLICE("100-continue"));
    head->expects_continue = expects && minor == 1;
    return expects ? ACCEPTED : EXPECTATION_FAILED;
}

uint16_t head_parse(struct arena *arena, slice bytes, struct http_head *head)
{
    *head = (struct http_head){0};
    /* An empty line before a request is forgiven, once: RFC 9112 section 2.2. */
    if (slice_begins_with(bytes, SLICE("\r\n")))
        bytes = slice_from(bytes, 2);
    if (bytes.size <= END.size || !lines_are_plain(bytes))
        return BAD_REQUEST;

    struct gathering gathering;
    gathering.method = gathering.target = SLICE("");
    gathering.header_count = 0;
    gathering.complete = false;
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &gathering;
    enum llhttp_errno code = llhttp_execute(&parser, bytes.data, bytes.size);
    if (!gathering.complete)
        return code == HPE_INVALID_VERSION ? VERSION_NOT_SUPPORTED : BAD_REQUEST;

    int minor = 0;
    uint16_t status = check_request_line(&gathering, bytes, &minor);
    head->takes_chunks = minor == 1;
    if (status == ACCEPTED)
        status = split_target(gathering.target, head);
    if (status == ACCEPTED)
        status = read_known(&gathering, minor, head);
    if (status != ACCEPTED)
        return status;
    if (parser.method == HTTP_CONNECT)
        return BAD_REQUEST;

    head->method = gathering.method;
    head->keep_alive = llhttp_should_keep_alive(&parser);
    head->header_count = gathering.header_count;
    size_t headers_bytes = gathering.header_count * sizeof gathering.headers[0];
    struct http_header *headers = arena_alloc(arena, headers_bytes);
    memcpy(headers, gathering.headers, headers_bytes);
    head->headers = headers;
    return ACCEPTED;
}

slice http_header(const struct http_request *request, slice name)
{
    for (uint32_t i = 0; i < request->header_count; i++)
        if (request->headers[i].name.size == name.size &&
            slice_equal_ignoring_case(request->headers[i].name, name))
            return request->headers[i].value;
    return SLICE_NONE;
}
