#include "tests/unit/item/random_item.h"

#include "item/item.h"

enum { TEXT_BYTES_MAX = 40, MEMBERS_MAX = 6, LEVELS_MAX = 5 };

static slice random_bytes(struct arena *arena, struct random *random)
{
    size_t size = random_below(random, TEXT_BYTES_MAX);
    char *bytes = arena_alloc_bytes(arena, size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)random_next(random);
    return slice_of(bytes, size);
}

static slice random_text(struct arena *arena, struct random *random)
{
    static const slice pieces[] = {SLICE("a"),        SLICE("B"),  SLICE("0"),
                                   SLICE("\""),       SLICE("\\"), SLICE("\n"),
                                   SLICE("\xC3\xA9"), SLICE(" "),  SLICE("\xF0\x9D\x84\x9E"),
                                   SLICE("\x01"),     SLICE("\0"), SLICE("\xE2\x82\xAC")};
    struct buffer text;
    buffer_init(&text, arena);
    for (uint64_t left = random_below(random, TEXT_BYTES_MAX); left > 0; left--)
        buffer_append(&text, pieces[random_below(random, sizeof pieces / sizeof pieces[0])]);
    return buffer_slice(&text);
}

static slice random_number_text(struct arena *arena, struct random *random)
{
    struct buffer text;
    buffer_init(&text, arena);
    if (random_below(random, 2))
        buffer_append_byte(&text, '-');
    for (uint64_t left = 1 + random_below(random, 30); left > 0; left--)
        buffer_append_byte(&text, (char)('0' + random_below(random, 10)));
    int exponent = (int)random_below(random, 200) - 110;
    buffer_append(&text, arena_format(arena, "e%d", exponent));
    return buffer_slice(&text);
}

/* `distinct` keeps members of a set apart. */
static void write_scalar(struct json_writer *writer, struct random *random, enum value_type type,
                         uint64_t distinct)
{
    struct arena *arena = writer->buffer.arena;
    if (type == VALUE_N)
        json_write_string(writer, distinct ? arena_format(arena, "%d", (int)distinct)
                                           : random_number_text(arena, random));
    else if (type == VALUE_S)
        json_write_string(writer, distinct ? arena_format(arena, "%d x", (int)distinct)
                                           : random_text(arena, random));
    else
        json_write_base64(writer, distinct ? arena_format(arena, "%d x", (int)distinct)
                                           : random_bytes(arena, random));
}

static void write_value(struct json_writer *writer, struct random *random, unsigned level);

static void write_object(struct json_writer *writer, struct random *random, unsigned level)
{
    json_write_object_begin(writer);
    for (uint64_t left = random_below(random, MEMBERS_MAX); left > 0; left--) {
        slice prefix = random_text(writer->buffer.arena, random);
        json_write_name(writer, arena_format(writer->buffer.arena, "%d%.*s",
                                             (int)random_below(random, 1000), SLICE_ARGS(prefix)));
        write_value(writer, random, level);
    }
    json_write_object_end(writer);
}

static void write_set(struct json_writer *writer, struct random *random, enum value_type members)
{
    uint64_t step = 1 + random_below(random, 1000);
    json_write_array_begin(writer);
    for (uint64_t left = 1 + random_below(random, 40); left > 0; left--)
        write_scalar(writer, random, members, left * step % 10007);
    json_write_array_end(writer);
}

static void write_value(struct json_writer *writer, struct random *random, unsigned level)
{
    bool may_nest = level < LEVELS_MAX;
    enum value_type type =
        (enum value_type)random_below(random, may_nest ? VALUE_TYPE_COUNT : VALUE_L);
    json_write_object_begin(writer);
    json_write_name(writer, value_type_name(type));
    switch (type) {
    case VALUE_S:
    case VALUE_N:
    case VALUE_B:
        write_scalar(writer, random, type, 0);
        break;
    case VALUE_SS:
        write_set(writer, random, VALUE_S);
        break;
    case VALUE_NS:
        write_set(writer, random, VALUE_N);
        break;
    case VALUE_BS:
        write_set(writer, random, VALUE_B);
        break;
    case VALUE_BOOL:
        json_write_bool(writer, random_below(random, 2));
        break;
    case VALUE_L:
        json_write_array_begin(writer);
        for (uint64_t left = random_below(random, MEMBERS_MAX); left > 0; left--)
            write_value(writer, random, level + 1);
        json_write_array_end(writer);
        break;
    case VALUE_M:
        write_object(writer, random, level + 1);
        break;
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        json_write_bool(writer, true);
        break;
    }
    json_write_object_end(writer);
}

void random_item_write(struct json_writer *writer, struct random *random)
{
    write_object(writer, random, 1);
}
