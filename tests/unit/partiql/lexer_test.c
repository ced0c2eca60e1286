#include "partiql/lexer.h"
#include "tests/test.h"

static struct lexeme first_of(slice text)
{
    struct lexeme_place place = LEXEME_PLACE_BEGIN;
    return lexeme_next(text, &place);
}

TEST(a_token_is_of_its_kind_and_as_long_as_it_is)
{
    static const struct {
        slice text;
        enum lexeme_kind kind;
        size_t size;
    } cases[] = {
        {SLICE(""), LEXEME_END, 0},
        {SLICE("name rest"), LEXEME_NAME, 4},
        {SLICE("_a$9-"), LEXEME_NAME, 4},
        {SLICE("value"), LEXEME_KEYWORD, 5},
        {SLICE("name"), LEXEME_NAME, 4},
        {SLICE("USER"), LEXEME_KEYWORD, 4},
        {SLICE("users"), LEXEME_NAME, 5},
        {SLICE("current_timestamp"), LEXEME_KEYWORD, 17},
        {SLICE("absolute"), LEXEME_KEYWORD, 8},
        {SLICE("zone"), LEXEME_KEYWORD, 4},
        {SLICE("a_name_longer_than_any_reserved_word"), LEXEME_NAME, 36},
        {SLICE("select"), LEXEME_KEYWORD, 6},
        {SLICE("Inner."), LEXEME_KEYWORD, 5},
        {SLICE("\"a\"\"b\" c"), LEXEME_QUOTED, 6},
        {SLICE("\"select\""), LEXEME_QUOTED, 8},
        {SLICE("'it''s' x"), LEXEME_STRING, 7},
        {SLICE("''"), LEXEME_STRING, 2},
        {SLICE("'no end"), LEXEME_INVALID, 1},
        {SLICE("\"no end"), LEXEME_INVALID, 1},
        {SLICE("'odd''"), LEXEME_INVALID, 1},
        {SLICE("12"), LEXEME_NUMBER, 2},
        {SLICE("1.50+2"), LEXEME_NUMBER, 4},
        {SLICE(".5"), LEXEME_NUMBER, 2},
        {SLICE("7."), LEXEME_NUMBER, 2},
        {SLICE("1e5,"), LEXEME_NUMBER, 3},
        {SLICE("1E-5"), LEXEME_NUMBER, 4},
        {SLICE("1.5e+10)"), LEXEME_NUMBER, 7},
        {SLICE("1e2147483647"), LEXEME_NUMBER, 12},
        {SLICE("1e2147483648"), LEXEME_INVALID, 1},
        {SLICE("1e-2147483648"), LEXEME_INVALID, 1},
        {SLICE("1.5e-2147483647"), LEXEME_INVALID, 1},
        {SLICE("1e99999999999999999999999"), LEXEME_INVALID, 1},
        {SLICE("1e"), LEXEME_INVALID, 1},
        {SLICE("1e+"), LEXEME_INVALID, 1},
        {SLICE("1e5x"), LEXEME_NUMBER, 3},
        {SLICE("1a"), LEXEME_NUMBER, 1},
        {SLICE("#"), LEXEME_INVALID, 1},
        {SLICE("@a"), LEXEME_INVALID, 1},
        {SLICE("<<"), LEXEME_SYMBOL, 2},
        {SLICE("<>"), LEXEME_SYMBOL, 2},
        {SLICE("!="), LEXEME_SYMBOL, 2},
        {SLICE("!"), LEXEME_INVALID, 1},
        {SLICE("<a"), LEXEME_SYMBOL, 1},
        {SLICE("-1"), LEXEME_SYMBOL, 1},
        {SLICE(".a"), LEXEME_SYMBOL, 1},
        {SLICE("/* no end"), LEXEME_INVALID, 1},
        {SLICE("/ 2"), LEXEME_SYMBOL, 1},
        {SLICE("-- all the rest"), LEXEME_END, 0},
        {SLICE("/**/ /* * */a"), LEXEME_NAME, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lexeme lexeme = first_of(cases[i].text);
        test_check(lexeme.kind == cases[i].kind, cases[i].text.data, __FILE__, __LINE__);
        test_check(lexeme.text.size == cases[i].size, cases[i].text.data, __FILE__, __LINE__);
    }
}

TEST(a_place_counts_lines_and_characters)
{
    slice text = SLICE("a /* \n\xc3\xa9 */ 'h\xc3\xa9' -- end\n  b");
    struct lexeme_place place = LEXEME_PLACE_BEGIN;
    struct lexeme a = lexeme_next(text, &place);
    CHECK(a.line == 1 && a.column == 1 && lexeme_characters(&a) == 1);
    struct lexeme string = lexeme_next(text, &place);
    CHECK(string.line == 2 && string.column == 6 && lexeme_characters(&string) == 4);
    struct lexeme b = lexeme_next(text, &place);
    CHECK(b.line == 3 && b.column == 3);
    CHECK(lexeme_next(text, &place).kind == LEXEME_END);
    CHECK(lexeme_next(text, &place).kind == LEXEME_END);
}

TEST(words_are_known_in_any_case_unless_quoted)
{
    CHECK(first_of(SLICE("WHERE")).word == WORD_WHERE);
    CHECK(first_of(SLICE("wHeRe")).word == WORD_WHERE);
    CHECK(first_of(SLICE("old")).word == WORD_OLD);
    CHECK(first_of(SLICE("\"WHERE\"")).word == WORD_NONE);
    CHECK(first_of(SLICE("'WHERE'")).word == WORD_NONE);
    CHECK(first_of(SLICE("wheres")).word == WORD_NONE);
}

TEST(a_reserved_word_before_a_parenthesis_may_be_a_function)
{
    static const struct {
        slice word;
        bool names_function;
    } cases[] = {
        {SLICE("size"), true},  {SLICE("EXISTS"), true},  {SLICE("count"), true},
        {SLICE("user"), false}, {SLICE("values"), false}, {SLICE("begins_with"), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lexeme lexeme = first_of(cases[i].word);
        CHECK(lexeme_names_function(&lexeme) == cases[i].names_function);
    }
}
