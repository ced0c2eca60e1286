#include "server/times.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "json/reader.h"
#include "server/reply.h"
#include <inttypes.h>

void times_begin(struct times *times, uint64_t started_us)
{
    *times = (struct times){.started_us = started_us, .entered_us = started_us};
}

void times_enter(struct times *times, enum phase phase)
{
    uint64_t now_us = clock_monotonic_us();
    times->spent_us[times->phase] += now_us - times->entered_us;
    times->entered_us = now_us;
    times->phase = phase;
}

/* Only names go into the log: what else a client puts there could look like other fields. */
static bool is_name(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && !memchr("_.-:/", c, 5))
            return false;
    }
    return text.size > 0 && text.size <= TABLE_NAME_BYTES_MAX;
}

/* TableName of the request, or nothing: operations on several tables have none. */
static slice table_of(struct arena *arena, slice body)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, body);
    if (json_peek(&reader) != JSON_OBJECT)
        return SLICE_NONE;
    json_object_begin(&reader);
    slice name;
    while (json_object_next(&reader, &name)) {
        if (slice_equal(name, SLICE("TableName")) && json_peek(&reader) == JSON_STRING) {
            slice table = json_read_string(&reader);
            return is_name(table) ? table : SLICE_NONE;
        }
        json_skip(&reader);
    }
    return SLICE_NONE;
}

void times_end(struct times *times, uint64_t threshold_us, struct arena *arena,
               const struct slow_request *request)
{
    times_enter(times, times->phase);
    uint64_t total_us = times->entered_us - times->started_us;
    if (total_us < threshold_us || !log_is_on(LOG_WARN))
        return;
    slice table = table_of(arena, request->body);
    const uint64_t *spent_us = times->spent_us;
    log_write(LOG_WARN, "slow_request",
              "operation=%.*s%s%.*s status=%u request=%.*s total_us=%" PRIu64 " run_us=%" PRIu64
              " worker_us=%" PRIu64 " commit_us=%" PRIu64 " room_us=%" PRIu64 " runs=%u",
              SLICE_ARGS(request->form->operation), table.size > 0 ? " table=" : "",
              SLICE_ARGS(table), request->status, SLICE_ARGS(request->form->request_id), total_us,
              spent_us[PHASE_RUN], spent_us[PHASE_WORKER], spent_us[PHASE_COMMIT],
              spent_us[PHASE_ROOM], request->runs);
}
