#include "server/metrics_private.h"

#include "base/limits.h"
#include "base/task.h"
#include "db/index/index.h"

enum {
    PART_BYTES = 64 * 1024, /* a part ends after the sample that reaches it */
    TABLES_AT_ONCE = 16,
};

/* A page on its way, in the exchange's arena. */
struct progress {
    struct page page;
    struct http_exchange *exchange;
    struct reply_form form;
    struct figures figures;
    struct task task; /* to a worker, and back to the loop */
    struct arena arena; /* of the part at hand */
    struct buffer part;
    bool has_begun; /* the first part was sent */
    uint32_t next; /* metric to write */
    slice after;   /* the table that the last part ended with, in `name`; empty: none */
    char name[TABLE_NAME_BYTES_MAX];
};

static void reply_part(struct task *task);

/* ---- on a worker ---- */

static void write_table(struct page *page, const struct metric *metric, const struct table *table)
{
    metric->write_table(page, metric, table, NULL);
    for (uint32_t i = 0; metric->of_indexes && i < table->index_count; i++) {
        if (table->indexes[i].kind == INDEX_GLOBAL)
            metric->write_table(page, metric, table, &table->indexes[i]);
    }
}

/* Tables from the cursor on until the part is full; true when there are no more. */
static bool write_tables(struct progress *progress, const struct metric *metric)
{
    const struct table *tables[TABLES_AT_ONCE];
    uint32_t count;
    do {
        count = table_list(progress->page.metrics->sources.db, progress->after, tables,
                           TABLES_AT_ONCE);
        for (uint32_t i = 0; i < count; i++) {
            write_table(&progress->page, metric, tables[i]);
            memcpy(progress->name, tables[i]->name.data, tables[i]->name.size);
            progress->after = slice_of(progress->name, tables[i]->name.size);
            table_release(tables[i]);
        }
    } while (count == TABLES_AT_ONCE && progress->part.size < PART_BYTES);
    return count < TABLES_AT_ONCE;
}

static void write_part(struct progress *progress)
{
    const struct metric *metric;
    while (progress->part.size < PART_BYTES && (metric = metric_at(progress->next))) {
        if (progress->after.size == 0)
            exposition_head(&progress->part, metric->name, metric->kind, metric->help);
        if (metric->write_table && !write_tables(progress, metric))
            return;
        if (metric->write)
            metric->write(&progress->page, metric);
        progress->after = SLICE_NONE;
        progress->next++;
    }
}

/* Empty behind the last metric. */
static void make_part(struct task *task)
{
    struct progress *progress = OBJECT_OF(task, struct progress, task);
    if (!progress->has_begun)
        figures_gather(&progress->page.metrics->sources, progress->page.http, &progress->figures);
    arena_reset(&progress->arena);
    buffer_init(&progress->part, &progress->arena);
    write_part(progress);
    task->run = reply_part;
    loop_post(progress->exchange->loop, task);
}

/* ---- on the loop ---- */

static void hand_to_worker(struct http_exchange *exchange)
{
    struct progress *progress = exchange->owner;
    progress->task.run = make_part;
    workers_run(progress->page.metrics->sources.workers, &progress->task);
}

static void reply_part(struct task *task)
{
    struct progress *progress = OBJECT_OF(task, struct progress, task);
    slice part = buffer_slice(&progress->part);
    bool is_first = !progress->has_begun;
    progress->has_begun = true;
    if (is_first)
        reply_parts(progress->exchange, &progress->form, part, hand_to_worker);
    else
        http_reply_part(progress->exchange, part);
}

static void release_arena(void *arena)
{
    arena_fini(arena);
}

void metrics_answer(const struct metrics *metrics, struct http_exchange *exchange,
                    const struct reply_form *form)
{
    struct progress *progress = arena_new(exchange->arena, struct progress);
    progress->exchange = exchange;
    progress->form = *form;
    progress->form.content_type = EXPOSITION_CONTENT_TYPE;
    arena_init(&progress->arena, exchange->arena->budget);
    arena_defer(exchange->arena, release_arena, &progress->arena);
    progress->page = (struct page){.metrics = metrics,
                                   .http = http_server_of(exchange),
                                   .figures = &progress->figures,
                                   .out = &progress->part};
    exchange->owner = progress;
    hand_to_worker(exchange);
}
