#include "expr/parser.h"
#include "base/assert.h"
#include "base/buffer.h"
#include "base/limits.h"

error expression_fail(struct arena *arena, slice parameter, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    slice problem = arena_format_list(arena, format, arguments);
    va_end(arguments);
    if (parameter.size == 0)
        return fail(arena, ERROR_VALIDATION, "%.*s", SLICE_ARGS(problem));
    return fail(arena, ERROR_VALIDATION, "Invalid %.*s: %.*s", SLICE_ARGS(parameter),
                SLICE_ARGS(problem));
}

error parser_init(struct parser *parser, struct arena *arena, slice parameter, slice text,
                  unsigned keywords)
{
    *parser =
        (struct parser){.arena = arena, .parameter = parameter, .text = text, .keywords = keywords};
    if (text.size == 0)
        return expression_fail(arena, parameter, "The expression can not be empty;");
    if (text.size > EXPRESSION_BYTES_MAX)
        return expression_fail(arena, parameter,
                               "Expression size has exceeded the maximum allowed size;");
    parser->current.text = slice_first(text, 0);
    parser->next = lexer_next(text, &parser->offset);
    parser_advance(parser);
    parser->previous.text = slice_first(parser->current.text, 0);
    return NULL;
}

void parser_advance(struct parser *parser)
{
    parser->previous = parser->current;
    parser->current = parser->next;
    parser->next = lexer_next(parser->text, &parser->offset);
}

bool parser_accept(struct parser *parser, enum token_kind kind)
{
    if (parser->current.kind != kind)
        return false;
    parser_advance(parser);
    return true;
}

error parser_expect(struct parser *parser, enum token_kind kind)
{
    return parser_accept(parser, kind) ? NULL : parser_syntax_error(parser);
}

error parser_expect_keyword(struct parser *parser, enum keyword keyword)
{
    if (parser_keyword(parser) != keyword)
        return parser_syntax_error(parser);
    parser_advance(parser);
    return NULL;
}

enum keyword parser_keyword(const struct parser *parser)
{
    return parser->current.keyword & parser->keywords;
}

bool parser_at_name(const struct parser *parser)
{
    return parser->current.kind == TOKEN_NAME_REFERENCE ||
           (parser->current.kind == TOKEN_NAME && !parser_keyword(parser));
}

/* "near" is the text from the previous token to the next one, with the blanks between them. */
error parser_syntax_error(const struct parser *parser)
{
    const struct token *last = &parser->current;
    if (parser->current.kind == TOKEN_END)
        last = &parser->previous;
    else if (parser->next.kind != TOKEN_END)
        last = &parser->next;
    const char *from = parser->previous.text.data;
    slice near = slice_of(from, (size_t)(last->text.data + last->text.size - from));
    slice token = parser->current.kind == TOKEN_END ? SLICE("<EOF>") : parser->current.text;
    return expression_fail(parser->arena, parser->parameter,
                           "Syntax error; token: \"%.*s\", near: \"%.*s\"", SLICE_ARGS(token),
                           SLICE_ARGS(near));
}

/* The service's own limit of nesting is not documented; the operators' bounds what is useful. */
error parser_enter(struct parser *parser)
{
    if (parser->levels == EXPRESSION_LEVELS_MAX)
        return expression_fail(parser->arena, parser->parameter,
                               "The expression is nested too deeply; levels allowed: %d",
                               EXPRESSION_LEVELS_MAX);
    parser->levels++;
    return NULL;
}

void parser_leave(struct parser *parser)
{
    assert_that(parser->levels > 0);
    parser->levels--;
}

static void take_name(struct parser *parser, struct path_element *element)
{
    slice name = parser->current.text;
    if (parser->current.kind == TOKEN_NAME && parser->reserved_word.size == 0 &&
        word_is_reserved(name))
        parser->reserved_word = name;
    *element = (struct path_element){.name = name};
    parser_advance(parser);
}

static error take_index(struct parser *parser, struct path_element *element)
{
    slice digits = parser->current.text;
    if (parser->current.kind != TOKEN_DIGITS)
        return parser_syntax_error(parser);
    uint64_t index = 0;
    for (size_t i = 0; i < digits.size; i++) {
        index = index * 10 + (uint64_t)(digits.data[i] - '0');
        if (index > UINT32_MAX)
            return expression_fail(parser->arena, parser->parameter,
                                   "List index is not within the allowable range; index: [%.*s]",
                                   SLICE_ARGS(digits));
    }
    *element = (struct path_element){.is_index = true, .index = (uint32_t)index};
    parser_advance(parser);
    return parser_expect(parser, TOKEN_BRACKET_CLOSE);
}

static void append_element(struct buffer *elements, const struct path_element *element)
{
    buffer_append(elements, slice_of(element, sizeof *element));
}

error parser_path(struct parser *parser, struct path *path)
{
    if (!parser_at_name(parser))
        return parser_syntax_error(parser);
    struct buffer elements;
    buffer_init(&elements, parser->arena);
    struct path_element element;
    take_name(parser, &element);
    append_element(&elements, &element);
    for (;;) {
        if (parser_accept(parser, TOKEN_BRACKET_OPEN)) {
            TRY(take_index(parser, &element));
        } else if (parser_accept(parser, TOKEN_DOT)) {
            if (!parser_at_name(parser))
                return parser_syntax_error(parser);
            take_name(parser, &element);
        } else {
            break;
        }
        append_element(&elements, &element);
    }

    /* Copied, because a buffer's bytes are packed close and elements want alignment. */
    uint32_t count = (uint32_t)(elements.size / sizeof element);
    struct path_element *aligned = arena_new_array(parser->arena, struct path_element, count);
    memcpy(aligned, elements.data, elements.size);
    *path = (struct path){aligned, count};
    return NULL;
}

error parser_check_reserved(const struct parser *parser)
{
    if (parser->reserved_word.size == 0)
        return NULL;
    return expression_fail(parser->arena, parser->parameter,
                           "Attribute name is a reserved keyword; reserved keyword: %.*s",
                           SLICE_ARGS(parser->reserved_word));
}
