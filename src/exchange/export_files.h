/*
 * The files of an export of a table, as the service lays them out in a bucket:
 *
 *   PREFIX/AWSDynamoDB/ID/_started                 empty: it has begun
 *   PREFIX/AWSDynamoDB/ID/data/NAME.json.gz        items, one a line; .ion.gz
 *   PREFIX/AWSDynamoDB/data/NAME.json.gz           of an incremental export: changes, one a line
 *   PREFIX/AWSDynamoDB/ID/manifest-files.json      the data files, their counts and sums; .md5
 *   PREFIX/AWSDynamoDB/ID/manifest-summary.json    what was exported; .md5
 *
 * The summary comes last: where it stands, everything else does. Names of data files follow from
 * the export's id and their number, so that an export that is made anew replaces its files.
 *
 * Source: Developer Guide, "DynamoDB table export output format"; listings of exports by the service.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

/* Stored: append only. */
enum export_format { EXPORT_JSON = 1, EXPORT_ION };
enum export_view { EXPORT_NEW_IMAGE = 1, EXPORT_NEW_AND_OLD_IMAGES };

extern const slice export_format_names[]; /* of the service; [format - 1] */
extern const slice export_view_names[];   /* [view - 1] */

/* What is known of an export beforehand, and stands in its summary. */
struct export_labels {
    slice id; /* "01732271000123-1a2b3c4d": epoch milliseconds, 14 digits, and 8 hex digits */
    slice arn;
    slice table_arn;
    slice table_id;
    slice bucket;
    slice prefix;
    slice sse_algorithm;
    slice kms_key_id; /* empty: none */
    enum export_format format;
    bool is_incremental;
    enum export_view view; /* incremental */
    int64_t start_ms;
    int64_t time_ms; /* full: the items as they were at this time */
    int64_t from_ms; /* incremental: what changed from then on */
    int64_t to_ms;   /* and before then */
};

/* One line: an item, or what became of one in an incremental export. */
struct export_record {
    slice item;      /* as it is; ITEM_ABSENT: it is gone */
    slice old_item;  /* as it was, when the view has it; ITEM_ABSENT: it was not there */
    slice key;       /* incremental */
    int64_t time_ms; /* incremental: of its last change */
};

struct export_files;

/*
 * Makes the folders and _started. What is open holds files: finish or abandon it.
 *   `folder`: of the bucket; borrowed. Text of `labels` is copied.
 *   Errors: ACCESS_DENIED, STORAGE, VALIDATION when the prefix is no path; here and below.
 */
error export_files_begin(struct arena *arena, int folder, const struct export_labels *labels,
                         struct export_files **files) MUST_CHECK;

/*
 * A data file: of one thread, while other threads may write others. There is at least one when the
 * export is finished. What is begun is ended or abandoned before the export is.
 */
struct export_data;
error export_data_begin(struct export_files *files, struct arena *arena,
                        struct export_data **data) MUST_CHECK;
error export_data_add(struct export_data *data, struct arena *arena,
                      const struct export_record *record) MUST_CHECK;
error export_data_end(struct export_data *data, struct arena *arena) MUST_CHECK;
void export_data_abandon(struct export_data *data);

struct export_counts {
    int64_t item_count;
    int64_t item_bytes; /* charged sizes of what was written */
    uint32_t file_count;
};

/* An incremental export costs as much as 10 MB at least. Source: measured on the service. */
int64_t export_billed_bytes(const struct export_labels *labels, const struct export_counts *counts);

/* The manifests. The writer is gone afterwards, as it is after abandoning it. */
error export_files_finish(struct export_files *files, struct arena *arena, int64_t end_ms,
                          struct export_counts *counts) MUST_CHECK;
void export_files_abandon(struct export_files *files);

/* The key of an object of the export's own folder: manifest-summary.json. */
slice export_key(struct arena *arena, const struct export_labels *labels, slice name);
