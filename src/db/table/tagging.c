#include "db/table/tagging.h"

#include "base/limits.h"
#include "db/db_private.h"
#include "db/table/table_private.h"

/* What becomes of a table's tags: some are set, or some keys go. */
struct tagging {
    const struct table_tag *set;
    uint32_t set_count;
    const slice *removed;
    uint32_t removed_count;
};

static const struct table_tag *find(const struct table_tag *tags, uint32_t count, slice key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(tags[i].key, key))
            return &tags[i];
    }
    return NULL;
}

/* Whether every one of `some` is among the others, with its value. */
static bool are_among(const struct table_tag *some, uint32_t some_count,
                      const struct table_tag *others, uint32_t other_count)
{
    for (uint32_t i = 0; i < some_count; i++) {
        const struct table_tag *other = find(others, other_count, some[i].key);
        if (!other || !slice_equal(other->value, some[i].value))
            return false;
    }
    return true;
}

/* ---- what is under way ---- */

static bool is_under_way(const struct table *table, int64_t now_ms)
{
    return now_ms < table->tagged.done_ms;
}

const struct table_tag *table_tags_at(const struct table *table, int64_t now_ms, uint32_t *count)
{
    bool as_before = is_under_way(table, now_ms);
    *count = as_before ? table->tagged.count_before : table->settings.tag_count;
    return as_before ? table->tagged.before : table->settings.tags;
}

/* What was set and is under way is set again; nothing that was removed can be. */
static bool goes_with(const struct table *table, const struct tagging *tagging)
{
    const struct table_settings *now = &table->settings;
    const struct table_tagged *tagged = &table->tagged;
    if (tagging->removed_count > 0)
        return false;
    for (uint32_t i = 0; i < tagged->count_before; i++) {
        if (!find(now->tags, now->tag_count, tagged->before[i].key))
            return false;
    }
    for (uint32_t i = 0; i < now->tag_count; i++) {
        const struct table_tag *tag = &now->tags[i];
        if (!are_among(tag, 1, tagged->before, tagged->count_before) &&
            !are_among(tag, 1, tagging->set, tagging->set_count))
            return false;
    }
    return true;
}

#define ARE_UPDATED "Table tags are being updated: %.*s"

error table_check_tagged(struct arena *arena, const struct table *table, int64_t now_ms)
{
    if (!is_under_way(table, now_ms))
        return NULL;
    return fail(arena, ERROR_RESOURCE_IN_USE,
                "Attempt to change a resource which is still in use: " ARE_UPDATED,
                SLICE_ARGS(table->name));
}

/* ---- changes ---- */

static bool is_replaced(const struct tagging *tagging, slice key)
{
    if (find(tagging->set, tagging->set_count, key))
        return true;
    for (uint32_t i = 0; i < tagging->removed_count; i++) {
        if (slice_equal(tagging->removed[i], key))
            return true;
    }
    return false;
}

static error apply(struct arena *arena, struct table_settings *settings,
                   const struct tagging *tagging)
{
    struct table_tag *tags =
        arena_new_array(arena, struct table_tag, settings->tag_count + tagging->set_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < settings->tag_count; i++) {
        if (!is_replaced(tagging, settings->tags[i].key))
            tags[count++] = settings->tags[i];
    }
    for (uint32_t i = 0; i < tagging->set_count; i++)
        tags[count++] = tagging->set[i];
    if (count > TAGS_MAX)
        return FAILURE(ERROR_VALIDATION, "Number of Tags exceed the current limit for the provided "
                                         "ResourceArn");
    settings->tags = tags;
    settings->tag_count = count;
    return NULL;
}

static bool are_same(const struct table_settings *a, const struct table_settings *b)
{
    return a->tag_count == b->tag_count &&
           are_among(a->tags, a->tag_count, b->tags, b->tag_count);
}

static error retag_locked(struct db_session *session, slice name, const struct tagging *tagging)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    const struct table *table;
    TRY(table_describe(session, name, &table));
    int64_t now_ms = db_now_ms(db);
    enum table_status status = table_status_at(table, now_ms);
    if (status == TABLE_CREATING)
        return FAILURE(ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
    TRY(table_check_there(arena, table, now_ms));
    if (is_under_way(table, now_ms) && !goes_with(table, tagging))
        return fail(arena, ERROR_LIMIT_EXCEEDED, "Subscriber limit exceeded: " ARE_UPDATED,
                    SLICE_ARGS(name));
    struct table fields = *table;
    TRY(apply(arena, &fields.settings, tagging));
    if (are_same(&fields.settings, &table->settings))
        return NULL;
    fields.tagged.before = table_tags_at(table, now_ms, &fields.tagged.count_before);
    fields.tagged.done_ms = now_ms + db->transition_delay_ms;
    return table_replace_locked(db, arena, table, &fields, NULL, 0, NULL, &table);
}

static error retag(struct db_session *session, slice name, const struct tagging *tagging)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = retag_locked(session, name, tagging);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

error table_tag(struct db_session *session, slice name, const struct table_tag *tags,
                uint32_t count)
{
    struct tagging tagging = {.set = tags, .set_count = count};
    return retag(session, name, &tagging);
}

error table_untag(struct db_session *session, slice name, const slice *keys, uint32_t count)
{
    struct tagging tagging = {.removed = keys, .removed_count = count};
    return retag(session, name, &tagging);
}
