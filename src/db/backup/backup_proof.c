#include "db/backup/backup_proof.h"

#include "db/backup/backup_private.h"
#include "db/index/index.h"
#include "db/backup/restore.h"

static error count_images(struct arena *arena, slice directory, slice name, struct backup *backup,
                          uint64_t *image_count)
{
    struct archive_reader *reader;
    const struct archive_image *images;
    uint32_t count = 1;
    slice head;
    TRY(archive_open(arena, directory, name, &reader, &head));
    if (!backup_head_open(head, backup))
        return archive_damaged(reader, arena, "its head does not fit");
    while (count > 0) {
        SCOPED_ARENA(of_block);
        TRY(error_keep(arena, archive_next(reader, &of_block, &images, &count)));
        *image_count += count;
    }
    return NULL;
}

static error restore(struct db_session *session, const struct backup *backup, slice directory,
                     slice name, struct backup_proof *proof)
{
    struct table source;
    const struct table *table;
    TRY(backup_table(session, backup, &source));
    struct index *indexes = arena_new_array(session->arena, struct index, source.index_count);
    for (uint32_t i = 0; i < source.index_count; i++) {
        indexes[i] = source.indexes[i];
        indexes[i].build = (struct build){0};
        indexes[i].deleting_ms = 0;
    }
    struct table_definition definition = {.name = source.name,
                                          .keys = source.keys,
                                          .indexes = indexes,
                                          .index_count = source.index_count,
                                          .settings = source.settings};
    TRY(table_create(session, &definition, &table));
    TRY(restore_archive(session->db, table, directory, name, INT64_MAX, session->arena));
    return table_counts(session, table, &proof->item_count, &proof->item_bytes);
}

error backup_prove(struct db *db, struct arena *arena, slice directory, slice name,
                   struct backup_proof *proof)
{
    struct backup backup;
    struct db_session session = archive_session(db, arena);
    *proof = (struct backup_proof){.item_count = 0};
    TRY(count_images(arena, directory, name, &backup, &proof->image_count));
    proof->table_name = backup.table_name;
    return backup.type == BACKUP_SEGMENT ? NULL : restore(&session, &backup, directory, name, proof);
}
