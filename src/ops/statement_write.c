#include "base/assert.h"
#include "base/limits.h"
#include "ops/key_paths.h"
#include "ops/response.h"
#include "ops/statement.h"
#include "partiql/where_key.h"

static error plan_insert(struct arena *arena, const struct statement *statement,
                         const struct table *table, struct write_plan *plan)
{
    slice item = statement->item;
    if (item_charged_bytes(item) > ITEM_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "Item size has exceeded the maximum allowed size");
    TRY(key_check_item(arena, &table->keys, item));
    TRY(index_check_item(arena, table, item));
    *plan = (struct write_plan){.table = table,
                                .kind = WRITE_PUT,
                                .item = item,
                                .condition = condition_of_absence(arena, table->keys.hash.name)};
    return NULL;
}

error statement_without_key(void)
{
    return FAILURE(ERROR_VALIDATION,
                   "Where clause does not contain a mandatory equality on all key attributes");
}

static error find_key(struct arena *arena, const struct statement *statement,
                      const struct table *table, error no_key, struct where_key *found)
{
    where_key_find(arena, statement->where, &table->keys, false, found);
    if (!found->is_complete)
        return no_key;
    if (found->contradiction.size > 0)
        return fail(arena, ERROR_VALIDATION,
                    "Multiple conditions on same key %.*s. Only single item Update/Insert/Delete "
                    "are supported",
                    SLICE_ARGS(found->contradiction));
    return key_check(arena, &table->keys, found->key);
}

static error check_paths(struct arena *arena, const struct statement *statement,
                         const struct table *table)
{
    const slice *entered;
    uint32_t count = update_entered(arena, statement->update, &entered);
    TRY(key_paths_check(arena, table, entered, count));
    count = condition_entered(arena, statement->where, &entered);
    return key_paths_check(arena, table, entered, count);
}

/*
 * An UPDATE wants the item to be there: the whole condition, keys included, says so. A DELETE has
 * nothing to do where it is not: the rest of its condition is for an item with the key.
 */
static error plan_change(struct arena *arena, const struct statement *statement,
                         const struct table *table, error no_key, struct write_plan *plan)
{
    if (statement->index.size > 0)
        return FAILURE(ERROR_VALIDATION, "This operation is not supported on an index");
    struct where_key found;
    TRY(find_key(arena, statement, table, no_key, &found));
    TRY(update_check_keys(arena, statement->update, &table->keys));
    TRY(check_paths(arena, statement, table));
    TRY(index_check_update(arena, table, statement->update));
    bool updates = statement->kind == STATEMENT_UPDATE;
    const struct condition *rest = condition_or_absence(arena, table->keys.hash.name, found.rest);
    *plan = (struct write_plan){.table = table,
                                .kind = updates ? WRITE_UPDATE : WRITE_DELETE,
                                .key = found.key,
                                .update = statement->update,
                                .condition = updates ? statement->where : rest};
    return NULL;
}

/* Of two values for one key the first counts; the other one is part of what must hold. */
static error plan_check(struct arena *arena, const struct statement *statement,
                        const struct table *table, struct write_plan *plan)
{
    struct where_key found;
    where_key_find(arena, statement->where, &table->keys, false, &found);
    if (!found.is_complete || !found.rest)
        return FAILURE(ERROR_VALIDATION,
                       "EXISTS() must contain a single item read with additional condition");
    TRY(key_check(arena, &table->keys, found.key));
    TRY(check_paths(arena, statement, table));
    *plan = (struct write_plan){
        .table = table, .kind = WRITE_CHECK, .key = found.key, .condition = found.rest};
    return NULL;
}

error statement_plan_write(struct arena *arena, const struct statement *statement,
                           const struct table *table, error no_key, struct write_plan *plan)
{
    switch (statement->kind) {
    case STATEMENT_INSERT:
        return plan_insert(arena, statement, table, plan);
    case STATEMENT_UPDATE:
    case STATEMENT_DELETE:
        return plan_change(arena, statement, table, no_key, plan);
    case STATEMENT_EXISTS:
        return plan_check(arena, statement, table, plan);
    case STATEMENT_SELECT:
        break;
    }
    unreachable("a SELECT writes nothing");
}

error statement_condition_failed(struct arena *arena, const struct statement *statement,
                                 enum failure_values values, slice old_item)
{
    if (statement->kind == STATEMENT_INSERT)
        return FAILURE(ERROR_DUPLICATE_ITEM, "Duplicate primary key exists in table");
    return response_condition_failed(arena, values, old_item);
}

slice statement_returned(struct arena *arena, const struct statement *statement,
                         const struct write_result *result)
{
    slice returned = ITEM_ABSENT;
    switch (statement->returning) {
    case RETURNING_NOTHING:
        break;
    case RETURNING_ALL_OLD:
        returned = result->old_item;
        break;
    case RETURNING_ALL_NEW:
        returned = result->new_item;
        break;
    case RETURNING_MODIFIED_OLD:
        returned = update_touched(arena, statement->update, result->old_item);
        break;
    case RETURNING_MODIFIED_NEW:
        returned = update_touched(arena, statement->update, result->new_item);
        break;
    }
    bool is_empty = !item_exists(returned) || item_attribute_count(returned) == 0;
    return is_empty ? ITEM_ABSENT : returned;
}
