/* Patterns of use that are known as bad, as far as a page of partitions shows them. */
#pragma once
#include "base/buffer.h"
#include "tool/heat_page.h"

/* Units of a partition with writes as reads: what shares are of. */
double heat_load(const struct heat_partition *partition);

/* One line for each pattern that is seen. */
void heat_append_notes(struct arena *arena, struct buffer *text, const struct heat_place *place);
