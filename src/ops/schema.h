/*
 * What CreateTable says of keys: attribute definitions, the table's key schema, its indexes.
 *
 * Source: error texts captured from the service; the control plane measured on the service;
 * Developer Guide, quotas, item sizes and capacity.
 */
#pragma once
#include "db/index/index.h"
#include "ops/quota.h"

struct schema_input {
    struct decoded_list definitions;
    struct decoded_list keys;
    struct decoded_list local_indexes;
    struct decoded_list global_indexes;
};

/* Of both kinds; a local one has no capacity of its own. */
struct projection_input;
struct index_input {
    const struct projection_input *projection;
    slice name;
    struct decoded_list keys;
    struct capacity_input capacity;
};

/* Elements of the lists. */
extern const struct structure key_element_structure;
extern const struct structure local_index_structure;
extern const struct structure global_index_structure;

/* What UpdateTable does to a global index; each over struct index_input. */
extern const struct structure create_index_structure;
extern const struct structure update_index_structure; /* a name and capacity */
extern const struct structure delete_index_structure; /* a name */

/*
 * The keys and indexes of the definition, local indexes first, each kind as submitted; or the first
 * thing that is wrong with them, in the service's order.
 *   Errors: VALIDATION.
 */
error schema_parse(struct arena *arena, const struct schema_input *in,
                   enum billing_mode billing_mode, struct table_definition *definition) MUST_CHECK;

/*
 * A global index to be added to a table, whose keys are among `definitions`.
 *   Errors: VALIDATION.
 */
error schema_parse_index(struct arena *arena, const struct decoded_list *definitions,
                         const struct index_input *in, enum billing_mode billing_mode,
                         struct index *index) MUST_CHECK;

/* Whether keys and projection of the input are those of the index; types are not looked at. */
bool schema_is_of_index(const struct index_input *in, const struct index *index);

/* What the global indexes ask of the account; what of it is above the quota of an index. */
void schema_request_quota(const struct schema_input *in, struct quota_change *change);
error schema_check_quota(struct request *request, const struct schema_input *in) MUST_CHECK;
