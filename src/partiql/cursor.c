#include "partiql/cursor.h"
#include "base/assert.h"
#include "base/buffer.h"
#include "base/limits.h"

void cursor_advance(struct cursor *cursor)
{
    cursor->current = cursor->next;
    cursor->next = lexeme_next(cursor->text, &cursor->place);
}

/* What no token can be made of is reported before anything else, as the service does. */
error cursor_init(struct cursor *cursor, struct arena *arena, slice text,
                  const struct value_input *parameters, uint32_t parameter_count)
{
    *cursor = (struct cursor){.arena = arena,
                              .text = text,
                              .place = LEXEME_PLACE_BEGIN,
                              .parameters = parameters,
                              .parameter_count = parameter_count};
    struct lexeme lexeme;
    do {
        lexeme = lexeme_next(text, &cursor->place);
        if (lexeme.kind == LEXEME_INVALID)
            return cursor_malformed(cursor, "");
    } while (lexeme.kind != LEXEME_END);
    cursor->place = LEXEME_PLACE_BEGIN;
    cursor_advance(cursor);
    cursor_advance(cursor);
    return NULL;
}

bool cursor_at_symbol(const struct cursor *cursor, enum symbol symbol)
{
    return cursor->current.kind == LEXEME_SYMBOL && cursor->current.symbol == symbol;
}

bool cursor_at_word(const struct cursor *cursor, enum word word)
{
    return cursor->current.word == word;
}

bool cursor_at_name(const struct cursor *cursor)
{
    return cursor->current.kind == LEXEME_NAME || cursor->current.kind == LEXEME_QUOTED;
}

bool cursor_at_end(const struct cursor *cursor)
{
    return cursor->current.kind == LEXEME_END || cursor_at_symbol(cursor, SYMBOL_SEMICOLON);
}

bool cursor_at_call(const struct cursor *cursor)
{
    return (cursor->current.kind == LEXEME_NAME || lexeme_names_function(&cursor->current)) &&
           cursor->next.kind == LEXEME_SYMBOL && cursor->next.symbol == SYMBOL_PARENTHESIS_OPEN;
}

bool cursor_accept(struct cursor *cursor, enum symbol symbol)
{
    if (!cursor_at_symbol(cursor, symbol))
        return false;
    cursor_advance(cursor);
    return true;
}

bool cursor_accept_word(struct cursor *cursor, enum word word)
{
    if (!cursor_at_word(cursor, word))
        return false;
    cursor_advance(cursor);
    return true;
}

error cursor_malformed(const struct cursor *cursor, const char *detail)
{
    return fail(cursor->arena, ERROR_VALIDATION,
                "Statement wasn't well formed, can't be processed: %s", detail);
}

/* How the language calls what may be missing. */
static const char *const EXPECTED[] = {
    [SYMBOL_PARENTHESIS_CLOSE] = "Expected RIGHT_PAREN",
    [SYMBOL_BRACKET_CLOSE] = "Expected RIGHT_BRACKET",
    [SYMBOL_BRACE_CLOSE] = "Expected RIGHT_CURLY",
    [SYMBOL_BAG_CLOSE] = "Expected RIGHT_DOUBLE_ANGLE_BRACKET",
    [SYMBOL_COLON] = "Expected COLON",
    [SYMBOL_EQUAL] = "Expected '='",
    [SYMBOL_OTHER] = NULL,
};

error cursor_expect(struct cursor *cursor, enum symbol symbol)
{
    if (cursor_accept(cursor, symbol))
        return NULL;
    return cursor_malformed(cursor, EXPECTED[symbol] ? EXPECTED[symbol] : "Unexpected term");
}

error cursor_expect_word(struct cursor *cursor, enum word word, const char *missing)
{
    return cursor_accept_word(cursor, word) ? NULL : cursor_malformed(cursor, missing);
}

static bool is_operator(const struct lexeme *lexeme)
{
    switch (lexeme->word) {
    case WORD_IS:
    case WORD_LIKE:
    case WORD_IN:
    case WORD_BETWEEN:
    case WORD_AND:
    case WORD_OR:
        return true;
    default:
        break;
    }
    return lexeme->kind == LEXEME_SYMBOL &&
           ((lexeme->symbol >= SYMBOL_NOT_EQUAL && lexeme->symbol <= SYMBOL_GREATER) ||
            lexeme->symbol == SYMBOL_STAR || lexeme->symbol == SYMBOL_OTHER);
}

/* Some reserved words begin a term of their own, or none. */
static const struct {
    enum word word;
    const char *detail;
} WORDS[] = {
    {WORD_DATE, "Expected date string followed by the keyword DATE, found SYMBOL"},
    {WORD_TIME, "Expected time string followed by the keyword TIME OR TIME WITH TIME ZONE, found "
                "SYMBOL"},
    {WORD_VALUES, "Expected LEFT_PAREN for row value constructor"},
    {WORD_AS, "Unexpected term"},
    {WORD_AT, "Unexpected term"},
    {WORD_BY, "Unexpected term"},
    {WORD_FOR, "Unexpected term"},
    {WORD_ASC, "Unexpected term"},
    {WORD_DESC, "Unexpected term"},
    {WORD_FIRST, "Unexpected term"},
    {WORD_LAST, "Unexpected term"},
};

error cursor_unexpected(const struct cursor *cursor, bool behind_operator)
{
    const struct lexeme *lexeme = &cursor->current;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (lexeme->word == WORDS[i].word)
            return cursor_malformed(cursor, WORDS[i].detail);
    }
    if (is_operator(lexeme))
        return cursor_malformed(cursor, "Unexpected operator");
    if (lexeme->kind == LEXEME_KEYWORD)
        return cursor_malformed(cursor, "Unexpected keyword");
    if (behind_operator && cursor_at_end(cursor))
        return cursor_malformed(cursor, "Missing right-hand side expression of infix operator");
    return cursor_malformed(cursor, "Unexpected term");
}

slice cursor_position(const struct cursor *cursor, const struct lexeme *lexeme)
{
    return arena_format(cursor->arena, " at %u:%u:%u", lexeme->line, lexeme->column,
                        lexeme_characters(lexeme));
}

error cursor_enter(struct cursor *cursor)
{
    if (cursor->levels == EXPRESSION_LEVELS_MAX)
        return cursor_malformed(cursor, "The statement is nested too deeply");
    cursor->levels++;
    return NULL;
}

void cursor_leave(struct cursor *cursor)
{
    assert_that(cursor->levels > 0);
    cursor->levels--;
}

error cursor_parameter(struct cursor *cursor, slice *value)
{
    if (cursor->parameters_taken == cursor->parameter_count)
        return FAILURE(ERROR_VALIDATION,
                       "Number of parameters in request and statement don't match.");
    const struct value_input *input = &cursor->parameters[cursor->parameters_taken++];
    assert_that(!input->invalid);
    *value = input->value;
    return cursor_expect(cursor, SYMBOL_PARAMETER);
}

slice cursor_content(const struct cursor *cursor, const struct lexeme *lexeme)
{
    if (lexeme->kind != LEXEME_STRING && lexeme->kind != LEXEME_QUOTED)
        return lexeme->text;
    char quote = lexeme->text.data[0];
    slice within = slice_of(lexeme->text.data + 1, lexeme->text.size - 2);
    if (within.size == 0 || !memchr(within.data, quote, within.size))
        return within;
    struct buffer content;
    buffer_init(&content, cursor->arena);
    for (size_t i = 0; i < within.size; i++) {
        buffer_append_byte(&content, within.data[i]);
        if (within.data[i] == quote)
            i++;
    }
    return buffer_slice(&content);
}

void *list_add(struct arena *arena, struct list *list, size_t element_size)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 4;
        void *grown = arena_alloc_array(arena, element_size, capacity);
        if (list->count > 0)
            memcpy(grown, list->elements, list->count * element_size);
        list->elements = grown;
        list->capacity = capacity;
    }
    return (char *)list->elements + element_size * list->count++;
}

/* ---- paths ---- */

static error check_name(const struct cursor *cursor, slice name)
{
    if (name.size == 0)
        return cursor_malformed(cursor, "Empty attribute name");
    return NULL;
}

/* Behind the bracket. A sign is taken, but only nothing may be negative. */
static error take_index(struct cursor *cursor, struct path_element *element)
{
    bool negative = cursor_accept(cursor, SYMBOL_MINUS);
    const struct lexeme digits = cursor->current;
    if (digits.kind != LEXEME_NUMBER)
        return cursor_malformed(cursor, "Invalid path component");
    uint64_t index = 0;
    for (size_t i = 0; i < digits.text.size; i++) {
        char c = digits.text.data[i];
        if (c < '0' || c > '9')
            return cursor_malformed(cursor, "Invalid path component");
        index = index > INT32_MAX ? index : index * 10 + (uint64_t)(c - '0');
    }
    if (index > INT32_MAX || (negative && index > 0)) {
        slice position = cursor_position(cursor, &digits);
        return fail(cursor->arena, ERROR_VALIDATION,
                    "List index is not within the allowable range; index: [%s%.*s]%.*s",
                    negative ? "-" : "", SLICE_ARGS(digits.text), SLICE_ARGS(position));
    }
    *element = (struct path_element){.is_index = true, .index = (uint32_t)index};
    cursor_advance(cursor);
    return cursor_expect(cursor, SYMBOL_BRACKET_CLOSE);
}

static error take_member(struct cursor *cursor, struct path_element *element)
{
    if (!cursor_at_name(cursor))
        return cursor_malformed(cursor, "Invalid path dot component");
    *element = (struct path_element){.name = cursor_content(cursor, &cursor->current)};
    TRY(check_name(cursor, element->name));
    cursor_advance(cursor);
    return NULL;
}

error cursor_path(struct cursor *cursor, struct path *path)
{
    assert_that(cursor_at_name(cursor));
    struct list elements = {0};
    TRY(take_member(cursor, LIST_ADD(cursor->arena, &elements, struct path_element)));
    for (;;) {
        if (cursor_accept(cursor, SYMBOL_BRACKET_OPEN))
            TRY(take_index(cursor, LIST_ADD(cursor->arena, &elements, struct path_element)));
        else if (cursor_accept(cursor, SYMBOL_DOT))
            TRY(take_member(cursor, LIST_ADD(cursor->arena, &elements, struct path_element)));
        else
            break;
    }
    if (elements.count > NESTING_LEVELS_MAX)
        return fail(cursor->arena, ERROR_VALIDATION,
                    "The document path has too many nesting levels; nesting levels: %u",
                    elements.count);
    *path = (struct path){elements.elements, elements.count};
    return NULL;
}
