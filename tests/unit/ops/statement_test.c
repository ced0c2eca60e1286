/*
 * ExecuteStatement, BatchExecuteStatement and ExecuteTransaction on the table T (pk S, sk N). Texts
 * come as parameters: a ' is a ".
 */
#include "tests/unit/ops/fixture.h"

#define INVALID "ValidationException: "
#define S(text) "{'S':'" text "'}"
#define N(number) "{'N':'" number "'}"
#define ITEM(pk, sk, n) "{'n':" N(n) ",'pk':" S(pk) ",'sk':" N(sk) "}"
#define RUN(statement, parameters, more)                                                           \
    "{'Statement':'" statement "','Parameters':[" parameters "]" more "}"
#define MEMBER(statement, parameters) "{'Statement':'" statement "','Parameters':[" parameters "]}"
#define KEYED " WHERE pk = ? AND sk = ?"

/* In the answer too a ' stands for a ". */
static void check_answers(struct fixture *fixture, const char *operation,
                          const struct exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        test_check_slice(answer(fixture, operation, exchanges[i].body),
                         quoted(&fixture->arena, exchanges[i].answer), exchanges[i].body, __FILE__,
                         __LINE__);
}
#define CHECK_ANSWERS(fixture, operation, table)                                                   \
    check_answers((fixture), (operation), (table), sizeof(table) / sizeof *(table))

static void fill(struct fixture *fixture)
{
    fixture_open_with_table(fixture, true);
    CHECK_OK(put(fixture, ITEM("a", "1", "1")));
    CHECK_OK(put(fixture, ITEM("a", "2", "2")));
    CHECK_OK(put(fixture, ITEM("a", "3", "3")));
    CHECK_OK(put(fixture, ITEM("b", "1", "4")));
}

TEST(a_statement_is_run_as_the_operation_it_stands_for)
{
    static const struct exchange exchanges[] = {
        {RUN("SELECT n FROM T" KEYED, S("a") "," N("2"), ",'ReturnConsumedCapacity':'TOTAL'"),
         "{'Items':[{'n':{'N':'2'}}],'ConsumedCapacity':{'TableName':'T','CapacityUnits':0.5}}"},
        {RUN("SELECT n FROM T WHERE pk IN [?, ?] AND sk <= 1 ORDER BY pk DESC", S("a") "," S("b"),
             ""),
         "{'Items':[{'n':{'N':'4'}},{'n':{'N':'1'}}]}"},
        {RUN("SELECT n FROM T WHERE n > ?", N("3"), ""), "{'Items':[{'n':{'N':'4'}}]}"},
        {RUN("SELECT n FROM T WHERE pk = ? AND sk > ? AND sk < 1", S("a") "," N("1"), ""),
         "{'Items':[]}"},
        {RUN("UPDATE T SET n = n + ?" KEYED " RETURNING MODIFIED NEW *",
             N("5") "," S("a") "," N("1"), ""),
         "{'Items':[{'n':{'N':'6'}}]}"},
        {RUN("UPDATE T SET n = n + ?" KEYED, N("5") "," S("c") "," N("1"), ""),
         "ConditionalCheckFailedException: The conditional request failed"},
        {RUN("DELETE FROM T" KEYED " AND n = 6", S("a") "," N("1"), ""), "{'Items':[]}"},
        {RUN("INSERT INTO T VALUE ?", "{'M':" ITEM("a", "2", "0") "}", ""),
         "DuplicateItemException: Duplicate primary key exists in table"},
        {RUN("INSERT INTO T VALUE ?", "{'M':" ITEM("a", "1", "0") "}", ""), "{'Items':[]}"},
        {RUN("DELETE FROM T WHERE pk = ?", S("a"), ""),
         INVALID "Where clause does not contain a mandatory equality on all key attributes"},
        {RUN("SELECT * FROM U WHERE pk = ?", S("a"), ""),
         "ResourceNotFoundException: Requested resource not found"},
        {RUN("SELECT * FROM T WHERE pk = ?", S("a"), ",'NextToken':'none'"),
         INVALID "Invalid NextToken"},
        {RUN("SELECT * FROM T WHERE pk = ?", "{'N':'x'}", ""),
         INVALID "The parameter cannot be converted to a numeric value: x"},
    };
    struct fixture fixture;
    fill(&fixture);
    CHECK_ANSWERS(&fixture, "ExecuteStatement", exchanges);
    fixture_close(&fixture);
}

/* What stands between `before` and the next quote. */
static slice text_behind(slice text, slice before)
{
    const char *found = memmem(text.data, text.size, before.data, before.size);
    if (!found)
        return SLICE_NONE;
    slice rest = slice_from(text, (size_t)(found - text.data) + before.size);
    const char *end = memchr(rest.data, '"', rest.size);
    return slice_first(rest, (size_t)(end - rest.data));
}

TEST(a_select_goes_on_at_its_token_until_there_is_none)
{
    struct fixture fixture;
    fill(&fixture);
    slice token = SLICE_NONE;
    uint32_t pages = 0;
    do {
        slice more = token.size > 0
                         ? arena_format(&fixture.arena, ",'NextToken':'%.*s'", SLICE_ARGS(token))
                         : SLICE("");
        slice body = arena_format(&fixture.arena,
                                  "{'Statement':'SELECT sk FROM T WHERE pk IN [?, ?]',"
                                  "'Parameters':[{'S':'b'},{'S':'a'}],'Limit':1%.*s}%c",
                                  SLICE_ARGS(more), '\0');
        token =
            text_behind(answer(&fixture, "ExecuteStatement", body.data), SLICE("\"NextToken\":\""));
        pages++;
    } while (token.size > 0 && pages < 10);
    CHECK(pages == 5); /* four items, and one page to see that there are no more */
    fixture_close(&fixture);
}

TEST(each_statement_of_a_batch_has_an_answer_of_its_own)
{
    static const struct exchange exchanges[] = {
        {"{'Statements':[" MEMBER("SELECT n FROM T" KEYED, S("a") "," N("1")) "," MEMBER(
             "SELECT n FROM T WHERE pk = ?", S("a")) "]}",
         "{'Responses':[{'TableName':'T','Item':{'n':{'N':'1'}}},{'Error':{'Code':"
         "'ValidationError','Message':'Select statements within BatchExecuteStatement must specify "
         "the primary key in the where clause.'}}]}"},
        {"{'Statements':[" MEMBER(
             "DELETE FROM T" KEYED " AND n > ?",
             S("a") "," N("1") "," N(
                 "5")) "," MEMBER("UPDATE T SET n = ?" KEYED " RETURNING ALL NEW *",
                                  N("9") "," S("a") "," N(
                                      "2")) "," MEMBER("DELETE FROM T WHERE sk = ?", N("1")) "]}",
         "{'Responses':[{'Error':{'Code':'ConditionalCheckFailed','Message':'The conditional "
         "request failed'},'TableName':'T'},{'TableName':'T','Item':" ITEM(
             "a", "2", "9") "},{'Error':{'Code':'ValidationError','Message':'Where clause does not "
                            "contain a mandatory equality on all key attributes'}}]}"},
        {"{'Statements':[" MEMBER("DELETE FROM T" KEYED, S("a") "," N("1")) "," MEMBER(
             "DELETE FROM T" KEYED, S("a") "," N("1")) "]}",
         INVALID "Provided list of item keys contains duplicates"},
    };
    struct fixture fixture;
    fill(&fixture);
    CHECK_ANSWERS(&fixture, "BatchExecuteStatement", exchanges);
    fixture_close(&fixture);
}

TEST(a_transaction_of_statements_is_done_whole_or_not_at_all)
{
    static const struct exchange exchanges[] = {
        {"{'TransactStatements':[" MEMBER("SELECT n FROM T" KEYED, S("a") "," N("1")) "," MEMBER(
             "SELECT n FROM T" KEYED, S("z") "," N("1")) "]}",
         "{'Responses':[{'Item':{'n':{'N':'1'}}},{}]}"},
        {"{'TransactStatements':[" MEMBER(
             "UPDATE T SET n = ?" KEYED,
             N("7") "," S("a") "," N("1")) "," MEMBER("EXISTS(SELECT * FROM T" KEYED " AND n = 2)",
                                                      S("a") "," N("2")) "]}",
         "{'Responses':[]}"},
        {"{'TransactStatements':[" MEMBER("DELETE FROM T" KEYED, S("a") "," N("1")) "," MEMBER(
             "EXISTS(SELECT * FROM T" KEYED " AND n = 3)", S("a") "," N("2")) "]}",
         "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons "
         "for specific reasons [None, ConditionalCheckFailed]'CancellationReasons':[{'Code':"
         "'None'},{'Code':'ConditionalCheckFailed','Message':'The conditional request failed'}]"},
        {"{'TransactStatements':[" MEMBER("SELECT * FROM T" KEYED, S("a") "," N("1")) "]}",
         "{'Responses':[{'Item':" ITEM("a", "1", "7") "}]}"},
        {"{'TransactStatements':[" MEMBER("DELETE FROM T" KEYED " RETURNING ALL OLD *",
                                          S("a") "," N("1")) "]}",
         INVALID "Validation failed in TransactStatements[0]: RETURNING clause is not supported in "
                 "ExecuteTransaction."},
    };
    struct fixture fixture;
    fill(&fixture);
    CHECK_ANSWERS(&fixture, "ExecuteTransaction", exchanges);
    fixture_close(&fixture);
}
