/* Members of the operations on exports. */
#pragma once
#include "db/export/export.h"
#include "ops/decode.h"
#include "ops/operation.h"

enum { EXPORT_ARN_BYTES_MIN = 37, EXPORT_ARN_BYTES_MAX = 1024 };

extern const struct choices export_type_choices;

/* The whole reply: ExportDescription. */
void response_export(struct json_writer *out, const struct export *export);
/* One element of a list of summaries. */
void response_export_summary(struct json_writer *out, const struct export *export);
