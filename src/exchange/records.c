#include "exchange/records.h"

#include "base/assert.h"

enum { BUFFER_BYTES_FIRST = 256 * 1024 };

enum state {
    PLAIN,
    IN_STRING,      /* "…" */
    IN_SYMBOL,      /* '…' of Ion */
    IN_LONG_STRING, /* three quotes of Ion */
    IN_LOB,         /* {{…}} of Ion */
    IN_LOB_STRING,
    IN_LINE_COMMENT,
    IN_COMMENT,
};

/* How far the end of a record has been looked for. */
struct splitter {
    enum state state;
    uint32_t depth;
    size_t at; /* in the buffer: looked at so far */
};

struct records {
    struct arena *arena;
    struct source *source;
    slice name;
    enum exchange_format format;
    struct splitter splitter;
    bool at_end;
    uint64_t line;        /* the last record begins in */
    uint64_t lines_begun; /* up to its end */
    uint64_t bytes;
    size_t begin, end; /* of what is left in the buffer */
    size_t capacity;
    char *buffer;
};

struct records *records_open(struct arena *arena, struct source *source, slice name,
                             enum exchange_format format)
{
    struct records *records = arena_new(arena, struct records);
    records->arena = arena;
    records->source = source;
    records->name = name;
    records->format = format;
    records->lines_begun = 1;
    records->capacity = BUFFER_BYTES_FIRST;
    records->buffer = arena_alloc_bytes(arena, records->capacity);
    return records;
}

/* ---- where a record ends: true behind its last byte ---- */

static bool split_csv(struct splitter *splitter, const char *bytes, size_t size)
{
    while (splitter->at < size) {
        char byte = bytes[splitter->at++];
        if (byte == '"')
            splitter->state = splitter->state == PLAIN ? IN_STRING : PLAIN;
        else if (byte == '\n' && splitter->state == PLAIN)
            return true;
    }
    return false;
}

/* A line ends a record whatever it is in the middle of: an item has no line to itself else. */
static bool split_json(struct splitter *splitter, const char *bytes, size_t size)
{
    while (splitter->at < size) {
        char byte = bytes[splitter->at];
        if (splitter->state == IN_STRING && byte == '\\') {
            if (splitter->at + 1 == size)
                return false;
            splitter->at += 2;
            continue;
        }
        splitter->at++;
        if (byte == '\n')
            return true;
        if (byte == '"')
            splitter->state = splitter->state == PLAIN ? IN_STRING : PLAIN;
        if (splitter->state != PLAIN)
            continue;
        if (byte == '{')
            splitter->depth++;
        else if (byte == '}' && (splitter->depth == 0 || --splitter->depth == 0))
            return true;
    }
    return false;
}

/* One token of Ion as far as it decides what is a brace; 0: it takes more bytes to tell. */
static size_t step_ion(struct splitter *splitter, slice rest, bool at_end, bool *ends)
{
    static const struct {
        enum state in;
        slice text;
        enum state then;
    } steps[] = {
        {PLAIN, SLICE("\""), IN_STRING},       {PLAIN, SLICE("'''"), IN_LONG_STRING},
        {PLAIN, SLICE("'"), IN_SYMBOL},        {PLAIN, SLICE("{{"), IN_LOB},
        {PLAIN, SLICE("//"), IN_LINE_COMMENT}, {PLAIN, SLICE("/*"), IN_COMMENT},
        {IN_STRING, SLICE("\""), PLAIN},       {IN_SYMBOL, SLICE("'"), PLAIN},
        {IN_LONG_STRING, SLICE("'''"), PLAIN}, {IN_LOB, SLICE("}}"), PLAIN},
        {IN_LOB, SLICE("\""), IN_LOB_STRING},  {IN_LOB_STRING, SLICE("\""), IN_LOB},
        {IN_LINE_COMMENT, SLICE("\n"), PLAIN}, {IN_COMMENT, SLICE("*/"), PLAIN},
    };
    enum { LOOKAHEAD = 3 };
    if (rest.size < LOOKAHEAD && !at_end)
        return 0;
    bool escapes = splitter->state == IN_STRING || splitter->state == IN_SYMBOL ||
                   splitter->state == IN_LONG_STRING || splitter->state == IN_LOB_STRING;
    if (escapes && rest.data[0] == '\\')
        return rest.size > 1 ? 2 : 1;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].in != splitter->state || !slice_begins_with(rest, steps[i].text))
            continue;
        splitter->state = steps[i].then;
        return steps[i].text.size;
    }
    if (splitter->state == PLAIN && rest.data[0] == '{')
        splitter->depth++;
    else if (splitter->state == PLAIN && rest.data[0] == '}')
        *ends = splitter->depth == 0 || --splitter->depth == 0;
    return 1;
}

static bool split_ion(struct splitter *splitter, const char *bytes, size_t size, bool at_end)
{
    bool ends = false;
    while (splitter->at < size && !ends) {
        slice rest = slice_of(bytes + splitter->at, size - splitter->at);
        size_t step = step_ion(splitter, rest, at_end, &ends);
        if (step == 0)
            return false;
        splitter->at += step;
    }
    return ends;
}

static bool split(struct records *records)
{
    struct splitter *splitter = &records->splitter;
    switch (records->format) {
    case EXCHANGE_CSV:
        return split_csv(splitter, records->buffer, records->end);
    case EXCHANGE_ION:
        return split_ion(splitter, records->buffer, records->end, records->at_end);
    case EXCHANGE_DYNAMODB_JSON:
    case EXCHANGE_FORMAT_COUNT:
        break;
    }
    return split_json(splitter, records->buffer, records->end);
}

/* ---- the buffer ---- */

/* Room behind what is there: from the front, or twice as much. */
static void make_room(struct records *records)
{
    size_t left = records->end - records->begin;
    char *to = records->buffer;
    if (left > records->capacity / 2) {
        records->capacity *= 2;
        to = arena_alloc_bytes(records->arena, records->capacity);
    }
    memmove(to, records->buffer + records->begin, left);
    records->buffer = to;
    records->splitter.at -= records->begin;
    records->begin = 0;
    records->end = left;
}

static error read_more(struct records *records, struct arena *arena)
{
    size_t got;
    if (records->end - records->begin >= RECORD_BYTES_MAX)
        return fail(arena, ERROR_CORRUPT,
                    "%.*s: line %llu: what begins here goes on for more than %d bytes",
                    SLICE_ARGS(records->name), (unsigned long long)records->lines_begun,
                    RECORD_BYTES_MAX);
    if (records->end == records->capacity)
        make_room(records);
    TRY(source_read(records->source, arena, records->buffer + records->end,
                    records->capacity - records->end, &got));
    records->end += got;
    records->at_end = got == 0;
    return NULL;
}

static uint64_t count_lines(slice text)
{
    uint64_t count = 0;
    const char *end = text.data + text.size;
    for (const char *at = text.data; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        count++;
    return count;
}

static size_t count_blanks(slice text)
{
    size_t count = 0;
    while (count < text.size && strchr(" \t\r\n", text.data[count]) && text.data[count] != 0)
        count++;
    return count;
}

error records_next(struct records *records, struct arena *arena, slice *record)
{
    records->splitter = (struct splitter){.at = records->begin};
    while (!split(records) && !records->at_end)
        TRY(read_more(records, arena));
    size_t end = records->at_end && records->splitter.at < records->end ? records->end
                                                                        : records->splitter.at;
    assert_that(end <= records->end);
    *record = slice_of(records->buffer + records->begin, end - records->begin);
    slice blanks = slice_first(*record, count_blanks(*record));
    records->line = records->lines_begun + count_lines(blanks);
    records->lines_begun += count_lines(*record);
    records->bytes += record->size;
    records->begin = end;
    return NULL;
}

uint64_t records_line(const struct records *records)
{
    return records->line;
}

uint64_t records_bytes(const struct records *records)
{
    return records->bytes;
}
