/* What replies say of imports. */
#pragma once
#include "db/import/import.h"
#include "ops/decode.h"
#include "ops/operation.h"

enum { IMPORT_ARN_BYTES_MIN = 37, IMPORT_ARN_BYTES_MAX = 1024 };

/* As on the wire, by their enums. */
extern const slice exchange_format_names[EXCHANGE_FORMAT_COUNT];
extern const slice compression_names[COMPRESSION_COUNT];

extern const struct pattern pattern_of_delimiter; /* of CSV */
extern const struct pattern pattern_of_csv_header;
extern const struct pattern pattern_of_next_import; /* NextToken */

/* The whole reply of ImportTable and DescribeImport. */
void response_import(struct json_writer *out, const struct import *import);

/* An element of ListImports. */
void response_import_summary(struct json_writer *out, const struct import *import);
