/*
 * Structured one-line logs on standard error: log_write(LOG_INFO, "table_created", "table=%s", …).
 *
 * error: someone must act; warn: odd, and handled; info: life of the server and of tables;
 * debug: per request. Logged once, where it is handled. No item values, no secrets.
 */
#pragma once
#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
extern const char *const log_level_names[]; /* NULL after the last */

/* Process-wide; set once at start. */
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

enum { LOG_VALUE_BYTES = 1024 };

struct log_value {
    char text[LOG_VALUE_BYTES];
};

/*
 * A value that may hold anything, for "%s" in a format: a plain word as it is, all else in quotes,
 * with a backslash before quotes and backslashes, so that none passes for another pair. Cut where
 * `room` ends. LOG_VALUE has the room in the block around it.
 */
const char *log_value(struct log_value *room, slice value);
#define LOG_VALUE(value) log_value(&(struct log_value){{0}}, (value))

/* `format` gives further key=value pairs, "" for none. Control characters become spaces. */
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
