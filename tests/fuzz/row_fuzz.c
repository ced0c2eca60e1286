/*
 * Bytes from a damaged disk: what passes item_check is an item in every respect, and a table's
 * description opens or says that it is corrupt. A byte says as what the rest is read.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/walk.h"

#include "db/rows.h"
#include "db/table/table_row.h"

static void open_item_row(struct arena *arena, slice value)
{
    slice item;
    if (!row_value_open(value, &item))
        return;
    error failed = item_check(item);
    if (!failed)
        walk_item(arena, item);
    else
        assert_that(failed->kind == ERROR_CORRUPT);
}

static void open_table_row(struct arena *arena, slice value)
{
    struct table table;
    error failed = table_row_open(arena, value, &table);
    if (failed) {
        assert_that(failed->kind == ERROR_CORRUPT);
        return;
    }
    table.arn = SLICE_NONE;
    slice again = table_row_make(arena, &table);
    struct table same;
    failed = table_row_open(arena, again, &same);
    assert_that(!failed);
    assert_that(slice_equal(table.name, same.name));
    assert_that(table.space == same.space && table.keys.has_range == same.keys.has_range);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice input = slice_of(data, size);
    uint8_t steer = fuzz_byte(&input);
    slice bytes = arena_copy(&arena, input);
    if (steer % 4 == 0) {
        open_item_row(&arena, bytes);
    } else if (steer % 4 == 1) {
        open_table_row(&arena, bytes);
    } else if (!item_check(bytes)) {
        walk_item(&arena, bytes);
    }
    return 0;
}
