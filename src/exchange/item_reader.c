#include "exchange/item_reader.h"

#include "exchange/ion_read.h"
#include "json/reader.h"
#include "json/utf8.h"

struct item_reader {
    struct arena *arena; /* of the reader */
    slice name;
    const struct item_reader_options *options;
    struct records *records;
    const slice *header;
    uint32_t header_count;
};

struct item_reader *item_reader_open(struct arena *arena, int descriptor, slice name,
                                     const struct item_reader_options *options)
{
    struct item_reader *reader = arena_new(arena, struct item_reader);
    struct source *source = source_open(arena, descriptor, name, options->compression);
    *reader = (struct item_reader){.arena = arena,
                                   .name = name,
                                   .options = options,
                                   .records = records_open(arena, source, name, options->format),
                                   .header = options->header,
                                   .header_count = options->header_count};
    return reader;
}

static bool is_blank(slice record)
{
    for (size_t i = 0; i < record.size; i++) {
        if (record.data[i] == 0 || !strchr(" \t\r\n", record.data[i]))
            return false;
    }
    return true;
}

/* ---- DynamoDB JSON ---- */

static error read_json(struct arena *arena, slice record, slice *json)
{
    struct json_reader reader;
    slice name;
    *json = SLICE_NONE;
    if (!json_check(record))
        return FAILURE(ERROR_CORRUPT, "it is not JSON");
    json_reader_init(&reader, arena, record);
    if (json_peek(&reader) == JSON_OBJECT) {
        json_object_begin(&reader);
        while (json_object_next(&reader, &name)) {
            bool is_item = slice_equal(name, SLICE("Item")) && json_peek(&reader) == JSON_OBJECT;
            slice value = json_raw(&reader);
            if (is_item)
                *json = value;
        }
    }
    return json->size > 0 ? NULL : FAILURE(ERROR_CORRUPT, "it has no object Item");
}

/* ---- CSV ---- */

static error check_header(const slice *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(names[i], names[j]))
                return FAILURE(ERROR_CORRUPT, "two columns have one name");
        }
    }
    return NULL;
}

/* Unlike a record, a header is compared with itself: that many columns are no table's. */
static error keep_header(struct item_reader *reader, const struct csv_field *fields, uint32_t count)
{
    enum { COLUMNS_MAX = 4096 };
    if (count > COLUMNS_MAX)
        return FAILURE(ERROR_CORRUPT, "the header has more than 4096 columns");
    slice *names = arena_new_array(reader->arena, slice, count);
    for (uint32_t i = 0; i < count; i++)
        names[i] = arena_copy(reader->arena, fields[i].text);
    TRY(check_header(names, count));
    reader->header = names;
    reader->header_count = count;
    return NULL;
}

static error read_csv(struct item_reader *reader, struct arena *arena, slice record, slice *json)
{
    const struct item_reader_options *options = reader->options;
    const struct csv_field *fields;
    struct json_writer writer;
    uint32_t count;
    *json = SLICE_NONE;
    if (!utf8_check(record))
        return FAILURE(ERROR_CORRUPT, "it is not UTF-8");
    TRY(csv_parse(arena, record, options->delimiter, &fields, &count));
    if (reader->header_count == 0)
        return keep_header(reader, fields, count);
    if (count != reader->header_count)
        return fail(arena, ERROR_CORRUPT, "it has %u columns, and the header has %u", count,
                    reader->header_count);
    json_writer_init(&writer, arena);
    csv_write_item(&writer, reader->header, fields, count, options->keys, options->key_count);
    *json = json_writer_text(&writer);
    return NULL;
}

/* ---- Ion ---- */

static error read_ion(struct arena *arena, slice record, slice *json)
{
    struct json_writer writer;
    bool found;
    json_writer_init(&writer, arena);
    TRY(ion_read_item(&writer, arena, record, &found));
    *json = found ? json_writer_text(&writer) : SLICE_NONE;
    return NULL;
}

/* ---- any ---- */

static error read_record(struct item_reader *reader, struct arena *arena, slice record, slice *json)
{
    switch (reader->options->format) {
    case EXCHANGE_CSV:
        return read_csv(reader, arena, record, json);
    case EXCHANGE_ION:
        return read_ion(arena, record, json);
    case EXCHANGE_DYNAMODB_JSON:
    case EXCHANGE_FORMAT_COUNT:
        break;
    }
    return read_json(arena, record, json);
}

error item_reader_next(struct item_reader *reader, struct arena *arena, slice *json)
{
    slice record;
    *json = SLICE_NONE;
    do {
        TRY(records_next(reader->records, arena, &record));
        if (is_blank(record))
            continue;
        error failure = read_record(reader, arena, record, json);
        if (failure)
            return fail(arena, ERROR_CORRUPT, "%.*s: line %llu: %.*s", SLICE_ARGS(reader->name),
                        (unsigned long long)records_line(reader->records),
                        SLICE_ARGS(failure->message));
    } while (json->size == 0 && record.size > 0);
    return NULL;
}

uint64_t item_reader_line(const struct item_reader *reader)
{
    return records_line(reader->records);
}

uint64_t item_reader_bytes(const struct item_reader *reader)
{
    return records_bytes(reader->records);
}
