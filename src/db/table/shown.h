/*
 * What descriptions show of changes that are under way: what was before, until they are through.
 * It is shown only: units, for one, count from the moment in which they were asked for.
 *
 * Source: the control plane measured on the service; tests/api/busy_tables.test.mjs.
 */
#pragma once
#include "db/index/index.h"

/* A switch of the billing mode shows its units at once. */
struct table_units shown_provisioned(const struct table *table, int64_t now_ms);
struct table_units shown_warm(const struct table *table, int64_t now_ms);
struct table_units shown_index_provisioned(const struct index *index, int64_t now_ms);
struct table_units shown_index_warm(const struct index *index, int64_t now_ms);

struct shown_class {
    enum table_class table_class;
    int64_t changed_ms; /* 0: never */
};
struct shown_class shown_class(const struct table *table, int64_t now_ms);

struct shown_encryption {
    slice key_arn; /* empty: the service's own */
    bool is_updating;
};
/* The key changes on the way, and the change goes on for a while. */
struct shown_encryption shown_encryption(const struct table *table, int64_t now_ms);
