/*
 * Forming a group: change sets in order become the rows as they are to stand.
 *
 * Apart from writing: forming reads (dependencies, guards, totals) and decides, the engine writes.
 * Each change set is judged first and only then applied, so one that is dropped leaves nothing.
 * In the group a key has one row: later writes replace it, ADDs fold into it.
 */
#pragma once
#include "store/engine.h"
#include "store/totals.h"

struct group_row;

struct group {
    /* Filled by the caller. */
    struct store *store;
    struct arena *arena; /* the rows live here, their keys and values in the change sets */
    struct totals *totals;
    uint64_t number;  /* the commit number to stamp with */
    uint64_t time_ms; /* the commit time to stamp with */
    uint32_t row_count_max; /* writes of all the change sets together */

    /* The result. */
    struct store_final_write *writes; /* the commit row stands last; none when nothing changed */
    uint32_t write_count;

    struct group_row *rows; /* beside writes */
    uint32_t *slots;        /* hash table by area and key: index in writes + 1, or 0 */
    uint32_t slot_mask;
    uint32_t stamp_count;
};

/*
 * Each change set's answer is STORE_OK, or why it was dropped; the pending of one that was
 * dropped is STORE_PENDING_DROPPED at once, so that dependents later in the group drop too.
 */
void group_form(struct group *group, struct store_change_set *first);

/* The group was written: the totals in it are the durable ones now. */
void group_keep_totals(const struct group *group);
