#include "db/request_token.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/db_private.h"

/* 00 'token' period kind text -> form, request, end of life in epoch milliseconds. */
enum {
    KEY_PREFIX_BYTES = 1 + 5,
    KEY_PERIOD_OFFSET = KEY_PREFIX_BYTES,
    KEY_KIND_OFFSET = KEY_PERIOD_OFFSET + 4,
    KEY_TEXT_OFFSET = KEY_KIND_OFFSET + 1,
    VALUE_FORM = 1,
    VALUE_REQUEST_OFFSET = 1,
    VALUE_EXPIRES_OFFSET = VALUE_REQUEST_OFFSET + 16,
    VALUE_BYTES = VALUE_EXPIRES_OFFSET + 8,
    TRIM_ROWS_MAX = 256, /* of one change set: the foreground has the queue next */
};
_Static_assert(VALUE_BYTES == 25, "the row of a token is frozen on disk");

static uint32_t period_at(int64_t now_ms)
{
    return (uint32_t)(now_ms / TOKEN_LIFE_MS);
}

static slice key_of_period(struct arena *arena, uint32_t period)
{
    char *key = arena_alloc_bytes(arena, KEY_KIND_OFFSET);
    key[0] = AREA_META;
    memcpy(key + 1, "token", 5);
    bytes_put_u32(key + KEY_PERIOD_OFFSET, period);
    return slice_of(key, KEY_KIND_OFFSET);
}

static slice key_of_token(struct arena *arena, const struct request_token *token, uint32_t period)
{
    size_t size = KEY_TEXT_OFFSET + token->text.size;
    char *key = arena_alloc_bytes(arena, size);
    memcpy(key, key_of_period(arena, period).data, KEY_KIND_OFFSET);
    key[KEY_KIND_OFFSET] = (char)token->kind;
    memcpy(key + KEY_TEXT_OFFSET, token->text.data, token->text.size);
    return slice_of(key, size);
}

slice request_token_lock_key(struct arena *arena, const struct request_token *token)
{
    return key_of_token(arena, token, 0);
}

static int64_t expires_ms(slice value)
{
    return (int64_t)bytes_get_u64(value.data + VALUE_EXPIRES_OFFSET);
}

static bool value_is_good(slice value)
{
    return value.size == VALUE_BYTES && value.data[0] == VALUE_FORM;
}

static error damaged(void)
{
    return FAILURE(ERROR_CORRUPT, "The stored row of a request token is damaged. Stop the server "
                                  "and run check.");
}

/* The next period too: a clock that was set back a little forgets no token. */
error request_token_read(struct db_session *session, const struct request_token *token,
                         slice *value)
{
    enum { PERIODS = 3 };
    int64_t now_ms = db_now_ms(session->db);
    slice keys[PERIODS];
    struct store_row rows[PERIODS];
    for (uint32_t i = 0; i < PERIODS; i++)
        keys[i] = key_of_token(session->arena, token, period_at(now_ms) + i - 1);
    TRY(db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, session->arena, keys,
                                       PERIODS, session->tier, rows)));
    *value = SLICE_NONE;
    for (uint32_t i = 0; i < PERIODS; i++) {
        if (!rows[i].found)
            continue;
        if (!value_is_good(rows[i].value))
            return damaged();
        if (expires_ms(rows[i].value) > now_ms)
            *value = rows[i].value;
    }
    return NULL;
}

error request_token_compare(const struct request_token *token, slice value)
{
    if (!value_is_good(value))
        return damaged();
    struct digest request = {bytes_get_u64(value.data + VALUE_REQUEST_OFFSET),
                             bytes_get_u64(value.data + VALUE_REQUEST_OFFSET + 8)};
    if (digest_equal(request, token->request))
        return NULL;
    return FAILURE(ERROR_IDEMPOTENT_PARAMETER_MISMATCH,
                   "DynamoDB rejected the request because you retried a request with a different "
                   "payload but with an idempotent token that was already used.");
}

struct store_write request_token_put(struct db_session *session, const struct request_token *token)
{
    int64_t now_ms = db_now_ms(session->db);
    char *value = arena_alloc_bytes(session->arena, VALUE_BYTES);
    value[0] = VALUE_FORM;
    bytes_put_u64(value + VALUE_REQUEST_OFFSET, token->request.high);
    bytes_put_u64(value + VALUE_REQUEST_OFFSET + 8, token->request.low);
    bytes_put_u64(value + VALUE_EXPIRES_OFFSET, (uint64_t)(now_ms + TOKEN_LIFE_MS));
    return db_put(key_of_token(session->arena, token, period_at(now_ms)),
                  slice_of(value, VALUE_BYTES));
}

bool request_token_row_is_known(slice key, slice value)
{
    if (slice_equal(key, META_OLDEST_TOKEN_PERIOD_KEY))
        return value.size == 4;
    return key.size > KEY_TEXT_OFFSET && memcmp(key.data + 1, "token", 5) == 0 &&
           value_is_good(value);
}

/* ---- trimming ---- */

/* Where the rows begin: what is before was trimmed and is not looked at again. */
static error read_low_water(struct db *db, struct arena *arena)
{
    slice stored;
    TRY(db_read_meta(db, arena, META_OLDEST_TOKEN_PERIOD_KEY, &stored));
    db->token_low_water = stored.size == 4 ? bytes_get_u32(stored.data) : 1;
    return NULL;
}

/* Rows below `live`, oldest first, and the mark behind them, in one change set. */
static error trim_page(struct db *db, struct arena *arena, uint32_t live, uint32_t *count)
{
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = key_of_period(arena, db->token_low_water),
                              .to = key_of_period(arena, live),
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = TRIM_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page;
    if (store_scan(db->store, arena, &scan, &page) != STORE_OK)
        return FAILURE(ERROR_STORAGE, "the rows of request tokens cannot be read");
    uint32_t low_water = live;
    if (page.more)
        low_water = bytes_get_u32(page.entries[page.count - 1].key.data + KEY_PERIOD_OFFSET);
    struct store_write writes[TRIM_ROWS_MAX + 1];
    for (uint32_t i = 0; i < page.count; i++)
        writes[i] = db_delete(page.entries[i].key);
    char mark[4];
    bytes_put_u32(mark, low_water);
    writes[page.count] = db_put(META_OLDEST_TOKEN_PERIOD_KEY, slice_of(mark, sizeof mark));
    if (page.count > 0)
        TRY(db_commit_rows(db, arena, writes, page.count + 1));
    db->token_low_water = low_water;
    *count = page.count;
    return NULL;
}

unsigned request_token_trim(struct db *db)
{
    uint32_t period = period_at(db_now_ms(db));
    if (period == 0 || !store_is_writable(db->store))
        return 0;
    SCOPED_ARENA(arena);
    error failure = db->token_low_water == 0 ? read_low_water(db, &arena) : NULL;
    uint32_t count = 0;
    if (!failure && db->token_low_water < period - 1)
        failure = trim_page(db, &arena, period - 1, &count);
    if (failure)
        log_write(LOG_WARN, "trim_failed", "reason=%s", LOG_VALUE(failure->message));
    return count;
}
