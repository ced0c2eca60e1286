#include "partiql/where_key.h"
#include "expr/tree.h"
#include "partiql/cursor.h"

struct search {
    struct arena *arena;
    const struct key_schema *schema;
    bool takes_in;
    slice values[2]; /* of the partition key and the sort key; empty: not met yet */
    slice contradiction;
    struct list rest; /* const struct condition * */
};

static bool is_attribute(const struct condition *node, slice attribute)
{
    return node->operation == OPERATION_PATH && node->path.count == 1 &&
           slice_equal(node->path.elements[0].name, attribute);
}

static bool is_equality(const struct search *search, const struct condition *node, slice attribute,
                        slice *value)
{
    bool compares =
        node->operation == OPERATION_EQUAL || (search->takes_in && node->operation == OPERATION_IN);
    if (!compares || node->operand_count != 2)
        return false;
    for (uint32_t i = 0; i < 2; i++) {
        const struct condition *other = node->operands[1 - i];
        bool mirrored = i == 1;
        if ((mirrored && node->operation == OPERATION_IN) ||
            !is_attribute(node->operands[i], attribute) || other->operation != OPERATION_VALUE)
            continue;
        *value = other->value;
        return true;
    }
    return false;
}

/* False when the equality says something new of an attribute that has one. */
static bool take_equality(struct search *search, const struct condition *node)
{
    const struct key_attribute *attributes[] = {&search->schema->hash, &search->schema->range};
    uint32_t count = search->schema->has_range ? 2 : 1;
    for (uint32_t i = 0; i < count; i++) {
        slice value;
        if (!is_equality(search, node, attributes[i]->name, &value))
            continue;
        if (search->values[i].size == 0)
            search->values[i] = value;
        else if (!value_equal(search->values[i], value))
            search->contradiction = attributes[i]->name;
        return value_equal(search->values[i], value);
    }
    return false;
}

static void visit(struct search *search, struct condition *node)
{
    if (node->operation != OPERATION_AND) {
        if (!take_equality(search, node))
            *LIST_ADD(search->arena, &search->rest, struct condition *) = node;
        return;
    }
    for (uint32_t i = 0; i < node->operand_count; i++)
        visit(search, node->operands[i]);
}

void where_key_find(struct arena *arena, const struct condition *where,
                    const struct key_schema *schema, bool takes_in, struct where_key *found)
{
    struct search search = {.arena = arena, .schema = schema, .takes_in = takes_in};
    if (where) {
        struct condition *root = arena_new(arena, struct condition);
        *root = *where;
        visit(&search, root);
    }
    slice names[2], values[2];
    uint32_t count = 0;
    const struct key_attribute *attributes[] = {&schema->hash, &schema->range};
    uint32_t wanted = schema->has_range ? 2 : 1;
    for (uint32_t i = 0; i < wanted; i++) {
        if (search.values[i].size == 0)
            continue;
        names[count] = attributes[i]->name;
        values[count++] = search.values[i];
    }
    *found = (struct where_key){.key = item_make(arena, names, values, count),
                                .is_complete = count == wanted,
                                .contradiction = search.contradiction};
    if (search.rest.count > 0)
        found->rest = condition_make(arena, OPERATION_AND, search.rest.elements, search.rest.count);
}
