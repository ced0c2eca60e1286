/* What is answered besides the API: health, readiness, metrics, and the pages under /_stator/. */
#pragma once
#include "server/control.h"
#include "server/metrics.h"
#include "server/partitions.h"
#include "store/store.h"

struct pages {
    slice healthy; /* the body of GET /, as the service's */
    const struct store *store;
    struct control control;
    struct metrics metrics;
    struct partitions_page partitions;
};

/* False: the request is for no page. */
bool pages_answer(struct pages *pages, struct http_exchange *exchange, struct reply_form *form);
