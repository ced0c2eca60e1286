#include "db/rows.h"

#include "tests/test.h"

TEST(the_key_after_a_prefix_is_behind_all_that_begin_with_it)
{
    SCOPED_ARENA(arena);
    static const struct {
        slice prefix;
        slice after;
    } cases[] = {
        {SLICE("a"), SLICE("b")},
        {SLICE("a\xff"), SLICE("b")},
        {SLICE("a\xff\xff"), SLICE("b")},
        {SLICE("\x00\x01"), SLICE("\x00\x02")},
        {SLICE("\x02\xfe"), SLICE("\x02\xff")},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice after = row_key_after_prefix(&arena, cases[i].prefix);
        CHECK_SLICE(after, cases[i].after);
        CHECK(slice_compare(after, cases[i].prefix) > 0);
    }
}

TEST(nothing_stands_between_a_key_and_its_successor)
{
    SCOPED_ARENA(arena);

    slice next = row_key_successor(&arena, SLICE("a\xff"));

    CHECK_SLICE(next, SLICE("a\xff\x00"));
}

TEST(a_row_of_another_kind_or_cut_short_is_no_item)
{
    SCOPED_ARENA(arena);
    slice item = item_make(&arena, NULL, NULL, 0);
    slice row = row_value_make(&arena, (struct row_version){1, 2}, item);
    slice found;

    CHECK(row_value_open(row, &found));
    CHECK_SLICE(found, item);
    for (size_t size = 0; size <= ROW_HEADER_BYTES; size++)
        CHECK(!row_value_open(slice_first(row, size), &found));
    char *other = arena_alloc_bytes(&arena, row.size);
    memcpy(other, row.data, row.size);
    other[0] = ROW_ITEM + 1;
    CHECK(!row_value_open(slice_of(other, row.size), &found));
}
