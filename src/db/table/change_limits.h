/*
 * How soon a setting of a table may change again. A limit looks at the table's history; a note
 * enters a change there. Source: the control plane measured on the service.
 */
#pragma once
#include "db/table/table.h"

/* Errors: THROTTLING within 15 seconds of a change, also for the value that it has. */
error change_limit_protection(struct arena *arena, const struct table *table,
                              int64_t now_ms) MUST_CHECK;
void change_note_protection(struct table *table, int64_t now_ms);

/* Errors: LIMIT_EXCEEDED for a fifth change in 24 hours from the first, until six hours passed. */
error change_limit_encryption(struct arena *arena, const struct table *table,
                              int64_t now_ms) MUST_CHECK;
void change_note_encryption(struct table *table, int64_t now_ms);
