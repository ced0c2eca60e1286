#include "ops/members.h"

static const slice capacity_names[] = {SLICE("INDEXES"), SLICE("TOTAL"), SLICE("NONE")};
const struct choices capacity_choices = CHOICES(capacity_names);

static const slice collection_metrics_names[] = {SLICE("SIZE"), SLICE("NONE")};
const struct choices collection_metrics_choices = CHOICES(collection_metrics_names);

static const slice return_values_names[] = {
    SLICE("ALL_NEW"), SLICE("UPDATED_OLD"), SLICE("ALL_OLD"), SLICE("NONE"), SLICE("UPDATED_NEW"),
};
const struct choices return_values_choices = CHOICES(return_values_names);

static const slice failure_values_names[] = {SLICE("ALL_OLD"), SLICE("NONE")};
const struct choices failure_values_choices = CHOICES(failure_values_names);

static const slice selection_names[] = {
    SLICE("SPECIFIC_ATTRIBUTES"),
    SLICE("COUNT"),
    SLICE("ALL_ATTRIBUTES"),
    SLICE("ALL_PROJECTED_ATTRIBUTES"),
};
const struct choices selection_choices = CHOICES(selection_names);
