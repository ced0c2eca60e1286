#include "exchange/ion_read.h"

#include "exchange/ion_tokens.h"
#include "json/utf8.h"

struct parser {
    struct ion_tokens text;
    struct json_writer *out;
    uint32_t levels;
};

static error write_value(struct parser *parser);

static error not_known(void)
{
    return FAILURE(ERROR_CORRUPT, "it has a value that stands for no attribute");
}

/* ---- scalars ---- */

static void begin_value(struct parser *parser, slice type)
{
    json_write_object_begin(parser->out);
    json_write_name(parser->out, type);
}

static error write_string(struct parser *parser)
{
    slice text;
    TRY(ion_read_string(&parser->text, &text));
    json_write_string(parser->out, text);
    return NULL;
}

static error write_number(struct parser *parser)
{
    slice number;
    TRY(ion_read_number(&parser->text, &number));
    json_write_string(parser->out, number);
    return NULL;
}

static error write_blob(struct parser *parser)
{
    slice base64;
    TRY(ion_read_blob(&parser->text, &base64));
    json_write_string(parser->out, base64);
    return NULL;
}

/* null, true, false; anything else that has no quotes is a symbol. */
static error write_word(struct parser *parser)
{
    slice word;
    TRY(ion_read_word(&parser->text, &word));
    bool is_null = slice_equal(word, SLICE("null")) || slice_equal(word, SLICE("null.null"));
    bool is_true = slice_equal(word, SLICE("true"));
    if (!is_null && !is_true && !slice_equal(word, SLICE("false")))
        return not_known();
    begin_value(parser, is_null ? SLICE("NULL") : SLICE("BOOL"));
    json_write_bool(parser->out, is_null || is_true);
    json_write_object_end(parser->out);
    return NULL;
}

/* ---- containers ---- */

static error enter(struct parser *parser)
{
    if (++parser->levels > ION_LEVELS_MAX)
        return FAILURE(ERROR_CORRUPT, "it is nested too deeply");
    return NULL;
}

typedef error write_element(struct parser *parser);

/* From the opening bracket; a comma may stand behind the last element. */
static error write_elements(struct parser *parser, write_element *element)
{
    TRY(enter(parser));
    TRY(ion_expect(&parser->text, '['));
    json_write_array_begin(parser->out);
    while (!ion_take(&parser->text, ']')) {
        TRY(element(parser));
        if (!ion_take(&parser->text, ',') && !ion_sees(&parser->text, ']'))
            return FAILURE(ERROR_CORRUPT, "a list has no comma between two elements");
    }
    json_write_array_end(parser->out);
    parser->levels--;
    return NULL;
}

static error write_members(struct parser *parser)
{
    slice name;
    TRY(enter(parser));
    TRY(ion_expect(&parser->text, '{'));
    json_write_object_begin(parser->out);
    while (!ion_take(&parser->text, '}')) {
        TRY(ion_read_name(&parser->text, &name));
        json_write_name(parser->out, name);
        TRY(write_value(parser));
        if (!ion_take(&parser->text, ',') && !ion_sees(&parser->text, '}'))
            return FAILURE(ERROR_CORRUPT, "a struct has no comma between two fields");
    }
    json_write_object_end(parser->out);
    parser->levels--;
    return NULL;
}

static error write_set(struct parser *parser, slice annotation)
{
    static const struct {
        slice annotation, type;
        write_element *element;
    } sets[] = {
        {SLICE("$dynamodb_SS"), SLICE("SS"), write_string},
        {SLICE("$dynamodb_NS"), SLICE("NS"), write_number},
        {SLICE("$dynamodb_BS"), SLICE("BS"), write_blob},
    };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (!slice_equal(sets[i].annotation, annotation))
            continue;
        begin_value(parser, sets[i].type);
        TRY(write_elements(parser, sets[i].element));
        json_write_object_end(parser->out);
        return NULL;
    }
    return FAILURE(ERROR_CORRUPT, "it has an annotation that is none of the sets'");
}

static error write_value(struct parser *parser)
{
    static const struct {
        enum ion_kind kind;
        slice type;
        error (*write)(struct parser *parser);
    } kinds[] = {
        {ION_STRING, SLICE("S"), write_string},
        {ION_NUMBER, SLICE("N"), write_number},
        {ION_BLOB, SLICE("B"), write_blob},
        {ION_STRUCT, SLICE("M"), write_members},
    };
    slice annotation;
    TRY(ion_read_annotation(&parser->text, &annotation));
    if (annotation.size > 0)
        return write_set(parser, annotation);
    enum ion_kind kind = ion_peek(&parser->text);
    if (kind == ION_WORD)
        return write_word(parser);
    if (kind == ION_LIST) {
        begin_value(parser, SLICE("L"));
        TRY(write_elements(parser, write_value));
        json_write_object_end(parser->out);
        return NULL;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind != kind)
            continue;
        begin_value(parser, kinds[i].type);
        TRY(kinds[i].write(parser));
        json_write_object_end(parser->out);
        return NULL;
    }
    return not_known();
}

/* ---- a record ---- */

error ion_read_item(struct json_writer *out, struct arena *arena, slice record, bool *found)
{
    slice name;
    struct parser parser = {.text = {record.data, record.data + record.size, arena}, .out = out};
    *found = false;
    if (!utf8_check(record))
        return FAILURE(ERROR_CORRUPT, "it is not UTF-8");
    ion_skip_version_markers(&parser.text);
    if (ion_peek(&parser.text) == ION_END)
        return NULL;
    *found = true;
    if (ion_peek(&parser.text) != ION_STRUCT)
        return FAILURE(ERROR_CORRUPT, "it is no struct with a field Item");
    TRY(ion_expect(&parser.text, '{'));
    TRY(ion_read_name(&parser.text, &name));
    if (!slice_equal(name, SLICE("Item")) || ion_peek(&parser.text) != ION_STRUCT)
        return FAILURE(ERROR_CORRUPT, "it has no struct Item");
    TRY(write_members(&parser));
    ion_take(&parser.text, ',');
    TRY(ion_expect(&parser.text, '}'));
    if (ion_peek(&parser.text) != ION_END)
        return FAILURE(ERROR_CORRUPT, "something follows the struct");
    return NULL;
}
