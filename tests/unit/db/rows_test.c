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

TEST(an_expiry_row_stands_at_its_second_and_names_its_item)
{
    SCOPED_ARENA(arena);
    slice item_key = SLICE("\x02\x00\x00\x00\x07IhashKEY");
    slice key = row_key_of_expiry(&arena, item_key, 0x0102030405060708);
    uint64_t second = 0;
    slice found;

    CHECK_SLICE(key, SLICE("\x02\x00\x00\x00\x07" "E\x01\x02\x03\x04\x05\x06\x07\x08hashKEY"));
    CHECK(row_key_open_expiry(&arena, key, &second, &found));
    CHECK(second == 0x0102030405060708);
    CHECK_SLICE(found, item_key);
    CHECK(slice_compare(row_key_begin_expiry(&arena, 7, second), key) < 0);
    CHECK(slice_compare(row_key_begin_expiry(&arena, 7, second + 1), key) > 0);
    CHECK(!row_key_open_expiry(&arena, item_key, &second, &found));
    CHECK(!row_key_open_expiry(&arena, slice_first(key, 14), &second, &found));
}
