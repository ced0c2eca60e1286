/*
 * GET /_stator/partitions: what lies in each partition of tables and global indexes, and what it is
 * asked for (docs/operations.md has its members). The hot keys on it are values of items.
 *
 *   ?table=NAME  that table alone
 *   ?after=NAME  tables behind that name: a page has PARTITIONS_PAGE_TABLES at most, and where
 *                there are more it ends with "next", the name to go on after
 *
 * Made by a reader, which stands back for requests and may wait for the counters of a table.
 */
#pragma once
#include "server/reply.h"

struct db;
struct workers;

enum { PARTITIONS_PAGE_TABLES = 50, PARTITIONS_HOT_KEYS = 10 };

struct partitions_page {
    struct db *db;
    struct workers *readers;
};

/* Reply with the page, later. */
void partitions_answer(const struct partitions_page *page, struct http_exchange *exchange,
                       const struct reply_form *form);
