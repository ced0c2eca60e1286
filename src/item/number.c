/*
 * Every form of a number goes through `struct decimal`, its significant digits as text: what
 * codecs do (text to ordered form and back) then needs no arithmetic at all, and only sums use
 * the 128-bit integer.
 *
 * Ordered form, byte by byte (docs/formats.md): sign (1 negative, 2 zero, 3 positive); magnitude
 * plus 130; pairs of digits from the front, each plus 1; 0 at the end. Zero is the sign alone. All
 * behind a negative sign is complemented, so that larger magnitudes sort first.
 */
#include "item/number.h"

#include "base/assert.h"
#include "base/limits.h"
#include <assert.h>

enum {
    SIGN_NEGATIVE = 1,
    SIGN_ZERO = 2,
    SIGN_POSITIVE = 3,
    PAIRS_MAX = NUMBER_DIGITS_MAX / 2,
    SUM_DIGITS_MAX = 39, /* of a sum before it is known to be exact */
};
static_assert(NUMBER_MAGNITUDE_MAX - NUMBER_MAGNITUDE_MIN == 255, "a magnitude is one byte");
static_assert(NUMBER_ORDERED_BYTES_MAX == 3 + PAIRS_MAX, "sign, magnitude, pairs, end");
static_assert(NUMBER_TEXT_BYTES_MAX >= 3 - NUMBER_MAGNITUDE_MIN + NUMBER_DIGITS_MAX,
              "sign, point and its zero, zeros, digits");

/* d1.d2d3… * 10^magnitude. No zeros at either end; zero has no digits. */
struct decimal {
    bool negative;
    int16_t magnitude;
    uint8_t count;
    char digits[NUMBER_DIGITS_MAX + 2];
};

static inline bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/*
 * Behind 'e': a sign and digits to the end, no more than 64 bits hold. What is kept saturates far
 * outside of what any text that fits into a request could bring back into range.
 */
static bool scan_exponent(const char *next, const char *end, int64_t *exponent)
{
    const int64_t saturated = 1000000000000;
    bool negative = next < end && *next == '-';
    if (next < end && (*next == '-' || *next == '+'))
        next++;
    if (next == end)
        return false;
    *exponent = 0;
    for (; next < end; next++) {
        if (!is_digit(*next))
            return false;
        int digit = negative ? '0' - *next : *next - '0';
        if (__builtin_mul_overflow(*exponent, 10, exponent) ||
            __builtin_add_overflow(*exponent, digit, exponent))
            return false;
    }
    if (*exponent > saturated)
        *exponent = saturated;
    if (*exponent < -saturated)
        *exponent = -saturated;
    return true;
}

/* What is known of the digits while they are read. */
struct digits {
    int64_t seen;        /* from the first significant digit on */
    int64_t significant; /* of these, up to the last that is not 0 */
    bool any;            /* zeros in front count */
};

static const char *scan_digits(const char *next, const char *end, struct digits *digits,
                               struct decimal *decimal)
{
    digits->any |= next < end && is_digit(*next);
    for (; next < end && is_digit(*next); next++) {
        if (digits->seen == 0 && *next == '0')
            continue;
        if (digits->seen < NUMBER_DIGITS_MAX)
            decimal->digits[digits->seen] = *next;
        digits->seen++;
        if (*next != '0')
            digits->significant = digits->seen;
    }
    return next;
}

/* Zeros between the point and the first significant digit move the number down. */
static int64_t leading_zeros(const char *next, const char *end)
{
    const char *first = next;
    while (next < end && *next == '0')
        next++;
    return next - first;
}

/* A number as it is written. */
struct written {
    struct digits digits;
    int64_t magnitude; /* of the first significant digit */
    int64_t exponent;
    int64_t fraction_count; /* digits behind the point */
    bool has_exponent;
};

/* False when the text is no number. */
static bool written_scan(slice text, struct written *written, struct decimal *decimal)
{
    const char *next = text.data;
    const char *end = next + text.size;
    *written = (struct written){.exponent = 0};
    decimal->negative = next < end && *next == '-';
    if (next < end && (*next == '-' || *next == '+'))
        next++;

    struct digits *digits = &written->digits;
    next = scan_digits(next, end, digits, decimal);
    written->magnitude = digits->seen - 1;
    if (next < end && *next == '.') {
        const char *fraction = ++next;
        if (digits->seen == 0)
            written->magnitude -= leading_zeros(next, end);
        next = scan_digits(next, end, digits, decimal);
        written->fraction_count = next - fraction;
    }
    written->has_exponent = next < end;
    if (written->has_exponent) {
        if ((*next | 0x20) != 'e' || !scan_exponent(next + 1, end, &written->exponent))
            return false;
        written->magnitude += written->exponent;
    }
    return digits->any;
}

static enum number_answer check_magnitude(int64_t magnitude)
{
    if (magnitude > NUMBER_MAGNITUDE_MAX)
        return NUMBER_OVERFLOW;
    return magnitude < NUMBER_MAGNITUDE_MIN ? NUMBER_UNDERFLOW : NUMBER_OK;
}

static enum number_answer decimal_scan(slice text, struct decimal *decimal)
{
    struct written written;
    if (!written_scan(text, &written, decimal))
        return NUMBER_NOT_NUMERIC;
    if (written.digits.significant == 0) {
        /* Zero has no digit to take its magnitude from: the exponent it is written with is. */
        *decimal = (struct decimal){.count = 0};
        return written.has_exponent ? check_magnitude(written.exponent - written.fraction_count)
                                    : NUMBER_OK;
    }
    enum number_answer answer = check_magnitude(written.magnitude);
    if (answer != NUMBER_OK)
        return answer;
    if (written.digits.significant > NUMBER_DIGITS_MAX)
        return NUMBER_TOO_PRECISE;
    decimal->magnitude = (int16_t)written.magnitude;
    decimal->count = (uint8_t)written.digits.significant;
    return NUMBER_OK;
}

enum number_answer number_refusal_in_32_bits(slice text, enum number_answer refusal)
{
    struct written written;
    struct decimal decimal;
    if (!written_scan(text, &written, &decimal))
        return NUMBER_NOT_NUMERIC;
    if (written.exponent > INT32_MAX || written.fraction_count - written.exponent > INT32_MAX)
        return NUMBER_NOT_NUMERIC;
    return written.magnitude + 1 > INT32_MAX ? NUMBER_UNDERFLOW : refusal;
}

static char *put_zeros(char *to, int count)
{
    memset(to, '0', (size_t)count);
    return to + count;
}

static char *put_digits(char *to, const char *digits, int count)
{
    memcpy(to, digits, (size_t)count);
    return to + count;
}

/* Plain decimal: 1000, 0.001, -12.5. */
static size_t decimal_print(const struct decimal *decimal, char *to)
{
    char *first = to;
    int before_point = decimal->magnitude + 1;
    int count = decimal->count;
    if (count == 0) {
        *to = '0';
        return 1;
    }
    if (decimal->negative)
        *to++ = '-';
    if (before_point <= 0) {
        *to++ = '0';
        *to++ = '.';
        to = put_zeros(to, -before_point);
        to = put_digits(to, decimal->digits, count);
    } else if (before_point < count) {
        to = put_digits(to, decimal->digits, before_point);
        *to++ = '.';
        to = put_digits(to, decimal->digits + before_point, count - before_point);
    } else {
        to = put_digits(to, decimal->digits, count);
        to = put_zeros(to, before_point - count);
    }
    return (size_t)(to - first);
}

static size_t decimal_to_ordered(const struct decimal *decimal, char *to)
{
    if (decimal->count == 0) {
        *to = SIGN_ZERO;
        return 1;
    }
    uint8_t flip = decimal->negative ? 0xFF : 0;
    char *first = to;
    *to++ = decimal->negative ? SIGN_NEGATIVE : SIGN_POSITIVE;
    *to++ = (char)((uint8_t)(decimal->magnitude - NUMBER_MAGNITUDE_MIN) ^ flip);
    for (int i = 0; i < decimal->count; i += 2) {
        int tens = decimal->digits[i] - '0';
        int ones = i + 1 < decimal->count ? decimal->digits[i + 1] - '0' : 0;
        *to++ = (char)((uint8_t)(tens * 10 + ones + 1) ^ flip);
    }
    *to++ = (char)flip;
    return (size_t)(to - first);
}

static bool decimal_from_ordered(slice bytes, struct decimal *decimal, size_t *used)
{
    const uint8_t *from = (const uint8_t *)bytes.data;
    *decimal = (struct decimal){.count = 0};
    if (bytes.size == 0)
        return false;
    *used = 1;
    if (from[0] == SIGN_ZERO)
        return true;
    if ((from[0] != SIGN_NEGATIVE && from[0] != SIGN_POSITIVE) || bytes.size < 4)
        return false;
    decimal->negative = from[0] == SIGN_NEGATIVE;
    uint8_t flip = decimal->negative ? 0xFF : 0;
    decimal->magnitude = (int16_t)((from[1] ^ flip) + NUMBER_MAGNITUDE_MIN);

    size_t next = 2;
    for (;; next++) {
        if (next == bytes.size)
            return false;
        unsigned pair = (unsigned)(from[next] ^ flip);
        if (pair == 0)
            break;
        if (pair > 100 || decimal->count == NUMBER_DIGITS_MAX)
            return false;
        decimal->digits[decimal->count++] = (char)('0' + (pair - 1) / 10);
        decimal->digits[decimal->count++] = (char)('0' + (pair - 1) % 10);
    }
    *used = next + 1;
    /* One spelling for each number: it begins with a digit that is not 0 and ends with one. */
    if (decimal->count == 0 || decimal->digits[0] == '0')
        return false;
    if (decimal->digits[decimal->count - 1] == '0')
        decimal->count--;
    return decimal->digits[decimal->count - 1] != '0';
}

static void decimal_to_number(const struct decimal *decimal, struct number *number)
{
    *number = (struct number){.negative = decimal->negative};
    if (decimal->count == 0)
        return;
    number->exponent = (int16_t)(decimal->magnitude - decimal->count + 1);
    for (int i = 0; i < decimal->count; i++)
        number->digits = number->digits * 10 + (unsigned)(decimal->digits[i] - '0');
}

static void decimal_from_number(const struct number *number, struct decimal *decimal)
{
    char reversed[SUM_DIGITS_MAX];
    int count = 0;
    for (unsigned __int128 left = number->digits; left > 0; left /= 10) {
        assert_that(count < NUMBER_DIGITS_MAX);
        reversed[count++] = (char)('0' + (int)(left % 10));
    }
    decimal->negative = number->negative;
    decimal->count = (uint8_t)count;
    decimal->magnitude = (int16_t)(number->exponent + count - 1);
    for (int i = 0; i < count; i++)
        decimal->digits[i] = reversed[count - 1 - i];
    assert_that(count == 0 || reversed[0] != '0');
}

enum number_answer number_parse(slice text, struct number *number)
{
    struct decimal decimal;
    enum number_answer answer = decimal_scan(text, &decimal);
    if (answer == NUMBER_OK)
        decimal_to_number(&decimal, number);
    return answer;
}

size_t number_format(const struct number *number, char *to)
{
    struct decimal decimal;
    decimal_from_number(number, &decimal);
    return decimal_print(&decimal, to);
}

size_t number_to_ordered(const struct number *number, char *to)
{
    struct decimal decimal;
    decimal_from_number(number, &decimal);
    return decimal_to_ordered(&decimal, to);
}

bool number_from_ordered(slice bytes, struct number *number, size_t *used)
{
    struct decimal decimal;
    if (!decimal_from_ordered(bytes, &decimal, used))
        return false;
    decimal_to_number(&decimal, number);
    return true;
}

enum number_answer number_ordered_from_text(slice text, char *to, size_t *size)
{
    struct decimal decimal;
    enum number_answer answer = decimal_scan(text, &decimal);
    if (answer == NUMBER_OK)
        *size = decimal_to_ordered(&decimal, to);
    return answer;
}

size_t number_ordered_format(slice ordered, char *to)
{
    struct decimal decimal;
    size_t used;
    bool good = decimal_from_ordered(ordered, &decimal, &used);
    assert_that(good);
    return decimal_print(&decimal, to);
}

/* Each side of the point is charged by itself, two digits to the byte. */
static size_t decimal_charged_bytes(const struct decimal *decimal)
{
    int count = decimal->count;
    if (count == 0)
        return 1;
    int before_point = decimal->magnitude + 1;
    if (before_point < 0)
        before_point = 0;
    if (before_point > count)
        before_point = count;
    int behind_point = count - before_point;
    return (size_t)(1 + (before_point + 1) / 2 + (behind_point + 1) / 2 + decimal->negative);
}

size_t number_charged_bytes(const struct number *number)
{
    struct decimal decimal;
    decimal_from_number(number, &decimal);
    return decimal_charged_bytes(&decimal);
}

size_t number_ordered_charged_bytes(slice ordered)
{
    struct decimal decimal;
    size_t used;
    bool good = decimal_from_ordered(ordered, &decimal, &used);
    assert_that(good);
    return decimal_charged_bytes(&decimal);
}

int number_compare(const struct number *a, const struct number *b)
{
    char ordered_a[NUMBER_ORDERED_BYTES_MAX];
    char ordered_b[NUMBER_ORDERED_BYTES_MAX];
    return slice_compare(slice_of(ordered_a, number_to_ordered(a, ordered_a)),
                         slice_of(ordered_b, number_to_ordered(b, ordered_b)));
}

/* 10^power, power at most 38. */
static unsigned __int128 power_of_ten(int power)
{
    unsigned __int128 value = 1;
    while (power-- > 0)
        value *= 10;
    return value;
}

bool number_whole(const struct number *number, uint64_t *whole)
{
    enum { EXPONENT_MAX = 19 };
    if (number->negative || number->exponent > EXPONENT_MAX)
        return false;
    unsigned __int128 part = 0;
    if (number->exponent > 0) {
        if (number->digits > UINT64_MAX)
            return false;
        part = number->digits * power_of_ten(number->exponent); /* below 2^64 * 10^19 */
    } else if (-number->exponent <= NUMBER_DIGITS_MAX) {
        part = number->digits / power_of_ten(-number->exponent);
    }
    *whole = (uint64_t)part;
    return part <= UINT64_MAX;
}

/* Into the form all numbers have; `digits` may be any sum of two. */
static enum number_answer normalise(bool negative, unsigned __int128 digits, int exponent,
                                    struct number *number)
{
    if (digits == 0) {
        *number = (struct number){.digits = 0};
        return NUMBER_OK;
    }
    for (; digits % 10 == 0; digits /= 10)
        exponent++;
    int count = 0;
    for (unsigned __int128 left = digits; left > 0; left /= 10)
        count++;
    int magnitude = exponent + count - 1;
    if (magnitude > NUMBER_MAGNITUDE_MAX)
        return NUMBER_OVERFLOW;
    if (magnitude < NUMBER_MAGNITUDE_MIN)
        return NUMBER_UNDERFLOW;
    if (count > NUMBER_DIGITS_MAX)
        return NUMBER_TOO_PRECISE;
    *number = (struct number){negative, (int16_t)exponent, digits};
    return NUMBER_OK;
}

/*
 * Whether a and b, of one sign and a of the larger exponent, leave the range together. Too large
 * is said before too precise, as of a number that is read.
 */
static bool sum_overflows(const struct number *a, const struct number *b)
{
    int places = NUMBER_MAGNITUDE_MAX + 1 - a->exponent;
    int distance = a->exponent - b->exponent;
    if (places > NUMBER_DIGITS_MAX || distance > NUMBER_DIGITS_MAX)
        return false; /* a is below 10^125, or b below the last digit of a */
    unsigned __int128 room = power_of_ten(places) - a->digits;
    return b->digits / power_of_ten(distance) >= room;
}

enum number_answer number_add(const struct number *a, const struct number *b, struct number *sum)
{
    if (a->digits == 0 || b->digits == 0) {
        *sum = a->digits == 0 ? *b : *a;
        return NUMBER_OK;
    }
    if (a->exponent < b->exponent) {
        const struct number *larger = b;
        b = a;
        a = larger;
    }
    /*
     * Bring a down to b's exponent. b ends in a digit that is not 0, and so does the sum when
     * there is any way to go. Past 2 * 10^38 it then has more than 38 digits whatever b is;
     * below, nothing here exceeds 3 * 10^38 < 2^128.
     */
    const unsigned __int128 bound = 2 * power_of_ten(NUMBER_DIGITS_MAX);
    unsigned __int128 digits = a->digits;
    for (int distance = a->exponent - b->exponent; distance > 0; distance--) {
        if (digits > bound / 10)
            return a->negative == b->negative && sum_overflows(a, b) ? NUMBER_OVERFLOW
                                                                     : NUMBER_TOO_PRECISE;
        digits *= 10;
    }
    bool negative = a->negative;
    if (a->negative == b->negative) {
        digits += b->digits;
    } else if (digits >= b->digits) {
        digits -= b->digits;
    } else {
        digits = b->digits - digits;
        negative = b->negative;
    }
    return normalise(negative, digits, b->exponent, sum);
}

enum number_answer number_subtract(const struct number *a, const struct number *b,
                                   struct number *difference)
{
    struct number opposite = *b;
    opposite.negative = b->digits != 0 && !b->negative;
    return number_add(a, &opposite, difference);
}
