#include "server/resident.h"

#include "tests/test.h"
#include <stdlib.h>

/* The allocators of the sanitizers keep their memory in their own way. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

enum { PIECES = 1000, PIECE_BYTES = 100 * 1000 };

/* Much that is free, between pieces that are in use: the allocator cannot know on its own. */
enum { KEPT_EACH = 10 };

static bool gives_back(struct resident_keeper *keeper, size_t request_bytes)
{
    static char *pieces[PIECES];
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = malloc(PIECE_BYTES);
        memset(pieces[i], 1, PIECE_BYTES);
    }
    for (int i = 0; i < PIECES; i++) {
        if (i % KEPT_EACH != 0)
            free(pieces[i]);
    }
    uint64_t before_bytes = resident_bytes();
    resident_keep(keeper, request_bytes);
    bool given = resident_bytes() + PIECES / 2 * PIECE_BYTES < before_bytes;
    for (int i = 0; i < PIECES; i += KEPT_EACH)
        free(pieces[i]);
    return given;
}

TEST(free_memory_is_kept_far_from_the_bound_and_given_back_near_it)
{
    struct resident_keeper far = {.bytes_max = SIZE_MAX};
    struct resident_keeper near = {.bytes_max = 1};
    CHECK(!gives_back(&far, 0));
    CHECK(gives_back(&near, 0));
}

TEST(free_memory_is_given_back_when_a_wave_of_requests_is_over)
{
    struct resident_keeper keeper = {.bytes_max = SIZE_MAX};
    CHECK(!gives_back(&keeper, 64 * 1024 * 1024));
    CHECK(gives_back(&keeper, 1024 * 1024));
    CHECK(!gives_back(&keeper, 0));
}

#endif

TEST(the_system_says_how_much_the_process_holds)
{
    CHECK(resident_bytes() > 1024 * 1024);
}
