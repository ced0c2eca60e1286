#include "tool/puts.h"

#include "json/reader.h"
#include "json/writer.h"
#include "tool/call.h"

enum { BATCH_BYTES_MAX = 4 * 1024 * 1024 };

void puts_init(struct puts *puts)
{
    arena_init(&puts->arena, NULL);
}

void puts_fini(struct puts *puts)
{
    arena_fini(&puts->arena);
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
    json_reader_init(&reader, arena, body);
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        slice value = json_raw(&reader);
        if (slice_equal(name, SLICE("UnprocessedItems")))
            left = value;
    }
    return left;
}

/* Send until everything is processed. `invalid`: what the server says of the items; empty: nothing. */
static error send_all(struct puts *puts, struct arena *arena, slice request_items, slice *invalid)
{
    *invalid = SLICE_NONE;
    for (uint32_t tries = 0; tries < CALL_TRIES; tries++) {
        struct call_answer answer;
        if (tries > 0)
            call_pause(tries);
        TRY(call_ask(puts->client, arena, SLICE("BatchWriteItem"), body_of(arena, request_items),
                     CALL_TRIES, &answer));
        const struct client_refusal *refusal = &answer.refusal;
        if (slice_equal(refusal->name, SLICE("ValidationException"))) {
            *invalid = refusal->message.size > 0 ? refusal->message : refusal->name;
            return NULL;
        }
        if (refusal->name.size > 0)
            return fail(arena, ERROR_SERVICE_UNAVAILABLE,
                        "the server refuses to put items: %.*s %.*s", SLICE_ARGS(refusal->name),
                        SLICE_ARGS(refusal->message));
        request_items = unprocessed_of(arena, answer.body);
        if (slice_equal(request_items, SLICE("{}")))
            return NULL;
    }
    return FAILURE(ERROR_SERVICE_UNAVAILABLE,
                   "the server leaves items unprocessed however often they are sent");
}

/* ---- batches ---- */

/* One whose batch was refused: it is this one, or another. */
static error send_one(struct puts *puts, struct arena *arena, uint32_t index)
{
    slice invalid;
    TRY(send_all(puts, arena, request_items_of(arena, puts, index, 1), &invalid));
    if (invalid.size == 0) {
        puts->put_count++;
        return NULL;
    }
    puts->refused_count++;
    puts->refused(puts->context, puts->list[index].place, invalid);
    return NULL;
}

static error send_batch(struct puts *puts, struct arena *arena)
{
    slice invalid;
    TRY(send_all(puts, arena, request_items_of(arena, puts, 0, puts->count), &invalid));
    if (invalid.size == 0) {
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
