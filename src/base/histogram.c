#include "base/histogram.h"

void histogram_add_to(const struct histogram *histogram, struct histogram_sum *sum)
{
    for (uint32_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++)
        sum->counts[i] += counter_read(&histogram->counts[i]);
    sum->sum += counter_read(&histogram->sum);
}
