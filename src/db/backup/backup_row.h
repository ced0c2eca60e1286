/* The stored form of a backup: the head of its file, and its row in the catalogue until that is
 * there. */
#pragma once
#include "db/backup/backup.h"

/* A stored item. */
slice backup_head_make(struct arena *arena, const struct backup *backup);
/* Text is borrowed from `head`. False when it is no head. */
bool backup_head_open(slice head, struct backup *backup);

/* 01 02 id: stands in the catalogue for a backup that is being made. */
slice backup_row_key(struct arena *arena, slice id);
bool backup_row_is_key(slice key);

/* With the stamp of its commit, which is the backup's cut. */
struct store_write backup_row_write(struct arena *arena, const struct backup *backup);
/* The write is committed, so its stamp is there: put it into the archive. */
void backup_row_committed(struct db *db, struct arena *arena, const struct store_write *write);
/* Errors: CORRUPT. */
error backup_row_open(struct arena *arena, slice value, struct backup *backup) MUST_CHECK;
