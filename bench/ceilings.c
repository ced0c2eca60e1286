/*
 * What the machine allows, to hold the server's figures against:
 *
 *   ceilings http              the server's own HTTP, answering a constant; prints its port
 *   ceilings storage DIR N S [ROWS [BYTES]]
 *                              the commit queue alone on a store of a million rows, reopened: N
 *                              writers in flight for S seconds, over rows at random, one row
 *                              each as a PutItem of 300 bytes makes it, or ROWS of so many bytes;
 *                              prints rows/s, p50 and CPU of a change set. The rows are loaded if DIR is empty
 *   ceilings empty DIR S       the same with 64 writers on a store that begins empty
 *   ceilings batch DIR N S [BYTES]
 *                              two writers with N rows in each change set, of so many bytes; on
 *                              a store that begins empty; prints rows/s
 *   ceilings disk DIR S        append the same bytes and fdatasync, one after the other
 */
#include "base/assert.h"
#include "base/budget.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/server.h"
#include "store/store.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* An item of 300 bytes as stored, with its row header, where the stamp goes. */
enum { ROW_BYTES = 345, ROW_BYTES_MAX = 4096, STAMP_OFFSET = 17, KEY_BYTES = 27, CACHE_BYTES = 512 << 20 };
enum { ROW_COUNT = 1000000, PRELOAD_ROWS = 1000, SAMPLES_MAX = 1 << 20 };

/* Letters that compress like the load generator's; each row holds a piece of them. */
enum { NOISE_BYTES = 65536 };
static char noise[NOISE_BYTES + ROW_BYTES_MAX];
static size_t row_bytes = ROW_BYTES;

/* ---- http ---- */

static void answer(void *context, struct http_exchange *exchange)
{
    (void)context;
    static const char body[] = "{\"Item\":{\"pk\":{\"S\":\"key-0000000\"}}}";
    struct http_response response = {
        .status = 200,
        .content_type = SLICE("application/x-amz-json-1.0"),
        .request_id = SLICE("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        .crc32 = true,
        .body = {body, sizeof body - 1},
    };
    http_reply(exchange, &response);
}

static int serve_constant(void)
{
    SCOPED_ARENA(arena);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct budget budget = {.max_bytes = 256 << 20};
    struct http_options options = {
        .host = "127.0.0.1",
        .loop_count = 1,
        .connections_max = 1000,
        .budget = &budget,
        .idle_timeout_ms = 60000,
        .head_timeout_ms = 60000,
        .body_timeout_ms = 60000,
        .write_timeout_ms = 60000,
        .handler = answer,
    };
    struct http_server *server;
    error failure = http_server_open(&arena, &options, &server);
    assert_that(!failure);
    fprintf(stderr, "event=ready port=%u\n", http_server_port(server));
    int signal_number;
    sigwait(&signals, &signal_number);
    http_server_close(server, 1000);
    return 0;
}

/* ---- storage ---- */

/* One writer in flight: its change set comes back and is submitted again. */
struct writer {
    struct store_change_set set;
    struct store_write *writes;
    char *keys;
    char *values; /* stamped by the queue */
    uint64_t submitted_us;
};

/* As in the server, one thread submits and another commits: what returns goes back over a list. */
struct load {
    struct store_sink sink;
    struct store *store;
    struct random random;
    uint64_t end_us;
    uint64_t commits;
    unsigned in_flight;
    uint32_t *samples_us;
    uint32_t sample_count;
    pthread_mutex_t mutex;
    pthread_cond_t returned;
    struct store_change_set *first; /* guarded by mutex: delivered, not yet submitted again */
};

/* Row `number`, as the load generator makes items: a piece of noise for each key. */
static void fill_row(struct writer *writer, uint32_t at, uint64_t number)
{
    bytes_put_u64(writer->keys + (size_t)at * KEY_BYTES + KEY_BYTES - 8, number);
    memcpy(writer->values + at * row_bytes, noise + number % NOISE_BYTES, row_bytes);
}

static void submit(struct load *load, struct writer *writer)
{
    for (uint32_t i = 0; i < writer->set.write_count; i++)
        fill_row(writer, i, random_below(&load->random, ROW_COUNT));
    writer->submitted_us = clock_monotonic_us();
    enum store_answer answer = store_submit(load->store, &writer->set);
    assert_that(answer == STORE_OK);
}

static void deliver(struct store_sink *sink, struct store_change_set *first)
{
    struct load *load = (struct load *)sink;
    struct store_change_set *last = first;
    while (last->next)
        last = last->next;
    pthread_mutex_lock(&load->mutex);
    last->next = load->first;
    load->first = first;
    pthread_cond_signal(&load->returned);
    pthread_mutex_unlock(&load->mutex);
}

static struct store_change_set *take_returned(struct load *load)
{
    pthread_mutex_lock(&load->mutex);
    while (!load->first)
        pthread_cond_wait(&load->returned, &load->mutex);
    struct store_change_set *first = load->first;
    load->first = NULL;
    pthread_mutex_unlock(&load->mutex);
    return first;
}

static void submit_again(struct load *load, struct store_change_set *first)
{
    uint64_t now_us = clock_monotonic_us();
    while (first) {
        struct store_change_set *next = first->next;
        struct writer *writer = first->owner;
        assert_that(first->answer == STORE_OK);
        load->commits++;
        if (load->sample_count < SAMPLES_MAX)
            load->samples_us[load->sample_count++] = (uint32_t)(now_us - writer->submitted_us);
        if (now_us < load->end_us)
            submit(load, writer);
        else
            load->in_flight--;
        first = next;
    }
}

static struct writer *make_writers(struct load *load, unsigned count, unsigned rows)
{
    struct writer *writers = calloc(count, sizeof *writers);
    assert_that(writers);
    for (unsigned i = 0; i < count; i++) {
        struct writer *writer = &writers[i];
        writer->writes = calloc(rows, sizeof writer->writes[0]);
        writer->keys = calloc(rows, KEY_BYTES);
        writer->values = calloc(rows, row_bytes);
        assert_that(writer->writes && writer->keys && writer->values);
        for (unsigned j = 0; j < rows; j++) {
            writer->keys[(size_t)j * KEY_BYTES] = 2;
            writer->writes[j] = (struct store_write){
                .kind = STORE_PUT,
                .key = {writer->keys + (size_t)j * KEY_BYTES, KEY_BYTES},
                .value = {writer->values + j * row_bytes, row_bytes},
                .key_stamp = STORE_NO_STAMP,
                .value_stamp = STAMP_OFFSET,
            };
        }
        writer->set = (struct store_change_set){.writes = writer->writes,
                                                .write_count = rows,
                                                .sink = &load->sink,
                                                .owner = writer};
    }
    return writers;
}

static int by_size(const void *a, const void *b)
{
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void print_rate(uint64_t count, double seconds, uint32_t *samples_us, uint32_t sample_count)
{
    qsort(samples_us, sample_count, sizeof samples_us[0], by_size);
    printf("rate=%.0f p50_us=%u p99_us=%u", (double)count / seconds, samples_us[sample_count / 2],
           samples_us[sample_count / 100 * 99]);
}

static struct store *open_store(struct arena *arena, const char *directory,
                                const struct clock *clock)
{
    struct store_options options = {
        .directory = slice_of_string(directory), .clock = clock, .cache_bytes = CACHE_BYTES};
    struct store *store;
    error failure = store_open_rocks(arena, &options, &store);
    assert_that(!failure);
    return store;
}

static bool is_store(struct arena *arena, const char *directory)
{
    return access(arena_format(arena, "%s/CURRENT%c", directory, 0).data, F_OK) == 0;
}

/* Every row is there before anything is measured, as every item is before PutItem is. */
static void preload(struct arena *arena, const char *directory, const struct clock *clock)
{
    struct load load = {.store = open_store(arena, directory, clock)};
    struct writer *writer = make_writers(&load, 1, PRELOAD_ROWS);
    for (uint64_t number = 0; number < ROW_COUNT; number += PRELOAD_ROWS) {
        for (uint32_t i = 0; i < PRELOAD_ROWS; i++)
            fill_row(writer, i, number + i);
        enum store_answer answer = store_submit_and_wait(load.store, &writer->set);
        assert_that(answer == STORE_OK);
    }
    store_close(load.store);
}

static int run_storage(const char *directory, bool preloaded, unsigned writer_count, unsigned rows,
                       double seconds)
{
    SCOPED_ARENA(arena);
    struct clock machine;
    clock_init(&machine, false);
    if (preloaded && !is_store(&arena, directory))
        preload(&arena, directory, &machine);
    struct load load = {.sink = {.deliver = deliver},
                        .in_flight = writer_count,
                        .store = open_store(&arena, directory, &machine)};
    clock_t cpu_before = clock();
    random_init(&load.random, 1);
    pthread_mutex_init(&load.mutex, NULL);
    pthread_cond_init(&load.returned, NULL);
    load.samples_us = calloc(SAMPLES_MAX, sizeof load.samples_us[0]);
    assert_that(load.samples_us);
    struct writer *writers = make_writers(&load, writer_count, rows);
    uint64_t start_us = clock_monotonic_us();
    load.end_us = start_us + (uint64_t)(seconds * 1e6);
    for (unsigned i = 0; i < writer_count; i++)
        submit(&load, &writers[i]);
    while (load.in_flight > 0)
        submit_again(&load, take_returned(&load));
    double took = (double)(clock_monotonic_us() - start_us) / 1e6;
    double cpu_us = (double)(clock() - cpu_before) / CLOCKS_PER_SEC * 1e6;
    store_close(load.store);
    print_rate(load.commits * rows, took, load.samples_us, load.sample_count);
    printf(" cpu_us=%.3f\n", cpu_us / (double)load.commits);
    return 0;
}

/* ---- disk ---- */

static int run_disk(const char *directory, double seconds)
{
    SCOPED_ARENA(arena);
    int file = open(arena_format(&arena, "%s/appended", directory).data,
                    O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600);
    assert_that(file >= 0);
    uint32_t *samples_us = calloc(SAMPLES_MAX, sizeof samples_us[0]);
    assert_that(samples_us);
    uint32_t count = 0;
    uint64_t start_us = clock_monotonic_us();
    uint64_t end_us = start_us + (uint64_t)(seconds * 1e6);
    uint64_t now_us = start_us;
    while (now_us < end_us && count < SAMPLES_MAX) {
        ssize_t written = write(file, noise + count % NOISE_BYTES, ROW_BYTES);
        assert_that(written == ROW_BYTES);
        int failed = fdatasync(file);
        assert_that(!failed);
        uint64_t then_us = now_us;
        now_us = clock_monotonic_us();
        samples_us[count++] = (uint32_t)(now_us - then_us);
    }
    close(file);
    print_rate(count, (double)(now_us - start_us) / 1e6, samples_us, count);
    printf("\n");
    return 0;
}

static void set_row_bytes(const char *text)
{
    if (text)
        row_bytes = (size_t)atoi(text);
    assert_that(row_bytes <= ROW_BYTES_MAX && row_bytes >= STAMP_OFFSET + STORE_STAMP_BYTES);
}

int main(int argument_count, char **arguments)
{
    const char *what = argument_count > 1 ? arguments[1] : "";
    struct random random;
    random_init(&random, 1);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)('a' + random_below(&random, 26));
    if (strcmp(what, "http") == 0)
        return serve_constant();
    if (strcmp(what, "storage") == 0 && argument_count >= 5 && argument_count <= 7) {
        set_row_bytes(argument_count == 7 ? arguments[6] : NULL);
        return run_storage(arguments[2], true, (unsigned)atoi(arguments[3]),
                           argument_count > 5 ? (unsigned)atoi(arguments[5]) : 1,
                           atof(arguments[4]));
    }
    if (strcmp(what, "empty") == 0 && argument_count == 4)
        return run_storage(arguments[2], false, 64, 1, atof(arguments[3]));
    if (strcmp(what, "batch") == 0 && (argument_count == 5 || argument_count == 6)) {
        set_row_bytes(argument_count == 6 ? arguments[5] : NULL);
        return run_storage(arguments[2], false, 2, (unsigned)atoi(arguments[3]), atof(arguments[4]));
    }
    if (strcmp(what, "disk") == 0 && argument_count == 4)
        return run_disk(arguments[2], atof(arguments[3]));
    fprintf(stderr, "usage: ceilings http | storage DIR WRITERS SECONDS [ROWS [BYTES]] | empty DIR SECONDS | "
                    "batch DIR ROWS SECONDS [BYTES] | disk DIR SECONDS\n");
    return 2;
}
