/*
 * A disk that loses power: a library preloaded under the real server.
 *
 * Every change under POWERCUT_DIR takes effect at once, as in a page cache, and leaves an undo
 * record. A sync of a file forgets the records of its bytes; a sync of a directory forgets those
 * of its names (the strict reading of POSIX: syncing a new file does not make its name durable).
 * At the cut everything still on record is undone, newest first, and the process is gone. So what
 * stays is what was synced, and, when tearing, a random first part of what was not.
 *
 * What it cannot model (stdio and mapped writes) it refuses loudly; the one exception is stdio on
 * a descriptor opened before (RocksDB's LOG, which nothing reads), whose bytes are not on record.
 *
 *   POWERCUT_DIR=DIR          only what lies below is handled
 *   POWERCUT_CONTROL=PATH     a Unix socket that takes one command a line, see `obey`
 *   POWERCUT_SEED=N           chooses what is torn
 *   POWERCUT_TEAR=drop|prefix|sectors
 *                             what remains of the unsynced: nothing; a prefix of each file's
 *                             writes, the last one cut short, and a prefix of the names; or the
 *                             files' new ends with random sectors zeroed
 *   POWERCUT_CUT=KIND:N[:SUFFIX]          power fails at the N-th call of a kind
 *   POWERCUT_FAIL=KIND:N[+]:ERRNO[:SUFFIX] the N-th call (+: and all later ones) fails
 *                             KIND: write, sync, rename, any; SUFFIX: of the file's name
 *   POWERCUT_AT_EXIT=1        power also fails when the process ends by itself
 *   POWERCUT_SYNC_DELAY_US=N  every sync takes so long
 *   POWERCUT_FREE=BYTES       what statvfs says is free
 *   POWERCUT_BOOT=FILE        is read as the kernel's boot id: after a cut the machine has booted
 */
#pragma once
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Nothing here may take the place of a name of the program above. */
#pragma GCC visibility push(hidden)

enum { DESCRIPTORS_MAX = 65536, SECTOR_BYTES = 512 };

/* One write or truncation that is not synced: how to take it back. */
struct change {
    struct change *older;
    off_t offset;
    size_t written; /* bytes written at offset; 0 for a truncation */
    off_t size_before;
    size_t saved; /* old bytes from offset on that the change covered */
    char bytes[];
};

struct file {
    struct file *next;
    dev_t device;
    ino_t inode;
    struct change *newest; /* NULL: all is synced */
    int undo_fd;           /* open while there are changes */
    bool poisoned;         /* a sync failed: what was unsynced can never be made durable */
    char name[NAME_MAX + 1];
};

enum name_kind { NAME_CREATED, NAME_UNLINKED, NAME_RENAMED, DIRECTORY_MADE, DIRECTORY_REMOVED };

/* One change of a directory that is not synced. */
struct name_change {
    struct name_change *older;
    enum name_kind kind;
    char path[PATH_MAX];
    char from[PATH_MAX];  /* NAME_RENAMED */
    char grave[PATH_MAX]; /* where the file that lost this name is kept; empty: there was none */
};

enum call_kind { CALL_WRITE, CALL_SYNC, CALL_RENAME, CALL_ANY, CALL_KINDS };

/* "The N-th call of a kind on files whose names end so." */
struct trigger {
    bool set;
    bool onward; /* and every later one */
    enum call_kind kind;
    uint64_t number;
    uint64_t seen;
    int failure; /* errno */
    char suffix[64];
};

enum tear { TEAR_DROP, TEAR_PREFIX, TEAR_SECTORS };

extern const char *const call_names[CALL_KINDS];
extern const char *const tear_names[];

/* ---- disk.c: the state, all of it guarded by `guard` ---- */

extern pthread_mutex_t guard;
extern pthread_cond_t released;
extern bool active;
extern char root[PATH_MAX];
extern char graveyard[PATH_MAX + 32];
extern struct file *files;
extern struct name_change *names;
extern struct file *opened[DESCRIPTORS_MAX];
extern char *opened_directory[DESCRIPTORS_MAX]; /* its path */
extern struct trigger cut_trigger, fail_trigger;
extern enum tear tear;
extern uint64_t seed;
extern uint64_t calls[CALL_KINDS];
extern bool cut_at_exit;
extern unsigned sync_delay_us;
extern bool held;
extern char held_suffix[64];
extern uint64_t waiting;
extern bool free_set;
extern uint64_t free_bytes;

void say(const char *format, ...);
void refuse(const char *what, const char *path);
bool ends_with(const char *text, const char *suffix);
const char *name_of(const char *path);
bool resolve(int directory_fd, const char *path, char *resolved);
void undo_change(const struct file *file, const struct change *change, size_t kept);
void cut_locked(const char *why);
int count_call_locked(enum call_kind kind, const char *name);
struct file *file_find(int fd, bool fresh);
void forget_changes(struct file *file);
void record_change(int fd, struct file *file, off_t offset, size_t size, bool truncates);
void record_name(enum name_kind kind, const char *path, const char *from, const char *grave);
bool bury(const char *path, char *grave);
void sync_directory(const char *directory);

/* ---- calls.c: each call, carried out and put on record ---- */

struct file *file_of(int fd);
const char *as_after_boot(const char *path);
int open_tracked(int directory_fd, const char *path, int flags, mode_t mode);
ssize_t write_tracked(int fd, const struct iovec *parts, int part_count, off_t at);
int resize_tracked(int fd, off_t size);
int sync_tracked(int fd, long number);
void sync_everything(void);
int unlink_tracked(int directory_fd, const char *path, int flags);
int rename_tracked(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int make_tracked(int directory_fd, const char *path, mode_t mode);
int link_tracked(int from_fd, const char *from, int to_fd, const char *to, int flags);

#pragma GCC visibility pop
