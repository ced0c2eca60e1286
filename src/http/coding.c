#include "http/coding.h"

#include <stdlib.h>

static const struct offer {
    slice name;
    enum reply_coding coding;
} offers[] = {{SLICE("gzip"), REPLY_GZIP}, {SLICE("deflate"), REPLY_DEFLATE}};
enum { OFFER_COUNT = sizeof offers / sizeof *offers };

enum { WEIGHT_BYTES_MAX = 32 }; /* of a number; a longer text is taken for none */

/* What stands before the next `mark`, which goes too; all of it where there is none. */
static slice take_until(slice *text, char mark)
{
    const char *end = text->size ? memchr(text->data, mark, text->size) : NULL;
    size_t size = end ? (size_t)(end - text->data) : text->size;
    slice taken = slice_first(*text, size);
    *text = slice_from(*text, end ? size + 1 : size);
    return taken;
}

static double number_of(slice text)
{
    char digits[WEIGHT_BYTES_MAX + 1];
    if (text.size == 0 || text.size > WEIGHT_BYTES_MAX)
        return 1;
    for (size_t i = 0; i < text.size; i++) {
        if (!memchr("+-.0123456789", text.data[i], 13))
            return 1;
        digits[i] = text.data[i];
    }
    digits[text.size] = '\0';
    char *end;
    double number = strtod(digits, &end);
    return *end == '\0' && number < 1 ? number : 1;
}

static double weight_of(slice parameters)
{
    for (; parameters.size >= 2; parameters = slice_from(parameters, 1)) {
        if (!slice_begins_with(parameters, SLICE("q=")))
            continue;
        slice weight = slice_from(parameters, 2);
        return number_of(slice_trim(take_until(&weight, ';')));
    }
    return 1;
}

enum reply_coding coding_choose(slice accept_encoding)
{
    enum reply_coding chosen = REPLY_PLAIN;
    double heaviest = 0, any = 0;
    bool is_named[OFFER_COUNT] = {false};
    while (accept_encoding.size > 0) {
        slice parameters = take_until(&accept_encoding, ',');
        slice name = slice_trim(take_until(&parameters, ';'));
        double weight = weight_of(parameters);
        if (slice_equal(name, SLICE("*")))
            any = weight;
        for (int i = 0; i < OFFER_COUNT; i++) {
            if (!slice_equal_ignoring_case(name, offers[i].name))
                continue;
            is_named[i] = true;
            if (weight > heaviest) {
                heaviest = weight;
                chosen = offers[i].coding;
            }
        }
    }
    for (int i = 0; i < OFFER_COUNT; i++) {
        if (!is_named[i] && any > heaviest) {
            heaviest = any;
            chosen = offers[i].coding;
        }
    }
    return chosen;
}
