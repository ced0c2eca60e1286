/* When work in the background gives way, and how far. */
#include "db/pace.h"

#include "tests/test.h"

enum { ROWS = 256, LOOKS = 100 };

/* Whether it gives way in the end to clients that make a request every so often. */
static bool gives_way_to(uint64_t request_every_us, uint64_t look_every_us)
{
    struct pace pace = {0};
    uint64_t begun_us = 1000000;
    bool gives_way = false;
    for (uint64_t look = 0; look < LOOKS; look++) {
        uint64_t us = look * look_every_us;
        gives_way = pace_look(&pace, begun_us + us, us / request_every_us);
    }
    return gives_way;
}

TEST(work_in_the_background_gives_way_to_many_requests_however_often_it_looks)
{
    static const struct {
        uint64_t request_every_us;
        bool gives_way;
    } cases[] = {{10, true}, {100, true}, {1000, true}, {2000, true},
                 {20000, false}, {1000000, false}};
    static const uint64_t look_every_us[] = {200, 1000, 5000, 30000, 1000000};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t j = 0; j < sizeof look_every_us / sizeof *look_every_us; j++)
            CHECK(gives_way_to(cases[i].request_every_us, look_every_us[j]) == cases[i].gives_way);
    }
}

TEST(work_alone_takes_whole_steps_without_pauses)
{
    struct pace pace = {0};
    for (uint64_t now_us = 1; now_us < 100000; now_us += 1000)
        CHECK(!pace_look(&pace, now_us, 7));
    CHECK(pace_rows(&pace, ROWS) == ROWS);
    CHECK(pace_pause_us(&pace, 4000) == 0);
}

TEST(work_beside_clients_takes_small_steps_and_pauses_as_long_within_bounds)
{
    struct pace pace = {.gives_way = true};
    CHECK(pace_rows(&pace, ROWS) == ROWS / 8);
    CHECK(pace_rows(&pace, 3) == 3);
    CHECK(pace_pause_us(&pace, 300) == 300);
    CHECK(pace_pause_us(&pace, 1000000) == 5000);
}

TEST(work_goes_on_at_once_when_clients_have_stopped)
{
    struct pace pace = {0};
    pace_look(&pace, 1000, 0);
    CHECK(pace_look(&pace, 6000, 50));
    CHECK(pace_look(&pace, 10000, 50)); /* the window is not over */
    CHECK(!pace_look(&pace, 11000, 50));
}
