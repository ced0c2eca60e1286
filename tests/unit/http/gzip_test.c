#include "http/gzip.h"

#include "base/buffer.h"
#include "base/random.h"
#include "tests/test.h"

static slice make_text(struct arena *arena, size_t size)
{
    char *text = arena_alloc_bytes(arena, size);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)('a' + i % 7);
    return slice_of(text, size);
}

TEST(what_was_packed_is_unpacked_the_same)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 300000};
    struct gzip gzip = {0};
    for (size_t i = 0; i < GZIP_FORMAT_COUNT * (sizeof sizes / sizeof *sizes); i++) {
        SCOPED_ARENA(arena);
        enum gzip_format format = i % GZIP_FORMAT_COUNT;
        size_t size = sizes[i / GZIP_FORMAT_COUNT];
        slice plain = make_text(&arena, size);
        slice packed = gzip_write(&gzip, &arena, format, plain);
        slice again;
        CHECK(slice_begins_with(packed, SLICE("\x1f\x8b")) == (format == GZIP_MEMBER));
        CHECK(gzip_read(&gzip, &arena, packed, size, &again) == GZIP_DONE);
        CHECK(slice_equal(again, plain));
    }
    gzip_fini(&gzip);
}

TEST(noise_that_grows_when_packed_survives)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    struct random random;
    random_init(&random, test_seed());
    char *noise = arena_alloc_bytes(&arena, 100000);
    for (size_t i = 0; i < 100000; i++)
        noise[i] = (char)random_next(&random);
    slice again;

    slice packed = gzip_write(&gzip, &arena, GZIP_MEMBER, slice_of(noise, 100000));

    CHECK(gzip_read(&gzip, &arena, packed, 100000, &again) == GZIP_DONE);
    CHECK(slice_equal(again, slice_of(noise, 100000)));
    gzip_fini(&gzip);
}

TEST(members_that_follow_each_other_are_one_body)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    slice plain = make_text(&arena, 9000);
    struct buffer members;
    buffer_init(&members, &arena);
    for (size_t i = 0; i < 9000; i += 3000)
        buffer_append(&members, gzip_write(&gzip, &arena, GZIP_MEMBER, slice_of(plain.data + i, 3000)));
    slice packed = buffer_slice(&members);
    slice again;

    CHECK(gzip_read(&gzip, &arena, packed, 8999, &again) == GZIP_TOO_LARGE);
    CHECK(gzip_read(&gzip, &arena, packed, 9000, &again) == GZIP_DONE);
    CHECK(slice_equal(again, plain));
    gzip_fini(&gzip);
}

TEST(deflated_bodies_are_unpacked_too)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    slice plain = make_text(&arena, 9000);
    Bytef packed[9000];
    uLongf size = sizeof packed;
    CHECK(compress(packed, &size, (const Bytef *)plain.data, plain.size) == Z_OK);
    slice again;

    CHECK(gzip_read(&gzip, &arena, slice_of((char *)packed, size), 9000, &again) == GZIP_DONE);
    CHECK(slice_equal(again, plain));
    CHECK(gzip_read(&gzip, &arena, slice_of((char *)packed, size - 1), 9000, &again) ==
          GZIP_BROKEN);
    gzip_fini(&gzip);
}

TEST(unpacking_stops_at_its_bound)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    slice packed = gzip_write(&gzip, &arena, GZIP_MEMBER, make_text(&arena, 100000));
    slice plain;

    CHECK(gzip_read(&gzip, &arena, packed, 99999, &plain) == GZIP_TOO_LARGE);
    CHECK(gzip_read(&gzip, &arena, packed, 50, &plain) == GZIP_TOO_LARGE);
    CHECK(gzip_read(&gzip, &arena, packed, 100000, &plain) == GZIP_DONE);
    gzip_fini(&gzip);
}

TEST(broken_gzip_is_told_and_the_next_is_read)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    slice plain = make_text(&arena, 1000);
    slice packed = gzip_write(&gzip, &arena, GZIP_MEMBER, plain);
    char *damaged = (char *)(uintptr_t)arena_copy(&arena, packed).data;
    damaged[packed.size - 5] ^= 1;
    char *longer = arena_alloc_bytes(&arena, packed.size + 1);
    memcpy(longer, packed.data, packed.size);
    longer[packed.size] = 0;
    slice again;

    CHECK(gzip_read(&gzip, &arena, SLICE("not gzip"), 1000, &again) == GZIP_BROKEN);
    CHECK(gzip_read(&gzip, &arena, SLICE(""), 1000, &again) == GZIP_BROKEN);
    CHECK(gzip_read(&gzip, &arena, slice_of(damaged, packed.size), 1000, &again) == GZIP_BROKEN);
    CHECK(gzip_read(&gzip, &arena, slice_of(longer, packed.size + 1), 1000, &again) == GZIP_BROKEN);
    for (size_t size = 1; size < packed.size; size++)
        CHECK(gzip_read(&gzip, &arena, slice_first(packed, size), 1000, &again) == GZIP_BROKEN);
    CHECK(gzip_read(&gzip, &arena, packed, 1000, &again) == GZIP_DONE);
    CHECK(slice_equal(again, plain));
    gzip_fini(&gzip);
}
