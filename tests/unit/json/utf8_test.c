#include "tests/test.h"
#include "json/utf8.h"

TEST(text_is_counted_in_the_units_of_utf_16)
{
    static const struct {
        slice text;
        size_t units;
    } rows[] = {
        {SLICE(""), 0},
        {SLICE("abc"), 3},
        {SLICE("\x7f\xc2\x80"), 2},
        {SLICE("\xdf\xbf\xe0\xa0\x80"), 2},
        {SLICE("\xef\xbf\xbf"), 1},     /* U+FFFF */
        {SLICE("\xf0\x90\x80\x80"), 2}, /* U+10000 */
        {SLICE("a\xc3\xa9\xf4\x8f\xbf\xbfz"), 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK(utf8_check(rows[i].text));
        CHECK(utf8_count_utf16(rows[i].text) == rows[i].units);
    }
}
