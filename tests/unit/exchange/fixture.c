#include "tests/unit/exchange/fixture.h"

#include "base/buffer.h"
#include "item/item_json.h"
#include "tests/test.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_folder(void *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

slice fixture_folder(struct arena *arena)
{
    char *path = (char *)arena_copy(arena, SLICE("/tmp/stator-exchange-XXXXXX\0")).data;
    CHECK(mkdtemp(path) != NULL);
    arena_defer(arena, remove_folder, path);
    return slice_of_string(path);
}

slice fixture_read(struct arena *arena, slice folder, slice name)
{
    const char *path =
        arena_format(arena, "%.*s/%.*s%c", SLICE_ARGS(folder), SLICE_ARGS(name), 0).data;
    struct buffer bytes;
    char block[4096];
    gzFile file = gzopen(path, "re");
    CHECK(file != NULL);
    buffer_init(&bytes, arena);
    for (int count; file && (count = gzread(file, block, sizeof block)) > 0;)
        buffer_append(&bytes, slice_of(block, (size_t)count));
    if (file)
        CHECK(gzclose(file) == Z_OK);
    return buffer_slice(&bytes);
}

slice fixture_item(struct arena *arena, slice json)
{
    struct json_reader reader;
    struct item_input input;
    json_reader_init(&reader, arena, json);
    CHECK_OK(item_read_json(&reader, arena, VALUE_LAYER_CURRENT, &input));
    CHECK_OK(input.invalid);
    return input.item;
}
