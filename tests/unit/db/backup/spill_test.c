/* A spill: what was added to a part is read again, in order, whatever its size. */
#include "db/backup/spill.h"
#include "base/bytes.h"
#include "tests/test.h"

enum { PARTS = 3, RUNS = 4000, HEAD_BYTES = 8 };

static slice body_of(struct arena *arena, uint32_t run)
{
    size_t size = run % 500 == 0 ? 100 * 1000 : run % 97; /* also more than a chunk */
    char *bytes = arena_alloc_bytes(arena, size);
    memset(bytes, (int)(run % 251), size);
    return slice_of(bytes, size);
}

static void add_runs(struct spill *spill)
{
    for (uint32_t run = 0; run < RUNS; run++) {
        SCOPED_ARENA(arena);
        slice body = body_of(&arena, run);
        char head[HEAD_BYTES];
        bytes_put_u32(head, run);
        bytes_put_u32(head + 4, (uint32_t)body.size);
        CHECK_OK(spill_add(spill, &arena, run % PARTS, slice_of(head, sizeof head), body));
    }
}

/* The runs of one chunk; `run` is the next that must come. */
static void check_chunk(struct spill *spill, slice bytes, uint64_t offset, uint32_t *run)
{
    for (size_t at = 0; at < bytes.size;) {
        SCOPED_ARENA(arena);
        slice again;
        slice wanted = body_of(&arena, *run);
        slice body = slice_of(bytes.data + at + HEAD_BYTES, bytes_get_u32(bytes.data + at + 4));
        CHECK(bytes_get_u32(bytes.data + at) == *run);
        CHECK(slice_equal(body, wanted));
        CHECK_OK(spill_read(spill, &arena, offset + at + HEAD_BYTES, body.size, &again));
        CHECK(slice_equal(again, wanted));
        at += HEAD_BYTES + body.size;
        *run += PARTS;
    }
}

TEST(what_is_added_to_a_part_is_read_again_in_order)
{
    SCOPED_ARENA(arena);
    struct spill *spill;
    CHECK_OK(spill_open(&arena, SLICE("/tmp"), PARTS, &spill));
    add_runs(spill);
    CHECK_OK(spill_end(spill, &arena));
    for (uint32_t part = 0; part < PARTS; part++) {
        uint32_t run = part;
        bool found = true;
        for (uint32_t chunk = 0; found; chunk++) {
            SCOPED_ARENA(of_chunk);
            slice bytes = SLICE_NONE;
            uint64_t offset = 0;
            CHECK_OK(spill_chunk(spill, &of_chunk, part, chunk, &bytes, &offset, &found));
            check_chunk(spill, bytes, offset, &run);
        }
        CHECK(run >= RUNS);
    }
}

TEST(a_spill_needs_a_directory)
{
    SCOPED_ARENA(arena);
    struct spill *spill;
    CHECK_KIND(spill_open(&arena, SLICE("/nowhere"), 1, &spill), ERROR_STORAGE);
}
