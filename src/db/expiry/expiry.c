#include "db/expiry/expiry.h"

#include "base/fault.h"
#include "db/db_private.h"

enum expiry_status expiry_status_of(const struct table *table)
{
    if (table->expiry.attribute.size == 0)
        return EXPIRY_DISABLED;
    if (table->expiry.is_leaving)
        return EXPIRY_DISABLING;
    return build_is_under_way(&table->expiry.build) ? EXPIRY_ENABLING : EXPIRY_ENABLED;
}

enum expiry_status expiry_status_shown(const struct db *db, const struct table *table)
{
    enum expiry_status status = expiry_status_of(table);
    if (db_now_ms(db) < table->expiry.changed_ms + db->transition_delay_ms)
        return status;
    if (status == EXPIRY_ENABLING)
        return EXPIRY_ENABLED;
    return status == EXPIRY_DISABLING ? EXPIRY_DISABLED : status;
}

bool expiry_second(const struct table *table, slice item, uint64_t *second)
{
    slice value;
    if (!item_attribute(item, table->expiry.attribute, &value) || value_type_of(value) != VALUE_N)
        return false;
    struct number number = value_number(value);
    return number_whole(&number, second);
}

void expiry_add_writes(struct writes *to, struct arena *arena, const struct table *table,
                       slice item_key, slice old_item, slice new_item)
{
    uint64_t before = 0;
    uint64_t after = 0;
    bool was = expiry_second(table, old_item, &before);
    bool is = expiry_second(table, new_item, &after);
    bool moves = was && is && before != after;
    if (was && (!is || moves))
        to->writes[to->count++] = db_delete(row_key_of_expiry(arena, item_key, before));
    /* Also where it is there already: a build may not have come to it. */
    if (is && (!was || moves || build_is_under_way(&table->expiry.build)) &&
        !fault_planted(FAULT_EXPIRY_ROW))
        to->writes[to->count++] =
            db_put(row_key_of_expiry(arena, item_key, after), ROW_EXPIRY_VALUE);
}

void expiry_note_submitted(const struct table *table, slice item)
{
    uint64_t second;
    if (expiry_second(table, item, &second))
        expiry_lower_mark(table, second);
}

void expiry_lower_mark(const struct table *table, uint64_t second)
{
    _Atomic uint64_t *mark = &table_gate(table)->expiry_mark;
    uint64_t seen = atomic_load(mark);
    while (second < seen && !atomic_compare_exchange_weak(mark, &seen, second))
        continue;
}

uint64_t expiry_take_mark(const struct table *table, uint64_t until_second)
{
    _Atomic uint64_t *mark = &table_gate(table)->expiry_mark;
    uint64_t seen = atomic_load(mark);
    while (seen < until_second && !atomic_compare_exchange_weak(mark, &seen, until_second))
        continue;
    return seen;
}
