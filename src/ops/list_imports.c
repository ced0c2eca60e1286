/*
 * ListImports: the imports of the last 90 days, also those under way, the newest first.
 *
 * A token names the import that was listed last: its id in hexadecimal, filled up with zeros to a
 * length that the service's tokens may have, and a digest that tells a token from other digits.
 *
 * Source: AWS API Reference, ListImports; imports measured on the service.
 */
#include "base/bytes.h"
#include "base/digest.h"
#include "ops/import_members.h"

enum {
    PAGE_MAX = 25,
    PAGE = 10, /* where none is asked for */
    TOKEN_BYTES_MIN = 112,
    TOKEN_BYTES_MAX = 1024,
    PLAIN_BYTES = TOKEN_BYTES_MIN / 2, /* the id, zeros, then 8 bytes of the digest */
    DIGEST_OFFSET = PLAIN_BYTES - 8,
};

struct input {
    slice table_arn;
    struct optional_integer page_size;
    slice next_token;
};

static const struct field fields[] = {
    FIELD(struct input, table_arn, "TableArn", FIELD_STRING, OPTIONAL, .min = 1, .max = 1024),
    FIELD(struct input, page_size, "PageSize", FIELD_INTEGER, OPTIONAL, .min = 1, .max = PAGE_MAX),
    FIELD(struct input, next_token, "NextToken", FIELD_STRING, OPTIONAL,
          .pattern = &pattern_of_next_import, .min = TOKEN_BYTES_MIN, .max = TOKEN_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static void make_plain(slice id, char plain[PLAIN_BYTES])
{
    memset(plain, 0, PLAIN_BYTES);
    memcpy(plain, id.data, IMPORT_ID_BYTES);
    bytes_put_u64(plain + DIGEST_OFFSET, digest_of(slice_of(plain, DIGEST_OFFSET)).high);
}

static slice token_of(struct arena *arena, slice id)
{
    static const char digits[] = "0123456789abcdef";
    char plain[PLAIN_BYTES];
    char *token = arena_alloc_bytes(arena, TOKEN_BYTES_MIN);
    make_plain(id, plain);
    for (unsigned i = 0; i < PLAIN_BYTES; i++) {
        token[2 * i] = digits[(unsigned char)plain[i] >> 4];
        token[2 * i + 1] = digits[plain[i] & 15];
    }
    return slice_of(token, TOKEN_BYTES_MIN);
}

static unsigned value_of_digit(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* The pattern has been checked. */
static error open_token(struct arena *arena, slice token, slice *id)
{
    char plain[PLAIN_BYTES];
    *id = SLICE_NONE;
    if (token.size == TOKEN_BYTES_MIN) {
        char *bytes = arena_alloc_bytes(arena, PLAIN_BYTES);
        for (unsigned i = 0; i < PLAIN_BYTES; i++)
            bytes[i] = (char)(value_of_digit(token.data[2 * i]) << 4 |
                              value_of_digit(token.data[2 * i + 1]));
        *id = slice_of(bytes, IMPORT_ID_BYTES);
        make_plain(*id, plain);
        if (memcmp(plain, bytes, PLAIN_BYTES) == 0)
            return NULL;
    }
    return fail(arena, ERROR_VALIDATION, "Invalid Request: Provided nextToken is invalid: %.*s",
                SLICE_ARGS(token));
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    uint32_t limit = in->page_size.present ? (uint32_t)in->page_size.value : PAGE;
    const struct import *imports;
    slice after = SLICE_NONE;
    uint32_t count;
    bool more;
    if (is_given(in->next_token))
        TRY(open_token(request->arena, in->next_token, &after));
    TRY(import_list(request->session, in->table_arn, after, limit, &imports, &count, &more));
    json_write_object_begin(out);
    json_write_name(out, SLICE("ImportSummaryList"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        response_import_summary(out, &imports[i]);
    json_write_array_end(out);
    if (more) {
        json_write_name(out, SLICE("NextToken"));
        json_write_string(out, token_of(request->arena, imports[count - 1].id));
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_imports = {SLICE("ListImports"), &structure, run};
