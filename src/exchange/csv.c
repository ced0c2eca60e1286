#include "exchange/csv.h"

struct fields {
    struct arena *arena;
    struct csv_field *list;
    uint32_t count;
    uint32_t capacity;
};

static error add_field(struct fields *fields, slice text, bool is_quoted)
{
    if (fields->count == CSV_FIELDS_MAX)
        return FAILURE(ERROR_CORRUPT, "it has more than 65536 columns");
    if (fields->count == fields->capacity) {
        fields->capacity = fields->capacity ? 2 * fields->capacity : 32;
        struct csv_field *grown =
            arena_new_array(fields->arena, struct csv_field, fields->capacity);
        if (fields->count > 0)
            memcpy(grown, fields->list, fields->count * sizeof *grown);
        fields->list = grown;
    }
    fields->list[fields->count++] = (struct csv_field){text, is_quoted};
    return NULL;
}

static slice without_line_end(slice record)
{
    if (record.size > 0 && record.data[record.size - 1] == '\n')
        record.size--;
    if (record.size > 0 && record.data[record.size - 1] == '\r')
        record.size--;
    return record;
}

/* From behind the opening quote; `*at` ends up behind the closing one. */
static error parse_quoted(struct arena *arena, slice record, size_t *at, slice *text)
{
    struct buffer content;
    buffer_init(&content, arena);
    for (;;) {
        const char *from = record.data + *at;
        const char *quote = memchr(from, '"', record.size - *at);
        if (!quote)
            return FAILURE(ERROR_CORRUPT, "a field in quotes has no end");
        buffer_append(&content, slice_of(from, (size_t)(quote - from)));
        *at += (size_t)(quote - from) + 1;
        if (*at == record.size || record.data[*at] != '"')
            break;
        buffer_append_byte(&content, '"');
        ++*at;
    }
    *text = buffer_slice(&content);
    return NULL;
}

static error parse_plain(slice record, char delimiter, size_t *at, slice *text)
{
    size_t begin = *at;
    while (*at < record.size && record.data[*at] != delimiter) {
        if (record.data[*at] == '"')
            return FAILURE(ERROR_CORRUPT, "a quote stands in a field without quotes around it: a "
                                          "quote is written as two in a field in quotes");
        ++*at;
    }
    *text = slice_of(record.data + begin, *at - begin);
    return NULL;
}

error csv_parse(struct arena *arena, slice record, char delimiter, const struct csv_field **fields,
                uint32_t *count)
{
    struct fields list = {.arena = arena};
    size_t at = 0;
    bool more = true;
    record = without_line_end(record);
    while (more) {
        slice text;
        bool is_quoted = at < record.size && record.data[at] == '"';
        at += is_quoted;
        TRY(is_quoted ? parse_quoted(arena, record, &at, &text)
                      : parse_plain(record, delimiter, &at, &text));
        more = at < record.size;
        if (more && record.data[at] != delimiter)
            return FAILURE(ERROR_CORRUPT, "text follows a field in quotes");
        at += more;
        TRY(add_field(&list, text, is_quoted));
    }
    *fields = list.list;
    *count = list.count;
    return NULL;
}

static slice type_of(slice name, const struct csv_key *keys, uint32_t key_count)
{
    for (uint32_t i = 0; i < key_count; i++) {
        if (slice_equal(keys[i].name, name))
            return keys[i].type;
    }
    return SLICE("S");
}

void csv_write_item(struct json_writer *out, const slice *header, const struct csv_field *fields,
                    uint32_t count, const struct csv_key *keys, uint32_t key_count)
{
    json_write_object_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i].text.size == 0 && !fields[i].is_quoted)
            continue;
        json_write_name(out, header[i]);
        json_write_object_begin(out);
        json_write_name(out, type_of(header[i], keys, key_count));
        json_write_string(out, fields[i].text);
        json_write_object_end(out);
    }
    json_write_object_end(out);
}
