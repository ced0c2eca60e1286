/*
 * DescribeLimits: the quotas of the account, which are the service's defaults.
 *
 * Source: AWS API Reference, DescribeLimits; Developer Guide, quotas, item sizes and capacity.
 */
#include "base/limits.h"
#include "ops/decode.h"
#include "ops/operation.h"

static const struct structure structure = {.size = 1};

static error run(struct request *request, const void *decoded)
{
    (void)decoded;
    const struct {
        slice name;
        int64_t units;
    } quotas[] = {
        {SLICE("AccountMaxReadCapacityUnits"), CAPACITY_UNITS_ACCOUNT_MAX},
        {SLICE("AccountMaxWriteCapacityUnits"), CAPACITY_UNITS_ACCOUNT_MAX},
        {SLICE("TableMaxReadCapacityUnits"), CAPACITY_UNITS_TABLE_MAX},
        {SLICE("TableMaxWriteCapacityUnits"), CAPACITY_UNITS_TABLE_MAX},
    };
    json_write_object_begin(request->out);
    for (uint32_t i = 0; i < sizeof quotas / sizeof *quotas; i++) {
        json_write_name(request->out, quotas[i].name);
        json_write_integer(request->out, quotas[i].units);
    }
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_describe_limits = {SLICE("DescribeLimits"), &structure, run};
