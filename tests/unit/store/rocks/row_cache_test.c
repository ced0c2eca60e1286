#include "store/rocks/row_cache.h"

#include "tests/test.h"

enum { BYTES = 64 * 1024 * 1024 };

static struct store_final_write put_of(const char *key, const char *value)
{
    return (struct store_final_write){
        .area = STORE_ROWS, .key = slice_of_string(key), .value = slice_of_string(value)};
}

static void write(struct row_cache *cache, const char *key, const char *value)
{
    struct store_final_write one = put_of(key, value);
    row_cache_write_begin(cache, &one, 1);
    row_cache_write_end(cache, &one, 1);
}

/* Serve the key, or fill it with what RocksDB would have said. */
static slice get_or_fill(struct row_cache *cache, struct arena *arena, const char *key,
                         const char *stored)
{
    slice value = SLICE_NONE;
    struct row_cache_ticket ticket;
    if (!row_cache_get(cache, arena, slice_of_string(key), &value, &ticket))
        row_cache_fill(cache, slice_of_string(key), slice_of_string(stored), ticket);
    return value;
}

TEST(a_row_is_served_once_it_was_read)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(BYTES);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "one"), SLICE_NONE);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "other"), SLICE("one"));
    CHECK_SLICE(get_or_fill(cache, &arena, "l", "two"), SLICE_NONE);
    row_cache_free(cache);
}

TEST(a_written_row_takes_the_place_of_the_cached_one)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(BYTES);
    get_or_fill(cache, &arena, "k", "one");
    write(cache, "k", "six");
    CHECK_SLICE(get_or_fill(cache, &arena, "k", ""), SLICE("six"));
    write(cache, "k", "a longer one");
    CHECK_SLICE(get_or_fill(cache, &arena, "k", ""), SLICE("a longer one"));
    write(cache, "k", "");
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "x"), SLICE_NONE);
    row_cache_free(cache);
}

TEST(nothing_is_served_while_its_write_is_under_way)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(BYTES);
    get_or_fill(cache, &arena, "k", "one");
    struct store_final_write next = put_of("k", "two");
    row_cache_write_begin(cache, &next, 1);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "one"), SLICE_NONE);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "two"), SLICE_NONE);
    row_cache_write_end(cache, &next, 1);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", ""), SLICE("two"));
    row_cache_free(cache);
}

TEST(a_reader_that_a_write_overtook_fills_nothing)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(BYTES);
    struct row_cache_ticket before;
    struct row_cache_ticket during;
    slice value;
    struct store_final_write next = put_of("k", "two");
    CHECK(!row_cache_get(cache, &arena, SLICE("k"), &value, &before));
    row_cache_write_begin(cache, &next, 1);
    CHECK(!row_cache_get(cache, &arena, SLICE("k"), &value, &during));
    row_cache_fill(cache, SLICE("k"), SLICE("one"), before);
    row_cache_fill(cache, SLICE("k"), SLICE("one"), during);
    row_cache_write_end(cache, &next, 1);
    row_cache_fill(cache, SLICE("k"), SLICE("one"), before);
    row_cache_fill(cache, SLICE("k"), SLICE("one"), during);
    CHECK(!row_cache_get(cache, &arena, SLICE("k"), &value, &before));
    row_cache_free(cache);
}

static size_t bytes_of(struct row_cache *cache)
{
    uint64_t bytes, hits, misses;
    row_cache_measure(cache, &bytes, &hits, &misses);
    return bytes;
}

TEST(it_counts_how_often_it_had_what_was_asked_for)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(BYTES);
    for (int i = 0; i < 3; i++)
        get_or_fill(cache, &arena, "k", "one");
    uint64_t bytes, hits, misses;
    row_cache_measure(cache, &bytes, &hits, &misses);
    CHECK(bytes > 0 && hits == 2 && misses == 1);
    row_cache_free(cache);
}

TEST(clearing_leaves_nothing_and_lets_nothing_in)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(BYTES);
    get_or_fill(cache, &arena, "k", "one");
    row_cache_clear_begin(cache);
    CHECK(bytes_of(cache) == 0);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "one"), SLICE_NONE);
    CHECK(bytes_of(cache) == 0);
    row_cache_clear_end(cache);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "one"), SLICE_NONE);
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "one"), SLICE("one"));
    row_cache_free(cache);
}

TEST(the_cache_keeps_to_its_bytes_and_to_what_is_used)
{
    enum {
        SMALL = 4 * 1024 * 1024,
        ROWS = 100000,
        ROWS_A_LOOK = 500
    }; /* a look reads all shards */
    struct row_cache *cache = row_cache_new(SMALL);
    unsigned served = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        SCOPED_ARENA(arena);
        get_or_fill(cache, &arena, arena_format(&arena, "key-%u", i).data, "a value of some size");
        served += get_or_fill(cache, &arena, "hot", "hot").size > 0;
        if (i % ROWS_A_LOOK == 0)
            CHECK(bytes_of(cache) <= SMALL);
    }
    size_t bytes = bytes_of(cache);
    CHECK(SMALL / 2 < bytes && bytes <= SMALL);
    CHECK(served == ROWS - 1);
    row_cache_free(cache);
}

TEST(a_cache_of_no_bytes_keeps_nothing)
{
    SCOPED_ARENA(arena);
    struct row_cache *cache = row_cache_new(0);
    get_or_fill(cache, &arena, "k", "one");
    CHECK_SLICE(get_or_fill(cache, &arena, "k", "one"), SLICE_NONE);
    row_cache_free(cache);
}
