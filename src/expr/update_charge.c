/*
 * What UpdateItem charges an update expression for, apart from the item it makes: what the request
 * writes, and something for each clause, function and path. Neither the condition nor what stands
 * in the item counts.
 * Source: the service, measured to the byte in the Regions that have the rule (October 2026).
 */
#include "base/assert.h"
#include "base/limits.h"
#include "expr/update_tree.h"

enum {
    STATEMENT_BYTES = 3,
    WRITING_CLAUSE_BYTES = 19, /* SET and ADD */
    TAKING_CLAUSE_BYTES = 1,   /* REMOVE and DELETE */
    TARGET_ELEMENT_BYTES = 4,  /* of a path changed, each element behind the first */
    READ_PATH_BYTES = 1,
    READ_ELEMENT_BYTES = 14, /* of a path read, each element */
};

static const size_t term_bytes[TERM_KIND_COUNT] = {
    [TERM_IF_NOT_EXISTS] = 39,
    [TERM_LIST_APPEND] = 37,
    [TERM_PLUS] = 34,
    [TERM_MINUS] = 37,
};

/* The bytes of a name, or the digits of an index. */
static size_t element_bytes(const struct path_element *element)
{
    if (!element->is_index)
        return element->name.size;
    size_t digits = 1;
    for (uint32_t rest = element->index / 10; rest > 0; rest /= 10)
        digits++;
    return digits;
}

static size_t target_bytes(const struct path *path)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < path->count; i++)
        bytes += element_bytes(&path->elements[i]) + (i > 0 ? TARGET_ELEMENT_BYTES : 0);
    return bytes;
}

static size_t operand_bytes(const struct term *term)
{
    if (term->kind == TERM_VALUE)
        return value_charged_bytes(term->value);
    if (term->kind == TERM_PATH) {
        size_t bytes = READ_PATH_BYTES;
        for (uint32_t i = 0; i < term->path.count; i++)
            bytes += READ_ELEMENT_BYTES + element_bytes(&term->path.elements[i]);
        return bytes;
    }
    size_t bytes = term_bytes[term->kind];
    assert_that(bytes > 0 && term->operand_count <= TERM_OPERANDS_MAX);
    for (uint32_t i = 0; i < term->operand_count; i++)
        bytes += operand_bytes(term->operands[i]); /* terms are at most so deep */
    return bytes;
}

static size_t action_bytes(const struct action *action)
{
    bool writes = action->clause == UPDATE_SET || action->clause == UPDATE_ADD;
    size_t bytes = target_bytes(&action->path);
    if (writes)
        return bytes + WRITING_CLAUSE_BYTES + operand_bytes(action->term);
    return bytes + TAKING_CLAUSE_BYTES;
}

error update_check_charge(const struct update *update)
{
    if (!update || update->is_legacy)
        return NULL;
    size_t bytes = STATEMENT_BYTES;
    for (uint32_t i = 0; i < update->action_count; i++)
        bytes += action_bytes(&update->actions[i]);
    if (bytes <= ITEM_BYTES_MAX)
        return NULL;
    return FAILURE(ERROR_VALIDATION, "Item size to update has exceeded the maximum allowed size");
}
