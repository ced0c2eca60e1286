#include "http/input.h"

#include "base/random.h"
#include "tests/test.h"

TEST(input_keeps_order_and_gives_all_memory_back)
{
    enum { ROUNDS = 2000, PIECE_MAX = 700 };
    struct random random;
    random_init(&random, test_seed());
    struct budget budget = {.max_bytes = 1 << 20};
    struct input input = {0};
    uint8_t next_in = 0, next_out = 0;
    for (int round = 0; round < ROUNDS; round++) {
        char piece[PIECE_MAX];
        size_t size = random_below(&random, sizeof piece + 1);
        for (size_t i = 0; i < size; i++)
            piece[i] = (char)next_in++;
        input_append(&input, &budget, slice_of(piece, size));
        size_t taken = random_below(&random, input.size + 1);
        for (size_t i = 0; i < taken; i++)
            CHECK((uint8_t)input_slice(&input).data[i] == next_out++);
        input_drop(&input, &budget, taken);
        CHECK(budget.used_bytes == input.capacity);
    }
    input_drop(&input, &budget, input.size);
    CHECK(budget.used_bytes == 0);
    CHECK(input.data == NULL);
}
