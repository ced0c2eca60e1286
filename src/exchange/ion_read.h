/*
 * Items in Amazon Ion, the text format, as exports of tables have them: `{Item:{…}}`.
 *
 * A string is S, a decimal or integer N, a blob B, a boolean BOOL, null NULL, a list L, a struct M;
 * a list with the annotation $dynamodb_SS, $dynamodb_NS or $dynamodb_BS is a set. What Ion has
 * besides (timestamps, clobs, s-expressions, symbols as values) stands for no attribute.
 *
 * Source: Amazon Ion specification, text; Developer Guide, export output format and import formats.
 */
#pragma once
#include "base/error.h"
#include "json/writer.h"

enum { ION_LEVELS_MAX = 128 }; /* an item has 32 at most: deeper ones are refused with it */

/*
 * Write the member Item of a record as it stands on the wire. `found`: the record has a value at
 * all, and not only blanks, comments and version markers.
 *   Errors: CORRUPT with what is wrong.
 */
error ion_read_item(struct json_writer *out, struct arena *arena, slice record,
                    bool *found) MUST_CHECK;
