/*
 * Numbers against a slow reference: 300 decimal digits in a row, added as on paper.
 * Two texts, separated by a comma.
 */
#include "tests/fuzz/fuzz.h"

#include "base/limits.h"
#include "item/number.h"

/* Every digit a number or a sum can have, by its power of ten; the lowest is 10^LOWEST. */
enum { LOWEST = -170, HIGHEST = 130, PLACES = HIGHEST - LOWEST + 1 };

struct paper {
    bool negative;
    int digits[PLACES];
};

static struct paper paper_of(const struct number *number)
{
    struct paper paper = {.negative = number->negative};
    int place = number->exponent - LOWEST;
    for (unsigned __int128 left = number->digits; left > 0; left /= 10)
        paper.digits[place++] = (int)(left % 10);
    return paper;
}

static int paper_compare_magnitude(const struct paper *a, const struct paper *b)
{
    for (int i = PLACES - 1; i >= 0; i--)
        if (a->digits[i] != b->digits[i])
            return a->digits[i] < b->digits[i] ? -1 : 1;
    return 0;
}

static struct paper paper_add(const struct paper *a, const struct paper *b)
{
    bool same = a->negative == b->negative;
    if (!same && paper_compare_magnitude(a, b) < 0) {
        const struct paper *larger = b;
        b = a;
        a = larger;
    }
    struct paper sum = {.negative = a->negative};
    int carry = 0;
    for (int i = 0; i < PLACES; i++) {
        int digit = a->digits[i] + (same ? b->digits[i] : -b->digits[i]) + carry;
        carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
        sum.digits[i] = digit - 10 * carry;
    }
    assert_that(carry == 0);
    return sum;
}

/* What the service says of such a number. */
static enum number_answer paper_answer(const struct paper *paper, struct number *number)
{
    int low = 0, high = PLACES - 1;
    while (high >= 0 && paper->digits[high] == 0)
        high--;
    *number = (struct number){.digits = 0};
    if (high < 0)
        return NUMBER_OK;
    while (paper->digits[low] == 0)
        low++;
    if (high + LOWEST > NUMBER_MAGNITUDE_MAX)
        return NUMBER_OVERFLOW;
    if (high + LOWEST < NUMBER_MAGNITUDE_MIN)
        return NUMBER_UNDERFLOW;
    if (high - low >= NUMBER_DIGITS_MAX)
        return NUMBER_TOO_PRECISE;
    number->negative = paper->negative;
    number->exponent = (int16_t)(low + LOWEST);
    for (int i = high; i >= low; i--)
        number->digits = number->digits * 10 + (unsigned)paper->digits[i];
    return NUMBER_OK;
}

static bool same(const struct number *a, const struct number *b)
{
    return a->negative == b->negative && a->exponent == b->exponent && a->digits == b->digits;
}

static void check_forms(const struct number *number, slice text)
{
    char printed[NUMBER_TEXT_BYTES_MAX];
    slice plain = slice_of(printed, number_format(number, printed));
    struct number again;
    enum number_answer answer = number_parse(plain, &again);
    assert_that(answer == NUMBER_OK && same(number, &again));

    char ordered[NUMBER_ORDERED_BYTES_MAX];
    slice form = slice_of(ordered, number_to_ordered(number, ordered));
    size_t used;
    bool good = number_from_ordered(form, &again, &used);
    assert_that(good && used == form.size && same(number, &again));
    for (size_t size = 0; size < form.size; size++) {
        good = number_from_ordered(slice_first(form, size), &again, &used);
        assert_that(!good); /* no form is a prefix of another */
    }

    char direct[NUMBER_ORDERED_BYTES_MAX];
    size_t size;
    answer = number_ordered_from_text(text, direct, &size);
    assert_that(answer == NUMBER_OK && slice_equal(form, slice_of(direct, size)));
    char direct_text[NUMBER_TEXT_BYTES_MAX];
    size = number_ordered_format(form, direct_text);
    assert_that(slice_equal(plain, slice_of(direct_text, size)));
    assert_that(number_charged_bytes(number) == number_ordered_charged_bytes(form));
}

static void check_sum(const struct number *a, const struct number *b, bool subtract)
{
    struct paper left = paper_of(a), right = paper_of(b);
    right.negative ^= subtract;
    struct paper paper = paper_add(&left, &right);
    struct number expected, sum;
    enum number_answer wanted = paper_answer(&paper, &expected);
    enum number_answer answer = subtract ? number_subtract(a, b, &sum) : number_add(a, b, &sum);
    assert_that(answer == wanted);
    assert_that(answer != NUMBER_OK || same(&sum, &expected));
}

static void check_order(const struct number *a, const struct number *b)
{
    struct paper left = paper_of(a), right = paper_of(b);
    right.negative = !right.negative;
    struct paper difference = paper_add(&left, &right);
    const struct paper zero = {.negative = false};
    int wanted = paper_compare_magnitude(&difference, &zero) == 0 ? 0
                 : difference.negative                            ? -1
                                                                  : 1;
    int order = number_compare(a, b);
    assert_that((order > 0) - (order < 0) == wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice input = slice_of(data, size);
    struct number numbers[2];
    for (int i = 0; i < 2; i++) {
        slice text = arena_copy(&arena, fuzz_until(&input, ','));
        if (number_parse(text, &numbers[i]) != NUMBER_OK)
            return 0;
        check_forms(&numbers[i], text);
    }
    check_order(&numbers[0], &numbers[1]);
    check_sum(&numbers[0], &numbers[1], false);
    check_sum(&numbers[0], &numbers[1], true);
    return 0;
}
