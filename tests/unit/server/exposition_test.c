#include "server/exposition.h"

#include "tests/test.h"

static slice text_of(struct arena *arena, const struct sample *sample, uint64_t number,
                     unsigned decimals)
{
    struct buffer out;
    buffer_init(&out, arena);
    exposition_sample(&out, sample, number, decimals);
    return buffer_slice(&out);
}

TEST(a_number_is_written_exactly_and_without_zeros_that_say_nothing)
{
    static const struct {
        uint64_t number;
        unsigned decimals;
        slice text;
    } rows[] = {
        {0, 0, SLICE("a 0\n")},
        {0, 6, SLICE("a 0\n")},
        {1, 6, SLICE("a 0.000001\n")},
        {1500000, 6, SLICE("a 1.5\n")},
        {2000000, 6, SLICE("a 2\n")},
        {100, 2, SLICE("a 1\n")},
        {105, 1, SLICE("a 10.5\n")},
        {UINT64_MAX, 0, SLICE("a 18446744073709551615\n")},
        {UINT64_MAX, 6, SLICE("a 18446744073709.551615\n")},
    };
    SCOPED_ARENA(arena);
    const struct sample sample = {.name = SLICE("a")};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_SLICE(text_of(&arena, &sample, rows[i].number, rows[i].decimals), rows[i].text);
}

TEST(labels_are_escaped_and_those_without_a_value_left_out)
{
    static const struct {
        struct label labels[2];
        slice text;
    } rows[] = {
        {{{SLICE("x"), SLICE("1")}, {SLICE("y"), SLICE("2")}}, SLICE("a_sum{x=\"1\",y=\"2\"} 7\n")},
        {{{SLICE("x"), SLICE("")}, {SLICE("y"), SLICE("2")}}, SLICE("a_sum{y=\"2\"} 7\n")},
        {{{SLICE("x"), SLICE("1")}, {SLICE("y"), SLICE("")}}, SLICE("a_sum{x=\"1\"} 7\n")},
        {{{SLICE("x"), SLICE("")}, {SLICE("y"), SLICE("")}}, SLICE("a_sum 7\n")},
        {{{SLICE("x"), SLICE("\"\\\n{}")}}, SLICE("a_sum{x=\"\\\"\\\\\\n{}\"} 7\n")},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sample sample = {
            .name = SLICE("a"), .suffix = SLICE("_sum"), .labels = rows[i].labels, .label_count = 2};
        CHECK_SLICE(text_of(&arena, &sample, 7, 0), rows[i].text);
    }
}

TEST(a_family_begins_with_its_help_and_type)
{
    SCOPED_ARENA(arena);
    struct buffer out;
    buffer_init(&out, &arena);
    exposition_head(&out, SLICE("a_total"), METRIC_COUNTER, SLICE("One \"line\",\ntwo \\ lines."));
    CHECK_SLICE(buffer_slice(&out), SLICE("# HELP a_total One \"line\",\\ntwo \\\\ lines.\n"
                                          "# TYPE a_total counter\n"));
}

TEST(buckets_are_cumulative_whatever_bounds_are_shown)
{
    struct histogram_sum histogram = {.sum = 1000};
    histogram.counts[histogram_bucket(1)] = 1;
    histogram.counts[histogram_bucket(3)] = 2;
    histogram.counts[histogram_bucket(6)] = 4;
    histogram.counts[HISTOGRAM_BOUND_COUNT] = 8;
    SCOPED_ARENA(arena);
    struct buffer out;
    buffer_init(&out, &arena);
    const struct label label = {SLICE("x"), SLICE("y")};
    const struct sample sample = {.name = SLICE("a"), .labels = &label, .label_count = 1};
    exposition_histogram(&out, &sample, &histogram, (struct exposition_bounds){2, 4}, 1);
    CHECK_SLICE(buffer_slice(&out), SLICE("a_bucket{x=\"y\",le=\"0.2\"} 1\n"
                                          "a_bucket{x=\"y\",le=\"0.3\"} 3\n"
                                          "a_bucket{x=\"y\",le=\"0.4\"} 3\n"
                                          "a_bucket{x=\"y\",le=\"+Inf\"} 15\n"
                                          "a_sum{x=\"y\"} 100\n"
                                          "a_count{x=\"y\"} 15\n"));
}
