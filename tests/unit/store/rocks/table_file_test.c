/* The ends of table files, made by hand: what is damage here, and what is left to RocksDB. */
#include "store/rocks/table_file.h"
#include "tests/unit/store/rocks/directory.h"
#include <endian.h>
#include <stdio.h>
#include <xxhash.h>

/* Properties at the beginning of the file: one restart, and their count. */
#define RESTART "\0\0\0\0"
#define WHOLE SLICE(RESTART "\1\0\0\0")
#define CHANGED SLICE(RESTART "\1\0\0\x80")
#define TRAILER_UNSEEN SLICE("\0....")
#define NAME "rocksdb.properties"

/* The metaindex, at byte 13 after whole properties and their trailer. */
enum { METAINDEX_OFFSET = 13 };
#define FILTER_ENTRY "\0\6\2filter\5\5"
#define PROPERTIES_ENTRY "\0\x12\2" NAME "\0\x8"
#define METAINDEX SLICE(FILTER_ENTRY PROPERTIES_ENTRY RESTART "\1\0\0\0")
#define MAGIC SLICE("\xf7\xcf\xf4\x85\xb7\x41\xe2\x88")
#define AT_METAINDEX "\4\x0d\x2a" /* kind of checksum; offset and bytes, as they follow */

struct end {
    const char *what;
    slice properties;
    slice metaindex;
    slice footer;
    slice magic;
    bool damaged;
};

/* Of the whole properties that are not compressed, the kind of which adds nothing to the sum. */
static slice trailer_of_whole(struct arena *arena)
{
    uint32_t sum = htole32((uint32_t)XXH3_64bits(WHOLE.data, WHOLE.size));
    char *bytes = arena_alloc_bytes(arena, 1 + sizeof sum);
    bytes[0] = '\0';
    memcpy(bytes + 1, &sum, sizeof sum);
    return slice_of(bytes, 1 + sizeof sum);
}

static slice file_of(struct arena *arena, const struct end *end)
{
    char filler[45] = {0}; /* places, filler and version together */
    memcpy(filler, end->footer.data, end->footer.size);
    slice parts[] = {end->properties, trailer_of_whole(arena),         end->metaindex,
                     TRAILER_UNSEEN,  slice_of(filler, sizeof filler), end->magic};
    char *bytes = arena_alloc_bytes(arena, 1024);
    size_t size = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        memcpy(bytes + size, parts[i].data, parts[i].size);
        size += parts[i].size;
    }
    return slice_of(bytes, size);
}

static bool is_damaged(const struct directory *directory, slice bytes)
{
    SCOPED_ARENA(arena);
    bool damaged = true;
    file_write(directory, "000001.sst", bytes);
    const char *path = arena_format(&arena, "%s/000001.sst%c", directory->path, 0).data;
    CHECK_OK(table_file_inspect(&arena, path, &damaged));
    return damaged;
}

TEST(only_properties_that_are_not_as_summed_are_damage_here)
{
    static const struct end ends[] = {
        {"a whole one", WHOLE, METAINDEX, SLICE(AT_METAINDEX), MAGIC, false},
        {"a byte is another", CHANGED, METAINDEX, SLICE(AT_METAINDEX), MAGIC, true},
        {"another kind of checksum", CHANGED, METAINDEX, SLICE("\3\x0d\x2a"), MAGIC, false},
        {"no magic", CHANGED, METAINDEX, SLICE(AT_METAINDEX), SLICE("12345678"), false},
        {"a place without an end", CHANGED, METAINDEX,
         SLICE("\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), MAGIC, false},
        {"a metaindex behind the file", CHANGED, METAINDEX, SLICE("\4\xff\x7f\x2a"), MAGIC, false},
        {"a metaindex longer than the file", CHANGED, METAINDEX, SLICE("\4\x0d\xff\x7f"), MAGIC,
         false},
        {"a metaindex too large", CHANGED, METAINDEX, SLICE("\4\x0d\xff\xff\x7f"), MAGIC, false},
        {"an empty metaindex", CHANGED, SLICE(""), SLICE("\4\x0d\0"), MAGIC, false},
        {"no entry of properties", CHANGED, SLICE("\0\6\2filter\5\5"), SLICE("\4\x0d\x0b"), MAGIC,
         false},
        {"an entry that shares", CHANGED, SLICE("\1\x12\2" NAME "\0\x8"), SLICE("\4\x0d\x17"),
         MAGIC, false},
        {"a key behind the block", CHANGED, SLICE("\0\x7f\2" NAME "\0\x8"), SLICE("\4\x0d\x17"),
         MAGIC, false},
        {"a value behind the block", CHANGED, SLICE("\0\x12\x7f" NAME "\0\x8"), SLICE("\4\x0d\x17"),
         MAGIC, false},
        {"an entry cut at its key's size", CHANGED, SLICE("\0\x92"), SLICE("\4\x0d\2"), MAGIC,
         false},
        {"an entry cut at its value's size", CHANGED, SLICE("\0\x12\x82"), SLICE("\4\x0d\3"), MAGIC,
         false},
        {"a place of properties cut short", CHANGED, SLICE("\0\x12\1" NAME "\0"),
         SLICE("\4\x0d\x16"), MAGIC, false},
        {"properties behind the file", CHANGED, SLICE("\0\x12\3" NAME "\xff\x7f\x8"),
         SLICE("\4\x0d\x18"), MAGIC, false},
        {"properties shorter than they are", WHOLE, SLICE("\0\x12\2" NAME "\0\3"),
         SLICE("\4\x0d\x17"), MAGIC, true},
        {"properties too large", CHANGED, SLICE("\0\x12\5" NAME "\0\xff\xff\xff\x7f"),
         SLICE("\4\x0d\x1a"), MAGIC, false},
    };
    struct directory directory;
    directory_make(&directory);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        SCOPED_ARENA(arena);
        bool damaged = is_damaged(&directory, file_of(&arena, &ends[i]));
        if (damaged != ends[i].damaged)
            printf("    %s\n", ends[i].what);
        CHECK(damaged == ends[i].damaged);
    }
    directory_remove(&directory);
}

TEST(a_bit_of_the_properties_or_of_their_trailer_is_damage_wherever_it_is)
{
    SCOPED_ARENA(arena);
    struct end end = {"", WHOLE, METAINDEX, SLICE(AT_METAINDEX), MAGIC, false};
    slice file = file_of(&arena, &end);
    struct directory directory;
    directory_make(&directory);
    for (size_t at = 0; at < METAINDEX_OFFSET; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            slice copy = arena_copy(&arena, file);
            ((char *)copy.data)[at] ^= (char)(1 << bit);
            CHECK(is_damaged(&directory, copy));
        }
    }
    directory_remove(&directory);
}

TEST(a_table_cut_at_any_byte_is_left_to_rocksdb)
{
    SCOPED_ARENA(arena);
    struct end end = {"", CHANGED, METAINDEX, SLICE(AT_METAINDEX), MAGIC, true};
    slice whole = file_of(&arena, &end);
    struct directory directory;
    directory_make(&directory);
    CHECK(is_damaged(&directory, whole));
    for (size_t size = 0; size < whole.size; size++)
        CHECK(!is_damaged(&directory, slice_first(whole, size)));
    directory_remove(&directory);
}

static bool says(error failed, enum error_kind kind, slice text)
{
    return failed && failed->kind == kind &&
           memmem(failed->message.data, failed->message.size, text.data, text.size);
}

TEST(a_table_that_cannot_be_read_is_named)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    const char *path = arena_format(&arena, "%s/000001.sst%c", directory.path, 0).data;
    bool damaged;
    error failed = table_file_inspect(&arena, path, &damaged);
    CHECK(says(failed, ERROR_STORAGE, SLICE("000001.sst cannot be read: No such file")));
    directory_remove(&directory);
}
