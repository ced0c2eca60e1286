/* The picture of a page of partitions, the notes under it, and pages that are none. */
#include "tool/heat_draw.h"
#include "tool/heat_notes.h"

#include "tests/test.h"

static const struct heat_style plain = {.has_colors = false, .has_blocks = false};

#define PARTITION(id, reads, keys)                                                                 \
    "{\"id\":" #id ",\"hash_from\":\"0000000000000000\",\"hash_to\":\"7fffffffffffffff\","         \
    "\"bytes\":2048,\"items\":12,\"is_estimated\":true,\"read_units\":" #reads                     \
    ",\"write_units\":0.0,\"throttled\":1,\"would_throttle\":2,\"scanned_items\":5,"               \
    "\"returned_items\":4,\"new\":[{}],\"hot_keys\":" keys "}"

static slice draw(struct arena *arena, const char *body, const struct heat_style *style)
{
    struct heat_page page = {.place_count = 0};
    CHECK_OK(heat_page_read(arena, slice_of_string(body), &page));
    return heat_draw(arena, &page, style);
}

TEST(bars_show_how_the_load_is_shared)
{
    SCOPED_ARENA(arena);
    CHECK_SLICE(
        draw(
            &arena,
            "{\"tables\":[{\"table\":\"Books\",\"partitions\":[" PARTITION(
                0, 30.0,
                "[{\"key\":\"calm\",\"share\":0.1000}]") "," PARTITION(7, 10.0,
                                                                       "[{\"key\":\"hot\","
                                                                       "\"share\":0.8000,\"write_"
                                                                       "share\":0}]") "],"
                                                                                      "\"indexes\":"
                                                                                      "[{\"index\":"
                                                                                      "\"ByAge\","
                                                                                      "\"partitions"
                                                                                      "\":[]}]}],"
                                                                                      "\"next\":"
                                                                                      "null}",
            &plain),
        SLICE("Books: 2 partitions; 10 items read, 8 returned\n"
              "  hottest: 20% hot, 8% calm\n"
              "    id hashes    load                         reads   writes    items     size "
              "throttled  would be\n"
              "     0 0000-7fff ###############.....  75%       30        0 ~     12 ~  2.0kB      "
              "   "
              "1         2\n"
              "      key  ##..................  10% calm\n"
              "     7 0000-7fff #####...............  25%       10        0 ~     12 ~  2.0kB      "
              "   "
              "1         2\n"
              "      key  ################....  80% hot\n"
              "index ByAge: 0 partitions; 0 items read, 0 returned\n"
              "    id hashes    load                         reads   writes    items     size "
              "throttled  would be\n"));
}

static bool contains(slice text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

TEST(no_key_talks_to_the_terminal)
{
    SCOPED_ARENA(arena);
    slice text = draw(
        &arena,
        "{\"tables\":[{\"table\":\"Books\",\"partitions\":[" PARTITION(
            0, 1.0,
            "[{\"key\":\"a\\u001b[2Jb\\u0000\\u007f\\u009bc\\n\\u2028\\u202ed\\u2066\\u200f\\u2030"
            "\xc3\xa9\","
            "\"share\":1}]") "]}]}",
        &plain);
    CHECK(contains(text, " 100% a?[2Jb???c???d??\xe2\x80\xb0\xc3\xa9\n"));
    CHECK(memchr(text.data, 0x1b, text.size) == NULL);
    text = draw(&arena,
                "{\"tables\":[{\"table\":\"Books\",\"partitions\":[" PARTITION(0, 1.0, "[]") "]}]}",
                &(struct heat_style){.has_colors = true, .has_blocks = true});
    CHECK(contains(text, "\x1b[31m\xe2\x96\x88"));
}

TEST(a_long_key_is_shown_as_far_as_there_is_room)
{
    SCOPED_ARENA(arena);
    slice key = arena_format(&arena, "%0100d", 7);
    const struct heat_key keys[] = {{key, 1}};
    const struct heat_partition partition = {.read_units = 1, .hot_keys = keys, .hot_key_count = 1};
    const struct heat_place place = {SLICE("Books"), &partition, 1};
    const struct heat_page page = {&place, 1};
    slice text = heat_draw(&arena, &page, &plain);
    CHECK(contains(text, "000..."));
    CHECK(!contains(text, "7"));
}

TEST(patterns_that_are_known_as_bad_are_named)
{
    static const struct heat_key dates[] = {{SLICE("2026-11-22"), 0.9},
                                            {SLICE("2026-11-21"), 0.05}};
    static const struct heat_key compact[] = {{SLICE("events#20261122"), 0.9}};
    static const struct heat_key few[] = {{SLICE("open"), 0.6}, {SLICE("closed"), 0.35}};
    static const struct heat_key one[] = {{SLICE("user1"), 0.6}};
    static const struct heat_key many[] = {{SLICE("user1"), 0.02}, {SLICE("user2"), 0.02}};
    static const struct heat_key numbers[] = {{SLICE("20261122033"), 0.3},
                                              {SLICE("30261122"), 0.3}};
    static const struct {
        struct heat_partition partition;
        const char *note; /* how it begins; NULL: none */
    } cases[] = {
        {{.write_units = 1000, .hot_keys = dates, .hot_key_count = 2}, "dates as partition keys"},
        {{.write_units = 1000, .hot_keys = compact, .hot_key_count = 1}, "dates as partition keys"},
        {{.write_units = 1000, .hot_keys = few, .hot_key_count = 2}, "few partition keys: 2"},
        {{.read_units = 1000, .hot_keys = one, .hot_key_count = 1}, "one hot key"},
        {{.read_units = 1000, .hot_keys = many, .hot_key_count = 2}, NULL},
        {{.read_units = 1000, .hot_keys = numbers, .hot_key_count = 2}, NULL},
        {{.read_units = 1000}, NULL},
        {{.read_units = 9, .hot_keys = few, .hot_key_count = 2}, NULL},
        {{.scanned_items = 5000, .returned_items = 499}, "scans with filters: 5000"},
        {{.scanned_items = 5000, .returned_items = 500}, NULL},
        {{.scanned_items = 999}, NULL},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct heat_place place = {SLICE("T"), &cases[i].partition, 1};
        struct buffer text;
        buffer_init(&text, &arena);
        heat_append_notes(&arena, &text, &place);
        slice wanted =
            cases[i].note ? arena_format(&arena, "  note: %s", cases[i].note) : SLICE("");
        CHECK_SLICE(
            slice_first(buffer_slice(&text), text.size < wanted.size ? text.size : wanted.size),
            wanted);
        CHECK(cases[i].note || text.size == 0);
    }
}

TEST(what_is_no_page_of_partitions_is_refused)
{
    static const char *const bodies[] = {
        "",
        "{",
        "[]",
        "7",
        "{\"tables\":{}}",
        "{\"tables\":[7]}",
        "{\"tables\":[{\"table\":7}]}",
        "{\"tables\":[{\"partitions\":{}}]}",
        "{\"tables\":[{\"partitions\":[{\"id\":\"a\"}]}]}",
        "{\"tables\":[{\"partitions\":[{\"hot_keys\":[{\"share\":\"a\"}]}]}]}",
        "{\"tables\":[{\"partitions\":[{\"is_estimated\":1}]}]}",
        "{\"tables\":[{},{}]}",
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct heat_page page;
        CHECK_FAILS(heat_page_read(&arena, slice_of_string(bodies[i]), &page),
                    ERROR_SERVICE_UNAVAILABLE,
                    SLICE("what was answered is no page of partitions: is that a server of this "
                          "version?"));
    }
    struct heat_page page;
    CHECK_OK(heat_page_read(&arena, SLICE("{\"tables\":[]}"), &page));
    CHECK(page.place_count == 0);
}
