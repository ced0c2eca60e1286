#include "partiql/lexer.h"
#include <stdlib.h>
#include <strings.h>

static const struct {
    slice text;
    enum word word;
} WORDS[] = {
#define WORD_ROW(name) {SLICE(#name), WORD_##name},
    WORD_LIST(WORD_ROW)
#undef WORD_ROW
};

enum { RESERVED_SIZE = 24 }; /* no reserved word is longer, with its end */

/* In order. */
static const char RESERVED[][RESERVED_SIZE] = {
    "absolute", "action", "add", "all", "allocate", "alter", "and", "any", "are", "as", "asc",
    "assertion", "at", "authorization", "avg", "bag", "begin", "between", "bigint", "bit",
    "bit_length", "blob", "bool", "boolean", "by", "can_cast", "can_lossless_cast", "cascade",
    "cascaded", "case", "cast", "catalog", "char", "char_length", "character", "character_length",
    "check", "clob", "close", "coalesce", "collate", "collation", "column", "commit", "conflict",
    "connect", "connection", "constraint", "constraints", "continue", "convert", "corresponding",
    "count", "create", "cross", "current", "current_date", "current_time", "current_timestamp",
    "current_user", "cursor", "date", "date_add", "date_diff", "deallocate", "dec", "decimal",
    "declare", "default", "deferrable", "deferred", "delete", "desc", "describe", "descriptor",
    "diagnostics", "disconnect", "distinct", "do", "domain", "double", "drop", "else", "end",
    "escape", "except", "exception", "exec", "execute", "exists", "external", "extract", "false",
    "fetch", "first", "float", "for", "foreign", "found", "from", "full", "get", "global", "go",
    "goto", "grant", "group", "having", "identity", "immediate", "in", "index", "indicator",
    "initially", "inner", "input", "insensitive", "insert", "int", "int2", "int4", "int8",
    "integer", "integer2", "integer4", "integer8", "intersect", "interval", "into", "is",
    "isolation", "join", "key", "language", "last", "left", "let", "level", "like", "limit", "list",
    "local", "lower", "match", "max", "min", "missing", "modified", "module", "names", "national",
    "natural", "nchar", "new", "next", "no", "not", "nothing", "null", "nullif", "numeric",
    "octet_length", "of", "offset", "old", "on", "only", "open", "option", "or", "order", "outer",
    "output", "overlaps", "pad", "partial", "pivot", "position", "precision", "prepare", "preserve",
    "primary", "prior", "privileges", "procedure", "public", "read", "real", "references",
    "relative", "remove", "restrict", "returning", "revoke", "right", "rollback", "rows", "schema",
    "scroll", "section", "select", "session", "session_user", "set", "sexp", "size", "smallint",
    "some", "space", "sql", "sqlcode", "sqlerror", "sqlstate", "string", "struct", "substring",
    "sum", "symbol", "system_user", "table", "temporary", "then", "time", "timestamp", "to",
    "transaction", "translate", "translation", "trim", "true", "tuple", "union", "unique",
    "unknown", "unpivot", "update", "upper", "usage", "user", "using", "value", "values", "varchar",
    "varying", "view", "when", "whenever", "where", "with", "work", "write", "zone",
};

/* Of those, the ones that name functions when a parenthesis follows. */
static const char FUNCTIONS[][RESERVED_SIZE] = {
    "avg", "bag", "bit_length", "char_length", "character_length", "count", "exists", "list",
    "lower", "max", "min", "octet_length", "sexp", "size", "substring", "sum", "upper",
};

/* Longer spellings first. */
static const struct {
    slice text;
    enum symbol symbol;
} SYMBOLS[] = {
    {SLICE("<<"), SYMBOL_BAG_OPEN},
    {SLICE(">>"), SYMBOL_BAG_CLOSE},
    {SLICE("<>"), SYMBOL_NOT_EQUAL},
    {SLICE("!="), SYMBOL_NOT_EQUAL},
    {SLICE("<="), SYMBOL_LESS_OR_EQUAL},
    {SLICE(">="), SYMBOL_GREATER_OR_EQUAL},
    {SLICE("||"), SYMBOL_OTHER},
    {SLICE("="), SYMBOL_EQUAL},
    {SLICE("<"), SYMBOL_LESS},
    {SLICE(">"), SYMBOL_GREATER},
    {SLICE("("), SYMBOL_PARENTHESIS_OPEN},
    {SLICE(")"), SYMBOL_PARENTHESIS_CLOSE},
    {SLICE("["), SYMBOL_BRACKET_OPEN},
    {SLICE("]"), SYMBOL_BRACKET_CLOSE},
    {SLICE("{"), SYMBOL_BRACE_OPEN},
    {SLICE("}"), SYMBOL_BRACE_CLOSE},
    {SLICE(","), SYMBOL_COMMA},
    {SLICE("."), SYMBOL_DOT},
    {SLICE(":"), SYMBOL_COLON},
    {SLICE(";"), SYMBOL_SEMICOLON},
    {SLICE("?"), SYMBOL_PARAMETER},
    {SLICE("*"), SYMBOL_STAR},
    {SLICE("+"), SYMBOL_PLUS},
    {SLICE("-"), SYMBOL_MINUS},
    {SLICE("/"), SYMBOL_OTHER},
    {SLICE("%"), SYMBOL_OTHER},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool continues_word(char c)
{
    return begins_word(c) || is_digit(c);
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static uint32_t count_characters(slice text)
{
    uint32_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += begins_character(text.data[i]);
    return count;
}

uint32_t lexeme_characters(const struct lexeme *lexeme)
{
    return count_characters(lexeme->text);
}

static char at(slice text, size_t offset)
{
    return offset < text.size ? text.data[offset] : '\0';
}

static size_t run_of(slice text, size_t from, bool (*belongs)(char))
{
    size_t end = from;
    while (end < text.size && belongs(text.data[end]))
        end++;
    return end - from;
}

/* Of blanks or a comment at the front; 0: neither. A block without its end is no comment. */
static size_t blank_size(slice rest)
{
    size_t size = run_of(rest, 0, is_blank);
    if (size > 0)
        return size;
    if (slice_begins_with(rest, SLICE("--"))) {
        const char *end = memchr(rest.data, '\n', rest.size);
        return end ? (size_t)(end - rest.data) : rest.size;
    }
    if (!slice_begins_with(rest, SLICE("/*")))
        return 0;
    const char *end = memmem(rest.data + 2, rest.size - 2, "*/", 2);
    return end ? (size_t)(end - rest.data) + 2 : 0;
}

static void move(struct lexeme_place *place, slice passed)
{
    for (size_t i = 0; i < passed.size; i++) {
        place->column += begins_character(passed.data[i]);
        if (passed.data[i] == '\n') {
            place->line++;
            place->column = 1;
        }
    }
    place->offset += passed.size;
}

/* A quote within is doubled. 0: it has no end. */
static size_t quoted_size(slice rest)
{
    char quote = rest.data[0];
    for (size_t i = 1; i < rest.size; i++) {
        if (rest.data[i] != quote)
            continue;
        if (at(rest, i + 1) != quote)
            return i + 1;
        i++;
    }
    return 0;
}

/*
 * Digits, a fraction and an exponent of 32 bits, whose scale fits as well. 0: it is none. A word may
 * follow at once.
 */
static size_t number_size(slice rest)
{
    size_t size = run_of(rest, 0, is_digit);
    int64_t fraction = 0;
    if (at(rest, size) == '.') {
        fraction = (int64_t)run_of(rest, size + 1, is_digit);
        size += 1 + (size_t)fraction;
    }
    if (at(rest, size) == 'e' || at(rest, size) == 'E') {
        size_t sign = at(rest, size + 1) == '+' || at(rest, size + 1) == '-';
        bool negative = at(rest, size + 1) == '-';
        size_t digits = run_of(rest, size + 1 + sign, is_digit);
        int64_t exponent = 0;
        for (size_t i = 0; i < digits && exponent <= INT32_MAX; i++)
            exponent = exponent * 10 + (rest.data[size + 1 + sign + i] - '0');
        exponent = negative ? -exponent : exponent;
        if (digits == 0 || exponent > INT32_MAX || exponent < INT32_MIN ||
            fraction - exponent > INT32_MAX)
            return 0;
        size += 1 + sign + digits;
    }
    return size;
}

static struct lexeme make(enum lexeme_kind kind, slice rest, size_t size)
{
    if (size == 0 && kind != LEXEME_END)
        return (struct lexeme){.kind = LEXEME_INVALID, .text = slice_first(rest, 1)};
    return (struct lexeme){.kind = kind, .text = slice_first(rest, size)};
}

static int by_text(const void *word, const void *entry)
{
    return strcasecmp(word, entry);
}

static bool is_one_of(slice text, const char (*words)[RESERVED_SIZE], size_t count)
{
    char word[RESERVED_SIZE] = {0};
    if (text.size >= sizeof word)
        return false;
    memcpy(word, text.data, text.size);
    return bsearch(word, words, count, sizeof *words, by_text) != NULL;
}

bool lexeme_names_function(const struct lexeme *lexeme)
{
    return lexeme->kind == LEXEME_KEYWORD &&
           is_one_of(lexeme->text, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
}

static struct lexeme read_word(slice rest)
{
    struct lexeme lexeme = make(LEXEME_NAME, rest, run_of(rest, 0, continues_word));
    if (!is_one_of(lexeme.text, RESERVED, sizeof RESERVED / sizeof *RESERVED))
        return lexeme;
    lexeme.kind = LEXEME_KEYWORD;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (slice_equal_ignoring_case(lexeme.text, WORDS[i].text))
            lexeme.word = WORDS[i].word;
    }
    return lexeme;
}

static struct lexeme read_symbol(slice rest)
{
    for (size_t i = 0; i < sizeof SYMBOLS / sizeof *SYMBOLS; i++) {
        if (!slice_begins_with(rest, SYMBOLS[i].text))
            continue;
        struct lexeme lexeme = make(LEXEME_SYMBOL, rest, SYMBOLS[i].text.size);
        lexeme.symbol = SYMBOLS[i].symbol;
        return lexeme;
    }
    return make(LEXEME_INVALID, rest, 0);
}

static struct lexeme read_lexeme(slice rest)
{
    if (rest.size == 0)
        return make(LEXEME_END, rest, 0);
    char first = rest.data[0];
    if (begins_word(first))
        return read_word(rest);
    if (is_digit(first) || (first == '.' && is_digit(at(rest, 1))))
        return make(LEXEME_NUMBER, rest, number_size(rest));
    if (first == '\'')
        return make(LEXEME_STRING, rest, quoted_size(rest));
    if (first == '"')
        return make(LEXEME_QUOTED, rest, quoted_size(rest));
    if (slice_begins_with(rest, SLICE("/*")))
        return make(LEXEME_INVALID, rest, 0);
    return read_symbol(rest);
}

struct lexeme lexeme_next(slice text, struct lexeme_place *place)
{
    size_t blank;
    while ((blank = blank_size(slice_from(text, place->offset))) > 0)
        move(place, slice_first(slice_from(text, place->offset), blank));
    struct lexeme lexeme = read_lexeme(slice_from(text, place->offset));
    lexeme.line = place->line;
    lexeme.column = place->column;
    move(place, lexeme.text);
    return lexeme;
}
