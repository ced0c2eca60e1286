#include "base/limits.h"
#include "expr/legacy.h"
#include "tests/unit/expr/fixture.h"

struct legacy_case {
    enum legacy_action action;
    const char *value; /* NULL: none */
    const char *before;
    const char *after;
};

static const struct legacy_case LEGACY[] = {
    {LEGACY_ACTION_NONE, "{\"S\":\"s\"}", "{}", "{\"a.b\":{\"S\":\"s\"}}"},
    {LEGACY_ACTION_PUT, "{\"S\":\"s\"}", "{\"a.b\":{\"N\":\"1\"}}", "{\"a.b\":{\"S\":\"s\"}}"},
    {LEGACY_ACTION_PUT, "{\"M\":{}}", "{}", "{\"a.b\":{\"M\":{}}}"},
    {LEGACY_ACTION_DELETE, NULL, "{\"a.b\":{\"N\":\"1\"}}", "{}"},
    {LEGACY_ACTION_DELETE, NULL, "{}", "{}"},
    {LEGACY_ACTION_DELETE, "{\"SS\":[\"a\"]}", "{\"a.b\":{\"SS\":[\"a\",\"b\"]}}",
     "{\"a.b\":{\"SS\":[\"b\"]}}"},
    {LEGACY_ACTION_DELETE, "{\"NS\":[\"1\"]}", "{\"a.b\":{\"NS\":[\"1.0\"]}}", "{}"},
    {LEGACY_ACTION_DELETE, "{\"BS\":[\"AA==\"]}", "{}", "{}"},
    {LEGACY_ACTION_ADD, "{\"N\":\"2\"}", "{}", "{\"a.b\":{\"N\":\"2\"}}"},
    {LEGACY_ACTION_ADD, "{\"N\":\"2\"}", "{\"a.b\":{\"N\":\"-3\"}}", "{\"a.b\":{\"N\":\"-1\"}}"},
    {LEGACY_ACTION_ADD, "{\"SS\":[\"b\"]}", "{\"a.b\":{\"SS\":[\"a\"]}}",
     "{\"a.b\":{\"SS\":[\"a\",\"b\"]}}"},
    {LEGACY_ACTION_ADD, "{\"L\":[{\"S\":\"x\"}]}", "{\"a.b\":{\"L\":[{\"N\":\"0\"}]}}",
     "{\"a.b\":{\"L\":[{\"N\":\"0\"},{\"S\":\"x\"}]}}"},
    {LEGACY_ACTION_ADD, "{\"L\":[{\"S\":\"x\"}]}", "{}", "{\"a.b\":{\"L\":[{\"S\":\"x\"}]}}"},
};

static struct legacy_update entry_of(struct arena *arena, enum legacy_action action,
                                     const char *value)
{
    struct legacy_update entry = {.attribute = SLICE("a.b"), .action = action};
    if (value) {
        struct value_input *input = arena_new(arena, struct value_input);
        *input = value_of(arena, value, VALUE_LAYER_CURRENT_BARE);
        entry.value = input;
    }
    return entry;
}

TEST(attribute_updates_change_whole_attributes)
{
    for (size_t i = 0; i < sizeof LEGACY / sizeof *LEGACY; i++) {
        SCOPED_ARENA(arena);
        struct legacy_update entry = entry_of(&arena, LEGACY[i].action, LEGACY[i].value);
        const struct update *update = NULL;
        CHECK_OK(legacy_updates_parse(&arena, &entry, 1, &update));
        slice updated;
        CHECK_OK(update_apply(&arena, update, item_of(&arena, LEGACY[i].before), true, &updated));
        CHECK_SLICE(json_of_item(&arena, updated), slice_of_string(LEGACY[i].after));
        CHECK(update_creates(update) == (LEGACY[i].action != LEGACY_ACTION_DELETE));
    }
}

#define INVALID "One or more parameter values were invalid: "
#define MISMATCH "Type mismatch for attribute to update"

static const struct legacy_case LEGACY_REFUSED[] = {
    {LEGACY_ACTION_NONE, NULL, "{}",
     INVALID "Only DELETE action is allowed when no attribute value is specified"},
    {LEGACY_ACTION_ADD, NULL, "{}",
     INVALID "Only DELETE action is allowed when no attribute value is specified"},
    {LEGACY_ACTION_PUT, "{\"N\":\"x\"}", "{}",
     "The parameter cannot be converted to a numeric value: x"},
    {LEGACY_ACTION_ADD, "{\"S\":\"1\"}", "{}",
     INVALID "ADD action is not supported for the type S"},
    {LEGACY_ACTION_ADD, "{\"B\":\"AA==\"}", "{}",
     INVALID "ADD action is not supported for the type B"},
    {LEGACY_ACTION_ADD, "{\"M\":{}}", "{}", INVALID "ADD action is not supported for the type M"},
    {LEGACY_ACTION_ADD, "{\"BOOL\":true}", "{}",
     INVALID "ADD action is not supported for the type BOOL"},
    {LEGACY_ACTION_ADD, "{\"NULL\":true}", "{}",
     INVALID "ADD action is not supported for the type NULL"},
    {LEGACY_ACTION_DELETE, "{\"N\":\"1\"}", "{}",
     INVALID "DELETE action with value is not supported for the type N"},
    {LEGACY_ACTION_DELETE, "{\"L\":[]}", "{}",
     INVALID "DELETE action with value is not supported for the type L"},
    {LEGACY_ACTION_ADD, "{\"N\":\"1\"}", "{\"a.b\":{\"S\":\"1\"}}", MISMATCH},
    {LEGACY_ACTION_ADD, "{\"SS\":[\"1\"]}", "{\"a.b\":{\"NS\":[\"1\"]}}", MISMATCH},
    {LEGACY_ACTION_ADD, "{\"L\":[]}", "{\"a.b\":{\"SS\":[\"1\"]}}", MISMATCH},
    {LEGACY_ACTION_DELETE, "{\"SS\":[\"1\"]}", "{\"a.b\":{\"NS\":[\"1\"]}}", MISMATCH},
    {LEGACY_ACTION_ADD, "{\"N\":\"1e50\"}", "{\"a.b\":{\"N\":\"1\"}}",
     "Number overflow. Attempting to store a number with magnitude larger than supported range"},
};

TEST(bad_attribute_updates_are_refused_in_the_words_of_the_service)
{
    for (size_t i = 0; i < sizeof LEGACY_REFUSED / sizeof *LEGACY_REFUSED; i++) {
        SCOPED_ARENA(arena);
        const struct legacy_case *refused = &LEGACY_REFUSED[i];
        struct legacy_update entry = entry_of(&arena, refused->action, refused->value);
        const struct update *update = NULL;
        slice updated;
        error e = legacy_updates_parse(&arena, &entry, 1, &update);
        if (!e)
            e = update_apply(&arena, update, item_of(&arena, refused->before), true, &updated);
        CHECK_SLICE(e ? e->message : SLICE("accepted"), slice_of_string(refused->after));
    }
}

TEST(the_last_entry_for_an_attribute_counts)
{
    SCOPED_ARENA(arena);
    struct legacy_update entries[] = {
        entry_of(&arena, LEGACY_ACTION_PUT, "{\"S\":\"1\"}"),
        entry_of(&arena, LEGACY_ACTION_PUT, "{\"S\":\"0\"}"),
        entry_of(&arena, LEGACY_ACTION_PUT, "{\"S\":\"2\"}"),
    };
    entries[1].attribute = SLICE("a");
    const struct update *update = NULL;
    slice updated;
    CHECK_OK(legacy_updates_parse(&arena, entries, 3, &update));
    CHECK_OK(update_apply(&arena, update, item_of(&arena, "{}"), true, &updated));
    CHECK_SLICE(json_of_item(&arena, updated),
                SLICE("{\"a\":{\"S\":\"0\"},\"a.b\":{\"S\":\"2\"}}"));
}

TEST(no_entries_change_nothing_and_create)
{
    SCOPED_ARENA(arena);
    const struct update *update = NULL;
    slice item = item_of(&arena, "{\"pk\":{\"S\":\"k\"}}");
    slice updated;
    CHECK_OK(legacy_updates_parse(&arena, NULL, 0, &update));
    CHECK(update_creates(update));
    CHECK_OK(update_apply(&arena, update, item, false, &updated));
    CHECK(slice_equal(updated, item));
    CHECK(item_attribute_count(update_touched(&arena, update, item)) == 0);
}

TEST(attribute_names_of_attribute_updates_are_neither_empty_nor_too_long)
{
    SCOPED_ARENA(arena);
    struct legacy_update entry = entry_of(&arena, LEGACY_ACTION_PUT, "{\"S\":\"1\"}");
    const struct update *update = NULL;
    entry.attribute = SLICE("");
    CHECK_FAILS(legacy_updates_parse(&arena, &entry, 1, &update), ERROR_VALIDATION,
                SLICE(INVALID "Empty attribute name"));
    entry.attribute = repeat(&arena, "x", "", ATTRIBUTE_NAME_BYTES_MAX);
    CHECK_OK(legacy_updates_parse(&arena, &entry, 1, &update));
    entry.attribute = repeat(&arena, "x", "", ATTRIBUTE_NAME_BYTES_MAX + 1);
    CHECK_FAILS(legacy_updates_parse(&arena, &entry, 1, &update), ERROR_VALIDATION,
                SLICE(INVALID "Attribute name is too large, must be less than 65536 bytes"));
}
