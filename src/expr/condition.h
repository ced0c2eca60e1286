/*
 * Conditions and filters: one grammar, one tree, one evaluator; the legacy parameters Expected,
 * QueryFilter and ScanFilter are other spellings of the same tree (expr/legacy.h).
 *
 * A condition lives in the arena it was parsed in and is immutable. Depth is bounded by
 * EXPRESSION_LEVELS_MAX, so evaluation may recurse.
 * Source: Developer Guide, expressions, error texts captured from the service.
 */
#pragma once
#include "expr/placeholders.h"
#include "item/key.h"

struct condition;

/*
 * Parse and resolve. `parameter` names the request's member in errors: "ConditionExpression",
 * "FilterExpression" (text "Invalid FilterExpression: …").
 *   Errors: VALIDATION, in the service's order for one expression.
 */
error condition_parse(struct arena *arena, slice parameter, slice text,
                      struct placeholders *placeholders,
                      const struct condition **condition) MUST_CHECK;

/* Holds where the item has no such attribute. */
const struct condition *condition_of_absence(struct arena *arena, slice attribute);

/* Holds there as well as where `condition` does. NULL stays NULL. */
const struct condition *condition_or_absence(struct arena *arena, slice attribute,
                                             const struct condition *condition);

/* A NULL condition holds. `item` may be ITEM_ABSENT. `scratch` may receive temporary values. */
bool condition_holds(const struct condition *condition, slice item, struct arena *scratch);

/* True when the condition names `attribute` at top level: filters may not name queried keys. */
bool condition_names_attribute(const struct condition *condition, slice attribute);

/*
 * Which key attribute a filter names, the first in its text: for "Filter Expression can only
 * contain non-primary key attributes: Primary key attribute: pk".
 */
bool condition_names_key(const struct condition *condition, const struct key_schema *schema,
                         slice *attribute);

/* The attributes that it names at top level, each once, sorted; none for NULL. */
uint32_t condition_attributes(struct arena *arena, const struct condition *condition,
                              const slice **names);

/* The attributes into which its paths lead, as maps or lists; perhaps repeated, none for NULL. */
uint32_t condition_entered(struct arena *arena, const struct condition *condition,
                           const slice **names);
