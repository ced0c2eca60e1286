#include "db/write_charge.h"

#include "db/index/index.h"

error charge_write(struct db_session *session, const struct write_plan *plan,
                   const struct write_result *result, slice row_key, bool is_transaction)
{
    slice new_item = result->condition_failed ? plan->item : result->new_item;
    int64_t half_units =
        capacity_of_write(item_charged_bytes(result->old_item), item_charged_bytes(new_item));
    struct charge charge = {.table = plan->table,
                            .kind = USAGE_WRITE,
                            .row_key = row_key,
                            .half_units = is_transaction ? 2 * half_units : half_units};
    return charge_note(session, &charge);
}

error charge_repeated(struct db_session *session, const struct write_plan *plan,
                      const struct write_result *result, slice row_key)
{
    struct charge charge = {.table = plan->table,
                            .kind = USAGE_READ,
                            .row_key = row_key,
                            .half_units =
                                2 * capacity_of_read(item_charged_bytes(result->old_item), true)};
    return charge_note(session, &charge);
}

error charge_entry(struct db_session *session, const struct write_plan *plan,
                   const struct entry_change *entry, slice row_key)
{
    const struct index_change *change = entry->change;
    if (!change->changed)
        return NULL;
    struct charge charge = {.table = plan->table,
                            .kind = USAGE_WRITE,
                            .row_key = row_key,
                            .half_units = capacity_of_change(change)};
    if (entry->index->kind == INDEX_LOCAL)
        return charge_note(session, &charge);
    charge.index = entry->index;
    if (change->moved) { /* one partition loses it, the other gets it */
        charge.row_key = entry->old_key;
        charge.half_units = capacity_of_write(change->old_bytes, 0);
        TRY(charge_note(session, &charge));
        charge.half_units = capacity_of_write(0, change->new_bytes);
    }
    charge.row_key = change->new_bytes > 0 ? entry->new_key : entry->old_key;
    return charge_note(session, &charge);
}
