/*
 * Tags of a table as requests give them: what a key and a value may be. All or nothing.
 *
 * Source: the control plane measured on the service.
 */
#pragma once
#include "ops/decode.h"

extern const struct structure tag_structure; /* over struct table_tag */

/* Tags that are to be set. Errors: VALIDATION. */
error tags_check(struct arena *arena, const struct decoded_list *tags) MUST_CHECK;

/* Keys, as slices, of tags that are to go. Errors: VALIDATION. */
error tag_keys_check(struct arena *arena, const struct decoded_list *keys) MUST_CHECK;
