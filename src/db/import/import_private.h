/* What the files of db/import share. */
#pragma once
#include "db/db_private.h"
#include "db/import/import.h"
#include "db/import/import_row.h"

/* Visits all imports, the newest first, until the visitor says false. */
typedef bool import_visitor(void *context, const struct import *import);
error import_visit(struct db *db, struct arena *arena, import_visitor *visit,
                   void *context) MUST_CHECK;

/* There is work for the next turn. */
void import_wake(struct db *db);

bool import_stops(struct db *db);

/* What db_import was in the middle of; nothing durable is lost. */
void db_import_abandon(struct db *db);
