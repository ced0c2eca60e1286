#include "ops/operation.h"

#include "ops/decode.h"
#include "ops/list.h"

#define DECLARE(name, file) extern const struct operation operation_##file;
#define NOTHING(name)
OPERATION_LIST(DECLARE, NOTHING)
#undef DECLARE
#undef NOTHING

/* Operations that are known but not built stand in a table of their own, without input. */
#define NOTHING(name, file)
#define KNOWN(operation_name) {.name = SLICE(#operation_name)},
static const struct operation known[] = {OPERATION_LIST(NOTHING, KNOWN)};
#undef NOTHING
#undef KNOWN

#define BUILT(name, file) &operation_##file,
#define NOTHING(name)
static const struct operation *const built[] = {OPERATION_LIST(BUILT, NOTHING)};
#undef BUILT
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

const struct operation *operation_find(slice name)
{
    for (uint32_t i = 0; i < BUILT_COUNT + KNOWN_COUNT; i++) {
        const struct operation *operation = operation_at(i);
        if (slice_equal(operation->name, name))
            return operation;
    }
    return NULL;
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
