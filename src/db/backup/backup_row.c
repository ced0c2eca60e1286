#include "db/backup/backup_row.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "db/db_private.h"
#include "db/index/index_row.h"

enum { ROW_FORMAT = 1, STAMP_OFFSET = 1, ITEM_OFFSET = STAMP_OFFSET + STORE_STAMP_BYTES };

/* Every stored member, once. */
enum member_kind { MEMBER_TEXT, MEMBER_BYTES, MEMBER_INTEGER, MEMBER_TYPE, MEMBER_POSITION };
static const struct {
    slice name;
    enum member_kind kind;
    size_t offset;
} members[] = {
#define MEMBER(text, kind, member)                                                                 \
    {                                                                                              \
        {text, sizeof(text) - 1}, kind, offsetof(struct backup, member)                            \
    }
    MEMBER("Type", MEMBER_TYPE, type),
    MEMBER("Id", MEMBER_TEXT, id),
    MEMBER("Name", MEMBER_TEXT, name),
    MEMBER("TableName", MEMBER_TEXT, table_name),
    MEMBER("TableId", MEMBER_TEXT, table_id),
    MEMBER("Table", MEMBER_BYTES, table_row),
    MEMBER("CreatedMs", MEMBER_INTEGER, created_ms),
    MEMBER("ExpiresMs", MEMBER_INTEGER, expires_ms),
    MEMBER("ItemCount", MEMBER_INTEGER, item_count),
    MEMBER("ItemBytes", MEMBER_INTEGER, item_bytes),
    MEMBER("At", MEMBER_POSITION, at),
    MEMBER("To", MEMBER_POSITION, to),
    MEMBER("ToMs", MEMBER_INTEGER, to_ms),
#undef MEMBER
};
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

static slice member_value(struct arena *arena, enum member_kind kind, const void *member)
{
    char bytes[LOG_POSITION_BYTES];
    switch (kind) {
    case MEMBER_TEXT:
        return value_make_string(arena, *(const slice *)member);
    case MEMBER_BYTES:
        return value_make_binary(arena, *(const slice *)member);
    case MEMBER_INTEGER:
        return stored_integer_make(arena, *(const int64_t *)member);
    case MEMBER_TYPE:
        return stored_integer_make(arena, *(const enum backup_type *)member);
    case MEMBER_POSITION:
        break;
    }
    log_position_put(bytes, *(const struct log_position *)member);
    return value_make_binary(arena, slice_of(bytes, sizeof bytes));
}

slice backup_head_make(struct arena *arena, const struct backup *backup)
{
    slice names[MEMBER_COUNT];
    slice values[MEMBER_COUNT];
    for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
        names[i] = members[i].name;
        values[i] =
            member_value(arena, members[i].kind, (const char *)backup + members[i].offset);
    }
    return item_make(arena, names, values, MEMBER_COUNT);
}

static bool read_member(slice value, enum member_kind kind, void *member)
{
    int64_t integer;
    bool is_bytes = kind == MEMBER_BYTES || kind == MEMBER_POSITION;
    if (kind == MEMBER_INTEGER)
        return stored_integer_read(value, member);
    if (kind == MEMBER_TYPE) {
        *(enum backup_type *)member = BACKUP_USER;
        if (!stored_integer_read(value, &integer) || integer < BACKUP_USER ||
            integer > BACKUP_SEGMENT)
            return false;
        *(enum backup_type *)member = (enum backup_type)integer;
        return true;
    }
    if (value_type_of(value) != (is_bytes ? VALUE_B : VALUE_S))
        return false;
    slice content = value_content(value);
    if (kind != MEMBER_POSITION) {
        *(slice *)member = content;
        return true;
    }
    if (content.size != LOG_POSITION_BYTES)
        return false;
    *(struct log_position *)member = log_position_get(content.data);
    return true;
}

bool backup_head_open(slice head, struct backup *backup)
{
    slice value;
    *backup = (struct backup){.is_available = true};
    if (item_check(head) || item_attribute_count(head) != MEMBER_COUNT)
        return false;
    for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
        if (!item_attribute(head, members[i].name, &value) ||
            !read_member(value, members[i].kind, (char *)backup + members[i].offset))
            return false;
    }
    return backup->id.size == BACKUP_ID_BYTES;
}

slice backup_row_key(struct arena *arena, slice id)
{
    return row_key_of_catalogue(arena, CATALOGUE_BACKUP, id);
}

bool backup_row_is_key(slice key)
{
    return key.size == CATALOGUE_NAME_OFFSET + BACKUP_ID_BYTES &&
           row_key_is_of_catalogue(key, CATALOGUE_BACKUP);
}

struct store_write backup_row_write(struct arena *arena, const struct backup *backup)
{
    slice head = backup_head_make(arena, backup);
    char *row = arena_alloc_bytes(arena, ITEM_OFFSET + head.size);
    row[0] = ROW_FORMAT;
    memset(row + STAMP_OFFSET, 0, STORE_STAMP_BYTES);
    memcpy(row + ITEM_OFFSET, head.data, head.size);
    struct store_write write =
        db_put(backup_row_key(arena, backup->id), slice_of(row, ITEM_OFFSET + head.size));
    write.value_stamp = STAMP_OFFSET;
    return write;
}

error backup_row_open(struct arena *arena, slice value, struct backup *backup)
{
    if (value.size <= ITEM_OFFSET || value.data[0] != ROW_FORMAT ||
        !backup_head_open(slice_from(value, ITEM_OFFSET), backup))
        return fail(arena, ERROR_CORRUPT, "the row of a backup is damaged");
    const char *stamp = value.data + STAMP_OFFSET;
    backup->at = log_position_after(log_position_get(stamp));
    backup->created_ms = (int64_t)bytes_get_u64(stamp + LOG_POSITION_BYTES);
    backup->is_available = false;
    backup->has_row = true;
    return NULL;
}

void backup_row_committed(struct db *db, struct arena *arena, const struct store_write *write)
{
    struct backup backup;
    error failure = backup_row_open(arena, write->value, &backup);
    assert_that(!failure);
    archive_put(db->archive, &backup);
}
