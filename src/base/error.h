/*
 * Errors: NULL when it worked, else what failed in the words the client will see.
 *
 * A failure is made where the fact is known and passed on unchanged. It lives in the arena it was
 * made in, or is a static constant (FAILURE), so lower layers need no arena.
 */
#pragma once
#include "base/error_list.h"
#include "base/slice.h"

struct arena;

enum error_kind {
#define ERROR_ROW(kind, space, name, status, member) ERROR_##kind,
    ERROR_LIST(ERROR_ROW)
#undef ERROR_ROW
        ERROR_KIND_COUNT
};

struct failure {
    enum error_kind kind;
    slice message; /* size 0: the wire form has no text member */
    slice members; /* further JSON members of the error body, `"Item":{...}`, or none */
};

typedef const struct failure *error;

#define MUST_CHECK __attribute__((warn_unused_result))

#define TRY(call)                                                                                  \
    do {                                                                                           \
        error try_error = (call);                                                                  \
        if (try_error)                                                                             \
            return try_error;                                                                      \
    } while (0)

/* A failure known at compile time. */
#define FAILURE(failure_kind, text)                                                                \
    ({                                                                                             \
        static const struct failure fixed_failure = {                                              \
            .kind = (failure_kind), .message = {(text), sizeof(text) - 1}};                        \
        &fixed_failure;                                                                            \
    })

error fail(struct arena *arena, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull));

/* A failure for longer than the arena it was made in lasts; NULL stays NULL. */
error error_keep(struct arena *arena, error failure);

/* As it stands on the wire: namespace, name, HTTP status, name of the text member. */
struct error_wire {
    slice type; /* namespace#Name */
    uint16_t status;
    slice text_member;
};
const struct error_wire *error_wire_of(enum error_kind kind);
