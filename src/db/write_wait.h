/* Writes of background work, which waits for them: as db_write, and settled when it returns. */
#pragma once
#include "db/write.h"

error db_write_and_wait(struct db *db, struct arena *arena, const struct write_plan *plans,
                        uint32_t count, struct write_result *results) MUST_CHECK;
