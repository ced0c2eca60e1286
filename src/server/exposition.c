#include "server/exposition.h"

#include "base/assert.h"

static const slice kind_names[] = {
    [METRIC_COUNTER] = SLICE("counter"),
    [METRIC_GAUGE] = SLICE("gauge"),
    [METRIC_HISTOGRAM] = SLICE("histogram"),
    [METRIC_SUMMARY] = SLICE("summary"),
};

/* Of a help text or, with quotes, of a label's value. */
static void append_escaped(struct buffer *out, slice text, bool quotes)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\n')
            buffer_append(out, SLICE("\\n"));
        else if (c == '\\' || (quotes && c == '"'))
            buffer_append(out, slice_of((const char[]){'\\', c}, 2));
        else
            buffer_append_byte(out, c);
    }
}

enum { NUMBER_BYTES_MAX = 32 };

/* At least one digit before the point, none behind it that says nothing. */
static slice number_text(char room[NUMBER_BYTES_MAX], uint64_t number, unsigned decimals)
{
    assert_that(decimals < NUMBER_BYTES_MAX - 20);
    char *end = room + NUMBER_BYTES_MAX;
    char *at = end;
    for (unsigned i = 0; i < decimals; i++) {
        char digit = (char)('0' + number % 10);
        number /= 10;
        if (digit == '0' && at == end)
            continue;
        *--at = digit;
    }
    if (at < end)
        *--at = '.';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return slice_of(at, (size_t)(end - at));
}

static void end_line(struct buffer *out, uint64_t number, unsigned decimals)
{
    char room[NUMBER_BYTES_MAX];
    buffer_append_byte(out, ' ');
    buffer_append(out, number_text(room, number, decimals));
    buffer_append_byte(out, '\n');
}

void exposition_head(struct buffer *out, slice name, enum metric_kind kind, slice help)
{
    buffer_append(out, SLICE("# HELP "));
    buffer_append(out, name);
    buffer_append_byte(out, ' ');
    append_escaped(out, help, false);
    buffer_append(out, SLICE("\n# TYPE "));
    buffer_append(out, name);
    buffer_append_byte(out, ' ');
    buffer_append(out, kind_names[kind]);
    buffer_append_byte(out, '\n');
}

static void append_label(struct buffer *out, char before, const struct label *label)
{
    buffer_append_byte(out, before);
    buffer_append(out, label->name);
    buffer_append(out, SLICE("=\""));
    append_escaped(out, label->value, true);
    buffer_append_byte(out, '"');
}

static void begin_line(struct buffer *out, const struct sample *sample, slice suffix,
                       const struct label *last)
{
    assert_that(sample->label_count <= EXPOSITION_LABELS_MAX);
    buffer_append(out, sample->name);
    buffer_append(out, suffix);
    char before = '{';
    for (uint32_t i = 0; i < sample->label_count; i++) {
        if (sample->labels[i].value.size == 0)
            continue;
        append_label(out, before, &sample->labels[i]);
        before = ',';
    }
    if (last) {
        append_label(out, before, last);
        before = ',';
    }
    if (before == ',')
        buffer_append_byte(out, '}');
}

void exposition_sample(struct buffer *out, const struct sample *sample, uint64_t number,
                       unsigned decimals)
{
    begin_line(out, sample, sample->suffix, NULL);
    end_line(out, number, decimals);
}

static void append_bucket(struct buffer *out, const struct sample *sample, slice bound,
                          uint64_t count)
{
    begin_line(out, sample, SLICE("_bucket"), &(struct label){SLICE("le"), bound});
    end_line(out, count, 0);
}

void exposition_histogram(struct buffer *out, const struct sample *sample,
                          const struct histogram_sum *histogram, struct exposition_bounds bounds,
                          unsigned decimals)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BOUND_COUNT; i++) {
        uint64_t bound = histogram_bound(i);
        count += histogram->counts[i];
        if (bound < bounds.from || bound > bounds.to)
            continue;
        char room[NUMBER_BYTES_MAX];
        append_bucket(out, sample, number_text(room, bound, decimals), count);
    }
    count += histogram->counts[HISTOGRAM_BOUND_COUNT];
    append_bucket(out, sample, SLICE("+Inf"), count);
    begin_line(out, sample, SLICE("_sum"), NULL);
    end_line(out, histogram->sum, decimals);
    begin_line(out, sample, SLICE("_count"), NULL);
    end_line(out, count, 0);
}
