/*
 * Members that operations on tables share: the name alone, and what a client sets of a table
 * besides its keys.
 */
#pragma once
#include "db/table/table_update.h"
#include "ops/decode.h"
#include "ops/operation.h"

/* What DescribeTable and DeleteTable take. */
struct table_name_input {
    struct table_name table_name;
};
extern const struct structure table_name_structure;

enum billing { BILLING_UNSAID, BILLING_AS_PROVISIONED, BILLING_PER_REQUEST };
extern const struct choices billing_choices;

enum attribute_type { ATTRIBUTE_ABSENT, ATTRIBUTE_B, ATTRIBUTE_N, ATTRIBUTE_S };
struct definition {
    slice name;
    enum attribute_type type;
};
extern const struct structure definition_structure;

struct throughput {
    struct optional_integer write_units;
    struct optional_integer read_units;
};
extern const struct structure throughput_structure;

struct units_input { /* of warm throughput, or ceilings on demand */
    struct optional_integer read;
    struct optional_integer write;
};
extern const struct structure warm_structure;
extern const struct structure on_demand_structure;

enum encryption_type { ENCRYPTION_UNSAID, ENCRYPTION_AES256, ENCRYPTION_KMS };
struct encryption_input {
    struct optional_boolean enabled;
    enum encryption_type type;
    slice key_id;
};
extern const struct structure encryption_structure;

struct capacity_input { /* of a table or a global index; NULL: not given */
    const struct throughput *throughput;
    const struct units_input *warm;
    const struct units_input *on_demand;
};

struct settings_input {
    enum billing billing;
    enum billing throughput_mode; /* the same by its newer name: see settings_billing */
    struct capacity_input capacity;
    slice table_class;
    const struct encryption_input *encryption;
    struct optional_boolean deletion_protection;
};

/*
 * BillingMode, or TableThroughputMode where that is not given; both may be, and need not agree.
 *   Source: measured on the service, August 2026.
 */
enum billing settings_billing(const struct settings_input *in);

/*
 * Numbers of units that are none. What is above the quota is told last (ops/quota.h).
 *   `subject`: "table" or "index NAME", for messages.
 */
error throughput_check(struct arena *arena, slice subject,
                       const struct throughput *throughput) MUST_CHECK;

/* "table" for an empty name, else the name after `role`: what messages about units speak of. */
slice capacity_subject(struct arena *arena, const char *role, slice index_name);

/* Whether a structure of units has a member. */
bool units_are_any(const struct units_input *units);

/*
 * Units as given, 0 where they are not.
 *   `ceiling_none`: what -1 means for a ceiling, which only an existing one can lose.
 */
struct capacity {
    struct table_units provisioned;
    struct table_units on_demand_max;
    struct table_units warm;
};
struct capacity capacity_parse(const struct capacity_input *in, int64_t ceiling_none);

/*
 * What can be judged and made of the settings without the table: a change from nothing.
 *   `ceiling_none`: what -1 means for a ceiling, which only an existing one can lose.
 *   Errors: VALIDATION.
 */
error settings_parse(struct request *request, const struct settings_input *in, int64_t ceiling_none,
                     struct table_change *change) MUST_CHECK;

/*
 * What a new table or index can take. `settings` has its billing mode and gets its units.
 *   `index_name`: empty for the table.
 *   Errors: VALIDATION.
 */
error capacity_make(struct arena *arena, slice index_name, const struct capacity_input *in,
                    struct table_settings *settings) MUST_CHECK;
