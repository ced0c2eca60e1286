/*
 * AttributeUpdates: an update of whole attributes. PUT is SET, DELETE is REMOVE or, with a value,
 * DELETE; ADD alone does more here than in expressions, for it also appends to lists.
 */
#include "expr/legacy.h"
#include "expr/update_tree.h"
#include <stdlib.h>

#define INVALID "One or more parameter values were invalid: "
#define BIT(type) (1u << VALUE_##type)
#define SETS (BIT(SS) | BIT(NS) | BIT(BS))

enum { ANY_TYPE = 0 };

static const struct {
    enum update_clause clause;
    uint32_t types; /* bits of enum value_type */
    const char *refusal;
} ACTIONS[LEGACY_ACTION_COUNT] = {
    [LEGACY_ACTION_NONE] = {UPDATE_SET, ANY_TYPE, NULL},
    [LEGACY_ACTION_PUT] = {UPDATE_SET, ANY_TYPE, NULL},
    [LEGACY_ACTION_ADD] = {UPDATE_ADD, BIT(N) | BIT(L) | SETS, "ADD action is not supported"},
    [LEGACY_ACTION_DELETE] = {UPDATE_DELETE, SETS, "DELETE action with value is not supported"},
};

static error check_value(struct arena *arena, const struct legacy_update *entry)
{
    if (!entry->value) {
        if (entry->action == LEGACY_ACTION_DELETE)
            return NULL;
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Only DELETE action is allowed when no attribute value is "
                               "specified");
    }
    TRY(entry->value->invalid);
    enum value_type type = value_type_of(entry->value->value);
    slice type_name = value_type_name(type);
    uint32_t types = ACTIONS[entry->action].types;
    if (types == ANY_TYPE || types & (1u << type))
        return NULL;
    return fail(arena, ERROR_VALIDATION, INVALID "%s for the type %.*s",
                ACTIONS[entry->action].refusal, SLICE_ARGS(type_name));
}

static struct path make_path(struct arena *arena, slice attribute)
{
    struct path_element *element = arena_new(arena, struct path_element);
    element->name = attribute;
    return (struct path){element, 1};
}

static struct action make_action(struct arena *arena, const struct legacy_update *entry)
{
    struct action action = {.clause = UPDATE_REMOVE, .path = make_path(arena, entry->attribute)};
    if (entry->value) {
        action.clause = ACTIONS[entry->action].clause;
        action.term = arena_new(arena, struct term);
        *action.term = (struct term){.kind = TERM_VALUE, .value = entry->value->value};
    }
    return action;
}

/* By attribute; entries for one keep the order in which they were given. */
static int compare_entries(const void *a, const void *b)
{
    const struct legacy_update *one = *(const struct legacy_update *const *)a;
    const struct legacy_update *two = *(const struct legacy_update *const *)b;
    int order = slice_compare(one->attribute, two->attribute);
    return order != 0 ? order : (one > two) - (one < two);
}

static const struct legacy_update **
sort_entries(struct arena *arena, const struct legacy_update *entries, uint32_t count)
{
    const struct legacy_update **sorted =
        arena_new_array(arena, const struct legacy_update *, count);
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = &entries[i];
    qsort(sorted, count, sizeof *sorted, compare_entries);
    return sorted;
}

error legacy_updates_parse(struct arena *arena, const struct legacy_update *entries, uint32_t count,
                           const struct update **update)
{
    for (uint32_t i = 0; i < count; i++) {
        TRY(path_check_name(entries[i].attribute));
        TRY(check_value(arena, &entries[i]));
    }
    const struct legacy_update **sorted = sort_entries(arena, entries, count);
    struct action *actions = arena_new_array(arena, struct action, count);
    struct path **paths = arena_new_array(arena, struct path *, count);
    uint32_t action_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 < count && slice_equal(sorted[i]->attribute, sorted[i + 1]->attribute))
            continue;
        actions[action_count] = make_action(arena, sorted[i]);
        paths[action_count] = &actions[action_count].path;
        action_count++;
    }
    struct update *made = arena_new(arena, struct update);
    *made = (struct update){.is_legacy = true,
                            .action_count = action_count,
                            .actions = actions,
                            .path_count = action_count,
                            .paths = paths};
    *update = made;
    return NULL;
}
