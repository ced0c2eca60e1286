/*
 * Applying an update: each action is evaluated on the item before, which gives a value, or nothing,
 * for its path. The changes, sorted by path, are then woven into the item: those below one map or
 * list stand together, in the order of its members, so that each container on the way is merged
 * with its changes in one pass and every other value is taken over as it is.
 */
#include "expr/update.h"
#include "base/assert.h"
#include "base/limits.h"
#include "expr/projection.h"
#include "expr/update_tree.h"
#include <stdlib.h>

#define BAD_PATH                                                                                   \
    FAILURE(ERROR_VALIDATION,                                                                      \
            "The document path provided in the update expression is invalid for update")
#define TOO_LARGE                                                                                  \
    FAILURE(ERROR_VALIDATION, "Item size to update has exceeded the maximum allowed size")
#define TOO_DEEP                                                                                   \
    FAILURE(ERROR_VALIDATION, "Nesting Levels have exceeded supported limits: Attributes in the "  \
                              "item have nested levels beyond supported limit")

/* ---- keys ---- */

static error check_key(struct arena *arena, const struct update *update, slice key)
{
    for (uint32_t i = 0; i < update->action_count; i++) {
        if (slice_equal(update->actions[i].path.elements[0].name, key))
            return fail(arena, ERROR_VALIDATION,
                        "One or more parameter values were invalid: Cannot update attribute %.*s. "
                        "This attribute is part of the key",
                        SLICE_ARGS(key));
    }
    return NULL;
}

error update_check_keys(struct arena *arena, const struct update *update,
                        const struct key_schema *schema)
{
    if (!update)
        return NULL;
    TRY(check_key(arena, update, schema->hash.name));
    return schema->has_range ? check_key(arena, update, schema->range.name) : NULL;
}

uint32_t update_entered(struct arena *arena, const struct update *update, const slice **names)
{
    uint32_t count = update ? update->path_count : 0;
    struct path *paths = arena_new_array(arena, struct path, count);
    for (uint32_t i = 0; i < count; i++)
        paths[i] = *update->paths[i];
    return paths_entered(arena, paths, count, names);
}

/* ---- what happens to each path ---- */

static bool takes_away(const struct action *action)
{
    return action->clause == UPDATE_REMOVE || action->clause == UPDATE_DELETE;
}

bool update_creates(const struct update *update)
{
    if (!update || update->action_count == 0)
        return true;
    for (uint32_t i = 0; i < update->action_count; i++) {
        if (!takes_away(&update->actions[i]))
            return true;
    }
    return false;
}

bool update_given_value(const struct update *update, slice attribute, slice *value)
{
    for (uint32_t i = 0; update && i < update->action_count; i++) {
        const struct action *action = &update->actions[i];
        if (action->clause != UPDATE_SET || action->term->kind != TERM_VALUE ||
            action->path.count != 1 || !slice_equal(action->path.elements[0].name, attribute))
            continue;
        *value = action->term->value;
        return true;
    }
    return false;
}

/* Changes that agree in all elements of their paths before some depth. */
struct range {
    const struct change *changes; /* by path_compare */
    uint32_t count;
};

static int compare_changes(const void *a, const void *b)
{
    return path_compare(((const struct change *)a)->path, ((const struct change *)b)->path);
}

/* Where nothing was there is nothing to take away, however deep the path. */
static error evaluate_all(struct arena *arena, const struct update *update, slice item,
                          bool item_existed, struct range *range)
{
    struct change *changes = arena_new_array(arena, struct change, update->action_count);
    uint32_t count = 0;
    size_t charged_bytes = 0;
    for (uint32_t i = 0; i < update->action_count; i++) {
        const struct action *action = &update->actions[i];
        if (!item_existed && takes_away(action))
            continue;
        struct change *change = &changes[count++];
        TRY(action_evaluate(arena, update, action, item, change));
        if (!change->is_present)
            continue;
        /* All of it will be in the item. Checked here, so that memory is bounded too. */
        charged_bytes += value_charged_bytes(change->value);
        if (charged_bytes > ITEM_BYTES_MAX)
            return TOO_LARGE;
    }
    qsort(changes, count, sizeof *changes, compare_changes);
    *range = (struct range){changes, count};
    return NULL;
}

/* ---- weaving ---- */

static const struct path_element *element_at(struct range range, uint32_t depth)
{
    return &range.changes[0].path->elements[depth];
}

/* Split off the changes at the front that agree in the element at `depth` too. */
static struct range take_group(struct range *range, uint32_t depth)
{
    const struct path_element *first = element_at(*range, depth);
    struct range group = *range;
    for (group.count = 1; group.count < range->count; group.count++) {
        const struct path_element *next = &range->changes[group.count].path->elements[depth];
        if (first->is_index ? next->index != first->index : !slice_equal(next->name, first->name))
            break;
    }
    range->changes += group.count;
    range->count -= group.count;
    return group;
}

/* Members of a container in the making, in their order; names for maps and items only. */
struct members {
    slice *names;
    slice *values;
    uint32_t count;
};

static struct members make_members(struct arena *arena, size_t count_max)
{
    return (struct members){.names = arena_new_array(arena, slice, count_max),
                            .values = arena_new_array(arena, slice, count_max)};
}

static void add_member(struct members *members, slice name, slice value)
{
    members->names[members->count] = name;
    members->values[members->count++] = value;
}

static error weave(struct arena *arena, struct range range, uint32_t depth, slice container,
                   slice *woven);

/* Where one group leads: the new value of a member that was `found`, or was not there. */
static error weave_member(struct arena *arena, struct range group, uint32_t depth,
                          const slice *found, slice name, struct members *members)
{
    const struct change *change = group.changes;
    if (change->path->count == depth) {
        assert_that(group.count == 1);
        if (!change->is_present)
            return NULL;
        if (depth - 1 + value_levels(change->value) > NESTING_LEVELS_MAX)
            return TOO_DEEP;
        add_member(members, name, change->value);
        return NULL;
    }
    if (!found)
        return BAD_PATH;
    slice woven;
    TRY(weave(arena, group, depth, *found, &woven));
    add_member(members, name, woven);
    return NULL;
}

/* Names stand in the same order in containers and in ranges. */
static error weave_entry(struct arena *arena, struct range *range, uint32_t depth, slice name,
                         slice value, struct members *members)
{
    while (range->count > 0) {
        slice next = element_at(*range, depth)->name;
        int order = slice_compare(next, name);
        if (order > 0)
            break;
        struct range group = take_group(range, depth);
        TRY(weave_member(arena, group, depth + 1, order == 0 ? &value : NULL, next, members));
        if (order == 0)
            return NULL;
    }
    add_member(members, name, value);
    return NULL;
}

static error weave_rest(struct arena *arena, struct range *range, uint32_t depth,
                        struct members *members)
{
    while (range->count > 0) {
        slice name = element_at(*range, depth)->name;
        struct range group = take_group(range, depth);
        TRY(weave_member(arena, group, depth + 1, NULL, name, members));
    }
    return NULL;
}

static error weave_map(struct arena *arena, struct range range, uint32_t depth, slice map,
                       slice *woven)
{
    struct members members = make_members(arena, (size_t)value_count(map) + range.count);
    struct value_cursor cursor;
    value_cursor_init(&cursor, NULL, map);
    slice name, value;
    while (value_cursor_next(&cursor, &name, &value))
        TRY(weave_entry(arena, &range, depth, name, value, &members));
    TRY(weave_rest(arena, &range, depth, &members));
    *woven = value_make_map(arena, members.names, members.values, members.count);
    return NULL;
}

/* Indexes are those before the update; what lies beyond the end is appended in their order. */
static error weave_list(struct arena *arena, struct range range, uint32_t depth, slice list,
                        slice *woven)
{
    struct members members = make_members(arena, (size_t)value_count(list) + range.count);
    struct value_cursor cursor;
    value_cursor_init(&cursor, NULL, list);
    slice value;
    for (uint32_t index = 0; value_cursor_next(&cursor, NULL, &value); index++) {
        if (range.count == 0 || element_at(range, depth)->index != index) {
            add_member(&members, SLICE_NONE, value);
            continue;
        }
        struct range group = take_group(&range, depth);
        TRY(weave_member(arena, group, depth + 1, &value, SLICE_NONE, &members));
    }
    TRY(weave_rest(arena, &range, depth, &members));
    *woven = value_make_list(arena, members.values, members.count);
    return NULL;
}

/* Recursion: goes down only where the item does, so NESTING_LEVELS_MAX levels. */
static error weave(struct arena *arena, struct range range, uint32_t depth, slice container,
                   slice *woven)
{
    enum value_type type = value_type_of(container);
    bool wants_list = element_at(range, depth)->is_index;
    if (type != (wants_list ? VALUE_L : VALUE_M))
        return BAD_PATH;
    return wants_list ? weave_list(arena, range, depth, container, woven)
                      : weave_map(arena, range, depth, container, woven);
}

static error weave_item(struct arena *arena, struct range range, slice item, slice *woven)
{
    struct members members = make_members(arena, (size_t)item_attribute_count(item) + range.count);
    struct item_cursor cursor;
    item_cursor_init(&cursor, item);
    slice name, value;
    while (item_cursor_next(&cursor, &name, &value))
        TRY(weave_entry(arena, &range, 0, name, value, &members));
    TRY(weave_rest(arena, &range, 0, &members));
    *woven = item_make(arena, members.names, members.values, members.count);
    return NULL;
}

error update_apply(struct arena *arena, const struct update *update, slice item, bool item_existed,
                   slice *updated)
{
    *updated = item;
    if (!update)
        return NULL;
    struct range range;
    TRY(evaluate_all(arena, update, item, item_existed, &range));
    TRY(weave_item(arena, range, item, updated));
    return item_charged_bytes(*updated) > ITEM_BYTES_MAX ? TOO_LARGE : NULL;
}

slice update_touched(struct arena *arena, const struct update *update, slice item)
{
    if (!update || !item_exists(item))
        return ITEM_ABSENT;
    struct path *paths = arena_new_array(arena, struct path, update->action_count);
    for (uint32_t i = 0; i < update->action_count; i++)
        paths[i] = update->actions[i].path;
    return projection_apply(projection_of_paths(arena, paths, update->action_count), item, arena);
}
