/* Writing: change sets take effect whole, in order, or not at all, and each is told once. */
#include "base/bytes.h"
#include "base/limits.h"
#include "tests/store/contract.h"

static struct store_change_set *submit(struct contract *test, struct collector *collector,
                                       struct store_write write)
{
    struct store_change_set *change_set = change_set_make(&test->arena, collector, &write, 1);
    CHECK(store_submit(test->store, change_set) == STORE_OK);
    return change_set;
}

/* ---- groups ---- */

CONTRACT_TEST(the_last_writer_of_a_group_wins)
{
    struct collector collector;
    collector_init(&collector);
    uint64_t before = store_commit_number(test->store);
    contract_hold(test);
    submit(test, &collector, put(SLICE("a"), SLICE("1")));
    submit(test, &collector, put(SLICE("a"), SLICE("2")));
    submit(test, &collector, put(SLICE("b"), SLICE("1")));
    submit(test, &collector, delete_row(SLICE("b")));
    submit(test, &collector, delete_row(SLICE("c")));
    submit(test, &collector, put(SLICE("c"), SLICE("3")));
    contract_release(test);
    collector_wait(&collector, 6);

    CHECK_SLICE(get(test, SLICE("a")), SLICE("2"));
    CHECK(get(test, SLICE("b")).size == 0);
    CHECK_SLICE(get(test, SLICE("c")), SLICE("3"));
    CHECK(store_commit_number(test->store) == before + 1);
}

CONTRACT_TEST(later_writes_of_one_change_set_win)
{
    COMMIT(test, put(SLICE("a"), SLICE("1")), delete_row(SLICE("a")), put(SLICE("a"), SLICE("2")),
           put(SLICE("b"), SLICE("1")), delete_row(SLICE("b")));

    CHECK_SLICE(get(test, SLICE("a")), SLICE("2"));
    CHECK(get(test, SLICE("b")).size == 0);
}

CONTRACT_TEST(a_change_set_larger_than_a_group_is_taken_whole)
{
    enum { COUNT = 3000 };
    struct store_write *writes = arena_new_array(&test->arena, struct store_write, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        writes[i] = put(number_text(&test->arena, "k", i), SLICE("value"));
    uint64_t before = store_commit_number(test->store);

    CHECK(commit(test, writes, COUNT) == STORE_OK);

    CHECK(scan_all(test, STORE_ROWS, SLICE("k"), SLICE("l")).count == COUNT);
    CHECK(store_commit_number(test->store) == before + 1);
}

CONTRACT_TEST(many_change_sets_make_groups_of_bounded_size)
{
    enum { COUNT = 2 * COMMIT_GROUP_ROWS_MAX + 1 };
    struct collector collector;
    collector_init(&collector);
    uint64_t before = store_commit_number(test->store);
    contract_hold(test);
    for (uint32_t i = 0; i < COUNT; i++)
        submit(test, &collector, put(number_text(&test->arena, "k", i), SLICE("v")));
    contract_release(test);
    collector_wait(&collector, COUNT);

    CHECK(store_commit_number(test->store) == before + 3);
    CHECK(scan_all(test, STORE_ROWS, SLICE("k"), SLICE("l")).count == COUNT);
}

CONTRACT_TEST(nothing_is_visible_before_its_group_is_written)
{
    struct collector collector;
    collector_init(&collector);
    contract_hold(test);
    struct store_change_set *change_set = submit(test, &collector, put(SLICE("a"), SLICE("1")));

    CHECK(get(test, SLICE("a")).size == 0);
    CHECK(state_of(change_set) == STORE_PENDING_QUEUED);

    contract_release(test);
    collector_wait(&collector, 1);
    CHECK(state_of(change_set) == STORE_PENDING_DURABLE);
    CHECK_SLICE(get(test, SLICE("a")), SLICE("1"));
}

/* ---- guards ---- */

CONTRACT_TEST(a_guard_decides_whether_its_change_set_takes_effect)
{
    static const struct {
        const char *claim;
        slice key;
        enum store_guard_kind kind;
        slice expected;
        bool holds;
    } cases[] = {
        {"absent, is absent", SLICE("none"), STORE_GUARD_ABSENT, SLICE(""), true},
        {"absent, is there", SLICE("row"), STORE_GUARD_ABSENT, SLICE(""), false},
        {"exists, is there", SLICE("row"), STORE_GUARD_EXISTS, SLICE(""), true},
        {"exists, is absent", SLICE("none"), STORE_GUARD_EXISTS, SLICE(""), false},
        {"equals, begins so", SLICE("row"), STORE_GUARD_EQUALS, SLICE("head"), true},
        {"equals, is all of it", SLICE("row"), STORE_GUARD_EQUALS, SLICE("header|body"), true},
        {"equals, begins otherwise", SLICE("row"), STORE_GUARD_EQUALS, SLICE("tail"), false},
        {"equals, is longer", SLICE("row"), STORE_GUARD_EQUALS, SLICE("header|body|"), false},
        {"equals, is absent", SLICE("none"), STORE_GUARD_EQUALS, SLICE("head"), false},
    };
    COMMIT(test, put(SLICE("row"), SLICE("header|body")));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice key = number_text(&test->arena, "result", i);
        struct store_guard guard = {cases[i].kind, cases[i].key, cases[i].expected};

        enum store_answer answer = commit_if(test, guard, put(key, SLICE("done")));

        CHECK(answer == (cases[i].holds ? STORE_OK : STORE_CONFLICT));
        CHECK_SLICE(get(test, key), cases[i].holds ? SLICE("done") : SLICE(""));
    }
}

CONTRACT_TEST(a_failed_guard_is_named_and_leaves_nothing_behind)
{
    struct collector collector;
    collector_init(&collector);
    COMMIT(test, put(SLICE("a"), SLICE("1")), add(SLICE("total"), 5));
    struct store_write writes[] = {put(SLICE("a"), SLICE("2")), put(SLICE("b"), SLICE("2")),
                                   put_log(SLICE("c"), SLICE("2")), add(SLICE("total"), 7)};
    struct store_change_set *change_set = change_set_make(&test->arena, &collector, writes, 4);
    struct store_guard guards[] = {{STORE_GUARD_EXISTS, SLICE("a"), SLICE_NONE},
                                   {STORE_GUARD_EXISTS, SLICE("missing"), SLICE_NONE},
                                   {STORE_GUARD_ABSENT, SLICE("a"), SLICE_NONE}};
    change_set->guards = guards;
    change_set->guard_count = 3;

    CHECK(store_submit(test->store, change_set) == STORE_OK);
    collector_wait(&collector, 1);

    CHECK(change_set->answer == STORE_CONFLICT);
    CHECK(change_set->guard_failed == 1);
    CHECK(state_of(change_set) == STORE_PENDING_DROPPED);
    CHECK_SLICE(get(test, SLICE("a")), SLICE("1"));
    CHECK(get(test, SLICE("b")).size == 0);
    CHECK(scan_all(test, STORE_LOG, SLICE("a"), SLICE("z")).count == 0);
    CHECK(get_total(test, SLICE("total")) == 5);
}

CONTRACT_TEST(guards_see_earlier_change_sets_of_the_same_group)
{
    struct collector collector;
    collector_init(&collector);
    COMMIT(test, put(SLICE("old"), SLICE("1")));
    const struct {
        struct store_write earlier;
        struct store_guard guard;
        bool holds;
    } cases[] = {
        {put(SLICE("new"), SLICE("1")), {STORE_GUARD_ABSENT, SLICE("new"), SLICE_NONE}, false},
        {put(SLICE("old"), SLICE("2")), {STORE_GUARD_EQUALS, SLICE("old"), SLICE("1")}, false},
        {put(SLICE("old"), SLICE("3")), {STORE_GUARD_EQUALS, SLICE("old"), SLICE("3")}, true},
        {delete_row(SLICE("old")), {STORE_GUARD_EXISTS, SLICE("old"), SLICE_NONE}, false},
        {delete_row(SLICE("new")), {STORE_GUARD_ABSENT, SLICE("new"), SLICE_NONE}, true},
        {add(SLICE("sum"), 1), {STORE_GUARD_EXISTS, SLICE("sum"), SLICE_NONE}, true},
    };
    enum { COUNT = sizeof cases / sizeof *cases };
    struct store_change_set *guarded[COUNT];
    contract_hold(test);
    for (uint32_t i = 0; i < COUNT; i++) {
        submit(test, &collector, cases[i].earlier);
        struct store_write write = put(number_text(&test->arena, "result", i), SLICE("done"));
        guarded[i] = change_set_make(&test->arena, &collector, &write, 1);
        guarded[i]->guards = &cases[i].guard;
        guarded[i]->guard_count = 1;
        CHECK(store_submit(test->store, guarded[i]) == STORE_OK);
    }
    contract_release(test);
    collector_wait(&collector, 2 * COUNT);

    for (uint32_t i = 0; i < COUNT; i++)
        CHECK(guarded[i]->answer == (cases[i].holds ? STORE_OK : STORE_CONFLICT));
}

/* ---- dependencies ---- */

/* Six change sets; the second fails; 3 depends on 2, 4 on 3 and 1; 5 on 1; 6 on nothing. */
static void check_chain(struct contract *test, bool in_one_group)
{
    static const bool survives[] = {true, false, false, false, true, true};
    struct collector collector;
    collector_init(&collector);
    struct store_change_set *sets[6];
    for (uint32_t i = 0; i < 6; i++) {
        struct store_write writes[] = {put(number_text(&test->arena, "chain", i), SLICE("done")),
                                       add(SLICE("survivors"), 1)};
        sets[i] = change_set_make(&test->arena, &collector, writes, 2);
    }
    static const struct store_guard fails = {STORE_GUARD_EXISTS, SLICE("missing"), SLICE_NONE};
    sets[1]->guards = &fails;
    sets[1]->guard_count = 1;
    depend_on(&test->arena, sets[2], sets[1]);
    depend_on(&test->arena, sets[3], sets[0]);
    depend_on(&test->arena, sets[3], sets[2]);
    depend_on(&test->arena, sets[4], sets[0]);

    if (in_one_group)
        contract_hold(test);
    for (uint32_t i = 0; i < 6; i++) {
        CHECK(store_submit(test->store, sets[i]) == STORE_OK);
        if (!in_one_group)
            collector_wait(&collector, i + 1);
    }
    if (in_one_group)
        contract_release(test);
    collector_wait(&collector, 6);

    for (uint32_t i = 0; i < 6; i++) {
        CHECK(sets[i]->answer == (survives[i] ? STORE_OK : STORE_CONFLICT));
        CHECK(state_of(sets[i]) == (survives[i] ? STORE_PENDING_DURABLE : STORE_PENDING_DROPPED));
        CHECK((get(test, sets[i]->writes[0].key).size > 0) == survives[i]);
    }
    CHECK(sets[1]->guard_failed == 0);
    CHECK(sets[2]->guard_failed == sets[2]->guard_count);
    CHECK(get_total(test, SLICE("survivors")) == 3);
}

CONTRACT_TEST(when_one_fails_its_chain_of_dependents_drops_within_a_group)
{
    check_chain(test, true);
}

CONTRACT_TEST(when_one_fails_its_chain_of_dependents_drops_across_groups)
{
    check_chain(test, false);
}

CONTRACT_TEST(an_empty_change_set_is_told_after_what_it_depends_on)
{
    struct collector collector;
    collector_init(&collector);
    struct store_change_set *waits = change_set_make(&test->arena, &collector, NULL, 0);
    struct store_change_set *drops = change_set_make(&test->arena, &collector, NULL, 0);
    contract_hold(test);
    struct store_change_set *written = submit(test, &collector, put(SLICE("a"), SLICE("1")));
    struct store_write write = put(SLICE("b"), SLICE("1"));
    struct store_change_set *fails = change_set_make(&test->arena, &collector, &write, 1);
    static const struct store_guard guard = {STORE_GUARD_EXISTS, SLICE("missing"), SLICE_NONE};
    fails->guards = &guard;
    fails->guard_count = 1;
    CHECK(store_submit(test->store, fails) == STORE_OK);
    depend_on(&test->arena, waits, written);
    depend_on(&test->arena, drops, fails);
    CHECK(store_submit(test->store, drops) == STORE_OK);
    CHECK(store_submit(test->store, waits) == STORE_OK);
    contract_release(test);
    collector_wait(&collector, 4);

    CHECK(waits->answer == STORE_OK && state_of(written) == STORE_PENDING_DURABLE);
    CHECK(drops->answer == STORE_CONFLICT && state_of(fails) == STORE_PENDING_DROPPED);
    CHECK(collector.last == waits);
}

CONTRACT_TEST(change_sets_that_write_nothing_take_no_commit_number)
{
    struct collector collector;
    collector_init(&collector);
    uint64_t before = store_commit_number(test->store);
    struct store_change_set *empty = change_set_make(&test->arena, &collector, NULL, 0);
    CHECK(store_submit(test->store, empty) == STORE_OK);
    collector_wait(&collector, 1);
    struct store_guard fails = {STORE_GUARD_EXISTS, SLICE("missing"), SLICE_NONE};
    CHECK(commit_if(test, fails, put(SLICE("a"), SLICE("1"))) == STORE_CONFLICT);

    CHECK(empty->answer == STORE_OK);
    CHECK(store_commit_number(test->store) == before);
}

/* ---- the queue ---- */

CONTRACT_TEST(a_spent_budget_answers_busy_until_the_queue_has_drained)
{
    struct collector collector;
    collector_init(&collector);
    test->budget.max_bytes = 1000;
    slice large = slice_of(arena_alloc_zeroed(&test->arena, 2000), 2000);
    contract_hold(test);
    budget_take(&test->budget, 1000); /* others have spent it: one alone in the queue is taken */
    submit(test, &collector, put(SLICE("a"), large));
    budget_give(&test->budget, 1000);
    struct store_write write = put(SLICE("b"), SLICE("1"));
    struct store_change_set *refused = change_set_make(&test->arena, &collector, &write, 1);

    CHECK(store_submit(test->store, refused) == STORE_BUSY);
    contract_release(test);
    collector_wait(&collector, 1);
    CHECK(get(test, SLICE("b")).size == 0);
    CHECK(store_submit(test->store, refused) == STORE_OK);

    collector_wait(&collector, 2);
    CHECK_SLICE(get(test, SLICE("b")), SLICE("1"));
    test->budget.max_bytes = 256 * 1024 * 1024;
}

CONTRACT_TEST(each_sink_is_told_once_a_group_oldest_first)
{
    struct collector even;
    struct collector odd;
    collector_init(&even);
    collector_init(&odd);
    struct store_change_set *last = NULL;
    contract_hold(test);
    for (uint32_t i = 0; i < 20; i++)
        last = submit(test, i % 2 == 0 ? &even : &odd,
                      put(number_text(&test->arena, "k", i), SLICE("v")));
    contract_release(test);
    collector_wait(&even, 10);
    collector_wait(&odd, 10);

    CHECK(even.call_count == 1 && odd.call_count == 1);
    CHECK(even.count == 10 && odd.count == 10);
    CHECK(odd.last == last);
}

static uint32_t delivered_in_order;

static void check_order(struct store_sink *sink, struct store_change_set *first)
{
    (void)sink;
    for (; first; first = first->next)
        CHECK((uint32_t)(uintptr_t)first->owner == delivered_in_order++);
}

CONTRACT_TEST(closing_finishes_what_is_queued)
{
    enum { COUNT = 3000 };
    static struct store_change_set sets[COUNT];
    static struct store_write writes[COUNT];
    struct store_sink sink = {.deliver = check_order};
    struct store *other;
    SCOPED_ARENA(arena);
    CHECK_OK(store_open_memory(&arena, &test->options, &other));
    struct store *store = test->engine->persistent ? test->store : other;
    delivered_in_order = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        writes[i] = put(number_text(&arena, "k", i), SLICE("v"));
        sets[i] = (struct store_change_set){
            .writes = &writes[i], .write_count = 1, .sink = &sink, .owner = (void *)(uintptr_t)i};
        CHECK(store_submit(store, &sets[i]) == STORE_OK);
    }

    if (test->engine->persistent) {
        contract_reopen(test);
        CHECK(scan_all(test, STORE_ROWS, SLICE("k"), SLICE("l")).count == COUNT);
    }
    store_close(other);

    CHECK(delivered_in_order == COUNT);
}

/* ---- ranges dropped, stores opened again ---- */

CONTRACT_TEST(a_dropped_range_is_gone_and_its_counters_start_at_zero)
{
    for (uint32_t i = 0; i < 200; i++)
        COMMIT(test, put(number_text(&test->arena, "k", i), SLICE("v")),
               put_log(number_text(&test->arena, "k", i), SLICE("v")));
    COMMIT(test, add(SLICE("k000050x"), 7), add(SLICE("outside"), 7));

    CHECK(store_drop_range(test->store, STORE_SHARD_WHOLE, STORE_ROWS, SLICE("k000050"),
                           SLICE("k000150")) == STORE_OK);

    CHECK(scan_all(test, STORE_ROWS, SLICE("k"), SLICE("l")).count == 100);
    CHECK(scan_all(test, STORE_LOG, SLICE("k"), SLICE("l")).count == 200);
    CHECK(get(test, SLICE("k000049")).size > 0 && get(test, SLICE("k000150")).size > 0);
    CHECK(get(test, SLICE("k000050")).size == 0 && get(test, SLICE("k000149")).size == 0);
    COMMIT(test, add(SLICE("k000050x"), 1), add(SLICE("outside"), 1));
    CHECK(get_total(test, SLICE("k000050x")) == 1);
    CHECK(get_total(test, SLICE("outside")) == 8);
    COMMIT(test, put(SLICE("k000100"), SLICE("again")));
    CHECK_SLICE(get(test, SLICE("k000100")), SLICE("again"));
}

CONTRACT_TEST(a_range_is_dropped_in_pieces_each_of_which_goes_on_where_the_one_before_ended)
{
    enum { COUNT = 10, PIECE = 4 };
    for (uint32_t i = 0; i < COUNT; i++)
        COMMIT(test, put(number_text(&test->arena, "k", i), SLICE("v")));
    COMMIT(test, put(SLICE("l"), SLICE("v")));
    struct store_drop drop = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = SLICE("k"),
                              .to = SLICE("l"),
                              .row_count_max = PIECE};

    static const uint32_t left[] = {6, 2, 0};
    for (int piece = 0; piece < 3; piece++) {
        slice end;
        CHECK(store_drop_piece(test->store, &test->arena, &drop, &end) == STORE_OK);
        drop.at = end;
        CHECK(scan_all(test, STORE_ROWS, SLICE("k000001"), SLICE("l")).count == left[piece]);
        CHECK((drop.at.size == 0) == (left[piece] == 0));
        if (piece == 0)
            COMMIT(test, put(SLICE("k000000"), SLICE("behind"))); /* and not come back to */
    }
    CHECK_SLICE(get(test, SLICE("k000000")), SLICE("behind"));
    CHECK_SLICE(get(test, SLICE("l")), SLICE("v"));
}

CONTRACT_TEST(a_store_opened_again_has_everything)
{
    if (!test->engine->persistent)
        return;
    slice large = slice_of(arena_alloc_zeroed(&test->arena, 400 * 1024), 400 * 1024);
    COMMIT(test, put(SLICE("large"), large), put(SLICE("gone"), SLICE("1")));
    COMMIT(test, put(SLICE("a"), SLICE("1")), put_log(SLICE("b"), SLICE("2")),
           add(SLICE("total"), 40), delete_row(SLICE("gone")));
    uint64_t number = store_commit_number(test->store);

    for (uint32_t round = 0; round < 2; round++) {
        contract_reopen(test);
        CHECK(store_commit_number(test->store) == number);
        CHECK_SLICE(get(test, SLICE("a")), SLICE("1"));
        CHECK(get(test, SLICE("large")).size == 400 * 1024);
        CHECK(get(test, SLICE("gone")).size == 0);
        CHECK(scan_all(test, STORE_LOG, SLICE("a"), SLICE("z")).count == 1);
    }

    COMMIT(test, add(SLICE("total"), 2));
    CHECK(get_total(test, SLICE("total")) == 42);
    CHECK(store_commit_number(test->store) == number + 1);
}
