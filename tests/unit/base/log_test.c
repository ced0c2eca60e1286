/* Lines of the log: one line, whatever the values hold, and no value passes for a pair. */
#include "base/log.h"

#include "tests/test.h"
#include <stdio.h>
#include <unistd.h>

/* What `write_line` writes to standard error. */
static slice logged(struct arena *arena, void (*write_line)(void))
{
    enum { ROOM = 4096 };
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    write_line();
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    char *text = arena_alloc_bytes(arena, ROOM);
    slice line = slice_of(text, fread(text, 1, ROOM, file));
    fclose(file);
    return line;
}

TEST(a_value_of_the_log_is_a_plain_word_or_in_quotes_that_it_cannot_end)
{
    static const struct {
        slice value;
        const char *text;
    } cases[] = {
        {SLICE("Books-2_a.b"), "Books-2_a.b"},
        {SLICE("/var/lib/stator:1"), "/var/lib/stator:1"},
        {SLICE(""), "\"\""},
        {SLICE("two words"), "\"two words\""},
        {SLICE("a=b"), "\"a=b\""},
        {SLICE("x\" level=error y=\""), "\"x\\\" level=error y=\\\"\""},
        {SLICE("back\\slash"), "\"back\\\\slash\""},
        {SLICE("nul\0byte"), "\"nul byte\""},
        {SLICE("\xc3\xa9"), "\"\xc3\xa9\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_SLICE(slice_of_string(LOG_VALUE(cases[i].value)), slice_of_string(cases[i].text));
}

TEST(a_long_value_of_the_log_is_cut_and_its_quotes_still_close)
{
    char quotes[4 * LOG_VALUE_BYTES], words[4 * LOG_VALUE_BYTES];
    memset(quotes, '"', sizeof quotes);
    memset(words, 'a', sizeof words);
    slice long_ones[] = {slice_of(quotes, sizeof quotes), slice_of(words, sizeof words)};
    for (size_t i = 0; i < 2; i++) {
        slice text = slice_of_string(LOG_VALUE(long_ones[i]));
        CHECK(text.size >= LOG_VALUE_BYTES - 4 && text.size < LOG_VALUE_BYTES);
        CHECK(text.data[0] == '"' && text.data[text.size - 1] == '"');
        size_t backslashes = 0;
        while (text.data[text.size - 2 - backslashes] == '\\')
            backslashes++;
        CHECK(backslashes == 0);
    }
}

static void write_controls(void)
{
    log_write(LOG_ERROR, "tried", "a=%s b=%s", "x\ny\x1b[2J\x7f\xc2\x9b\xc3\xa9",
              LOG_VALUE(SLICE("\r\nlevel=error")));
}

TEST(control_characters_leave_the_log_on_one_line)
{
    SCOPED_ARENA(arena);
    slice line = logged(&arena, write_controls);
    slice end = SLICE("level=error event=tried a=x y [2J   \xc3\xa9 b=\"  level=error\"\n");
    CHECK(line.size > end.size);
    CHECK_SLICE(slice_from(line, line.size - end.size), end);
}
