/*
 * Names and values into a syntax tree, with every check that needs no item.
 *
 * Nodes are visited operands first, from left to right; the first problem met is the one that is
 * reported (error texts captured from the service).
 */
#include "base/assert.h"
#include "base/limits.h"
#include "expr/parser.h"
#include "expr/tree.h"

struct resolver {
    struct arena *arena;
    slice parameter;
    uint32_t in_operands_max;
    struct placeholders *placeholders;
};

/* How errors list what a path could turn out to be: the service's own, internal types included. */
#define TYPES_OF_A_PATH                                                                            \
    "{S,SS,N,NS,B,BS,BOOL,NULL,L,M,HD,DOUBLE,FLOAT,HDS,FS,DOUBLESET,DICT,DECIMAL,INT,"             \
    "DECIMALSET,INTSET}"

static error resolve_value(struct resolver *resolver, struct condition *node)
{
    struct placeholder_value *found =
        placeholders_find_value(resolver->arena, resolver->placeholders, node->placeholder);
    if (!found)
        return expression_fail(resolver->arena, resolver->parameter,
                               "An expression attribute value used in expression is not defined; "
                               "attribute value: %.*s",
                               SLICE_ARGS(node->placeholder));
    assert_that(!found->input.invalid);
    found->used = true;
    node->value = found->input.value;
    return NULL;
}

static error check_count(const struct resolver *resolver, const struct condition *node)
{
    const struct operation_facts *facts = operation_facts(node->operation);
    if (node->operation == OPERATION_IN && node->operand_count > resolver->in_operands_max)
        return expression_fail(
            resolver->arena, resolver->parameter,
            "The IN operator is provided with too many operands; number of operands: %u",
            node->operand_count);
    if (facts->operand_count == 0 || facts->operand_count == node->operand_count)
        return NULL;
    return expression_fail(resolver->arena, resolver->parameter,
                           "Incorrect number of operands for operator or function; operator or "
                           "function: %.*s, number of operands: %u",
                           SLICE_ARGS(facts->name), node->operand_count);
}

static error check_path(const struct resolver *resolver, const struct condition *node)
{
    const struct operation_facts *facts = operation_facts(node->operation);
    if (!facts->needs_path || node->operands[0]->operation == OPERATION_PATH)
        return NULL;
    return expression_fail(
        resolver->arena, resolver->parameter,
        "Operator or function requires a document path; operator or function: %.*s",
        SLICE_ARGS(facts->name));
}

static error check_distinct(const struct resolver *resolver, const struct condition *node)
{
    const struct operation_facts *facts = operation_facts(node->operation);
    if (!facts->needs_distinct || node->operands[0]->operation != OPERATION_PATH)
        return NULL;
    const struct path *first = &node->operands[0]->path;
    for (uint32_t i = 1; i < node->operand_count; i++) {
        const struct condition *other = node->operands[i];
        if (other->operation != OPERATION_PATH || !path_equal(first, &other->path))
            continue;
        slice text = path_text(resolver->arena, first);
        return expression_fail(resolver->arena, resolver->parameter,
                               "The first operand must be distinct from the remaining operands for "
                               "this operator or function; operator: %.*s, first operand: %.*s",
                               SLICE_ARGS(facts->name), SLICE_ARGS(text));
    }
    return NULL;
}

static error fail_type(const struct resolver *resolver, slice name, slice type)
{
    return expression_fail(resolver->arena, resolver->parameter,
                           "Incorrect operand type for operator or function; operator or function: "
                           "%.*s, operand type: %.*s",
                           SLICE_ARGS(name), SLICE_ARGS(type));
}

/* A size is a number, a condition true or false. */
static enum value_type type_of_operand(const struct condition *operand)
{
    if (operand->operation == OPERATION_VALUE)
        return value_type_of(operand->value);
    return operand->operation == OPERATION_SIZE ? VALUE_N : VALUE_BOOL;
}

/* What a path holds is known when there is an item; the others are known now. */
static error check_types(const struct resolver *resolver, const struct condition *node)
{
    const struct operation_facts *facts = operation_facts(node->operation);
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct condition *operand = node->operands[i];
        uint16_t wanted = i == 0 ? facts->first_types : facts->other_types;
        if (wanted == 0 || operand->operation == OPERATION_PATH)
            continue;
        enum value_type type = type_of_operand(operand);
        if (!(wanted & (1u << type)))
            return fail_type(resolver, facts->name, value_type_name(type));
    }
    return NULL;
}

static error check_attribute_type(const struct resolver *resolver, const struct condition *node)
{
    const struct condition *operand = node->operands[1];
    if (operand->operation != OPERATION_VALUE)
        return fail_type(resolver, operation_facts(node->operation)->name, SLICE(TYPES_OF_A_PATH));
    slice name = value_content(operand->value);
    enum value_type type;
    if (value_type_parse(name, &type))
        return NULL;
    return expression_fail(resolver->arena, resolver->parameter,
                           "Invalid attribute type name found; type: %.*s, valid types: "
                           "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
                           SLICE_ARGS(name));
}

/* "{N:5}": the service echoes scalars this way, binary as base64. */
static slice echo_of(struct arena *arena, slice value)
{
    if (value_type_of(value) == VALUE_S) {
        slice content = value_content(value);
        return arena_format(arena, "{S:%.*s}", SLICE_ARGS(content));
    }
    /* Neither numbers nor base64 contain quotes, so the wire form differs by its quotes alone. */
    struct json_writer writer;
    json_writer_init(&writer, arena);
    value_write_json(&writer, value);
    struct buffer echo;
    buffer_init(&echo, arena);
    slice json = json_writer_text(&writer);
    for (size_t i = 0; i < json.size; i++) {
        if (json.data[i] != '"')
            buffer_append_byte(&echo, json.data[i]);
    }
    return buffer_slice(&echo);
}

static error check_bounds(const struct resolver *resolver, const struct condition *node)
{
    const struct condition *lower = node->operands[1];
    const struct condition *upper = node->operands[2];
    if (lower->operation != OPERATION_VALUE || upper->operation != OPERATION_VALUE)
        return NULL;
    const char *problem = NULL;
    if (value_type_of(lower->value) != value_type_of(upper->value))
        problem = "same data type for lower and upper bounds";
    else if (value_compare(lower->value, upper->value) > 0)
        problem = "upper bound to be greater than or equal to lower bound";
    if (!problem)
        return NULL;
    slice lower_text = echo_of(resolver->arena, lower->value);
    slice upper_text = echo_of(resolver->arena, upper->value);
    return expression_fail(resolver->arena, resolver->parameter,
                           "The BETWEEN operator requires %s; lower bound operand: AttributeValue: "
                           "%.*s, upper bound operand: AttributeValue: %.*s",
                           problem, SLICE_ARGS(lower_text), SLICE_ARGS(upper_text));
}

static error check_node(const struct resolver *resolver, const struct condition *node)
{
    TRY(check_count(resolver, node));
    TRY(check_path(resolver, node));
    TRY(check_distinct(resolver, node));
    TRY(check_types(resolver, node));
    if (node->operation == OPERATION_ATTRIBUTE_TYPE)
        return check_attribute_type(resolver, node);
    if (node->operation == OPERATION_BETWEEN)
        return check_bounds(resolver, node);
    return NULL;
}

error condition_check(struct arena *arena, slice parameter, uint32_t in_operands_max,
                      const struct condition *node)
{
    struct resolver resolver = {arena, parameter, in_operands_max, NULL};
    return check_node(&resolver, node);
}

static error resolve(struct resolver *resolver, const struct condition *written,
                     struct condition **resolved)
{
    struct condition *node = arena_new(resolver->arena, struct condition);
    *node = *written;
    *resolved = node;
    if (node->operation == OPERATION_VALUE)
        return resolve_value(resolver, node);
    if (node->operation == OPERATION_PATH)
        return path_resolve(resolver->arena, resolver->parameter, resolver->placeholders,
                            &written->path, &node->path);

    node->operands = arena_new_array(resolver->arena, struct condition *, node->operand_count);
    for (uint32_t i = 0; i < node->operand_count; i++)
        TRY(resolve(resolver, written->operands[i], &node->operands[i]));
    return check_node(resolver, node);
}

error condition_resolve(struct arena *arena, slice parameter, struct placeholders *placeholders,
                        const struct condition *written, struct condition **resolved)
{
    struct resolver resolver = {arena, parameter, IN_OPERANDS_MAX, placeholders};
    return resolve(&resolver, written, resolved);
}
