#include "tests/unit/ops/fixture.h"

#include "json/reader.h"

slice quoted(struct arena *arena, const char *text)
{
    slice copy = arena_copy(arena, slice_of_string(text));
    for (char *c = (char *)copy.data; c < copy.data + copy.size; c++)
        *c = *c == '\'' ? '"' : *c;
    return copy;
}

static slice text_of(struct arena *arena, error failed, const struct json_writer *out)
{
    if (!failed)
        return arena_copy(arena, json_writer_text(out));
    slice type = error_wire_of(failed->kind)->type;
    while (type.data[0] != '#')
        type = slice_from(type, 1);
    return arena_format(arena, "%.*s: %.*s%.*s", SLICE_ARGS(slice_from(type, 1)),
                        SLICE_ARGS(failed->message), SLICE_ARGS(failed->members));
}

slice answer(struct fixture *fixture, const char *operation, const char *body)
{
    struct caller caller;
    caller_open(&caller, fixture);
    slice json = quoted(&caller.arena, body);
    CHECK(json_check(json));
    struct json_writer out;
    json_writer_init(&out, &caller.arena);
    struct request request = {.session = &caller.session, .arena = &caller.arena, .out = &out};
    error failed = operation_run(operation_find(slice_of_string(operation)), &request, json);
    slice text = text_of(&fixture->arena, failed, &out);
    CHECK_OK(caller_settle(&caller));
    caller_close(&caller);
    return text;
}

slice answer_within(struct fixture *fixture, struct budget *memory, const char *operation,
                    slice body)
{
    struct caller caller;
    caller_open(&caller, fixture);
    caller.arena.budget = memory;
    struct json_writer out;
    json_writer_init(&out, &caller.arena);
    struct request request = {.session = &caller.session, .arena = &caller.arena, .out = &out};
    CHECK(json_check(body));
    error failed = operation_run(operation_find(slice_of_string(operation)), &request, body);
    slice text = text_of(&fixture->arena, failed, &out);
    CHECK_OK(caller_settle(&caller));
    caller_close(&caller);
    return text;
}

void check_exchanges(struct fixture *fixture, const char *operation,
                     const struct exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slice got = answer(fixture, operation, exchanges[i].body);
        test_check_slice(got, slice_of_string(exchanges[i].answer), exchanges[i].body, __FILE__,
                         __LINE__);
    }
}

void check_steps(struct fixture *fixture, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slice got = answer(fixture, steps[i].operation, steps[i].body);
        CHECK(got.data[0] != '{' || json_check(got));
        for (char *c = (char *)got.data; c < got.data + got.size; c++)
            *c = *c == '"' ? '\'' : *c;
        test_check_slice(got, slice_of_string(steps[i].answer), steps[i].body, __FILE__, __LINE__);
    }
}
