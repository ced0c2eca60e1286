#include "db/table/table_row.h"

#include "base/assert.h"
#include "db/index/index_row.h"
#include "db/partition/partition.h"
#include <stdio.h>
#include <stdlib.h>

/* Every stored field, once: attribute name, kind, member of struct table, when it is there. */
enum field_kind {
    FIELD_TEXT,
    FIELD_INTEGER,
    FIELD_SPACE,
    FIELD_KEY_TYPE,
    FIELD_BILLING_MODE,
    FIELD_CLASS,
    FIELD_BOOLEAN,
    FIELD_TAGS,
    FIELD_INDEXES,
    FIELD_PARTITIONS,
    FIELD_SEALED,
    FIELD_STREAM_VIEW,
};

enum field_presence {
    ALWAYS,
    OF_RANGE, /* when the table has a sort key */
    WHEN_SET, /* when it is not zero or empty, which it is when it is not there */
};

struct field {
    slice name;
    enum field_kind kind;
    size_t offset;
    enum field_presence presence;
};

#define FIELD(text, kind, member, presence)                                                        \
    {                                                                                              \
        {text, sizeof(text) - 1}, kind, offsetof(struct table, member), presence                   \
    }

static const struct field fields[] = {
    FIELD("TableName", FIELD_TEXT, name, ALWAYS),
    FIELD("TableId", FIELD_TEXT, id, ALWAYS),
    FIELD("Space", FIELD_SPACE, space, ALWAYS),
    FIELD("HashName", FIELD_TEXT, keys.hash.name, ALWAYS),
    FIELD("HashType", FIELD_KEY_TYPE, keys.hash.type, ALWAYS),
    FIELD("RangeName", FIELD_TEXT, keys.range.name, OF_RANGE),
    FIELD("RangeType", FIELD_KEY_TYPE, keys.range.type, OF_RANGE),
    FIELD("Indexes", FIELD_INDEXES, indexes, WHEN_SET),
    FIELD("Partitions", FIELD_PARTITIONS, partitions, WHEN_SET),
    FIELD("PartitionsWanted", FIELD_INTEGER, partitions_wanted, WHEN_SET),
    FIELD("SealedPartitions", FIELD_SEALED, sealed, WHEN_SET),
    FIELD("LogSpace", FIELD_SPACE, log_space, WHEN_SET),
    FIELD("StreamView", FIELD_STREAM_VIEW, stream.view, WHEN_SET),
    FIELD("StreamLabelMs", FIELD_INTEGER, stream.label_ms, WHEN_SET),
    FIELD("BillingMode", FIELD_BILLING_MODE, settings.billing_mode, ALWAYS),
    FIELD("ReadCapacityUnits", FIELD_INTEGER, settings.provisioned.read, ALWAYS),
    FIELD("WriteCapacityUnits", FIELD_INTEGER, settings.provisioned.write, ALWAYS),
    FIELD("MaxReadRequestUnits", FIELD_INTEGER, settings.on_demand_max.read, WHEN_SET),
    FIELD("MaxWriteRequestUnits", FIELD_INTEGER, settings.on_demand_max.write, WHEN_SET),
    FIELD("WarmReadUnits", FIELD_INTEGER, settings.warm.read, WHEN_SET),
    FIELD("WarmWriteUnits", FIELD_INTEGER, settings.warm.write, WHEN_SET),
    FIELD("TableClass", FIELD_CLASS, settings.table_class, WHEN_SET),
    FIELD("EncryptionKeyArn", FIELD_TEXT, settings.encryption_key_arn, WHEN_SET),
    FIELD("DeletionProtected", FIELD_BOOLEAN, settings.deletion_protected, WHEN_SET),
    FIELD("Tags", FIELD_TAGS, settings, WHEN_SET),
    FIELD("OnDemandMs", FIELD_INTEGER, history.on_demand_ms, WHEN_SET),
    FIELD("IncreasedMs", FIELD_INTEGER, history.increased_ms, WHEN_SET),
    FIELD("DecreasedMs", FIELD_INTEGER, history.decreased_ms, WHEN_SET),
    FIELD("DecreaseCount", FIELD_INTEGER, history.decrease_count, WHEN_SET),
    FIELD("ReadUnitsBefore", FIELD_INTEGER, history.provisioned_before.read, WHEN_SET),
    FIELD("WriteUnitsBefore", FIELD_INTEGER, history.provisioned_before.write, WHEN_SET),
    FIELD("WarmReadUnitsBefore", FIELD_INTEGER, history.warm_before.read, WHEN_SET),
    FIELD("WarmWriteUnitsBefore", FIELD_INTEGER, history.warm_before.write, WHEN_SET),
    FIELD("ClassChangedMs", FIELD_INTEGER, history.class_changed_ms, WHEN_SET),
    FIELD("ClassChangedBeforeMs", FIELD_INTEGER, history.class_changed_before_ms, WHEN_SET),
    FIELD("ClassBefore", FIELD_CLASS, history.class_before, WHEN_SET),
    FIELD("ProtectionChangedMs", FIELD_INTEGER, history.protection_changed_ms, WHEN_SET),
    FIELD("EncryptionWindowMs", FIELD_INTEGER, history.encryption_window_ms, WHEN_SET),
    FIELD("EncryptionCount", FIELD_INTEGER, history.encryption_count, WHEN_SET),
    FIELD("EncryptionChangedMs", FIELD_INTEGER, history.encryption_changed_ms, WHEN_SET),
    FIELD("EncryptionKeyBefore", FIELD_TEXT, history.encryption_key_before, WHEN_SET),
    FIELD("ExpiryAttribute", FIELD_TEXT, expiry.attribute, WHEN_SET),
    FIELD("ExpiryLeaving", FIELD_BOOLEAN, expiry.is_leaving, WHEN_SET),
    FIELD("ExpiryChangedMs", FIELD_INTEGER, expiry.changed_ms, WHEN_SET),
    FIELD("ExpirySinceIncarnation", FIELD_INTEGER, expiry.build.since.incarnation, WHEN_SET),
    FIELD("ExpirySinceCounter", FIELD_INTEGER, expiry.build.since.counter, WHEN_SET),
    FIELD("RecoverySinceMs", FIELD_INTEGER, recovery.since_ms, WHEN_SET),
    FIELD("RecoveryDays", FIELD_INTEGER, recovery.days, WHEN_SET),
    FIELD("BacksUp", FIELD_BOOLEAN, recovery.backs_up, WHEN_SET),
    FIELD("InsightsMode", FIELD_INTEGER, insights.mode, WHEN_SET),
    FIELD("InsightsModeBefore", FIELD_INTEGER, insights.mode_before, WHEN_SET),
    FIELD("InsightsSinceMs", FIELD_INTEGER, insights.since_ms, WHEN_SET),
    FIELD("InsightsChangedMs", FIELD_INTEGER, insights.changed_ms, WHEN_SET),
    FIELD("RestoredMs", FIELD_INTEGER, restore.time_ms, WHEN_SET),
    FIELD("RestoredBackupArn", FIELD_TEXT, restore.backup_arn, WHEN_SET),
    FIELD("RestoredTableArn", FIELD_TEXT, restore.table_arn, WHEN_SET),
    FIELD("RestoredTableId", FIELD_TEXT, restore.table_id, WHEN_SET),
    FIELD("CreatedMs", FIELD_INTEGER, created_ms, ALWAYS),
    FIELD("ActiveMs", FIELD_INTEGER, active_ms, ALWAYS),
    FIELD("UpdatedMs", FIELD_INTEGER, updated_ms, WHEN_SET),
    FIELD("UpdatedFor", FIELD_INTEGER, jobs, WHEN_SET),
    FIELD("EncryptedMs", FIELD_INTEGER, encrypted_ms, WHEN_SET),
    FIELD("WarmedMs", FIELD_INTEGER, warmed_ms, WHEN_SET),
    FIELD("DeletingMs", FIELD_INTEGER, deleting_ms, ALWAYS),
};
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

slice stored_integer_make(struct arena *arena, int64_t integer)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%lld", (long long)integer);
    struct number number;
    enum number_answer answer = number_parse(slice_of(text, (size_t)size), &number);
    assert_that(answer == NUMBER_OK);
    return value_make_number(arena, &number);
}

static slice tags_value(struct arena *arena, const struct table_settings *settings)
{
    slice *names = arena_new_array(arena, slice, settings->tag_count);
    slice *values = arena_new_array(arena, slice, settings->tag_count);
    for (uint32_t i = 0; i < settings->tag_count; i++) {
        names[i] = settings->tags[i].key;
        values[i] = value_make_string(arena, settings->tags[i].value);
    }
    return value_make_map(arena, names, values, settings->tag_count);
}

/* Whether a member differs from what an absent one is read as. */
static bool is_set(const struct field *field, const struct table *table)
{
    const void *member = (const char *)table + field->offset;
    switch (field->kind) {
    case FIELD_TEXT:
        return ((const slice *)member)->size > 0;
    case FIELD_INTEGER:
        return *(const int64_t *)member != 0;
    case FIELD_CLASS:
        return *(const enum table_class *)member != TABLE_CLASS_UNSAID;
    case FIELD_BOOLEAN:
        return *(const bool *)member;
    case FIELD_TAGS:
        return ((const struct table_settings *)member)->tag_count > 0;
    case FIELD_INDEXES:
        return table->index_count > 0;
    case FIELD_PARTITIONS:
        return ((const struct partition_map *)member)->count > 0;
    case FIELD_SEALED:
        return ((const struct sealed_partitions *)member)->count > 0;
    case FIELD_STREAM_VIEW:
        return *(const enum stream_view *)member != STREAM_VIEW_NONE;
    case FIELD_SPACE:
        return *(const uint32_t *)member != 0;
    case FIELD_KEY_TYPE:
    case FIELD_BILLING_MODE:
        return true;
    }
    unreachable("every kind of field is set or not");
}

static slice field_value(struct arena *arena, const struct field *field, const struct table *table)
{
    const void *member = (const char *)table + field->offset;
    switch (field->kind) {
    case FIELD_TEXT:
        return value_make_string(arena, *(const slice *)member);
    case FIELD_INTEGER:
        return stored_integer_make(arena, *(const int64_t *)member);
    case FIELD_SPACE:
        return stored_integer_make(arena, *(const uint32_t *)member);
    case FIELD_KEY_TYPE:
        return value_make_string(arena, value_type_name(*(const enum value_type *)member));
    case FIELD_BILLING_MODE:
        return stored_integer_make(arena, *(const enum billing_mode *)member);
    case FIELD_CLASS:
        return stored_integer_make(arena, *(const enum table_class *)member);
    case FIELD_BOOLEAN:
        return stored_integer_make(arena, *(const bool *)member);
    case FIELD_TAGS:
        return tags_value(arena, member);
    case FIELD_INDEXES:
        return stored_indexes_make(arena, table);
    case FIELD_PARTITIONS:
        return stored_partitions_make(arena, *(const struct partition_map *)member);
    case FIELD_SEALED:
        return stored_sealed_make(arena, *(const struct sealed_partitions *)member);
    case FIELD_STREAM_VIEW:
        return stored_integer_make(arena, *(const enum stream_view *)member);
    }
    unreachable("every kind of field is stored");
}

slice table_row_make(struct arena *arena, const struct table *table)
{
    slice names[FIELD_COUNT];
    slice values[FIELD_COUNT];
    uint32_t count = 0;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if ((fields[i].presence == OF_RANGE && !table->keys.has_range) ||
            (fields[i].presence == WHEN_SET && !is_set(&fields[i], table)))
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

bool stored_integer_read(slice value, int64_t *integer)
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

static bool read_tags(struct arena *arena, slice value, struct table_settings *settings)
{
    if (value_type_of(value) != VALUE_M)
        return false;
    struct table_tag *tags = arena_new_array(arena, struct table_tag, value_count(value));
    struct value_cursor cursor;
    slice tag;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, value);
    for (; value_cursor_next(&cursor, &tags[count].key, &tag); count++) {
        if (value_type_of(tag) != VALUE_S)
            return false;
        tags[count].value = value_content(tag);
    }
    settings->tags = tags;
    settings->tag_count = count;
    return true;
}

static bool read_field(struct arena *arena, const struct field *field, slice value,
                       struct table *table)
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
        return stored_integer_read(value, member);
    case FIELD_SPACE:
        if (!stored_integer_read(value, &integer) || integer < 0 || integer > UINT32_MAX)
            return false;
        *(uint32_t *)member = (uint32_t)integer;
        return true;
    case FIELD_KEY_TYPE:
        return value_type_of(value) == VALUE_S && value_type_parse(value_content(value), member) &&
               value_type_is_scalar_key(*(enum value_type *)member);
    case FIELD_BILLING_MODE:
        if (!stored_integer_read(value, &integer) || integer < 0 ||
            integer > BILLING_PAY_PER_REQUEST)
            return false;
        *(enum billing_mode *)member = (enum billing_mode)integer;
        return true;
    case FIELD_CLASS:
        if (!stored_integer_read(value, &integer) || integer < 0 ||
            integer > TABLE_CLASS_INFREQUENT)
            return false;
        *(enum table_class *)member = (enum table_class)integer;
        return true;
    case FIELD_BOOLEAN:
        *(bool *)member = true;
        return stored_integer_read(value, &integer) && integer == 1;
    case FIELD_TAGS:
        return read_tags(arena, value, member);
    case FIELD_INDEXES:
        return stored_indexes_read(arena, value, table);
    case FIELD_PARTITIONS:
        return stored_partitions_read(arena, value, member);
    case FIELD_SEALED:
        return stored_sealed_read(arena, value, member);
    case FIELD_STREAM_VIEW:
        if (!stored_integer_read(value, &integer) || integer < STREAM_VIEW_NEW_IMAGE ||
            integer > STREAM_VIEW_KEYS_ONLY)
            return false;
        *(enum stream_view *)member = (enum stream_view)integer;
        return true;
    }
    unreachable("every kind of field is read");
}

/* A later release wrote it: what it means is not known, and the next change would lose it. */
static error refuse_unknown(struct arena *arena, slice item)
{
    struct item_cursor cursor;
    slice name;
    slice value;
    item_cursor_init(&cursor, item);
    while (item_cursor_next(&cursor, &name, &value)) {
        bool known = false;
        for (size_t i = 0; i < FIELD_COUNT && !known; i++)
            known = slice_equal(fields[i].name, name);
        if (!known)
            return fail(arena, ERROR_CORRUPT,
                        "a table description has the attribute %.*s, which this Stator does not "
                        "know",
                        SLICE_ARGS(name));
    }
    unreachable("more attributes than fields, and every one known");
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
    uint32_t known_count = 0;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        bool is_there = item_attribute(item, fields[i].name, &found);
        known_count += is_there;
        if (!is_there && (fields[i].presence == WHEN_SET ||
                          (fields[i].presence == OF_RANGE && !table->keys.has_range)))
            continue;
        if (!is_there || !read_field(arena, &fields[i], found, table))
            return fail(arena, ERROR_CORRUPT, "a table description lacks a good %.*s",
                        SLICE_ARGS(fields[i].name));
    }
    if (known_count < item_attribute_count(item))
        return refuse_unknown(arena, item);
    if (!table_insights_settle(&table->insights))
        return fail(arena, ERROR_CORRUPT, "a table description lacks a good InsightsMode");
    table_settings_warm_up(&table->settings);
    if (table->expiry.build.since.incarnation != 0)
        table->expiry.build.number = table->space;
    if (table->partitions.count == 0) /* made before partitions were stored, as below */
        table->partitions = partition_map_make(arena, partition_count_of(&table->settings));
    partition_indexes(arena, table, 0);
    return NULL;
}
