#include "db/table/change_limits.h"

#include <inttypes.h>
#include <time.h>

enum {
    PROTECTION_PAUSE_MS = 15 * 1000,
    ENCRYPTIONS_FREE = 4, /* in a window */
    ENCRYPTION_WINDOW_MS = 24 * 3600 * 1000,
    ENCRYPTION_PAUSE_MS = 6 * 3600 * 1000,
};

/* 2026-10-09T23:23:37.938Z */
static slice time_text(struct arena *arena, int64_t epoch_ms)
{
    time_t seconds = (time_t)(epoch_ms / 1000);
    struct tm parts;
    char text[32];
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return arena_format(arena, "%.*s.%03dZ", (int)size, text, (int)(epoch_ms % 1000));
}

error change_limit_protection(struct arena *arena, const struct table *table, int64_t now_ms)
{
    int64_t next_ms = table->history.protection_changed_ms + PROTECTION_PAUSE_MS;
    if (table->history.protection_changed_ms == 0 || now_ms >= next_ms)
        return NULL;
    slice next = time_text(arena, next_ms);
    return fail(arena, ERROR_THROTTLING,
                "Deletion protection setting for table %.*s modified within the previous %d "
                "milliseconds. Please try again after %.*s",
                SLICE_ARGS(table->name), PROTECTION_PAUSE_MS, SLICE_ARGS(next));
}

void change_note_protection(struct table *table, int64_t now_ms)
{
    table->history.protection_changed_ms = now_ms;
}

static bool is_in_window(const struct table_history *history, int64_t now_ms)
{
    return history->encryption_window_ms != 0 &&
           now_ms < history->encryption_window_ms + ENCRYPTION_WINDOW_MS;
}

error change_limit_encryption(struct arena *arena, const struct table *table, int64_t now_ms)
{
    const struct table_history *history = &table->history;
    int64_t next_ms = history->encryption_changed_ms + ENCRYPTION_PAUSE_MS;
    if (!is_in_window(history, now_ms) || history->encryption_count < ENCRYPTIONS_FREE ||
        now_ms >= next_ms)
        return NULL;
    slice end = time_text(arena, history->encryption_window_ms + ENCRYPTION_WINDOW_MS);
    slice last = time_text(arena, history->encryption_changed_ms);
    slice next = time_text(arena, next_ms);
    return fail(arena, ERROR_LIMIT_EXCEEDED,
                "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window "
                "ending at %.*s. After the first %d change, each subsequent change in the same "
                "window can be performed at most once every %d seconds. Number of updates today: "
                "%" PRId64 ". Last change at %.*s. Next changes can be made at %.*s.",
                SLICE_ARGS(end), ENCRYPTIONS_FREE, ENCRYPTION_PAUSE_MS / 1000,
                history->encryption_count, SLICE_ARGS(last), SLICE_ARGS(next));
}

void change_note_encryption(struct table *table, int64_t now_ms)
{
    struct table_history *history = &table->history;
    if (!is_in_window(history, now_ms)) {
        history->encryption_window_ms = now_ms;
        history->encryption_count = 0;
    }
    history->encryption_count++;
    history->encryption_changed_ms = now_ms;
}
