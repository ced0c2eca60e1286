/* Which bases of point-in-time recovery can still be gone on from, whatever files are lost. */
#include "db/backup/kept.h"

#include "tests/test.h"
#include <stdio.h>

enum { ARCHIVES_MAX = 6 };

/* A base has no `to`. Whole, it is: base 10, segments 10-20, 20-30, 30-40, base 35, segment 40-50. */
struct file {
    uint64_t at;
    uint64_t to;
};

static const struct {
    const char *what;
    struct file files[ARCHIVES_MAX];
    uint64_t log_begin; /* what is before it is not in the log any more */
    uint64_t first_base; /* 0: there is none */
    uint64_t last_base;
    uint64_t sealed;
    bool has_gap;
} cases[] = {
    {"nothing", {{0, 0}}, 0, 0, 0, 0, false},
    {"a base", {{10, 0}}, 0, 10, 10, 10, false},
    {"a base, and a log that was trimmed before it", {{10, 0}}, 10, 10, 10, 10, false},
    {"all", {{10, 0}, {10, 20}, {20, 30}, {30, 40}, {35, 0}, {40, 50}}, 50, 10, 35, 50, false},
    {"all but the older base", {{10, 20}, {20, 30}, {30, 40}, {35, 0}, {40, 50}}, 50, 35, 35, 50,
     false},
    {"what is left when the period is over", {{30, 40}, {35, 0}, {40, 50}}, 50, 35, 35, 50, false},
    {"all but the younger base", {{10, 0}, {10, 20}, {20, 30}, {30, 40}, {40, 50}}, 50, 10, 10, 50,
     false},
    {"all but the first segment", {{10, 0}, {20, 30}, {30, 40}, {35, 0}, {40, 50}}, 50, 35, 35, 50,
     true},
    {"all but a segment in between", {{10, 0}, {10, 20}, {30, 40}, {35, 0}, {40, 50}}, 50, 35, 35,
     50, true},
    {"all but the segment of the younger base", {{10, 0}, {10, 20}, {20, 30}, {35, 0}, {40, 50}},
     50, 0, 0, 50, true},
    {"all but the last segment, whose changes the log has", {{10, 0}, {10, 20}, {20, 30}, {30, 40},
     {35, 0}}, 40, 10, 35, 40, false},
    {"all but the last segment, whose changes the log has no more", {{10, 0}, {10, 20}, {20, 30},
     {30, 40}, {35, 0}}, 50, 0, 0, 40, true},
    {"a base behind what was lost", {{10, 0}, {10, 20}, {60, 0}}, 50, 60, 60, 60, true},
    {"a base behind the last segment", {{10, 0}, {10, 20}, {25, 0}}, 15, 10, 25, 20, false},
    {"a segment that was put back beside the one in its place", {{10, 0}, {10, 20}, {20, 40},
     {20, 30}, {30, 35}, {40, 50}}, 50, 10, 10, 50, false},
};

static struct log_position place(uint64_t commit)
{
    return (struct log_position){commit, 0};
}

static void put_files(struct archive *archive, struct arena *arena, const struct file *files)
{
    for (uint32_t i = 0; i < ARCHIVES_MAX && files[i].at > 0; i++) {
        struct backup backup = {
            .type = files[i].to > 0 ? BACKUP_SEGMENT : BACKUP_BASE,
            .id = arena_format(arena, "1732271000%03u-1a2b3c4d", i),
            .table_name = SLICE("T"),
            .table_id = SLICE("id"),
            .at = place(files[i].at),
            .to = place(files[i].to),
            .to_ms = (int64_t)files[i].to,
            .is_available = true,
        };
        archive_put(archive, &backup);
        backup.id = arena_format(arena, "1732271000%03u-00000000", i);
        backup.table_id = SLICE("another"); /* whose files are none of the table's */
        backup.at = place(files[i].at + 1000);
        backup.to = place(files[i].to + 1000);
        archive_put(archive, &backup);
    }
}

TEST(a_base_is_kept_as_long_as_no_change_behind_it_is_lost)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena;
        struct archive *archive;
        arena_init(&arena, NULL);
        CHECK_OK(archive_open_directory(&arena, SLICE_NONE, &archive));
        put_files(archive, &arena, cases[i].files);
        struct kept kept = kept_find(archive, &arena, SLICE("id"), place(cases[i].log_begin));
        bool is_right = kept.has_base == (cases[i].first_base > 0) &&
                        kept.first_base.at.commit == cases[i].first_base &&
                        kept.last_base.at.commit == cases[i].last_base &&
                        kept.sealed.commit == cases[i].sealed &&
                        (kept.gap.size > 0) == cases[i].has_gap;
        if (!is_right)
            printf("    %s: bases %llu to %llu, sealed %llu, gap \"%.*s\"\n", cases[i].what,
                   (unsigned long long)kept.first_base.at.commit,
                   (unsigned long long)kept.last_base.at.commit,
                   (unsigned long long)kept.sealed.commit, SLICE_ARGS(kept.gap));
        CHECK(is_right);
        archive_close(archive);
        arena_fini(&arena);
    }
}

TEST(a_segment_that_no_base_goes_before_is_an_orphan_until_the_period_is_over)
{
    struct arena arena;
    struct archive *archive;
    struct backup orphan;
    arena_init(&arena, NULL);
    CHECK_OK(archive_open_directory(&arena, SLICE_NONE, &archive));
    put_files(archive, &arena, (struct file[ARCHIVES_MAX]){{10, 20}, {20, 30}, {25, 0}, {30, 40}});
    CHECK(kept_find_orphan(archive, &arena, SLICE("id"), 19, &orphan));
    CHECK(orphan.at.commit == 10);
    CHECK(!kept_find_orphan(archive, &arena, SLICE("id"), 20, &orphan));
    archive_close(archive);
    arena_fini(&arena);
}
