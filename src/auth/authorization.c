#include "auth/authorization.h"

#include "base/buffer.h"

/* The parts of a signature, in the order in which missing ones are listed. */
struct signature {
    slice algorithm;
    slice credential;
    slice signature;
    slice signed_headers;
    slice date; /* X-Amz-Date; SLICE_NONE: the header form goes by Date */
};

static const slice ALGORITHM = SLICE("AWS4-HMAC-SHA256");
static const slice ALGORITHM_FAMILY = SLICE("AWS4-");

/* Bytes that end a piece of text; a table, because this runs over every header of every request. */
struct separators {
    bool is_one[256];
};
static const struct separators commas_and_blanks = {{[','] = true, [' '] = true, ['\t'] = true}};
static const struct separators equals = {{['='] = true}};
static const struct separators ampersands = {{['&'] = true}};

/* Cut `text` at the first separator, which goes; the whole of it when there is none. */
static slice cut(slice *text, const struct separators *separators)
{
    size_t size = 0;
    while (size < text->size && !separators->is_one[(unsigned char)text->data[size]])
        size++;
    slice first = slice_first(*text, size);
    *text = slice_from(*text, size < text->size ? size + 1 : size);
    return first;
}

/* Components stand apart by commas, spaces or both. */
static struct signature parse_header(slice header)
{
    struct signature parsed = {.algorithm = cut(&header, &commas_and_blanks)};
    const struct {
        slice name;
        slice *value;
    } parts[] = {{SLICE("Credential"), &parsed.credential},
                 {SLICE("Signature"), &parsed.signature},
                 {SLICE("SignedHeaders"), &parsed.signed_headers}};
    while (header.size > 0) {
        slice value = cut(&header, &commas_and_blanks);
        slice name = cut(&value, &equals);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (slice_equal(name, parts[i].name))
                *parts[i].value = value;
    }
    return parsed;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* A parameter's text with %XX undone; a '%' that begins no such thing stands for itself. */
static slice decode(struct arena *arena, slice text)
{
    char *plain = arena_alloc_bytes(arena, text.size);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        int high = text.data[i] == '%' && i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        plain[size++] = low >= 0 ? (char)(high * 16 + low) : text.data[i];
        if (low >= 0)
            i += 2;
    }
    return slice_of(plain, size);
}

/* True when the query says that it holds a signature: X-Amz-Algorithm is there, even if empty. */
static bool parse_query(struct arena *arena, slice query, struct signature *parsed)
{
    *parsed = (struct signature){0};
    const struct {
        slice name;
        slice *value;
    } parts[] = {{SLICE("X-Amz-Algorithm"), &parsed->algorithm},
                 {SLICE("X-Amz-Credential"), &parsed->credential},
                 {SLICE("X-Amz-Signature"), &parsed->signature},
                 {SLICE("X-Amz-SignedHeaders"), &parsed->signed_headers},
                 {SLICE("X-Amz-Date"), &parsed->date}};
    bool found = false;
    while (query.size > 0) {
        slice value = cut(&query, &ampersands);
        slice name = decode(arena, cut(&value, &equals));
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            if (slice_equal(name, parts[i].name)) {
                *parts[i].value = decode(arena, value);
                found = found || i == 0;
            }
        }
    }
    return found;
}

static void require(struct buffer *missing, slice value, slice before, slice name, slice after)
{
    if (value.size > 0)
        return;
    buffer_append(missing, before);
    buffer_append(missing, name);
    buffer_append(missing, after);
}

static error check_header_parts(struct arena *arena, const struct signature *parsed, slice header,
                                slice date)
{
    static const slice before = SLICE("Authorization header requires '");
    static const slice after = SLICE("' parameter. ");
    struct buffer missing;
    buffer_init(&missing, arena);
    require(&missing, parsed->credential, before, SLICE("Credential"), after);
    require(&missing, parsed->signature, before, SLICE("Signature"), after);
    require(&missing, parsed->signed_headers, before, SLICE("SignedHeaders"), after);
    require(&missing, parsed->date.size > 0 ? parsed->date : date,
            SLICE("Authorization header requires existence of either a "),
            SLICE("'X-Amz-Date' or a 'Date' header. "), SLICE(""));
    if (missing.size == 0)
        return NULL;
    return fail(arena, ERROR_INCOMPLETE_SIGNATURE, "%.*sAuthorization=%.*s",
                SLICE_ARGS(buffer_slice(&missing)), SLICE_ARGS(header));
}

static error check_query_parts(struct arena *arena, const struct signature *parsed)
{
    static const slice before = SLICE("AWS query-string parameters must include '");
    static const slice after = SLICE("'. ");
    struct buffer missing;
    buffer_init(&missing, arena);
    require(&missing, parsed->algorithm, before, SLICE("X-Amz-Algorithm"), after);
    require(&missing, parsed->credential, before, SLICE("X-Amz-Credential"), after);
    require(&missing, parsed->signature, before, SLICE("X-Amz-Signature"), after);
    require(&missing, parsed->signed_headers, before, SLICE("X-Amz-SignedHeaders"), after);
    require(&missing, parsed->date, before, SLICE("X-Amz-Date"), after);
    if (missing.size == 0)
        return NULL;
    return fail(arena, ERROR_INCOMPLETE_SIGNATURE, "%.*sRe-examine the query-string parameters.",
                SLICE_ARGS(buffer_slice(&missing)));
}

/* YYYYMMDD'T'HHMMSS'Z' */
static bool date_is_basic(slice date)
{
    static const slice form = SLICE("00000000T000000Z");
    if (date.size != form.size)
        return false;
    for (size_t i = 0; i < form.size; i++) {
        bool fits = form.data[i] == '0' ? date.data[i] >= '0' && date.data[i] <= '9'
                                        : date.data[i] == form.data[i];
        if (!fits)
            return false;
    }
    return true;
}

/* Trailing slashes are ignored. */
static bool credential_has_five_elements(slice credential)
{
    while (credential.size > 0 && credential.data[credential.size - 1] == '/')
        credential.size--;
    size_t slash_count = 0;
    for (size_t i = 0; i < credential.size; i++)
        slash_count += credential.data[i] == '/';
    return slash_count == 4;
}

static error check_form(struct arena *arena, const struct signature *parsed)
{
    if (parsed->date.size > 0 && !date_is_basic(parsed->date))
        return fail(arena, ERROR_INCOMPLETE_SIGNATURE,
                    "Date must be in ISO-8601 'basic format'. Got '%.*s'. See "
                    "http://en.wikipedia.org/wiki/ISO_8601",
                    SLICE_ARGS(parsed->date));
    if (!slice_equal(parsed->algorithm, ALGORITHM))
        return fail(arena, ERROR_INCOMPLETE_SIGNATURE,
                    "Unsupported AWS 'algorithm': '%.*s' (only AWS4-HMAC-SHA256 for now). ",
                    SLICE_ARGS(parsed->algorithm));
    if (!credential_has_five_elements(parsed->credential))
        return fail(arena, ERROR_INCOMPLETE_SIGNATURE,
                    "Credential must have exactly 5 slash-delimited elements, e.g. "
                    "keyid/date/region/service/term, got '%.*s'",
                    SLICE_ARGS(parsed->credential));
    return NULL;
}

error authorization_check(struct arena *arena, const struct http_request *request)
{
    slice header = slice_trim(http_header(request, SLICE("Authorization")));
    struct signature parsed = {0};
    bool in_query = request->query.size > 0 && parse_query(arena, request->query, &parsed);
    if (in_query && header.size > 0)
        return FAILURE(ERROR_INVALID_SIGNATURE,
                       "Found both 'X-Amz-Algorithm' as a query-string param and "
                       "'Authorization' as HTTP header.");
    if (in_query) {
        TRY(check_query_parts(arena, &parsed));
        return check_form(arena, &parsed);
    }
    if (!slice_begins_with(header, ALGORITHM_FAMILY))
        return FAILURE(ERROR_MISSING_AUTHENTICATION_TOKEN,
                       "Request is missing Authentication Token");
    parsed = parse_header(header);
    parsed.date = http_header(request, SLICE("X-Amz-Date"));
    TRY(check_header_parts(arena, &parsed, header, http_header(request, SLICE("Date"))));
    return check_form(arena, &parsed);
}
