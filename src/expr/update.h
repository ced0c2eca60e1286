/*
 * Updates: SET, REMOVE, ADD and DELETE actions on document paths. AttributeUpdates becomes the
 * same struct (expr/legacy.h).
 *
 * An update lives in the arena it was parsed in and is immutable. Applying it reads the item before
 * and writes the item after, in one pass over the sorted actions and the sorted attributes.
 * Source: Developer Guide, expressions, error texts captured from the service.
 */
#pragma once
#include "expr/placeholders.h"
#include "item/key.h"

struct update;

/*
 * Parse and resolve.
 *   Errors: VALIDATION "Invalid UpdateExpression: …", in the service's order.
 */
error update_parse(struct arena *arena, slice text, struct placeholders *placeholders,
                   const struct update **update) MUST_CHECK;

/*
 * That no action changes an attribute of the key.
 *   Errors: VALIDATION "One or more parameter values were invalid: Cannot update attribute pk. …".
 */
error update_check_keys(struct arena *arena, const struct update *update,
                        const struct key_schema *schema) MUST_CHECK;

/*
 * UpdateItem measures, besides the item it makes, the update expression: what it writes and its
 * clauses. Transactions, PartiQL and AttributeUpdates do not.
 *   Errors: VALIDATION "Item size to update has exceeded the maximum allowed size".
 */
error update_check_charge(const struct update *update) MUST_CHECK;

/* The attributes into which its paths lead, changed and read; perhaps repeated, none for NULL. */
uint32_t update_entered(struct arena *arena, const struct update *update, const slice **names);

/*
 * False when there are only actions that take away: then a missing item stays missing. A NULL
 * update (no UpdateExpression) creates.
 */
bool update_creates(const struct update *update);

/* The value that it gives the whole attribute outright, from the request; not for NULL. */
bool update_given_value(const struct update *update, slice attribute, slice *value);

/*
 * The item after. `item` is the item before, or the key alone when there was none (`item_existed`
 * tells). A NULL update changes nothing.
 *   Errors: VALIDATION, also when the result would be larger than ITEM_BYTES_MAX or nested deeper
 *   than NESTING_LEVELS_MAX.
 */
error update_apply(struct arena *arena, const struct update *update, slice item, bool item_existed,
                   slice *updated) MUST_CHECK;

/*
 * The parts of `item` that the update's actions name, an item with the structure around them kept:
 * UPDATED_OLD on the item before, UPDATED_NEW on the one after.
 */
slice update_touched(struct arena *arena, const struct update *update, slice item);
