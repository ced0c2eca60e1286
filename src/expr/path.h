/*
 * Document paths: `a.b[2].#c`. As written, a name may be a placeholder or a reserved word; once
 * resolved, every name is an attribute's own. Paths are immutable and live in an arena.
 */
#pragma once
#include "expr/placeholders.h"

struct path_element {
    bool is_index;
    uint32_t index; /* when is_index */
    slice name;     /* otherwise */
};

struct path {
    const struct path_element *elements;
    uint32_t count; /* > 0; the first element is a name */
};

/*
 * A copy whose placeholders are replaced and marked as used.
 *   Errors: VALIDATION, also for a path deeper than an item may be.
 */
error path_resolve(struct arena *arena, slice parameter, struct placeholders *placeholders,
                   const struct path *written, struct path *resolved) MUST_CHECK;

/*
 * The older parameters name attributes as they are; expressions check names as placeholders.
 *   Errors: VALIDATION for an empty or too long one.
 */
error path_check_name(slice name) MUST_CHECK;

bool path_equal(const struct path *a, const struct path *b);

/* An order in which paths with a common beginning stand together, list elements by number. */
int path_compare(const struct path *a, const struct path *b);

/* False when the item has nothing there. */
bool path_find(const struct path *path, slice item, slice *value);

/* As errors print it: "[a, [1], b]". */
slice path_text(struct arena *arena, const struct path *path);

/*
 * That no path begins another and none takes for a list what another takes for a map. `paths`
 * stand in the order of the text, which decides what is reported.
 *   Errors: VALIDATION "Two document paths overlap …", then "… conflict …".
 */
error paths_check(struct arena *arena, slice parameter, const struct path *paths,
                  uint32_t count) MUST_CHECK;

/* A sorted copy, by path_compare. */
struct path *paths_sort(struct arena *arena, const struct path *paths, uint32_t count);

/* The attributes in which sorted paths begin, each once. */
uint32_t paths_attributes(struct arena *arena, const struct path *sorted, uint32_t count,
                          const slice **names);

/* The attributes into which paths of several elements lead, perhaps repeated. */
uint32_t paths_entered(struct arena *arena, const struct path *paths, uint32_t count,
                       const slice **names);

bool word_is_reserved(slice word);
