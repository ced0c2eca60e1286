#include "ops/operation.h"

#include "ops/decode.h"
#include "ops/list.h"

#define DECLARE(name, file) extern const struct operation operation_##file;
#define NAMED(operation_name) {.name = SLICE(#operation_name)},
#define POINTER(name, file) &operation_##file,
#define NO_FILE(name)
#define NOTHING(name, file)

OPERATION_LIST(DECLARE, DECLARE, NO_FILE)

/* Operations that are known but not built stand in a table of their own, without input. */
static const struct operation known[] = {OPERATION_LIST(NOTHING, NOTHING, NAMED)};
static const struct operation *const built[] = {OPERATION_LIST(POINTER, POINTER, NO_FILE)};
static const struct operation *const of_streams[] = {OPERATION_LIST(NOTHING, POINTER, NO_FILE)};

#undef DECLARE
#undef NAMED
#undef POINTER
#undef NO_FILE
#undef NOTHING

enum {
    BUILT_COUNT = sizeof built / sizeof *built,
    KNOWN_COUNT = sizeof known / sizeof *known,
};

const struct operation *operation_at(uint32_t index)
{
    if (index < BUILT_COUNT)
        return built[index];
    return index < BUILT_COUNT + KNOWN_COUNT ? &known[index - BUILT_COUNT] : NULL;
}

uint32_t operation_index(const struct operation *operation)
{
    uint32_t index = 0;
    while (index < BUILT_COUNT && built[index] != operation)
        index++;
    return index < BUILT_COUNT ? index : BUILT_COUNT + (uint32_t)(operation - known);
}

uint32_t operation_count(void)
{
    return BUILT_COUNT + KNOWN_COUNT;
}

const struct operation *operation_find(slice name)
{
    for (uint32_t i = 0; i < BUILT_COUNT + KNOWN_COUNT; i++) {
        const struct operation *operation = operation_at(i);
        if (slice_equal(operation->name, name))
            return operation;
    }
    return NULL;
}

bool operation_is_of_streams(const struct operation *operation)
{
    for (size_t i = 0; i < sizeof of_streams / sizeof *of_streams; i++) {
        if (of_streams[i] == operation)
            return true;
    }
    return false;
}

error operation_run(const struct operation *operation, struct request *request, slice body)
{
    if (!operation->input)
        return fail(request->arena, ERROR_UNKNOWN_OPERATION, "Stator does not offer %.*s yet.",
                    SLICE_ARGS(operation->name));
    const void *input;
    TRY(decode(request->arena, operation->name, operation->input, body, &input));
    return operation->run(request, input);
}
