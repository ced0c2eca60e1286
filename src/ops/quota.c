#include "ops/quota.h"

#include "base/limits.h"
#include <inttypes.h>

#define REFER                                                                                      \
    "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "   \
    "limits."

struct named_units {
    const char *name;
    const char *limit; /* as DescribeLimits has it; NULL: told in other words */
    int64_t units;
};

static error check_provisioned(struct request *request, slice index_name,
                               const struct throughput *throughput)
{
    bool is_table = index_name.size == 0;
    const struct named_units parts[] = {
        {"ReadCapacityUnits", NULL, throughput->read_units.value},
        {"WriteCapacityUnits", NULL, throughput->write_units.value},
    };
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units > CAPACITY_UNITS_TABLE_MAX)
            return fail(request->arena, ERROR_LIMIT_EXCEEDED,
                        "The requested %s%s%.*s, %" PRId64 ", is above the per %s maximum for the "
                        "account in %.*s. Per table maximum: %d. " REFER,
                        parts[i].name, is_table ? "" : " for index ", SLICE_ARGS(index_name),
                        parts[i].units, is_table ? "table" : "index",
                        SLICE_ARGS(db_region(request->session->db)), CAPACITY_UNITS_TABLE_MAX);
    }
    return NULL;
}

static error check_units(struct request *request, const char *parameter, slice subject,
                         const struct named_units *parts)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units > CAPACITY_UNITS_TABLE_MAX)
            return fail(request->arena, ERROR_LIMIT_EXCEEDED,
                        "Subscriber limit exceeded: Requested %s for %s for %.*s exceeds %s of the "
                        "account in region %.*s",
                        parts[i].name, parameter, SLICE_ARGS(subject), parts[i].limit,
                        SLICE_ARGS(db_region(request->session->db)));
    }
    return NULL;
}

static error check_ceilings(struct request *request, slice index_name,
                            const struct units_input *ceilings)
{
    const struct named_units parts[] = {
        {"MaxReadRequestUnits", "TableMaxReadCapacityUnits", ceilings->read.value},
        {"MaxWriteRequestUnits", "TableMaxWriteCapacityUnits", ceilings->write.value},
    };
    return check_units(request, "OnDemandThroughput",
                       capacity_subject(request->arena, "index : ", index_name), parts);
}

static error check_warm(struct request *request, slice index_name, const struct units_input *warm)
{
    const struct named_units parts[] = {
        {"ReadUnitsPerSecond", "TableMaxReadCapacityUnits", warm->read.value},
        {"WriteUnitsPerSecond", "TableMaxWriteCapacityUnits", warm->write.value},
    };
    return check_units(request, "WarmThroughput",
                       capacity_subject(request->arena, "index ", index_name), parts);
}

error quota_check(struct request *request, slice index_name, const struct capacity_input *in)
{
    if (in->throughput)
        TRY(check_provisioned(request, index_name, in->throughput));
    if (in->on_demand)
        TRY(check_ceilings(request, index_name, in->on_demand));
    return in->warm ? check_warm(request, index_name, in->warm) : NULL;
}

static void add(struct table_units *sum, struct table_units units)
{
    sum->read += units.read;
    sum->write += units.write;
}

void quota_release(struct quota_change *change, struct table_units units)
{
    add(&change->released, units);
}

void quota_request(struct quota_change *change, const struct capacity_input *in)
{
    if (in->throughput)
        add(&change->requested, (struct table_units){.read = in->throughput->read_units.value,
                                                     .write = in->throughput->write_units.value});
}

error quota_check_account(struct request *request, const struct quota_change *change)
{
    if (change->requested.read == 0 && change->requested.write == 0)
        return NULL; /* nothing to add, so no need to read every table */
    struct table_units reserved = table_units_reserved(request->session->db);
    const struct {
        const char *name;
        int64_t reserved;
        int64_t requested;
    } parts[] = {
        {"ReadCapacityUnits", reserved.read - change->released.read, change->requested.read},
        {"WriteCapacityUnits", reserved.write - change->released.write, change->requested.write},
    };
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].requested > 0 &&
            parts[i].reserved + parts[i].requested > CAPACITY_UNITS_ACCOUNT_MAX)
            return fail(request->arena, ERROR_LIMIT_EXCEEDED,
                        "This request would have caused the %s limit to be exceeded for the "
                        "account in %.*s. Current %s reserved by the account: %" PRId64
                        ". Limit: %d. Requested: %" PRId64 ". " REFER,
                        parts[i].name, SLICE_ARGS(db_region(request->session->db)), parts[i].name,
                        parts[i].reserved, CAPACITY_UNITS_ACCOUNT_MAX, parts[i].requested);
    }
    return NULL;
}
