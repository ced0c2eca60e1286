/*
 * What the parts of the grammar share: a cursor with the tokens around it, the parameters, the
 * service's errors, names and paths. Private to partiql/.
 */
#pragma once
#include "expr/path.h"
#include "partiql/lexer.h"

struct cursor {
    struct arena *arena;
    slice text;
    struct lexeme_place place;
    struct lexeme current;
    struct lexeme next;
    const struct value_input *parameters;
    uint32_t parameter_count;
    uint32_t parameters_taken;
    uint32_t levels; /* of recursion now, at most EXPRESSION_LEVELS_MAX */
};

/*
 * Ready at the first token.
 *   Errors: VALIDATION when some token of the text cannot be read.
 */
error cursor_init(struct cursor *cursor, struct arena *arena, slice text,
                  const struct value_input *parameters, uint32_t parameter_count) MUST_CHECK;

void cursor_advance(struct cursor *cursor);
bool cursor_at_symbol(const struct cursor *cursor, enum symbol symbol);
bool cursor_at_word(const struct cursor *cursor, enum word word);
bool cursor_at_name(const struct cursor *cursor);
bool cursor_at_end(const struct cursor *cursor); /* of the text or the statement */
bool cursor_at_call(const struct cursor *cursor); /* a function's name before a parenthesis */
bool cursor_accept(struct cursor *cursor, enum symbol symbol);
bool cursor_accept_word(struct cursor *cursor, enum word word);

/* "Statement wasn't well formed, can't be processed: …" */
error cursor_malformed(const struct cursor *cursor, const char *detail);
error cursor_expect(struct cursor *cursor, enum symbol symbol) MUST_CHECK;
error cursor_expect_word(struct cursor *cursor, enum word word, const char *missing) MUST_CHECK;

/* Where an operand or a condition should begin, the current token cannot. */
error cursor_unexpected(const struct cursor *cursor, bool behind_operator);

/* " at LINE:COLUMN:LENGTH" of a token, as errors end. */
slice cursor_position(const struct cursor *cursor, const struct lexeme *lexeme);

/* Around every recursion; the levels are given back with cursor_leave. */
error cursor_enter(struct cursor *cursor) MUST_CHECK;
void cursor_leave(struct cursor *cursor);

/* The value of a '?' that is the current token. */
error cursor_parameter(struct cursor *cursor, slice *value) MUST_CHECK;

/* What is between the quotes of a string or quoted name; a bare name as it is. */
slice cursor_content(const struct cursor *cursor, const struct lexeme *lexeme);

/* A document path: names are the attributes' own. */
error cursor_path(struct cursor *cursor, struct path *path) MUST_CHECK;

/* A growing list of pointers or structs in an arena. */
struct list {
    void *elements;
    uint32_t count;
    uint32_t capacity;
};
void *list_add(struct arena *arena, struct list *list, size_t element_size);
#define LIST_ADD(arena, list, type) ((type *)list_add((arena), (list), sizeof(type)))
