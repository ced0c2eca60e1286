/* Every limit of the service and of this server: value, unit, source. */
#pragma once
#include <stdint.h>

enum {
    /* The service's. Source: Developer Guide, "Quotas" and "Constraints"; service model. */
    TABLE_NAME_BYTES_MIN = 3,
    TABLE_NAME_BYTES_MAX = 255,
    TABLE_ARN_BYTES_MAX = 1024,
    ATTRIBUTE_NAME_BYTES_MAX = 65535,
    KEY_ATTRIBUTE_NAME_BYTES_MAX = 255,
    INDEX_NAME_BYTES_MIN = 3,
    INDEX_NAME_BYTES_MAX = 255,
    INCLUDED_ATTRIBUTES_MAX = 20,        /* NonKeyAttributes of one index */
    INCLUDED_ATTRIBUTES_TABLE_MAX = 100, /* of all indexes of a table, repeats counted */
    PLACEHOLDER_BYTES_MAX = 255, /* with the '#' or ':' */
    PARTITION_KEY_BYTES_MAX = 2048,
    SORT_KEY_BYTES_MAX = 1024,
    ITEM_BYTES_MAX = 400 * 1024,
    NESTING_LEVELS_MAX = 32, /* the attribute itself is level 1 */
    PAGE_BYTES_MAX = 1024 * 1024,
    EXPRESSION_BYTES_MAX = 4096,
    EXPRESSION_OPERATORS_MAX = 300,
    IN_OPERANDS_MAX = 100, /* counting the left one */
    PARTIQL_STATEMENT_BYTES_MAX = 8192,
    PARTIQL_IN_VALUES_MAX = 100,
    PARTIQL_READS_MAX = 50,      /* ranges of keys that one SELECT may read */
    PARTIQL_READS_ITEMS_MAX = 10, /* in a page of a SELECT that reads more than one */
    PARTIQL_BATCH_MAX = 25,
    PARTIQL_NEXT_TOKEN_BYTES_MAX = 32768,
    PLACEHOLDERS_BYTES_MAX = 2 * 1024 * 1024,
    BATCH_GET_KEYS_MAX = 100,
    BATCH_GET_BYTES_MAX = 16 * 1024 * 1024, /* of items returned */
    BATCH_WRITE_REQUESTS_MAX = 25,
    TRANSACTION_ACTIONS_MAX = 100,
    TRANSACTION_BYTES_MAX = 4 * 1024 * 1024, /* of what a transaction carries or returns */
    TOKEN_CHARACTERS_MAX = 36,               /* ClientRequestToken */
    TOKEN_LIFE_MS = 10 * 60 * 1000,          /* how long it is remembered */
    LIST_TABLES_LIMIT_MAX = 100,
    EXPIRY_ATTRIBUTE_CHARACTERS_MAX = 255,
    STREAM_ARN_BYTES_MIN = 37,
    STREAM_ARN_BYTES_MAX = 1024,
    SHARD_ID_BYTES_MIN = 28,
    SHARD_ID_BYTES_MAX = 65,
    SEQUENCE_NUMBER_BYTES_MIN = 21,
    SEQUENCE_NUMBER_BYTES_MAX = 40,
    SHARD_ITERATOR_BYTES_MAX = 2048,
    LIST_STREAMS_LIMIT_MAX = 100,
    DESCRIBE_STREAM_LIMIT_MAX = 100,
    GET_RECORDS_LIMIT_MAX = 1000,
    STREAM_PAGE_BYTES_MAX = 1024 * 1024, /* of one GetRecords */
    SHARD_ITERATOR_MS = 15 * 60 * 1000,  /* how long one can be used */
    TAGS_MAX = 50,
    TAG_KEY_CHARACTERS_MAX = 128,
    TAG_VALUE_CHARACTERS_MAX = 256,
    RESOURCE_ARN_CHARACTERS_MAX = 1283,
    TABLES_MAX = 10000,
    LOCAL_INDEXES_MAX = 5,
    GLOBAL_INDEXES_MAX = 20,
    INDEXES_MAX = LOCAL_INDEXES_MAX + GLOBAL_INDEXES_MAX,
    NUMBER_DIGITS_MAX = 38,
    NUMBER_MAGNITUDE_MIN = -130,
    NUMBER_MAGNITUDE_MAX = 125,
    READ_UNIT_BYTES = 4096,
    WRITE_UNIT_BYTES = 1024,
    CAPACITY_UNITS_TABLE_MAX = 40000,
    CAPACITY_UNITS_ACCOUNT_MAX = 80000,
    PARTITION_READ_UNITS = 3000, /* what one partition takes a second */
    PARTITION_WRITE_UNITS = 1000,
    PARTITION_GIGABYTES_MAX = 10,

    COLLECTION_GIGABYTES_MAX = 10, /* items of one partition key and their local entries */

    /* HTTP. Source: service behaviour (413 over 16 MB, plain 400 over 16 KB of head). */
    BODY_BYTES_MAX = 16 * 1024 * 1024,
    HEAD_BYTES_MAX = 16 * 1024,
    HEADERS_MAX = 100,

    /* This server's own. */
    JSON_LEVELS_MAX = 512,          /* any JSON; deeper is not JSON to us */
    EXPRESSION_LEVELS_MAX = 320,    /* parser recursion: 300 operators and their parentheses */
    LOOP_READ_ROWS_MAX = 64,        /* rows a loop reads before a worker takes over */
    BACKFILL_PAGE_ROWS = 256,       /* items that a backfill locks and changes at a time */
    STORE_SCAN_ROWS_MAX = 1024,     /* rows of one store scan */
    WORKER_READ_ROWS_MAX = 256,     /* the same of a worker, before a reader takes over */
    READ_STEP_ROWS_MAX = 256,       /* rows a reader reads, some 300 us, before it looks up */
    IMPORT_SAVE_RECORDS = 10000, /* so many of an import are read again at most. Ours */
    STORE_SCAN_BYTES_MAX = 1152 * 1024,
    COMMIT_GROUP_ROWS_MAX = 1024,   /* rows of one batch */
    PARTITIONS_MAX = 1024,          /* of one table */
};

static const int64_t GIGABYTE = INT64_C(1) << 30;
static const int64_t COLLECTION_BYTES_MAX = COLLECTION_GIGABYTES_MAX * GIGABYTE;
