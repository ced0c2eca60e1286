#include "http/input.h"

#include "base/assert.h"
#include "base/memory.h"
#include <stdlib.h>

enum { CAPACITY_FIRST = 1024 };

static void grow(struct input *input, struct budget *budget, size_t needed)
{
    size_t capacity = input->capacity ? input->capacity : CAPACITY_FIRST;
    while (capacity < needed)
        capacity *= 2;
    if (capacity == input->capacity)
        return;
    char *data = memory_realloc(input->data, capacity);
    budget_take(budget, capacity - input->capacity);
    input->data = data;
    input->capacity = capacity;
}

void input_append(struct input *input, struct budget *budget, slice bytes)
{
    if (bytes.size == 0)
        return;
    grow(input, budget, input->size + bytes.size);
    memcpy(input->data + input->size, bytes.data, bytes.size);
    input->size += bytes.size;
}

void input_drop(struct input *input, struct budget *budget, size_t size)
{
    assert_that(size <= input->size);
    input->size -= size;
    if (input->size > 0) {
        if (size > 0)
            memmove(input->data, input->data + size, input->size);
        return;
    }
    budget_give(budget, input->capacity);
    free(input->data);
    *input = (struct input){0};
}
