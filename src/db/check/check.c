#include "db/check/check.h"

#include "base/bytes.h"
#include "db/backup/backup_row.h"
#include "db/export/export_row.h"
#include "db/check/check_private.h"
#include "db/stream/stream_row.h"
#include "db/db_private.h"
#include "db/import/import_row.h"
#include "db/table/table_row.h"
#include "db/request_token.h"
#include "store/queue.h"
#include <stdlib.h>

void check_problem(struct check *check, const char *format, ...)
{
    if (check->mode != CHECK_TELL || check->report->problems++ >= CHECK_SENTENCES_MAX)
        return;
    SCOPED_ARENA(scratch);
    va_list arguments;
    va_start(arguments, format);
    check->say(check->context, arena_format_list(&scratch, format, arguments));
    va_end(arguments);
}

slice check_hex(struct arena *arena, slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc_bytes(arena, bytes.size * 2);
    for (size_t i = 0; i < bytes.size; i++) {
        text[2 * i] = digits[(unsigned char)bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    return slice_of(text, bytes.size * 2);
}

/* Walk the rows of an area of keys; each page has an arena of its own. */
typedef void (*row_checker)(struct check *check, struct arena *arena,
                            const struct store_entry *entry);

static error walk(struct check *check, enum store_area area, slice from, slice to,
                  row_checker check_row)
{
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = area,
                              .to = to,
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = STORE_SCAN_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct arena keys;
    arena_init(&keys, NULL);
    slice next = arena_copy(&keys, from);
    bool more = true;
    error failure = NULL;
    while (more && !failure) {
        SCOPED_ARENA(arena);
        struct store_page page;
        scan.from = next;
        if (store_scan(check->store, &arena, &scan, &page) != STORE_OK) {
            failure = fail(check->arena, ERROR_CORRUPT, "the store cannot be read: %.*s",
                           SLICE_ARGS(store_problem(check->store, check->arena)));
            break;
        }
        for (uint32_t i = 0; i < page.count; i++)
            check_row(check, &arena, &page.entries[i]);
        more = page.more && page.count > 0;
        if (more) {
            slice after = row_key_successor(&arena, page.entries[page.count - 1].key);
            arena_reset(&keys);
            next = arena_copy(&keys, after);
        }
    }
    arena_fini(&keys);
    return failure;
}

static struct space *add_space(struct check *check, const struct table *table,
                               const struct index *index, uint32_t number)
{
    if (number >= check->next_space)
        check_problem(check, "table %.*s has space %u, but the next free one is %u",
                      SLICE_ARGS(table->name), number, check->next_space);
    if (check->space_count == check->space_capacity) {
        uint32_t capacity = check->space_capacity ? check->space_capacity * 2 : 64;
        struct space *grown = arena_new_array(check->arena, struct space, capacity);
        if (check->space_count > 0)
            memcpy(grown, check->spaces, check->space_count * sizeof grown[0]);
        check->spaces = grown;
        check->space_capacity = capacity;
    }
    struct space *space = &check->spaces[check->space_count++];
    *space = (struct space){.number = number, .table = table, .index = index};
    return space;
}

static int by_number(const void *a, const void *b)
{
    const struct space *left = a;
    const struct space *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

struct space *check_find_space(struct check *check, uint32_t number)
{
    struct space wanted = {.number = number};
    return check->space_count == 0
               ? NULL
               : bsearch(&wanted, check->spaces, check->space_count, sizeof wanted, by_number);
}

/* How far a build is; it may not have begun. */
static slice read_cursor(struct check *check, uint32_t number)
{
    struct store_row row;
    slice key = row_key_of_build(check->arena, number);
    if (store_get(check->store, STORE_SHARD_WHOLE, check->arena, &key, 1, STORE_ANY, &row) !=
        STORE_OK) {
        check_problem(check, "the cursor of build %u cannot be read", number);
        return SLICE_NONE;
    }
    return row.found ? row.value : SLICE_NONE;
}

const struct table *check_table_of_log(const struct check *check, uint32_t log_space)
{
    for (uint32_t i = 0; i < check->space_count; i++) {
        const struct space *space = &check->spaces[i];
        if (!space->dead && !space->index && space->table->log_space == log_space)
            return space->table;
    }
    return NULL;
}

static void check_catalogue_row(struct check *check, struct arena *arena,
                                const struct store_entry *entry)
{
    if (stream_row_is_key(entry->key)) {
        check_stream_row(check, arena, entry);
        return;
    }
    if (backup_row_is_key(entry->key)) {
        struct backup backup;
        if (backup_row_open(arena, entry->value, &backup) ||
            !slice_equal(backup_row_key(arena, backup.id), entry->key))
            check_problem(check, "catalogue row %.*s is no good row of a backup",
                          SLICE_ARGS(check_hex(arena, entry->key)));
        return;
    }
    if (export_row_is_key(entry->key)) {
        struct export export;
        if (export_row_open(arena, entry->value, &export) ||
            !slice_equal(export_row_key(arena, export.table_name, export.labels.id), entry->key))
            check_problem(check, "catalogue row %.*s is no good row of an export",
                          SLICE_ARGS(check_hex(arena, entry->key)));
        return;
    }
    if (import_row_is_key(entry->key)) {
        struct import import;
        if (import_row_open(arena, entry->value, &import) ||
            !slice_equal(import_row_key(arena, import.id), entry->key))
            check_problem(check, "catalogue row %.*s is no good row of an import",
                          SLICE_ARGS(check_hex(arena, entry->key)));
        return;
    }
    slice stored = arena_copy(check->arena, entry->value);
    struct table *table = arena_new(check->arena, struct table);
    error failure = table_row_open(check->arena, stored, table);
    if (failure) {
        check_problem(check, "catalogue row %.*s: %.*s", SLICE_ARGS(check_hex(arena, entry->key)),
                      SLICE_ARGS(failure->message));
        return;
    }
    bool dead = entry->key.size == 6 && entry->key.data[1] == 0;
    slice wanted =
        dead ? row_key_of_tombstone(arena, table->space) : row_key_of_table(arena, table->name);
    if (!slice_equal(wanted, entry->key))
        check_problem(check, "catalogue row %.*s describes the table %.*s, which is not its key",
                      SLICE_ARGS(check_hex(arena, entry->key)), SLICE_ARGS(table->name));
    struct space *own = add_space(check, table, NULL, table->space);
    own->dead = dead;
    if (build_is_under_way(&table->expiry.build))
        own->cursor = read_cursor(check, table->space);
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (index->kind != INDEX_GLOBAL)
            continue;
        struct space *space = add_space(check, table, index, index->space);
        space->dead = index->deleting_ms != 0;
        if (build_is_under_way(&index->build))
            space->cursor = read_cursor(check, index->build.number);
    }
    if (!dead)
        check->report->tables++;
}

void check_stamp(struct check *check, struct arena *arena, const struct store_entry *entry)
{
    const char *stamp = entry->value.data + ROW_STAMP_OFFSET;
    uint64_t number = bytes_get_u64(stamp);
    if (number == 0 || number > check->commit_number)
        check_problem(check, "row %.*s is of commit %llu, but the last one is %llu",
                      SLICE_ARGS(check_hex(arena, entry->key)), (unsigned long long)number,
                      (unsigned long long)check->commit_number);
    uint64_t incarnation = bytes_get_u64(entry->value.data + ROW_VERSION_OFFSET);
    if (incarnation == 0 || incarnation > check->incarnation)
        check_problem(check, "row %.*s was written by process %llu, but the last one is %llu",
                      SLICE_ARGS(check_hex(arena, entry->key)), (unsigned long long)incarnation,
                      (unsigned long long)check->incarnation);
}

static void check_item(struct check *check, struct arena *arena, struct space *space,
                       const struct store_entry *entry)
{
    const struct table *table = space->table;
    slice item;
    if (!row_value_open(entry->value, &item)) {
        check_problem(check, "row %.*s of table %.*s has no header",
                      SLICE_ARGS(check_hex(arena, entry->key)), SLICE_ARGS(table->name));
        return;
    }
    check_stamp(check, arena, entry);
    error failure = item_check(item);
    if (!failure)
        failure = key_check_item(arena, &table->keys, item);
    if (failure) {
        check_problem(check, "row %.*s of table %.*s: %.*s",
                      SLICE_ARGS(check_hex(arena, entry->key)), SLICE_ARGS(table->name),
                      SLICE_ARGS(failure->message));
        return;
    }
    if (!slice_equal(row_key_of_item(arena, &table->keys, space->number, item), entry->key))
        check_problem(check, "row %.*s of table %.*s holds an item with another key",
                      SLICE_ARGS(check_hex(arena, entry->key)), SLICE_ARGS(table->name));
    space->tallies[0].row_count++;
    space->tallies[0].bytes += (int64_t)item_charged_bytes(item);
    check->report->items++;
    check_entries_of_item(check, table, entry, item);
    check_expiry_of_item(check, table, entry, item);
    check_logged_item(check, arena, table, entry, item);
}

/* The local index with this number; NULL: the table has none. */
static const struct index *local_index(const struct space *space, uint8_t number)
{
    for (uint32_t i = 0; !space->index && i < space->table->index_count; i++) {
        const struct index *index = &space->table->indexes[i];
        if (index->kind == INDEX_LOCAL && index->number == number)
            return index;
    }
    return NULL;
}

/* A row of a space that is alive. */
static void check_live_row(struct check *check, struct arena *arena, struct space *space,
                           const struct store_entry *entry)
{
    enum { CLASS_OFFSET = 5, NUMBER_OFFSET = 6 };
    char class = entry->key.data[CLASS_OFFSET];
    if (class == ROW_CLASS_COLLECTION && !space->index) {
        check_collection(check, arena, space, entry);
        return;
    }
    if (class == ROW_CLASS_ITEM && !space->index) {
        check_item(check, arena, space, entry);
        return;
    }
    if (class == ROW_CLASS_EXPIRY && !space->index) {
        check_expiry_row(check, space->table, entry);
        return;
    }
    uint8_t number = class == ROW_CLASS_LOCAL && entry->key.size > NUMBER_OFFSET
                         ? (uint8_t)entry->key.data[NUMBER_OFFSET]
                         : 0;
    const struct index *index = class == ROW_CLASS_ITEM ? space->index : local_index(space, number);
    if (index)
        check_entry(check, arena, space->table, index, &space->tallies[number], entry);
    else
        check_problem(check, "row %.*s of table %.*s is of an unknown class",
                      SLICE_ARGS(check_hex(arena, entry->key)), SLICE_ARGS(space->table->name));
}

static void check_row(struct check *check, struct arena *arena, const struct store_entry *entry)
{
    enum { PREFIX_BYTES = 1 + 4 };
    struct space *space = entry->key.size > PREFIX_BYTES
                              ? check_find_space(check, bytes_get_u32(entry->key.data + 1))
                              : NULL;
    if (!space)
        check_problem(check, "row %.*s belongs to no table",
                      SLICE_ARGS(check_hex(arena, entry->key)));
    else if (space->dead)
        check->report->dead_rows++;
    else
        check_live_row(check, arena, space, entry);
}

static bool is_counter(struct check *check, const struct store_entry *entry)
{
    enum { SPACE_OFFSET = 6, WHICH_OFFSET = 10, NUMBER_OFFSET = 11 };
    slice key = entry->key;
    if (key.size < NUMBER_OFFSET || key.size > NUMBER_OFFSET + 1 ||
        memcmp(key.data + 1, "table", 5) != 0)
        return false;
    struct space *space = check_find_space(check, bytes_get_u32(key.data + SPACE_OFFSET));
    uint8_t number = key.size > NUMBER_OFFSET ? (uint8_t)key.data[NUMBER_OFFSET] : 0;
    if (!space || entry->value.size != 8 || number > LOCAL_INDEXES_MAX)
        return false;
    struct tally *tally = &space->tallies[number];
    int64_t total = (int64_t)bytes_get_u64(entry->value.data);
    if (key.data[WHICH_OFFSET] == COUNTER_ITEMS)
        tally->stored_row_count = total;
    else if (key.data[WHICH_OFFSET] == COUNTER_BYTES)
        tally->stored_bytes = total;
    else
        return false;
    return true;
}

/* A cursor goes with its build, or with the rows of what was being built. */
static bool is_cursor(struct check *check, const struct store_entry *entry)
{
    enum { NUMBER_OFFSET = 6, KEY_BYTES = 10 };
    slice key = entry->key;
    if (key.size != KEY_BYTES || memcmp(key.data + 1, "build", 5) != 0)
        return false;
    const struct space *space = check_find_space(check, bytes_get_u32(key.data + NUMBER_OFFSET));
    if (!space || space->dead)
        return space != NULL;
    return build_is_under_way(space->index ? &space->index->build : &space->table->expiry.build);
}

static void check_meta_row(struct check *check, struct arena *arena,
                           const struct store_entry *entry)
{
    static const slice known[] = {
        META_REGION_KEY,      META_ACCOUNT_KEY, META_NEXT_SPACE_KEY,
        META_INCARNATION_KEY, STORE_FORMAT_KEY, STORE_COMMIT_KEY,
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_equal(known[i], entry->key))
            return;
    }
    if (!is_counter(check, entry) && !is_cursor(check, entry) &&
        !check_is_low_water(check, entry) &&
        !request_token_row_is_known(entry->key, entry->value))
        check_problem(check, "meta row %.*s is not known or belongs to no table",
                      SLICE_ARGS(check_hex(arena, entry->key)));
}

static void refuse_row(struct check *check, struct arena *arena, const struct store_entry *entry)
{
    check_problem(check, "row %.*s lies in an area that is not known",
                  SLICE_ARGS(check_hex(arena, entry->key)));
}

static error read_meta(struct check *check, slice key, size_t size, uint64_t *number)
{
    struct store_row row;
    SCOPED_ARENA(arena);
    if (store_get(check->store, STORE_SHARD_WHOLE, &arena, &key, 1, STORE_ANY, &row) != STORE_OK)
        return fail(check->arena, ERROR_CORRUPT, "the store cannot be read: %.*s",
                    SLICE_ARGS(store_problem(check->store, check->arena)));
    *number = 0;
    if (!row.found)
        return NULL;
    if (row.value.size < size)
        check_problem(check, "meta row %.*s is too short", SLICE_ARGS(slice_from(key, 1)));
    else
        *number = size == 4 ? bytes_get_u32(row.value.data) : bytes_get_u64(row.value.data);
    return NULL;
}

static struct store_write counter_write(struct arena *arena, struct row_place place,
                                        enum table_counter counter, int64_t total)
{
    char *value = arena_alloc_bytes(arena, 8);
    bytes_put_u64(value, (uint64_t)total);
    return db_put(row_key_of_counter(arena, place, counter), slice_of(value, 8));
}

static void compare_tally(struct check *check, const struct space *space, uint8_t number)
{
    const struct tally *tally = &space->tallies[number];
    const struct index *index = number > 0 ? local_index(space, number) : space->index;
    if (tally->row_count == tally->stored_row_count && tally->bytes == tally->stored_bytes)
        return;
    SCOPED_ARENA(arena);
    struct row_place place = {space->number, number};
    struct store_write writes[] = {
        counter_write(&arena, place, COUNTER_ITEMS, tally->row_count),
        counter_write(&arena, place, COUNTER_BYTES, tally->bytes),
    };
    slice of_index =
        index ? arena_format(&arena, "index %.*s of ", SLICE_ARGS(index->name)) : SLICE("");
    check_mendable(check, CHECK_MEND_COUNTS, writes, 2,
                   "%.*stable %.*s has %lld items of %lld bytes, but its counters say %lld of %lld",
                   SLICE_ARGS(of_index), SLICE_ARGS(space->table->name),
                   (long long)tally->row_count, (long long)tally->bytes,
                   (long long)tally->stored_row_count, (long long)tally->stored_bytes);
}

static void compare_counts(struct check *check)
{
    for (uint32_t i = 0; i < check->space_count; i++) {
        struct space *space = &check->spaces[i];
        if (i > 0 && space->number == check->spaces[i - 1].number)
            check_problem(check, "space %u belongs to two tables", space->number);
        for (uint8_t number = 0; !space->dead && number <= LOCAL_INDEXES_MAX; number++)
            compare_tally(check, space, number);
        if (!space->dead)
            check_collections_of_space(check, space);
    }
}

error check_walk(struct check *check)
{
    static const char edges[] = {AREA_META, AREA_CATALOGUE, AREA_ITEM,
                                 AREA_LOG,  AREA_LOG + 1,   '\xff'};
    *check->report = (struct check_report){.tables = 0};
    uint64_t next_space;
    uint64_t format;
    TRY(read_meta(check, META_NEXT_SPACE_KEY, 4, &next_space));
    TRY(read_meta(check, STORE_FORMAT_KEY, 4, &format));
    TRY(read_meta(check, META_INCARNATION_KEY, 8, &check->incarnation));
    TRY(read_meta(check, STORE_COMMIT_KEY, 8, &check->commit_number));
    check->next_space = next_space > 0 ? (uint32_t)next_space : 1;
    check->format = format > 0 ? (uint32_t)format : STORE_FORMAT;
    check_logs_open(check);
    TRY(store_verify(check->store, check->arena));
    TRY(walk(check, STORE_ROWS, slice_of(edges + 1, 1), slice_of(edges + 2, 1),
             check_catalogue_row));
    if (check->space_count > 0)
        qsort(check->spaces, check->space_count, sizeof check->spaces[0], by_number);
    TRY(walk(check, STORE_LOG, slice_of(edges + 3, 1), slice_of(edges + 4, 1), check_log_record));
    TRY(walk(check, STORE_ROWS, slice_of(edges + 2, 1), slice_of(edges + 3, 1), check_row));
    TRY(walk(check, STORE_ROWS, slice_of(edges, 1), slice_of(edges + 1, 1), check_meta_row));
    TRY(walk(check, STORE_ROWS, slice_of(edges + 3, 1), slice_of(edges + 5, 1), refuse_row));
    TRY(walk(check, STORE_LOG, slice_of(edges, 1), slice_of(edges + 3, 1), refuse_row));
    TRY(walk(check, STORE_LOG, slice_of(edges + 4, 1), slice_of(edges + 5, 1), refuse_row));
    compare_counts(check);
    check_logs_end(check);
    return NULL;
}

error db_check(struct arena *arena, struct store *store, slice archives,
               void (*say)(void *context, slice sentence), void *context,
               struct check_report *report)
{
    struct check check = {.store = store,
                          .arena = arena,
                          .say = say,
                          .context = context,
                          .report = report,
                          .mode = CHECK_TELL};
    TRY(check_walk(&check));
    return archives.size > 0 ? check_archives(&check, archives) : NULL;
}
