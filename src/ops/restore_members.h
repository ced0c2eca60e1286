/* What a restored table may have otherwise than the table it comes from. */
#pragma once
#include "db/backup/restore.h"
#include "ops/schema.h"

struct restore_input {
    slice target_name;
    enum billing billing;
    struct decoded_list global_indexes; /* of struct index_input: those that are kept */
    struct decoded_list local_indexes;
    const struct throughput *throughput;
    const struct units_input *on_demand;
    const struct encryption_input *encryption;
};

/* The fields, for an input that has the struct as its member `overrides`. */
#define RESTORE_FIELDS(input)                                                                      \
    FIELD(input, overrides.target_name, "TargetTableName", FIELD_STRING, REQUIRED,                 \
          .is_name = true, .min = TABLE_NAME_BYTES_MIN, .max = TABLE_NAME_BYTES_MAX),              \
        FIELD(input, overrides.billing, "BillingModeOverride", FIELD_ENUM, OPTIONAL,               \
              .choices = &billing_choices),                                                        \
        FIELD(input, overrides.global_indexes, "GlobalSecondaryIndexOverride",                     \
              FIELD_STRUCTURE_LIST, OPTIONAL, .structure = &global_index_structure),               \
        FIELD(input, overrides.local_indexes, "LocalSecondaryIndexOverride",                       \
              FIELD_STRUCTURE_LIST, OPTIONAL, .structure = &local_index_structure),                \
        FIELD(input, overrides.throughput, "ProvisionedThroughputOverride", FIELD_STRUCTURE,       \
              OPTIONAL, .structure = &throughput_structure),                                       \
        FIELD(input, overrides.on_demand, "OnDemandThroughputOverride", FIELD_STRUCTURE, OPTIONAL, \
              .structure = &on_demand_structure),                                                  \
        FIELD(input, overrides.encryption, "SSESpecificationOverride", FIELD_STRUCTURE, OPTIONAL,  \
              .structure = &encryption_structure),                                                 \
        NOT_BUILT("VectorIndexOverride", FIELD_STRUCTURE_LIST, .structure = SHAPE("VectorIndex"))

/*
 * What is in another region, where there is nothing from here.
 *   `not_found`: what is said once a key for the copy is named.
 */
error restore_from_elsewhere(const struct restore_input *in, error not_found) MUST_CHECK;

/*
 * Create the table that gets the source's items, and answer with it.
 *   Errors: VALIDATION for an override that does not fit; those of table_create.
 */
error restore_table(struct request *request, const struct restore_input *in,
                    const struct restore_source *source) MUST_CHECK;
