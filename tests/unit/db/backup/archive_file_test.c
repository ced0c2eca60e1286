/* Archive files: what was added is read again, and no damaged byte passes. */
#include "db/backup/archive_file.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { IMAGES = 300 };

static slice temporary_directory(struct arena *arena)
{
    char *path = (char *)arena_copy(arena, SLICE("/tmp/stator-archive-XXXXXX\0")).data;
    CHECK(mkdtemp(path) != NULL);
    return slice_of_string(path);
}

static slice item_at(struct arena *arena, uint32_t i)
{
    return arena_format(arena, "item %u", i);
}

static void write_archive(struct arena *arena, slice directory)
{
    struct archive_writer *writer;
    CHECK_OK(archive_create(arena, directory, SLICE("a.backup"), SLICE("head"), &writer));
    for (uint32_t i = 0; i < IMAGES; i++) {
        struct archive_image image = {
            .item = item_at(arena, i), .is_gone = i % 3 == 0, .time_ms = i};
        CHECK_OK(archive_add(writer, arena, &image));
    }
    CHECK_OK(archive_finish(writer, arena));
}

static error read_archive(struct arena *arena, slice directory, uint32_t *read)
{
    struct archive_reader *reader;
    const struct archive_image *images;
    uint32_t count;
    slice head;
    *read = 0;
    TRY(archive_open(arena, directory, SLICE("a.backup"), &reader, &head));
    CHECK_SLICE(head, SLICE("head"));
    do {
        TRY(archive_next(reader, arena, &images, &count));
        for (uint32_t i = 0; i < count; i++) {
            CHECK_SLICE(images[i].item, item_at(arena, *read));
            CHECK(images[i].is_gone == (*read % 3 == 0) && images[i].time_ms == *read);
            ++*read;
        }
    } while (count > 0);
    return NULL;
}

static void remove_all(struct arena *arena, slice directory)
{
    CHECK_OK(archive_remove(arena, directory, SLICE("a.backup")));
    CHECK(rmdir(directory.data) == 0);
}

TEST(an_archive_is_read_as_it_was_written)
{
    SCOPED_ARENA(arena);
    uint32_t read;
    slice directory = temporary_directory(&arena);
    write_archive(&arena, directory);
    CHECK_OK(read_archive(&arena, directory, &read));
    CHECK(read == IMAGES);
    CHECK_OK(archive_prove(&arena, directory, SLICE("a.backup"), UINT64_MAX));
    remove_all(&arena, directory);
}

TEST(an_abandoned_archive_leaves_nothing)
{
    SCOPED_ARENA(arena);
    struct archive_writer *writer;
    slice directory = temporary_directory(&arena);
    CHECK_OK(archive_create(&arena, directory, SLICE("a.backup"), SLICE("head"), &writer));
    archive_abandon(writer);
    CHECK(rmdir(directory.data) == 0);
}

TEST(a_flipped_bit_or_a_lost_end_is_told_with_file_and_offset)
{
    SCOPED_ARENA(arena);
    slice directory = temporary_directory(&arena);
    write_archive(&arena, directory);
    const char *path = arena_format(&arena, "%s/a.backup%c", directory.data, 0).data;
    static char bytes[64 * 1024];
    FILE *file = fopen(path, "r+");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    for (size_t i = 0; i <= size; i += i < 64 || i > size - 64 ? 1 : 37) {
        SCOPED_ARENA(scratch);
        if (i < size) {
            fseek(file, (long)i, SEEK_SET);
            fputc(bytes[i] ^ 1, file);
            fflush(file);
        } else {
            CHECK(ftruncate(fileno(file), (off_t)size - 1) == 0);
        }
        error failure = archive_prove(&scratch, directory, SLICE("a.backup"), UINT64_MAX);
        CHECK(failure && failure->kind == ERROR_CORRUPT);
        slice begin = arena_format(&scratch, "the archive %s is damaged at offset ", path);
        CHECK(failure && slice_begins_with(failure->message, begin));
        if (i < size) {
            fseek(file, (long)i, SEEK_SET);
            fputc(bytes[i], file);
            fflush(file);
        }
    }
    fclose(file);
    remove_all(&arena, directory);
}
