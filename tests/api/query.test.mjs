/* Query. Source: service model; Developer Guide, expressions; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { paginateQuery } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, escaped, expectError, PATTERN, refuses, refusesWrongAttributeValues, refusesWrongTypes,
    RETURN_CONSUMED_CAPACITY, SELECT, validationErrors,
} from "../support/expect.mjs";

const api = await openEndpoint();
const numbers = await api.table("pk S, sk N");
const strings = await api.table("pk S, sk S");
const blobs = await api.table("pk S, sk B");
const alone = await api.table("pk S");

const N = (value) => ({ N: String(value) });
const S = (value) => ({ S: value });
const base64 = (...bytes) => Buffer.from(bytes).toString("base64");

const years = [-1000, -1.5, 0, 0.001, 1, 2, 10, 1851, 1986, 2008, 1e20];
const words = ["", "A", "B", "a", "aa", "ab", "b", "é", "\u{ffff}", "\u{1f40b}"].filter(Boolean);
const bytes = [base64(0), base64(0, 0), base64(0, 255), base64(1), base64(127), base64(128), base64(255), base64(255, 0)];
const plain = (number) => (number === 1e20 ? "1" + "0".repeat(20) : String(number));
/* Written in an order that is not theirs, among neighbours that must not come back. */
for (const year of [...years].reverse())
    await api.ok("PutItem", { TableName: numbers, Item: { pk: S("p"), sk: N(year), even: { BOOL: year % 2 === 0 }, title: S(`of ${plain(year)}`) } });
for (const word of [...words].reverse())
    await api.ok("PutItem", { TableName: strings, Item: { pk: S("p"), sk: S(word) } });
for (const blob of [...bytes].reverse())
    await api.ok("PutItem", { TableName: blobs, Item: { pk: S("p"), sk: { B: blob } } });
for (const neighbour of ["", "o", "p\u0000", "pp", "q"].filter(Boolean)) {
    await api.ok("PutItem", { TableName: numbers, Item: { pk: S(neighbour), sk: N(1) } });
    await api.ok("PutItem", { TableName: strings, Item: { pk: S(neighbour), sk: S("a") } });
}
await api.ok("PutItem", { TableName: alone, Item: { pk: S("p"), a: N(1) } });

const values = (more = {}) => ({ ":p": S("p"), ...more });
const query = (TableName, KeyConditionExpression, ExpressionAttributeValues, more = {}) =>
    api.ok("Query", { TableName, ConsistentRead: true, KeyConditionExpression, ExpressionAttributeValues: values(ExpressionAttributeValues), ...more });
const sks = ({ Items }) => Items.map((item) => Object.values(item.sk)[0]);

describe("Query, malformed", () => {
    refusesWrongTypes(api, "Query", {
        TableName: "String",
        Select: "String",
        AttributesToGet: "List",
        Limit: "Integer",
        ConsistentRead: "Boolean",
        KeyConditions: ["Map", "Condition"],
        QueryFilter: ["Map", "Condition"],
        ConditionalOperator: "String",
        ScanIndexForward: "Boolean",
        ExclusiveStartKey: ["Map", "AttributeValue"],
        ReturnConsumedCapacity: "String",
        ProjectionExpression: "String",
        FilterExpression: "String",
        KeyConditionExpression: "String",
        ExpressionAttributeNames: ["Map", "String"],
        ExpressionAttributeValues: ["Map", "AttributeValue"],
    });
    refusesWrongAttributeValues(api, "Query", (value) => ({ ExclusiveStartKey: { a: value } }));
    refusesWrongAttributeValues(api, "Query", (value) => ({ KeyConditions: { a: { AttributeValueList: [value] } } }));
    refusesWrongTypes(api, "Query", { ComparisonOperator: "String", AttributeValueList: "List" },
        (member, value) => ({ QueryFilter: { a: { [member]: value } } }));
});

describe("Query, invalid", () => {
    const given = { TableName: numbers, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("p") } };
    const conditions = (KeyConditionExpression, more) => ({ ...given, KeyConditionExpression, ExpressionAttributeValues: values(more) });
    const missing = api.tableName();
    const INVALID = "Invalid KeyConditionExpression: ";
    const oneOf = (...texts) => new RegExp(`^(${texts.map(escaped).join("|")})$`);
    refuses(api, "Query", "ValidationException", [
        ["no table name", { KeyConditionExpression: "pk = :p" }, /at 'tableName' failed to satisfy constraint: Member must not be null/],
        ["a table name with a bad character", { ...given, TableName: "a;b" }, validationErrors(broken("a;b", "tableName", PATTERN))],
        ["an unknown Select", { ...given, Select: "hi" }, validationErrors(broken("hi", "select", SELECT))],
        ["an unknown ReturnConsumedCapacity", { ...given, ReturnConsumedCapacity: "hi" }, validationErrors(broken("hi", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["Limit 0", { ...given, Limit: 0 }, /^1 validation error detected: Value( '0')? at '[lL]imit' failed to satisfy constraint: Member must have value greater than or equal to 1$/],
        ["Limit -1", { ...given, Limit: -1 }, /greater than or equal to 1$/],
        ["no key condition", { TableName: numbers }, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."],
        ["both kinds of key conditions", { ...given, KeyConditions: { pk: { ComparisonOperator: "EQ", AttributeValueList: [S("p")] } } },
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {KeyConditions} Expression parameters: {KeyConditionExpression}"],
        ["QueryFilter beside an expression", { ...given, QueryFilter: { a: { ComparisonOperator: "NULL" } } },
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {QueryFilter} Expression parameters: {KeyConditionExpression}"],
        ["an empty expression", { ...given, KeyConditionExpression: "" }, `${INVALID}The expression can not be empty;`],
        ["a syntax error", conditions("pk = "), /^Invalid KeyConditionExpression: Syntax error; token: "<EOF>"/],
        ["an undefined value", conditions("pk = :undefined"), `${INVALID}An expression attribute value used in expression is not defined; attribute value: :undefined`],
        ["an undefined name", conditions("#undefined = :p"), `${INVALID}An expression attribute name used in the document path is not defined; attribute name: #undefined`],
        ["an unused value", conditions("pk = :p", { ":q": S("q") }), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:q}"],
        ["an unused name", { ...given, ExpressionAttributeNames: { "#q": "q" } }, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#q}"],
        ["a bad number", conditions("pk = :p AND sk = :n", { ":n": { N: "x" } }), /The parameter cannot be converted to a numeric value: x/],
        ["no partition key", conditions("sk = :p"), "Query condition missed key schema element: pk"],
        ["another attribute than the sort key", conditions("pk = :p AND nokey = :n", { ":n": N(1) }), "Query condition missed key schema element: sk"],
        ["a sort key the table has not", { ...conditions("pk = :p AND sk = :n", { ":n": N(1) }), TableName: alone }, /./],
        ["an inequality on the partition key", conditions("pk > :p"), "Query key condition not supported"],
        ["begins_with on the partition key", conditions("begins_with(pk, :p)"), "Query key condition not supported"],
        ["an inequality with a value of another type on the partition key", { ...given, KeyConditionExpression: "pk > :p", ExpressionAttributeValues: { ":p": N(1) } },
            "One or more parameter values were invalid: Condition parameter type does not match schema type"],
        ["BETWEEN on the partition key", conditions("pk BETWEEN :p AND :q", { ":q": S("q") }), "Query key condition not supported"],
        ["OR", conditions("pk = :p OR sk = :n", { ":n": N(1) }), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR"],
        ["NOT", conditions("NOT pk = :p"), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: NOT"],
        ["IN", conditions("pk IN (:p)"), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: IN"],
        ["<>", conditions("pk <> :p"), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: <>"],
        ["attribute_exists", conditions("attribute_exists(pk) AND sk = :p"), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: attribute_exists"],
        ["contains", conditions("pk = :p AND contains(sk, :p)"), "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: contains"],
        ["an empty filter before what a key condition may not be", { ...conditions("pk <> :p"), FilterExpression: "" }, "Invalid FilterExpression: The expression can not be empty;"],
        ["an empty projection before what a key condition may not be", { ...conditions("pk <> :p"), ProjectionExpression: "" }, "Invalid ProjectionExpression: The expression can not be empty;"],
        ["a value that nothing uses before what a key condition may not be", conditions("pk <> :p", { ":unused": N(1) }),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}"],
        ["BETWEEN on a size", conditions("pk = :p AND size(sk) BETWEEN :n AND :n", { ":n": N(1) }),
            "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand"],
        ["two attributes, one of them nested", conditions("pk = :p AND sk > third.a"),
            "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"],
        ["size", conditions("pk = :p AND size(sk) = :n", { ":n": N(1) }), "Invalid KeyConditionExpression: KeyConditionExpressions cannot contain nested operations"],
        ["a nested path", conditions("pk = :p AND sk.a = :n", { ":n": N(1) }), "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"],
        ["two conditions on one key", conditions("pk = :p AND sk > :n AND sk < :m", { ":n": N(1), ":m": N(2) }), "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"],
        ["three keys", conditions("pk = :p AND sk = :n AND third = :n", { ":n": N(1) }),
            oneOf("The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)", "Conditions can be of length 1 or 2 only")],
        ["redundant parentheses", conditions("((pk = :p))"), `${INVALID}The expression has redundant parentheses;`],
        ["a key value of another type", { ...given, ExpressionAttributeValues: { ":p": N(1) } }, "One or more parameter values were invalid: Condition parameter type does not match schema type"],
        ["a sort key value of another type", conditions("pk = :p AND sk = :s", { ":s": S("1") }), "One or more parameter values were invalid: Condition parameter type does not match schema type"],
        ["begins_with on a number", conditions("pk = :p AND begins_with(sk, :n)", { ":n": N(1) }),
            `${INVALID}Incorrect operand type for operator or function; operator or function: begins_with, operand type: N`],
        ["begins_with a string on a number", conditions("pk = :p AND begins_with(sk, :s)", { ":s": S("1") }), "One or more parameter values were invalid: Condition parameter type does not match schema type"],
        ["BETWEEN upside down", conditions("pk = :p AND sk BETWEEN :b AND :a", { ":a": N(1), ":b": N(2) }),
            /^Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: \{N:2\}, upper bound operand: AttributeValue: \{N:1\}$/],
        ["an empty partition key", { ...given, ExpressionAttributeValues: { ":p": S("") } }, /cannot contain an empty string value/],
        ["a partition key that is too long", { ...given, ExpressionAttributeValues: { ":p": S("p".repeat(2049)) } }, /Size of hashkey has exceeded the maximum size limit of\s?2048 bytes/],
        ["values without an expression before a filter's value", {
            TableName: given.TableName, ExpressionAttributeValues: { ":a": S("a") },
            QueryFilter: { a: { ComparisonOperator: "EQ", AttributeValueList: [{}] } }, KeyConditions: { pk: { ComparisonOperator: "EQ", AttributeValueList: [S("p")] } },
        }, "ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null"],
        ["a filter on the partition key", { ...given, FilterExpression: "pk = :p" }, "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk"],
        ["a filter on the sort key", { ...given, FilterExpression: "a = :p AND attribute_exists(sk)" }, "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"],
        ["Select SPECIFIC_ATTRIBUTES without a projection", { ...given, Select: "SPECIFIC_ATTRIBUTES" },
            "1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"],
        ["Select ALL_ATTRIBUTES with a projection", { ...given, Select: "ALL_ATTRIBUTES", ProjectionExpression: "a" },
            "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"],
        ["Select COUNT with AttributesToGet", { TableName: given.TableName, KeyConditions: { pk: { ComparisonOperator: "EQ", AttributeValueList: [S("p")] } }, Select: "COUNT", AttributesToGet: ["a"] },
            "1 validation error detected: Cannot specify the AttributesToGet when choosing to get only the Count"],
        ["Select COUNT with a projection", { ...given, Select: "COUNT", ProjectionExpression: "a" }, "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get only the Count"],
        ["Select ALL_PROJECTED_ATTRIBUTES without an index", { ...given, Select: "ALL_PROJECTED_ATTRIBUTES" }, "1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"],
        ["a key condition of 4,097 bytes, whose size is not told", { ...given, KeyConditionExpression: "pk = :p".padEnd(4097) },
            `${INVALID}Expression size has exceeded the maximum allowed size;`],
        ["a table that is not there", { ...given, TableName: missing }, "Requested resource not found", "ResourceNotFoundException"],
        ["a bad expression before a missing table", { ...given, TableName: missing, KeyConditionExpression: "pk" }, /^Invalid KeyConditionExpression: Syntax error/],
        ["a missing table before a wrong type", { ...given, TableName: missing, ExpressionAttributeValues: { ":p": N(1) } }, "Requested resource not found", "ResourceNotFoundException"],
        ["a starting key of another shape", { ...given, ExclusiveStartKey: { pk: S("p") } }, "The provided starting key is invalid"],
        ["a starting key of another type", { ...given, ExclusiveStartKey: { pk: S("p"), sk: S("1") } }, "The provided key element does not match the schema"],
        ["a starting key of another partition", { ...given, ExclusiveStartKey: { pk: S("q"), sk: N(1) } },
            "The provided starting key is outside query boundaries based on provided conditions"],
        ["a starting key of another partition that the range takes", { ...conditions("pk = :p AND sk > :n", { ":n": N(5) }), ExclusiveStartKey: { pk: S("q"), sk: N(6) } },
            "The query can return at most one row and cannot be restarted"],
        ["a starting key of another shape before a condition on no key", { ...conditions("third = :p"), ExclusiveStartKey: { sk: N(1) } }, "The provided starting key is invalid"],
        ["a starting partition key of another type before a condition on no key", { ...conditions("third = :p"), ExclusiveStartKey: { pk: N(1), sk: N(1) } },
            "The provided key element does not match the schema"],
        ["a condition on no key before a starting sort key of another type", { ...conditions("third = :p"), ExclusiveStartKey: { pk: S("p"), sk: S("1") } },
            "Query condition missed key schema element: pk"],
        ["a starting key outside the range", { ...conditions("pk = :p AND sk > :n", { ":n": N(5) }), ExclusiveStartKey: { pk: S("p"), sk: N(1) } },
            "The provided starting key does not match the range key predicate"],
        ["a starting key of another partition and outside the range", { ...conditions("pk = :p AND sk > :n", { ":n": N(5) }), ExclusiveStartKey: { pk: S("q"), sk: N(1) } },
            "The provided starting key does not match the range key predicate"],
        ["a starting key of another partition before a filter on a key", { ...given, FilterExpression: "pk = :p", ExclusiveStartKey: { pk: S("q"), sk: N(1) } },
            "The provided starting key is outside query boundaries based on provided conditions"],
        ["a projection of something in a key", { ...given, ProjectionExpression: "a, sk.b" },
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: sk"],
        ["a starting key where one row can match", { ...given, TableName: alone, ExclusiveStartKey: { pk: S("p") } }, "The query can return at most one row and cannot be restarted"],
        ["a ConditionalOperator of another name", { ...given, ConditionalOperator: "XOR" }, /Member must satisfy enum value set: \[/],
    ]);
});

describe("Query, working: by sort key", () => {
    const all = years.map(plain);
    const cases = {
        "pk = :p": [{}, all],
        ":p = pk": [{}, all],
        "(pk = :p)": [{}, all],
        "pk = :p AND sk = :n": [{ ":n": N("10.0") }, ["10"]],
        "pk = :p AND sk < :n": [{ ":n": N(0.001) }, ["-1000", "-1.5", "0"]],
        "pk = :p AND sk <= :n": [{ ":n": N("1e-3") }, ["-1000", "-1.5", "0", "0.001"]],
        "pk = :p AND sk > :n": [{ ":n": N(1986) }, ["2008", plain(1e20)]],
        "pk = :p AND sk >= :n": [{ ":n": N(1986) }, ["1986", "2008", plain(1e20)]],
        "pk = :p AND :n < sk": [{ ":n": N(1986) }, ["2008", plain(1e20)]],
        "pk = :p AND :n >= sk": [{ ":n": N(-1.5) }, ["-1000", "-1.5"]],
        "sk > :n AND pk = :p": [{ ":n": N(1986) }, ["2008", plain(1e20)]],
        "(pk = :p) AND (sk > :n)": [{ ":n": N(1986) }, ["2008", plain(1e20)]],
        "pk = :p AND sk BETWEEN :a AND :b": [{ ":a": N(1), ":b": N(10) }, ["1", "2", "10"]],
        "pk = :p and sk between :a and :a": [{ ":a": N(2) }, ["2"]],
    };
    for (const [text, [more, expected]] of Object.entries(cases))
        it(`${text} with ${JSON.stringify(more)}`, async () => {
            assert.deepEqual(sks(await query(numbers, text, more)), expected);
            assert.deepEqual(sks(await query(numbers, text, more, { ScanIndexForward: false })), [...expected].reverse());
        });

    it("names may stand for the keys", async () => {
        const { Items } = await query(numbers, "#p = :p AND #s = :n", { ":n": N(2) }, { ExpressionAttributeNames: { "#p": "pk", "#s": "sk" } });
        assert.equal(Items[0].title.S, "of 2");
    });

    it("strings are ordered by their UTF-8 bytes", async () => {
        const byBytes = [...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(sks(await query(strings, "pk = :p")), byBytes);
        assert.deepEqual(sks(await query(strings, "pk = :p AND sk > :s", { ":s": S("a") })), byBytes.slice(byBytes.indexOf("a") + 1));
        assert.deepEqual(sks(await query(strings, "pk = :p AND begins_with(sk, :s)", { ":s": S("a") })), ["a", "aa", "ab"]);
        assert.deepEqual(sks(await query(strings, "pk = :p AND begins_with(sk, :s)", { ":s": S("\u{ffff}") })), ["\u{ffff}"]);
        assert.deepEqual(sks(await query(strings, "pk = :p AND sk BETWEEN :a AND :b", { ":a": S("A"), ":b": S("a") })), ["A", "B", "a"]);
    });

    it("binary is ordered by unsigned bytes", async () => {
        assert.deepEqual(sks(await query(blobs, "pk = :p")), bytes);
        assert.deepEqual(sks(await query(blobs, "pk = :p AND begins_with(sk, :b)", { ":b": { B: base64(0) } })), bytes.slice(0, 3));
        assert.deepEqual(sks(await query(blobs, "pk = :p AND begins_with(sk, :b)", { ":b": { B: base64(255) } })), bytes.slice(6));
        assert.deepEqual(sks(await query(blobs, "pk = :p AND sk > :b", { ":b": { B: base64(127) } })), bytes.slice(5));
    });

    it("a partition that is not there is empty", async () => {
        assert.deepEqual(await api.ok("Query", { TableName: numbers, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("nobody") } }), {
            Items: [], Count: 0, ScannedCount: 0,
        });
    });
});

describe("Query, working: what comes back", () => {
    it("a filter counts what passed and what was read", async () => {
        const { Items, Count, ScannedCount, LastEvaluatedKey } = await query(numbers, "pk = :p", { ":t": { BOOL: true } }, { FilterExpression: "even = :t" });
        const even = years.filter((year) => year % 2 === 0);
        assert.deepEqual([Items.length, Count, ScannedCount, LastEvaluatedKey], [even.length, even.length, years.length, undefined]);
    });

    it("Select COUNT has no Items member", async () => {
        assert.deepEqual(await query(numbers, "pk = :p", {}, { Select: "COUNT" }), { Count: years.length, ScannedCount: years.length });
    });

    it("Select ALL_ATTRIBUTES and SPECIFIC_ATTRIBUTES", async () => {
        const one = (more) => query(numbers, "pk = :p AND sk = :n", { ":n": N(2) }, more);
        assert.equal((await one({ Select: "ALL_ATTRIBUTES" })).Items[0].title.S, "of 2");
        assert.deepEqual((await one({ Select: "SPECIFIC_ATTRIBUTES", ProjectionExpression: "title" })).Items, [{ title: S("of 2") }]);
    });

    it("Limit pages through everything, both ways, with exact keys", async () => {
        for (const ScanIndexForward of [true, false])
            for (const Limit of [1, 2, 3, years.length, years.length + 1]) {
                const seen = [];
                let ExclusiveStartKey;
                do {
                    const page = await query(numbers, "pk = :p", {}, { Limit, ScanIndexForward, ExclusiveStartKey });
                    assert.ok(page.Count <= Limit);
                    seen.push(...sks(page));
                    if (page.LastEvaluatedKey)
                        assert.deepEqual(page.LastEvaluatedKey, { pk: S("p"), sk: page.Items.at(-1).sk });
                    ExclusiveStartKey = page.LastEvaluatedKey;
                } while (ExclusiveStartKey);
                const expected = years.map(plain);
                assert.deepEqual(seen, ScanIndexForward ? expected : expected.reverse());
            }
    });

    it("a page that ends at the limit has a key even when nothing follows", async () => {
        const page = await query(numbers, "pk = :p", {}, { Limit: years.length });
        assert.deepEqual(page.LastEvaluatedKey, { pk: S("p"), sk: N(plain(1e20)) });
        assert.deepEqual(await query(numbers, "pk = :p", {}, { ExclusiveStartKey: page.LastEvaluatedKey }), { Items: [], Count: 0, ScannedCount: 0 });
    });

    it("a page that holds all that can match has no key, which no request could begin behind", async () => {
        const one = await query(numbers, "pk = :p AND sk = :n", { ":n": N(2) }, { Limit: 1 });
        assert.deepEqual([one.Count, one.LastEvaluatedKey], [1, undefined]);
        const whole = await query(alone, "pk = :p", {}, { Limit: 1 });
        assert.deepEqual([whole.Count, whole.LastEvaluatedKey], [1, undefined]);
        const filtered = await query(alone, "pk = :p", { ":no": S("nothing") }, { Limit: 1, FilterExpression: "a = :no" });
        assert.deepEqual([filtered.Count, filtered.ScannedCount, filtered.LastEvaluatedKey], [0, 1, undefined]);
    });

    it("Limit counts what was read, not what passed the filter", async () => {
        const page = await query(numbers, "pk = :p", { ":no": S("nothing") }, { Limit: 4, FilterExpression: "title = :no" });
        assert.deepEqual([page.Items, page.Count, page.ScannedCount], [[], 0, 4]);
        assert.deepEqual(page.LastEvaluatedKey, { pk: S("p"), sk: N("0.001") });
    });

    it("a starting key need not exist", async () => {
        const after = (sk, more) => query(numbers, "pk = :p", {}, { ExclusiveStartKey: { pk: S("p"), sk: N(sk) }, ...more });
        assert.deepEqual(sks(await after(1900)), ["1986", "2008", plain(1e20)]);
        assert.deepEqual(sks(await after(1900, { ScanIndexForward: false, Limit: 2 })), ["1851", "10"]);
        assert.deepEqual(sks(await after("1e30")), []);
    });

    it("a range and a starting key together", async () => {
        const page = await query(numbers, "pk = :p AND sk BETWEEN :a AND :b", { ":a": N(0), ":b": N(1986) }, { ExclusiveStartKey: { pk: S("p"), sk: N(2) } });
        assert.deepEqual(sks(page), ["10", "1851", "1986"]);
    });

    it("pages are cut at 1 MB of items read, the one that crosses it included", async () => {
        const big = await api.table("pk S, sk N");
        for (let index = 0; index < 8; index++)
            await api.ok("PutItem", { TableName: big, Item: { pk: S("p"), sk: N(index), fill: S("x".repeat(300_000)) } });
        for (const more of [{}, { FilterExpression: "attribute_not_exists(fill)" }, { ProjectionExpression: "sk" }, { Select: "COUNT" }]) {
            const first = await query(big, "pk = :p", {}, more);
            assert.equal(first.ScannedCount, 4);
            assert.deepEqual(first.LastEvaluatedKey, { pk: S("p"), sk: N(3) });
            const second = await query(big, "pk = :p", {}, { ...more, ExclusiveStartKey: first.LastEvaluatedKey });
            assert.equal(second.ScannedCount, 4);
        }
        const seen = [];
        for await (const page of paginateQuery({ client: api.client }, { TableName: big, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("p") }, ScanIndexForward: false }))
            seen.push(...sks(page));
        assert.deepEqual(seen, ["7", "6", "5", "4", "3", "2", "1", "0"]);
    });

    it("many small items of one partition come in order", async () => {
        const many = await api.table("pk S, sk N");
        const count = 1500;
        for (let from = 0; from < count; from += 50)
            await Promise.all(Array.from({ length: 50 }, (_, index) =>
                api.ok("PutItem", { TableName: many, Item: { pk: S("p"), sk: N((from + index) * 7919 % count) } })));
        const page = await query(many, "pk = :p");
        assert.deepEqual(sks(page), Array.from({ length: count }, (_, index) => String(index)));
        assert.deepEqual(sks(await query(many, "pk = :p", {}, { ScanIndexForward: false, Limit: 3 })), ["1499", "1498", "1497"]);
    });

    it("a table without a sort key gives its one item", async () => {
        assert.deepEqual((await query(alone, "pk = :p")).Items, [{ pk: S("p"), a: N(1) }]);
        assert.deepEqual(await query(alone, "pk = :p", {}, { FilterExpression: "attribute_not_exists(a)" }), { Items: [], Count: 0, ScannedCount: 1 });
    });

    it("a failed validation does not depend on the data", async () => {
        expectError(await api.call("Query", { TableName: numbers, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("nobody") }, FilterExpression: "sk = :p" }),
            "ValidationException", "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk");
    });
});
