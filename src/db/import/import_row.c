#include "db/import/import_row.h"

#include "base/assert.h"
#include "db/db_private.h"
#include "db/index/index_row.h"

enum { ROW_FORMAT = 1 };

/* Every stored member, once. */
enum member_kind { MEMBER_TEXT, MEMBER_INTEGER, MEMBER_ENUM, MEMBER_FLAG, MEMBER_HEADER };
static const struct member {
    slice name;
    enum member_kind kind;
    int64_t maximum; /* of an enum */
    size_t offset;
} members[] = {
#define MEMBER(text, kind, maximum, member)                                                        \
    {                                                                                              \
        {text, sizeof(text) - 1}, kind, maximum, offsetof(struct import, member)                   \
    }
    MEMBER("Id", MEMBER_TEXT, 0, id),
    MEMBER("TableName", MEMBER_TEXT, 0, table_name),
    MEMBER("TableId", MEMBER_TEXT, 0, table_id),
    MEMBER("ClientToken", MEMBER_TEXT, 0, client_token),
    MEMBER("Bucket", MEMBER_TEXT, 0, bucket),
    MEMBER("BucketOwner", MEMBER_TEXT, 0, bucket_owner),
    MEMBER("Prefix", MEMBER_TEXT, 0, prefix),
    MEMBER("HasPrefix", MEMBER_FLAG, 0, has_prefix),
    MEMBER("Format", MEMBER_ENUM, EXCHANGE_FORMAT_COUNT - 1, format),
    MEMBER("Compression", MEMBER_ENUM, COMPRESSION_COUNT - 1, compression),
    MEMBER("Delimiter", MEMBER_TEXT, 0, delimiter),
    MEMBER("Header", MEMBER_HEADER, 0, header),
    MEMBER("Parameters", MEMBER_TEXT, 0, parameters),
    MEMBER("Status", MEMBER_ENUM, IMPORT_FAILED, status),
    MEMBER("StartedMs", MEMBER_INTEGER, 0, started_ms),
    MEMBER("EndedMs", MEMBER_INTEGER, 0, ended_ms),
    MEMBER("Object", MEMBER_TEXT, 0, place.object),
    MEMBER("RecordCount", MEMBER_INTEGER, 0, place.record_count),
    MEMBER("ProcessedBytes", MEMBER_INTEGER, 0, place.processed_bytes),
    MEMBER("ImportedCount", MEMBER_INTEGER, 0, place.imported_count),
    MEMBER("ErrorCount", MEMBER_INTEGER, 0, place.error_count),
    MEMBER("FirstError", MEMBER_TEXT, 0, place.first_error),
    MEMBER("FailureCode", MEMBER_TEXT, 0, failure_code),
    MEMBER("FailureMessage", MEMBER_TEXT, 0, failure_message),
#undef MEMBER
};
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

_Static_assert(sizeof(enum exchange_format) == sizeof(int) &&
                   sizeof(enum compression) == sizeof(int) &&
                   sizeof(enum import_status) == sizeof(int),
               "enums are read and written as ints");

/* ---- making ---- */

static slice header_value(struct arena *arena, const struct import *import)
{
    slice *names = arena_new_array(arena, slice, import->header_count);
    for (uint32_t i = 0; i < import->header_count; i++)
        names[i] = value_make_string(arena, import->header[i]);
    return value_make_list(arena, names, import->header_count);
}

static slice member_value(struct arena *arena, const struct member *member,
                          const struct import *import)
{
    const void *at = (const char *)import + member->offset;
    switch (member->kind) {
    case MEMBER_TEXT:
        return value_make_string(arena, *(const slice *)at);
    case MEMBER_INTEGER:
        return stored_integer_make(arena, *(const int64_t *)at);
    case MEMBER_ENUM:
        return stored_integer_make(arena, *(const int *)at);
    case MEMBER_FLAG:
        return value_make_bool(*(const bool *)at);
    case MEMBER_HEADER:
        break;
    }
    return header_value(arena, import);
}

struct store_write import_row_write(struct arena *arena, const struct import *import)
{
    slice names[MEMBER_COUNT];
    slice values[MEMBER_COUNT];
    for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
        names[i] = members[i].name;
        values[i] = member_value(arena, &members[i], import);
    }
    slice item = item_make(arena, names, values, MEMBER_COUNT);
    char *row = arena_alloc_bytes(arena, 1 + item.size);
    row[0] = ROW_FORMAT;
    memcpy(row + 1, item.data, item.size);
    return db_put(import_row_key(arena, import->id), slice_of(row, 1 + item.size));
}

/* ---- reading ---- */

static bool read_header(struct arena *arena, slice value, struct import *import)
{
    if (value_type_of(value) != VALUE_L)
        return false;
    import->header_count = value_count(value);
    slice *names = arena_new_array(arena, slice, import->header_count);
    for (uint32_t i = 0; i < import->header_count; i++) {
        slice name;
        if (!value_element(value, i, &name) || value_type_of(name) != VALUE_S)
            return false;
        names[i] = value_content(name);
    }
    import->header = import->header_count > 0 ? names : NULL;
    return true;
}

static bool read_member(struct arena *arena, slice value, const struct member *member,
                        struct import *import)
{
    void *at = (char *)import + member->offset;
    int64_t integer;
    switch (member->kind) {
    case MEMBER_TEXT:
        *(slice *)at = value_type_of(value) == VALUE_S ? value_content(value) : SLICE_NONE;
        return value_type_of(value) == VALUE_S;
    case MEMBER_INTEGER:
        return stored_integer_read(value, at);
    case MEMBER_ENUM:
        if (!stored_integer_read(value, &integer) || integer < 0 || integer > member->maximum)
            return false;
        *(int *)at = (int)integer;
        return true;
    case MEMBER_FLAG:
        *(bool *)at = value_type_of(value) == VALUE_BOOL && value_bool(value);
        return value_type_of(value) == VALUE_BOOL;
    case MEMBER_HEADER:
        break;
    }
    return read_header(arena, value, import);
}

static bool open_item(struct arena *arena, slice item, struct import *import)
{
    if (item_check(item) || item_attribute_count(item) != MEMBER_COUNT)
        return false;
    for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
        slice value;
        if (!item_attribute(item, members[i].name, &value) ||
            !read_member(arena, value, &members[i], import))
            return false;
    }
    return import->id.size == IMPORT_ID_BYTES && import->status != 0;
}

error import_row_open(struct arena *arena, slice value, struct import *import)
{
    *import = (struct import){.started_ms = 0};
    if (value.size < 1 || value.data[0] != ROW_FORMAT ||
        !open_item(arena, slice_from(value, 1), import))
        return FAILURE(ERROR_CORRUPT, "the row of an import is damaged");
    return NULL;
}

/* ---- the key ---- */

slice import_row_key(struct arena *arena, slice id)
{
    return row_key_of_catalogue(arena, CATALOGUE_IMPORT, id);
}

bool import_row_is_key(slice key)
{
    return key.size == CATALOGUE_NAME_OFFSET + IMPORT_ID_BYTES &&
           row_key_is_of_catalogue(key, CATALOGUE_IMPORT);
}
