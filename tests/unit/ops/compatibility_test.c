/* docs/compatibility.md says what is built and what is refused; these tests hold it to the code. */
#include "ops/decode.h"
#include "ops/operation.h"
#include "tests/test.h"
#include <stdio.h>
#include <unistd.h>

enum { PAGE_BYTES_MAX = 256 * 1024, LINE_BYTES_MAX = 512, NESTING_MAX = 4 };

/* The page from one heading to the next; tests run in the repository's root. */
static slice section(struct arena *arena, const char *heading)
{
    FILE *file = fopen("docs/compatibility.md", "r");
    CHECK(file != NULL);
    if (!file)
        return SLICE_NONE;
    char *page = arena_alloc_bytes(arena, PAGE_BYTES_MAX);
    size_t size = fread(page, 1, PAGE_BYTES_MAX - 1, file);
    fclose(file);
    page[size] = 0;
    char *begin = strstr(page, heading);
    CHECK(begin != NULL);
    if (!begin)
        return SLICE_NONE;
    begin += strlen(heading);
    char *end = strstr(begin, "\n## ");
    return slice_of(begin, end ? (size_t)(end - begin) : strlen(begin));
}

static bool next_line(slice *rest, slice *line)
{
    if (rest->size == 0)
        return false;
    const char *end = memchr(rest->data, '\n', rest->size);
    size_t size = end ? (size_t)(end - rest->data) : rest->size;
    *line = slice_first(*rest, size);
    *rest = slice_from(*rest, end ? size + 1 : size);
    return true;
}

static uint32_t count_lines(slice rest, slice prefix)
{
    uint32_t count = 0;
    for (slice line; next_line(&rest, &line);)
        count += slice_begins_with(line, prefix);
    return count;
}

/* Rows of its table: without the line of names and the rule below it. */
static uint32_t count_rows(slice section)
{
    return count_lines(section, SLICE("| ")) - count_lines(section, SLICE("| Operation "));
}

static void check_row(slice section, slice row)
{
    uint32_t count = count_lines(section, row);
    if (count != 1)
        printf("docs/compatibility.md has %u rows \"%.*s\", not 1\n", count, SLICE_ARGS(row));
    CHECK(count == 1);
}

TEST(the_table_of_operations_is_the_list_of_operations)
{
    SCOPED_ARENA(arena);
    slice table = section(&arena, "\n## Operations\n");
    uint32_t count = 0;
    for (const struct operation *operation; (operation = operation_at(count)); count++)
        check_row(table, arena_format(&arena, "| %.*s | %s |", SLICE_ARGS(operation->name),
                                      operation->input ? "built" : "refused"));
    CHECK(count_rows(table) == count);
}

/* Parameters refused by a structure, and by those within it. */
static uint32_t check_refused(struct arena *arena, slice table, slice operation, slice path,
                              const struct structure *structure, unsigned level)
{
    CHECK(level < NESTING_MAX);
    uint32_t count = 0;
    for (uint32_t i = 0; i < structure->field_count && level < NESTING_MAX; i++) {
        const struct field *field = &structure->fields[i];
        slice name =
            arena_format(arena, "%.*s%.*s", SLICE_ARGS(path), SLICE_ARGS(field->name));
        if (field->presence == NOT_YET) {
            check_row(table, arena_format(arena, "| %.*s | %.*s |", SLICE_ARGS(operation),
                                          SLICE_ARGS(name)));
            count++;
        } else if (field->structure) {
            slice inner = arena_format(arena, "%.*s.", SLICE_ARGS(name));
            count +=
                check_refused(arena, table, operation, inner, field->structure, level + 1);
        }
    }
    return count;
}

TEST(the_table_of_refused_parameters_is_that_of_the_operations)
{
    SCOPED_ARENA(arena);
    slice table = section(&arena, "\n## Parameters that are refused\n");
    uint32_t count = 0;
    const struct operation *operation;
    for (uint32_t i = 0; (operation = operation_at(i)); i++) {
        if (operation->input)
            count += check_refused(&arena, table, operation->name, SLICE(""), operation->input, 0);
    }
    CHECK(count_rows(table) == count);
}

TEST(the_tests_that_the_tables_name_are_there)
{
    static const char *const headings[] = {"\n## Operations\n",
                                           "\n## Parameters that are refused\n"};
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++) {
        slice rest = section(&arena, headings[i]);
        for (slice line; next_line(&rest, &line);) {
            if (!slice_begins_with(line, SLICE("| ")) ||
                slice_begins_with(line, SLICE("| Operation ")))
                continue;
            char text[LINE_BYTES_MAX];
            char name[LINE_BYTES_MAX];
            snprintf(text, sizeof text, "%.*s", SLICE_ARGS(line));
            bool has_name = sscanf(text, "| %*[^|] | %*[^|] | %511[^ |] |", name) == 1;
            CHECK(has_name);
            const char *path = arena_format(&arena, "tests/api/%s.test.mjs", name).data;
            if (has_name && access(path, F_OK) != 0)
                printf("docs/compatibility.md names %s, which is not there\n", path);
            CHECK(has_name && access(path, F_OK) == 0);
        }
    }
}
