#include "http/deadlines.h"

#include <stddef.h>

void deadlines_init(struct deadlines *deadlines)
{
    for (int kind = 0; kind < DEADLINE_KIND_COUNT; kind++)
        deadline_init(&deadlines->ends[kind]);
}

void deadline_init(struct deadline *deadline)
{
    *deadline = (struct deadline){.older = deadline, .newer = deadline};
}

void deadline_clear(struct deadline *deadline)
{
    deadline->older->newer = deadline->newer;
    deadline->newer->older = deadline->older;
    deadline->older = deadline;
    deadline->newer = deadline;
}

void deadline_set(struct deadlines *deadlines, struct deadline *deadline, enum deadline_kind kind,
                  uint64_t since_ms)
{
    deadline_clear(deadline);
    struct deadline *end = &deadlines->ends[kind];
    deadline->kind = kind;
    deadline->since_ms = since_ms;
    deadline->newer = end;
    deadline->older = end->older;
    end->older->newer = deadline;
    end->older = deadline;
}

struct deadline *deadlines_oldest(struct deadlines *deadlines, enum deadline_kind kind)
{
    struct deadline *end = &deadlines->ends[kind];
    return end->newer == end ? NULL : end->newer;
}

struct deadline *deadlines_waiting_since(struct deadlines *deadlines, enum deadline_kind kind,
                                         uint64_t until_ms)
{
    struct deadline *oldest = deadlines_oldest(deadlines, kind);
    return oldest && oldest->since_ms <= until_ms ? oldest : NULL;
}
