/*
 * Deadlines of the connections of one loop, kept as one list for each kind of waiting.
 *
 * All waits of a kind last equally long, so a connection that starts waiting goes to the end of
 * its list and the one that has waited longest stands at the front: setting and finding cost a
 * few pointers, whatever the number of connections. Every live connection stands in exactly one
 * list, which is also how all of them are found at shutdown.
 */
#pragma once
#include <stdint.h>

enum deadline_kind {
    DEADLINE_WARM,     /* between requests, its arena still at hand */
    DEADLINE_IDLE,     /* between requests, holding nothing */
    DEADLINE_HEAD,     /* since the first byte of a head */
    DEADLINE_BODY,     /* since the last bytes of a body */
    DEADLINE_HANDLING, /* with the handler, which takes what it needs */
    DEADLINE_WRITE,    /* since the client last took bytes of a reply */
    DEADLINE_LINGER,   /* the last reply is sent; waiting for the client to close */
    DEADLINE_PARKED,   /* not read from until memory comes back */
    DEADLINE_KIND_COUNT
};

struct deadline {
    struct deadline *older;
    struct deadline *newer;
    uint64_t since_ms;
    enum deadline_kind kind;
};

struct deadlines {
    struct deadline ends[DEADLINE_KIND_COUNT]; /* newer: the oldest; older: the newest */
};

void deadlines_init(struct deadlines *deadlines);

/* A deadline that stands in no list yet. */
void deadline_init(struct deadline *deadline);

/* Wait anew, from `since_ms`, which is not before that of any other in the list. */
void deadline_set(struct deadlines *deadlines, struct deadline *deadline, enum deadline_kind kind,
                  uint64_t since_ms);
void deadline_clear(struct deadline *deadline);

/* The one of that kind that has waited longest; NULL when there is none. */
struct deadline *deadlines_oldest(struct deadlines *deadlines, enum deadline_kind kind);

/* The same, if it has waited since `until_ms` or longer. */
struct deadline *deadlines_waiting_since(struct deadlines *deadlines, enum deadline_kind kind,
                                         uint64_t until_ms);
