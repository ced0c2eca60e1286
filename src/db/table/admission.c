#include "db/table/admission.h"

#include "base/assert.h"
#include "db/index/index_change.h"
#include "db/stream/stream.h"
#include "db/table/table_private.h"

#define IN_USE "Attempt to change a resource which is still in use: "

/* What a table is busy with: what it is UPDATING for, in the order of their bits, and its index. */
enum job {
    JOB_UNITS,
    JOB_BILLING,
    JOB_STREAM,
    JOB_CLASS,
    JOB_INDEX_CREATION,
    JOB_INDEX_DELETION,
    JOB_COUNT
};

/*
 * What is asked for, in the order in which it is refused. Deletion protection and encryption are
 * not here: they are always admitted, and so is warm throughput but for an index.
 */
enum wish {
    WISH_INDEX, /* created or deleted */
    WISH_MODE,  /* named, be it the one that it is */
    WISH_UNITS,
    WISH_CEILINGS,
    WISH_STREAM,
    WISH_CLASS,
    WISH_WARM,
    WISH_INDEX_UPDATE,
    WISH_DELETION,
    WISH_COUNT
};

/* "TEXT Table: NAMELABELDETAIL": the table where it is named, the detail where it has a label. */
struct refusal {
    const char *text; /* NULL: it is admitted */
    bool names_table;
    const char *label; /* of what the job is about; NULL: it is not told */
};

/* In the words of DeleteTable: the service's own were not seen. */
#define UNSAID                                                                                     \
    {                                                                                              \
        .text = ""                                                                                 \
    }
#define STREAM_LABEL " Stream: "
#define CLASS_LABEL " TableClassUpdateInProgress: "
#define INDEX_LABEL " Indexes: "

static const struct refusal refusals[JOB_COUNT][WISH_COUNT] = {
    [JOB_UNITS] =
        {
            [WISH_INDEX] = {"Can't create or delete indexes while table IOPS are being updated.",
                            true},
            [WISH_MODE] = {"Table IOPS are currently being updated.", true},
            [WISH_UNITS] = {"Table IOPS are currently being updated.", true},
            [WISH_STREAM] = {"Can't enable or disable stream while table IOPS are being updated.",
                             true},
            [WISH_CLASS] = UNSAID,
            [WISH_INDEX_UPDATE] = UNSAID,
            [WISH_DELETION] = UNSAID,
        },
    [JOB_BILLING] =
        {
            [WISH_CEILINGS] = {"OnDemandThroughput cannot be updated while BillingMode update is "
                               "in progress"},
        },
    [JOB_STREAM] =
        {
            [WISH_INDEX] = {"Can't create or delete an index when stream status is being updated.",
                            true, STREAM_LABEL},
            [WISH_UNITS] = {"Can't change table IOPS when stream status is being updated.", true,
                            STREAM_LABEL},
            [WISH_CEILINGS] = {"OnDemandThroughput cannot be updated while stream status update is "
                               "in progress"},
            [WISH_STREAM] = {"A stream status change is currently in progress.", true,
                             STREAM_LABEL},
            [WISH_CLASS] = {"Can't update table class when stream status is being updated.", true,
                            STREAM_LABEL},
            [WISH_INDEX_UPDATE] = UNSAID,
            [WISH_DELETION] = {"Cannot delete table while stream is being enabled/disabled."},
        },
    [JOB_CLASS] =
        {
            [WISH_INDEX] = {"Can't create or delete an index when a table class update is in "
                            "progress.",
                            true, CLASS_LABEL},
            [WISH_UNITS] = UNSAID,
            [WISH_CEILINGS] = {"OnDemandThroughput cannot be updated while TableClass update is in "
                               "progress.",
                               false, CLASS_LABEL},
            [WISH_STREAM] = {"Can't change stream status when a table class update is in progress.",
                             true, CLASS_LABEL},
            [WISH_CLASS] = {"Can't update table class when a table class update is in progress.",
                            true, CLASS_LABEL},
            [WISH_INDEX_UPDATE] = UNSAID,
            [WISH_DELETION] = UNSAID,
        },
    /* One that is created or deleted beside it, and the end of the table: index_change.h, and
       table_busy_index, for these two are not all that it can be busy with. */
    [JOB_INDEX_CREATION] =
        {
            [WISH_UNITS] = {"Can't change table IOPS when an index is being created.", true,
                            INDEX_LABEL},
            [WISH_CEILINGS] = {"OnDemandThroughput cannot be updated while index creation is in "
                               "progress for indexes:",
                               false, " "},
            [WISH_STREAM] = {"Can't change stream status when an index is being created"},
            [WISH_CLASS] = UNSAID,
            [WISH_WARM] = UNSAID,
        },
    [JOB_INDEX_DELETION] =
        {
            [WISH_UNITS] = {"Can't change table IOPS when an index is being deleted.", true,
                            INDEX_LABEL},
            [WISH_CEILINGS] = {"OnDemandThroughput cannot be updated while index deletion is in "
                               "progress for indexes:",
                               false, " "},
            [WISH_STREAM] = {"Can't change stream status when an index is being deleted"},
            [WISH_CLASS] = UNSAID,
            [WISH_WARM] = UNSAID,
        },
};

/* ---- what there is, and what is wanted ---- */

_Static_assert(TABLE_JOB_UNITS == 1 << JOB_UNITS && TABLE_JOB_BILLING == 1 << JOB_BILLING &&
                   TABLE_JOB_STREAM == 1 << JOB_STREAM && TABLE_JOB_CLASS == 1 << JOB_CLASS,
               "the bits of a description are the first jobs");

static void find_jobs(const struct table *table, const struct index *index, int64_t now_ms,
                      bool jobs[static JOB_COUNT])
{
    int64_t bits = table_jobs_at(table, now_ms);
    for (enum job job = 0; job < JOB_INDEX_CREATION; job++)
        jobs[job] = (bits >> job & 1) != 0;
    jobs[JOB_INDEX_CREATION] = index && index->deleting_ms == 0;
    jobs[JOB_INDEX_DELETION] = index && index->deleting_ms != 0;
}

static uint32_t count_actions(const struct table_change *change, bool updates)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < change->index_action_count; i++)
        count += (change->index_actions[i].kind == INDEX_UPDATE) == updates;
    return count;
}

static bool are_any(struct table_units units)
{
    return units.read != 0 || units.write != 0;
}

static void find_wishes(const struct table *table, const struct table_change *change,
                        bool wishes[static WISH_COUNT])
{
    bool switches =
        change->changes_billing_mode && change->billing_mode != table->settings.billing_mode;
    wishes[WISH_INDEX] = count_actions(change, false) > 0;
    wishes[WISH_MODE] = change->changes_billing_mode;
    wishes[WISH_UNITS] = switches || change->provisioned.read != 0;
    wishes[WISH_CEILINGS] = are_any(change->on_demand_max);
    wishes[WISH_STREAM] = change->stream != STREAM_AS_IT_IS;
    wishes[WISH_CLASS] = change->table_class != TABLE_CLASS_UNSAID;
    wishes[WISH_WARM] = are_any(change->warm);
    wishes[WISH_INDEX_UPDATE] = count_actions(change, true) > 0;
    wishes[WISH_DELETION] = false;
}

/* ---- the answer ---- */

static slice detail_of(struct arena *arena, enum job job, const struct table *table,
                       const struct index *index)
{
    switch (job) {
    case JOB_STREAM:
        return arena_format(arena, "%.*s Operation: %s",
                            SLICE_ARGS(stream_label(arena, table->stream.label_ms)),
                            table->stream.view == STREAM_VIEW_NONE ? "DISABLE" : "ENABLE");
    case JOB_CLASS:
        return table_class_name(table->settings.table_class);
    case JOB_INDEX_CREATION:
    case JOB_INDEX_DELETION:
        return arena_format(arena, "[%.*s]", SLICE_ARGS(index->name));
    case JOB_UNITS:
    case JOB_BILLING:
    case JOB_COUNT:
        break;
    }
    unreachable("only what has a label has a detail");
}

static error refuse(struct arena *arena, enum job job, const struct refusal *refusal,
                    const struct table *table, const struct index *index)
{
    if (refusal->text[0] == 0)
        return table_is_updating(arena, table);
    slice detail = refusal->label ? detail_of(arena, job, table, index) : SLICE_NONE;
    slice name = refusal->names_table ? arena_format(arena, " Table: %.*s", SLICE_ARGS(table->name))
                                      : SLICE_NONE;
    return fail(arena, ERROR_RESOURCE_IN_USE, IN_USE "%s%.*s%s%.*s", refusal->text,
                SLICE_ARGS(name), refusal->label ? refusal->label : "", SLICE_ARGS(detail));
}

static error check(struct arena *arena, const struct table *table, const struct index *index,
                   const bool wishes[static WISH_COUNT], int64_t now_ms)
{
    bool jobs[JOB_COUNT];
    find_jobs(table, index, now_ms, jobs);
    for (enum job job = 0; job < JOB_COUNT; job++) {
        for (enum wish wish = 0; wish < WISH_COUNT; wish++) {
            const struct refusal *refusal = &refusals[job][wish];
            if (jobs[job] && wishes[wish] && refusal->text)
                return refuse(arena, job, refusal, table, index);
        }
    }
    return NULL;
}

static bool names_index(const struct table_change *change, const struct index *index)
{
    bool names = false;
    for (uint32_t i = 0; i < change->index_action_count; i++)
        names = names || slice_equal(change->index_actions[i].index.name, index->name);
    return names;
}

error admission_check(struct arena *arena, const struct table *table,
                      const struct table_change *change, int64_t now_ms)
{
    TRY(table_check_there(arena, table, now_ms));
    const struct index *index = table_allocated_index(table, now_ms);
    if (index && names_index(change, index)) /* what names it is judged with it */
        index = NULL;
    bool wishes[WISH_COUNT];
    find_wishes(table, change, wishes);
    return check(arena, table, index, wishes, now_ms);
}

error admission_check_deletion(struct arena *arena, const struct table *table, int64_t now_ms)
{
    static const bool wishes[WISH_COUNT] = {[WISH_DELETION] = true};
    TRY(table_check_there(arena, table, now_ms));
    return check(arena, table, NULL, wishes, now_ms);
}
