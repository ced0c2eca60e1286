/*
 * Projections: which paths of an item come back. AttributesToGet becomes the same tree.
 * Source: Developer Guide, expressions.
 */
#pragma once
#include "expr/path.h"

struct projection;

error projection_parse(struct arena *arena, slice text, struct placeholders *placeholders,
                       const struct projection **projection) MUST_CHECK;

/* AttributesToGet: literal top-level names, no duplicates. */
error projection_of_names(struct arena *arena, const slice *names, uint32_t count,
                          const struct projection **projection) MUST_CHECK;

/* Resolved paths that neither overlap nor conflict, in any order. */
const struct projection *projection_of_paths(struct arena *arena, const struct path *paths,
                                             uint32_t count);

/* The attributes of which it leaves something, each once, sorted; none for NULL. */
uint32_t projection_attributes(struct arena *arena, const struct projection *projection,
                               const slice **names);

/* The attributes into which its paths lead, as maps or lists; perhaps repeated, none for NULL. */
uint32_t projection_entered(struct arena *arena, const struct projection *projection,
                            const slice **names);

/* What is left of the item, an item of its own; the item itself when projection is NULL. */
slice projection_apply(const struct projection *projection, slice item, struct arena *arena);
