#include "db/gates.h"

#include <stdlib.h>

static int by_address(const void *a, const void *b)
{
    struct table_gate *const *left = a;
    struct table_gate *const *right = b;
    return (*left > *right) - (*left < *right);
}

static bool are_current(const struct write_plan *plans, uint32_t plan_count)
{
    for (uint32_t i = 0; i < plan_count; i++) {
        if (table_gate(plans[i].table)->current != plans[i].table)
            return false;
    }
    return true;
}

bool gates_take(struct arena *arena, const struct write_plan *plans, uint32_t plan_count,
                struct gates *gates)
{
    struct table_gate **sorted = arena_new_array(arena, struct table_gate *, plan_count);
    for (uint32_t i = 0; i < plan_count; i++)
        sorted[i] = table_gate(plans[i].table);
    if (plan_count > 1)
        qsort(sorted, plan_count, sizeof sorted[0], by_address);
    *gates = (struct gates){.list = sorted};
    for (uint32_t i = 0; i < plan_count; i++) {
        if (gates->count == 0 || sorted[gates->count - 1] != sorted[i])
            sorted[gates->count++] = sorted[i];
    }
    for (uint32_t i = 0; i < gates->count; i++)
        pthread_rwlock_rdlock(&sorted[i]->lock);
    return are_current(plans, plan_count);
}

void gates_release(const struct gates *gates)
{
    for (uint32_t i = 0; i < gates->count; i++)
        pthread_rwlock_unlock(&gates->list[i]->lock);
}

uint32_t gates_unsettled(const struct gates *gates, struct store_pending **pendings)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < gates->count; i++) {
        if (!gates->list[i]->unsettled)
            continue;
        pendings[count] = gates->list[i]->unsettled;
        store_pending_retain(pendings[count++]);
    }
    return count;
}
