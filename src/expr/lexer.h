/*
 * One lexer for all expression languages: conditions, projections, updates.
 *
 * A token is a slice of the text. Bytes no language knows become TOKEN_UNKNOWN, one character
 * long, so that the parser reports them in the service's form. Which keywords a language reserves
 * is the parser's business: here AND is a name that also carries its keyword.
 * Source: Developer Guide, expressions.
 */
#pragma once
#include "base/slice.h"

enum token_kind {
    TOKEN_END, /* empty, at the end of the text */
    TOKEN_NAME,
    TOKEN_NAME_REFERENCE,  /* with its '#' */
    TOKEN_VALUE_REFERENCE, /* with its ':' */
    TOKEN_DIGITS,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_OR_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_OR_EQUAL,
    TOKEN_PARENTHESIS_OPEN,
    TOKEN_PARENTHESIS_CLOSE,
    TOKEN_BRACKET_OPEN,
    TOKEN_BRACKET_CLOSE,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_UNKNOWN,
};

enum keyword {
    KEYWORD_NONE = 0,
    KEYWORD_AND = 1 << 0,
    KEYWORD_OR = 1 << 1,
    KEYWORD_NOT = 1 << 2,
    KEYWORD_BETWEEN = 1 << 3,
    KEYWORD_IN = 1 << 4,
    KEYWORD_SET = 1 << 5,
    KEYWORD_REMOVE = 1 << 6,
    KEYWORD_ADD = 1 << 7,
    KEYWORD_DELETE = 1 << 8,
};

struct token {
    enum token_kind kind;
    enum keyword keyword; /* of a TOKEN_NAME, in any case of letters */
    slice text;
};

/* The token at or after `*offset`, which moves behind it. Gives TOKEN_END for ever at the end. */
struct token lexer_next(slice text, size_t *offset);
