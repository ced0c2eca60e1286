/*
 * What the parsers of all expression languages share: a cursor with the tokens around it, the
 * service's syntax errors, and document paths.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "expr/lexer.h"
#include "expr/path.h"

struct parser {
    struct arena *arena;
    slice parameter; /* "ConditionExpression", for errors */
    slice text;
    size_t offset;
    unsigned keywords; /* those of enum keyword that cannot be names here */
    struct token previous;
    struct token current;
    struct token next;
    uint32_t levels;     /* of recursion now, at most EXPRESSION_LEVELS_MAX */
    slice reserved_word; /* the first used as a bare name, or none */
};

/* "Invalid <parameter>: …"; for no parameter (PartiQL) the problem alone. */
error expression_fail(struct arena *arena, slice parameter, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Ready at the first token.
 *   Errors: VALIDATION when the text is empty or longer than EXPRESSION_BYTES_MAX.
 */
error parser_init(struct parser *parser, struct arena *arena, slice parameter, slice text,
                  unsigned keywords) MUST_CHECK;

void parser_advance(struct parser *parser);
bool parser_accept(struct parser *parser, enum token_kind kind);
error parser_expect(struct parser *parser, enum token_kind kind) MUST_CHECK;
error parser_expect_keyword(struct parser *parser, enum keyword keyword) MUST_CHECK;

/* The keyword of the current token, if this language reserves it. */
enum keyword parser_keyword(const struct parser *parser);
bool parser_at_name(const struct parser *parser);

/* The current token is not what the grammar wants. */
error parser_syntax_error(const struct parser *parser);

/* Around every recursion; the levels are given back with parser_leave. */
error parser_enter(struct parser *parser) MUST_CHECK;
void parser_leave(struct parser *parser);

/* A path as written: placeholders stay, a reserved word is noted. */
error parser_path(struct parser *parser, struct path *path) MUST_CHECK;

/* After the syntax is known to be good: the noted reserved word. */
error parser_check_reserved(const struct parser *parser) MUST_CHECK;
