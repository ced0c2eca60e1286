#include "expr/placeholders.h"
#include "base/buffer.h"
#include "base/limits.h"
#include <assert.h>
#include <stdlib.h>

/* Look-ups read both kinds of entry by their first member. */
static_assert(offsetof(struct placeholder_name, placeholder) == 0, "placeholder comes first");
static_assert(offsetof(struct placeholder_value, placeholder) == 0, "placeholder comes first");

struct entries {
    const void *first;
    size_t stride; /* bytes of one entry */
    uint32_t count;
};

static struct entries names_of(const struct placeholders *placeholders)
{
    return (struct entries){placeholders->names, sizeof *placeholders->names,
                            placeholders->name_count};
}

static struct entries values_of(const struct placeholders *placeholders)
{
    return (struct entries){placeholders->values, sizeof *placeholders->values,
                            placeholders->value_count};
}

static slice placeholder_at(const struct entries *entries, uint32_t index)
{
    slice placeholder;
    memcpy(&placeholder, (const char *)entries->first + index * entries->stride,
           sizeof placeholder);
    return placeholder;
}

static bool is_well_formed(slice placeholder, char sign)
{
    if (placeholder.size < 2 || placeholder.data[0] != sign)
        return false;
    for (size_t i = 1; i < placeholder.size; i++) {
        char c = placeholder.data[i];
        bool is_word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!is_word)
            return false;
    }
    return true;
}

/* Of names the service says how long they are. */
static error fail_too_long(struct arena *arena, const char *parameter, slice placeholder, char sign)
{
    error failure = fail(arena, ERROR_VALIDATION,
                         "%s contains invalid key: The expression attribute map contains a key "
                         "that is too long;",
                         parameter);
    if (sign == '#')
        failure = fail(arena, ERROR_VALIDATION, "%.*s size of key: %zu",
                       SLICE_ARGS(failure->message), placeholder.size);
    return failure;
}

static error check_shape(struct arena *arena, const char *parameter, const struct entries *entries,
                         char sign)
{
    if (entries->count == 0)
        return fail(arena, ERROR_VALIDATION, "%s must not be empty", parameter);
    for (uint32_t i = 0; i < entries->count; i++) {
        slice placeholder = placeholder_at(entries, i);
        if (placeholder.size > PLACEHOLDER_BYTES_MAX)
            return fail_too_long(arena, parameter, placeholder, sign);
        if (!is_well_formed(placeholder, sign))
            return fail(arena, ERROR_VALIDATION,
                        "%s contains invalid key: Syntax error; key: \"%.*s\"", parameter,
                        SLICE_ARGS(placeholder));
    }
    return NULL;
}

static error check_names(struct arena *arena, const struct placeholders *placeholders)
{
    struct entries entries = names_of(placeholders);
    TRY(check_shape(arena, "ExpressionAttributeNames", &entries, '#'));
    for (uint32_t i = 0; i < placeholders->name_count; i++) {
        const struct placeholder_name *entry = &placeholders->names[i];
        if (entry->name.size == 0)
            return fail(arena, ERROR_VALIDATION,
                        "ExpressionAttributeNames contains invalid value: Empty attribute name "
                        "for key %.*s",
                        SLICE_ARGS(entry->placeholder));
        if (entry->name.size > ATTRIBUTE_NAME_BYTES_MAX)
            return fail(arena, ERROR_VALIDATION,
                        "ExpressionAttributeNames contains invalid value: Attribute name is too "
                        "large, must be less than %d bytes for key %.*s",
                        ATTRIBUTE_NAME_BYTES_MAX + 1, SLICE_ARGS(entry->placeholder));
    }
    return NULL;
}

static error check_values(struct arena *arena, const struct placeholders *placeholders,
                          enum value_layer layer)
{
    struct entries entries = values_of(placeholders);
    TRY(check_shape(arena, "ExpressionAttributeValues", &entries, ':'));
    for (uint32_t i = 0; i < placeholders->value_count; i++) {
        const struct placeholder_value *entry = &placeholders->values[i];
        if (!entry->input.invalid)
            continue;
        if (layer != VALUE_LAYER_OLDER)
            return entry->input.invalid;
        return fail(arena, ERROR_VALIDATION,
                    "ExpressionAttributeValues contains invalid value: %.*s for key %.*s",
                    SLICE_ARGS(entry->input.invalid->message), SLICE_ARGS(entry->placeholder));
    }
    return NULL;
}

static error check_size(struct arena *arena, const struct placeholders *placeholders)
{
    size_t size = 0;
    for (uint32_t i = 0; i < placeholders->name_count; i++)
        size += placeholders->names[i].placeholder.size + placeholders->names[i].name.size;
    for (uint32_t i = 0; i < placeholders->value_count; i++)
        size += placeholders->values[i].placeholder.size +
                value_charged_bytes(placeholders->values[i].input.value);
    if (size <= PLACEHOLDERS_BYTES_MAX)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "ExpressionAttributeNames and ExpressionAttributeValues exceed the maximum size of "
                "%d bytes; size: %zu",
                PLACEHOLDERS_BYTES_MAX, size);
}

error placeholders_check_unwanted(struct arena *arena, const struct placeholders *placeholders,
                                  slice absent_expressions, enum value_layer layer)
{
    if (!placeholders->names_present && !placeholders->values_present)
        return NULL;
    bool current = layer == VALUE_LAYER_CURRENT;
    bool has_tail = !current && !placeholders->names_present;
    return fail(arena, ERROR_VALIDATION, "%s%s can only be specified when using expressions%s%.*s",
                current ? "1 validation error detected: " : "",
                placeholders->names_present ? "ExpressionAttributeNames"
                                            : "ExpressionAttributeValues",
                has_tail ? ": " : "", SLICE_ARGS(has_tail ? absent_expressions : SLICE_NONE));
}

error placeholders_check(struct arena *arena, const struct placeholders *placeholders,
                         enum value_layer layer)
{
    if (placeholders->names_present)
        TRY(check_names(arena, placeholders));
    if (placeholders->values_present)
        TRY(check_values(arena, placeholders, layer));
    return check_size(arena, placeholders);
}

static error fail_unused(struct arena *arena, const char *parameter, slice keys)
{
    return fail(arena, ERROR_VALIDATION, "Value provided in %s unused in expressions: keys: {%.*s}",
                parameter, SLICE_ARGS(keys));
}

static void list_key(struct buffer *keys, slice placeholder)
{
    if (keys->size > 0)
        buffer_append(keys, SLICE(", "));
    buffer_append(keys, placeholder);
}

error placeholders_check_used(struct arena *arena, const struct placeholders *placeholders)
{
    struct buffer keys;
    buffer_init(&keys, arena);
    for (uint32_t i = 0; i < placeholders->name_count; i++) {
        if (!placeholders->names[i].used)
            list_key(&keys, placeholders->names[i].placeholder);
    }
    if (keys.size > 0)
        return fail_unused(arena, "ExpressionAttributeNames", buffer_slice(&keys));

    for (uint32_t i = 0; i < placeholders->value_count; i++) {
        if (!placeholders->values[i].used)
            list_key(&keys, placeholders->values[i].placeholder);
    }
    if (keys.size > 0)
        return fail_unused(arena, "ExpressionAttributeValues", buffer_slice(&keys));
    return NULL;
}

static int compare_entries(const void *a, const void *b, void *entries)
{
    return slice_compare(placeholder_at(entries, *(const uint32_t *)a),
                         placeholder_at(entries, *(const uint32_t *)b));
}

/* Sorted, because a request may hold a hundred thousand entries and use one a thousand times. */
static const uint32_t *sort_entries(struct arena *arena, struct entries *entries)
{
    uint32_t *sorted = arena_new_array(arena, uint32_t, entries->count);
    for (uint32_t i = 0; i < entries->count; i++)
        sorted[i] = i;
    qsort_r(sorted, entries->count, sizeof *sorted, compare_entries, entries);
    return sorted;
}

static bool find_entry(struct arena *arena, struct entries entries, const uint32_t **sorted,
                       slice placeholder, uint32_t *index)
{
    if (!*sorted)
        *sorted = sort_entries(arena, &entries);
    uint32_t low = 0;
    uint32_t high = entries.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        *index = (*sorted)[middle];
        int order = slice_compare(placeholder, placeholder_at(&entries, *index));
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

struct placeholder_name *
placeholders_find_name(struct arena *arena, struct placeholders *placeholders, slice placeholder)
{
    uint32_t index;
    bool found =
        find_entry(arena, names_of(placeholders), &placeholders->names_sorted, placeholder, &index);
    return found ? &placeholders->names[index] : NULL;
}

struct placeholder_value *
placeholders_find_value(struct arena *arena, struct placeholders *placeholders, slice placeholder)
{
    uint32_t index;
    bool found = find_entry(arena, values_of(placeholders), &placeholders->values_sorted,
                            placeholder, &index);
    return found ? &placeholders->values[index] : NULL;
}
