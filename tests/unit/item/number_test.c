#include "item/number.h"
#include "tests/test.h"

#include "base/limits.h"
#include "base/random.h"

#define DIGITS_38 "12345678901234567890123456789012345678"
#define NINES_38 "99999999999999999999999999999999999999"
#define ZEROS_10 "0000000000"
#define ZEROS_125                                                                                  \
    ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10      \
        ZEROS_10 ZEROS_10 "00000"

static slice text_of(struct arena *arena, const struct number *number)
{
    char *text = arena_alloc_bytes(arena, NUMBER_TEXT_BYTES_MAX);
    return slice_of(text, number_format(number, text));
}

static struct number number_of(slice text)
{
    struct number number = {.digits = 0};
    CHECK(number_parse(text, &number) == NUMBER_OK);
    return number;
}

TEST(in_32_bits_far_exponents_are_no_numbers_and_the_digits_before_the_point_wrap)
{
    static const struct {
        slice text;
        enum number_answer answer;
    } rows[] = {
        {SLICE("1e126"), NUMBER_OVERFLOW},
        {SLICE("1e2147483646"), NUMBER_OVERFLOW},
        {SLICE("0.1e2147483647"), NUMBER_OVERFLOW},
        {SLICE("1e2147483647"), NUMBER_UNDERFLOW},
        {SLICE("10e2147483646"), NUMBER_UNDERFLOW},
        {SLICE("-1e2147483647"), NUMBER_UNDERFLOW},
        {SLICE("1e2147483648"), NUMBER_NOT_NUMERIC},
        {SLICE("-1e99999999999"), NUMBER_NOT_NUMERIC},
        {SLICE("1e-131"), NUMBER_UNDERFLOW},
        {SLICE("1e-2147483647"), NUMBER_UNDERFLOW},
        {SLICE("1.5e-2147483647"), NUMBER_NOT_NUMERIC},
        {SLICE("1e-2147483648"), NUMBER_NOT_NUMERIC},
        {SLICE("1" NINES_38), NUMBER_TOO_PRECISE},
        {SLICE("abc"), NUMBER_NOT_NUMERIC},
        {SLICE(""), NUMBER_NOT_NUMERIC},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct number number;
        enum number_answer refusal = number_parse(rows[i].text, &number);
        CHECK(refusal != NUMBER_OK);
        CHECK(number_refusal_in_32_bits(rows[i].text, refusal) == rows[i].answer);
    }
}

TEST(numbers_are_written_as_plain_decimals)
{
    static const struct {
        slice text;
        slice written;
    } cases[] = {
        {SLICE("0"), SLICE("0")},
        {SLICE("-0"), SLICE("0")},
        {SLICE("+0.000"), SLICE("0")},
        {SLICE("0e125"), SLICE("0")},
        {SLICE("0.0e126"), SLICE("0")},
        {SLICE("-0e-130"), SLICE("0")},
        {SLICE("1"), SLICE("1")},
        {SLICE("+1"), SLICE("1")},
        {SLICE("-1"), SLICE("-1")},
        {SLICE("007"), SLICE("7")},
        {SLICE("1.50"), SLICE("1.5")},
        {SLICE(".5"), SLICE("0.5")},
        {SLICE("-.5"), SLICE("-0.5")},
        {SLICE("5."), SLICE("5")},
        {SLICE("5.e1"), SLICE("50")},
        {SLICE("1e3"), SLICE("1000")},
        {SLICE("1E+3"), SLICE("1000")},
        {SLICE("1e-3"), SLICE("0.001")},
        {SLICE("12.5e1"), SLICE("125")},
        {SLICE("12.5e-1"), SLICE("1.25")},
        {SLICE("0.0012e2"), SLICE("0.12")},
        {SLICE("100.50"), SLICE("100.5")},
        {SLICE("-1234.5678"), SLICE("-1234.5678")},
        {SLICE("1e125"), SLICE("1" ZEROS_125)},
        {SLICE("0.1e126"), SLICE("1" ZEROS_125)},
        {SLICE("1e-130"), SLICE("0." ZEROS_125 "00001")},
        {SLICE("10e-131"), SLICE("0." ZEROS_125 "00001")},
        {SLICE(DIGITS_38), SLICE(DIGITS_38)},
        {SLICE("-0." DIGITS_38), SLICE("-0." DIGITS_38)},
        {SLICE("00000" DIGITS_38 "00000.00000"), SLICE(DIGITS_38 "00000")},
        {SLICE("0.00000" DIGITS_38 "00000"), SLICE("0.00000" DIGITS_38)},
        {SLICE("1" ZEROS_125 "e-125"), SLICE("1")},
        {SLICE("0." ZEROS_125 "1e126"), SLICE("1")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct number number = number_of(cases[i].text);
        CHECK_SLICE(text_of(&arena, &number), cases[i].written);

        char ordered[NUMBER_ORDERED_BYTES_MAX];
        size_t size;
        CHECK(number_ordered_from_text(cases[i].text, ordered, &size) == NUMBER_OK);
        char text[NUMBER_TEXT_BYTES_MAX];
        size_t text_size = number_ordered_format(slice_of(ordered, size), text);
        CHECK_SLICE(slice_of(text, text_size), cases[i].written);
    }
}

TEST(what_is_no_number_is_refused_for_its_reason)
{
    static const struct {
        slice text;
        enum number_answer answer;
    } cases[] = {
        {SLICE(""), NUMBER_NOT_NUMERIC},
        {SLICE("abc"), NUMBER_NOT_NUMERIC},
        {SLICE("."), NUMBER_NOT_NUMERIC},
        {SLICE("+"), NUMBER_NOT_NUMERIC},
        {SLICE("-"), NUMBER_NOT_NUMERIC},
        {SLICE("-."), NUMBER_NOT_NUMERIC},
        {SLICE("e5"), NUMBER_NOT_NUMERIC},
        {SLICE(".e5"), NUMBER_NOT_NUMERIC},
        {SLICE("1e"), NUMBER_NOT_NUMERIC},
        {SLICE("1e+"), NUMBER_NOT_NUMERIC},
        {SLICE("1e5x"), NUMBER_NOT_NUMERIC},
        {SLICE("1e5.5"), NUMBER_NOT_NUMERIC},
        {SLICE("1.2.3"), NUMBER_NOT_NUMERIC},
        {SLICE("1 "), NUMBER_NOT_NUMERIC},
        {SLICE(" 1"), NUMBER_NOT_NUMERIC},
        {SLICE("--1"), NUMBER_NOT_NUMERIC},
        {SLICE("+-1"), NUMBER_NOT_NUMERIC},
        {SLICE("0x10"), NUMBER_NOT_NUMERIC},
        {SLICE("1,000"), NUMBER_NOT_NUMERIC},
        {SLICE("NaN"), NUMBER_NOT_NUMERIC},
        {SLICE("Infinity"), NUMBER_NOT_NUMERIC},
        {SLICE("1\0"), NUMBER_NOT_NUMERIC},
        {SLICE("1e126"), NUMBER_OVERFLOW},
        {SLICE("-1e126"), NUMBER_OVERFLOW},
        {SLICE("10e125"), NUMBER_OVERFLOW},
        {SLICE("1" ZEROS_125 "0"), NUMBER_OVERFLOW},
        {SLICE("1e99999999999"), NUMBER_OVERFLOW},
        {SLICE("1e9223372036854775807"), NUMBER_OVERFLOW},
        {SLICE("1e9223372036854775808"), NUMBER_NOT_NUMERIC},
        {SLICE("1e99999999999999999999999999999999"), NUMBER_NOT_NUMERIC},
        {SLICE("1e2147483647"), NUMBER_OVERFLOW},
        {SLICE("0e126"), NUMBER_OVERFLOW},
        {SLICE("0.0e127"), NUMBER_OVERFLOW},
        {SLICE("0e-131"), NUMBER_UNDERFLOW},
        {SLICE("0.0e-99999999999999999999999"), NUMBER_NOT_NUMERIC},
        {SLICE("1e-131"), NUMBER_UNDERFLOW},
        {SLICE("-0.1e-130"), NUMBER_UNDERFLOW},
        {SLICE("1e-9223372036854775808"), NUMBER_UNDERFLOW},
        {SLICE("1e-9223372036854775809"), NUMBER_NOT_NUMERIC},
        {SLICE(DIGITS_38 "9"), NUMBER_TOO_PRECISE},
        {SLICE("1." DIGITS_38), NUMBER_TOO_PRECISE},
        {SLICE("1" ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 "1"), NUMBER_TOO_PRECISE},
        {SLICE("0.001" ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 "1"), NUMBER_TOO_PRECISE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number number;
        char ordered[NUMBER_ORDERED_BYTES_MAX];
        size_t size;
        CHECK(number_parse(cases[i].text, &number) == cases[i].answer);
        CHECK(number_ordered_from_text(cases[i].text, ordered, &size) == cases[i].answer);
    }
}

/* Source: Developer Guide, quotas, item sizes and capacity of the service's documentation; sizes
 * measured at the 400 KB limit. */
TEST(numbers_are_charged_by_the_digits_on_each_side_of_the_point)
{
    static const struct {
        slice text;
        size_t bytes;
    } cases[] = {
        {SLICE("0"), 1},           {SLICE("-0"), 1},     {SLICE("1"), 2},
        {SLICE("12"), 2},          {SLICE("123"), 3},    {SLICE("1234"), 3},
        {SLICE("12345"), 4},       {SLICE("100"), 2},    {SLICE("1010"), 3},
        {SLICE("0042"), 2},        {SLICE("1.5"), 3},    {SLICE("1.234"), 4},
        {SLICE("3.14159"), 5},     {SLICE("100.5"), 4},  {SLICE("0.15"), 2},
        {SLICE("0.0000001"), 2},   {SLICE("1E125"), 2},  {SLICE("1E-100"), 2},
        {SLICE("-42"), 3},         {SLICE("-1E125"), 3}, {SLICE("-0.15"), 3},
        {SLICE("120"), 2},         {SLICE("0.012"), 2},  {SLICE(DIGITS_38), 20},
        {SLICE("-" NINES_38), 21},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number number = number_of(cases[i].text);
        CHECK(number_charged_bytes(&number) == cases[i].bytes);
        char ordered[NUMBER_ORDERED_BYTES_MAX];
        size_t size = number_to_ordered(&number, ordered);
        CHECK(number_ordered_charged_bytes(slice_of(ordered, size)) == cases[i].bytes);
    }
}

/* Ascending. */
static const slice ladder[] = {
    SLICE("-" NINES_38 "e88"),
    SLICE("-1e125"),
    SLICE("-1001"),
    SLICE("-1000.5"),
    SLICE("-1000"),
    SLICE("-999"),
    SLICE("-11"),
    SLICE("-10.1"),
    SLICE("-10"),
    SLICE("-9.99"),
    SLICE("-2"),
    SLICE("-1.01"),
    SLICE("-1"),
    SLICE("-0.5"),
    SLICE("-0.05"),
    SLICE("-1e-130"),
    SLICE("0"),
    SLICE("1e-130"),
    SLICE("1.1e-130"),
    SLICE("0.001"),
    SLICE("0.0010001"),
    SLICE("0.1"),
    SLICE("0.11"),
    SLICE("0.9"),
    SLICE("1"),
    SLICE("1.001"),
    SLICE("1.01"),
    SLICE("9"),
    SLICE("10"),
    SLICE("10.01"),
    SLICE("99"),
    SLICE("100"),
    SLICE("101"),
    SLICE(DIGITS_38),
    SLICE(NINES_38),
    SLICE("1e38"),
    SLICE("1e124"),
    SLICE("1e125"),
    SLICE(NINES_38 "e88"),
};

TEST(ordered_forms_sort_as_the_numbers_do)
{
    enum { COUNT = sizeof ladder / sizeof ladder[0] };
    char forms[COUNT][NUMBER_ORDERED_BYTES_MAX];
    size_t sizes[COUNT];
    struct number numbers[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        numbers[i] = number_of(ladder[i]);
        sizes[i] = number_to_ordered(&numbers[i], forms[i]);
        CHECK(sizes[i] <= NUMBER_ORDERED_BYTES_MAX);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            slice a = slice_of(forms[i], sizes[i]);
            slice b = slice_of(forms[j], sizes[j]);
            int wanted = (i > j) - (i < j);
            int order = slice_compare(a, b);
            CHECK((order > 0) - (order < 0) == wanted);
            order = number_compare(&numbers[i], &numbers[j]);
            CHECK((order > 0) - (order < 0) == wanted);
            CHECK(i == j || !slice_begins_with(a, b));
        }
    }
}

static struct number random_number(struct random *random)
{
    struct number number = {.negative = random_below(random, 2)};
    uint64_t count = 1 + random_below(random, NUMBER_DIGITS_MAX);
    for (uint64_t i = 0; i < count; i++)
        number.digits = number.digits * 10 + random_below(random, 10);
    if (number.digits == 0)
        return (struct number){.digits = 0};
    while (number.digits % 10 == 0)
        number.digits /= 10;
    int used = 0;
    for (unsigned __int128 left = number.digits; left > 0; left /= 10)
        used++;
    int magnitude = random_below(random, 2) ? (int)random_below(random, 256) + NUMBER_MAGNITUDE_MIN
                                            : (int)random_below(random, 20) - 10;
    number.exponent = (int16_t)(magnitude - used + 1);
    return number;
}

static bool same(const struct number *a, const struct number *b)
{
    return a->negative == b->negative && a->exponent == b->exponent && a->digits == b->digits;
}

TEST(every_form_of_a_number_gives_it_back)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 20000; round++) {
        struct number number = random_number(&random);
        struct number back;

        char text[NUMBER_TEXT_BYTES_MAX];
        size_t size = number_format(&number, text);
        CHECK(size <= NUMBER_TEXT_BYTES_MAX);
        CHECK(number_parse(slice_of(text, size), &back) == NUMBER_OK);
        CHECK(same(&number, &back));

        char ordered[NUMBER_ORDERED_BYTES_MAX + 1];
        size = number_to_ordered(&number, ordered);
        ordered[size] = (char)random_next(&random);
        size_t used;
        CHECK(number_from_ordered(slice_of(ordered, size + 1), &back, &used));
        CHECK(used == size);
        CHECK(same(&number, &back));
        for (size_t cut = 0; cut < size; cut++)
            CHECK(!number_from_ordered(slice_of(ordered, cut), &back, &used));
    }
}

TEST(bytes_that_are_an_ordered_form_are_the_form_of_their_number)
{
    struct random random;
    random_init(&random, test_seed());
    unsigned accepted = 0;
    for (int round = 0; round < 200000; round++) {
        char bytes[6];
        bytes[0] = (char)(1 + random_below(&random, 3));
        for (size_t i = 1; i < sizeof bytes; i++)
            bytes[i] = (char)(random_below(&random, 3) == 0 ? (bytes[0] == 1 ? 0xFF : 0)
                                                            : random_next(&random));
        struct number number;
        size_t used;
        if (!number_from_ordered(slice_of(bytes, sizeof bytes), &number, &used))
            continue;
        accepted++;
        char again[NUMBER_ORDERED_BYTES_MAX];
        size_t size = number_to_ordered(&number, again);
        CHECK_SLICE(slice_of(again, size), slice_of(bytes, used));
    }
    CHECK(accepted > 1000);
}

TEST(sums_are_exact_or_refused)
{
    static const struct {
        slice a;
        slice b;
        enum number_answer answer;
        slice sum;
    } cases[] = {
        {SLICE("1"), SLICE("2"), NUMBER_OK, SLICE("3")},
        {SLICE("0"), SLICE("-5"), NUMBER_OK, SLICE("-5")},
        {SLICE("5"), SLICE("-5"), NUMBER_OK, SLICE("0")},
        {SLICE("0.1"), SLICE("0.2"), NUMBER_OK, SLICE("0.3")},
        {SLICE("-1"), SLICE("0.999"), NUMBER_OK, SLICE("-0.001")},
        {SLICE("1"), SLICE("-1.001"), NUMBER_OK, SLICE("-0.001")},
        {SLICE("1000"), SLICE("1e-3"), NUMBER_OK, SLICE("1000.001")},
        {SLICE("9.5"), SLICE("0.5"), NUMBER_OK, SLICE("10")},
        {SLICE(NINES_38), SLICE("1"), NUMBER_OK, SLICE("1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000")},
        {SLICE(NINES_38), SLICE("2"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE(NINES_38), SLICE(NINES_38), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("1e38"), SLICE("-1"), NUMBER_OK, SLICE(NINES_38)},
        {SLICE("-1e38"), SLICE("1"), NUMBER_OK, SLICE("-" NINES_38)},
        {SLICE("1e38"), SLICE("1"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("1.9e38"), SLICE("-" NINES_38), NUMBER_OK,
         SLICE("9" ZEROS_10 ZEROS_10 ZEROS_10 "0000001")},
        {SLICE("2e38"), SLICE("-" NINES_38), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("3e38"), SLICE("-" NINES_38), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("1e50"), SLICE("1"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("1e125"), SLICE("1e-130"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("-1e-130"), SLICE("1e125"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("9e125"), SLICE("1e125"), NUMBER_OVERFLOW, SLICE("")},
        {SLICE("-9e125"), SLICE("-1e125"), NUMBER_OVERFLOW, SLICE("")},
        /* Too large and too precise: only the carry out of the last digit leaves the range. */
        {SLICE(NINES_38 "e88"), SLICE("9.991e88"), NUMBER_OVERFLOW, SLICE("")},
        {SLICE("-" NINES_38 "e88"), SLICE("-1.5e88"), NUMBER_OVERFLOW, SLICE("")},
        {SLICE(NINES_38 "e88"), SLICE("9.91e87"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE(NINES_38 "e88"), SLICE("-9.991e88"), NUMBER_TOO_PRECISE, SLICE("")},
        {SLICE("1.1e-130"), SLICE("-1e-130"), NUMBER_UNDERFLOW, SLICE("")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct number a = number_of(cases[i].a);
        struct number b = number_of(cases[i].b);
        struct number sum = {.digits = 0};
        CHECK(number_add(&a, &b, &sum) == cases[i].answer);
        if (cases[i].answer == NUMBER_OK)
            CHECK_SLICE(text_of(&arena, &sum), cases[i].sum);
        CHECK(number_add(&b, &a, &sum) == cases[i].answer);
        if (cases[i].answer == NUMBER_OK)
            CHECK_SLICE(text_of(&arena, &sum), cases[i].sum);
    }
}

TEST(a_difference_added_again_gives_the_number_back)
{
    struct random random;
    random_init(&random, test_seed());
    unsigned exact = 0;
    for (int round = 0; round < 20000; round++) {
        struct number a = random_number(&random);
        struct number b = random_number(&random);
        struct number difference;
        struct number again;
        if (number_subtract(&a, &b, &difference) != NUMBER_OK)
            continue;
        exact++;
        CHECK(number_add(&difference, &b, &again) == NUMBER_OK);
        CHECK(same(&again, &a));
        CHECK(number_subtract(&a, &a, &again) == NUMBER_OK);
        CHECK(again.digits == 0 && !again.negative && again.exponent == 0);
    }
    CHECK(exact > 1000);
}

TEST(the_whole_part_of_a_number_is_rounded_down)
{
    static const struct {
        const char *number;
        bool fits;
        uint64_t whole;
    } cases[] = {
        {"0", true, 0},
        {"0.999", true, 0},
        {"1e-130", true, 0},
        {"-0.1", false, 0},
        {"-1", false, 0},
        {"1700000000", true, 1700000000},
        {"1.7e9", true, 1700000000},
        {"1700000000.99999999999999999999999999", true, 1700000000},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551615.9", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"1e19", true, UINT64_C(10000000000000000000)},
        {"2e19", false, 0},
        {"1e20", false, 0},
        {"1e38", false, 0},
        {"9.9999999999999999999999999999999999999e125", false, 0},
        {"99999999999999999999999999999999999999", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct number number = {.digits = 0};
        uint64_t whole = 0;
        CHECK(number_parse(slice_of_string(cases[i].number), &number) == NUMBER_OK);
        CHECK(number_whole(&number, &whole) == cases[i].fits);
        CHECK(!cases[i].fits || whole == cases[i].whole);
    }
}
