#include "base/error.h"

#include "base/arena.h"
#include "base/assert.h"

static const struct error_wire wire[ERROR_KIND_COUNT] = {
#define ERROR_ROW(kind, space, name, status, member)                                               \
    [ERROR_##kind] = {{space "#" name, sizeof(space "#" name) - 1},                                \
                      status,                                                                      \
                      {member, sizeof(member) - 1}},
    ERROR_LIST(ERROR_ROW)
#undef ERROR_ROW
};

const struct error_wire *error_wire_of(enum error_kind kind)
{
    assert_that(kind < ERROR_KIND_COUNT);
    return &wire[kind];
}

error fail(struct arena *arena, enum error_kind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct failure *failure = arena_new(arena, struct failure);
    failure->kind = kind;
    failure->message = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return failure;
}

error error_keep(struct arena *arena, error failure)
{
    if (!failure)
        return NULL;
    struct failure *kept = arena_new(arena, struct failure);
    kept->kind = failure->kind;
    kept->message = arena_copy(arena, failure->message);
    kept->members = arena_copy(arena, failure->members);
    return kept;
}
