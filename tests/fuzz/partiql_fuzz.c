/*
 * PartiQL statements, and what becomes of them: the text is the input; question marks find a few
 * parameters. What is understood is evaluated on fixed items, split into reads and projected.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/items.h"

#include "base/limits.h"
#include "partiql/key_reads.h"
#include "partiql/statement.h"
#include "partiql/where_key.h"
#include "json/utf8.h"

static const char *const PARAMETERS[] = {
    "{\"S\":\"p\"}",          "{\"N\":\"7\"}",
    "{\"SS\":[\"x\",\"z\"]}", "{\"M\":{\"pk\":{\"S\":\"p\"}}}",
    "{\"BOOL\":true}",        "{\"L\":[{\"N\":\"1\"}]}",
};
enum { PARAMETER_COUNT = sizeof PARAMETERS / sizeof *PARAMETERS };

/* An item that the condition takes has the key it names, and lies in one of its reads. */
static void check_keys(struct arena *arena, const struct condition *where, slice item, bool holds)
{
    struct where_key found;
    where_key_find(arena, where, &fuzz_schema, true, &found);
    fuzz_check_item(arena, found.key);
    if (holds && found.is_complete && found.contradiction.size == 0)
        assert_that(slice_equal(found.key, key_of_item(arena, &fuzz_schema, item)));

    struct key_parts keys = key_parts_of_schema(&fuzz_schema);
    struct key_reads reads;
    if (fuzz_refused(key_reads_find(arena, where, &keys, &reads)))
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
    if (fuzz_refused(update_check_keys(arena, update, &fuzz_schema)) ||
        fuzz_refused(update_apply(arena, update, before, true, &after)))
        return;
    fuzz_check_item(arena, after);
    fuzz_check_item(arena, update_touched(arena, update, after));
}

static void check_statement(struct arena *arena, const struct statement *statement)
{
    if (statement->kind == STATEMENT_INSERT)
        fuzz_check_item(arena, statement->item);
    assert_that((statement->kind == STATEMENT_UPDATE) == (statement->update != NULL));
    for (uint32_t i = 0; i < FUZZ_ITEM_COUNT; i++) {
        slice item = fuzz_item(arena, i, VALUE_LAYER_OLDER);
        bool holds = condition_holds(statement->where, item, arena);
        check_keys(arena, statement->where, item, holds);
        fuzz_check_item(arena, statement_project(statement, item, arena));
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
    for (int i = 0; i < PARAMETER_COUNT; i++)
        parameters[i] = fuzz_value(&arena, PARAMETERS[i], VALUE_LAYER_OLDER);
    uint32_t marks = 0;
    for (size_t i = 0; i < input.size; i++)
        marks += input.data[i] == '?';
    uint32_t count = marks < PARAMETER_COUNT ? marks : PARAMETER_COUNT;
    const struct statement *statement;
    if (!fuzz_refused(
            statement_parse(&arena, arena_copy(&arena, input), parameters, count, &statement)))
        check_statement(&arena, statement);
    return 0;
}
