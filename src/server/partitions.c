#include "server/partitions.h"

#include "base/task.h"
#include "db/index/index.h"
#include "db/partition/partition.h"
#include "db/partition/partition_size.h"
#include "db/partition/usage.h"
#include "server/workers.h"
#include "json/writer.h"

enum { SHARE_PER_CENT_MIN = 1 };

/* A page on its way, in the exchange's arena. */
struct making {
    const struct partitions_page *page;
    struct http_exchange *exchange;
    struct reply_form form;
    struct task task; /* to a reader, and back to the loop */
    struct json_writer out;
    slice table; /* the only one; empty: those behind `after` */
    slice after;
    slice next; /* where a page that is full ended */
    error failure;
};

/* ---- one partition ---- */

static void write_number(struct json_writer *out, slice name, int64_t number)
{
    json_write_name(out, name);
    json_write_integer(out, number);
}

static void write_hash(struct making *making, slice name, uint64_t hash)
{
    json_write_name(&making->out, name);
    json_write_string(&making->out,
                      arena_format(making->exchange->arena, "%016llx", (unsigned long long)hash));
}

static void write_share(struct making *making, slice name, double share)
{
    json_write_name(&making->out, name);
    json_write_raw(&making->out, arena_format(making->exchange->arena, "%.4f", share));
}

static void write_hot_keys(struct making *making, slice name, enum hot_level level,
                           const struct table *table, const struct index *index,
                           struct usage_partition *usage)
{
    struct arena *arena = making->exchange->arena;
    struct hot_key_list *list = arena_new(arena, struct hot_key_list);
    hot_keys_read(&usage->hot_keys, arena, db_now_ms(making->page->db), level, list);
    json_write_name(&making->out, name);
    json_write_array_begin(&making->out);
    for (uint32_t i = 0; i < list->count && i < PARTITIONS_HOT_KEYS; i++) {
        if (list->keys[i].share * 100 < SHARE_PER_CENT_MIN)
            break;
        json_write_object_begin(&making->out);
        json_write_name(&making->out, SLICE("key"));
        json_write_string(&making->out, hot_key_text(arena, table, index, &list->keys[i]));
        write_share(making, SLICE("share"), list->keys[i].share);
        write_share(making, SLICE("write_share"), list->keys[i].write_share);
        json_write_object_end(&making->out);
    }
    json_write_array_end(&making->out);
}

static int64_t sum(const int64_t counts[USAGE_KIND_COUNT][USAGE_LIMIT_COUNT])
{
    int64_t all = 0;
    for (unsigned kind = 0; kind < USAGE_KIND_COUNT; kind++)
        for (unsigned limit = 0; limit < USAGE_LIMIT_COUNT; limit++)
            all += counts[kind][limit];
    return all;
}

static void write_usage(struct making *making, struct usage_partition *usage)
{
    struct json_writer *out = &making->out;
    struct usage_counts counts;
    usage_read(&usage->counters, &counts);
    json_write_name(out, SLICE("read_units"));
    json_write_halves(out, counts.half_units[USAGE_READ]);
    json_write_name(out, SLICE("write_units"));
    json_write_halves(out, counts.half_units[USAGE_WRITE]);
    write_number(out, SLICE("throttled"), sum(counts.throttled));
    write_number(out, SLICE("would_throttle"), sum(counts.would_throttle));
    write_number(out, SLICE("scanned_items"), counts.scanned_items);
    write_number(out, SLICE("returned_items"), counts.returned_items);
}

/* ---- a table or index ---- */

static error write_partitions(struct making *making, struct db_session *session,
                              const struct table *table, const struct index *index)
{
    struct json_writer *out = &making->out;
    struct partition_map map = partition_map_of(table, index);
    struct partition_size *sizes =
        arena_new_array(session->arena, struct partition_size, map.count);
    TRY(partition_sizes(session, table, index, sizes));
    json_write_name(out, SLICE("partitions"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < map.count; i++) {
        struct usage_partition *usage = usage_of(table, index)->partitions[i];
        struct partition_hashes hashes = partition_hashes(map, i);
        json_write_object_begin(out);
        write_number(out, SLICE("id"), map.list[i].number);
        write_hash(making, SLICE("hash_from"), hashes.from);
        write_hash(making, SLICE("hash_to"), hashes.to);
        write_number(out, SLICE("bytes"), sizes[i].bytes);
        write_number(out, SLICE("items"), sizes[i].items);
        json_write_name(out, SLICE("is_estimated"));
        json_write_bool(out, sizes[i].is_estimated);
        write_usage(making, usage);
        write_hot_keys(making, SLICE("hot_keys"), HOT_COLLECTIONS, table, index, usage);
        if (index ? index->keys.range_count > 0 : table->keys.has_range)
            write_hot_keys(making, SLICE("hot_items"), HOT_ITEMS, table, index, usage);
        json_write_object_end(out);
    }
    json_write_array_end(out);
    return NULL;
}

static error write_indexes(struct making *making, struct db_session *session,
                           const struct table *table)
{
    struct json_writer *out = &making->out;
    json_write_name(out, SLICE("indexes"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind != INDEX_GLOBAL)
            continue;
        json_write_object_begin(out);
        json_write_name(out, SLICE("index"));
        json_write_string(out, table->indexes[i].name);
        TRY(write_partitions(making, session, table, &table->indexes[i]));
        json_write_object_end(out);
    }
    json_write_array_end(out);
    return NULL;
}

static error write_table(struct making *making, const struct table *table)
{
    SCOPED_ARENA(arena);
    struct db_session session;
    db_session_init(&session, making->page->db, &arena, STORE_ANY, NULL, NULL);
    json_write_object_begin(&making->out);
    json_write_name(&making->out, SLICE("table"));
    json_write_string(&making->out, table->name);
    TRY(write_partitions(making, &session, table, NULL));
    TRY(write_indexes(making, &session, table));
    json_write_object_end(&making->out);
    return NULL;
}

/* ---- the page ---- */

static error write_tables(struct making *making)
{
    const struct table *tables[PARTITIONS_PAGE_TABLES + 1];
    uint32_t count =
        table_list(making->page->db, making->after, tables, PARTITIONS_PAGE_TABLES + 1);
    error failure = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (i == PARTITIONS_PAGE_TABLES)
            making->next = arena_copy(making->exchange->arena, tables[i - 1]->name);
        else if (!failure)
            failure = write_table(making, tables[i]);
        table_release(tables[i]);
    }
    return failure;
}

/* Nothing, when there is no such table. */
static error write_one(struct making *making)
{
    SCOPED_ARENA(arena);
    struct db_session session;
    const struct table *table;
    db_session_init(&session, making->page->db, &arena, STORE_ANY, NULL, NULL);
    if (table_find(&session, making->table, &table))
        return NULL;
    return write_table(making, table);
}

static error write_page(struct making *making)
{
    struct json_writer *out = &making->out;
    json_write_object_begin(out);
    json_write_name(out, SLICE("tables"));
    json_write_array_begin(out);
    if (making->table.size > 0)
        TRY(write_one(making));
    else
        TRY(write_tables(making));
    json_write_array_end(out);
    if (making->next.size > 0) {
        json_write_name(out, SLICE("next"));
        json_write_string(out, making->next);
    }
    json_write_object_end(out);
    return NULL;
}

static void reply_page(struct task *task)
{
    struct making *making = OBJECT_OF(task, struct making, task);
    making->form.content_type = SLICE("application/json");
    if (making->failure)
        reply_error(making->exchange, &making->form, making->failure);
    else
        reply_plain(making->exchange, &making->form, 200, json_writer_text(&making->out));
}

static void make_page(struct task *task)
{
    struct making *making = OBJECT_OF(task, struct making, task);
    making->failure = write_page(making);
    task->run = reply_page;
    loop_post(making->exchange->loop, task);
}

/* ---- on the loop ---- */

/* `name=VALUE` among the parts of a query. Names of tables need no escapes. */
static slice parameter(slice query, slice name)
{
    while (query.size > 0) {
        const char *end = memchr(query.data, '&', query.size);
        size_t size = end ? (size_t)(end - query.data) : query.size;
        slice part = slice_first(query, size);
        if (slice_begins_with(part, name))
            return slice_from(part, name.size);
        query = slice_from(query, end ? size + 1 : size);
    }
    return SLICE_NONE;
}

void partitions_answer(const struct partitions_page *page, struct http_exchange *exchange,
                       const struct reply_form *form)
{
    struct making *making = arena_new(exchange->arena, struct making);
    making->page = page;
    making->exchange = exchange;
    making->form = *form;
    making->table = parameter(exchange->request.query, SLICE("table="));
    making->after = parameter(exchange->request.query, SLICE("after="));
    json_writer_init(&making->out, exchange->arena);
    making->task.run = make_page;
    workers_run(page->readers, &making->task);
}
