#include "partiql/statement.h"
#include "base/buffer.h"
#include "partiql/change.h"
#include "partiql/literal.h"
#include "partiql/where.h"
#include <stdlib.h>

/* ---- tables ---- */

static slice take_name(struct cursor *cursor)
{
    slice name = cursor_content(cursor, &cursor->current);
    cursor_advance(cursor);
    return name;
}

static error take_component(struct cursor *cursor, slice *name)
{
    *name = take_name(cursor);
    if (name->size == 0)
        return FAILURE(ERROR_VALIDATION, "Path component cannot be an empty string");
    return NULL;
}

/* `table`, or `table.index`. `missing` NULL: what stands there instead is refused as a term. */
static error parse_table(struct cursor *cursor, const char *missing, struct statement *statement)
{
    if (!cursor_at_name(cursor))
        return missing ? cursor_malformed(cursor, missing) : cursor_unexpected(cursor, false);
    TRY(take_component(cursor, &statement->table));
    if (!cursor_accept(cursor, SYMBOL_DOT))
        return NULL;
    if (!cursor_at_name(cursor))
        return cursor_malformed(cursor, "Invalid path dot component");
    TRY(take_component(cursor, &statement->index));
    if (cursor_at_symbol(cursor, SYMBOL_DOT) || cursor_at_symbol(cursor, SYMBOL_BRACKET_OPEN))
        return FAILURE(ERROR_VALIDATION,
                       "A path may contain at most 2 components in the FROM clause");
    return NULL;
}

static error refuse_alias(const struct cursor *cursor)
{
    if (!cursor_at_name(cursor) && !cursor_at_word(cursor, WORD_AS))
        return NULL;
    return FAILURE(ERROR_VALIDATION, "Aliasing is not supported");
}

static error parse_where(struct cursor *cursor, struct statement *statement)
{
    if (!cursor_accept_word(cursor, WORD_WHERE))
        return NULL;
    return where_parse(cursor, &statement->where);
}

/* ---- SELECT ---- */

static slice column_name(struct arena *arena, const struct path *path)
{
    uint32_t last = path->count - 1;
    while (path->elements[last].is_index)
        last--;
    slice name = path->elements[last].name;
    for (uint32_t i = last + 1; i < path->count; i++)
        name = arena_format(arena, "%.*s[%u]", SLICE_ARGS(name), path->elements[i].index);
    return name;
}

/* A function is no column: noted, and everything up to its end is passed over. */
static error pass_call(struct cursor *cursor, struct statement *statement)
{
    if (!statement->bad_column) {
        slice position = cursor_position(cursor, &cursor->current);
        statement->bad_column = fail(cursor->arena, ERROR_VALIDATION,
                                     "Unexpected path component%.*s", SLICE_ARGS(position));
    }
    cursor_advance(cursor);
    uint32_t open_count = 0;
    do {
        if (cursor->current.kind == LEXEME_END)
            return cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE);
        open_count += cursor_at_symbol(cursor, SYMBOL_PARENTHESIS_OPEN);
        open_count -= cursor_at_symbol(cursor, SYMBOL_PARENTHESIS_CLOSE);
        cursor_advance(cursor);
    } while (open_count > 0);
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct column *one = *(const struct column *const *)a;
    const struct column *two = *(const struct column *const *)b;
    int order = slice_compare(one->name, two->name);
    return order != 0 ? order : (one > two) - (one < two);
}

/* Of columns with one name the last stays. */
static void set_columns(struct arena *arena, struct list *list, struct statement *statement)
{
    struct column *columns = list->elements;
    struct column **sorted = arena_new_array(arena, struct column *, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        sorted[i] = &columns[i];
    qsort(sorted, list->count, sizeof *sorted, by_name);
    for (uint32_t i = 1; i < list->count; i++) {
        if (slice_equal(sorted[i - 1]->name, sorted[i]->name))
            sorted[i - 1]->path.count = 0;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (columns[i].path.count > 0)
            columns[statement->column_count++] = columns[i];
    }
    statement->columns = columns;
}

static error refuse_column(struct cursor *cursor)
{
    if (cursor_at_symbol(cursor, SYMBOL_STAR))
        return cursor_malformed(cursor, "Other expressions may not be present in the select list "
                                        "when '*' is used without dot notation.");
    if (cursor_at_word(cursor, WORD_FROM))
        return cursor_malformed(cursor, "Expected identifier or an expression but found unexpected "
                                        "keyword 'from' in a select list.");
    return cursor_unexpected(cursor, false);
}

static error parse_columns(struct cursor *cursor, struct statement *statement)
{
    if (cursor_at_symbol(cursor, SYMBOL_STAR) &&
        !(cursor->next.kind == LEXEME_SYMBOL && cursor->next.symbol == SYMBOL_COMMA)) {
        cursor_advance(cursor);
        return NULL;
    }
    struct list columns = {0};
    do {
        if (cursor_at_call(cursor)) {
            TRY(pass_call(cursor, statement));
            continue;
        }
        if (!cursor_at_name(cursor))
            return refuse_column(cursor);
        struct column *column = LIST_ADD(cursor->arena, &columns, struct column);
        TRY(cursor_path(cursor, &column->path));
        column->name = column_name(cursor->arena, &column->path);
        TRY(refuse_alias(cursor));
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    set_columns(cursor->arena, &columns, statement);
    return NULL;
}

static error parse_order(struct cursor *cursor, struct statement *statement)
{
    if (!cursor_accept_word(cursor, WORD_ORDER))
        return NULL;
    TRY(cursor_expect_word(cursor, WORD_BY, "Expected BY"));
    struct list keys = {0};
    do {
        if (!cursor_at_name(cursor))
            return cursor_unexpected(cursor, false);
        struct order_key *key = LIST_ADD(cursor->arena, &keys, struct order_key);
        key->attribute = take_name(cursor);
        key->descending = cursor_accept_word(cursor, WORD_DESC);
        if (!key->descending)
            cursor_accept_word(cursor, WORD_ASC);
    } while (cursor_accept(cursor, SYMBOL_COMMA));
    statement->order = keys.elements;
    statement->order_count = keys.count;
    return NULL;
}

/* The language has it, the service has a member of requests instead. */
static error refuse_limit(struct cursor *cursor)
{
    if (!cursor_accept_word(cursor, WORD_LIMIT))
        return NULL;
    if (cursor_at_end(cursor))
        return cursor_unexpected(cursor, false);
    slice position = cursor_position(cursor, &cursor->current);
    return fail(cursor->arena, ERROR_VALIDATION, "Unsupported clause: LIMIT%.*s",
                SLICE_ARGS(position));
}

static error parse_select(struct cursor *cursor, struct statement *statement)
{
    cursor_advance(cursor);
    TRY(parse_columns(cursor, statement));
    TRY(cursor_expect_word(cursor, WORD_FROM, "Expected FROM after SELECT list"));
    TRY(parse_table(cursor, NULL, statement));
    TRY(refuse_alias(cursor));
    TRY(parse_where(cursor, statement));
    TRY(parse_order(cursor, statement));
    return refuse_limit(cursor);
}

static error parse_exists(struct cursor *cursor, struct statement *statement)
{
    cursor_advance(cursor);
    cursor_advance(cursor);
    if (!cursor_at_word(cursor, WORD_SELECT))
        return cursor_unexpected(cursor, false);
    TRY(parse_select(cursor, statement));
    return cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE);
}

/* ---- INSERT, UPDATE, DELETE ---- */

/* What stands where VALUE should, as `(a, b) VALUES (1, 2)` of SQL does, is an expression first. */
static error refuse_source(struct cursor *cursor)
{
    bool is_row = cursor_accept(cursor, SYMBOL_PARENTHESIS_OPEN);
    do {
        slice kind;
        TRY(where_parse_alone(cursor, &kind));
    } while (is_row && cursor_accept(cursor, SYMBOL_COMMA));
    if (is_row)
        TRY(cursor_expect(cursor, SYMBOL_PARENTHESIS_CLOSE));
    return cursor_malformed(cursor, "Unexpected token after expression");
}

static error parse_insert(struct cursor *cursor, struct statement *statement)
{
    cursor_advance(cursor);
    TRY(cursor_expect_word(cursor, WORD_INTO, "Unexpected keyword"));
    const struct lexeme table = cursor->current;
    TRY(parse_table(cursor, "Expected identifier for simple path", statement));
    if (statement->index.size > 0) {
        slice position = cursor_position(cursor, &table);
        return fail(cursor->arena, ERROR_VALIDATION,
                    "FROM clause may only contain a single table name in data manipulation "
                    "statements%.*s",
                    SLICE_ARGS(position));
    }
    if (!cursor_accept_word(cursor, WORD_VALUE))
        return refuse_source(cursor);
    return literal_item(cursor, &statement->item);
}

static error parse_returning(struct cursor *cursor, struct statement *statement)
{
    static const enum returning kinds[2][2] = {
        {RETURNING_ALL_OLD, RETURNING_ALL_NEW},
        {RETURNING_MODIFIED_OLD, RETURNING_MODIFIED_NEW},
    };
    if (!cursor_accept_word(cursor, WORD_RETURNING))
        return NULL;
    bool modified = cursor_at_word(cursor, WORD_MODIFIED);
    bool new = cursor->next.word == WORD_NEW;
    if ((!modified && !cursor_at_word(cursor, WORD_ALL)) || (!new && cursor->next.word != WORD_OLD))
        return cursor_malformed(cursor, "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each "
                                        "returning element.");
    cursor_advance(cursor);
    cursor_advance(cursor);
    statement->returning = kinds[modified][new];
    return cursor_expect(cursor, SYMBOL_STAR);
}

static error parse_changes(struct cursor *cursor, struct statement *statement)
{
    if (!change_at(cursor))
        return cursor_malformed(cursor, "Expected data manipulation");
    return change_parse(cursor, &statement->update);
}

static error parse_update(struct cursor *cursor, struct statement *statement)
{
    cursor_advance(cursor);
    TRY(parse_table(cursor, "Expected identifier for simple path", statement));
    TRY(refuse_alias(cursor));
    TRY(parse_changes(cursor, statement));
    TRY(parse_where(cursor, statement));
    return parse_returning(cursor, statement);
}

/* FROM table WHERE … SET …: the other way to write an UPDATE. */
static error parse_from(struct cursor *cursor, struct statement *statement)
{
    cursor_advance(cursor);
    TRY(parse_table(cursor, NULL, statement));
    TRY(refuse_alias(cursor));
    TRY(parse_where(cursor, statement));
    TRY(parse_changes(cursor, statement));
    return parse_returning(cursor, statement);
}

static const slice RETURNING_NAMES[] = {
    [RETURNING_ALL_OLD] = SLICE("ALL OLD"),
    [RETURNING_MODIFIED_OLD] = SLICE("MODIFIED OLD"),
    [RETURNING_ALL_NEW] = SLICE("ALL NEW"),
    [RETURNING_MODIFIED_NEW] = SLICE("MODIFIED NEW"),
};

static error parse_delete(struct cursor *cursor, struct statement *statement)
{
    cursor_advance(cursor);
    TRY(cursor_expect_word(cursor, WORD_FROM, "Expected FROM after DELETE"));
    TRY(parse_table(cursor, "Expected identifier for simple path", statement));
    TRY(refuse_alias(cursor));
    TRY(parse_where(cursor, statement));
    TRY(parse_returning(cursor, statement));
    if (statement->returning <= RETURNING_ALL_OLD)
        return NULL;
    return fail(
        cursor->arena, ERROR_VALIDATION,
        "Invalid returning clause: RETURNING %.*s *. Only RETURNING ALL OLD * is allowed in "
        "DELETE statements.",
        SLICE_ARGS(RETURNING_NAMES[statement->returning]));
}

/* ---- any of them ---- */

static const struct {
    enum word word;
    bool calls; /* a parenthesis follows */
    enum statement_kind kind;
    error (*parse)(struct cursor *cursor, struct statement *statement);
} STATEMENTS[] = {
    {WORD_SELECT, false, STATEMENT_SELECT, parse_select},
    {WORD_EXISTS, true, STATEMENT_EXISTS, parse_exists},
    {WORD_INSERT, false, STATEMENT_INSERT, parse_insert},
    {WORD_UPDATE, false, STATEMENT_UPDATE, parse_update},
    {WORD_FROM, false, STATEMENT_UPDATE, parse_from},
    {WORD_DELETE, false, STATEMENT_DELETE, parse_delete},
};

static error check_end(struct cursor *cursor)
{
    bool ends = cursor_accept(cursor, SYMBOL_SEMICOLON);
    if (cursor->current.kind != LEXEME_END)
        return cursor_malformed(
            cursor, ends ? "Unexpected token after semicolon. (Only one query is allowed.)"
                         : "Unexpected token after expression");
    if (cursor->parameters_taken < cursor->parameter_count)
        return FAILURE(ERROR_VALIDATION,
                       "Number of parameters in request and statement don't match.");
    return NULL;
}

/*
 * To the language a misspelt statement is an expression. `SLECT * FROM t` multiplies a name by an
 * UPDATE that begins with FROM and changes nothing.
 */
static error refuse_expression(struct cursor *cursor)
{
    slice kind;
    TRY(where_parse_alone(cursor, &kind));
    if (cursor_accept(cursor, SYMBOL_STAR) && cursor_at_word(cursor, WORD_FROM))
        return cursor_malformed(cursor, "Expected data manipulation");
    TRY(check_end(cursor));
    return fail(cursor->arena, ERROR_VALIDATION, "Unsupported operation: %.*s", SLICE_ARGS(kind));
}

static error parse_any(struct cursor *cursor, struct statement *statement)
{
    for (size_t i = 0; i < sizeof STATEMENTS / sizeof *STATEMENTS; i++) {
        if (!cursor_at_word(cursor, STATEMENTS[i].word) ||
            (STATEMENTS[i].calls && !cursor_at_call(cursor)))
            continue;
        statement->kind = STATEMENTS[i].kind;
        return STATEMENTS[i].parse(cursor, statement);
    }
    return refuse_expression(cursor);
}

error statement_parse(struct arena *arena, slice text, const struct value_input *parameters,
                      uint32_t parameter_count, const struct statement **statement)
{
    struct cursor cursor;
    struct statement *made = arena_new(arena, struct statement);
    TRY(cursor_init(&cursor, arena, text, parameters, parameter_count));
    TRY(parse_any(&cursor, made));
    TRY(check_end(&cursor));
    *statement = made;
    return NULL;
}

slice statement_project(const struct statement *statement, slice item, struct arena *arena)
{
    if (statement->column_count == 0 || !item_exists(item))
        return item;
    slice *names = arena_new_array(arena, slice, statement->column_count);
    slice *values = arena_new_array(arena, slice, statement->column_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < statement->column_count; i++) {
        names[count] = statement->columns[i].name;
        if (path_find(&statement->columns[i].path, item, &values[count]))
            count++;
    }
    return item_make(arena, names, values, count);
}

slice statement_table(struct arena *arena, slice text)
{
    struct cursor cursor;
    if (cursor_init(&cursor, arena, text, NULL, 0))
        return SLICE_NONE;
    while (!cursor_at_word(&cursor, WORD_FROM) && !cursor_at_word(&cursor, WORD_INTO) &&
           !cursor_at_word(&cursor, WORD_UPDATE)) {
        if (cursor.current.kind == LEXEME_END)
            return SLICE_NONE;
        cursor_advance(&cursor);
    }
    cursor_advance(&cursor);
    return cursor_at_name(&cursor) ? cursor_content(&cursor, &cursor.current) : SLICE_NONE;
}
