#include "db/write_charge.h"

#include "db/index/index.h"

static bool is_free(const struct write_plan *plan)
{
    return plan->actor == LOG_BY_TIME_TO_LIVE;
}

void charge_write(struct db_session *session, const struct write_plan *plan,
                  const struct write_result *result, slice row_key, bool is_transaction)
{
    if (is_free(plan))
        return;
    slice new_item = result->condition_failed ? plan->item : result->new_item;
    int64_t half_units =
        capacity_of_write(item_charged_bytes(result->old_item), item_charged_bytes(new_item));
    struct charge charge = {.table = plan->table,
                            .kind = USAGE_WRITE,
                            .row_key = row_key,
                            .half_units = is_transaction ? 2 * half_units : half_units};
    charge_note(session, &charge);
}

void charge_repeated(struct db_session *session, const struct write_plan *plan,
                     const struct write_result *result, slice row_key)
{
    struct charge charge = {.table = plan->table,
                            .kind = USAGE_READ,
                            .row_key = row_key,
                            .half_units =
                                2 * capacity_of_read(item_charged_bytes(result->old_item), true)};
    charge_note(session, &charge);
}

void charge_entry(struct db_session *session, const struct write_plan *plan,
                  const struct entry_change *entry, slice row_key)
{
    const struct index_change *change = entry->change;
    if (is_free(plan) || !change->changed)
        return;
    struct charge charge = {.table = plan->table,
                            .kind = USAGE_WRITE,
                            .row_key = row_key,
                            .half_units = capacity_of_change(change)};
    if (entry->index->kind == INDEX_LOCAL) {
        charge_note(session, &charge);
        return;
    }
    charge.index = entry->index;
    if (change->moved) { /* one partition loses it, the other gets it */
        charge.row_key = entry->old_key;
        charge.half_units = capacity_of_write(change->old_bytes, 0);
        charge_note(session, &charge);
        charge.half_units = capacity_of_write(0, change->new_bytes);
    }
    charge.row_key = change->new_bytes > 0 ? entry->new_key : entry->old_key;
    charge_note(session, &charge);
}
