#include "tests/unit/db/fixture.h"

#include "base/budget.h"
#include "base/log.h"
#include "db/index/backfill.h"
#include "item/item_json.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct caller_wait {
    pthread_mutex_t mutex;
    pthread_cond_t told;
    bool delivered;
};

static struct budget budget;

void fixture_open_db(struct fixture *fixture)
{
    struct db_options options = {.store = fixture->store,
                                 .clock = &fixture->clock,
                                 .region = SLICE("us-east-1"),
                                 .account = SLICE("000000000000"),
                                 .backfill_page_rows = BACKFILL_TEST_ROWS,
                                 .drop_rows = DROP_TEST_ROWS,
                                 .collection_bytes_max = fixture->collection_bytes_max,
                                 .throughput = fixture->throughput,
                                 .partition_count = fixture->partition_count,
                                 .backup_directory = fixture->backup_directory};
    CHECK_OK(db_open(&fixture->arena, &options, &fixture->db));
}

void fixture_open(struct fixture *fixture)
{
    log_set_level(LOG_WARN);
    arena_init(&fixture->arena, NULL);
    fixture->collection_bytes_max = 0;
    fixture->throughput = THROUGHPUT_OBSERVE;
    fixture->partition_count = 0;
    fixture->backup_directory = SLICE_NONE;
    clock_init(&fixture->clock, true);
    budget = (struct budget){.max_bytes = 64 * 1024 * 1024};
    fixture->budget = &budget;
    struct store_options store_options = {.clock = &fixture->clock, .queue_budget = &budget};
    CHECK_OK(store_open_memory(&fixture->arena, &store_options, &fixture->store));
    fixture_open_db(fixture);
}

void fixture_reopen(struct fixture *fixture)
{
    db_close(fixture->db);
    fixture_open_db(fixture);
}

void fixture_close(struct fixture *fixture)
{
    db_close(fixture->db);
    store_close(fixture->store);
    arena_fini(&fixture->arena);
}

static void deliver(struct store_sink *sink, struct store_change_set *first)
{
    struct caller *caller = (struct caller *)sink;
    CHECK(first->owner == caller && first->next == NULL);
    pthread_mutex_lock(&caller->wait->mutex);
    caller->wait->delivered = true;
    pthread_cond_signal(&caller->wait->told);
    pthread_mutex_unlock(&caller->wait->mutex);
}

void caller_open(struct caller *caller, struct fixture *fixture)
{
    *caller = (struct caller){.sink = {.deliver = deliver}};
    arena_init(&caller->arena, NULL);
    caller->wait = calloc(1, sizeof *caller->wait);
    pthread_mutex_init(&caller->wait->mutex, NULL);
    pthread_cond_init(&caller->wait->told, NULL);
    db_session_init(&caller->session, fixture->db, &caller->arena, STORE_ANY, &caller->sink,
                    caller);
}

error caller_settle(struct caller *caller)
{
    if (!caller->session.submitted)
        return NULL;
    pthread_mutex_lock(&caller->wait->mutex);
    while (!caller->wait->delivered)
        pthread_cond_wait(&caller->wait->told, &caller->wait->mutex);
    caller->wait->delivered = false;
    pthread_mutex_unlock(&caller->wait->mutex);
    return db_session_settle(&caller->session);
}

void caller_close(struct caller *caller)
{
    CHECK(!caller->session.submitted);
    pthread_cond_destroy(&caller->wait->told);
    pthread_mutex_destroy(&caller->wait->mutex);
    free(caller->wait);
    arena_fini(&caller->arena);
}

void rivals_open(struct rivals *rivals, struct fixture *fixture)
{
    caller_open(&rivals->first, fixture);
    caller_open(&rivals->second, fixture);
}

void rivals_close(struct rivals *rivals)
{
    caller_close(&rivals->first);
    caller_close(&rivals->second);
}

void hold_groups(struct fixture *fixture, bool held, uint64_t conflict_at_submit)
{
    struct memory_faults faults = {.hold_groups = held, .conflict_at_submit = conflict_at_submit};
    memory_store_set_faults(fixture->store, &faults);
}

slice item_of(struct arena *arena, const char *json)
{
    slice text = arena_copy(arena, slice_of_string(json));
    for (char *c = (char *)text.data; c < text.data + text.size; c++)
        *c = *c == '\'' ? '"' : *c;
    CHECK(json_check(text));
    struct json_reader reader;
    struct item_input input;
    json_reader_init(&reader, arena, text);
    CHECK_OK(item_read_json(&reader, arena, VALUE_LAYER_CURRENT, &input));
    CHECK_OK(input.invalid);
    return input.item;
}

void create_table(struct fixture *fixture, bool with_range)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct table_definition definition = {
        .name = SLICE("T"),
        .keys = {.hash = {SLICE("pk"), VALUE_S},
                 .range = {SLICE("sk"), VALUE_N},
                 .has_range = with_range},
        .settings = {.billing_mode = BILLING_PAY_PER_REQUEST},
    };
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
}

void fixture_open_with_table(struct fixture *fixture, bool with_range)
{
    fixture_open(fixture);
    create_table(fixture, with_range);
}

const struct table *find_table(struct caller *caller)
{
    const struct table *table = NULL;
    CHECK_OK(table_find(&caller->session, SLICE("T"), &table));
    return table;
}

error put(struct fixture *fixture, const char *json)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_PUT,
                              .item = item_of(&caller.arena, json)};
    struct write_result result;
    error failure = db_write(&caller.session, &plan, 1, &result);
    if (!failure)
        failure = caller_settle(&caller);
    caller_close(&caller);
    return failure;
}

void write_until_in(struct fixture *fixture, const char *json, enum write_kind kind)
{
    error failure;
    do {
        struct caller caller;
        caller_open(&caller, fixture);
        slice item = item_of(&caller.arena, json);
        struct write_plan plan = {.table = find_table(&caller), .kind = kind};
        *(kind == WRITE_PUT ? &plan.item : &plan.key) =
            kind == WRITE_PUT ? item : key_of_item(&caller.arena, &plan.table->keys, item);
        struct write_result result;
        failure = db_write(&caller.session, &plan, 1, &result);
        error unsettled = caller_settle(&caller);
        failure = failure ? failure : unsettled;
        caller_close(&caller);
        CHECK(!failure || failure->kind == ERROR_CONFLICT ||
              failure->kind == ERROR_INTERNAL_SERVER_ERROR);
    } while (failure);
}

void housekeep(struct fixture *fixture)
{
    while (db_housekeep(fixture->db) > 0)
        continue;
}

void build_all(struct fixture *fixture)
{
    while (db_backfill(fixture->db))
        continue;
}

void keep_sentence(void *context, slice sentence)
{
    struct sentences *sentences = context;
    sentences->all = arena_format(sentences->arena, "%.*s%.*s\n", SLICE_ARGS(sentences->all),
                                  SLICE_ARGS(sentence));
    sentences->last = arena_copy(sentences->arena, sentence);
    sentences->count++;
}

void damage(struct fixture *fixture, struct store_write write)
{
    write.key_stamp = STORE_NO_STAMP;
    write.value_stamp = STORE_NO_STAMP;
    struct store_change_set set = {.shard = STORE_SHARD_WHOLE, .writes = &write, .write_count = 1};
    CHECK(store_submit_and_wait(fixture->store, &set) == STORE_OK);
}

static void print_problem(void *context, slice sentence)
{
    (void)context;
    printf("    check: %.*s\n", SLICE_ARGS(sentence));
}

struct check_report check(struct fixture *fixture)
{
    struct check_report report = {.problems = UINT64_MAX};
    CHECK_OK(db_check(&fixture->arena, fixture->store, SLICE_NONE, print_problem, NULL, &report));
    return report;
}
