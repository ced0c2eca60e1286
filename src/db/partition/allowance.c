#include "db/partition/allowance.h"

#include "base/limits.h"
#include "db/index/index.h"

enum { BURST_S = 300, NO_BURST_S = 1 };
static const int64_t UNITS_MAX = 1000000000; /* as far as a bucket goes */

static int64_t part(struct table_units units, enum usage_kind kind)
{
    int64_t amount = kind == USAGE_READ ? units.read : units.write;
    return amount < UNITS_MAX ? amount : UNITS_MAX;
}

struct allowance allowance_of(const struct table *table, const struct index *index,
                              enum usage_kind kind)
{
    struct table_settings settings = table->settings;
    if (index) {
        settings.provisioned = index->provisioned;
        settings.on_demand_max = index->on_demand_max;
        settings.warm = index->warm;
    }
    if (settings.billing_mode == BILLING_PROVISIONED)
        return (struct allowance){.units = part(settings.provisioned, kind)};
    table_settings_warm_up(&settings);
    return (struct allowance){.on_demand = true,
                              .units = part(settings.warm, kind),
                              .ceiling = part(settings.on_demand_max, kind)};
}

int64_t allowance_grown(const struct allowance *allowance, const struct peak *peak)
{
    int64_t doubled = peak_doubled(peak);
    if (doubled > CAPACITY_UNITS_TABLE_MAX)
        doubled = CAPACITY_UNITS_TABLE_MAX;
    return doubled > allowance->units ? doubled : allowance->units;
}

struct bucket_rate allowance_now(const struct allowance *allowance, const struct peak *peak,
                                 enum usage_limit *limit)
{
    *limit = USAGE_PROVISIONED;
    if (!allowance->on_demand)
        return (struct bucket_rate){allowance->units, BURST_S};
    int64_t units = allowance_grown(allowance, peak);
    *limit = units < CAPACITY_UNITS_TABLE_MAX ? USAGE_KEY_RANGE : USAGE_ACCOUNT;
    if (allowance->ceiling > 0 && units >= allowance->ceiling) {
        *limit = USAGE_ON_DEMAND_MAX;
        units = allowance->ceiling;
    }
    return (struct bucket_rate){units, NO_BURST_S};
}

struct bucket_rate allowance_of_partition(enum usage_kind kind)
{
    return (struct bucket_rate){kind == USAGE_READ ? PARTITION_READ_UNITS : PARTITION_WRITE_UNITS,
                                NO_BURST_S};
}
