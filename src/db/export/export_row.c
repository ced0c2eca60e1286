#include "db/export/export_row.h"

#include "base/buffer.h"
#include "db/db_private.h"
#include "db/index/index_row.h"

enum { ROW_FORMAT = 1 };

enum member_kind { MEMBER_TEXT, MEMBER_BYTES, MEMBER_INTEGER, MEMBER_CHOICE };

/* Every stored member, once. A choice is one of an enum's, from 0 or 1 to `last`. */
static const struct {
    slice name;
    enum member_kind kind;
    size_t offset;
    int64_t first;
    int64_t last;
} members[] = {
#define MEMBER(text, kind, member, ...)                                                            \
    {                                                                                              \
        {text, sizeof(text) - 1}, kind, offsetof(struct export, member), __VA_ARGS__               \
    }
    MEMBER("Id", MEMBER_TEXT, labels.id, 0, 0),
    MEMBER("TableName", MEMBER_TEXT, table_name, 0, 0),
    MEMBER("TableId", MEMBER_TEXT, labels.table_id, 0, 0),
    MEMBER("ClientToken", MEMBER_TEXT, token, 0, 0),
    MEMBER("Request", MEMBER_BYTES, request, 0, 0),
    MEMBER("Bucket", MEMBER_TEXT, labels.bucket, 0, 0),
    MEMBER("BucketOwner", MEMBER_TEXT, bucket_owner, 0, 0),
    MEMBER("Prefix", MEMBER_TEXT, labels.prefix, 0, 0),
    MEMBER("SseAlgorithm", MEMBER_TEXT, labels.sse_algorithm, 0, 0),
    MEMBER("KmsKeyId", MEMBER_TEXT, labels.kms_key_id, 0, 0),
    MEMBER("Format", MEMBER_CHOICE, labels.format, EXPORT_JSON, EXPORT_ION),
    MEMBER("Type", MEMBER_CHOICE, type, EXPORT_TYPE_UNSAID, EXPORT_TYPE_INCREMENTAL),
    MEMBER("View", MEMBER_CHOICE, labels.view, 0, EXPORT_NEW_AND_OLD_IMAGES),
    MEMBER("TimeMs", MEMBER_INTEGER, labels.time_ms, 0, 0),
    MEMBER("FromMs", MEMBER_INTEGER, labels.from_ms, 0, 0),
    MEMBER("ToMs", MEMBER_INTEGER, labels.to_ms, 0, 0),
    MEMBER("StartMs", MEMBER_INTEGER, labels.start_ms, 0, 0),
    MEMBER("EndMs", MEMBER_INTEGER, end_ms, 0, 0),
    MEMBER("Status", MEMBER_CHOICE, status, EXPORT_IN_PROGRESS, EXPORT_FAILED),
    MEMBER("FailureCode", MEMBER_TEXT, failure_code, 0, 0),
    MEMBER("FailureMessage", MEMBER_TEXT, failure_message, 0, 0),
    MEMBER("ItemCount", MEMBER_INTEGER, counts.item_count, 0, 0),
    MEMBER("ItemBytes", MEMBER_INTEGER, counts.item_bytes, 0, 0),
#undef MEMBER
};
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };
_Static_assert(sizeof(enum export_status) == sizeof(int) && sizeof(enum export_view) == sizeof(int),
               "choices are read and written as int");

/* ---- keys ---- */

static slice key_of(struct arena *arena, slice table_name, slice id)
{
    struct buffer name;
    buffer_init(&name, arena);
    if (table_name.size > 0) {
        buffer_append(&name, table_name);
        buffer_append_byte(&name, '/');
    }
    buffer_append(&name, id);
    return row_key_of_catalogue(arena, CATALOGUE_EXPORT, buffer_slice(&name));
}

slice export_row_key(struct arena *arena, slice table_name, slice id)
{
    return key_of(arena, table_name, id);
}

slice export_row_prefix(struct arena *arena, slice table_name)
{
    return key_of(arena, table_name, SLICE_NONE);
}

bool export_row_is_key(slice key)
{
    return key.size > CATALOGUE_NAME_OFFSET + EXPORT_ID_BYTES &&
           row_key_is_of_catalogue(key, CATALOGUE_EXPORT);
}

/* ---- values ---- */

static slice member_value(struct arena *arena, uint32_t index, const struct export *export)
{
    const void *member = (const char *)export + members[index].offset;
    switch (members[index].kind) {
    case MEMBER_TEXT:
        return value_make_string(arena, *(const slice *)member);
    case MEMBER_BYTES:
        return value_make_binary(arena, *(const slice *)member);
    case MEMBER_INTEGER:
        return stored_integer_make(arena, *(const int64_t *)member);
    case MEMBER_CHOICE:
        break;
    }
    return stored_integer_make(arena, *(const int *)member);
}

struct store_write export_row_write(struct arena *arena, const struct export *export)
{
    slice names[MEMBER_COUNT];
    slice values[MEMBER_COUNT];
    struct buffer row;
    for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
        names[i] = members[i].name;
        values[i] = member_value(arena, i, export);
    }
    buffer_init(&row, arena);
    buffer_append_byte(&row, ROW_FORMAT);
    buffer_append(&row, item_make(arena, names, values, MEMBER_COUNT));
    return db_put(export_row_key(arena, export->table_name, export->labels.id),
                  buffer_slice(&row));
}

static bool read_member(slice value, uint32_t index, struct export *export)
{
    void *member = (char *)export + members[index].offset;
    int64_t integer;
    switch (members[index].kind) {
    case MEMBER_TEXT:
    case MEMBER_BYTES:
        if (value_type_of(value) != (members[index].kind == MEMBER_TEXT ? VALUE_S : VALUE_B))
            return false;
        *(slice *)member = value_content(value);
        return true;
    case MEMBER_INTEGER:
        return stored_integer_read(value, member);
    case MEMBER_CHOICE:
        break;
    }
    if (!stored_integer_read(value, &integer) || integer < members[index].first ||
        integer > members[index].last)
        return false;
    *(int *)member = (int)integer;
    return true;
}

static bool read_members(slice item, struct export *export)
{
    slice value;
    if (item_check(item) || item_attribute_count(item) != MEMBER_COUNT)
        return false;
    for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
        if (!item_attribute(item, members[i].name, &value) || !read_member(value, i, export))
            return false;
    }
    return export->labels.id.size == EXPORT_ID_BYTES;
}

error export_row_open(struct arena *arena, slice value, struct export *export)
{
    *export = (struct export){.end_ms = 0};
    if (value.size <= 1 || value.data[0] != ROW_FORMAT ||
        !read_members(slice_from(value, 1), export))
        return fail(arena, ERROR_CORRUPT, "the row of an export is damaged");
    export->labels.is_incremental = export->type == EXPORT_TYPE_INCREMENTAL;
    return NULL;
}

void export_name(const struct db *db, struct arena *arena, struct export *export)
{
    struct export_labels *labels = &export->labels;
    labels->table_arn = db_table_arn(db, arena, export->table_name);
    labels->arn = arena_format(arena, "%.*s/export/%.*s", SLICE_ARGS(labels->table_arn),
                               SLICE_ARGS(labels->id));
}
