/*
 * Contributor Insights, as far as they are switched: hot keys are always counted
 * (db/partition/hot_keys.h), and these say for which tables and global indexes somebody asked.
 */
#pragma once
#include "db/index/index.h"

enum insights_status {
    INSIGHTS_DISABLED,
    INSIGHTS_ENABLING,
    INSIGHTS_ENABLED,
    INSIGHTS_DISABLING,
};

struct insights_state {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    struct table_insights insights;
    enum insights_status status;
};

/*
 * `index_name` empty: the table.
 *   Errors: RESOURCE_NOT_FOUND for the table, and for what is none of its global indexes, or not
 *   yet: one that is created is found once it is backfilling.
 */
error insights_describe(struct db_session *session, slice table_name, slice index_name,
                        struct insights_state *state) MUST_CHECK;

/* As of now, of a table or index that is held. */
struct insights_state insights_state_of(struct db *db, const struct table *table,
                                        const struct index *index);

/*
 * Durable when it returns, in a status that goes on to its end by itself; the same again changes
 * nothing. Workers only.
 *   Errors: as insights_describe; VALIDATION while the table or the index is created.
 */
error insights_switch(struct db_session *session, slice table_name, slice index_name,
                      enum insights_mode mode, struct insights_state *state) MUST_CHECK;
