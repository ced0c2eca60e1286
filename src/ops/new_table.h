/* What CreateTable and ImportTable say of a new table, and make of it in the same order. */
#pragma once
#include "ops/operation.h"
#include "ops/schema.h"

/*
 * Settings, keys and indexes of the definition, or the first thing that is wrong with them.
 *   Errors: VALIDATION.
 */
error new_table_parse(struct request *request, const struct settings_input *settings,
                      const struct schema_input *schema, const struct decoded_list *tags,
                      struct table_definition *definition) MUST_CHECK;

/* What is above the quotas: judged after all else. */
error new_table_check_quota(struct request *request, const struct settings_input *settings,
                            const struct schema_input *schema) MUST_CHECK;
