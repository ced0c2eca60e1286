#include "expr/path.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "expr/parser.h"
#include "expr/reserved_words.h"
#include <stdio.h>
#include <stdlib.h>

error path_resolve(struct arena *arena, slice parameter, struct placeholders *placeholders,
                   const struct path *written, struct path *resolved)
{
    if (written->count > NESTING_LEVELS_MAX)
        return expression_fail(arena, parameter,
                               "The document path has too many nesting levels; nesting levels: %u",
                               written->count);
    struct path_element *elements = arena_new_array(arena, struct path_element, written->count);
    for (uint32_t i = 0; i < written->count; i++) {
        elements[i] = written->elements[i];
        if (elements[i].is_index || elements[i].name.data[0] != '#')
            continue;
        struct placeholder_name *found =
            placeholders_find_name(arena, placeholders, elements[i].name);
        if (!found)
            return expression_fail(arena, parameter,
                                   "An expression attribute name used in the document path is not "
                                   "defined; attribute name: %.*s",
                                   SLICE_ARGS(elements[i].name));
        found->used = true;
        elements[i].name = found->name;
    }
    *resolved = (struct path){elements, written->count};
    return NULL;
}

error path_check_name(slice name)
{
    if (name.size == 0)
        return FAILURE(ERROR_VALIDATION,
                       "One or more parameter values were invalid: Empty attribute name");
    if (name.size > ATTRIBUTE_NAME_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "One or more parameter values were invalid: Attribute "
                                         "name is too large, must be less than 65536 bytes");
    return NULL;
}

static int element_compare(const struct path_element *a, const struct path_element *b)
{
    if (a->is_index != b->is_index)
        return a->is_index ? -1 : 1;
    if (a->is_index)
        return (a->index > b->index) - (a->index < b->index);
    return slice_compare(a->name, b->name);
}

static uint32_t shared_elements(const struct path *a, const struct path *b)
{
    uint32_t count = 0;
    while (count < a->count && count < b->count &&
           element_compare(&a->elements[count], &b->elements[count]) == 0)
        count++;
    return count;
}

bool path_equal(const struct path *a, const struct path *b)
{
    return a->count == b->count && shared_elements(a, b) == a->count;
}

int path_compare(const struct path *a, const struct path *b)
{
    uint32_t shared = shared_elements(a, b);
    if (shared == a->count || shared == b->count)
        return (a->count > b->count) - (a->count < b->count);
    return element_compare(&a->elements[shared], &b->elements[shared]);
}

bool path_find(const struct path *path, slice item, slice *value)
{
    if (!item_attribute(item, path->elements[0].name, value))
        return false;
    for (uint32_t i = 1; i < path->count; i++) {
        const struct path_element *element = &path->elements[i];
        enum value_type type = value_type_of(*value);
        slice container = *value;
        bool found = element->is_index
                         ? type == VALUE_L && value_element(container, element->index, value)
                         : type == VALUE_M && value_member(container, element->name, value);
        if (!found)
            return false;
    }
    return true;
}

slice path_text(struct arena *arena, const struct path *path)
{
    struct buffer text;
    buffer_init(&text, arena);
    for (uint32_t i = 0; i < path->count; i++) {
        const struct path_element *element = &path->elements[i];
        buffer_append(&text, i == 0 ? SLICE("[") : SLICE(", "));
        buffer_append(&text, element->is_index ? arena_format(arena, "[%u]", element->index)
                                               : element->name);
    }
    buffer_append_byte(&text, ']');
    return buffer_slice(&text);
}

static bool overlap(const struct path *a, const struct path *b)
{
    uint32_t shared = shared_elements(a, b);
    return shared == a->count || shared == b->count;
}

static bool conflict(const struct path *a, const struct path *b)
{
    uint32_t shared = shared_elements(a, b);
    return shared < a->count && shared < b->count &&
           a->elements[shared].is_index != b->elements[shared].is_index;
}

/* The first pair in the order of the text; only called when there is one. */
static error report_pair(struct arena *arena, slice parameter, const struct path *paths,
                         uint32_t count, bool (*clash)(const struct path *, const struct path *),
                         const char *verb)
{
    for (uint32_t two = 1; two < count; two++) {
        for (uint32_t one = 0; one < two; one++) {
            if (!clash(&paths[one], &paths[two]))
                continue;
            slice text_one = path_text(arena, &paths[one]);
            slice text_two = path_text(arena, &paths[two]);
            return expression_fail(arena, parameter,
                                   "Two document paths %s with each other; must remove or rewrite "
                                   "one of these paths; path one: %.*s, path two: %.*s",
                                   verb, SLICE_ARGS(text_one), SLICE_ARGS(text_two));
        }
    }
    return NULL;
}

error paths_check(struct arena *arena, slice parameter, const struct path *paths, uint32_t count)
{
    /* Sorted, any clash shows between neighbours; only a bad list pays for all its pairs. */
    const struct path *sorted = paths_sort(arena, paths, count);
    bool clash = false;
    for (uint32_t i = 1; i < count && !clash; i++)
        clash = overlap(&sorted[i - 1], &sorted[i]) || conflict(&sorted[i - 1], &sorted[i]);
    if (!clash)
        return NULL;

    TRY(report_pair(arena, parameter, paths, count, overlap, "overlap"));
    return report_pair(arena, parameter, paths, count, conflict, "conflict");
}

static int compare_for_sort(const void *a, const void *b)
{
    return path_compare(a, b);
}

struct path *paths_sort(struct arena *arena, const struct path *paths, uint32_t count)
{
    struct path *sorted = arena_new_array(arena, struct path, count);
    if (count > 0)
        memcpy(sorted, paths, count * sizeof *paths);
    qsort(sorted, count, sizeof *sorted, compare_for_sort);
    return sorted;
}

uint32_t paths_attributes(struct arena *arena, const struct path *sorted, uint32_t count,
                          const slice **names)
{
    slice *attributes = arena_new_array(arena, slice, count);
    uint32_t attribute_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        slice name = sorted[i].elements[0].name;
        if (attribute_count == 0 || !slice_equal(attributes[attribute_count - 1], name))
            attributes[attribute_count++] = name;
    }
    *names = attributes;
    return attribute_count;
}

uint32_t paths_entered(struct arena *arena, const struct path *paths, uint32_t count,
                       const slice **names)
{
    slice *entered = arena_new_array(arena, slice, count);
    uint32_t entered_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (paths[i].count > 1)
            entered[entered_count++] = paths[i].elements[0].name;
    }
    *names = entered;
    return entered_count;
}

bool word_is_reserved(slice word)
{
    char upper[RESERVED_WORD_BYTES_MAX];
    if (word.size > sizeof upper)
        return false;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    size_t low = 0;
    size_t high = sizeof RESERVED_WORDS / sizeof *RESERVED_WORDS;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare(slice_of(upper, word.size), RESERVED_WORDS[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
