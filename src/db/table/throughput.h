/*
 * Throughput of a table or global index: what may change in it, and what follows.
 *
 * Units of 0 leave what is there. Source: the control plane measured on the service; Developer
 * Guide, throughput.
 */
#pragma once
#include "db/table/table.h"

/*
 * Provisioned units, counted as an increase or decrease; `changed` is false when they are as they
 * were, which a caller refuses in its own words.
 *   Errors: LIMIT_EXCEEDED for too many decreases in a day.
 */
error throughput_change(struct arena *arena, struct table_units *current,
                        struct table_history *history, struct table_units wanted, int64_t now_ms,
                        bool *changed) MUST_CHECK;

/* Ceilings on demand; -1 removes one. Errors: VALIDATION, as table_check_ceilings. */
error ceilings_change(struct arena *arena, slice subject, enum billing_mode billing_mode,
                      struct table_units *current, struct table_units wanted) MUST_CHECK;

/*
 * Warm throughput, which never decreases; once set, to the same too, it is UPDATING before
 * `ready_ms`.
 *   `subject`: "table" or "index NAME", for messages. Errors: VALIDATION.
 */
error warm_change(struct arena *arena, slice subject, struct table_units *current,
                  struct table_units wanted, int64_t ready_ms, int64_t *warmed_ms) MUST_CHECK;
