/* A table as it was: what a walk over archives says of random histories is what a model says. */
#include "db/backup/past.h"
#include "db/backup/backup_private.h"
#include "tests/unit/db/fixture.h"
#include "tests/unit/exchange/fixture.h"

enum { KEYS = 40, BASE_IMAGES = 60, SEGMENT_IMAGES = 300, SEGMENTS = 2, TIMES = 100 };

/* State n of a key: {"pk": k, "n": n}; NOTHING: it is not there. */
enum { NOTHING = -1 };

struct image {
    uint32_t key;
    int64_t state;
    int64_t time_ms;
};

struct past {
    struct fixture fixture;
    struct caller caller;
    struct random random;
    struct image images[BASE_IMAGES + SEGMENTS * SEGMENT_IMAGES];
    uint32_t count;
    struct backup archives[1 + SEGMENTS];
    struct chain chain;
};

static slice item_at(struct arena *arena, uint32_t key, int64_t state)
{
    const char *json = state == NOTHING
                           ? arena_format(arena, "{'pk': {'S': 'k%u'}}%c", key, 0).data
                           : arena_format(arena, "{'pk': {'S': 'k%u'}, 'n': {'N': '%lld'}}%c", key,
                                          (long long)state, 0)
                                 .data;
    return item_of(arena, json);
}

static void write_archive(struct past *past, uint32_t index, uint32_t image_count, int64_t from_ms)
{
    struct arena *arena = &past->caller.arena;
    struct db *db = past->fixture.db;
    struct backup *backup = &past->archives[index];
    struct archive_writer *writer;
    *backup = (struct backup){.type = index == 0 ? BACKUP_BASE : BACKUP_SEGMENT,
                              .id = arena_format(arena, "%013u-00000000", index),
                              .table_row = table_row_make(arena, find_table(&past->caller))};
    CHECK_OK(archive_create(arena, archive_directory(db->archive),
                            archive_file_name(arena, backup), SLICE("head"), &writer));
    for (uint32_t i = 0; i < image_count; i++) {
        struct image image = {.key = (uint32_t)random_below(&past->random, KEYS),
                              .state = random_below(&past->random, 3) == 0 ? NOTHING : (int64_t)past->count,
                              .time_ms = index == 0 ? 0 : from_ms + i * TIMES / image_count};
        past->images[past->count++] = image;
        struct archive_image stored = {.item = item_at(arena, image.key, image.state),
                                       .is_gone = image.state == NOTHING,
                                       .time_ms = image.time_ms};
        CHECK_OK(archive_add(writer, arena, &stored));
    }
    CHECK_OK(archive_finish(writer, arena));
}

static void past_open(struct past *past)
{
    *past = (struct past){.count = 0};
    random_init(&past->random, test_seed());
    fixture_open(&past->fixture);
    past->fixture.backup_directory = fixture_folder(&past->fixture.arena);
    fixture_reopen(&past->fixture);
    create_table(&past->fixture, false);
    caller_open(&past->caller, &past->fixture);
    write_archive(past, 0, BASE_IMAGES, 0);
    for (uint32_t i = 0; i < SEGMENTS; i++)
        write_archive(past, 1 + i, SEGMENT_IMAGES, 1 + (int64_t)i * TIMES);
    past->chain = (struct chain){.archives = past->archives, .count = 1 + SEGMENTS};
}

static void past_close(struct past *past)
{
    caller_close(&past->caller);
    fixture_close(&past->fixture);
}

/* ---- the model, and what the walk says ---- */

struct wanted {
    bool is_told;
    int64_t state;
    int64_t old_state;
    int64_t time_ms;
};

static struct wanted wanted_of(const struct past *past, uint32_t key, const struct past_walk *walk)
{
    struct wanted wanted = {.state = NOTHING, .old_state = NOTHING};
    bool has_changed = false;
    for (uint32_t i = 0; i < past->count; i++) {
        const struct image *image = &past->images[i];
        if (image->key != key || image->time_ms > walk->until_ms)
            continue;
        bool is_old = image->time_ms < walk->from_ms;
        *(is_old ? &wanted.old_state : &wanted.state) = image->state;
        has_changed = has_changed || !is_old;
        wanted.time_ms = image->time_ms;
    }
    wanted.is_told = has_changed && (wanted.state != NOTHING || wanted.old_state != NOTHING);
    return wanted;
}

struct told {
    const struct past *past;
    const struct past_walk *walk;
    bool keys[KEYS];
    uint32_t partitions;
};

static error count_partition(void *context, struct arena *arena)
{
    (void)arena;
    ((struct told *)context)->partitions++;
    return NULL;
}

static slice expected_item(struct arena *arena, uint32_t key, int64_t state)
{
    return state == NOTHING ? ITEM_ABSENT : item_at(arena, key, state);
}

static error check_state(void *context, struct arena *arena, const struct past_state *state)
{
    struct told *told = context;
    uint32_t key = 0;
    while (key < KEYS && !slice_equal(state->key, item_at(arena, key, NOTHING)))
        key++;
    CHECK(key < KEYS && !told->keys[key]);
    if (key == KEYS)
        return NULL;
    struct wanted wanted = wanted_of(told->past, key, told->walk);
    told->keys[key] = true;
    CHECK(wanted.is_told && state->time_ms == wanted.time_ms);
    CHECK(slice_equal(state->item, expected_item(arena, key, wanted.state)));
    CHECK(slice_equal(state->old_item,
                      expected_item(arena, key,
                                    told->walk->with_old ? wanted.old_state : NOTHING)));
    return NULL;
}

static void check_walk(struct past *past, struct past_walk *walk)
{
    SCOPED_ARENA(arena);
    struct told told = {.past = past, .walk = walk};
    walk->context = &told;
    walk->begin_partition = count_partition;
    walk->take = check_state;
    CHECK_OK(past_walk(past->fixture.db, &arena, &past->chain, walk));
    CHECK(told.partitions == find_table(&past->caller)->partitions.count);
    for (uint32_t key = 0; key < KEYS; key++)
        CHECK(told.keys[key] == wanted_of(past, key, walk).is_told);
}

TEST(every_item_is_as_it_was_at_each_moment_whatever_the_parts)
{
    static const uint64_t part_bytes[] = {0, 1, 4096};
    struct past past;
    past_open(&past);
    for (size_t i = 0; i < sizeof part_bytes / sizeof *part_bytes; i++) {
        for (int64_t until_ms = 0; until_ms <= SEGMENTS * TIMES + 1; until_ms += 13) {
            struct past_walk walk = {.until_ms = until_ms, .part_bytes = part_bytes[i]};
            check_walk(&past, &walk);
        }
    }
    past_close(&past);
}

TEST(what_changed_in_a_span_has_its_last_state_and_the_one_before)
{
    struct past past;
    past_open(&past);
    for (unsigned with_old = 0; with_old < 2; with_old++) {
        for (int64_t from_ms = 1; from_ms <= SEGMENTS * TIMES; from_ms += 29) {
            struct past_walk walk = {.from_ms = from_ms,
                                     .until_ms = from_ms + 17,
                                     .with_old = with_old,
                                     .part_bytes = 1};
            check_walk(&past, &walk);
        }
    }
    past_close(&past);
}

TEST(a_damaged_archive_ends_a_walk_with_its_name)
{
    SCOPED_ARENA(arena);
    struct past past;
    struct told told = {.past = &past};
    past_open(&past);
    struct past_walk walk = {.until_ms = INT64_MAX,
                             .context = &told,
                             .begin_partition = count_partition,
                             .take = check_state};
    told.walk = &walk;
    CHECK_OK(archive_remove(&arena, archive_directory(past.fixture.db->archive),
                            SLICE("0000000000002-00000000.segment")));
    error failure = past_walk(past.fixture.db, &arena, &past.chain, &walk);
    CHECK(failure && failure->kind == ERROR_STORAGE);
    CHECK(failure && memmem(failure->message.data, failure->message.size,
                            "0000000000002-00000000.segment", 30));
    past_close(&past);
}
