#include "tests/unit/db/stream/stream_fixture.h"

#include "db/check/check.h"
#include <stdio.h>

void create_stream_table(struct fixture *fixture, enum stream_view view)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct table_definition definition = {
        .name = SLICE("T"),
        .keys = {.hash = {SLICE("pk"), VALUE_S}},
        .settings = {.billing_mode = BILLING_PROVISIONED, .provisioned = {1, 1}},
        .stream_view = view,
    };
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
}

error wish_stream(struct fixture *fixture, enum stream_wish wish, enum stream_view view)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct table_change change = {.stream = wish, .stream_view = view};
    struct table_changed changed;
    error failure = table_update(&caller.session, SLICE("T"), &change, &changed);
    if (failure)
        failure = fail(&fixture->arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    caller_close(&caller);
    return failure;
}

error remove_item(struct fixture *fixture, const char *key)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct write_plan plan = {
        .table = find_table(&caller), .kind = WRITE_DELETE, .key = item_of(&caller.arena, key)};
    struct write_result result;
    error failure = db_write(&caller.session, &plan, 1, &result);
    if (!failure)
        failure = caller_settle(&caller);
    caller_close(&caller);
    return failure;
}

void delete_table(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table;
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    caller_close(&caller);
}

enum { STREAMS_MAX = 16 };

const struct stream *newest_stream(struct caller *caller)
{
    const struct stream *streams[STREAMS_MAX];
    uint32_t count;
    bool more;
    stream_list(&caller->session, SLICE_NONE, SLICE("T"), STREAMS_MAX, streams, &count, &more);
    CHECK(count > 0);
    return count > 0 ? streams[count - 1] : NULL;
}

uint32_t count_streams(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct stream *streams[STREAMS_MAX];
    uint32_t count;
    bool more;
    stream_list(&caller.session, SLICE_NONE, SLICE_NONE, STREAMS_MAX, streams, &count, &more);
    caller_close(&caller);
    return count;
}

error read_shard(struct caller *caller, const struct stream *stream, struct log_position from,
                 uint32_t limit, struct stream_page *page)
{
    return stream_read(&caller->session, stream, &stream->shards[0], from, limit, page);
}

uint32_t count_records(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct stream *stream = newest_stream(&caller);
    struct log_position oldest;
    struct stream_page page = {.count = 0};
    CHECK_OK(stream_oldest(&caller.session, stream, &stream->shards[0], &oldest));
    CHECK_OK(read_shard(&caller, stream, oldest, 1000, &page));
    caller_close(&caller);
    return page.count;
}
