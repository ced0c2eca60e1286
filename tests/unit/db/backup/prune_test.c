/* What goes from the archive, and what the store knows of it when it has gone. */
#include "base/bytes.h"
#include "db/backup/recovery.h"
#include "db/db_private.h"
#include "store/queue.h"
#include "tests/unit/db/fixture.h"
#include "tests/unit/exchange/fixture.h"

static int64_t last_commit_ms(struct fixture *fixture)
{
    SCOPED_ARENA(arena);
    slice value;
    CHECK_OK(db_read_meta(fixture->db, &arena, STORE_COMMIT_KEY, &value));
    return (int64_t)bytes_get_u64(value.data + 8);
}

/* Check holds what is left against the time of the last commit: it must not be before this one. */
TEST(an_archive_goes_when_the_store_knows_a_time_at_which_nobody_needed_it)
{
    enum { DAY_MS = 86400000 };
    static const struct backup superfluous = {
        .type = BACKUP_SEGMENT,
        .id = SLICE("1732271000123-1a2b3c4d"),
        .table_name = SLICE("Gone"),
        .table_id = SLICE("id of a table that is gone"),
        .is_available = true,
    };
    struct fixture fixture;
    struct backup found;
    fixture_open(&fixture);
    fixture.backup_directory = fixture_folder(&fixture.arena);
    fixture_reopen(&fixture);
    create_table(&fixture, false);

    archive_put(fixture.db->archive, &superfluous);
    int64_t now_ms = last_commit_ms(&fixture) + DAY_MS;
    clock_set_ms(&fixture.clock, now_ms);

    pthread_mutex_lock(&fixture.db->control);
    recovery_prune(fixture.db);
    pthread_mutex_unlock(&fixture.db->control);

    CHECK(!archive_find(fixture.db->archive, &fixture.arena, superfluous.id, &found));
    CHECK(last_commit_ms(&fixture) == now_ms);
    fixture_close(&fixture);
}
