/*
 * Structured one-line logs on standard error: log_write(LOG_INFO, "table_created", "table=%s", …).
 *
 * error: someone must act; warn: odd, and handled; info: life of the server and of tables;
 * debug: per request. Logged once, where it is handled. No item values, no secrets.
 */
#pragma once
#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
extern const char *const log_level_names[]; /* NULL after the last */

/* Process-wide; set once at start. */
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/* `format` gives further key=value pairs; "" for none. */
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
