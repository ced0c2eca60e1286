/*
 * The gates of the tables that a request writes to, each once, in one order for everybody.
 */
#pragma once
#include "db/table/catalogue.h"
#include "db/write.h"

struct gates {
    struct table_gate **list;
    uint32_t count;
};

/*
 * Held from seeing that the descriptions of the plans are the current ones, else false, through
 * submit. To be released either way.
 */
bool gates_take(struct arena *arena, const struct write_plan *plans, uint32_t plan_count,
                struct gates *gates) MUST_CHECK;
void gates_release(const struct gates *gates);

/*
 * What the writes depend on: descriptions that are not durable yet. At most one a gate, each
 * retained for the caller; returns how many.
 */
uint32_t gates_unsettled(const struct gates *gates, struct store_pending **pendings);
