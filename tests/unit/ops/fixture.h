/* Operations called as a client would: a name and a body in, a reply or an error as text out. */
#pragma once
#include "ops/operation.h"
#include "tests/unit/db/fixture.h"

/*
 * The reply's JSON, or "Name: message" of the error, with its members behind it. In `body` a '
 * stands for a ". The text lives in the fixture's arena.
 */
slice answer(struct fixture *fixture, const char *operation, const char *body);

/* The same with a budget for the request's memory, and " in `body`. */
slice answer_within(struct fixture *fixture, struct budget *memory, const char *operation,
                    slice body);

struct exchange {
    const char *body;
    const char *answer;
};

/* Each body with the operation, in order, on one database. */
void check_exchanges(struct fixture *fixture, const char *operation,
                     const struct exchange *exchanges, size_t count);
#define CHECK_EXCHANGES(fixture, operation, table)                                                 \
    check_exchanges((fixture), (operation), (table), sizeof(table) / sizeof *(table))

struct step {
    const char *operation;
    const char *body;
    const char *answer; /* in a reply too a ' stands for a " */
};

/* One operation after the other, on one database. */
void check_steps(struct fixture *fixture, const struct step *steps, size_t count);
#define CHECK_STEPS(fixture, steps) check_steps((fixture), (steps), sizeof(steps) / sizeof *(steps))

/* The ' of a test's text as ", in `arena`. */
slice quoted(struct arena *arena, const char *text);
