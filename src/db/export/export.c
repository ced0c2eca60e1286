#include "db/export/export.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/backup_private.h"
#include "db/backup/chain.h"
#include "db/backup/recovery.h"
#include "db/export/export_private.h"
#include "exchange/bucket.h"

enum {
    TOKEN_HOURS = 8,
    HOUR_MS = 60 * 60 * 1000,
    SPAN_MS_MIN = 15 * 60 * 1000, /* of an incremental export */
    SPAN_MS_MAX = 24 * HOUR_MS,
};

/* ---- rows ---- */

static error take_page(struct db *db, struct arena *arena, struct export_walk *walk,
                       const struct store_page *page)
{
    for (uint32_t i = 0; i < page->count && !walk->is_done; i++) {
        struct export export;
        TRY(export_row_open(arena, page->entries[i].value, &export));
        export_name(db, arena, &export);
        TRY(walk->take(walk, arena, page->entries[i].key, &export));
    }
    return NULL;
}

error export_walk_rows(struct db *db, struct arena *arena, struct export_walk *walk)
{
    struct db_session session = archive_session(db, arena);
    struct store_page page = {.more = true};
    while (page.more && !walk->is_done) {
        struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                                  .area = STORE_ROWS,
                                  .from = walk->from,
                                  .to = walk->to,
                                  .backward = walk->backward,
                                  .tier = walk->tier,
                                  .row_count_max = walk->page_rows,
                                  .bytes_max = STORE_SCAN_BYTES_MAX};
        TRY(db_error_of(&session, store_scan(db->store, arena, &scan, &page)));
        TRY(take_page(db, arena, walk, &page));
        if (page.count == 0)
            break;
        slice last = page.entries[page.count - 1].key;
        *(walk->backward ? &walk->to : &walk->from) =
            walk->backward ? last : row_key_successor(arena, last);
    }
    return NULL;
}

/* ---- tokens ---- */

static slice request_digest(struct arena *arena, const struct export_request *request)
{
    slice texts[] = {request->table_name, request->bucket,        request->bucket_owner,
                     request->prefix,     request->sse_algorithm, request->kms_key_id};
    int64_t numbers[] = {request->format,  request->type,    request->view,
                         request->time_ms, request->from_ms, request->to_ms};
    struct digest digest = digest_of(SLICE("export"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        digest_add(&digest, texts[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        digest_add(&digest, slice_of(&numbers[i], sizeof numbers[i]));
    char *bytes = arena_alloc_bytes(arena, 16);
    bytes_put_u64(bytes, digest.high);
    bytes_put_u64(bytes + 8, digest.low);
    return slice_of(bytes, 16);
}

struct token_search {
    struct arena *arena;
    slice token;
    int64_t since_ms;
    struct export *export;
    bool found;
};

static error match_token(struct export_walk *walk, struct arena *arena, slice key,
                         const struct export *export)
{
    struct token_search *search = walk->context;
    (void)arena;
    (void)key;
    if (!slice_equal(export->token, search->token) || export->labels.start_ms < search->since_ms)
        return NULL;
    export_copy(search->arena, export, search->export);
    walk->is_done = search->found = true;
    return NULL;
}

/* The export that came with this token not long ago. */
static error find_token(struct db_session *session, const struct export_request *request,
                        struct export *export, bool *found)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    struct token_search search = {.arena = arena,
                                  .token = request->token,
                                  .since_ms = db_now_ms(db) - (int64_t)TOKEN_HOURS * HOUR_MS,
                                  .export = export};
    slice prefix = export_row_prefix(arena, SLICE_NONE);
    struct export_walk walk = {.from = prefix,
                               .to = row_key_after_prefix(arena, prefix),
                               .tier = session->tier,
                               .page_rows = STORE_SCAN_ROWS_MAX,
                               .context = &search,
                               .take = match_token};
    *found = false;
    if (!request->token.data)
        return NULL;
    TRY(export_walk_rows(db, arena, &walk));
    *found = search.found;
    if (search.found && !slice_equal(export->request, request_digest(arena, request)))
        return FAILURE(ERROR_EXPORT_CONFLICT, "Export conflict: Duplicate request detected with "
                                              "conflicting parameters");
    return NULL;
}

/* ---- asking for one ---- */

/* What a span is held against before anything of recovery is. Measured on the service. */
static error check_span(struct db_session *session, const struct export_request *request,
                        const struct table *table)
{
    struct arena *arena = session->arena;
    int64_t now_ms = db_now_ms(session->db);
    int64_t to_ms = request->to_ms != 0 ? request->to_ms : now_ms;
    if (request->from_ms < table->created_ms)
        return fail(arena, ERROR_INVALID_EXPORT_TIME,
                    "Incremental export period from time cannot be less than the table creation "
                    "time : %.*s",
                    SLICE_ARGS(recovery_time_text(arena, request->from_ms)));
    if (to_ms > now_ms)
        return fail(arena, ERROR_INVALID_EXPORT_TIME,
                    "Incremental export period to time cannot be greater than the current time : "
                    "%.*s",
                    SLICE_ARGS(recovery_time_text(arena, to_ms)));
    if (to_ms - request->from_ms < SPAN_MS_MIN)
        return FAILURE(ERROR_INVALID_EXPORT_TIME, "Difference between export period from time and "
                                                  "export period to time is less than 15 minutes");
    if (to_ms - request->from_ms > SPAN_MS_MAX)
        return FAILURE(ERROR_INVALID_EXPORT_TIME, "Difference between export period from time and "
                                                  "export period to time is more than 24 hours");
    return NULL;
}

static error not_recoverable(void)
{
    return FAILURE(ERROR_INVALID_EXPORT_TIME,
                   "Point in Time Recovery is not available for specified export time");
}

/* The times that the export has; what was not given is now, which no other time may be yet. */
static error choose_times(struct db_session *session, const struct export_request *request,
                          const struct table *table, const struct recovery_state *state,
                          struct export_labels *labels)
{
    int64_t now_ms = db_now_ms(session->db);
    int64_t time_ms = request->time_ms;
    if (request->type == EXPORT_TYPE_INCREMENTAL) {
        labels->from_ms = request->from_ms;
        labels->to_ms = request->to_ms != 0 ? request->to_ms : now_ms;
        return labels->from_ms < state->earliest_ms ? not_recoverable() : NULL;
    }
    labels->time_ms = time_ms != 0 ? time_ms : now_ms;
    if (time_ms == 0)
        return NULL;
    if (time_ms > now_ms || time_ms < table->created_ms)
        return FAILURE(ERROR_INVALID_EXPORT_TIME, "Export Time is invalid");
    bool is_in = time_ms >= state->earliest_ms && time_ms <= state->latest_ms;
    return is_in ? NULL : not_recoverable();
}

static error check_request(struct db_session *session, const struct export_request *request,
                           const struct table *table, struct export_labels *labels)
{
    struct recovery_state state;
    TRY(recovery_check_state(session, table));
    if (request->type == EXPORT_TYPE_INCREMENTAL)
        TRY(check_span(session, request, table));
    TRY(recovery_describe(session, request->table_name, &state));
    if (!state.is_on)
        return fail(session->arena, ERROR_POINT_IN_TIME_RECOVERY_UNAVAILABLE,
                    "Point in time recovery is not enabled for table '%.*s'",
                    SLICE_ARGS(request->table_name));
    if (session->db->bucket_root.size == 0)
        return FAILURE(ERROR_VALIDATION, "This server has no directory of buckets. Start it with "
                                         "--s3-root.");
    if (!bucket_can_hold(request->prefix))
        return FAILURE(ERROR_VALIDATION,
                       "S3Prefix must be a path here: its parts are not empty, \".\" or \"..\"");
    return choose_times(session, request, table, &state, labels);
}

/* db->control is held. */
static struct export make_locked(struct db_session *session, const struct export_request *request,
                                 const struct table *table, const struct export_labels *times)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    struct export export = {
        .labels = *times,
        .table_name = table->name,
        .token = request->token.data ? request->token : db_make_uuid_locked(db, arena),
        .bucket_owner = request->bucket_owner,
        .request = request_digest(arena, request),
        .type = request->type,
        .status = EXPORT_IN_PROGRESS,
    };
    struct export_labels *labels = &export.labels;
    labels->start_ms = db_now_ms(db);
    labels->id = arena_format(arena, "%014lld-%08x", (long long)labels->start_ms,
                              (unsigned)random_below(&db->random, UINT64_C(1) << 32));
    labels->table_id = table->id;
    labels->bucket = request->bucket;
    labels->prefix = request->prefix;
    labels->kms_key_id = request->kms_key_id;
    labels->sse_algorithm = request->sse_algorithm.data ? request->sse_algorithm : SLICE("AES256");
    labels->format = request->format != 0 ? request->format : EXPORT_JSON;
    labels->is_incremental = request->type == EXPORT_TYPE_INCREMENTAL;
    if (labels->is_incremental)
        labels->view = request->view != 0 ? request->view : EXPORT_NEW_AND_OLD_IMAGES;
    export_name(db, arena, &export);
    return export;
}

/* The time was in the window when it was looked at; db->control is held, so archives stay. */
static error check_reach(struct db *db, struct arena *arena, const struct export_labels *labels)
{
    struct table_restore moment = export_moment(db, arena, labels);
    struct backup base;
    if (chain_find_base(db, arena, &moment, &base))
        return NULL;
    return not_recoverable();
}

static error begin_locked(struct db_session *session, const struct export_request *request,
                          const struct table *table, const struct export_labels *times,
                          struct export *export)
{
    struct db *db = session->db;
    bool found;
    TRY(find_token(session, request, export, &found));
    if (found)
        return NULL;
    if (exports_count(db->exports) >= EXPORTS_MAX)
        return FAILURE(ERROR_LIMIT_EXCEEDED, "Subscriber limit exceeded: Only 300 exports can be "
                                             "done simultaneously");
    *export = make_locked(session, request, table, times);
    TRY(check_reach(db, session->arena, &export->labels));
    struct store_write write = export_row_write(session->arena, export);
    TRY(db_commit_rows(db, session->arena, &write, 1));
    exports_add(db->exports, export);
    log_write(LOG_INFO, "export_begun", "export=%.*s", SLICE_ARGS(export->labels.arn));
    return NULL;
}

/* What was committed until now is in archives before the export stands in its row. */
error export_begin(struct db_session *session, const struct export_request *request,
                   struct export *export)
{
    const struct table *table;
    struct export_labels times = {.time_ms = 0};
    bool found;
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    TRY(recovery_find_table(session, request->table_name, &table));
    TRY(find_token(session, request, export, &found));
    if (found)
        return NULL;
    TRY(check_request(session, request, table, &times));
    TRY(recovery_seal(session->db, table));
    pthread_mutex_lock(&session->db->control);
    error failure = begin_locked(session, request, table, &times, export);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

/* ---- the others ---- */

/* Table name and id of an ARN of this server's. */
static bool split_arn(const struct db *db, struct arena *arena, slice arn, slice *table_name,
                      slice *id)
{
    slice mark = SLICE("/export/");
    slice ours = db_table_arn(db, arena, SLICE(""));
    if (!slice_begins_with(arn, ours) ||
        arn.size <= ours.size + mark.size + EXPORT_ID_BYTES)
        return false;
    *id = slice_from(arn, arn.size - EXPORT_ID_BYTES);
    slice before = slice_first(arn, arn.size - EXPORT_ID_BYTES);
    *table_name = slice_from(slice_first(before, before.size - mark.size), ours.size);
    return slice_equal(slice_from(before, before.size - mark.size), mark) &&
           !memchr(table_name->data, '/', table_name->size);
}

static bool find_key(struct db_session *session, slice arn, slice *key)
{
    slice table_name, id;
    if (!split_arn(session->db, session->arena, arn, &table_name, &id))
        return false;
    *key = export_row_key(session->arena, table_name, id);
    return true;
}

error export_find(struct db_session *session, slice arn, struct export *export)
{
    struct db *db = session->db;
    struct store_row row = {.found = false};
    slice key;
    if (find_key(session, arn, &key))
        TRY(db_error_of(session, store_get(db->store, STORE_SHARD_WHOLE, session->arena, &key, 1,
                                           session->tier, &row)));
    if (!row.found)
        return fail(session->arena, ERROR_EXPORT_NOT_FOUND,
                    "Export not found: Export not found: %.*s", SLICE_ARGS(arn));
    TRY(export_row_open(session->arena, row.value, export));
    export_name(db, session->arena, export);
    return NULL;
}

struct listing {
    slice table_id; /* empty: of all tables */
    struct export *exports;
    uint32_t limit;
    uint32_t count;
    bool more;
};

static error list_one(struct export_walk *walk, struct arena *arena, slice key,
                      const struct export *export)
{
    struct listing *listing = walk->context;
    (void)arena;
    (void)key;
    if (listing->table_id.size > 0 && !slice_equal(listing->table_id, export->labels.table_id))
        return NULL;
    if (listing->count == listing->limit)
        walk->is_done = listing->more = true;
    else
        listing->exports[listing->count++] = *export;
    return NULL;
}

/* The id of the table that has the name now; empty: there is none. */
static slice id_of_table(struct db_session *session, slice name)
{
    const struct table *table;
    bool found = !table_describe(session, name, &table) && table->deleting_ms == 0;
    return found ? table->id : SLICE_NONE;
}

error export_list(struct db_session *session, slice table_name, slice before_arn, uint32_t limit,
                  const struct export **exports, uint32_t *count, bool *more)
{
    struct arena *arena = session->arena;
    struct listing listing = {.exports = arena_new_array(arena, struct export, limit),
                              .limit = limit};
    slice prefix = export_row_prefix(arena, table_name);
    struct export_walk walk = {.from = prefix,
                               .to = row_key_after_prefix(arena, prefix),
                               .backward = true,
                               .tier = session->tier,
                               .page_rows = limit + 1,
                               .context = &listing,
                               .take = list_one};
    slice before;
    if (before_arn.size > 0 && !find_key(session, before_arn, &before))
        return fail(arena, ERROR_VALIDATION, "Invalid Request: Provided nextToken is invalid: %.*s",
                    SLICE_ARGS(before_arn));
    if (before_arn.size > 0 && slice_compare(before, walk.to) < 0)
        walk.to = before;
    if (table_name.size > 0)
        listing.table_id = id_of_table(session, table_name);
    bool has_table = table_name.size == 0 || listing.table_id.size > 0;
    if (has_table && slice_compare(walk.from, walk.to) < 0)
        TRY(export_walk_rows(session->db, arena, &walk));
    *exports = listing.exports;
    *count = listing.count;
    *more = listing.more;
    return NULL;
}
