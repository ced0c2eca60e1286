/* Transactions under a token, and the rows of tokens. */
#include "db/request_token.h"

#include "base/limits.h"
#include "tests/unit/db/fixture.h"

enum { MINUTE_MS = 60 * 1000 };

static void move_clock(struct fixture *fixture, int64_t by_ms)
{
    clock_set_ms(&fixture->clock, clock_now_ms(&fixture->clock) + by_ms);
}

static struct request_token token_of(const char *text, const char *request)
{
    return (struct request_token){.kind = REQUEST_OF_ACTIONS,
                                  .text = slice_of_string(text),
                                  .request = digest_of(slice_of_string(request))};
}

/* ADD n :one to the item "a" under the token, submitted but not settled. */
static error increment(struct caller *caller, const struct request_token *token, bool *repeated)
{
    struct arena *arena = &caller->arena;
    struct placeholder_value one = {.placeholder = SLICE(":one")};
    slice value;
    CHECK(item_attribute(item_of(arena, "{'v':{'N':'1'}}"), SLICE("v"), &value));
    one.input.value = value;
    struct placeholders placeholders = {.values_present = true, .values = &one, .value_count = 1};
    const struct update *update = NULL;
    CHECK_OK(update_parse(arena, SLICE("ADD n :one"), &placeholders, &update));
    struct write_plan plan = {.table = find_table(caller),
                              .kind = WRITE_UPDATE,
                              .key = item_of(arena, "{'pk':{'S':'a'}}"),
                              .update = update};
    struct write_result result;
    *repeated = false;
    return db_write_once(&caller->session, &plan, 1, token, &result, repeated);
}

static error increment_now(struct fixture *fixture, const struct request_token *token,
                           bool *repeated)
{
    struct caller caller;
    caller_open(&caller, fixture);
    error failure = increment(&caller, token, repeated);
    if (!failure || caller.session.submitted)
        CHECK_OK(caller_settle(&caller));
    caller_close(&caller);
    return failure;
}

static void check_counter(struct fixture *fixture, const char *wanted)
{
    struct caller caller;
    caller_open(&caller, fixture);
    slice item = ITEM_ABSENT;
    CHECK_OK(db_read_item(&caller.session, find_table(&caller),
                          item_of(&caller.arena, "{'pk':{'S':'a'}}"), &item));
    slice expected = item_of(
        &caller.arena,
        arena_format(&caller.arena, "{'pk':{'S':'a'},'n':{'N':'%s'}}%c", wanted, '\0').data);
    CHECK_SLICE(item, expected);
    caller_close(&caller);
}

TEST(a_repeated_transaction_takes_effect_once_for_ten_minutes_across_restarts)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct request_token token = token_of("t", "request");
    bool repeated;
    CHECK_OK(increment_now(&fixture, &token, &repeated));
    CHECK(!repeated);
    static const struct {
        int64_t later_ms;
        bool restart;
    } moments[] = {{0, false}, {0, true}, {9 * MINUTE_MS, false}, {MINUTE_MS - 1, true}};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        move_clock(&fixture, moments[i].later_ms);
        if (moments[i].restart)
            fixture_reopen(&fixture);
        CHECK_OK(increment_now(&fixture, &token, &repeated));
        CHECK(repeated);
        check_counter(&fixture, "1");
    }
    move_clock(&fixture, 1);
    CHECK_OK(increment_now(&fixture, &token, &repeated));
    CHECK(!repeated);
    check_counter(&fixture, "2");
    fixture_close(&fixture);
}

TEST(a_token_is_remembered_in_whichever_part_of_its_period_it_was_used)
{
    for (int64_t into_ms = 0; into_ms < TOKEN_LIFE_MS; into_ms += TOKEN_LIFE_MS / 7) {
        struct fixture fixture;
        fixture_open_with_table(&fixture, false);
        clock_set_ms(&fixture.clock, INT64_C(3000000) * TOKEN_LIFE_MS + into_ms);
        struct request_token token = token_of("t", "request");
        bool repeated;
        CHECK_OK(increment_now(&fixture, &token, &repeated));
        move_clock(&fixture, TOKEN_LIFE_MS - 1);
        request_token_trim(fixture.db);
        CHECK_OK(increment_now(&fixture, &token, &repeated));
        CHECK(repeated);
        move_clock(&fixture, 1);
        CHECK_OK(increment_now(&fixture, &token, &repeated));
        CHECK(!repeated);
        fixture_close(&fixture);
    }
}

TEST(a_clock_that_was_set_back_a_little_forgets_no_token)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    clock_set_ms(&fixture.clock, INT64_C(3000000) * TOKEN_LIFE_MS);
    struct request_token token = token_of("t", "request");
    bool repeated;
    CHECK_OK(increment_now(&fixture, &token, &repeated));
    move_clock(&fixture, -1);
    CHECK_OK(increment_now(&fixture, &token, &repeated));
    CHECK(repeated);
    fixture_close(&fixture);
}

#define MISMATCH                                                                                   \
    "DynamoDB rejected the request because you retried a request with a different payload but "    \
    "with an idempotent token that was already used."

TEST(a_token_belongs_to_one_request_of_one_kind)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct request_token token = token_of("t", "request");
    struct request_token other_request = token_of("t", "another");
    struct request_token other_text = token_of("u", "request");
    struct request_token longer_text = token_of("tt", "request");
    struct request_token other_kind = token_of("t", "another");
    other_kind.kind = REQUEST_OF_STATEMENTS;
    bool repeated;
    CHECK_OK(increment_now(&fixture, &token, &repeated));
    CHECK_FAILS(increment_now(&fixture, &other_request, &repeated),
                ERROR_IDEMPOTENT_PARAMETER_MISMATCH, SLICE(MISMATCH));
    check_counter(&fixture, "1");
    const struct request_token *others[] = {&other_text, &longer_text, &other_kind};
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(increment_now(&fixture, others[i], &repeated));
        CHECK(!repeated);
    }
    check_counter(&fixture, "4");
    fixture_close(&fixture);
}

TEST(a_pending_token_makes_its_repetition_wait)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct request_token token = token_of("t", "request");
    struct request_token mismatch = token_of("t", "another");
    struct caller first, second, third;
    caller_open(&first, &fixture);
    caller_open(&second, &fixture);
    caller_open(&third, &fixture);
    hold_groups(&fixture, true, 0);
    bool repeated;
    CHECK_OK(increment(&first, &token, &repeated));
    CHECK(!repeated);
    CHECK_OK(increment(&second, &token, &repeated));
    CHECK(repeated && second.session.submitted);
    CHECK_FAILS(increment(&third, &mismatch, &repeated), ERROR_IDEMPOTENT_PARAMETER_MISMATCH,
                SLICE(MISMATCH));
    CHECK(third.session.submitted);
    hold_groups(&fixture, false, 0);
    CHECK_OK(caller_settle(&first));
    CHECK_OK(caller_settle(&second));
    CHECK_OK(caller_settle(&third));
    check_counter(&fixture, "1");
    caller_close(&first);
    caller_close(&second);
    caller_close(&third);
    fixture_close(&fixture);
}

TEST(the_repetition_of_a_transaction_that_was_dropped_runs_again)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct request_token token = token_of("t", "request");
    struct rivals rivals;
    rivals_open(&rivals, &fixture);
    hold_groups(&fixture, true, 1);
    bool repeated;
    CHECK_OK(increment(&rivals.first, &token, &repeated));
    CHECK_OK(increment(&rivals.second, &token, &repeated));
    CHECK(repeated);
    hold_groups(&fixture, false, 1);
    CHECK_KIND(caller_settle(&rivals.first), ERROR_CONFLICT);
    CHECK_KIND(caller_settle(&rivals.second), ERROR_CONFLICT);
    CHECK_OK(increment(&rivals.second, &token, &repeated));
    CHECK(!repeated);
    CHECK_OK(caller_settle(&rivals.second));
    check_counter(&fixture, "1");
    rivals_close(&rivals);
    fixture_close(&fixture);
}

TEST(a_transaction_that_did_not_take_effect_leaves_no_token)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct request_token token = token_of("t", "request");
    struct caller caller;
    caller_open(&caller, &fixture);
    struct placeholders none = {.names_present = false};
    const struct condition *exists = NULL;
    CHECK_OK(condition_parse(&caller.arena, SLICE("ConditionExpression"),
                             SLICE("attribute_exists(pk)"), &none, &exists));
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_CHECK,
                              .key = item_of(&caller.arena, "{'pk':{'S':'a'}}"),
                              .condition = exists};
    struct write_result result;
    bool repeated;
    CHECK_OK(db_write_once(&caller.session, &plan, 1, &token, &result, &repeated));
    CHECK(result.condition_failed && !repeated && !caller.session.submitted);
    caller_close(&caller);
    CHECK_OK(increment_now(&fixture, &token, &repeated));
    CHECK(!repeated);
    check_counter(&fixture, "1");
    fixture_close(&fixture);
}

/* How many rows of tokens there are, and whether check knows them all. */
static uint32_t count_rows(struct fixture *fixture)
{
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = SLICE("\x00token"),
                              .to = SLICE("\x00tokeo"),
                              .tier = STORE_ANY,
                              .row_count_max = STORE_SCAN_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    SCOPED_ARENA(arena);
    struct store_page page;
    CHECK(store_scan(fixture->store, &arena, &scan, &page) == STORE_OK);
    for (uint32_t i = 0; i < page.count; i++)
        CHECK(request_token_row_is_known(page.entries[i].key, page.entries[i].value));
    return page.count;
}

TEST(tokens_are_trimmed_in_steps_when_they_have_expired_and_not_before)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    clock_set_ms(&fixture.clock, INT64_C(3000000) * TOKEN_LIFE_MS);
    enum { OLD = 300, YOUNG = 5 };
    bool repeated;
    for (int i = 0; i < OLD + YOUNG; i++) {
        if (i == OLD)
            move_clock(&fixture, TOKEN_LIFE_MS);
        struct request_token token = token_of("", "request");
        token.text = arena_format(&fixture.arena, "token-%d", i);
        CHECK_OK(increment_now(&fixture, &token, &repeated));
    }
    CHECK(request_token_trim(fixture.db) == 0);
    CHECK(count_rows(&fixture) == OLD + YOUNG);

    move_clock(&fixture, TOKEN_LIFE_MS);
    unsigned first = request_token_trim(fixture.db);
    CHECK(first > 0 && first < OLD);
    fixture_reopen(&fixture); /* goes on where it stopped */
    CHECK(request_token_trim(fixture.db) == OLD - first);
    CHECK(request_token_trim(fixture.db) == 0);
    CHECK(count_rows(&fixture) == YOUNG);

    move_clock(&fixture, TOKEN_LIFE_MS);
    CHECK(request_token_trim(fixture.db) == YOUNG);
    CHECK(request_token_trim(fixture.db) == 0);
    fixture_close(&fixture);
}

TEST(the_row_of_a_token_is_as_the_formats_say)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    clock_set_ms(&fixture.clock, 0x123456789A);
    struct request_token token = {
        .kind = REQUEST_OF_STATEMENTS, .text = SLICE("abc"), .request = {0x0102030405060708, 9}};
    struct store_write put = request_token_put(&caller.session, &token);
    CHECK_SLICE(put.key, slice_of("\x00token\x00\x01\xfd\x08sabc", 14));
    CHECK_SLICE(put.value, slice_of("\x01\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0\0\0\x09"
                                    "\x00\x00\x00\x12\x34\x5f\xa0\x5a",
                                    25));
    CHECK(request_token_row_is_known(put.key, put.value));
    CHECK(!request_token_row_is_known(put.key, slice_first(put.value, 24)));
    CHECK(!request_token_row_is_known(slice_first(put.key, 11), put.value));
    caller_close(&caller);
    fixture_close(&fixture);
}
