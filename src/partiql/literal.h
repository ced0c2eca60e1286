/*
 * Values written in statements: strings, signed numbers, true, false, null, lists [..], maps {..}
 * and sets <<..>>. Parameters stand for whole values, never within one. Private to partiql/.
 */
#pragma once
#include "partiql/cursor.h"

/* Whether a literal or a parameter begins at the current token. */
bool literal_at(const struct cursor *cursor);

/*
 *   Errors: VALIDATION, with the place within the value: "… under root.a[1]".
 */
error literal_parse(struct cursor *cursor, slice *value) MUST_CHECK;

/* A map literal that is an item, whose attributes may be parameters; or a parameter that is a map.
 */
error literal_item(struct cursor *cursor, slice *item) MUST_CHECK;
