/*
 * Tokens of PartiQL statements, with their place in the text: errors name line, column and length.
 *
 * A token is a slice of the text. Comments are blanks. What PartiQL reserves, which is SQL-92's
 * words and its own, is a name only in quotes.
 * Source: Developer Guide, PartiQL for DynamoDB; error texts captured from the service, and those
 * of the language's own parser, which are the same.
 */
#pragma once
#include "base/slice.h"

enum lexeme_kind {
    LEXEME_END,     /* empty, at the end of the text */
    LEXEME_NAME,    /* a bare word that is not reserved */
    LEXEME_QUOTED,  /* "name": always a name */
    LEXEME_KEYWORD, /* a bare word that is reserved */
    LEXEME_STRING,  /* 'text' */
    LEXEME_NUMBER,  /* without its sign */
    LEXEME_SYMBOL,
    LEXEME_INVALID, /* nothing that the language knows, or without its end */
};

/* Those that the grammar looks for. */
/* clang-format off */
#define WORD_LIST(WORD)                                                                            \
    WORD(SELECT) WORD(FROM) WORD(WHERE) WORD(ORDER) WORD(BY) WORD(INSERT) WORD(INTO)               \
    WORD(UPDATE) WORD(SET) WORD(DELETE) WORD(REMOVE) WORD(RETURNING) WORD(AND) WORD(OR)            \
    WORD(NOT) WORD(IN) WORD(BETWEEN) WORD(IS) WORD(LIKE) WORD(AS) WORD(NULL) WORD(MISSING)         \
    WORD(TRUE) WORD(FALSE) WORD(VALUE) WORD(VALUES) WORD(EXISTS) WORD(ASC) WORD(DESC) WORD(ALL)    \
    WORD(MODIFIED) WORD(OLD) WORD(NEW) WORD(LIMIT) WORD(AT) WORD(FOR) WORD(FIRST) WORD(LAST)       \
    WORD(DATE) WORD(TIME)
/* clang-format on */

enum word {
    WORD_NONE,
#define WORD_ROW(name) WORD_##name,
    WORD_LIST(WORD_ROW)
#undef WORD_ROW
};

enum symbol {
    SYMBOL_NONE,
    SYMBOL_BAG_OPEN,
    SYMBOL_BAG_CLOSE,
    SYMBOL_NOT_EQUAL, /* <> and != */
    SYMBOL_LESS_OR_EQUAL,
    SYMBOL_GREATER_OR_EQUAL,
    SYMBOL_EQUAL,
    SYMBOL_LESS,
    SYMBOL_GREATER,
    SYMBOL_PARENTHESIS_OPEN,
    SYMBOL_PARENTHESIS_CLOSE,
    SYMBOL_BRACKET_OPEN,
    SYMBOL_BRACKET_CLOSE,
    SYMBOL_BRACE_OPEN,
    SYMBOL_BRACE_CLOSE,
    SYMBOL_COMMA,
    SYMBOL_DOT,
    SYMBOL_COLON,
    SYMBOL_SEMICOLON,
    SYMBOL_PARAMETER,
    SYMBOL_STAR,
    SYMBOL_PLUS,
    SYMBOL_MINUS,
    SYMBOL_OTHER, /* an operator that no statement takes */
};

struct lexeme {
    enum lexeme_kind kind;
    enum word word;     /* of a name or keyword, in any case of letters */
    enum symbol symbol; /* of a SYMBOL */
    slice text;         /* as written, with its quotes */
    uint32_t line;      /* both from 1, in characters */
    uint32_t column;
};

struct lexeme_place {
    size_t offset;
    uint32_t line;
    uint32_t column;
};
#define LEXEME_PLACE_BEGIN ((struct lexeme_place){.line = 1, .column = 1})

/* The token at or after the place, which moves behind it. Gives LEXEME_END for ever at the end. */
struct lexeme lexeme_next(slice text, struct lexeme_place *place);

/* Whether a reserved word may stand before a parenthesis, as the name of a function. */
bool lexeme_names_function(const struct lexeme *lexeme);

/* How long it is in characters. */
uint32_t lexeme_characters(const struct lexeme *lexeme);
