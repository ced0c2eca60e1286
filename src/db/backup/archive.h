/*
 * The archive: all backups, bases and segments of a server, by their ids, and the directory that
 * their files lie in. For db/. Any thread.
 */
#pragma once
#include "db/backup/backup.h"
#include <pthread.h>

struct archive;

/*
 * `directory` empty: there is none, and no backup can be made. It is locked, and made when it is
 * not there; what was left half written in it goes, and a file that cannot be read is told of in
 * the log and left alone.
 *   Errors: USAGE, STORAGE.
 */
error archive_open_directory(struct arena *arena, slice directory,
                             struct archive **archive) MUST_CHECK;
/* As it is, for who only looks: nothing is locked, made or removed. Errors: STORAGE. */
error archive_look_into(struct arena *arena, slice directory, struct archive **archive) MUST_CHECK;
void archive_close(struct archive *archive);

/* The files of a directory that are archives by their names, sorted. Errors: USAGE. */
error archive_list_files(struct arena *arena, slice directory, const slice **names,
                         uint32_t *count) MUST_CHECK;

/* Empty: none. */
slice archive_directory(const struct archive *archive);
slice archive_file_name(struct arena *arena, const struct backup *backup);

/* Copies the fields. One with this id is replaced, but not what is available by what is not. */
void archive_put(struct archive *archive, const struct backup *backup);
void archive_forget(struct archive *archive, slice id);

/*
 * Archives whose file somebody else has removed are told of in the log and forgotten. Nobody removes
 * one meanwhile: db->control is held. How many they were.
 */
uint32_t archive_forget_missing(struct archive *archive);
/* A file that was found damaged is told of and passed over, as a start does. */
void archive_pass_over(struct archive *archive, slice id, error why);

/* In `arena`. */
bool archive_find(struct archive *archive, struct arena *arena, slice id, struct backup *backup);
/* The first one behind `after` by id; false: there is none. */
bool archive_after(struct archive *archive, struct arena *arena, slice after,
                   struct backup *backup);

/* Whether a backup that a client asked for is being made of the table of this id. */
bool archive_makes_backup(struct archive *archive, slice table_id);
/* Until none is, it stops, or a second has gone by. */
void archive_await_backup(struct archive *archive, slice table_id);

void archive_stop(struct archive *archive);
bool archive_is_stopping(const struct archive *archive);

/* One thing at a time is done to the files of what is available. Taken before db->control. */
void archive_lock_files(struct archive *archive);
void archive_unlock_files(struct archive *archive);
