/* stator serve: wires the parts, waits for a signal, takes them apart again. */
#pragma once
#include "server/options.h"

/* An engine's way to open; main.c alone names engines. */
typedef error (*store_opener)(struct arena *arena, const struct store_options *options,
                              struct store **store);

struct engines {
    store_opener memory;
    store_opener durable;
};

/* Returns after SIGTERM or SIGINT, when everything in flight was answered. */
error serve(struct arena *arena, const struct options *options,
            const struct engines *engines) MUST_CHECK;
