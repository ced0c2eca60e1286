/* Members that the operations on Contributor Insights share. */
#pragma once
#include "db/table/insights.h"
#include "ops/decode.h"
#include "ops/operation.h"

extern const struct choices insights_mode_choices;

/* Members of an object that has been opened: table, index, status, and the mode, also the last. */
void response_insights(struct json_writer *out, const struct insights_state *state);
