#include "server/control.h"

#include "base/clock.h"
#include "db/db.h"
#include "json/reader.h"
#include "json/writer.h"
#include "server/faults.h"
#include "server/origin.h"
#include <stdlib.h>

static const int64_t EPOCH_MS_MAX = INT64_C(253402300799999); /* the end of the year 9999 */

void control_init(struct control *control, struct clock *clock, struct faults *faults,
                  struct db *db, bool is_open)
{
    control->is_open = is_open;
    control->faults = faults;
    control->db = db;
    control->clock = clock->manual ? clock : NULL;
    pthread_mutex_init(&control->mutex, NULL);
}

void control_fini(struct control *control)
{
    pthread_mutex_destroy(&control->mutex);
}

/* ---- the clock ---- */

enum move { MOVE_TO, MOVE_BY };

/* A number spelled without fraction and exponent, small enough to be added to any time. */
static bool read_milliseconds(struct json_reader *reader, int64_t *milliseconds)
{
    char text[20];
    slice spelled = json_peek(reader) == JSON_NUMBER ? json_read_number(reader) : SLICE_NONE;
    if (spelled.size == 0 || spelled.size >= sizeof text)
        return false;
    memcpy(text, spelled.data, spelled.size);
    text[spelled.size] = 0;
    char *end;
    *milliseconds = strtoll(text, &end, 10);
    return *end == 0 && *milliseconds >= -EPOCH_MS_MAX && *milliseconds <= EPOCH_MS_MAX;
}

/* One member and nothing else. */
static bool read_move(struct arena *arena, slice body, enum move *move, int64_t *milliseconds)
{
    if (body.size == 0 || !json_check(body))
        return false;
    struct json_reader reader;
    json_reader_init(&reader, arena, body);
    slice name;
    if (json_peek(&reader) != JSON_OBJECT)
        return false;
    json_object_begin(&reader);
    if (!json_object_next(&reader, &name))
        return false;
    if (slice_equal(name, SLICE("EpochMilliseconds")))
        *move = MOVE_TO;
    else if (slice_equal(name, SLICE("AdvanceMilliseconds")))
        *move = MOVE_BY;
    else
        return false;
    return read_milliseconds(&reader, milliseconds) && !json_object_next(&reader, &name);
}

static bool move_clock(struct control *control, enum move move, int64_t milliseconds)
{
    pthread_mutex_lock(&control->mutex);
    int64_t to_ms = milliseconds + (move == MOVE_BY ? clock_now_ms(control->clock) : 0);
    bool possible = to_ms >= 0 && to_ms <= EPOCH_MS_MAX;
    if (possible) {
        db_keep_view(control->db, to_ms); /* what was written up to now is the past from then on */
        clock_set_ms(control->clock, to_ms);
    }
    pthread_mutex_unlock(&control->mutex);
    return possible;
}

static void show_clock(struct control *control, struct http_exchange *exchange,
                       struct reply_form *form)
{
    struct json_writer out;
    json_writer_init(&out, exchange->arena);
    json_write_object_begin(&out);
    json_write_name(&out, SLICE("EpochMilliseconds"));
    json_write_integer(&out, clock_now_ms(control->clock));
    json_write_object_end(&out);
    form->content_type = SLICE("application/json");
    reply_plain(exchange, form, 200, json_writer_text(&out));
}

static void answer_clock(struct control *control, struct http_exchange *exchange,
                         struct reply_form *form)
{
    const struct http_request *request = &exchange->request;
    if (slice_equal(request->method, SLICE("PUT"))) {
        enum move move;
        int64_t milliseconds;
        if (!read_move(exchange->arena, request->body, &move, &milliseconds) ||
            !move_clock(control, move, milliseconds)) {
            reply_plain(exchange, form, 400,
                        SLICE("PUT takes {\"EpochMilliseconds\": N} or {\"AdvanceMilliseconds\": "
                              "N}, to a time from 1970 to 9999.\n"));
            return;
        }
    } else if (!slice_equal(request->method, SLICE("GET"))) {
        reply_plain(exchange, form, 405, SLICE("The clock takes GET and PUT.\n"));
        return;
    }
    show_clock(control, exchange, form);
}

/* ---- who may ---- */

static bool is_local(const struct http_request *request)
{
    static const struct origin_policy loopback = {.loopback_names_only = true};
    return request->peer_is_loopback && request->host.size > 0 &&
           origin_host_is_known(&loopback, request->host);
}

bool control_may_read(const struct control *control, const struct http_request *request)
{
    return control->is_open || is_local(request);
}

void control_refuse(struct http_exchange *exchange, struct reply_form *form)
{
    reply_plain(
        exchange, form, 403,
        SLICE("This page answers this machine only; a server that was started with --admin-open "
              "shows others those that change nothing.\n"));
}

void control_answer(struct control *control, struct http_exchange *exchange,
                    struct reply_form *form)
{
    if (!is_local(&exchange->request))
        control_refuse(exchange, form);
    else if (control->clock && slice_equal(exchange->request.path, SLICE("/_stator/clock")))
        answer_clock(control, exchange, form);
    else if (control->faults && slice_equal(exchange->request.path, SLICE("/_stator/faults")))
        faults_answer(control->faults, exchange, form);
    else
        reply_plain(exchange, form, 404, SLICE("There is no such page.\n"));
}
