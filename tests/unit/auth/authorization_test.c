#include "auth/authorization.h"

#include "tests/test.h"

enum { HEADERS_ROOM = 4 };

#define GOOD "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f"
#define DATE "20261122T101112Z"
#define HEADER_REQUIRES(name) "Authorization header requires '" name "' parameter. "
#define DATE_REQUIRED                                                                              \
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
#define QUERY_REQUIRES(name) "AWS query-string parameters must include '" name "'. "

struct attempt {
    const char *authorization; /* NULL: no such header */
    const char *amz_date;
    const char *date;
    const char *query;
};

static error check(struct arena *arena, const struct attempt *attempt)
{
    struct http_header headers[HEADERS_ROOM] = {{SLICE("Host"), SLICE("localhost")}};
    uint32_t count = 1;
    if (attempt->authorization)
        headers[count++] =
            (struct http_header){SLICE("authorization"), slice_of_string(attempt->authorization)};
    if (attempt->amz_date)
        headers[count++] =
            (struct http_header){SLICE("X-Amz-Date"), slice_of_string(attempt->amz_date)};
    if (attempt->date)
        headers[count++] = (struct http_header){SLICE("Date"), slice_of_string(attempt->date)};
    return authorization_check(
        arena, &(struct http_request){
                   .method = SLICE("POST"),
                   .path = SLICE("/"),
                   .query = attempt->query ? slice_of_string(attempt->query) : SLICE(""),
                   .headers = headers,
                   .header_count = count,
               });
}

TEST(well_formed_authorization_is_accepted_whatever_separates_its_parts)
{
    static const struct attempt attempts[] = {
        {.authorization = GOOD, .amz_date = DATE},
        {.authorization = GOOD, .date = "Sun, 22 Nov 2026 10:11:12 GMT"},
        {.authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=f",
         .amz_date = DATE},
        {.authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e SignedHeaders=host Signature=f",
         .amz_date = DATE},
        {.authorization = "AWS4-HMAC-SHA256  Signature=f  ,  SignedHeaders=host,  "
                          "Credential=a/b/c/d/e,",
         .amz_date = DATE},
        {.authorization = "AWS4-HMAC-SHA256,Credential=a/b/c/d/e/,SignedHeaders=host,Signature=f",
         .amz_date = DATE},
        {.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%2fc/d/e&"
                  "X-Amz-Date=" DATE "&X-Amz-SignedHeaders=host&X-Amz-Signature=f"},
        {.authorization = GOOD, .amz_date = DATE, .query = "X-Amz-Credential=x&a=b"},
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(check(&arena, &attempts[i]));
    }
}

TEST(malformed_authorization_is_refused_in_the_words_of_the_service)
{
    static const struct {
        struct attempt attempt;
        enum error_kind kind;
        const char *message;
    } rows[] = {
        {{.authorization = GOOD, .query = "X-Amz-Algorithm"},
         ERROR_INVALID_SIGNATURE,
         "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
         "header."},
        {{0}, ERROR_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token"},
        {{.authorization = ""},
         ERROR_MISSING_AUTHENTICATION_TOKEN,
         "Request is missing Authentication Token"},
        {{.authorization = "Bearer AWS4-"},
         ERROR_MISSING_AUTHENTICATION_TOKEN,
         "Request is missing Authentication Token"},
        {{.query = "X-Amz-Signature=f"},
         ERROR_MISSING_AUTHENTICATION_TOKEN,
         "Request is missing Authentication Token"},
        {{.authorization = "AWS4-"},
         ERROR_INCOMPLETE_SIGNATURE,
         HEADER_REQUIRES("Credential") HEADER_REQUIRES("Signature") HEADER_REQUIRES("SignedHeaders")
             DATE_REQUIRED "Authorization=AWS4-"},
        {{.authorization = " AWS4-HMAC-SHA256 Signature=f, credential=a", .amz_date = DATE},
         ERROR_INCOMPLETE_SIGNATURE,
         HEADER_REQUIRES("Credential") HEADER_REQUIRES(
             "SignedHeaders") "Authorization=AWS4-HMAC-SHA256 Signature=f, credential=a"},
        {{.query = "X-Amz-Algorithm"},
         ERROR_INCOMPLETE_SIGNATURE,
         QUERY_REQUIRES("X-Amz-Algorithm") QUERY_REQUIRES("X-Amz-Credential")
             QUERY_REQUIRES("X-Amz-Signature") QUERY_REQUIRES("X-Amz-SignedHeaders")
                 QUERY_REQUIRES("X-Amz-Date") "Re-examine the query-string parameters."},
        {{.query = "X-Amz-Algorithm=x&X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-Date=c"},
         ERROR_INCOMPLETE_SIGNATURE,
         QUERY_REQUIRES("X-Amz-SignedHeaders") "Re-examine the query-string parameters."},
        {{.authorization = "AWS4-X Credential=a,SignedHeaders=b,Signature=c", .amz_date = "201"},
         ERROR_INCOMPLETE_SIGNATURE,
         "Date must be in ISO-8601 'basic format'. Got '201'. See "
         "http://en.wikipedia.org/wiki/ISO_8601"},
        {{.authorization = GOOD, .amz_date = "2026-11-22T10:11:12Z"},
         ERROR_INCOMPLETE_SIGNATURE,
         "Date must be in ISO-8601 'basic format'. Got '2026-11-22T10:11:12Z'. See "
         "http://en.wikipedia.org/wiki/ISO_8601"},
        {{.authorization = "AWS4-HMAC-SHA25 Credential=a,SignedHeaders=b,Signature=c",
          .amz_date = DATE},
         ERROR_INCOMPLETE_SIGNATURE,
         "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "},
        {{.authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d,SignedHeaders=b,Signature=c",
          .amz_date = DATE},
         ERROR_INCOMPLETE_SIGNATURE,
         "Credential must have exactly 5 slash-delimited elements, e.g. "
         "keyid/date/region/service/term, got 'a/b/c/d'"},
        {{.authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f,SignedHeaders=b,Signature=c",
          .date = "today"},
         ERROR_INCOMPLETE_SIGNATURE,
         "Credential must have exactly 5 slash-delimited elements, e.g. "
         "keyid/date/region/service/term, got 'a/b/c/d/e/f'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED_ARENA(arena);
        CHECK_FAILS(check(&arena, &rows[i].attempt), rows[i].kind,
                    slice_of_string(rows[i].message));
    }
}
