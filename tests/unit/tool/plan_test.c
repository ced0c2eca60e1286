/* How many partitions, and the formula with its figures. */
#include "tool/plan.h"

#include "tests/test.h"

TEST(the_larger_of_size_and_throughput_counts)
{
    static const struct {
        int64_t gigabytes;
        int64_t reads;
        int64_t writes;
        enum billing_mode mode;
        int64_t wanted;
    } cases[] = {
        {100, 2000, 3000, BILLING_PROVISIONED, 10},
        {0, 5, 5, BILLING_PROVISIONED, 1},
        {1, 3000, 1, BILLING_PROVISIONED, 2},
        {1, 3000, 1000, BILLING_PROVISIONED, 2},
        {25, 6000, 2000, BILLING_PROVISIONED, 4},
        {0, 40000, 40000, BILLING_PROVISIONED, 54},
        {0, 0, 0, BILLING_PROVISIONED, 1},
        {0, 0, 0, BILLING_PAY_PER_REQUEST, 4},
        {0, 12000, 4000, BILLING_PAY_PER_REQUEST, 4},
        {0, 40000, 40000, BILLING_PAY_PER_REQUEST, 40},
        {41, 0, 0, BILLING_PAY_PER_REQUEST, 5},
        {1000000000, 1000000000, 1000000000, BILLING_PROVISIONED, 100000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan plan = {cases[i].gigabytes, cases[i].mode, {cases[i].reads, cases[i].writes}};
        CHECK(plan_partitions(&plan) == cases[i].wanted);
    }
}

TEST(a_plan_shows_its_formula)
{
    SCOPED_ARENA(arena);
    struct plan plan = {100, BILLING_PROVISIONED, {2000, 3000}};
    CHECK_SLICE(plan_explain(&arena, &plan),
                SLICE("10 partitions, the larger of\n"
                      "  by size        100 GB / 10 GB = 10.00, so 10\n"
                      "  by throughput  2000 RCU / 3000 + 3000 WCU / 1000 = 3.67, so 4\n"
                      "Each would hold 10 GB; of the throughput asked for its even share is 200 "
                      "RCU and 300 WCU.\n"
                      "One partition never takes more than 3000 reads and 1000 writes a second, "
                      "whatever the table has:\n"
                      "no single key may need more than that.\n"));
}

TEST(on_demand_reads_and_writes_are_reckoned_apart)
{
    SCOPED_ARENA(arena);
    struct plan plan = {0, BILLING_PAY_PER_REQUEST, {30000, 8000}};
    CHECK_SLICE(
        plan_explain(&arena, &plan),
        SLICE("10 partitions, the larger of\n"
              "  by size        0 GB / 10 GB = 0.00, so 1\n"
              "  by throughput  the larger of 30000 reads / 3000 = 10.00 and 8000 writes / "
              "1000 = 8.00, so 10\n"
              "A new table on demand takes 12000 reads and 4000 writes a second at once and "
              "is laid out for that.\n"
              "Each would hold 0 GB; of the throughput asked for its even share is 3000 "
              "reads and 800 writes.\n"
              "One partition never takes more than 3000 reads and 1000 writes a second, "
              "whatever the table has:\n"
              "no single key may need more than that.\n"));
}
