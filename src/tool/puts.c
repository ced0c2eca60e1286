#include "tool/puts.h"

#include "json/reader.h"
#include "json/writer.h"
#include <time.h>

enum {
    BATCH_BYTES_MAX = 4 * 1024 * 1024,
    TRIES_MAX = 16, /* with the pauses between them, a minute */
    PAUSE_MS_FIRST = 50,
    PAUSE_MS_MAX = 5000,
};

void puts_init(struct puts *puts)
{
    arena_init(&puts->arena, NULL);
}

void puts_fini(struct puts *puts)
{
    arena_fini(&puts->arena);
}

static void pause_before(uint32_t try)
{
    int64_t ms = PAUSE_MS_FIRST;
    for (uint32_t i = 1; i < try && ms < PAUSE_MS_MAX; i++)
        ms *= 2;
    if (ms > PAUSE_MS_MAX)
        ms = PAUSE_MS_MAX;
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* ---- requests ---- */

static slice body_of(struct arena *arena, slice request_items)
{
    struct json_writer body;
    json_writer_init(&body, arena);
    json_write_object_begin(&body);
    json_write_name(&body, SLICE("RequestItems"));
    json_write_raw(&body, request_items);
    json_write_object_end(&body);
    return json_writer_text(&body);
}

static slice request_items_of(struct arena *arena, const struct puts *puts, uint32_t first,
                              uint32_t count)
{
    struct json_writer items;
    json_writer_init(&items, arena);
    json_write_object_begin(&items);
    json_write_name(&items, puts->table);
    json_write_array_begin(&items);
    for (uint32_t i = first; i < first + count; i++) {
        json_write_object_begin(&items);
        json_write_name(&items, SLICE("PutRequest"));
        json_write_object_begin(&items);
        json_write_name(&items, SLICE("Item"));
        json_write_raw(&items, puts->list[i].json);
        json_write_object_end(&items);
        json_write_object_end(&items);
    }
    json_write_array_end(&items);
    json_write_object_end(&items);
    return json_writer_text(&items);
}

/* The member UnprocessedItems, or `{}`; of a table at most, so that it can be sent as it is. */
static slice unprocessed_of(struct arena *arena, slice body)
{
    struct json_reader reader;
    slice name;
    slice left = SLICE("{}");
    if (!json_check(body))
        return left;
    json_reader_init(&reader, arena, body);
    if (json_peek(&reader) != JSON_OBJECT)
        return left;
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        slice value = json_raw(&reader);
        if (slice_equal(name, SLICE("UnprocessedItems")))
            left = value;
    }
    return left;
}

static bool passes_by_itself(const struct client_reply *reply, const struct client_refusal *refusal)
{
    static const slice names[] = {SLICE("ProvisionedThroughputExceededException"),
                                  SLICE("ThrottlingException"), SLICE("RequestLimitExceeded")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_equal(names[i], refusal->name))
            return true;
    }
    return reply->status >= 500;
}

/*
 * Send until everything is processed. `refusal`: what the server says of the request as it is;
 * name empty: nothing.
 */
static error send_all(struct puts *puts, struct arena *arena, slice request_items,
                      struct client_refusal *refusal)
{
    error failure = NULL;
    *refusal = (struct client_refusal){.name = SLICE_NONE};
    for (uint32_t try = 0; try < TRIES_MAX; try++) {
        struct client_reply reply;
        if (try > 0)
            pause_before(try);
        failure = client_call(puts->client, arena, SLICE("DynamoDB_20120810.BatchWriteItem"),
                              body_of(arena, request_items), &reply);
        if (failure)
            continue;
        if (!client_refused(arena, &reply, refusal)) {
            slice left = unprocessed_of(arena, reply.body);
            if (slice_equal(left, SLICE("{}")))
                return NULL;
            request_items = left;
            failure = FAILURE(ERROR_SERVICE_UNAVAILABLE,
                              "the server leaves items unprocessed however often they are sent");
            continue;
        }
        if (!passes_by_itself(&reply, refusal))
            return NULL;
        failure =
            fail(arena, ERROR_SERVICE_UNAVAILABLE, "the server refuses for a minute: %.*s %.*s",
                 SLICE_ARGS(refusal->name), SLICE_ARGS(refusal->message));
    }
    return failure;
}

/* ---- batches ---- */

/* One whose batch was refused: it is this one, or another. */
static error send_one(struct puts *puts, struct arena *arena, uint32_t index)
{
    struct client_refusal refusal;
    TRY(send_all(puts, arena, request_items_of(arena, puts, index, 1), &refusal));
    if (refusal.name.size == 0) {
        puts->put_count++;
        return NULL;
    }
    if (!slice_equal(refusal.name, SLICE("ValidationException")))
        return fail(arena, ERROR_SERVICE_UNAVAILABLE, "the server refuses to put items: %.*s %.*s",
                    SLICE_ARGS(refusal.name), SLICE_ARGS(refusal.message));
    puts->refused_count++;
    puts->refused(puts->context, puts->list[index].place, refusal.message);
    return NULL;
}

static error send_batch(struct puts *puts, struct arena *arena)
{
    struct client_refusal refusal;
    TRY(send_all(puts, arena, request_items_of(arena, puts, 0, puts->count), &refusal));
    if (refusal.name.size == 0) {
        puts->put_count += puts->count;
        return NULL;
    }
    for (uint32_t i = 0; i < puts->count; i++)
        TRY(send_one(puts, arena, i));
    return NULL;
}

error puts_send(struct puts *puts, struct arena *arena)
{
    if (puts->count == 0)
        return NULL;
    SCOPED_ARENA(scratch);
    error failure = send_batch(puts, &scratch);
    if (failure)
        failure = fail(arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    puts->count = 0;
    puts->bytes = 0;
    arena_reset(&puts->arena);
    return failure;
}

static bool has_key(const struct puts *puts, slice key)
{
    for (uint32_t i = 0; i < puts->count; i++) {
        if (slice_equal(puts->list[i].key, key))
            return true;
    }
    return false;
}

error puts_add(struct puts *puts, struct arena *arena, const struct put *put)
{
    if (puts->count == PUTS_MAX || puts->bytes > BATCH_BYTES_MAX || has_key(puts, put->key))
        TRY(puts_send(puts, arena));
    puts->list[puts->count++] = (struct put){.json = arena_copy(&puts->arena, put->json),
                                             .key = arena_copy(&puts->arena, put->key),
                                             .place = arena_copy(&puts->arena, put->place)};
    puts->bytes += put->json.size;
    return NULL;
}
