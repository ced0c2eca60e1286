#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const log_level_names[] = {"error", "warn", "info", "debug", NULL};
static enum log_level level_max = LOG_INFO;

void log_set_level(enum log_level level)
{
    level_max = level;
}

bool log_is_on(enum log_level level)
{
    return level <= level_max;
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if (!log_is_on(level))
        return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    char line[2048];
    int size = (int)strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
    size += snprintf(line + size, sizeof line - (size_t)size, ".%03ldZ level=%s event=%s ",
                     now.tv_nsec / 1000000, log_level_names[level], event);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + size, sizeof line - (size_t)size, format, arguments);
    va_end(arguments);
    size += more;
    if (size > (int)sizeof line - 1)
        size = (int)sizeof line - 1;
    for (int i = 0; i < size; i++) {
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    }
    while (size > 0 && line[size - 1] == ' ')
        size--;
    line[size++] = '\n';
    /* One write, so that lines of several threads do not mix. A log that cannot be written is
       nobody's to handle. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)size);
    (void)written;
}
