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

static bool is_plain_word(slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        char byte = value.data[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '\\' || byte == '=')
            return false;
    }
    return value.size > 0 && value.size < LOG_VALUE_BYTES;
}

const char *log_value(struct log_value *room, slice value)
{
    enum { ROOM_FOR_ONE = 4 }; /* a byte, its backslash, the last quote and the end */
    if (is_plain_word(value)) {
        memcpy(room->text, value.data, value.size);
        room->text[value.size] = 0;
        return room->text;
    }
    size_t size = 0;
    room->text[size++] = '"';
    for (size_t i = 0; i < value.size && size + ROOM_FOR_ONE <= sizeof room->text; i++) {
        if (value.data[i] == '"' || value.data[i] == '\\')
            room->text[size++] = '\\';
        room->text[size++] = value.data[i] ? value.data[i] : ' ';
    }
    room->text[size++] = '"';
    room->text[size] = 0;
    return room->text;
}

/* How many bytes of a control character begin here: C0, DEL, or C1 as UTF-8 spells it. */
static int control_size(const char *at)
{
    unsigned char first = (unsigned char)at[0];
    if (first < ' ' || first == 0x7f)
        return 1;
    return first == 0xc2 && (at[1] & 0xe0) == 0x80 ? 2 : 0;
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
    line[size] = 0;
    for (int i = 0; i < size; i++)
        memset(line + i, ' ', (size_t)control_size(line + i));
    while (size > 0 && line[size - 1] == ' ')
        size--;
    line[size++] = '\n';
    /* One write, so that lines of several threads do not mix. A log that cannot be written is
       nobody's to handle. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)size);
    (void)written;
}
