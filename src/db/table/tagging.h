/*
 * Tags of a table, and how a change of them gets about. It takes the transition delay: until it
 * is over the tags are listed as they were, the table stays, and no other change is taken but one
 * that sets all that is under way, again or with more. What changes nothing takes no time.
 *
 * What is under way is not stored: after a restart every change has got about.
 * Source: the control plane measured on the service; tests/api/tags.test.mjs.
 */
#pragma once
#include "db/table/table.h"

/*
 * Set tags, each key at most once in `tags`, or remove them by key. Durable when they return;
 * workers only.
 *   Errors: RESOURCE_NOT_FOUND when it is not there or CREATING; RESOURCE_IN_USE while DELETING;
 *   LIMIT_EXCEEDED beside another change; VALIDATION when there would be more than TAGS_MAX.
 */
error table_tag(struct db_session *session, slice name, const struct table_tag *tags,
                uint32_t count) MUST_CHECK;
error table_untag(struct db_session *session, slice name, const slice *keys,
                  uint32_t count) MUST_CHECK;

/* As they are listed. */
const struct table_tag *table_tags_at(const struct table *table, int64_t now_ms, uint32_t *count);

/* For DeleteTable. Errors: RESOURCE_IN_USE while a change is under way. */
error table_check_tagged(struct arena *arena, const struct table *table,
                         int64_t now_ms) MUST_CHECK;
