/* What is answered besides the API: health, readiness, and the pages under /_stator/. */
#pragma once
#include "server/control.h"
#include "store/store.h"

struct pages {
    slice healthy; /* the body of GET /, as the service's */
    const struct store *store;
    struct control control;
};

/* False: the request is for no page. */
bool pages_answer(struct pages *pages, struct http_exchange *exchange, struct reply_form *form);
