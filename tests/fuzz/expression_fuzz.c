/*
 * Every expression language, parsed and then evaluated on fixed items. A byte picks the language,
 * the rest is the text; the placeholders #a…#d and :s, :n, … are given.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/walk.h"

#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/legacy.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "item/item_json.h"

static const char *const ITEMS[] = {
    "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"}}",
    "{\"pk\":{\"S\":\"p\"},\"sk\":{\"N\":\"7\"},\"a\":{\"M\":{\"b\":{\"L\":[{\"N\":\"1\"},{\"S\":"
    "\"x\"},{\"M\":{\"c\":{\"B\":\"AAE=\"}}}]},\"d\":{\"S\":\"text\"}}},\"b\":{\"L\":[{\"L\":[{"
    "\"NULL\":true}]},{\"BOOL\":false}]},\"c\":{\"N\":\"12.5\"},\"d\":{\"S\":\"hello\"},\"n\":{"
    "\"NS\":[\"1\",\"2\",\"3\"]},\"s\":{\"SS\":[\"x\",\"y\"]},\"t\":{\"BS\":[\"AA==\"]}}",
};
enum { ITEM_COUNT = sizeof ITEMS / sizeof *ITEMS };

static const struct {
    slice placeholder;
    const char *json;
} VALUES[] = {
    {SLICE(":s"), "{\"S\":\"hello\"}"},
    {SLICE(":e"), "{\"S\":\"\"}"},
    {SLICE(":n"), "{\"N\":\"12.5\"}"},
    {SLICE(":m"), "{\"N\":\"9.9E+125\"}"},
    {SLICE(":b"), "{\"B\":\"AAE=\"}"},
    {SLICE(":t"), "{\"BOOL\":true}"},
    {SLICE(":z"), "{\"NULL\":true}"},
    {SLICE(":l"), "{\"L\":[{\"N\":\"1\"},{\"S\":\"x\"}]}"},
    {SLICE(":o"), "{\"M\":{\"k\":{\"N\":\"1\"}}}"},
    {SLICE(":ss"), "{\"SS\":[\"x\",\"z\"]}"},
    {SLICE(":ns"), "{\"NS\":[\"2\",\"4\"]}"},
    {SLICE(":bs"), "{\"BS\":[\"AA==\",\"AQ==\"]}"},
    {SLICE(":y"), "{\"S\":\"N\"}"},
};
enum { VALUE_COUNT = sizeof VALUES / sizeof *VALUES };

static const struct placeholder_name NAMES[] = {
    {SLICE("#a"), SLICE("a"), false},
    {SLICE("#b"), SLICE("b"), false},
    {SLICE("#c"), SLICE("a.b[0]"), false},
    {SLICE("#d"), SLICE("status"), false},
};
enum { NAME_COUNT = sizeof NAMES / sizeof *NAMES };

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
    error failed = item_read_json(&reader, arena, VALUE_LAYER_CURRENT, &input);
    assert_that(!failed && !input.invalid);
    return input.item;
}

static struct value_input value_of(struct arena *arena, uint32_t index)
{
    struct json_reader reader = reader_of(arena, VALUES[index % VALUE_COUNT].json);
    struct value_input input;
    error failed = value_read_json(&reader, arena, VALUE_LAYER_CURRENT, &input);
    assert_that(!failed && !input.invalid);
    return input;
}

static struct placeholders placeholders_of(struct arena *arena)
{
    struct placeholders placeholders = {
        .names_present = true,
        .values_present = true,
        .names = arena_new_array(arena, struct placeholder_name, NAME_COUNT),
        .values = arena_new_array(arena, struct placeholder_value, VALUE_COUNT),
        .name_count = NAME_COUNT,
        .value_count = VALUE_COUNT,
    };
    memcpy(placeholders.names, NAMES, sizeof NAMES);
    for (uint32_t i = 0; i < VALUE_COUNT; i++)
        placeholders.values[i] = (struct placeholder_value){.placeholder = VALUES[i].placeholder,
                                                            .input = value_of(arena, i)};
    return placeholders;
}

static const struct key_schema SCHEMA = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};

/* What a client is told is a validation error, nothing else. */
static bool refused(error failed)
{
    if (!failed)
        return false;
    assert_that(failed->kind == ERROR_VALIDATION);
    assert_that(failed->message.size > 0);
    return true;
}

static void evaluate(struct arena *arena, const struct condition *condition)
{
    condition_holds(condition, ITEM_ABSENT, arena);
    for (int i = 0; i < ITEM_COUNT; i++) {
        slice item = item_of(arena, ITEMS[i]);
        bool holds = condition_holds(condition, item, arena);
        assert_that(holds == condition_holds(condition, item, arena));
    }
    slice attribute;
    if (condition && condition_names_key(condition, &SCHEMA, &attribute))
        assert_that(condition_names_attribute(condition, attribute));
}

static void fuzz_condition(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct condition *condition;
    if (refused(
            condition_parse(arena, SLICE("ConditionExpression"), text, &placeholders, &condition)))
        return;
    evaluate(arena, condition);
    refused(placeholders_check_used(arena, &placeholders));
}

static void fuzz_projection(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct projection *projection;
    if (refused(projection_parse(arena, text, &placeholders, &projection)))
        return;
    for (int i = 0; i < ITEM_COUNT; i++) {
        slice left = projection_apply(projection, item_of(arena, ITEMS[i]), arena);
        error failed = item_check(left);
        assert_that(!failed);
        walk_item(arena, left);
    }
}

static void check_key_condition(struct arena *arena, const struct key_condition_clauses *clauses)
{
    struct key_condition condition;
    struct key_parts keys = key_parts_of_schema(&SCHEMA);
    if (refused(key_condition_resolve(arena, clauses, &keys, &condition)))
        return;
    assert_that(value_type_of(condition.hash_values[0]) == VALUE_S);
    if (condition.range_operator != RANGE_ANY)
        assert_that(value_type_of(condition.range_value) == VALUE_N);
}

static void fuzz_key_condition(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct condition *condition;
    const struct key_condition_clauses *clauses;
    if (!refused(key_condition_parse(arena, text, &placeholders, &condition)) &&
        !refused(key_condition_restrict(arena, condition, &clauses)))
        check_key_condition(arena, clauses);
}

static void fuzz_update(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct update *update;
    if (refused(update_parse(arena, text, &placeholders, &update)) ||
        refused(update_check_keys(arena, update, &SCHEMA)))
        return;
    update_creates(update);
    for (int i = 0; i < ITEM_COUNT; i++) {
        slice before = item_of(arena, ITEMS[i]), after;
        if (refused(update_apply(arena, update, before, i > 0, &after)))
            continue;
        error failed = item_check(after);
        assert_that(!failed);
        walk_item(arena, after);
        refused(key_check_item(arena, &SCHEMA, after));
        slice old_touched = update_touched(arena, update, before);
        slice new_touched = update_touched(arena, update, after);
        failed = item_check(old_touched);
        assert_that(!failed);
        failed = item_check(new_touched);
        assert_that(!failed);
    }
}

/* Up to eight entries of four bytes: attribute, operator, which members are given, values. */
static uint32_t legacy_entries(struct arena *arena, slice *input, bool expected,
                               struct legacy_condition *entries)
{
    static const slice attributes[] = {SLICE("pk"), SLICE("sk"), SLICE("a"), SLICE("c"),
                                       SLICE("d"),  SLICE("n"),  SLICE("s"), SLICE("gone")};
    uint32_t count = 0;
    for (; count < 8 && input->size >= 4; count++) {
        struct legacy_condition *entry = &entries[count];
        *entry = (struct legacy_condition){.attribute = attributes[fuzz_byte(input) % 8]};
        uint8_t operator= fuzz_byte(input) % LEGACY_OPERATOR_COUNT;
        entry->comparison_operator = (enum legacy_operator) operator;
        uint8_t given = fuzz_byte(input);
        uint8_t value = fuzz_byte(input);
        if (expected) {
            entry->has_exists = given & 1;
            entry->exists = given & 2;
            entry->has_value = given & 4;
            if (entry->has_value)
                entry->value = value_of(arena, value);
        } else if (entry->comparison_operator == LEGACY_OPERATOR_NONE) {
            entry->comparison_operator = LEGACY_OPERATOR_EQ;
        }
        entry->has_list = given & 8;
        entry->list_count = entry->has_list ? given >> 5 : 0;
        entry->list = arena_new_array(arena, struct value_input, entry->list_count);
        for (uint32_t i = 0; i < entry->list_count; i++)
            entry->list[i] = value_of(arena, value + i * 5u);
    }
    return count;
}

static void fuzz_legacy(struct arena *arena, slice input)
{
    uint8_t steer = fuzz_byte(&input);
    struct legacy_condition entries[8];
    bool expected = steer & 1;
    uint32_t count = legacy_entries(arena, &input, expected, entries);
    const struct condition *condition;
    if (!refused(legacy_conditions_parse(arena, expected ? LEGACY_EXPECTED : LEGACY_FILTER, entries,
                                         count, (enum conditional_operator)((steer >> 1) % 3),
                                         &condition)))
        evaluate(arena, condition);
    const struct key_condition_clauses *clauses;
    if (!expected && !refused(legacy_key_conditions_parse(arena, entries, count, &clauses)))
        check_key_condition(arena, clauses);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice input = slice_of(data, size);
    static void (*const languages[])(struct arena *, slice) = {
        fuzz_condition, fuzz_projection, fuzz_key_condition, fuzz_update, fuzz_legacy};
    uint8_t language = fuzz_byte(&input);
    languages[language % (sizeof languages / sizeof *languages)](&arena, arena_copy(&arena, input));
    return 0;
}
