#include "server/serve.h"

#include "base/assert.h"
#include "base/budget.h"
#include "base/clock.h"
#include "db/index/backfill.h"
#include "db/backup/backup.h"
#include "db/expiry/expiry_sweep.h"
#include "db/export/export.h"
#include "db/import/import.h"
#include "db/partition/splitter.h"
#include "server/call.h"
#include "server/data_directory.h"
#include "server/handle.h"
#include "server/housekeeper.h"
#include "server/resident.h"
#include "server/workers.h"
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MEGABYTE = 1024 * 1024,
    GRACE_MS = 10 * 1000,       /* for what is in flight at the end */
    DESCRIPTORS_RESERVED = 512, /* for the store's files, above the connections */
    IDLE_TIMEOUT_MS = 10 * 60 * 1000,
    HEAD_TIMEOUT_MS = 20 * 1000,
    BODY_TIMEOUT_MS = 30 * 1000,
    WRITE_TIMEOUT_MS = 30 * 1000,
    /* A GetItem beside four filtered Scans keeps its latency. */
    READERS_NICENESS = 10,
    HOUSEKEEPING_MS = 200,
    DELAY_STEP_MS = 5, /* how exact a rehearsed latency is */
    BACKFILL_NICENESS = 10,
};

/* Everything a running server consists of, in the order it is opened. */
struct server {
    const struct options *options;
    unsigned thread_count;
    struct clock clock;
    struct budget request_budget; /* requests and replies: a quarter of the memory */
    struct resident_keeper resident; /* the housekeeper's */
    struct budget queue_budget;   /* queued change sets: a sixteenth */
    struct data_directory directory;
    struct store *store;
    struct db *db;
    struct workers *workers;
    struct workers *readers;
    struct counts *counts;
    struct calls *calls;
    struct housekeeper *housekeeper;
    struct faults *faults;     /* with --faults, else NULL */
    struct housekeeper *pacer; /* of what waits among them */
    struct housekeeper *view_keeper; /* NULL: reads do not lag behind, or the clock is manual */
    struct housekeeper *backfiller;
    struct housekeeper *sweeper;
    struct housekeeper *splitter;
    struct housekeeper *archivist;
    struct housekeeper *exporter;
    struct housekeeper *importer;
    struct handler handler;
    struct http_server *http;
    uint16_t port; /* that it listens on; before that, the one to listen on */
    bool is_to_be_reopened;
};

static bool keep_house(void *context)
{
    struct server *server = context;
    resident_keep(&server->resident, atomic_load(&server->request_budget.used_bytes));
    db_housekeep(server->db);
    calls_wake_parked(server->calls);
    return db_has_rows_to_drop(server->db);
}

static uint64_t count_requests(void *context)
{
    const struct server *server = context;
    return calls_begun_count(server->calls);
}

static bool backfill(void *context)
{
    struct server *server = context;
    return db_backfill(server->db);
}

static bool expire(void *context)
{
    struct server *server = context;
    return db_expire(server->db);
}

static bool split(void *context)
{
    struct server *server = context;
    return db_split(server->db);
}

static bool archive(void *context)
{
    struct server *server = context;
    return db_archive(server->db);
}

static bool export(void *context)
{
    struct server *server = context;
    return db_export(server->db);
}

static bool import(void *context)
{
    struct server *server = context;
    return db_import(server->db);
}

static bool keep_pace(void *context)
{
    struct server *server = context;
    faults_release(server->faults);
    return false;
}

static bool keep_view(void *context)
{
    struct server *server = context;
    db_keep_view(server->db, db_now_ms(server->db) + db_view_period_ms(server->db));
    return false;
}

static unsigned core_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

/* As many descriptors as the system allows; the connections must fit among them. */
static uint32_t connections_possible(int64_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return (uint32_t)wanted;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    uint64_t possible = limit.rlim_cur == RLIM_INFINITY ? UINT32_MAX
                        : limit.rlim_cur > 2 * DESCRIPTORS_RESERVED
                            ? limit.rlim_cur - DESCRIPTORS_RESERVED
                            : limit.rlim_cur / 2;
    if ((uint64_t)wanted > possible) {
        log_write(LOG_WARN, "connections_limited", "wanted=%lld possible=%llu", (long long)wanted,
                  (unsigned long long)possible);
        return (uint32_t)possible;
    }
    return (uint32_t)wanted;
}

static error open_store(struct server *server, struct arena *arena, const struct engines *engines)
{
    const struct options *options = server->options;
    size_t memory_bytes = (size_t)options->memory_mb * MEGABYTE;
    struct store_options store_options = {
        .clock = &server->clock,
        .queue_budget = &server->queue_budget,
        .sync = options->sync,
        .sync_interval_ms = (uint32_t)options->sync_interval_ms,
        .cache_bytes = memory_bytes / 8 * 5,
        .disk_reserve_bytes = (uint64_t)options->disk_reserve_mb * MEGABYTE,
    };
    if (options->in_memory)
        return engines->memory(arena, &store_options, &server->store);
    TRY(data_directory_open(arena, options->data, true, &server->directory));
    store_options.directory = server->directory.store_path;
    error failure = engines->durable(arena, &store_options, &server->store);
    if (failure)
        data_directory_close(&server->directory);
    return failure;
}

/* Where backups go; empty: nowhere. */
static slice backup_directory(const struct server *server, struct arena *arena)
{
    const struct options *options = server->options;
    if (options->backup_dir.size > 0 || options->in_memory)
        return options->backup_dir;
    return arena_format(arena, "%.*s/backups", SLICE_ARGS(options->data));
}

/* A backup on the disk of its data is lost with it. */
static void warn_of_one_disk(struct arena *arena, slice data, slice backups)
{
    struct stat of_data, of_backups;
    const char *data_path = arena_format(arena, "%.*s%c", SLICE_ARGS(data), 0).data;
    const char *backup_path = arena_format(arena, "%.*s%c", SLICE_ARGS(backups), 0).data;
    if (stat(data_path, &of_data) == 0 && stat(backup_path, &of_backups) == 0 &&
        of_data.st_dev == of_backups.st_dev)
        log_write(LOG_WARN, "backups_beside_data",
                  "directory=%s reason=\"backups are on the disk of the data and go with it: give "
                  "another disk with --backup-dir\"",
                  LOG_VALUE(slice_of_string(backup_path)));
}

static void close_store(struct server *server)
{
    store_close(server->store);
    if (!server->options->in_memory)
        data_directory_close(&server->directory);
}

static error open_db(struct server *server, struct arena *arena)
{
    const struct options *options = server->options;
    bool is_new = store_commit_number(server->store) == 0;
    struct db_options db_options = {
        .store = server->store,
        .clock = &server->clock,
        .region = is_new || options->region_given ? options->region : SLICE_NONE,
        .account = is_new || options->account_given ? options->account : SLICE_NONE,
        .transition_delay_ms = options->transition_delay_ms,
        .expiry_sweep_ms = options->ttl_sweep_s * 1000,
        .collection_bytes_max = options->item_collection_mb * MEGABYTE,
        .eventual_ms = options->eventual_ms,
        .partition_count = (uint32_t)options->partitions,
        .partition_bytes_max = options->partition_kb * 1024,
        .throughput = options->throughput,
        .backup_directory = backup_directory(server, arena),
        .bucket_root = options->s3_root,
    };
    TRY(db_open(arena, &db_options, &server->db));
    if (!options->in_memory)
        warn_of_one_disk(arena, options->data, db_options.backup_directory);
    return NULL;
}

static error open_http(struct server *server, struct arena *arena)
{
    const struct options *options = server->options;
    struct http_options http_options = {
        .host = arena_format(arena, "%.*s", SLICE_ARGS(options->host)).data,
        .port = server->port,
        .loop_count = server->thread_count,
        .connections_max = connections_possible(options->connections_max),
        .budget = &server->request_budget,
        .idle_timeout_ms = IDLE_TIMEOUT_MS,
        .head_timeout_ms = HEAD_TIMEOUT_MS,
        .body_timeout_ms = BODY_TIMEOUT_MS,
        .write_timeout_ms = WRITE_TIMEOUT_MS,
        .handler = handle_request,
        .end_turn = handle_end_turn,
        .context = &server->handler,
    };
    return http_server_open(arena, &http_options, &server->http);
}

static struct figures_sources figures_sources_of(const struct server *server)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct figures_sources){
        .counts = server->counts,
        .calls = server->calls,
        .db = server->db,
        .store = server->store,
        .workers = server->workers,
        .readers = server->readers,
        .request_budget = &server->request_budget,
        .queue_budget = &server->queue_budget,
        .memory_bytes_max = (size_t)server->options->memory_mb * MEGABYTE,
        .loop_count = server->thread_count,
        .started_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
    };
}

static void open_middle(struct server *server, struct arena *arena)
{
    const struct options *options = server->options;
    unsigned crew = server->thread_count < 2 ? 2 : server->thread_count;
    server->workers = workers_open(crew, 0);
    server->readers = workers_open(crew, READERS_NICENESS);
    server->counts = counts_new(server->thread_count);
    struct calls_options calls_options = {.db = server->db,
                                          .counts = server->counts,
                                          .store = server->store,
                                          .workers = server->workers,
                                          .readers = server->readers,
                                          .budget = &server->request_budget,
                                          .loop_count = server->thread_count,
                                          .slow_request_us =
                                              (uint64_t)options->slow_request_ms * 1000};
    server->calls = calls_new(&calls_options);
    db_hear_clients(server->db, (struct db_clients){count_requests, server});
    const struct chore house = {keep_house, server, HOUSEKEEPING_MS, 0};
    const struct chore builds = {backfill, server, HOUSEKEEPING_MS, BACKFILL_NICENESS};
    const struct chore splits = {split, server, HOUSEKEEPING_MS, BACKFILL_NICENESS};
    const struct chore sweeps = {expire, server, HOUSEKEEPING_MS, BACKFILL_NICENESS};
    const struct chore archives = {archive, server, HOUSEKEEPING_MS, BACKFILL_NICENESS};
    const struct chore exports = {export, server, HOUSEKEEPING_MS, BACKFILL_NICENESS};
    const struct chore imports = {import, server, HOUSEKEEPING_MS, BACKFILL_NICENESS};
    const struct chore pace = {keep_pace, server, DELAY_STEP_MS, 0};
    const struct chore view = {keep_view, server, db_view_period_ms(server->db), 0};
    server->housekeeper = housekeeper_open(&house);
    server->backfiller = housekeeper_open(&builds);
    server->sweeper = housekeeper_open(&sweeps);
    server->splitter = housekeeper_open(&splits);
    server->archivist = housekeeper_open(&archives);
    server->exporter = housekeeper_open(&exports);
    server->importer = housekeeper_open(&imports);
    if (options->faults) {
        server->faults = faults_open(server->calls, &server->clock);
        server->pacer = housekeeper_open(&pace);
    }
    if (view.period_ms > 0 && !server->clock.manual)
        server->view_keeper = housekeeper_open(&view);
    server->handler = (struct handler){
        .calls = server->calls,
        .faults = server->faults,
        .origin_policy = {.loopback_names_only = origin_is_loopback(options->host),
                          .host = options->host,
                          .allowed_origins = options->cors_origin},
        .pages = {.healthy = arena_format(arena, "healthy: dynamodb.%.*s.amazonaws.com ",
                                          SLICE_ARGS(db_region(server->db))),
                  .store = server->store,
                  .metrics = {figures_sources_of(server)},
                  .partitions = {server->db, server->readers}},
    };
    control_init(&server->handler.pages.control, &server->clock, server->faults, server->db,
                 options->admin_open);
}

static void close_middle(struct server *server)
{
    if (server->faults) {
        housekeeper_close(server->pacer);
        faults_close(server->faults);
    }
    if (server->view_keeper)
        housekeeper_close(server->view_keeper);
    db_archive_stop(server->db);
    housekeeper_close(server->exporter);
    db_import_stop(server->db);
    housekeeper_close(server->importer);
    housekeeper_close(server->archivist);
    housekeeper_close(server->splitter);
    housekeeper_close(server->sweeper);
    housekeeper_close(server->backfiller);
    housekeeper_close(server->housekeeper);
    workers_close(server->readers);
    workers_close(server->workers);
    calls_free(server->calls);
    counts_free(server->counts);
    control_fini(&server->handler.pages.control);
}

static void say_ready(const struct server *server)
{
    const struct options *options = server->options;
    log_write(LOG_INFO, "ready",
              "host=%s port=%u data=%s sync=%s signatures=\"not verified yet: any access key "
              "is accepted\"",
              LOG_VALUE(options->host), http_server_port(server->http),
              LOG_VALUE(options->in_memory ? SLICE("memory") : options->data),
              options->sync == STORE_SYNC_ALWAYS     ? "always"
              : options->sync == STORE_SYNC_INTERVAL ? "interval"
                                                     : "never");
    if (!origin_is_loopback(options->host))
        log_write(LOG_WARN, "open_to_others",
                  "reason=\"bound to %.*s: whoever reaches this address can read and change all "
                  "data\"",
                  SLICE_ARGS(options->host));
    if (options->faults)
        log_write(LOG_WARN, "faults_on",
                  "reason=\"PUT /_stator/faults makes requests fail; meant for tests\"");
    if (options->sync != STORE_SYNC_ALWAYS && !options->in_memory)
        log_write(LOG_WARN, "not_durable_at_once",
                  "reason=\"a power cut can take acknowledged writes that were not synced yet\"");
    options_warn();
}

/* The end of the terminal is an end like the others, unless nohup has it ignored. */
static sigset_t end_signals(void)
{
    struct sigaction hangup;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&signals, SIGHUP);
    return signals;
}

/*
 * Until the server is to end, or is to be opened anew: a store that found the disk full at its start
 * takes no writes, and would once there is room.
 */
static void wait_for_end(struct server *server)
{
    const sigset_t signals = end_signals();
    const struct timespec look_again = {.tv_sec = 1};
    for (;;) {
        int signal_number = sigtimedwait(&signals, NULL, &look_again);
        if (signal_number > 0) {
            log_write(LOG_INFO, "stopping", "signal=%d", signal_number);
            return;
        }
        if (store_is_to_be_reopened(server->store)) {
            log_write(LOG_INFO, "reopening", "reason=\"the disk has room again: writes are taken\"");
            server->is_to_be_reopened = true;
            return;
        }
    }
}

/* Before any thread starts, so that all of them leave the signals to wait_for_end. */
static void block_signals(void)
{
    const sigset_t signals = end_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static error serve_http(struct server *server, struct arena *arena)
{
    open_middle(server, arena);
    error failure = open_http(server, arena);
    if (!failure) {
        say_ready(server);
        server->port = http_server_port(server->http);
        wait_for_end(server);
        if (server->faults)
            faults_end_delays(server->faults);
        if (!http_server_close(server->http, GRACE_MS)) {
            /* Requests are still at work on parts that could not be taken from under them. What
               was acknowledged is safe as it is. */
            log_write(LOG_WARN, "stopped", "reason=\"some requests took longer than %d s\"",
                      GRACE_MS / 1000);
            _exit(0);
        }
    }
    close_middle(server);
    return failure;
}

/* From opening the data to closing it. The port goes in, and comes out as the one that it was. */
static error serve_once(struct arena *arena, const struct options *options,
                        const struct engines *engines, uint16_t *port, bool *is_to_be_reopened)
{
    size_t memory_bytes = (size_t)options->memory_mb * MEGABYTE;
    struct server server = {
        .options = options,
        .port = *port,
        .thread_count = options->threads > 0 ? (unsigned)options->threads : core_count(),
        .request_budget = {.max_bytes = memory_bytes / 4},
        .queue_budget = {.max_bytes = memory_bytes / 16},
        .resident = {.bytes_max = memory_bytes},
    };
    clock_init(&server.clock, options->clock == CLOCK_KIND_MANUAL);
    TRY(open_store(&server, arena, engines));
    error failure = open_db(&server, arena);
    if (!failure) {
        failure = serve_http(&server, arena);
        db_close(server.db);
    }
    close_store(&server);
    *port = server.port;
    *is_to_be_reopened = server.is_to_be_reopened;
    return failure;
}

error serve(struct arena *arena, const struct options *options, const struct engines *engines)
{
    log_set_level(options->log_level);
    block_signals();
    uint16_t port = (uint16_t)options->port;
    bool again = true;
    while (again) {
        again = false;
        TRY(serve_once(arena, options, engines, &port, &again));
    }
    log_write(LOG_INFO, "stopped", "%s", "");
    return NULL;
}
