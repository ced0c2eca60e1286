#include "db/import/import.h"

#include "base/limits.h"
#include "db/import/import_private.h"
#include "db/table/table_private.h"

enum {
    UNDER_WAY_MAX = 50,                        /* at once. Source: Developer Guide, import quotas */
    IMPORT_TOKEN_LIFE_MS = 8 * 60 * 60 * 1000, /* behind the end. Source: API Reference */
    SCAN_ROWS = 64,
};

void import_wake(struct db *db)
{
    atomic_store(&db->imports_have_work, true);
}

bool import_stops(struct db *db)
{
    return atomic_load(&db->imports_stop);
}

void db_import_stop(struct db *db)
{
    atomic_store(&db->imports_stop, true);
}

/* ---- rows ---- */

static slice arn_of(const struct db *db, struct arena *arena, const struct import *import)
{
    return arena_format(arena, "%.*s/import/%.*s",
                        SLICE_ARGS(db_table_arn(db, arena, import->table_name)),
                        SLICE_ARGS(import->id));
}

error import_visit(struct db *db, struct arena *arena, import_visitor *visit, void *context)
{
    slice from = import_row_key(arena, SLICE_NONE);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = from,
                              .to = row_key_after_prefix(arena, from),
                              .backward = true,
                              .tier = STORE_ANY,
                              .row_count_max = SCAN_ROWS,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page;
    do {
        if (store_scan(db->store, arena, &scan, &page) != STORE_OK)
            return fail(arena, ERROR_CORRUPT, "the catalogue cannot be read: %.*s",
                        SLICE_ARGS(store_problem(db->store, arena)));
        for (uint32_t i = 0; i < page.count; i++) {
            struct import import;
            TRY(import_row_open(arena, page.entries[i].value, &import));
            import.arn = arn_of(db, arena, &import);
            if (!visit(context, &import))
                return NULL;
            scan.to = page.entries[i].key;
        }
    } while (page.more);
    return NULL;
}

/* ---- beginning ---- */

struct census {
    const struct import *asked;
    int64_t now_ms;
    struct import earlier; /* of this client token */
    bool is_repeated;
    uint32_t under_way;
};

static bool count_import(void *context, const struct import *import)
{
    struct census *census = context;
    bool is_under_way = import->status == IMPORT_IN_PROGRESS;
    bool token_lives = is_under_way || census->now_ms < import->ended_ms + IMPORT_TOKEN_LIFE_MS;
    census->under_way += is_under_way;
    if (!census->is_repeated && token_lives &&
        slice_equal(import->client_token, census->asked->client_token)) {
        census->is_repeated = true;
        census->earlier = *import;
    }
    return true;
}

/*
 * Nothing but the table's name is compared, and once the table is there it is said first: measured
 * on the service.
 */
static error check_repeated(const struct import *asked, const struct import *earlier)
{
    if (slice_equal(asked->table_name, earlier->table_name))
        return NULL;
    return FAILURE(ERROR_IMPORT_CONFLICT, "Import conflict: Duplicate request detected with "
                                          "conflicting parameters");
}

static bool table_is_there(struct db *db, slice name)
{
    const struct table *table = catalogue_find(db->catalogue, name);
    if (table)
        table_release(table);
    return table != NULL;
}

static error begin_locked(struct db_session *session, const struct table_definition *definition,
                          struct import *import)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    struct census census = {.asked = import, .now_ms = db_now_ms(db)};
    TRY(import_visit(db, arena, count_import, &census));
    if (census.is_repeated) {
        TRY(check_repeated(import, &census.earlier));
        if (census.earlier.status == IMPORT_IN_PROGRESS ||
            !table_is_there(db, import->table_name)) {
            *import = census.earlier;
            return NULL;
        }
    }
    if (census.under_way >= UNDER_WAY_MAX)
        return FAILURE(ERROR_LIMIT_EXCEEDED, "Subscriber limit exceeded: Only 50 import operations "
                                             "can be done simultaneously");
    import->id = arena_format(arena, "%014lld-%08x", (long long)census.now_ms,
                              (unsigned)random_below(&db->random, UINT64_C(1) << 32));
    import->arn = arn_of(db, arena, import);
    import->status = IMPORT_IN_PROGRESS;
    import->started_ms = census.now_ms;

    struct table_definition awaiting = *definition;
    awaiting.id = db_make_uuid_locked(db, arena);
    awaiting.awaits_items = true;
    import->table_id = awaiting.id;
    struct store_write write = import_row_write(arena, import);
    const struct table *table;
    TRY(table_create_locked(session, &awaiting, &write, &table));
    import_wake(db);
    return NULL;
}

error import_begin(struct db_session *session, const struct table_definition *definition,
                   struct import *import)
{
    struct db *db = session->db;
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    if (db->bucket_root.size == 0)
        return FAILURE(ERROR_VALIDATION, "This server has no directory that stands for the buckets "
                                         "of S3. Start it with --s3-root.");
    pthread_mutex_lock(&db->control);
    error failure = begin_locked(session, definition, import);
    pthread_mutex_unlock(&db->control);
    return failure;
}

/* ---- telling ---- */

/* The id in the ARN of an import of this server; empty: it is none. */
static slice id_of_arn(const struct db *db, struct arena *arena, slice arn)
{
    slice mark = SLICE("/import/");
    slice ours = db_table_arn(db, arena, SLICE(""));
    if (arn.size < ours.size + TABLE_NAME_BYTES_MIN + mark.size + IMPORT_ID_BYTES)
        return SLICE_NONE;
    slice id = slice_from(arn, arn.size - IMPORT_ID_BYTES);
    slice before = slice_from(slice_first(arn, arn.size - id.size), arn.size - id.size - mark.size);
    return slice_begins_with(arn, ours) && slice_equal(before, mark) ? id : SLICE_NONE;
}

static error find_locked(struct db_session *session, slice arn, struct import *import)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    slice id = id_of_arn(db, arena, arn);
    struct store_row row = {.found = false};
    slice key = import_row_key(arena, id);
    if (id.size > 0)
        TRY(db_error_of(session,
                        store_get(db->store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row)));
    if (row.found) {
        TRY(import_row_open(arena, row.value, import));
        import->arn = arn_of(db, arena, import);
    }
    if (row.found && slice_equal(import->arn, arn))
        return NULL;
    return fail(arena, ERROR_IMPORT_NOT_FOUND, "Import not found: Import not found: %.*s",
                SLICE_ARGS(arn));
}

/* With the lock of whoever ends it: that it has ended and that its table is there are seen at once. */
error import_find(struct db_session *session, slice arn, struct import *import)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = find_locked(session, arn, import);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

struct page_of_imports {
    slice table_arn;
    slice after_id;
    uint32_t limit;
    struct import *imports;
    uint32_t count;
    bool more;
};

static bool take_import(void *context, const struct import *import)
{
    struct page_of_imports *page = context;
    slice table_arn =
        slice_first(import->arn, import->arn.size - SLICE("/import/").size - IMPORT_ID_BYTES);
    bool is_behind = page->after_id.size == 0 || slice_compare(import->id, page->after_id) < 0;
    if (!is_behind || (page->table_arn.size > 0 && !slice_equal(page->table_arn, table_arn)))
        return true;
    page->more = page->count == page->limit;
    if (!page->more)
        page->imports[page->count++] = *import;
    return !page->more;
}

error import_list(struct db_session *session, slice table_arn, slice after_id, uint32_t limit,
                  const struct import **imports, uint32_t *count, bool *more)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    struct page_of_imports page = {.table_arn = table_arn,
                                   .after_id = after_id,
                                   .limit = limit,
                                   .imports =
                                       arena_new_array(session->arena, struct import, limit)};
    TRY(import_visit(session->db, session->arena, take_import, &page));
    *imports = page.imports;
    *count = page.count;
    *more = page.more;
    return NULL;
}
