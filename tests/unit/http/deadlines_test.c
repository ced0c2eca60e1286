#include "http/deadlines.h"

#include "tests/test.h"

TEST(the_longest_waiting_is_found_first_and_only_of_its_kind)
{
    struct deadlines deadlines;
    struct deadline a, b, c;
    deadlines_init(&deadlines);
    deadline_init(&a);
    deadline_init(&b);
    deadline_init(&c);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_HEAD) == NULL);

    deadline_set(&deadlines, &a, DEADLINE_HEAD, 10);
    deadline_set(&deadlines, &b, DEADLINE_HEAD, 20);
    deadline_set(&deadlines, &c, DEADLINE_BODY, 5);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_HEAD) == &a);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_BODY) == &c);
    CHECK(deadlines_waiting_since(&deadlines, DEADLINE_HEAD, 9) == NULL);
    CHECK(deadlines_waiting_since(&deadlines, DEADLINE_HEAD, 10) == &a);

    deadline_set(&deadlines, &a, DEADLINE_HEAD, 30);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_HEAD) == &b);
    deadline_clear(&b);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_HEAD) == &a);
    deadline_set(&deadlines, &a, DEADLINE_BODY, 40);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_HEAD) == NULL);
    CHECK(deadlines_oldest(&deadlines, DEADLINE_BODY) == &c);
}
