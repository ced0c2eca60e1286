/* json_check: what is JSON and what is not. */
#include "tests/test.h"
#include "json/reader.h"

#include "base/buffer.h"
#include "base/limits.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const slice accepted[] = {
    SLICE("null"),
    SLICE(" true "),
    SLICE("false\n"),
    SLICE("\"\""),
    SLICE("[]"),
    SLICE("{}"),
    SLICE("[[]   ]"),
    SLICE("[ 1 , 2 ]"),
    SLICE("{\"a\":1,\"a\":2}"),
    SLICE("{\"\":0}"),
    SLICE("\t{ \"a\" :\r\n[ null , { } ] } "),
    SLICE("0"),
    SLICE("-0"),
    SLICE("-1"),
    SLICE("1234567890123456789012345678901234567890"),
    SLICE("0.5"),
    SLICE("-0.000001"),
    SLICE("1e5"),
    SLICE("1E+5"),
    SLICE("0e-5"),
    SLICE("1.5e300000000000"),
    SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    SLICE("\"\\u0000\\u0041\\uFFFF\\uabCD\""),
    SLICE("\"\\uD834\\uDD1E\""),
    SLICE("\"\\uDBFF\\uDFFF\""),
    SLICE("\"\x7F\""),
    SLICE("\"\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF\""),
    SLICE("\"\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF\""),
    SLICE("\"a plain run of more than sixteen bytes, and more than thirty-two\""),
    SLICE("\"\xE2\x82\xAC in front of a plain run of more than sixteen bytes\\n\""),
};

static const slice refused[] = {
    /* Structure. */
    SLICE(""),
    SLICE("   "),
    SLICE("["),
    SLICE("]"),
    SLICE("{"),
    SLICE("}"),
    SLICE("[1"),
    SLICE("[1,"),
    SLICE("[1,]"),
    SLICE("[,1]"),
    SLICE("[1,,2]"),
    SLICE("[1 2]"),
    SLICE("[1;2]"),
    SLICE("[1]]"),
    SLICE("[1}"),
    SLICE("{\"a\"}"),
    SLICE("{\"a\":}"),
    SLICE("{\"a\":1,}"),
    SLICE("{,\"a\":1}"),
    SLICE("{\"a\" 1}"),
    SLICE("{\"a\"::1}"),
    SLICE("{\"a\":1 \"b\":2}"),
    SLICE("{a:1}"),
    SLICE("{'a':1}"),
    SLICE("{1:1}"),
    SLICE("{null:1}"),
    SLICE("{\"a\":1]"),
    SLICE("{\"a\":1"),
    SLICE("1 2"),
    SLICE("null null"),
    SLICE("{}#"),
    SLICE("[1]//"),
    SLICE("/**/1"),
    SLICE("\xEF\xBB\xBF{}"),
    SLICE("[\f]"),
    SLICE("[\v1]"),
    SLICE("[\xC2\xA0]"),
    SLICE("\0"),
    SLICE("1\0"),
    /* Words. */
    SLICE("nul"),
    SLICE("nulL"),
    SLICE("True"),
    SLICE("truee"),
    SLICE("fals"),
    SLICE("NaN"),
    SLICE("Infinity"),
    SLICE("-Infinity"),
    SLICE("undefined"),
    /* Numbers. */
    SLICE("+1"),
    SLICE("-"),
    SLICE("--1"),
    SLICE("01"),
    SLICE("-01"),
    SLICE("00"),
    SLICE(".5"),
    SLICE("5."),
    SLICE("1.e5"),
    SLICE("1e"),
    SLICE("1e+"),
    SLICE("1e1.5"),
    SLICE("1ee5"),
    SLICE("0x10"),
    SLICE("1_000"),
    SLICE("1.2.3"),
    SLICE("1a"),
    SLICE("- 1"),
    SLICE("\xEF\xBC\x91"),
    /* Strings. */
    SLICE("\""),
    SLICE("\"a"),
    SLICE("'a'"),
    SLICE("\"\\"),
    SLICE("\"\\\""),
    SLICE("\"\\a\""),
    SLICE("\"\\x41\""),
    SLICE("\"\\U0041\""),
    SLICE("\"\\u\""),
    SLICE("\"\\u004\""),
    SLICE("\"\\u004G\""),
    SLICE("\"\\u00"),
    SLICE("\"\\0\""),
    SLICE("\"\n\""),
    SLICE("\"\t\""),
    SLICE("\"\x1F\""),
    SLICE("\"\0\""),
    SLICE("\"behind a plain run of more than sixteen bytes \x01\""),
    /* Surrogates alone, turned round, or with something else in between. */
    SLICE("\"\\uD834\""),
    SLICE("\"\\uDD1E\""),
    SLICE("\"\\uDD1E\\uD834\""),
    SLICE("\"\\uD834\\uD834\""),
    SLICE("\"\\uD834 \\uDD1E\""),
    SLICE("\"\\uD834\\n\""),
    SLICE("\"\\uD834\\u0041\""),
    SLICE("\"\\uD834\\uDD1\""),
    SLICE("\"\\uD834\\"),
    /* UTF-8: cut off, alone, overlong, surrogates, above U+10FFFF. */
    SLICE("\"\x80\""),
    SLICE("\"\xBF\""),
    SLICE("\"\xC2\""),
    SLICE("\"\xC2"),
    SLICE("\"\xC0\x80\""),
    SLICE("\"\xC1\xBF\""),
    SLICE("\"\xE0\x9F\xBF\""),
    SLICE("\"\xE2\x82\""),
    SLICE("\"\xE2\x82 \""),
    SLICE("\"\xED\xA0\x80\""),
    SLICE("\"\xED\xBF\xBF\""),
    SLICE("\"\xF0\x8F\xBF\xBF\""),
    SLICE("\"\xF0\x9F\x98\""),
    SLICE("\"\xF4\x90\x80\x80\""),
    SLICE("\"\xF5\x80\x80\x80\""),
    SLICE("\"\xFC\x83\xBF\xBF\xBF\xBF\""),
    SLICE("\"\xFF\""),
    SLICE("{\"\xFF\":1}"),
    SLICE("[\xFF]"),
};

/* On the heap without a byte to spare, so that reading past the end is noticed. */
static bool check_exactly(slice text)
{
    char *bytes = malloc(text.size > 0 ? text.size : 1);
    memcpy(bytes, text.data, text.size);
    bool good = json_check(slice_of(bytes, text.size));
    free(bytes);
    return good;
}

static void report(bool holds, const char *claim, slice text)
{
    if (!holds)
        printf("    %s: %.*s\n", claim, SLICE_ARGS(text));
    CHECK(holds);
}

TEST(json_is_accepted)
{
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
        report(check_exactly(accepted[i]), "should be accepted", accepted[i]);
}

TEST(what_is_not_json_is_refused)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        report(!check_exactly(refused[i]), "should be refused", refused[i]);
}

TEST(every_accepted_text_is_refused_when_cut_off)
{
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        slice text = accepted[i];
        char last = text.data[text.size - 1];
        if (last != '"' && last != ']' && last != '}')
            continue;
        for (size_t size = 0; size < text.size; size++)
            report(!check_exactly(slice_first(text, size)), "should be refused, cut off", text);
    }
}

TEST(a_bad_byte_is_found_at_every_place_of_a_string)
{
    for (size_t size = 1; size < 70; size++) {
        for (size_t place = 0; place < size; place++) {
            char text[72];
            memset(text, 'a', sizeof text);
            text[0] = '"';
            text[size + 1] = '"';
            CHECK(check_exactly(slice_of(text, size + 2)));
            text[1 + place] = '\x1F';
            CHECK(!check_exactly(slice_of(text, size + 2)));
            text[1 + place] = '\xBF';
            CHECK(!check_exactly(slice_of(text, size + 2)));
        }
    }
}

static slice nested(struct arena *arena, size_t levels, slice open, slice close)
{
    struct buffer text;
    buffer_init(&text, arena);
    for (size_t i = 0; i < levels; i++)
        buffer_append(&text, open);
    buffer_append(&text, SLICE("1"));
    for (size_t i = 0; i < levels; i++)
        buffer_append(&text, close);
    return buffer_slice(&text);
}

TEST(nesting_is_bounded)
{
    SCOPED_ARENA(arena);

    CHECK(json_check(nested(&arena, JSON_LEVELS_MAX, SLICE("["), SLICE("]"))));
    CHECK(!json_check(nested(&arena, JSON_LEVELS_MAX + 1, SLICE("["), SLICE("]"))));
    CHECK(json_check(nested(&arena, JSON_LEVELS_MAX, SLICE("{\"a\":"), SLICE("}"))));
    CHECK(!json_check(nested(&arena, JSON_LEVELS_MAX + 1, SLICE("{\"a\":"), SLICE("}"))));
    CHECK(!json_check(nested(&arena, 100000, SLICE("["), SLICE(""))));
    CHECK(!json_check(nested(&arena, 100000, SLICE("[{\"\":"), SLICE(""))));
}

static slice read_file(struct arena *arena, const char *directory, const char *name)
{
    slice path = arena_format(arena, "%s/%s", directory, name);
    FILE *file = fopen(path.data, "rb");
    CHECK(file != NULL);
    if (!file)
        return SLICE_NONE;
    struct buffer text;
    buffer_init(&text, arena);
    size_t got;
    while ((got = fread(buffer_reserve(&text, 4096), 1, 4096, file)) > 0)
        text.size += got;
    fclose(file);
    return buffer_slice(&text);
}

/*
 * JSONTestSuite: files y_… must be accepted, n_… refused, i_… are up to us.
 * Source: https://github.com/nst/JSONTestSuite
 */
TEST(the_public_json_test_suite_behaves_as_its_names_say)
{
    const char *directory = getenv("STATOR_JSON_SUITE");
    if (!directory)
        directory = "../shared/data/json-parsing";
    DIR *files = opendir(directory);
    if (!files) {
        printf("    no JSONTestSuite at %s: the cases of this file cover its ground\n", directory);
        CHECK(getenv("STATOR_JSON_SUITE") == NULL);
        return;
    }
    size_t seen = 0;
    struct dirent *entry;
    while ((entry = readdir(files))) {
        slice name = slice_of_string(entry->d_name);
        if (name.size < 7 || !slice_equal(slice_from(name, name.size - 5), SLICE(".json")))
            continue;
        SCOPED_ARENA(arena);
        bool good = check_exactly(read_file(&arena, directory, entry->d_name));
        if (slice_begins_with(name, SLICE("y_")))
            report(good, "should be accepted", name);
        if (slice_begins_with(name, SLICE("n_")))
            report(!good, "should be refused", name);
        seen++;
    }
    closedir(files);
    CHECK(seen > 0);
}
