/* Wire JSON becomes a canonical item, whose wire JSON becomes the same bytes again. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/walk.h"

#include "item/item_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice input = slice_of(data, size);
    enum value_layer layer = (enum value_layer)(fuzz_byte(&input) % 3);
    slice text = arena_copy(&arena, input);
    if (!json_check(text))
        return 0;
    struct json_reader reader;
    json_reader_init(&reader, &arena, text);
    struct item_input item;
    error failed = item_read_json(&reader, &arena, layer, &item);
    if (failed) {
        assert_that(failed->kind == ERROR_SERIALIZATION);
        return 0;
    }
    if (!item.present)
        return 0;
    if (item.invalid) {
        assert_that(item.invalid->kind == ERROR_VALIDATION);
        return 0;
    }
    failed = item_check(item.item);
    assert_that(!failed);
    walk_item(&arena, item.item);
    return 0;
}
