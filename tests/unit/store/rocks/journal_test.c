#include "store/rocks/journal.h"

#include "base/buffer.h"
#include "store/rocks/crc32c.h"
#include "tests/unit/store/rocks/directory.h"

/* ---- a writer of the format, from its description ---- */

enum { BLOCK_BYTES = 32768, HEADER_BYTES = 7 };

static void append_fragment(struct buffer *journal, uint8_t type, slice payload)
{
    uint32_t crc = crc32c(crc32c(0, &type, 1), payload.data, payload.size);
    uint32_t masked = (crc >> 15 | crc << 17) + 0xa282ead8u;
    const uint8_t header[HEADER_BYTES] = {
        (uint8_t)masked,
        (uint8_t)(masked >> 8),
        (uint8_t)(masked >> 16),
        (uint8_t)(masked >> 24),
        (uint8_t)payload.size,
        (uint8_t)(payload.size >> 8),
        type,
    };
    buffer_append(journal, slice_of(header, sizeof header));
    buffer_append(journal, payload);
}

static void append_record(struct buffer *journal, slice payload)
{
    bool begins = true;
    do {
        size_t room = BLOCK_BYTES - journal->size % BLOCK_BYTES;
        for (; room < HEADER_BYTES; room--)
            buffer_append_byte(journal, 0);
        room = BLOCK_BYTES - journal->size % BLOCK_BYTES;
        size_t size = payload.size < room - HEADER_BYTES ? payload.size : room - HEADER_BYTES;
        bool ends = size == payload.size;
        append_fragment(journal, begins ? (ends ? 1 : 2) : (ends ? 4 : 3),
                        slice_first(payload, size));
        payload = slice_from(payload, size);
        begins = false;
    } while (payload.size > 0);
}

static slice filled(struct arena *arena, char byte, size_t size)
{
    char *bytes = arena_alloc_bytes(arena, size);
    memset(bytes, byte, size);
    return slice_of(bytes, size);
}

static struct journal_end inspect(const struct directory *directory, slice bytes)
{
    SCOPED_ARENA(arena);
    struct journal_end end = {0};
    file_write(directory, "journal", bytes);
    const char *path = arena_format(&arena, "%s/journal%c", directory->path, 0).data;
    CHECK_OK(journal_inspect(&arena, path, &end));
    CHECK(end.file_bytes == bytes.size);
    return end;
}

/* Three records; `starts` tells where each begins, the last entry is the end. */
static slice three_records(struct arena *arena, size_t last_bytes, size_t starts[4])
{
    struct buffer journal;
    buffer_init(&journal, arena);
    const size_t sizes[] = {40, 33000, last_bytes}; /* the second crosses a block */
    for (int i = 0; i < 3; i++) {
        starts[i] = journal.size;
        append_record(&journal, filled(arena, (char)('a' + i), sizes[i]));
    }
    starts[3] = journal.size;
    return buffer_slice(&journal);
}

/* ---- tests ---- */

TEST(a_whole_journal_is_whole)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    size_t starts[4];
    static const size_t last_sizes[] = {0, 1, 100, 32000, 100000};

    for (size_t i = 0; i < sizeof last_sizes / sizeof last_sizes[0]; i++) {
        slice whole = three_records(&arena, last_sizes[i], starts);
        struct journal_end end = inspect(&directory, whole);
        CHECK(!end.damaged);
        CHECK(end.whole_bytes == whole.size);
    }
    CHECK(!inspect(&directory, SLICE_NONE).damaged);
    directory_remove(&directory);
}

TEST(a_journal_cut_at_any_byte_is_torn_and_keeps_its_whole_records)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    size_t starts[4];
    slice whole = three_records(&arena, 60, starts);

    for (size_t cut = 0; cut<whole.size; cut += cut> 100 && cut < 32700 ? 97 : 1) {
        struct journal_end end = inspect(&directory, slice_first(whole, cut));
        int kept = 0;
        while (starts[kept + 1] <= cut)
            kept++;
        CHECK(end.whole_bytes == starts[kept]);
        CHECK(end.damaged == (cut != starts[kept]));
        CHECK(end.torn == end.damaged);
        CHECK(!end.record_follows);
    }
    directory_remove(&directory);
}

/* Padding at a block's end carries nothing; three_records has none. */
TEST(a_flipped_byte_is_damage_never_taken_for_torn)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    size_t starts[4];
    slice whole = three_records(&arena, 60, starts);
    char *bytes = arena_alloc_bytes(&arena, whole.size);
    memcpy(bytes, whole.data, whole.size);

    for (size_t at = 0; at<whole.size; at += at> 100 && at < 32700 ? 97 : 1) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
            struct journal_end end = inspect(&directory, slice_of(bytes, whole.size));
            int hit = 0;
            while (starts[hit + 1] <= at)
                hit++;
            CHECK(end.damaged);
            CHECK(end.whole_bytes == starts[hit]);
            CHECK(!end.torn || end.record_follows);
            CHECK(end.record_follows == (hit < 2));
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
        }
    }
    directory_remove(&directory);
}

TEST(a_zeroed_block_is_damage_never_taken_for_torn)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    size_t starts[4];
    slice whole = three_records(&arena, 5000, starts);
    static const size_t block_sizes[] = {512, 4096};

    for (int i = 0; i < 2; i++) {
        for (size_t at = 0; at < whole.size; at += block_sizes[i]) {
            char *bytes = arena_alloc_bytes(&arena, whole.size);
            memcpy(bytes, whole.data, whole.size);
            size_t left = whole.size - at;
            memset(bytes + at, 0, left < block_sizes[i] ? left : block_sizes[i]);
            struct journal_end end = inspect(&directory, slice_of(bytes, whole.size));
            CHECK(end.damaged);
            CHECK(!end.torn || end.record_follows);
            CHECK(end.whole_bytes <= at);
        }
    }
    directory_remove(&directory);
}

TEST(zeros_after_the_last_record_are_told_from_a_torn_one)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct buffer journal;
    buffer_init(&journal, &arena);
    append_record(&journal, SLICE("one record"));
    size_t whole_bytes = journal.size;
    buffer_append(&journal, filled(&arena, 0, 70000));

    struct journal_end end = inspect(&directory, buffer_slice(&journal));

    CHECK(end.damaged && end.zeros && !end.torn && !end.record_follows);
    CHECK(end.whole_bytes == whole_bytes);
    directory_remove(&directory);
}

/* The middle of a record in flight may be missing while its end has reached the disk. */
TEST(the_rest_of_the_damaged_record_itself_does_not_count_as_a_following_record)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct buffer journal;
    buffer_init(&journal, &arena);
    append_record(&journal, filled(&arena, 'x', 3 * BLOCK_BYTES));
    memset(journal.data + 4096, 0, 4096);

    struct journal_end end = inspect(&directory, buffer_slice(&journal));

    CHECK(end.damaged && !end.record_follows && end.whole_bytes == 0);
    directory_remove(&directory);
}

TEST(a_journal_that_cannot_be_read_is_named)
{
    SCOPED_ARENA(arena);
    struct journal_end end;

    CHECK_FAILS(journal_inspect(&arena, "/nowhere/000004.log", &end), ERROR_STORAGE,
                SLICE("/nowhere/000004.log cannot be read: No such file or directory"));
}
