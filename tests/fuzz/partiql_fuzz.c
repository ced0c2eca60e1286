/*
 * PartiQL statements, and what becomes of them: the text is the input; question marks find a few
 * parameters. What is understood is evaluated on fixed items, split into reads and projected.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/walk.h"

#include "base/limits.h"
#include "item/item_json.h"
#include "json/utf8.h"
#include "partiql/key_reads.h"
#include "partiql/statement.h"
#include "partiql/where_key.h"

static const char *const ITEMS[] = {
    "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"}}",
    "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"},\"a\":{\"M\":{\"b\":{\"L\":[{\"N\":\"1\"},{\"S\":"
    "\"x\"},{\"M\":{\"c\":{\"B\":\"AAE=\"}}}]},\"d\":{\"S\":\"text\"}}},\"b\":{\"L\":[{\"L\":[{"
    "\"NULL\":true}]},{\"BOOL\":false}]},\"c\":{\"N\":\"12.5\"},\"d\":{\"S\":\"hello\"},\"n\":{"
    "\"NS\":[\"1\",\"2\",\"3\"]},\"s\":{\"SS\":[\"x\",\"y\"]},\"t\":{\"BS\":[\"AA==\"]}}",
};
enum { ITEM_COUNT = sizeof ITEMS / sizeof *ITEMS };

static const char *const PARAMETERS[] = {
    "{\"S\":\"p\"}",          "{\"N\":\"7\"}",
    "{\"SS\":[\"x\",\"z\"]}", "{\"M\":{\"pk\":{\"S\":\"p\"}}}",
    "{\"BOOL\":true}",        "{\"L\":[{\"N\":\"1\"}]}",
};
enum { PARAMETER_COUNT = sizeof PARAMETERS / sizeof *PARAMETERS };

static const struct key_schema SCHEMA = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};

static struct json_reader reader_of(struct arena *arena, const char *json)
{
    slice text = slice_of_string(json);
    assert_that(json_check(text));
    struct json_reader reader;
    json_reader_init(&reader, arena, text);
    return reader;
}

static slice item_of(struct arena *arena, const char *json)
{
    struct json_reader reader = reader_of(arena, json);
    struct item_input input;
    error failed = item_read_json(&reader, arena, VALUE_LAYER_OLDER, &input);
    assert_that(!failed && !input.invalid);
    return input.item;
}

/* What a client is told is a validation error, nothing else. */
static bool refused(error failed)
{
    if (!failed)
        return false;
    assert_that(failed->kind == ERROR_VALIDATION);
    assert_that(failed->message.size > 0);
    return true;
}

static void check_item(struct arena *arena, slice item)
{
    error failed = item_check(item);
    assert_that(!failed);
    walk_item(arena, item);
}

/* An item that the condition takes has the key it names, and lies in one of its reads. */
static void check_keys(struct arena *arena, const struct condition *where, slice item, bool holds)
{
    struct where_key found;
    where_key_find(arena, where, &SCHEMA, true, &found);
    check_item(arena, found.key);
    if (holds && found.is_complete && found.contradiction.size == 0)
        assert_that(slice_equal(found.key, key_of_item(arena, &SCHEMA, item)));

    struct key_parts keys = key_parts_of_schema(&SCHEMA);
    struct key_reads reads;
    if (refused(key_reads_find(arena, where, &keys, &reads)))
        return;
    assert_that(reads.count <= PARTIQL_READS_MAX);
    slice hash_value;
    bool has_hash = item_attribute(item, SLICE("pk"), &hash_value);
    assert_that(has_hash);
    bool covered = !reads.is_keyed;
    for (uint32_t i = 0; i < reads.count; i++)
        covered |= reads.reads[i].condition_count > 0 &&
                   value_equal(reads.reads[i].hash_value, hash_value);
    assert_that(covered || !holds);
}

static void check_update(struct arena *arena, const struct update *update, slice before)
{
    slice after;
    if (refused(update_check_keys(arena, update, &SCHEMA)) ||
        refused(update_apply(arena, update, before, true, &after)))
        return;
    check_item(arena, after);
    check_item(arena, update_touched(arena, update, after));
}

static void check_statement(struct arena *arena, const struct statement *statement)
{
    if (statement->kind == STATEMENT_INSERT)
        check_item(arena, statement->item);
    assert_that((statement->kind == STATEMENT_UPDATE) == (statement->update != NULL));
    for (int i = 0; i < ITEM_COUNT; i++) {
        slice item = item_of(arena, ITEMS[i]);
        bool holds = condition_holds(statement->where, item, arena);
        check_keys(arena, statement->where, item, holds);
        check_item(arena, statement_project(statement, item, arena));
        if (statement->update)
            check_update(arena, statement->update, item);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice input = slice_of(data, size);
    if (input.size > PARTIQL_STATEMENT_BYTES_MAX || !utf8_check(input))
        return 0; /* no request carries it */
    struct value_input parameters[PARAMETER_COUNT];
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        struct json_reader reader = reader_of(&arena, PARAMETERS[i]);
        error failed = value_read_json(&reader, &arena, VALUE_LAYER_OLDER, &parameters[i]);
        assert_that(!failed && !parameters[i].invalid);
    }
    uint32_t marks = 0;
    for (size_t i = 0; i < input.size; i++)
        marks += input.data[i] == '?';
    uint32_t count = marks < PARAMETER_COUNT ? marks : PARAMETER_COUNT;
    const struct statement *statement;
    if (!refused(statement_parse(&arena, arena_copy(&arena, input), parameters, count, &statement)))
        check_statement(&arena, statement);
    return 0;
}
