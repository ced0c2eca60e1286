#include "partiql/key_reads.h"
#include "tests/unit/partiql/fixture.h"

static const struct key_schema SCHEMA = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};

static error find(struct arena *arena, slice where, struct key_reads *reads)
{
    slice text = arena_format(arena, "SELECT * FROM t WHERE %.*s", SLICE_ARGS(where));
    const struct statement *statement;
    struct key_parts keys = key_parts_of_schema(&SCHEMA);
    CHECK_OK(parse_with(arena, text, NULL, &statement));
    return key_reads_find(arena, statement->where, &keys, reads);
}

/* "a:= a:>,<" : of each read its partition key and the operators on its sort key; ~: may overlap.
 */
static slice shown(struct arena *arena, const struct key_reads *reads)
{
    static const char *const operators[] = {"any", "=", "<", "<=", ">", ">=", "between", "begins"};
    struct buffer text;
    buffer_init(&text, arena);
    if (!reads->is_keyed)
        return SLICE("scan");
    for (uint32_t i = 0; i < reads->count; i++) {
        const struct key_read *read = &reads->reads[i];
        if (i > 0)
            buffer_append_byte(&text, ' ');
        buffer_append(&text, value_content(read->hash_value));
        buffer_append(&text, read->may_overlap ? SLICE("~") : SLICE(":"));
        for (uint32_t j = 0; j < read->condition_count; j++) {
            CHECK_SLICE(read->conditions[j].hash_values[0], read->hash_value);
            if (j > 0)
                buffer_append_byte(&text, ',');
            buffer_append(&text, slice_of_string(operators[read->conditions[j].range_operator]));
        }
    }
    return buffer_slice(&text);
}

TEST(a_condition_becomes_one_read_for_each_alternative_that_fixes_the_partition_key)
{
    static const struct {
        const char *where;
        slice reads;
    } cases[] = {
        {"pk = 'a'", SLICE("a:any")},
        {"'a' = pk AND sk = 1", SLICE("a:=")},
        {"pk = 'a' AND other = 1", SLICE("a:any")},
        {"pk = 'a' AND 1 < sk", SLICE("a:>")},
        {"pk = 'a' AND sk <= 5 AND sk >= 1", SLICE("a:<=,>=")},
        {"pk = 'a' AND sk BETWEEN 1 AND 2", SLICE("a:between")},
        {"pk = 'a' AND sk = other", SLICE("a:any")},
        {"pk IN ['a', 'b']", SLICE("a:any b:any")},
        {"pk IN ['a', 'b'] AND sk IN [1, 2]", SLICE("a:= a:= b:= b:=")},
        {"pk = 'a' OR pk = 'b' AND sk > 1", SLICE("a:any b:>")},
        {"pk = 'a' AND (sk < 1 OR sk > 2)", SLICE("a:< a:>")},
        {"pk = 'a' AND (sk < 1 OR other = 2)", SLICE("a:< a:any")},
        {"pk = 'a' AND (one = 1 OR other = 2)", SLICE("a:any")},
        {"(pk = 'a' OR pk = 'b') AND (one = 1 AND other = 2)", SLICE("a:any b:any")},
        {"pk = 'a' AND NOT sk = 1", SLICE("a~any")},
        {"pk = 'a' AND sk <> 1 AND sk > 0", SLICE("a~>")},
        {"pk = 'a' AND pk = 'b'", SLICE("b:")},
        {"pk = 'a' AND (pk = 'b' OR other = 1)", SLICE("b: a:any")},
        {"pk > 'a'", SLICE("scan")},
        {"NOT pk = 'a'", SLICE("scan")},
        {"sk = 1", SLICE("scan")},
        {"pk = 'a' OR sk = 1", SLICE("scan")},
        {"pk = other", SLICE("scan")},
        {"pk.x = 'a'", SLICE("scan")},
        {"pk = 1 OR other = 1", SLICE("scan")},
        {"begins_with(pk, 'a')", SLICE("scan")},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct key_reads reads;
        CHECK_OK(find(&arena, slice_of_string(cases[i].where), &reads));
        test_check_slice(shown(&arena, &reads), cases[i].reads, cases[i].where, __FILE__, __LINE__);
    }
}

TEST(values_that_cannot_be_keys_are_refused)
{
    SCOPED_ARENA(arena);
    struct key_reads reads;
    CHECK_FAILS(find(&arena, SLICE("pk = 'a' OR pk = 1"), &reads), ERROR_VALIDATION,
                SLICE("Key attribute's data type should match its data type in table's schema: Key "
                      "pk"));
    CHECK_FAILS(find(&arena, SLICE("pk = 'a' AND begins_with(sk, '1')"), &reads), ERROR_VALIDATION,
                SLICE("Key attribute's data type should match its data type in table's schema: Key "
                      "sk"));
    CHECK_FAILS(find(&arena, SLICE("pk = ''"), &reads), ERROR_VALIDATION,
                SLICE("One or more parameter values are not valid. The AttributeValue for a key "
                      "attribute cannot contain an empty string value. Key: pk"));
}

TEST(reads_are_bounded_however_they_multiply)
{
    SCOPED_ARENA(arena);
    struct key_reads reads;
    slice too_many = SLICE("Too many decomposed read operations for a given query.");
    for (uint32_t count = 50; count <= 51; count++) {
        slice values = repeat(&arena, "'x'", ",", count);
        error failed =
            find(&arena, arena_format(&arena, "pk IN [%.*s]", SLICE_ARGS(values)), &reads);
        CHECK((failed == NULL) == (count == 50));
        CHECK_OK(find(&arena, arena_format(&arena, "pk IN [%.*s] OR a = 1", SLICE_ARGS(values)),
                      &reads));
    }
    slice pairs = repeat(&arena, "(sk = 1 OR sk = 2)", " AND ", 300);
    CHECK_FAILS(find(&arena, arena_format(&arena, "pk = 'a' AND %.*s", SLICE_ARGS(pairs)), &reads),
                ERROR_VALIDATION, too_many);
    slice singles = repeat(&arena, "sk IN [1]", " AND ", 500);
    CHECK_OK(find(&arena, arena_format(&arena, "pk = 'a' AND %.*s", SLICE_ARGS(singles)), &reads));
    CHECK(reads.count == 1 && reads.reads[0].condition_count == 500);
}
