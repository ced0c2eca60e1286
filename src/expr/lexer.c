#include "expr/lexer.h"

static const struct {
    slice text;
    enum keyword keyword;
} KEYWORDS[] = {
    {SLICE("AND"), KEYWORD_AND},       {SLICE("OR"), KEYWORD_OR},
    {SLICE("NOT"), KEYWORD_NOT},       {SLICE("BETWEEN"), KEYWORD_BETWEEN},
    {SLICE("IN"), KEYWORD_IN},         {SLICE("SET"), KEYWORD_SET},
    {SLICE("REMOVE"), KEYWORD_REMOVE}, {SLICE("ADD"), KEYWORD_ADD},
    {SLICE("DELETE"), KEYWORD_DELETE},
};

/* Longer spellings first: "<=" before "<". */
static const struct {
    slice text;
    enum token_kind kind;
} SYMBOLS[] = {
    {SLICE("<>"), TOKEN_NOT_EQUAL},
    {SLICE("<="), TOKEN_LESS_OR_EQUAL},
    {SLICE(">="), TOKEN_GREATER_OR_EQUAL},
    {SLICE("="), TOKEN_EQUAL},
    {SLICE("<"), TOKEN_LESS},
    {SLICE(">"), TOKEN_GREATER},
    {SLICE("("), TOKEN_PARENTHESIS_OPEN},
    {SLICE(")"), TOKEN_PARENTHESIS_CLOSE},
    {SLICE("["), TOKEN_BRACKET_OPEN},
    {SLICE("]"), TOKEN_BRACKET_CLOSE},
    {SLICE("."), TOKEN_DOT},
    {SLICE(","), TOKEN_COMMA},
    {SLICE("+"), TOKEN_PLUS},
    {SLICE("-"), TOKEN_MINUS},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static size_t run_of(slice text, bool (*belongs)(char))
{
    size_t size = 0;
    while (size < text.size && belongs(text.data[size]))
        size++;
    return size;
}

static enum keyword keyword_of(slice name)
{
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (slice_equal_ignoring_case(name, KEYWORDS[i].text))
            return KEYWORDS[i].keyword;
    }
    return KEYWORD_NONE;
}

/* A whole UTF-8 character, so that the error that quotes it is UTF-8 as well. */
static size_t character_size(slice text)
{
    size_t size = 1;
    while (size < text.size && ((unsigned char)text.data[size] & 0xc0) == 0x80)
        size++;
    return size;
}

static struct token token_of(enum token_kind kind, slice rest, size_t size)
{
    return (struct token){.kind = kind, .text = slice_first(rest, size)};
}

static struct token read_token(slice rest)
{
    if (rest.size == 0)
        return token_of(TOKEN_END, rest, 0);

    char first = rest.data[0];
    if (is_letter(first)) {
        struct token token = token_of(TOKEN_NAME, rest, run_of(rest, is_word));
        token.keyword = keyword_of(token.text);
        return token;
    }
    if (is_digit(first))
        return token_of(TOKEN_DIGITS, rest, run_of(rest, is_digit));
    if (first == '#' || first == ':') {
        size_t size = run_of(slice_from(rest, 1), is_word);
        enum token_kind kind = first == '#' ? TOKEN_NAME_REFERENCE : TOKEN_VALUE_REFERENCE;
        return size == 0 ? token_of(TOKEN_UNKNOWN, rest, 1) : token_of(kind, rest, 1 + size);
    }
    for (size_t i = 0; i < sizeof SYMBOLS / sizeof *SYMBOLS; i++) {
        if (slice_begins_with(rest, SYMBOLS[i].text))
            return token_of(SYMBOLS[i].kind, rest, SYMBOLS[i].text.size);
    }
    return token_of(TOKEN_UNKNOWN, rest, character_size(rest));
}

struct token lexer_next(slice text, size_t *offset)
{
    *offset += run_of(slice_from(text, *offset), is_blank);
    struct token token = read_token(slice_from(text, *offset));
    *offset += token.text.size;
    return token;
}
