#include "expr/lexer.h"
#include "expr/path.h"
#include "tests/test.h"

TEST(text_becomes_tokens)
{
    static const struct {
        enum token_kind kind;
        const char *text;
    } wanted[] = {
        {TOKEN_NAME, "SET"},
        {TOKEN_NAME_REFERENCE, "#1"},
        {TOKEN_BRACKET_OPEN, "["},
        {TOKEN_DIGITS, "12"},
        {TOKEN_BRACKET_CLOSE, "]"},
        {TOKEN_DOT, "."},
        {TOKEN_NAME, "a_1"},
        {TOKEN_EQUAL, "="},
        {TOKEN_VALUE_REFERENCE, ":v"},
        {TOKEN_PLUS, "+"},
        {TOKEN_VALUE_REFERENCE, ":w"},
        {TOKEN_MINUS, "-"},
        {TOKEN_PARENTHESIS_OPEN, "("},
        {TOKEN_PARENTHESIS_CLOSE, ")"},
        {TOKEN_COMMA, ","},
        {TOKEN_NOT_EQUAL, "<>"},
        {TOKEN_LESS_OR_EQUAL, "<="},
        {TOKEN_LESS, "<"},
        {TOKEN_GREATER_OR_EQUAL, ">="},
        {TOKEN_GREATER, ">"},
        {TOKEN_UNKNOWN, "_"},
        {TOKEN_DIGITS, "1"},
        {TOKEN_NAME, "a"},
        {TOKEN_UNKNOWN, "#"},
        {TOKEN_UNKNOWN, ":"},
        {TOKEN_UNKNOWN, "\xf0\x9f\x98\x80"},
        {TOKEN_UNKNOWN, "!"},
        {TOKEN_END, ""},
        {TOKEN_END, ""},
    };
    slice text = SLICE("SET #1[12].a_1=:v + :w-()\t,\n<><=< >=>_1a # :\r\xf0\x9f\x98\x80! ");
    size_t offset = 0;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct token token = lexer_next(text, &offset);
        CHECK(token.kind == wanted[i].kind);
        CHECK_SLICE(token.text, slice_of_string(wanted[i].text));
    }
    CHECK(offset == text.size);
}

TEST(keywords_are_known_in_any_case)
{
    static const struct {
        const char *text;
        enum keyword keyword;
    } cases[] = {
        {"AND", KEYWORD_AND},       {"and", KEYWORD_AND},         {"Or", KEYWORD_OR},
        {"nOT", KEYWORD_NOT},       {"between", KEYWORD_BETWEEN}, {"IN", KEYWORD_IN},
        {"set", KEYWORD_SET},       {"Remove", KEYWORD_REMOVE},   {"ADD", KEYWORD_ADD},
        {"delete", KEYWORD_DELETE}, {"ANDY", KEYWORD_NONE},       {"a", KEYWORD_NONE},
        {"#and", KEYWORD_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t offset = 0;
        CHECK(lexer_next(slice_of_string(cases[i].text), &offset).keyword == cases[i].keyword);
    }
}

TEST(reserved_words_are_known_in_any_case)
{
    static const char *const reserved[] = {"ABORT",  "abort", "Zone",           "NAME",
                                           "inNter", "LOGED", "LOCALTIMESTAMP", "add"};
    static const char *const free_words[] = {
        "a", "pk", "ABORTED", "nam", "zones", "contains", "LOCALTIMESTAMPS_AND_MORE", "#name"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        CHECK(word_is_reserved(slice_of_string(reserved[i])));
    for (size_t i = 0; i < sizeof free_words / sizeof *free_words; i++)
        CHECK(!word_is_reserved(slice_of_string(free_words[i])));
}
