#include "server/pages.h"

static const slice PLAIN_TEXT = {"text/plain; charset=utf-8", 25};

/* GET /: the service's own, which has no content type. */
static void answer_root(struct pages *pages, struct http_exchange *exchange,
                        struct reply_form *form)
{
    reply_plain(exchange, form, 200, pages->healthy);
}

/* The loops turn. */
static void answer_alive(struct pages *pages, struct http_exchange *exchange,
                         struct reply_form *form)
{
    (void)pages;
    form->content_type = PLAIN_TEXT;
    reply_plain(exchange, form, 200, SLICE("alive\n"));
}

/* Whoever can ask finds the log recovered: nothing listens before. */
static void answer_ready(struct pages *pages, struct http_exchange *exchange,
                         struct reply_form *form)
{
    form->content_type = PLAIN_TEXT;
    if (store_is_writable(pages->store))
        reply_plain(exchange, form, 200, SLICE("ready: the log is recovered, reads and writes are "
                                               "served\n"));
    else
        reply_plain(exchange, form, 503,
                    SLICE("not ready: writes are refused, reads are served; free space on the disk "
                          "of the data directory\n"));
}

/* For whom the pages under /_stator/ are. */
static void answer_metrics(struct pages *pages, struct http_exchange *exchange,
                           struct reply_form *form)
{
    if (control_may_read(&pages->control, &exchange->request))
        metrics_answer(&pages->metrics, exchange, form);
    else
        control_refuse(exchange, form);
}

/* Nothing there changes anything, so --admin-open shows it to other machines too. */
static void answer_partitions(struct pages *pages, struct http_exchange *exchange,
                              struct reply_form *form)
{
    if (control_may_read(&pages->control, &exchange->request))
        partitions_answer(&pages->partitions, exchange, form);
    else
        control_refuse(exchange, form);
}

static const struct page {
    slice path;
    void (*answer)(struct pages *pages, struct http_exchange *exchange, struct reply_form *form);
} table[] = {
    {{"/", 1}, answer_root},
    {{"/healthz", 8}, answer_alive},
    {{"/readyz", 7}, answer_ready},
    {{"/metrics", 8}, answer_metrics},
    {SLICE("/_stator/partitions"), answer_partitions},
};

bool pages_answer(struct pages *pages, struct http_exchange *exchange, struct reply_form *form)
{
    const struct http_request *request = &exchange->request;
    bool reads =
        slice_equal(request->method, SLICE("GET")) || slice_equal(request->method, SLICE("HEAD"));
    for (size_t i = 0; reads && i < sizeof table / sizeof table[0]; i++) {
        if (slice_equal(request->path, table[i].path)) {
            table[i].answer(pages, exchange, form);
            return true;
        }
    }
    if (!slice_begins_with(request->path, CONTROL_PREFIX))
        return false;
    control_answer(&pages->control, exchange, form);
    return true;
}
