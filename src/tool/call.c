#include "tool/call.h"

#include "json/reader.h"
#include "json/writer.h"
#include <stdlib.h>
#include <time.h>

enum { PAUSE_MS_FIRST = 20, PAUSE_MS_MAX = 5000 };

struct client *call_client(struct arena *arena, const struct call_options *options)
{
    struct client_options client = client_options_usual;
    client.host = arena_format(arena, "%.*s%c", SLICE_ARGS(options->host), 0).data;
    client.port = (uint16_t)options->port;
    return client_make(arena, &client);
}

/* Refusals that say: later. */
static bool passes_by(const struct client_reply *reply, slice name)
{
    static const slice names[] = {SLICE("ProvisionedThroughputExceededException"),
                                  SLICE("ThrottlingException"), SLICE("RequestLimitExceeded")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_equal(names[i], name))
            return true;
    }
    return reply->status >= 500;
}

void call_pause(uint32_t tries)
{
    int64_t pause_ms = PAUSE_MS_FIRST;
    for (uint32_t i = 0; i < tries && pause_ms < PAUSE_MS_MAX; i++)
        pause_ms *= 2;
    if (pause_ms > PAUSE_MS_MAX)
        pause_ms = PAUSE_MS_MAX;
    struct timespec pause = {.tv_sec = pause_ms / 1000, .tv_nsec = pause_ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static bool is_object(struct arena *arena, slice body)
{
    struct json_reader reader;
    if (!json_check(body))
        return false;
    json_reader_init(&reader, arena, body);
    return json_peek(&reader) == JSON_OBJECT;
}

/* Once; `again` says whether another try may do better. */
static error ask_once(struct client *client, struct arena *arena, slice target, slice body,
                      struct call_answer *answer, bool *again)
{
    struct client_reply reply;
    *answer = (struct call_answer){.body = SLICE_NONE};
    *again = true;
    TRY(client_call(client, arena, target, body, &reply));
    if (client_refused(arena, &reply, &answer->refusal)) {
        *again = passes_by(&reply, answer->refusal.name);
        return NULL;
    }
    *again = false;
    answer->body = reply.body;
    return is_object(arena, reply.body)
               ? NULL
               : FAILURE(ERROR_VALIDATION, "the server's answer is no JSON object");
}

error call_ask(struct client *client, struct arena *arena, slice operation, slice body,
               uint32_t tries_max, struct call_answer *answer)
{
    slice target = arena_format(arena, "DynamoDB_20120810.%.*s", SLICE_ARGS(operation));
    error failure = NULL;
    bool again = true;
    for (uint32_t tries = 0; again; tries++) {
        failure = ask_once(client, arena, target, body, answer, &again);
        again = again && tries + 1 < tries_max;
        if (again)
            call_pause(tries);
    }
    return failure;
}

static error reply_of(struct arena *arena, const struct call_answer *answer, slice *reply)
{
    const struct client_refusal *refusal = &answer->refusal;
    *reply = answer->body;
    if (refusal->name.size == 0)
        return NULL;
    bool is_missing = slice_equal(refusal->name, SLICE("ResourceNotFoundException"));
    return fail(arena, is_missing ? ERROR_RESOURCE_NOT_FOUND : ERROR_VALIDATION, "%.*s: %.*s",
                SLICE_ARGS(refusal->name), SLICE_ARGS(refusal->message));
}

error call_api(struct client *client, struct arena *arena, slice operation, slice body,
               slice *reply)
{
    struct call_answer answer;
    TRY(call_ask(client, arena, operation, body, CALL_TRIES, &answer));
    return reply_of(arena, &answer, reply);
}

error call_describe(struct client *client, struct arena *arena, slice name, slice *description)
{
    struct json_writer out;
    struct json_reader reader;
    struct call_answer answer;
    slice reply, member;
    json_writer_init(&out, arena);
    json_write_object_begin(&out);
    json_write_name(&out, SLICE("TableName"));
    json_write_string(&out, name);
    json_write_object_end(&out);
    TRY(call_ask(client, arena, SLICE("DescribeTable"), json_writer_text(&out), 1, &answer));
    TRY(reply_of(arena, &answer, &reply));
    json_reader_init(&reader, arena, reply);
    json_object_begin(&reader);
    while (json_object_next(&reader, &member)) {
        bool is_table = slice_equal(member, SLICE("Table")) && json_peek(&reader) == JSON_OBJECT;
        *description = json_raw(&reader);
        if (is_table)
            return NULL;
    }
    return FAILURE(ERROR_VALIDATION, "the server's answer describes no table");
}

static void read_table(struct json_reader *reader, struct call_table *table)
{
    slice name;
    json_object_begin(reader);
    while (json_object_next(reader, &name)) {
        bool is_text = json_peek(reader) == JSON_STRING;
        if (slice_equal(name, SLICE("TableName")) && is_text)
            table->name = json_read_string(reader);
        else if (slice_equal(name, SLICE("TableArn")) && is_text)
            table->arn = json_read_string(reader);
        else if (slice_equal(name, SLICE("TableId")) && is_text)
            table->id = json_read_string(reader);
        else if (slice_equal(name, SLICE("ItemCount")) && json_peek(reader) == JSON_NUMBER)
            table->item_count = strtoll(json_read_number(reader).data, NULL, 10);
        else
            json_skip(reader);
    }
}

error call_describe_table(struct client *client, struct arena *arena, slice name,
                          struct call_table *table)
{
    struct json_reader reader;
    slice description;
    TRY(call_describe(client, arena, name, &description));
    *table = (struct call_table){.item_count = 0};
    json_reader_init(&reader, arena, description);
    read_table(&reader, table);
    return table->name.size > 0
               ? NULL
               : FAILURE(ERROR_VALIDATION, "the server's answer describes no table");
}
