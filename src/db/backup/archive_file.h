/*
 * Archive files: backups and what point-in-time recovery keeps, as checksummed blocks.
 *
 * A file begins with a head that says what it is (db/backup/backup_row.h) and goes on with images: states
 * of items, in an order in which the last one of an item is right. It is written under a temporary
 * name and only has its own once all of it is on the disk. Bytes: docs/formats.md.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

enum archive_block { ARCHIVE_HEAD = 1, ARCHIVE_IMAGES = 2, ARCHIVE_END = 3 }; /* stored */

/* A state of one item. */
struct archive_image {
    slice item;      /* whole; of one that is gone its key */
    bool is_gone;
    int64_t time_ms; /* of the commit that made it so; 0: before all others */
};

/* ---- writing ---- */

struct archive_writer;

/*
 * `head` is the payload of the first block. What is open holds a file: finish or abandon it.
 *   Errors: STORAGE with the file's name and the reason, here and below.
 */
error archive_create(struct arena *arena, slice directory, slice name, slice head,
                     struct archive_writer **writer) MUST_CHECK;
error archive_add(struct archive_writer *writer, struct arena *arena,
                  const struct archive_image *image) MUST_CHECK;
uint64_t archive_image_count(const struct archive_writer *writer);

/* The end, a sync, its name. The writer is gone afterwards, as it is after abandoning it. */
error archive_finish(struct archive_writer *writer, struct arena *arena) MUST_CHECK;
void archive_abandon(struct archive_writer *writer);

/* For good, also after a power cut. */
error archive_remove(struct arena *arena, slice directory, slice name) MUST_CHECK;

/* ---- reading ---- */

struct archive_reader;

/*
 * `head` lives in the arena, and so does the reader, which closes itself with it.
 *   Errors: CORRUPT naming file and offset, here and below; STORAGE.
 */
error archive_open(struct arena *arena, slice directory, slice name, struct archive_reader **reader,
                   slice *head) MUST_CHECK;

/*
 * The images of the next block, in `arena`; none at the end, which proves that nothing is missing.
 */
error archive_next(struct archive_reader *reader, struct arena *arena,
                   const struct archive_image **images, uint32_t *count) MUST_CHECK;

/* Beyond this a request does not wait until a file was read. */
#define ARCHIVE_AWAITED_BYTES_MAX (UINT64_C(256) * 1024 * 1024)

/* Read a file through, unless it is larger. Errors: as archive_open. */
error archive_prove(struct arena *arena, slice directory, slice name,
                    uint64_t bytes_max) MUST_CHECK;

/* Bytes of the file; 0 when it is not there. */
uint64_t archive_size(struct arena *arena, slice directory, slice name);

/* A failure that names the file and where it stands. */
error archive_damaged(const struct archive_reader *reader, struct arena *arena, const char *what);
