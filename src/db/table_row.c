#include "db/table_row.h"

#include "base/assert.h"
#include <stdio.h>
#include <stdlib.h>

/* Every stored field, once: attribute name, kind, member of struct table. */
enum field_kind { FIELD_TEXT, FIELD_INTEGER, FIELD_SPACE, FIELD_KEY_TYPE, FIELD_BILLING_MODE };

struct field {
    slice name;
    enum field_kind kind;
    size_t offset;
    bool of_range; /* stored only when the table has a sort key */
};

#define FIELD(text, kind, member, of_range)                                                        \
    {{text, sizeof(text) - 1}, kind, offsetof(struct table, member), of_range}

static const struct field fields[] = {
    FIELD("TableName", FIELD_TEXT, name, false),
    FIELD("TableId", FIELD_TEXT, id, false),
    FIELD("Space", FIELD_SPACE, space, false),
    FIELD("HashName", FIELD_TEXT, keys.hash.name, false),
    FIELD("HashType", FIELD_KEY_TYPE, keys.hash.type, false),
    FIELD("RangeName", FIELD_TEXT, keys.range.name, true),
    FIELD("RangeType", FIELD_KEY_TYPE, keys.range.type, true),
    FIELD("BillingMode", FIELD_BILLING_MODE, billing_mode, false),
    FIELD("ReadCapacityUnits", FIELD_INTEGER, read_units, false),
    FIELD("WriteCapacityUnits", FIELD_INTEGER, write_units, false),
    FIELD("CreatedMs", FIELD_INTEGER, created_ms, false),
    FIELD("ActiveMs", FIELD_INTEGER, active_ms, false),
    FIELD("DeletingMs", FIELD_INTEGER, deleting_ms, false),
};
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

static slice integer_value(struct arena *arena, int64_t integer)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%lld", (long long)integer);
    struct number number;
    enum number_answer answer = number_parse(slice_of(text, (size_t)size), &number);
    assert_that(answer == NUMBER_OK);
    return value_make_number(arena, &number);
}

static slice field_value(struct arena *arena, const struct field *field, const struct table *table)
{
    const void *member = (const char *)table + field->offset;
    switch (field->kind) {
    case FIELD_TEXT:
        return value_make_string(arena, *(const slice *)member);
    case FIELD_INTEGER:
        return integer_value(arena, *(const int64_t *)member);
    case FIELD_SPACE:
        return integer_value(arena, *(const uint32_t *)member);
    case FIELD_KEY_TYPE:
        return value_make_string(arena, value_type_name(*(const enum value_type *)member));
    case FIELD_BILLING_MODE:
        return integer_value(arena, *(const enum billing_mode *)member);
    }
    unreachable("every kind of field is stored");
}

slice table_row_make(struct arena *arena, const struct table *table)
{
    slice names[FIELD_COUNT];
    slice values[FIELD_COUNT];
    uint32_t count = 0;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (fields[i].of_range && !table->keys.has_range)
            continue;
        names[count] = fields[i].name;
        values[count++] = field_value(arena, &fields[i], table);
    }
    slice item = item_make(arena, names, values, count);
    char *row = arena_alloc_bytes(arena, 1 + item.size);
    row[0] = TABLE_ROW_FORMAT;
    memcpy(row + 1, item.data, item.size);
    return slice_of(row, 1 + item.size);
}

static bool read_integer(slice value, int64_t *integer)
{
    if (value_type_of(value) != VALUE_N)
        return false;
    struct number number = value_number(value);
    char text[NUMBER_TEXT_BYTES_MAX + 1];
    size_t size = number_format(&number, text);
    text[size] = 0;
    char *end;
    *integer = strtoll(text, &end, 10);
    return *end == 0 && number.exponent >= 0 && size <= 20;
}

static bool read_field(const struct field *field, slice value, struct table *table)
{
    void *member = (char *)table + field->offset;
    int64_t integer = 0;
    switch (field->kind) {
    case FIELD_TEXT:
        if (value_type_of(value) != VALUE_S)
            return false;
        *(slice *)member = value_content(value);
        return true;
    case FIELD_INTEGER:
        return read_integer(value, member);
    case FIELD_SPACE:
        if (!read_integer(value, &integer) || integer < 0 || integer > UINT32_MAX)
            return false;
        *(uint32_t *)member = (uint32_t)integer;
        return true;
    case FIELD_KEY_TYPE:
        return value_type_of(value) == VALUE_S &&
               value_type_parse(value_content(value), member) &&
               value_type_is_scalar_key(*(enum value_type *)member);
    case FIELD_BILLING_MODE:
        if (!read_integer(value, &integer) || integer < 0 || integer > BILLING_PAY_PER_REQUEST)
            return false;
        *(enum billing_mode *)member = (enum billing_mode)integer;
        return true;
    }
    unreachable("every kind of field is read");
}

error table_row_open(struct arena *arena, slice value, struct table *table)
{
    *table = (struct table){.name = SLICE_NONE};
    if (value.size < 2 || value.data[0] != TABLE_ROW_FORMAT)
        return fail(arena, ERROR_CORRUPT, "a table description has an unknown format");
    slice item = slice_from(value, 1);
    TRY(item_check(item));
    slice found;
    table->keys.has_range = item_attribute(item, SLICE("RangeName"), &found);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (fields[i].of_range && !table->keys.has_range)
            continue;
        if (!item_attribute(item, fields[i].name, &found) || !read_field(&fields[i], found, table))
            return fail(arena, ERROR_CORRUPT, "a table description lacks a good %.*s",
                        SLICE_ARGS(fields[i].name));
    }
    return NULL;
}
