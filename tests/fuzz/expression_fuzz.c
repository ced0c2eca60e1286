/*
 * Every expression language, parsed and then evaluated on fixed items. A byte picks the language,
 * the rest is the text; the placeholders #a…#d and :s, :n, … are given.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/items.h"

#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/legacy.h"
#include "expr/projection.h"
#include "expr/update.h"

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

static struct value_input value_of(struct arena *arena, uint32_t index)
{
    return fuzz_value(arena, VALUES[index % VALUE_COUNT].json, VALUE_LAYER_CURRENT);
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

static void evaluate(struct arena *arena, const struct condition *condition)
{
    condition_holds(condition, ITEM_ABSENT, arena);
    for (uint32_t i = 0; i < FUZZ_ITEM_COUNT; i++) {
        slice item = fuzz_item(arena, i, VALUE_LAYER_CURRENT);
        bool holds = condition_holds(condition, item, arena);
        assert_that(holds == condition_holds(condition, item, arena));
    }
    slice attribute;
    if (condition && condition_names_key(condition, &fuzz_schema, &attribute))
        assert_that(condition_names_attribute(condition, attribute));
}

static void fuzz_condition(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct condition *condition;
    if (fuzz_refused(
            condition_parse(arena, SLICE("ConditionExpression"), text, &placeholders, &condition)))
        return;
    evaluate(arena, condition);
    fuzz_refused(placeholders_check_used(arena, &placeholders));
}

static void fuzz_projection(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct projection *projection;
    if (fuzz_refused(projection_parse(arena, text, &placeholders, &projection)))
        return;
    for (uint32_t i = 0; i < FUZZ_ITEM_COUNT; i++) {
        slice left = projection_apply(projection, fuzz_item(arena, i, VALUE_LAYER_CURRENT), arena);
        fuzz_check_item(arena, left);
    }
}

static void check_key_condition(struct arena *arena, const struct key_condition_clauses *clauses)
{
    struct key_condition condition;
    struct key_parts keys = key_parts_of_schema(&fuzz_schema);
    if (fuzz_refused(key_condition_resolve(arena, clauses, &keys, &condition)))
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
    if (!fuzz_refused(key_condition_parse(arena, text, &placeholders, &condition)) &&
        !fuzz_refused(key_condition_restrict(arena, condition, &clauses)))
        check_key_condition(arena, clauses);
}

static void fuzz_update(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena);
    const struct update *update;
    if (fuzz_refused(update_parse(arena, text, &placeholders, &update)) ||
        fuzz_refused(update_check_keys(arena, update, &fuzz_schema)))
        return;
    update_creates(update);
    for (uint32_t i = 0; i < FUZZ_ITEM_COUNT; i++) {
        slice before = fuzz_item(arena, i, VALUE_LAYER_CURRENT), after;
        if (fuzz_refused(update_apply(arena, update, before, i > 0, &after)))
            continue;
        fuzz_check_item(arena, after);
        fuzz_refused(key_check_item(arena, &fuzz_schema, after));
        fuzz_check_item(arena, update_touched(arena, update, before));
        fuzz_check_item(arena, update_touched(arena, update, after));
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
    if (!fuzz_refused(legacy_conditions_parse(
            arena, expected ? LEGACY_EXPECTED : LEGACY_FILTER, entries, count,
            (enum conditional_operator)((steer >> 1) % 3), &condition)))
        evaluate(arena, condition);
    const struct key_condition_clauses *clauses;
    if (!expected && !fuzz_refused(legacy_key_conditions_parse(arena, entries, count, &clauses)))
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
