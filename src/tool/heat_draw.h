/* A page of partitions as a picture for a terminal, and notes on patterns that are known as bad. */
#pragma once
#include "tool/heat_page.h"

struct heat_style {
    bool has_colors;
    bool has_blocks; /* the terminal shows UTF-8 */
};

/*
 * Bars show how the load of a table or index is shared: a write unit counts as three read units, as
 * in a partition's limits. Control characters of keys are replaced, so that no key talks to the
 * terminal.
 */
slice heat_draw(struct arena *arena, const struct heat_page *page, const struct heat_style *style);
