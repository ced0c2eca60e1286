#include "tool/plan.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/option.h"
#include "db/partition/partition.h"
#include "tool/tool.h"
#include <stdio.h>

/* ---- the answer ---- */

/* A new table on demand takes this much at once, and is laid out for it. */
static struct table_units laid_out_for(const struct plan *plan)
{
    struct table_settings settings = {.billing_mode = plan->mode, .warm = plan->units};
    table_settings_warm_up(&settings);
    return settings.warm;
}

static int64_t at_least_one(int64_t count)
{
    return count < 1 ? 1 : count;
}

int64_t plan_partitions(const struct plan *plan)
{
    int64_t by_throughput = partitions_for_throughput(plan->mode, laid_out_for(plan));
    int64_t by_size = partitions_for_size(plan->gigabytes * GIGABYTE);
    return at_least_one(by_throughput > by_size ? by_throughput : by_size);
}

static slice explain_throughput(struct arena *arena, const struct plan *plan)
{
    struct table_units units = laid_out_for(plan);
    int64_t count = at_least_one(partitions_for_throughput(plan->mode, units));
    double by_reads = (double)units.read / PARTITION_READ_UNITS;
    double by_writes = (double)units.write / PARTITION_WRITE_UNITS;
    if (plan->mode == BILLING_PROVISIONED)
        return arena_format(arena,
                            "  by throughput  %lld RCU / %d + %lld WCU / %d = %.2f, so %lld\n",
                            (long long)units.read, PARTITION_READ_UNITS, (long long)units.write,
                            PARTITION_WRITE_UNITS, by_reads + by_writes, (long long)count);
    return arena_format(arena,
                        "  by throughput  the larger of %lld reads / %d = %.2f and %lld writes / "
                        "%d = %.2f, so %lld\n",
                        (long long)units.read, PARTITION_READ_UNITS, by_reads,
                        (long long)units.write, PARTITION_WRITE_UNITS, by_writes, (long long)count);
}

static void explain_consequences(struct arena *arena, struct buffer *text, const struct plan *plan,
                                 int64_t count)
{
    bool provisioned = plan->mode == BILLING_PROVISIONED;
    double share = 1.0 / (double)count;
    if (!provisioned)
        buffer_append(text, arena_format(arena,
                                         "A new table on demand takes %d reads and %d writes a "
                                         "second at once and is laid out for that.\n",
                                         WARM_READ_UNITS_ON_DEMAND, WARM_WRITE_UNITS_ON_DEMAND));
    buffer_append(
        text,
        arena_format(arena,
                     "Each would hold %.4g GB; of the throughput asked for its even share is "
                     "%.4g %s and %.4g %s.\n"
                     "One partition never takes more than %d reads and %d writes a second, "
                     "whatever the table has:\nno single key may need more than that.\n",
                     (double)plan->gigabytes * share, (double)plan->units.read * share,
                     provisioned ? "RCU" : "reads", (double)plan->units.write * share,
                     provisioned ? "WCU" : "writes", PARTITION_READ_UNITS, PARTITION_WRITE_UNITS));
    if (count > PARTITIONS_MAX)
        buffer_append(
            text, arena_format(arena, "A table here has %d partitions at most.\n", PARTITIONS_MAX));
}

slice plan_explain(struct arena *arena, const struct plan *plan)
{
    struct buffer text;
    buffer_init(&text, arena);
    int64_t count = plan_partitions(plan);
    int64_t by_size = at_least_one(partitions_for_size(plan->gigabytes * GIGABYTE));
    buffer_append(&text, arena_format(arena, "%lld partition%s, the larger of\n", (long long)count,
                                      count == 1 ? "" : "s"));
    buffer_append(&text, arena_format(arena, "  by size        %lld GB / %d GB = %.2f, so %lld\n",
                                      (long long)plan->gigabytes, PARTITION_GIGABYTES_MAX,
                                      (double)plan->gigabytes / PARTITION_GIGABYTES_MAX,
                                      (long long)by_size));
    buffer_append(&text, explain_throughput(arena, plan));
    explain_consequences(arena, &text, plan, count);
    return buffer_slice(&text);
}

/* ---- the command ---- */

struct plan_options {
    int64_t gigabytes;
    struct table_units provisioned;
    struct table_units requests;
};

enum { UNITS_MAX = 1000000000 };

static const struct option options[] = {
    {SLICE("gb"), "N", "0", OPTION_INTEGER, 0, UNITS_MAX,
     "Gigabytes of items, and of their entries in local indexes.",
     offsetof(struct plan_options, gigabytes), NULL},
    {SLICE("rcu"), "N", "0", OPTION_INTEGER, 0, UNITS_MAX,
     "Provisioned read units: strongly consistent reads of 4 KB a second.",
     offsetof(struct plan_options, provisioned.read), NULL},
    {SLICE("wcu"), "N", "0", OPTION_INTEGER, 0, UNITS_MAX,
     "Provisioned write units: writes of 1 KB a second.",
     offsetof(struct plan_options, provisioned.write), NULL},
    {SLICE("read-requests"), "N", "0", OPTION_INTEGER, 0, UNITS_MAX,
     "Read units a second of a table on demand; instead of --rcu and --wcu.",
     offsetof(struct plan_options, requests.read), NULL},
    {SLICE("write-requests"), "N", "0", OPTION_INTEGER, 0, UNITS_MAX,
     "Write units a second of a table on demand.", offsetof(struct plan_options, requests.write),
     NULL},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static const struct option_set set = {
    .command = "stator plan", .options = options, .count = OPTION_COUNT};

error plan_run(struct arena *arena, int word_count, char **words)
{
    struct plan_options said;
    struct option_arguments arguments;
    enum option_origin origins[OPTION_COUNT];
    TRY(options_read(arena, &set, word_count, words, &said, &arguments, origins));
    if (arguments.asks_for_help) {
        printf("%.*s", SLICE_ARGS(option_help(arena, &set,
                                              "How many partitions a table, or a global index, "
                                              "has: ceil(max(GB/10, RCU/3000 + WCU/1000)).\n")));
        return NULL;
    }
    bool given[OPTION_COUNT];
    for (int i = 0; i < OPTION_COUNT; i++)
        given[i] = origins[i] != OPTION_STANDARD;
    bool provisioned = given[1] || given[2];
    bool on_demand = given[3] || given[4];
    if (provisioned && on_demand)
        return fail(arena, ERROR_USAGE,
                    "--rcu and --wcu are of a provisioned table, --read-requests and "
                    "--write-requests of one on demand: say one kind");
    if (!provisioned && !on_demand && !given[0])
        return fail(arena, ERROR_USAGE,
                    "say what the table is to hold and take: stator plan --gb 100 --rcu 2000 "
                    "--wcu 3000; stator plan --help lists the options");
    struct plan plan = {.gigabytes = said.gigabytes,
                        .mode = on_demand ? BILLING_PAY_PER_REQUEST : BILLING_PROVISIONED,
                        .units = on_demand ? said.requests : said.provisioned};
    printf("%.*s", SLICE_ARGS(plan_explain(arena, &plan)));
    return NULL;
}
