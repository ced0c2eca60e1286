#include "store/group.h"

#include "base/assert.h"
#include "base/bytes.h"
#include <stdatomic.h>
#include <xxhash.h>

struct group_row {
    bool is_total; /* an ADD's: value is its total */
    int64_t total;
};

enum { TOTAL_BYTES = 8, STAMPS_MAX = UINT16_MAX + 1 };

/* ---- the rows of the group, by key ---- */

static void open_rows(struct group *group)
{
    uint32_t row_count_max = group->row_count_max + 1; /* and the commit row */
    uint32_t slot_count = 16;
    while (slot_count < row_count_max * 2)
        slot_count *= 2;
    group->slots = arena_new_array(group->arena, uint32_t, slot_count);
    group->slot_mask = slot_count - 1;
    group->writes = arena_alloc(group->arena, row_count_max * sizeof *group->writes);
    group->rows = arena_alloc(group->arena, row_count_max * sizeof *group->rows);
    group->write_count = 0;
    group->stamp_count = 0;
}

/* The slot that holds the key, or the free one where it would go. */
static uint32_t *slot_of(const struct group *group, enum store_area area, slice key)
{
    uint32_t slot = (uint32_t)XXH3_64bits_withSeed(key.data, key.size, area) & group->slot_mask;
    while (group->slots[slot] != 0) {
        const struct store_final_write *write = &group->writes[group->slots[slot] - 1];
        if (write->area == area && slice_equal(write->key, key))
            break;
        slot = (slot + 1) & group->slot_mask;
    }
    return &group->slots[slot];
}

static const struct store_final_write *find_row(const struct group *group, slice key)
{
    uint32_t slot = *slot_of(group, STORE_ROWS, key);
    return slot == 0 ? NULL : &group->writes[slot - 1];
}

static void set_row(struct group *group, struct store_final_write write, struct group_row row)
{
    uint32_t *slot = slot_of(group, write.area, write.key);
    if (*slot == 0) {
        assert_that(group->write_count < group->row_count_max + 1);
        *slot = ++group->write_count;
    }
    group->writes[*slot - 1] = write;
    group->rows[*slot - 1] = row;
}

/* ---- judging ---- */

/* As the row stands with what the group has done so far; size 0: absent. */
static enum store_answer read_row(const struct group *group, struct store_shard shard, slice key,
                                  slice *value)
{
    const struct store_final_write *written = find_row(group, key);
    if (written) {
        *value = written->value;
        return STORE_OK;
    }
    struct store_row row = {0};
    enum store_answer answer =
        group->store->engine->get(group->store, shard, group->arena, &key, 1, STORE_ANY, &row);
    *value = row.found ? row.value : SLICE_NONE;
    return answer;
}

static bool guard_holds(const struct store_guard *guard, slice value)
{
    switch (guard->kind) {
    case STORE_GUARD_ABSENT:
        return value.size == 0;
    case STORE_GUARD_EXISTS:
        return value.size > 0;
    case STORE_GUARD_EQUALS:
        return value.size > 0 && slice_begins_with(value, guard->expected);
    }
    unreachable("a guard of no kind");
}

static enum store_answer judge_guards(const struct group *group,
                                      struct store_change_set *change_set)
{
    for (uint32_t i = 0; i < change_set->guard_count; i++) {
        const struct store_guard *guard = &change_set->guards[i];
        slice value;
        enum store_answer answer = read_row(group, change_set->shard, guard->key, &value);
        if (answer != STORE_OK)
            return answer;
        if (!guard_holds(guard, value)) {
            change_set->guard_failed = i;
            return STORE_CONFLICT;
        }
    }
    return STORE_OK;
}

/* Have the total at hand of every counter the change set adds to: applying cannot fail. */
static enum store_answer load_totals(const struct group *group,
                                     const struct store_change_set *change_set)
{
    for (uint32_t i = 0; i < change_set->write_count; i++) {
        const struct store_write *write = &change_set->writes[i];
        int64_t total;
        if (write->kind != STORE_ADD || find_row(group, write->key) ||
            totals_find(group->totals, write->key, &total))
            continue;
        slice value;
        enum store_answer answer = read_row(group, change_set->shard, write->key, &value);
        if (answer != STORE_OK)
            return answer;
        if (value.size != 0 && value.size != TOTAL_BYTES)
            return STORE_CORRUPT;
        total = value.size == 0 ? 0 : (int64_t)bytes_get_u64(value.data);
        totals_set(group->totals, write->key, total);
    }
    return STORE_OK;
}

static bool depends_on_dropped(const struct store_change_set *change_set)
{
    for (uint32_t i = 0; i < change_set->dependency_count; i++) {
        if (atomic_load_explicit(&change_set->dependencies[i]->state, memory_order_acquire) ==
            STORE_PENDING_DROPPED)
            return true;
    }
    return false;
}

static enum store_answer judge(const struct group *group, struct store_change_set *change_set)
{
    const struct store_engine *engine = group->store->engine;
    change_set->guard_failed = change_set->guard_count;
    bool told_to_drop = engine->drops && engine->drops(group->store, change_set);
    if (told_to_drop || depends_on_dropped(change_set))
        return STORE_CONFLICT;
    enum store_answer answer = judge_guards(group, change_set);
    return answer == STORE_OK ? load_totals(group, change_set) : answer;
}

/* ---- applying ---- */

static char *stamp_place(slice bytes, int32_t offset, size_t stamp_size)
{
    assert_that(offset >= 0);
    assert_that((size_t)offset + stamp_size <= bytes.size);
    return (char *)(uintptr_t)bytes.data + offset; /* the submitter's to write: store.h */
}

static void stamp(struct group *group, const struct store_write *write)
{
    bool key_stamped = write->key_stamp != STORE_NO_STAMP;
    bool value_stamped = write->kind == STORE_PUT && write->value_stamp != STORE_NO_STAMP;
    if (!key_stamped && !value_stamped)
        return;
    assert_that(group->stamp_count < STAMPS_MAX);
    uint16_t index = (uint16_t)group->stamp_count++;
    if (key_stamped) {
        char *to = stamp_place(write->key, write->key_stamp, STORE_STAMP_KEY_BYTES);
        bytes_put_u64(to, group->number);
        bytes_put_u16(to + 8, index);
    }
    if (value_stamped) {
        char *to = stamp_place(write->value, write->value_stamp, STORE_STAMP_BYTES);
        bytes_put_u64(to, group->number);
        bytes_put_u16(to + 8, index);
        bytes_put_u64(to + 10, group->time_ms);
    }
}

static int64_t total_before(const struct group *group, slice key)
{
    const struct store_final_write *written = find_row(group, key);
    if (written) {
        assert_that(written->value.size == 0 || written->value.size == TOTAL_BYTES);
        return written->value.size == 0 ? 0 : (int64_t)bytes_get_u64(written->value.data);
    }
    int64_t total = 0;
    bool loaded = totals_find(group->totals, key, &total);
    assert_that(loaded);
    return total;
}

static void apply_add(struct group *group, const struct store_write *write)
{
    assert_that(write->area == STORE_ROWS);
    int64_t total;
    bool overflows = __builtin_add_overflow(total_before(group, write->key), write->addend, &total);
    assert_that(!overflows);
    char *bytes = arena_alloc_bytes(group->arena, TOTAL_BYTES);
    bytes_put_u64(bytes, (uint64_t)total);
    set_row(group,
            (struct store_final_write){write->area, write->key, slice_of(bytes, TOTAL_BYTES)},
            (struct group_row){true, total});
}

static void apply(struct group *group, const struct store_write *write)
{
    stamp(group, write);
    switch (write->kind) {
    case STORE_PUT:
        assert_that(write->value.size > 0);
        set_row(group, (struct store_final_write){write->area, write->key, write->value},
                (struct group_row){0});
        return;
    case STORE_DELETE:
        set_row(group, (struct store_final_write){write->area, write->key, SLICE_NONE},
                (struct group_row){0});
        return;
    case STORE_ADD:
        apply_add(group, write);
        return;
    }
    unreachable("a write of no kind");
}

static void add_commit_row(struct group *group)
{
    char *value = arena_alloc_bytes(group->arena, STORE_COMMIT_VALUE_BYTES);
    bytes_put_u64(value, group->number);
    bytes_put_u64(value + 8, group->time_ms);
    set_row(group,
            (struct store_final_write){STORE_ROWS, STORE_COMMIT_KEY,
                                       slice_of(value, STORE_COMMIT_VALUE_BYTES)},
            (struct group_row){0});
}

void group_form(struct group *group, struct store_change_set *first)
{
    open_rows(group);
    for (struct store_change_set *change_set = first; change_set; change_set = change_set->next) {
        change_set->answer = judge(group, change_set);
        if (change_set->answer != STORE_OK) {
            if (change_set->pending)
                atomic_store_explicit(&change_set->pending->state, STORE_PENDING_DROPPED,
                                      memory_order_release);
            continue;
        }
        for (uint32_t i = 0; i < change_set->write_count; i++)
            apply(group, &change_set->writes[i]);
    }
    if (group->write_count > 0)
        add_commit_row(group);
}

void group_keep_totals(const struct group *group)
{
    for (uint32_t i = 0; i < group->write_count; i++) {
        if (group->rows[i].is_total)
            totals_set(group->totals, group->writes[i].key, group->rows[i].total);
        else if (group->writes[i].area == STORE_ROWS)
            totals_forget(group->totals, group->writes[i].key);
    }
}
