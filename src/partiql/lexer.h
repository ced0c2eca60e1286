/*
 * Tokens of PartiQL statements, with their place in the text: errors name line, column and length.
 *
 * A token is a slice of the text. Comments are blanks. Which words cannot be names is the list of
 * words below: the structure's own, so that attributes may be called what SQL reserves beyond it.
 * Source: Developer Guide, PartiQL for DynamoDB; error texts captured from the service.
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

/* WORD(name, reserved): those that the grammar looks for, then those that are only reserved. */
#define WORD_LIST(WORD)                                                                            \
    WORD(SELECT, true)                                                                             \
    WORD(FROM, true) WORD(WHERE, true) WORD(ORDER, true) WORD(BY, true) WORD(INSERT, true) WORD(   \
        INTO, true) WORD(UPDATE, true) WORD(SET, true) WORD(DELETE, true) WORD(REMOVE, true)       \
        WORD(RETURNING, true) WORD(AND, true) WORD(OR, true) WORD(NOT, true) WORD(IN, true)        \
            WORD(BETWEEN, true) WORD(IS, true) WORD(LIKE, true) WORD(AS, true) WORD(NULL, true)    \
                WORD(MISSING, true) WORD(TRUE, true) WORD(FALSE, true) WORD(VALUE, false)          \
                    WORD(EXISTS, false) WORD(ASC, false) WORD(DESC, false) WORD(ALL, false)        \
                        WORD(MODIFIED, false) WORD(OLD, false) WORD(NEW, false) WORD(CASE, true)   \
                            WORD(CAST, true) WORD(CREATE, true) WORD(CROSS, true)                  \
                                WORD(DISTINCT, true) WORD(DROP, true) WORD(ELSE, true)             \
                                    WORD(END, true) WORD(EXCEPT, true) WORD(FULL, true)            \
                                        WORD(GROUP, true) WORD(HAVING, true) WORD(INNER, true)     \
                                            WORD(INTERSECT, true) WORD(JOIN, true)                 \
                                                WORD(LEFT, true) WORD(LIMIT, true) WORD(ON, true)  \
                                                    WORD(OUTER, true) WORD(PIVOT, true)            \
                                                        WORD(RIGHT, true) WORD(TABLE, true)        \
                                                            WORD(THEN, true) WORD(UNION, true)     \
                                                                WORD(UNPIVOT, true)                \
                                                                    WORD(WHEN, true)

enum word {
    WORD_NONE,
#define WORD_ROW(name, reserved) WORD_##name,
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

/* How long it is in characters. */
uint32_t lexeme_characters(const struct lexeme *lexeme);
