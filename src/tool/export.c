/*
 * stator export: the items of a table of a running server, in files as the service's exports have
 * them. Read by parallel Scans, so each item is as it was when its page was read: what is exact to a
 * moment is ExportTableToPointInTime.
 *
 * A refusal that passes is asked again; whatever else goes wrong ends the export, and without
 * manifest-summary.json there is none.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "base/option.h"
#include "base/random.h"
#include "exchange/bucket.h"
#include "exchange/export_files.h"
#include "item/item_json.h"
#include "tool/call.h"
#include "tool/tool.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SEGMENTS_MAX = 64, PROGRESS_MS = 1000 };

struct export_options {
    struct call_options server;
    int format; /* counts export_format_words */
    int64_t segments;
};

static const char *const format_words[] = {"json", "ion", NULL};

static const struct option options[] = {
    CALL_OPTIONS(struct export_options, server),
    {SLICE("format"), "json|ion", "json", OPTION_WORD, 0, 0, "What the files hold.",
     offsetof(struct export_options, format), format_words},
    {SLICE("segments"), "N", "4", OPTION_INTEGER, 1, SEGMENTS_MAX,
     "Scans at a time, each with a file of its own.", offsetof(struct export_options, segments),
     NULL},
};

static const struct option_set set = {.command = "stator export",
                                      .arguments = "TABLE DIR",
                                      .argument_count = 2,
                                      .options = options,
                                      .count = sizeof options / sizeof *options};

struct exporting {
    const struct export_options *options;
    slice table_name;
    struct export_files *files;
    _Atomic int64_t item_count;
    _Atomic bool stops;      /* one segment has failed, or all are through */
    pthread_mutex_t mutex;   /* guards what follows */
    pthread_cond_t is_ended; /* a segment */
    uint32_t running;
    struct arena arena; /* of the failure */
    error failure;      /* the first one */
};

struct segment {
    struct exporting *exporting;
    int64_t number;
    pthread_t thread;
};

/* ---- a page ---- */

static error write_items(struct exporting *exporting, struct export_data *data,
                         struct arena *arena, struct json_reader *reader)
{
    json_array_begin(reader);
    while (json_array_next(reader)) {
        struct item_input input;
        TRY(item_read_json(reader, arena, VALUE_LAYER_CURRENT, &input));
        if (input.invalid || !input.present)
            return input.invalid ? input.invalid
                                 : FAILURE(ERROR_VALIDATION, "the server's answer has no item");
        struct export_record record = {.item = input.item};
        TRY(export_data_add(data, arena, &record));
        atomic_fetch_add(&exporting->item_count, 1);
    }
    return NULL;
}

/* `start_key`: spelled, empty behind the last page. */
static error write_page(struct exporting *exporting, struct export_data *data,
                        struct arena *arena, slice body, slice *start_key)
{
    struct json_reader reader;
    slice name;
    *start_key = SLICE_NONE;
    json_reader_init(&reader, arena, body);
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        if (slice_equal(name, SLICE("Items")) && json_peek(&reader) == JSON_ARRAY)
            TRY(write_items(exporting, data, arena, &reader));
        else if (slice_equal(name, SLICE("LastEvaluatedKey")))
            *start_key = json_raw(&reader);
        else
            json_skip(&reader);
    }
    return NULL;
}

static slice scan_body(struct arena *arena, const struct segment *segment, slice start_key)
{
    struct json_writer out;
    json_writer_init(&out, arena);
    json_write_object_begin(&out);
    json_write_name(&out, SLICE("TableName"));
    json_write_string(&out, segment->exporting->table_name);
    json_write_name(&out, SLICE("ConsistentRead"));
    json_write_bool(&out, true);
    json_write_name(&out, SLICE("Segment"));
    json_write_integer(&out, segment->number);
    json_write_name(&out, SLICE("TotalSegments"));
    json_write_integer(&out, segment->exporting->options->segments);
    if (start_key.size > 0) {
        json_write_name(&out, SLICE("ExclusiveStartKey"));
        json_write_raw(&out, start_key);
    }
    json_write_object_end(&out);
    return json_writer_text(&out);
}

/* ---- a segment ---- */

static error scan_segment(struct segment *segment, struct client *client, struct export_data *data,
                          struct arena *failures)
{
    SCOPED_ARENA(of_key);
    slice start_key = SLICE_NONE;
    do {
        SCOPED_ARENA(arena);
        slice body;
        error failure = call_api(client, &arena, SLICE("Scan"),
                                 scan_body(&arena, segment, start_key), &body);
        if (!failure)
            failure = write_page(segment->exporting, data, &arena, body, &start_key);
        if (failure)
            return fail(failures, failure->kind, "%.*s", SLICE_ARGS(failure->message));
        slice kept = arena_copy(&arena, start_key);
        arena_reset(&of_key);
        start_key = arena_copy(&of_key, kept);
    } while (start_key.size > 0 && !atomic_load(&segment->exporting->stops));
    return NULL;
}

static error export_segment(struct segment *segment, struct arena *arena)
{
    struct exporting *exporting = segment->exporting;
    struct client *client = call_client(arena, &exporting->options->server);
    struct export_data *data;
    TRY(export_data_begin(exporting->files, arena, &data));
    error failure = scan_segment(segment, client, data, arena);
    if (!failure)
        return export_data_end(data, arena);
    export_data_abandon(data);
    return failure;
}

static void *run_segment(void *context)
{
    SCOPED_ARENA(arena);
    struct segment *segment = context;
    struct exporting *exporting = segment->exporting;
    error failure = export_segment(segment, &arena);
    pthread_mutex_lock(&exporting->mutex);
    if (failure && !exporting->failure)
        exporting->failure =
            fail(&exporting->arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    if (failure)
        atomic_store(&exporting->stops, true);
    exporting->running--;
    pthread_cond_signal(&exporting->is_ended);
    pthread_mutex_unlock(&exporting->mutex);
    return NULL;
}

/* ---- all of them ---- */

static void say_progress(struct exporting *exporting, uint64_t begun_us, int64_t expected)
{
    int64_t count = atomic_load(&exporting->item_count);
    double seconds = (double)(clock_monotonic_us() - begun_us) / 1e6;
    fprintf(stderr, "items=%lld of_about=%lld seconds=%.0f items_per_second=%.0f\n",
            (long long)count, (long long)expected, seconds,
            seconds > 0 ? (double)count / seconds : 0);
}

/* Until every segment has ended, with a line now and then. */
static void wait_for_segments(struct exporting *exporting, int64_t expected)
{
    uint64_t begun_us = clock_monotonic_us();
    pthread_mutex_lock(&exporting->mutex);
    while (exporting->running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += PROGRESS_MS / 1000;
        if (pthread_cond_timedwait(&exporting->is_ended, &exporting->mutex, &until) == ETIMEDOUT)
            say_progress(exporting, begun_us, expected);
    }
    pthread_mutex_unlock(&exporting->mutex);
    say_progress(exporting, begun_us, expected);
}

static error scan_all(struct exporting *exporting, struct arena *arena, int64_t expected)
{
    struct segment segments[SEGMENTS_MAX];
    int64_t count = exporting->options->segments;
    exporting->running = (uint32_t)count;
    int64_t begun = 0;
    for (; begun < count; begun++) {
        segments[begun] = (struct segment){.exporting = exporting, .number = begun};
        if (pthread_create(&segments[begun].thread, NULL, run_segment, &segments[begun]) != 0)
            break;
    }
    if (begun < count) {
        pthread_mutex_lock(&exporting->mutex);
        exporting->running -= (uint32_t)(count - begun);
        exporting->failure = FAILURE(ERROR_STORAGE, "no more threads can be started: say fewer "
                                                    "--segments");
        pthread_mutex_unlock(&exporting->mutex);
        atomic_store(&exporting->stops, true);
    }
    wait_for_segments(exporting, expected);
    for (int64_t i = 0; i < begun; i++)
        pthread_join(segments[i].thread, NULL);
    error failure = exporting->failure;
    return failure ? fail(arena, failure->kind, "%.*s", SLICE_ARGS(failure->message)) : NULL;
}

/* ---- where it goes ---- */

static bool is_empty(int folder)
{
    DIR *directory = fdopendir(dup(folder));
    uint32_t count = 0;
    if (!directory)
        return false;
    while (count <= 2 && readdir(directory))
        count++;
    closedir(directory);
    return count <= 2; /* "." and ".." */
}

/* A new folder, or an empty one: nothing that is there is mixed with an export. */
static error open_folder(struct arena *arena, const char *path, int *folder)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return bucket_failure(arena, "make", slice_of_string(path));
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        return bucket_failure(arena, "open", slice_of_string(path));
    if (is_empty(*folder))
        return NULL;
    close(*folder);
    return fail(arena, ERROR_USAGE, "%s is not empty: name a new folder, or remove what an export "
                                    "that was broken off has left there",
                path);
}

static struct export_labels labels_of(struct arena *arena, const struct export_options *said,
                                      const struct call_table *table)
{
    struct clock clock;
    struct random random;
    clock_init(&clock, false);
    random_init(&random, random_seed());
    int64_t now_ms = clock_now_ms(&clock);
    slice id = arena_format(arena, "%014lld-%08x", (long long)now_ms,
                            (unsigned)random_below(&random, UINT64_C(1) << 32));
    return (struct export_labels){
        .id = id,
        .arn = arena_format(arena, "%.*s/export/%.*s", SLICE_ARGS(table->arn), SLICE_ARGS(id)),
        .table_arn = table->arn,
        .table_id = table->id,
        .format = said->format == 0 ? EXPORT_JSON : EXPORT_ION,
        .start_ms = now_ms,
        .time_ms = now_ms,
    };
}

static error export_to(struct arena *arena, const struct export_options *said,
                       const struct call_table *table, int folder)
{
    struct export_labels labels = labels_of(arena, said, table);
    struct exporting exporting = {.options = said, .table_name = table->name};
    struct export_counts counts;
    struct clock clock;
    clock_init(&clock, false);
    TRY(export_files_begin(arena, folder, &labels, &exporting.files));
    pthread_mutex_init(&exporting.mutex, NULL);
    pthread_cond_init(&exporting.is_ended, NULL);
    arena_init(&exporting.arena, NULL);
    error failure = scan_all(&exporting, arena, table->item_count);
    arena_fini(&exporting.arena);
    pthread_cond_destroy(&exporting.is_ended);
    pthread_mutex_destroy(&exporting.mutex);
    if (failure) {
        export_files_abandon(exporting.files);
        return failure;
    }
    TRY(export_files_finish(exporting.files, arena, clock_now_ms(&clock), &counts));
    printf("items=%lld bytes=%lld files=%u manifest=%.*s\n", (long long)counts.item_count,
           (long long)counts.item_bytes, counts.file_count,
           SLICE_ARGS(export_key(arena, &labels, SLICE("manifest-summary.json"))));
    return NULL;
}

error export_run(struct arena *arena, int word_count, char **words)
{
    struct export_options said;
    struct option_arguments arguments;
    struct call_table table;
    int folder = -1;
    TRY(options_read(arena, &set, word_count, words, &said, &arguments, NULL));
    if (arguments.asks_for_help) {
        printf("%.*s", SLICE_ARGS(option_help(arena, &set,
                                              "The items of a table of a running server, in files "
                                              "as exports to S3 have them.\n")));
        return NULL;
    }
    TRY(call_describe_table(call_client(arena, &said.server), arena,
                            slice_of_string(arguments.arguments[0]), &table));
    TRY(open_folder(arena, arguments.arguments[1], &folder));
    error failure = export_to(arena, &said, &table, folder);
    close(folder);
    return failure;
}
