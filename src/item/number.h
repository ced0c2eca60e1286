/*
 * DynamoDB numbers: up to 38 significant decimal digits, magnitude 1E-130 to 9.99…E+125, exact.
 *
 * A number is (-1)^negative * digits * 10^exponent with digits < 10^38 and no trailing zero; zero
 * is {false, 0, 0}. Its ordered form is the byte string kept in items and keys: comparing two
 * ordered forms as unsigned bytes compares the numbers, and no form is a prefix of another.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct number {
    bool negative;
    int16_t exponent;
    unsigned __int128 digits;
};

enum {
    NUMBER_ORDERED_BYTES_MAX = 22,
    NUMBER_TEXT_BYTES_MAX = 180, /* plain decimal: sign, "0.", 130 + 38 digits */
};

enum number_answer {
    NUMBER_OK,
    NUMBER_NOT_NUMERIC,
    NUMBER_OVERFLOW,
    NUMBER_UNDERFLOW,
    NUMBER_TOO_PRECISE, /* more than 38 significant digits */
};

enum number_answer number_parse(slice text, struct number *number);

/*
 * What a reader that keeps exponents, scales and the count of digits before the point in 32 bits
 * says of a number that number_parse answered with `refusal`: the service's older validation is
 * one. An exponent or scale that does not fit makes it no number, and the count wraps round.
 */
enum number_answer number_refusal_in_32_bits(slice text, enum number_answer refusal);

/* Plain decimal, canonical; returns the size written (at most NUMBER_TEXT_BYTES_MAX). */
size_t number_format(const struct number *number, char *to);

size_t number_to_ordered(const struct number *number, char *to);
/* False when the bytes are no ordered form. `used` is how many were read. */
bool number_from_ordered(slice bytes, struct number *number, size_t *used);

/* The whole part; false when the number is below 0 or the part needs more than 64 bits. */
bool number_whole(const struct number *number, uint64_t *whole);

int number_compare(const struct number *a, const struct number *b);
enum number_answer number_add(const struct number *a, const struct number *b, struct number *sum);
enum number_answer number_subtract(const struct number *a, const struct number *b,
                                   struct number *difference);

/* Bytes the service charges: 1 + ceil(I/2) + ceil(F/2) + negative; zero is 1. */
size_t number_charged_bytes(const struct number *number);

/* The same between text and ordered form directly: what the codecs do for every number. */
enum number_answer number_ordered_from_text(slice text, char *to, size_t *size);
size_t number_ordered_format(slice ordered, char *to); /* the form must be one */
size_t number_ordered_charged_bytes(slice ordered);
