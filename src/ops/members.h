/* Members that many operations take, with their values in the order in which the service prints
 * them. */
#pragma once
#include "ops/decode.h"

enum capacity_detail {
    CAPACITY_UNSAID,
    CAPACITY_INDEXES,
    CAPACITY_TOTAL,
    CAPACITY_NONE,
};
extern const struct choices capacity_choices;

enum collection_metrics {
    COLLECTION_METRICS_UNSAID,
    COLLECTION_METRICS_SIZE, /* without local indexes there is nothing to report */
    COLLECTION_METRICS_NONE,
};
extern const struct choices collection_metrics_choices;

enum return_values {
    RETURN_VALUES_UNSAID,
    RETURN_VALUES_ALL_NEW,
    RETURN_VALUES_UPDATED_OLD,
    RETURN_VALUES_ALL_OLD,
    RETURN_VALUES_NONE,
    RETURN_VALUES_UPDATED_NEW,
};
extern const struct choices return_values_choices;

enum failure_values { /* ReturnValuesOnConditionCheckFailure */
                      FAILURE_VALUES_UNSAID,
                      FAILURE_VALUES_ALL_OLD,
                      FAILURE_VALUES_NONE,
};
extern const struct choices failure_values_choices;

enum selection {
    SELECT_UNSAID,
    SELECT_SPECIFIC_ATTRIBUTES,
    SELECT_COUNT,
    SELECT_ALL_ATTRIBUTES,
    SELECT_ALL_PROJECTED_ATTRIBUTES,
};
extern const struct choices selection_choices;
