/* What requests name, and which rule of a document they meet. */
#include "server/fault_rules.h"

#include "tests/test.h"

static void check_tables(struct fault_target *target, const char *const *tables)
{
    uint32_t count = 0;
    while (tables[count])
        count++;
    CHECK(target->table_count == count);
    for (uint32_t i = 0; i < count && i < target->table_count; i++)
        CHECK_SLICE(target->tables[i], slice_of_string(tables[i]));
}

TEST(a_request_names_its_tables_in_order)
{
    static const struct {
        const char *body;
        const char *tables[4];
    } cases[] = {
        {"{}", {NULL}},
        {"[]", {NULL}},
        {"\"TableName\"", {NULL}},
        {"{\"TableName\":\"a\"}", {"a"}},
        {"{\"TableName\":7,\"Key\":{\"TableName\":\"inner\"}}", {NULL}},
        {"{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/a\"}", {"a"}},
        {"{\"TableName\":\"arn:aws:dynamodb:us-east-1:000000000000:table/a/index/i\"}", {"a"}},
        {"{\"TableName\":\"arn:nothing\"}", {"arn:nothing"}},
        {"{\"TableName\":\"\\u0061b\"}", {"ab"}},
        {"{\"RequestItems\":{\"a\":{\"Keys\":[]},\"b\":[1,{\"TableName\":\"no\"}],\"c\":null}}",
         {"a", "b", "c"}},
        {"{\"RequestItems\":[\"a\"]}", {NULL}},
        {"{\"TransactItems\":[{\"Put\":{\"Item\":{},\"TableName\":\"a\"}},"
         "{\"Get\":{\"TableName\":\"b\"}}]}",
         {"a", "b"}},
        {"{\"TransactItems\":[1,{},{\"Put\":[]}]}", {"", "", ""}},
        {"{\"TransactItems\":[{\"Put\":{\"TableName\":{}}},{\"Put\":{\"TableName\":\"b\"}}]}",
         {"", "b"}},
        {"{\"Statement\":\"SELECT a, b FROM T.i WHERE c = 'FROM x'\"}", {"T"}},
        {"{\"Statement\":\"insert into \\\"a\\\"\\\"b\\\" value {}\"}", {"a\"b"}},
        {"{\"Statement\":\"UPDATE \\\"arn:x:table/T\\\" SET a = 1\"}", {"T"}},
        {"{\"Statement\":\"DELETE FROM\"}", {""}},
        {"{\"Statement\":\"'open\"}", {""}},
        {"{\"Statement\":\"\"}", {""}},
        {"{\"Statement\":[]}", {NULL}},
        {"{\"Statements\":[{\"Statement\":\"SELECT * FROM a\"},{\"Statement\":7},{}]}",
         {"a", "", ""}},
        {"{\"TransactStatements\":[{\"Statement\":\"DELETE FROM a\",\"Parameters\":[]},"
         "{\"Statement\":\"EXISTS(SELECT * FROM b WHERE c = 1)\"}]}",
         {"a", "b"}},
        {"{\"TransactItems\":{\"Put\":{\"TableName\":\"a\"}}}", {NULL}},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fault_target target;
        fault_target_read(&arena, operation_find(SLICE("PutItem")),
                          slice_of_string(cases[i].body), &target);
        check_tables(&target, cases[i].tables);
    }
}

TEST(of_many_tables_the_first_hundred_count)
{
    SCOPED_ARENA(arena);
    struct buffer body;
    buffer_init(&body, &arena);
    buffer_append(&body, SLICE("{\"TransactItems\":[0"));
    for (unsigned i = 0; i < 1000; i++)
        buffer_append(&body, SLICE(",{\"Put\":{\"TableName\":\"a\"}}"));
    buffer_append(&body, SLICE("]}"));
    struct fault_target target;
    fault_target_read(&arena, operation_find(SLICE("TransactWriteItems")), buffer_slice(&body),
                      &target);
    CHECK(target.table_count == FAULT_TABLES_MAX);
}

TEST(a_rule_passes_what_it_skips_and_is_spent_after_its_count)
{
    SCOPED_ARENA(arena);
    struct fault_rules rules;
    CHECK_OK(fault_rules_parse(&arena,
                               SLICE("{\"Faults\":[{\"Fault\":\"Throttling\",\"Table\":\"a\","
                                     "\"Skip\":1,\"Count\":2},{\"Fault\":\"InternalServerError\"}]}"),
                               &rules));
    struct fault_target target = {
        .operation = operation_find(SLICE("PutItem")), .tables = {SLICE("a")}, .table_count = 1};
    static const int met[] = {1, 0, 0, -1, -1}; /* the first request passes the first rule */
    for (size_t i = 0; i < sizeof met / sizeof met[0]; i++) {
        const struct fault_rule *rule = fault_rules_take(&rules, &target);
        CHECK(rule == (met[i] < 0 ? NULL : &rules.rules[met[i]]));
    }
}

TEST(what_is_written_says_what_was_read)
{
    static const char *const documents[] = {
        "{\"Faults\":[]}",
        "{\"Faults\":[{\"Fault\":\"Latency\",\"Operation\":\"Scan\",\"Table\":\"a\\\"b\",\"Skip\":0,"
        "\"Count\":1000000,\"Milliseconds\":600000,\"Skipped\":0,\"Met\":0}]}",
        "{\"Faults\":[{\"Fault\":\"PartialBatch\",\"Skip\":3,\"Count\":1,\"Processed\":99,"
        "\"Skipped\":0,\"Met\":0},{\"Fault\":\"InternalServerError\",\"Skip\":0,\"Count\":1,"
        "\"Applied\":true,\"Skipped\":0,\"Met\":0}]}",
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        /* The two counters are shown and not taken. */
        slice wanted = slice_of_string(documents[i]);
        struct buffer asked;
        buffer_init(&asked, &arena);
        for (size_t at = 0; at < wanted.size; at++) {
            static const char counters[] = ",\"Skipped\":0,\"Met\":0";
            if (slice_begins_with(slice_from(wanted, at), SLICE(counters)))
                at += sizeof counters - 1;
            buffer_append_byte(&asked, wanted.data[at]);
        }
        struct fault_rules rules;
        CHECK_OK(fault_rules_parse(&arena, buffer_slice(&asked), &rules));
        struct json_writer out;
        json_writer_init(&out, &arena);
        fault_rules_write(&out, &rules);
        CHECK_SLICE(json_writer_text(&out), wanted);
    }
}
