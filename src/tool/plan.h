/* What `stator plan` answers, as a text. */
#pragma once
#include "base/arena.h"
#include "db/table/table.h"

struct plan {
    int64_t gigabytes;
    enum billing_mode mode;
    struct table_units units; /* a second: provisioned, or requests on demand */
};

/* At least 1. */
int64_t plan_partitions(const struct plan *plan);

/* The number, the formula with its figures, and what follows for keys. */
slice plan_explain(struct arena *arena, const struct plan *plan);
