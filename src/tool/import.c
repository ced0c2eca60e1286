/*
 * stator import: the items of the files in a directory, put into a table of a running server.
 *
 * The files are those of an export or of anybody else: DynamoDB JSON, Ion or CSV, plain or
 * compressed. What is no item is told with file and line, and the rest goes on, as ImportTable does
 * it; but the table must be there, and items with the keys of others replace them.
 */
#include "base/option.h"
#include "exchange/objects.h"
#include "item/item_json.h"
#include "item/key.h"
#include "tool/call.h"
#include "tool/import_files.h"
#include "tool/puts.h"
#include "tool/tool.h"
#include "json/reader.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* ---- what is said ---- */

enum format_word { FORMAT_BY_NAME, FORMAT_JSON, FORMAT_ION, FORMAT_CSV };
static const char *const format_words[] = {"by-name", "json", "ion", "csv", NULL};

struct import_options {
    struct call_options server;
    enum format_word format;
    slice delimiter;
};

static const struct option options[] = {
    CALL_OPTIONS(struct import_options, server),
    {SLICE("format"), "by-name|json|ion|csv", "by-name", OPTION_WORD, 0, 0,
     "Format of the files; by-name goes by .ion and .csv, else it is DynamoDB JSON. What ends in "
     ".gz or .zst is compressed.",
     offsetof(struct import_options, format), format_words},
    {SLICE("delimiter"), "C", ",", OPTION_TEXT, 0, 0, "What stands between two columns of CSV.",
     offsetof(struct import_options, delimiter), NULL},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static const struct option_set set = {.command = "stator import",
                                      .arguments = "DIR TABLE",
                                      .argument_count = 2,
                                      .options = options,
                                      .count = OPTION_COUNT};

/* ---- an import ---- */

enum { ERRORS_TOLD_MAX = 100, KEYS_MAX = 128, PROGRESS_SECONDS = 5 };

struct importing {
    struct arena *arena;
    const struct import_options *said;
    slice table_name;
    struct key_schema schema;
    struct csv_key keys[KEYS_MAX];
    uint32_t key_count;
    struct puts puts;
    uint64_t error_count; /* besides those that the server refused */
    uint64_t errors_told;
    uint32_t file_count;
    uint32_t file_index;
    time_t told_at;
};

static void tell_error(struct importing *importing, slice why)
{
    if (importing->errors_told++ < ERRORS_TOLD_MAX)
        fprintf(stderr, "stator import: %.*s\n", SLICE_ARGS(why));
}

static void tell_refused(void *context, slice place, slice why)
{
    SCOPED_ARENA(scratch);
    tell_error(context, arena_format(&scratch, "%.*s: %.*s", SLICE_ARGS(place), SLICE_ARGS(why)));
}

static void tell_progress(struct importing *importing)
{
    time_t now = time(NULL);
    if (now - importing->told_at < PROGRESS_SECONDS)
        return;
    importing->told_at = now;
    fprintf(stderr, "stator import: %llu items put, file %u of %u\n",
            (unsigned long long)importing->puts.put_count, importing->file_index + 1,
            importing->file_count);
}

/* ---- the table ---- */

/* Walks to a member of an object; false when there is none. */
static bool find_member(struct json_reader *object, slice wanted)
{
    slice name;
    if (json_peek(object) != JSON_OBJECT)
        return false;
    json_object_begin(object);
    while (json_object_next(object, &name)) {
        if (slice_equal(name, wanted))
            return true;
        json_skip(object);
    }
    return false;
}

/* The two strings of an element of AttributeDefinitions or KeySchema. */
static bool read_pair(struct json_reader *reader, slice *attribute, slice *second)
{
    slice name;
    *attribute = *second = SLICE_NONE;
    if (json_peek(reader) != JSON_OBJECT)
        return false;
    json_object_begin(reader);
    while (json_object_next(reader, &name)) {
        if (json_peek(reader) != JSON_STRING)
            return false;
        slice text = json_read_string(reader);
        *(slice_equal(name, SLICE("AttributeName")) ? attribute : second) = text;
    }
    return attribute->size > 0 && second->size > 0;
}

static bool read_definitions(struct importing *importing, struct json_reader reader)
{
    if (!find_member(&reader, SLICE("AttributeDefinitions")) || json_peek(&reader) != JSON_ARRAY)
        return false;
    json_array_begin(&reader);
    while (json_array_next(&reader)) {
        struct csv_key key;
        if (importing->key_count == KEYS_MAX || !read_pair(&reader, &key.name, &key.type))
            return false;
        importing->keys[importing->key_count++] = key;
    }
    return true;
}

static bool type_of(const struct importing *importing, slice name, enum value_type *type)
{
    for (uint32_t i = 0; i < importing->key_count; i++) {
        if (slice_equal(importing->keys[i].name, name))
            return value_type_parse(importing->keys[i].type, type) &&
                   value_type_is_scalar_key(*type);
    }
    return false;
}

static bool read_keys(struct importing *importing, struct json_reader reader)
{
    struct key_schema *schema = &importing->schema;
    if (!find_member(&reader, SLICE("KeySchema")) || json_peek(&reader) != JSON_ARRAY)
        return false;
    json_array_begin(&reader);
    while (json_array_next(&reader)) {
        slice name, kind;
        if (!read_pair(&reader, &name, &kind))
            return false;
        bool is_range = slice_equal(kind, SLICE("RANGE"));
        struct key_attribute *attribute = is_range ? &schema->range : &schema->hash;
        attribute->name = name;
        schema->has_range = schema->has_range || is_range;
        if (!type_of(importing, name, &attribute->type))
            return false;
    }
    return schema->hash.name.size > 0;
}

static error no_table(const struct importing *importing)
{
    const struct import_options *said = importing->said;
    return fail(importing->arena, ERROR_RESOURCE_NOT_FOUND,
                "there is no table %.*s to put items into. Make it first, with the keys of the "
                "items:\naws dynamodb create-table --endpoint-url http://%.*s:%lld --table-name "
                "%.*s \\\n    --attribute-definitions AttributeName=pk,AttributeType=S \\\n    "
                "--key-schema AttributeName=pk,KeyType=HASH --billing-mode PAY_PER_REQUEST",
                SLICE_ARGS(importing->table_name), SLICE_ARGS(said->server.host),
                (long long)said->server.port,
                SLICE_ARGS(importing->table_name));
}

static error describe_table(struct importing *importing)
{
    struct json_reader reader;
    slice description;
    error failure = call_describe(importing->puts.client, importing->arena, importing->table_name,
                                  &description);
    if (failure)
        return failure->kind == ERROR_RESOURCE_NOT_FOUND ? no_table(importing) : failure;
    json_reader_init(&reader, importing->arena, description);
    return read_definitions(importing, reader) && read_keys(importing, reader)
               ? NULL
               : FAILURE(ERROR_SERVICE_UNAVAILABLE,
                         "the server describes the table in a way that is not understood");
}

/* ---- files ---- */

static error take_item(struct importing *importing, struct arena *arena, slice json, slice place)
{
    struct json_reader reader;
    struct item_input input = {.present = false};
    json_reader_init(&reader, arena, json);
    error refused = item_read_json(&reader, arena, VALUE_LAYER_CURRENT_BARE, &input);
    if (!refused)
        refused = input.invalid;
    if (!refused)
        refused = key_check_item(arena, &importing->schema, input.item);
    if (refused) {
        importing->error_count++;
        tell_refused(importing, place, refused->message);
        return NULL;
    }
    struct put put = {json, key_of_item(arena, &importing->schema, input.item), place};
    return puts_add(&importing->puts, importing->arena, &put);
}

static error take_items(struct importing *importing, struct item_reader *reader, slice name)
{
    bool more = true;
    while (more) {
        SCOPED_ARENA(arena);
        slice json;
        error damage = item_reader_next(reader, &arena, &json);
        more = !damage && json.size > 0;
        if (damage) {
            importing->error_count++;
            tell_error(importing, damage->message);
        } else if (more) {
            slice place = arena_format(&arena, "%.*s: line %llu", SLICE_ARGS(name),
                                       (unsigned long long)item_reader_line(reader));
            TRY(take_item(importing, &arena, json, place));
        }
        tell_progress(importing);
    }
    return NULL;
}

static error take_file(struct importing *importing, int folder, slice name)
{
    static const enum exchange_format formats[] = {
        [FORMAT_JSON] = EXCHANGE_DYNAMODB_JSON,
        [FORMAT_ION] = EXCHANGE_ION,
        [FORMAT_CSV] = EXCHANGE_CSV,
    };
    SCOPED_ARENA(arena);
    int descriptor;
    struct item_reader_options reading = {.delimiter = importing->said->delimiter.data[0],
                                          .keys = importing->keys,
                                          .key_count = importing->key_count};
    import_file_kind(name, &reading.format, &reading.compression);
    if (importing->said->format != FORMAT_BY_NAME)
        reading.format = formats[importing->said->format];
    error damage = objects_open(&arena, folder, name, &descriptor);
    if (damage) {
        importing->error_count++;
        tell_error(importing, damage->message);
        return NULL;
    }
    return take_items(importing, item_reader_open(&arena, descriptor, name, &reading), name);
}

static error take_files(struct importing *importing, int folder)
{
    const slice *listed;
    uint32_t count;
    TRY(objects_list(importing->arena, folder, SLICE_NONE, &listed, &count));
    slice *names = arena_new_array(importing->arena, slice, count);
    if (count > 0)
        memcpy(names, listed, count * sizeof *names);
    importing->file_count = import_choose_files(names, count);
    if (importing->file_count == 0)
        return FAILURE(ERROR_USAGE, "the directory has no files to import");
    for (uint32_t i = 0; i < importing->file_count; i++) {
        importing->file_index = i;
        TRY(take_file(importing, folder, names[i]));
    }
    return puts_send(&importing->puts, importing->arena);
}

static error run(struct importing *importing, const char *directory)
{
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return fail(importing->arena, ERROR_USAGE, "%s cannot be read: %s", directory,
                    strerror(errno));
    error failure = describe_table(importing);
    if (!failure)
        failure = take_files(importing, folder);
    close(folder);
    return failure;
}

static error tell_end(const struct importing *importing)
{
    uint64_t errors = importing->error_count + importing->puts.refused_count;
    printf("%.*s: %llu items put from %u files, %llu errors\n", SLICE_ARGS(importing->table_name),
           (unsigned long long)importing->puts.put_count, importing->file_count,
           (unsigned long long)errors);
    return errors == 0 ? NULL
                       : fail(importing->arena, ERROR_CORRUPT,
                              "%llu errors: what they say was not put, the rest is there",
                              (unsigned long long)errors);
}

error import_run(struct arena *arena, int word_count, char **words)
{
    struct import_options said;
    struct option_arguments arguments;
    TRY(options_read(arena, &set, word_count, words, &said, &arguments, NULL));
    if (arguments.asks_for_help) {
        printf("%.*s", SLICE_ARGS(option_help(arena, &set,
                                              "Puts the items of the files in a directory, an "
                                              "export for example, into a table\nof a running "
                                              "server.\n")));
        return NULL;
    }
    if (said.delimiter.size != 1)
        return FAILURE(ERROR_USAGE, "--delimiter takes one character");
    struct importing importing = {.arena = arena,
                                  .said = &said,
                                  .table_name = slice_of_string(arguments.arguments[1]),
                                  .told_at = time(NULL)};
    importing.puts = (struct puts){.client = call_client(arena, &said.server),
                                   .table = importing.table_name,
                                   .refused = tell_refused,
                                   .context = &importing};
    puts_init(&importing.puts);
    error failure = run(&importing, arguments.arguments[0]);
    puts_fini(&importing.puts);
    return failure ? failure : tell_end(&importing);
}
