/*
 * A projection is its paths, sorted: those below one element of the item stand together, so
 * applying one is a walk over ranges of them, as deep as the item is.
 */
#include "expr/projection.h"
#include "base/limits.h"
#include "expr/parser.h"

struct projection {
    const struct path *paths; /* by path_compare; none begins another */
    uint32_t count;
};

const struct projection *projection_of_paths(struct arena *arena, const struct path *paths,
                                             uint32_t count)
{
    struct projection *projection = arena_new(arena, struct projection);
    *projection = (struct projection){paths_sort(arena, paths, count), count};
    return projection;
}

/* As written, in the order of the text. A path takes at least two bytes, but for the last. */
static error parse_syntax(struct arena *arena, slice parameter, slice text, struct path **paths,
                          uint32_t *count)
{
    struct parser parser;
    TRY(parser_init(&parser, arena, parameter, text, KEYWORD_NONE));
    *paths = arena_new_array(arena, struct path, text.size / 2 + 1);
    *count = 0;
    do {
        TRY(parser_path(&parser, &(*paths)[*count]));
        ++*count;
    } while (parser_accept(&parser, TOKEN_COMMA));
    TRY(parser_expect(&parser, TOKEN_END));
    return parser_check_reserved(&parser);
}

error projection_parse(struct arena *arena, slice text, struct placeholders *placeholders,
                       const struct projection **projection)
{
    slice parameter = SLICE("ProjectionExpression");
    struct path *written;
    uint32_t count;
    TRY(parse_syntax(arena, parameter, text, &written, &count));

    struct path *paths = arena_new_array(arena, struct path, count);
    for (uint32_t i = 0; i < count; i++)
        TRY(path_resolve(arena, parameter, placeholders, &written[i], &paths[i]));
    TRY(paths_check(arena, parameter, paths, count));
    *projection = projection_of_paths(arena, paths, count);
    return NULL;
}

error projection_of_names(struct arena *arena, const slice *names, uint32_t count,
                          const struct projection **projection)
{
    struct path_element *elements = arena_new_array(arena, struct path_element, count);
    struct path *paths = arena_new_array(arena, struct path, count);
    for (uint32_t i = 0; i < count; i++) {
        TRY(path_check_name(names[i]));
        elements[i].name = names[i];
        paths[i] = (struct path){&elements[i], 1};
    }
    const struct projection *made = projection_of_paths(arena, paths, count);
    for (uint32_t i = 1; i < count; i++) {
        if (path_equal(&made->paths[i - 1], &made->paths[i]))
            return fail(arena, ERROR_VALIDATION,
                        "One or more parameter values were invalid: Duplicate value in attribute "
                        "name: %.*s",
                        SLICE_ARGS(made->paths[i].elements[0].name));
    }
    *projection = made;
    return NULL;
}

uint32_t projection_attributes(struct arena *arena, const struct projection *projection,
                               const slice **names)
{
    if (!projection)
        return 0;
    return paths_attributes(arena, projection->paths, projection->count, names);
}

uint32_t projection_entered(struct arena *arena, const struct projection *projection,
                            const slice **names)
{
    *names = NULL;
    return projection ? paths_entered(arena, projection->paths, projection->count, names) : 0;
}

/* Paths that agree in all elements before `depth`. */
struct range {
    const struct path *paths;
    uint32_t count;
};

/* The paths at the front of the range that also agree in the element at `depth`. */
static struct range first_group(struct range range, uint32_t depth)
{
    const struct path_element *first = &range.paths[0].elements[depth];
    uint32_t count = 1;
    while (count < range.count) {
        const struct path_element *element = &range.paths[count].elements[depth];
        bool same = first->is_index ? element->index == first->index
                                    : slice_equal(element->name, first->name);
        if (!same)
            break;
        count++;
    }
    return (struct range){range.paths, count};
}

static struct range rest_after(struct range range, struct range group)
{
    return (struct range){range.paths + group.count, range.count - group.count};
}

static bool project_below(struct range group, uint32_t depth, slice found, struct arena *arena,
                          slice *projected);

static bool project_map(struct range range, uint32_t depth, slice map, struct arena *arena,
                        slice *projected)
{
    slice *names = arena_new_array(arena, slice, range.count);
    slice *values = arena_new_array(arena, slice, range.count);
    uint32_t count = 0;
    while (range.count > 0) {
        struct range group = first_group(range, depth);
        names[count] = range.paths[0].elements[depth].name;
        slice found;
        if (value_member(map, names[count], &found) &&
            project_below(group, depth + 1, found, arena, &values[count]))
            count++;
        range = rest_after(range, group);
    }
    if (count == 0)
        return false;
    *projected = value_make_map(arena, names, values, count);
    return true;
}

/* What is left of a list closes up, in the list's own order. */
static bool project_list(struct range range, uint32_t depth, slice list, struct arena *arena,
                         slice *projected)
{
    slice *values = arena_new_array(arena, slice, range.count);
    uint32_t count = 0;
    while (range.count > 0) {
        struct range group = first_group(range, depth);
        slice found;
        if (value_element(list, range.paths[0].elements[depth].index, &found) &&
            project_below(group, depth + 1, found, arena, &values[count]))
            count++;
        range = rest_after(range, group);
    }
    if (count == 0)
        return false;
    *projected = value_make_list(arena, values, count);
    return true;
}

/* `found` is what lies where the group's paths agree. False when they find nothing in it. */
static bool project_below(struct range group, uint32_t depth, slice found, struct arena *arena,
                          slice *projected)
{
    if (group.paths[0].count == depth) {
        *projected = found;
        return true;
    }
    bool wants_list = group.paths[0].elements[depth].is_index;
    if (wants_list && value_type_of(found) == VALUE_L)
        return project_list(group, depth, found, arena, projected);
    if (!wants_list && value_type_of(found) == VALUE_M)
        return project_map(group, depth, found, arena, projected);
    return false;
}

slice projection_apply(const struct projection *projection, slice item, struct arena *arena)
{
    if (!projection || !item_exists(item))
        return item;
    struct range range = {projection->paths, projection->count};
    slice *names = arena_new_array(arena, slice, range.count);
    slice *values = arena_new_array(arena, slice, range.count);
    uint32_t count = 0;
    while (range.count > 0) {
        struct range group = first_group(range, 0);
        names[count] = range.paths[0].elements[0].name;
        slice found;
        if (item_attribute(item, names[count], &found) &&
            project_below(group, 1, found, arena, &values[count]))
            count++;
        range = rest_after(range, group);
    }
    return item_make(arena, names, values, count);
}
