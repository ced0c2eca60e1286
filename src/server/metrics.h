/*
 * GET /metrics: everything that the server counts, in the text format of Prometheus.
 *
 * The page is a table of metrics (server/metrics_list.c), named after the service's own in
 * CloudWatch where it has them. Of tables and indexes it shows names and counts, never keys or
 * values of items, and of counters only those that have counted anything. It is made part by part
 * on a worker and sent as the client takes it, so it needs the same memory for any number of tables.
 */
#pragma once
#include "server/figures.h"
#include "server/reply.h"

struct metrics {
    struct figures_sources sources;
};

/* Reply with the page, later. */
void metrics_answer(const struct metrics *metrics, struct http_exchange *exchange,
                    const struct reply_form *form);
