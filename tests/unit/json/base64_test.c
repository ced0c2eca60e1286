#include "tests/test.h"
#include "json/base64.h"

#include "base/random.h"

static slice encode(struct arena *arena, slice bytes)
{
    size_t size = base64_encoded_size(bytes.size);
    char *text = arena_alloc_bytes(arena, size);
    base64_encode(bytes, text);
    return slice_of(text, size);
}

/* The vectors of RFC 4648, section 10, and the last two characters of the alphabet. */
TEST(known_texts_encode_and_decode)
{
    static const struct {
        slice bytes;
        slice text;
    } cases[] = {
        {SLICE(""), SLICE("")},
        {SLICE("f"), SLICE("Zg==")},
        {SLICE("fo"), SLICE("Zm8=")},
        {SLICE("foo"), SLICE("Zm9v")},
        {SLICE("foob"), SLICE("Zm9vYg==")},
        {SLICE("fooba"), SLICE("Zm9vYmE=")},
        {SLICE("foobar"), SLICE("Zm9vYmFy")},
        {SLICE("\xFB\xFF\xBF"), SLICE("+/+/")},
        {SLICE("\0\0\0"), SLICE("AAAA")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        CHECK_SLICE(encode(&arena, cases[i].bytes), cases[i].text);
        slice bytes;
        CHECK(base64_decode(&arena, cases[i].text, &bytes) == BASE64_OK);
        CHECK_SLICE(bytes, cases[i].bytes);
    }
}

TEST(other_spellings_are_refused)
{
    static const struct {
        slice text;
        enum base64_answer answer;
    } cases[] = {
        {SLICE("Z"), BASE64_BAD_LENGTH},          {SLICE("Zg"), BASE64_BAD_LENGTH},
        {SLICE("Zg="), BASE64_BAD_LENGTH},        {SLICE("Zm9vZ"), BASE64_BAD_LENGTH},
        {SLICE("Zm9v\n"), BASE64_BAD_LENGTH},     {SLICE("Zm9\n"), BASE64_BAD_CHARACTER},
        {SLICE("Zm-_"), BASE64_BAD_CHARACTER},    {SLICE("Z g="), BASE64_BAD_CHARACTER},
        {SLICE("===="), BASE64_BAD_PADDING},      {SLICE("Z==="), BASE64_BAD_PADDING},
        {SLICE("Zg=g"), BASE64_BAD_PADDING},      {SLICE("Zg==Zg=="), BASE64_BAD_PADDING},
        {SLICE("Zm9\xFF"), BASE64_BAD_CHARACTER}, {SLICE("Zm9\0"), BASE64_BAD_CHARACTER},
        {SLICE("Zh=="), BASE64_BAD_PADDING},      {SLICE("Zm9="), BASE64_BAD_PADDING},
        {SLICE("=+/="), BASE64_BAD_PADDING},      {SLICE("Zm=vZg=="), BASE64_BAD_PADDING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice bytes;
        CHECK(base64_decode(&arena, cases[i].text, &bytes) == cases[i].answer);
    }
}

TEST(any_bytes_come_back)
{
    struct random random;
    random_init(&random, test_seed());
    for (size_t size = 0; size < 200; size++) {
        SCOPED_ARENA(arena);
        char *bytes = arena_alloc_bytes(&arena, size);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)random_next(&random);
        slice decoded;
        CHECK(base64_decode(&arena, encode(&arena, slice_of(bytes, size)), &decoded) == BASE64_OK);
        CHECK_SLICE(decoded, slice_of(bytes, size));
    }
}
