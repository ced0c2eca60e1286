/* ExecuteStatement. Source: service model; Developer Guide, PartiQL for DynamoDB; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExecuteStatementCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, enumOf, expectError, lengthAtLeast, lengthAtMost, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY,
    validationErrors, valueAtLeast,
} from "../support/expect.mjs";

const api = await openEndpoint();
const plain = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const key = (name, type) => ({ AttributeName: name, KeyType: type });
const indexed = await api.table("pk S, sk S", {
    AttributeDefinitions: ["pk", "sk", "g", "l", "g2"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: [
        { IndexName: "global", KeySchema: [key("g", "HASH")], Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["seen"] } },
        { IndexName: "many", KeySchema: [key("g", "HASH"), key("g2", "HASH")], Projection: { ProjectionType: "ALL" } },
    ],
    LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: [key("pk", "HASH"), key("l", "RANGE")], Projection: { ProjectionType: "KEYS_ONLY" } }],
});

/* T, P and I in a statement stand for the tables. */
const named = (statement) => statement.replace(/\b([TPI])\b/g, (letter) => `"${{ T: plain, P: pairs, I: indexed }[letter]}"`);
const body = (statement, parameters, more = {}) => ({ Statement: named(statement), ...(parameters && { Parameters: parameters }), ...more });
const run = (statement, parameters, more) => api.ok("ExecuteStatement", body(statement, parameters, more));
const items = async (statement, parameters, more) => (await run(statement, parameters, more)).Items;
const put = (TableName, Item) => api.ok("PutItem", { TableName, Item });
const stored = async (TableName, Key) => (await api.ok("GetItem", { TableName, Key })).Item;
const MALFORMED = "Statement wasn't well formed, can't be processed: ";
const NO_KEY = "Where clause does not contain a mandatory equality on all key attributes";
const refusesStatements = (cases) =>
    refuses(api, "ExecuteStatement", "ValidationException", cases.map(([statement, message, parameters, more]) => [statement, body(statement, parameters, more), message]));

describe("ExecuteStatement, malformed", () => {
    refusesWrongTypes(api, "ExecuteStatement", {
        Statement: "String",
        Parameters: "List",
        ConsistentRead: "Boolean",
        NextToken: "String",
        ReturnConsumedCapacity: "String",
        Limit: "Integer",
        ReturnValuesOnConditionCheckFailure: "String",
    });
    refusesWrongAttributeValues(api, "ExecuteStatement", (value) => ({ Statement: "x", Parameters: [value] }));
});

describe("ExecuteStatement, invalid", () => {
    const given = { Statement: named("SELECT * FROM T") };
    refuses(api, "ExecuteStatement", "ValidationException", [
        ["no statement", {}, validationErrors(broken(null, "statement", NOT_NULL))],
        ["an empty statement", { Statement: "" }, validationErrors(broken("", "statement", lengthAtLeast(1)))],
        ["a statement of more than 8192 bytes", { Statement: "x".repeat(8193) }, validationErrors(broken("x".repeat(8193), "statement", lengthAtMost(8192)))],
        ["no parameters in a list of them", { ...given, Parameters: [] }, validationErrors(broken("[]", "parameters", lengthAtLeast(1)))],
        ["a limit of nothing", { ...given, Limit: 0 }, validationErrors(broken("0", "limit", valueAtLeast(1)))],
        ["an unknown ReturnConsumedCapacity", { ...given, ReturnConsumedCapacity: "ALL" }, validationErrors(broken("ALL", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["an unknown ReturnValuesOnConditionCheckFailure", { ...given, ReturnValuesOnConditionCheckFailure: "ALL" },
            validationErrors(broken("ALL", "returnValuesOnConditionCheckFailure", enumOf("ALL_OLD", "NONE")))],
        ["a table that is not there", { Statement: `SELECT * FROM "${api.tableName()}"` }, "Requested resource not found", "ResourceNotFoundException"],
        ["a parameter whose exponent is beyond 32 bits", { ...given, Parameters: [{ L: [{ N: "-1e2147483648" }] }] }, "The parameter cannot be converted to a numeric value: -1e2147483648"],
        ["a bad parameter before a bad statement", { Statement: "x", Parameters: [{ N: "one" }] }, "The parameter cannot be converted to a numeric value: one"],
        ["a bad statement before a missing table", { Statement: `SELECT * FROM "${api.tableName()}" WHERE` }, `${MALFORMED}Unexpected term`],
    ]);
});

describe("ExecuteStatement, invalid: statements", () => {
    refusesStatements([
        ["   ", `${MALFORMED}Unexpected term`],
        ["SELEC sk FROM T", `${MALFORMED}Unexpected token after expression`],
        ["sk IS INT8", "Unsupported operation: IsType"],
        ["sk IS character varying", "Unsupported operation: IsType"],
        ["SLECT * FROM T", `${MALFORMED}Expected data manipulation`],
        ["UPDATE T WHERE pk = 'a'", `${MALFORMED}Expected data manipulation`],
        ["SELECT * FROM T WHERE pk = 'a", MALFORMED],
        ["SELECT * FROM T WHERE pk = 'a' # not a comment", MALFORMED],
        ["SELECT * FROM T /* no end", MALFORMED],
        ["SELECT * FROM T WHERE n = 1e99999999999", MALFORMED],
        ["SELECT * FROM T WHERE pk = 'a' LIMIT 1", /^Unsupported clause: LIMIT at 1:\d+:1$/],
        ["SELECT pk, user FROM T", `${MALFORMED}Unexpected keyword`],
        ["SELECT * FROM T WHERE pk = 'a' AND value = 1", `${MALFORMED}Unexpected keyword`],
        ["SELECT m.size FROM T", `${MALFORMED}Invalid path dot component`],
        ["UPDATE T SET key = 1 WHERE pk = 'a'", `${MALFORMED}Expected identifier for simple path`],
        ["UPDATE T REMOVE a, b WHERE pk = 'a'", `${MALFORMED}Unexpected token after expression`],
        ["SELECT pk AS id FROM T", "Aliasing is not supported"],
        ["SELECT * FROM T WHERE pk = 'a')", `${MALFORMED}Unexpected token after expression`],
        ["INSERT INTO T VALUE {'pk': 'a'} IF NOT EXISTS", `${MALFORMED}Unexpected token after expression`],
        ["INSERT INTO T VALUE {'pk': 'a'} ON CONFLICT DO NOTHING", `${MALFORMED}Unexpected token after expression`],
        ["INSERT INTO T VALUE {'pk': 'a'} RETURNING ALL OLD *", `${MALFORMED}Unexpected token after expression`],
        ["SELECT * FROM T WHERE pk = 'a' AND", `${MALFORMED}Missing right-hand side expression of infix operator`],
        ["SELECT * FROM T WHERE ORDER BY pk", `${MALFORMED}Unexpected keyword`],
        ["SELECT * FROM T WHERE pk = LIKE", `${MALFORMED}Unexpected operator`],
        ["SELECT * FROM T WHERE pk = 'a' AND b IS WOODEN", `${MALFORMED}Expected type name`],
        ["SELECT * FROM T WHERE m.inner = 1", `${MALFORMED}Invalid path dot component`],
        ["DELETE FROM WHERE pk = 'a'", `${MALFORMED}Expected identifier for simple path`],
        ["SELECT * FROM T AS t", "Aliasing is not supported"],
        ["UPDATE T t SET a = 1 WHERE pk = 'a'", "Aliasing is not supported"],
        ["SELECT COUNT(*) FROM T", "Unexpected path component at 1:8:5"],
        ["SELECT * FROM T WHERE pk = ?", "Number of parameters in request and statement don't match."],
        ["SELECT * FROM T WHERE pk = ?", "Number of parameters in request and statement don't match.", [{ S: "a" }, { S: "b" }]],
        ["INSERT INTO T VALUE {'pk': 'a', 'l': [?]}", /^Unsupported data type: Parameter under key root\[0\] at 1:\d+:1$/, [{ S: "a" }]],
        ["INSERT INTO T VALUE {'pk': 'a', 'm': {'x': 1e126}}", "Number overflow. Attempting to store a number with magnitude larger than supported range under root.x"],
        ["INSERT INTO T VALUE {'pk': 'a', 's': <<>>}", "Empty bags are not supported"],
        ["INSERT INTO T VALUE {'pk': 'a', 's': <<'x', 1>>}", "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"],
        ["INSERT INTO T VALUE {'pk': 'a', 's': <<'x', 'x'>>}", "One or more parameter values were invalid: Input collection [x, x] contains duplicates."],
        [`INSERT INTO T VALUE {'pk': 'a', 'd': ${"[".repeat(32)}1${"]".repeat(32)}}`, `Nesting Levels have exceeded supported limits under root${"[0]".repeat(32)}`],
        [`SELECT * FROM T WHERE ${"(".repeat(4000)}`, `${MALFORMED}The statement is nested too deeply`],
        ["SELECT * FROM T WHERE pk = 'a' AND n < true", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"],
        ["SELECT * FROM T WHERE pk = 'a' AND attribute_exists('n')", "Operator or function requires a document path; operator or function: attribute_exists"],
        ["SELECT * FROM T WHERE pk = 'a' AND size(n, n) = 1", "Incorrect number of operands for operator or function; operator or function: size, number of operands: 2"],
        ["UPDATE T SET n = 'a' + 1 WHERE pk = 'a'", "Incorrect operand type for operator or function; operator or function: +, operand type: S"],
        ["UPDATE T SET a = 1, a = 2 WHERE pk = 'a'", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"],
        ["UPDATE T SET b = set_add(a, <<'x'>>) WHERE pk = 'a'", /^The first argument to SET_ADD must equal the assignment value at 1:\d+:7$/],
        ["SELECT l[-1] FROM T WHERE pk = 'a'", "List index is not within the allowable range; index: [-1] at 1:11:1"],
    ]);
});

describe("ExecuteStatement, invalid: keys", () => {
    const many = (count) => Array.from({ length: count }, (_, n) => `'v${n}'`).join(", ");
    refusesStatements([
        ["UPDATE P SET a = 1 WHERE pk = 'a'", NO_KEY],
        ["UPDATE P SET a = 1", NO_KEY],
        ["FROM P SET a = 1", NO_KEY],
        ["DELETE FROM P WHERE pk = 'a' AND sk > 1", NO_KEY],
        ["DELETE FROM T WHERE pk = 'a' OR pk = 'b'", NO_KEY],
        ["UPDATE T SET a = 1 WHERE pk = 'a' AND pk = 'b'", "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"],
        ["UPDATE T SET a = 1 WHERE pk = 1", "The provided key element does not match the schema"],
        ["UPDATE T SET pk = 'b' WHERE pk = 'a'", "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"],
        ["INSERT INTO P VALUE {'pk': 'a'}", "One or more parameter values were invalid: Missing the key sk in the item"],
        ["INSERT INTO P VALUE {'pk': 'a', 'sk': 'b'}", "One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S"],
        ["DELETE FROM T WHERE pk = 'a' RETURNING MODIFIED OLD *", "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements."],
        ["SELECT * FROM T WHERE pk = 1", "Key attribute's data type should match its data type in table's schema: Key pk"],
        ["SELECT * FROM P WHERE pk = 'a' AND sk IN [1, 'b']", "Key attribute's data type should match its data type in table's schema: Key sk"],
        ["SELECT * FROM T WHERE pk = ''", "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["SELECT * FROM T WHERE pk IN ['a', 'a']", "Overlapping conditions with range keys are not supported in where clause"],
        ["SELECT * FROM P WHERE pk = 'a' AND (sk > 1 OR sk < 5)", "Overlapping conditions with range keys are not supported in where clause"],
        ["SELECT * FROM P WHERE pk = 'a' AND (sk = 1 OR other = 2)", "Overlapping conditions with range keys are not supported in where clause"],
        [`SELECT * FROM T WHERE pk IN [${many(51)}]`, "Too many decomposed read operations for a given query."],
        [`SELECT * FROM T WHERE other IN [${many(101)}]`, "The IN operator is provided with too many operands; number of operands: 101"],
        ["SELECT * FROM T ORDER BY pk", "Must have WHERE clause in the statement when using ORDER BY clause."],
        ["SELECT * FROM P WHERE pk = 'a' ORDER BY other", "Attribute other in ORDER BY clause must be part of the primary key"],
        ["SELECT * FROM P WHERE pk > 'a' ORDER BY sk", "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."],
        ["SELECT * FROM P WHERE pk IN ['a', 'b'] ORDER BY sk", "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."],
        ["SELECT pk.a FROM T", "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"],
        ["SELECT * FROM T", "Invalid NextToken", undefined, { NextToken: "never given" }],
        ["EXISTS(SELECT * FROM T WHERE pk = 'a' AND b = 1)", "EXISTS can only be used in ExecuteTransaction write requests."],
    ]);
});

describe("ExecuteStatement, invalid: indexes", () => {
    refusesStatements([
        ["SELECT * FROM I.\"other\"", "The table does not have the specified index"],
        ["SELECT * FROM I.\"many\" WHERE g = 'a'", "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys."],
        ["SELECT * FROM I.\"global\"", "Strongly consistent read is not supported on Global Secondary Indexes", undefined, { ConsistentRead: true }],
        ["SELECT hidden, dark.x FROM I.\"global\"", "One or more parameter values were invalid: Global secondary index global does not project [hidden, dark]"],
        ["SELECT pk FROM I.\"global\" WHERE g = 'a' AND hidden = 1", "One or more parameter values were invalid: Secondary index global does not project one or more filter attributes: [hidden]"],
        ["UPDATE I.\"global\" SET a = 1 WHERE pk = 'a' AND sk = 'b'", "This operation is not supported on an index"],
        ["DELETE FROM I.\"global\" WHERE pk = 'a' AND sk = 'b'", "This operation is not supported on an index"],
        [`INSERT INTO\n "${indexed}"."global" VALUE {'pk': 'a', 'sk': 'b'}`, `FROM clause may only contain a single table name in data manipulation statements at 2:2:${indexed.length + 2}`],
        ["SELECT * FROM I.\"global\".\"more\"", "A path may contain at most 2 components in the FROM clause"],
        ["SELECT * FROM I.\"\" WHERE pk = 'a'", "Path component cannot be an empty string"],
        ["DELETE FROM \"\" WHERE pk = 'a'", "Path component cannot be an empty string"],
    ]);
});

describe("ExecuteStatement, working: INSERT", () => {
    it("stores values of every kind that can be written", async () => {
        const statement = `INSERT INTO T VALUE {'pk': 'kinds', 's': 'it''s', 'n': -1.5e3, 'p': .5, 't': true, 'z': null, 'l': [1, 'a', [false]], 'm': {'k': {}}, 'ss': <<'b', 'a'>>, 'ns': <<1, 2.0>>, 'b': ?}`;
        assert.deepEqual(await run(statement, [{ B: "AAE=" }]), { Items: [] });
        assert.deepEqual(await stored(plain, { pk: { S: "kinds" } }), {
            pk: { S: "kinds" }, s: { S: "it's" }, n: { N: "-1500" }, p: { N: "0.5" }, t: { BOOL: true }, z: { NULL: true },
            l: { L: [{ N: "1" }, { S: "a" }, { L: [{ BOOL: false }] }] }, m: { M: { k: { M: {} } } }, ss: { SS: ["a", "b"] }, ns: { NS: ["1", "2"] }, b: { B: "AAE=" },
        });
    });
    it("takes the whole item as a parameter", async () => {
        await run("INSERT INTO T VALUE ?", [{ M: { pk: { S: "whole" }, a: { N: "1" } } }]);
        assert.deepEqual(await stored(plain, { pk: { S: "whole" } }), { pk: { S: "whole" }, a: { N: "1" } });
    });
    it("refuses a key that is there, and changes nothing", async () => {
        await run("INSERT INTO T VALUE {'pk': 'twice', 'a': 1}");
        expectError(await api.call("ExecuteStatement", body("INSERT INTO T VALUE {'pk': 'twice', 'a': 2}")), "DuplicateItemException", "Duplicate primary key exists in table");
        assert.deepEqual((await stored(plain, { pk: { S: "twice" } })).a, { N: "1" });
    });
    it("refuses an item that is too large", async () => {
        const large = [{ S: "x".repeat(400 * 1024) }];
        expectError(await api.call("ExecuteStatement", body("INSERT INTO T VALUE {'pk': 'large', 'a': ?}", large)), "ValidationException", "Item size has exceeded the maximum allowed size");
    });
});

describe("ExecuteStatement, working: UPDATE", () => {
    const seed = async (pk, more = {}) => {
        await put(plain, { pk: { S: pk }, n: { N: "1" }, l: { L: [{ S: "a" }] }, ss: { SS: ["a", "b"] }, m: { M: { k: { S: "v" } } }, ...more });
        return { pk: { S: pk } };
    };
    it("sets, computes, appends, adds, deletes and removes in one statement", async () => {
        const Key = await seed("all");
        await run("UPDATE T SET n = n + 2, l = list_append(l, ['b']) SET ss = SET_ADD(ss, <<'c'>>) SET m.x = if_not_exists(m.k, 'other') REMOVE m.k WHERE pk = 'all'");
        assert.deepEqual(await stored(plain, Key), { ...Key, n: { N: "3" }, l: { L: [{ S: "a" }, { S: "b" }] }, ss: { SS: ["a", "b", "c"] }, m: { M: { x: { S: "v" } } } });
    });
    it("takes away an attribute with the last member of its set", async () => {
        const Key = await seed("sets");
        await run("UPDATE T SET ss = set_delete(ss, ?) WHERE pk = 'sets'", [{ SS: ["a", "b"] }]);
        assert.equal((await stored(plain, Key)).ss, undefined);
    });
    it("takes any word for a name in quotes", async () => {
        const Key = await seed("words", { size: { N: "1" } });
        await run("UPDATE T SET \"user\" = 'u' SET m.\"value\" = 2 REMOVE \"size\" WHERE pk = 'words' AND \"size\" = 1");
        const { user, m, size } = await stored(plain, Key);
        assert.deepEqual([user, m.M.value, size], [{ S: "u" }, { N: "2" }, undefined]);
    });
    it("can begin with FROM", async () => {
        const Key = await seed("from");
        await run("FROM T WHERE pk = ? SET n = ?", [{ S: "from" }, { N: "9" }]);
        assert.deepEqual((await stored(plain, Key)).n, { N: "9" });
    });
    it("never makes an item", async () => {
        for (const statement of ["UPDATE T SET a = 1 WHERE pk = 'gone'", "UPDATE T SET a = 1 WHERE pk = 'gone' AND attribute_not_exists(pk)"])
            expectError(await api.call("ExecuteStatement", body(statement)), "ConditionalCheckFailedException", "The conditional request failed");
        assert.equal(await stored(plain, { pk: { S: "gone" } }), undefined);
    });
    it("writes only where the rest of the condition holds, and shows the item if asked", async () => {
        const Key = await seed("conditional");
        const failed = await api.call("ExecuteStatement", body("UPDATE T SET a = 1 WHERE pk = 'conditional' AND n > 5", undefined, { ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
        expectError(failed, "ConditionalCheckFailedException", "The conditional request failed");
        assert.deepEqual(failed.json.Item.n, { N: "1" });
        await run("UPDATE T SET a = 1 WHERE (pk = 'conditional' AND n = 1) AND contains(ss, 'a')");
        assert.deepEqual((await stored(plain, Key)).a, { N: "1" });
    });
    it("returns what RETURNING asks for", async () => {
        const Key = await seed("returning");
        const returning = (what) => items(`UPDATE T SET n = n + 1 WHERE pk = 'returning' RETURNING ${what} *`);
        assert.deepEqual(await returning("MODIFIED OLD"), [{ n: { N: "1" } }]);
        assert.deepEqual(await returning("MODIFIED NEW"), [{ n: { N: "3" } }]);
        assert.deepEqual((await returning("ALL OLD"))[0].n, { N: "3" });
        assert.deepEqual((await returning("all new"))[0], await stored(plain, Key));
        assert.deepEqual(await items("UPDATE T REMOVE n WHERE pk = 'returning' RETURNING MODIFIED NEW *"), []);
    });
    it("refuses operands of the wrong type in the item", async () => {
        await seed("types");
        for (const change of ["n = n + l", "ss = set_add(ss, <<1>>)", "l = list_append(l, n)"])
            expectError(await api.call("ExecuteStatement", body(`UPDATE T SET ${change} WHERE pk = 'types'`)), "ValidationException", "An operand in the update expression has an incorrect data type");
    });
});

describe("ExecuteStatement, working: DELETE", () => {
    it("takes the item away and returns it when asked", async () => {
        await put(plain, { pk: { S: "away" }, a: { N: "1" } });
        assert.deepEqual(await items("DELETE FROM T WHERE pk = 'away' RETURNING ALL OLD *"), [{ pk: { S: "away" }, a: { N: "1" } }]);
        assert.deepEqual(await run("DELETE FROM T WHERE pk = 'away'"), { Items: [] });
        assert.deepEqual(await items("DELETE FROM T WHERE pk = 'away' RETURNING ALL OLD *"), []);
    });
    it("keeps the item where the rest of the condition does not hold", async () => {
        await put(plain, { pk: { S: "stays" }, a: { N: "1" } });
        expectError(await api.call("ExecuteStatement", body("DELETE FROM T WHERE pk = 'stays' AND a = 2")), "ConditionalCheckFailedException", "The conditional request failed");
        assert.ok(await stored(plain, { pk: { S: "stays" } }));
    });
    it("does nothing where there is no item, whatever the rest of the condition", async () => {
        for (const rest of ["a = 2", "attribute_exists(a)", "NOT begins_with(a, 'x')"])
            assert.deepEqual(await run(`DELETE FROM T WHERE pk = 'never there' AND ${rest} RETURNING ALL OLD *`), { Items: [] });
    });
});

describe("ExecuteStatement, working: SELECT", async () => {
    for (const pk of ["x", "y"])
        for (const sk of ["1", "2", "3", "4"])
            await put(pairs, { pk: { S: pk }, sk: { N: sk }, even: { BOOL: sk % 2 === 0 }, m: { M: { l: { L: [{ S: pk + sk }] } } }, ...(sk === "3" && { odd: { NULL: true } }) });
    const keys = async (where, more) => (await items(`SELECT pk, sk FROM P ${where}`, undefined, more)).map(({ pk, sk }) => pk.S + sk.N);
    const sorted = async (where) => (await keys(where)).sort();

    it("whole items, or columns named by the last part of their path", async () => {
        assert.deepEqual(await items("SELECT * FROM P WHERE pk = 'x' AND sk = 3"), [{ pk: { S: "x" }, sk: { N: "3" }, even: { BOOL: false }, m: { M: { l: { L: [{ S: "x3" }] } } }, odd: { NULL: true } }]);
        assert.deepEqual(await items("SELECT m.l[0], m.l, \"even\", absent FROM P WHERE pk = 'x' AND sk = 3"), [{ "l[0]": { S: "x3" }, l: { L: [{ S: "x3" }] }, even: { BOOL: false } }]);
    });
    const x = (...numbers) => numbers.map((sk) => `x${sk}`);
    for (const [where, expected] of [
        ["sk > 2", x(3, 4)],
        ["2 >= sk", x(1, 2)],
        ["sk BETWEEN 2 AND 3", x(2, 3)],
        ["NOT sk BETWEEN 2 AND 3", x(1, 4)],
        ["sk NOT IN [1, 4]", x(2, 3)],
        ["sk IN (1, ?)", x(1, 3)],
        ["(sk < 2 OR sk > 3)", x(1, 4)],
        ["sk > 1 AND sk <> 3 AND sk <= 4", x(2, 4)],
        ["sk != 1", x(2, 3, 4)],
        ["sk = 1 AND sk = 2", []],
        ["even = true", x(2, 4)],
        ["odd IS MISSING", x(1, 2, 4)],
        ["odd IS NOT MISSING", x(3)],
        ["odd IS NULL", x(3)],
        ["odd IS NOT NULL", x(1, 2, 4)],
        ["even IS BOOL AND NOT m IS STRING", x(1, 2, 3, 4)],
        ["begins_with(m.l[0], 'x1')", x(1)],
        ["contains(m.l, 'x2')", x(2)],
        ["size(m.l) = 1 AND ATTRIBUTE_TYPE(odd, 'NULL')", x(3)],
        ["attribute_exists(odd) = false", x(1, 2, 4)],
        ["(sk = 1 OR even = true) = true", x(1, 2, 4)],
        ["NOT (even = true OR odd IS NULL)", x(1)],
    ])
        it(`WHERE pk = 'x' AND ${where}`, async () => {
            const statement = `SELECT pk, sk FROM P WHERE pk = 'x' AND ${where}`;
            const found = await items(statement, where.includes("?") ? [{ N: "3" }] : undefined);
            assert.deepEqual(found.map(({ pk, sk }) => pk.S + sk.N), expected);
        });
    it("several partition keys, a scan, and the union of alternatives", async () => {
        assert.deepEqual(await sorted("WHERE pk IN ['x', 'y', 'z'] AND sk = 1"), ["x1", "y1"]);
        assert.deepEqual(await sorted("WHERE pk = 'x' AND sk = 1 OR pk = 'y' AND sk > 3"), ["x1", "y4"]);
        assert.deepEqual(await sorted("WHERE pk = 'x' AND NOT sk > 2 OR pk = 'x' AND sk = 1"), ["x1", "x2"]);
        assert.deepEqual(await sorted("WHERE even = true AND pk > 'x'"), ["y2", "y4"]);
        assert.deepEqual((await keys("")).length, 8);
    });
    it("ORDER BY", async () => {
        assert.deepEqual(await keys("WHERE pk = 'x' ORDER BY sk DESC"), ["x4", "x3", "x2", "x1"]);
        assert.deepEqual(await keys("WHERE pk = 'x' ORDER BY sk"), ["x1", "x2", "x3", "x4"]);
        assert.deepEqual(await keys("WHERE pk IN ['x', 'y'] AND sk < 3 ORDER BY pk DESC, sk ASC"), ["y1", "y2", "x1", "x2"]);
        assert.deepEqual(await keys("WHERE pk IN ['y', 'x'] AND sk < 3 ORDER BY pk"), ["x2", "x1", "y2", "y1"]);
    });
    for (const where of ["WHERE pk IN ['x', 'y'] AND (sk < 3 OR sk > 3)", "WHERE pk IN ['x', 'y'] ORDER BY pk, sk DESC", "", "WHERE even = true"])
        it(`goes on where it was ${where || "in a scan"}`, async () => {
            for (const Limit of [1, 2, 3, 7]) {
                const seen = [];
                let NextToken;
                do {
                    const page = await run(`SELECT pk, sk FROM P ${where}`, undefined, { Limit, NextToken });
                    assert.ok(page.Items.length <= Limit);
                    assert.equal(!!page.NextToken, !!page.LastEvaluatedKey);
                    seen.push(...page.Items);
                    NextToken = page.NextToken;
                } while (NextToken);
                assert.deepEqual(seen, await items(`SELECT pk, sk FROM P ${where}`));
            }
        });
    it("several keys are read ten items at a time, one key and a scan are not", async () => {
        const many = Array.from({ length: 12 }, (_, n) => `many${n}`);
        for (const pk of many)
            await put(plain, { pk: { S: pk }, m: { BOOL: true } });
        const places = many.map(() => "?").join(", ");
        const statement = `SELECT pk FROM T WHERE pk IN [${places}]`;
        const given = many.map((S) => ({ S }));
        for (const Limit of [undefined, 10, 50]) {
            const first = await run(statement, given, { Limit });
            const { Items, NextToken } = await run(statement, given, { Limit, NextToken: first.NextToken });
            assert.deepEqual([first.Items.length, Items.length, NextToken], [10, 2, undefined]);
            assert.deepEqual(new Set([...first.Items, ...Items].map(({ pk }) => pk.S)), new Set(many));
        }
        assert.equal((await items("SELECT pk FROM T WHERE m = true")).length, 12);
    });
    it("NextToken belongs to its statement and parameters", async () => {
        const { NextToken } = await run("SELECT * FROM P WHERE pk = ?", [{ S: "x" }], { Limit: 1 });
        const refused = async (statement, parameters, token = NextToken, message = "NextToken does not match request") =>
            expectError(await api.call("ExecuteStatement", body(statement, parameters, { NextToken: token })), "ValidationException", message);
        await refused("SELECT * FROM P WHERE pk = ?", [{ S: "y" }]);
        await refused("SELECT pk FROM P WHERE pk = ?", [{ S: "x" }]);
        for (const broken of [NextToken.slice(4), NextToken.replace(/^..../, "AAAA"), "AAAA"])
            await refused("SELECT * FROM P WHERE pk = ?", [{ S: "x" }], broken, "Invalid NextToken");
        assert.equal((await items("SELECT * FROM P WHERE pk = ?", [{ S: "x" }], { NextToken, Limit: 2, ConsistentRead: true })).length, 2);
    });
    it("one item has no NextToken", async () => {
        assert.equal((await run("SELECT * FROM P WHERE pk = 'x' AND sk = 1", undefined, { Limit: 1 })).NextToken, undefined);
    });
    it("comments and a semicolon are allowed", async () => {
        assert.equal((await items("-- all\nSELECT/**/* FROM P /* of x */ WHERE pk = 'x';  ")).length, 4);
    });
    it("the SDK reads it", async () => {
        const { Items } = await api.client.send(new ExecuteStatementCommand({ Statement: named("SELECT sk FROM P WHERE pk = ?"), Parameters: [{ S: "y" }] }));
        assert.deepEqual(Items, ["1", "2", "3", "4"].map((N) => ({ sk: { N } })));
    });
});

describe("ExecuteStatement, working: indexes and capacity", async () => {
    const text = (S) => ({ S });
    await put(indexed, { pk: text("p"), sk: text("1"), g: text("g"), l: text("l1"), seen: text("s1"), hidden: text("h1") });
    await put(indexed, { pk: text("p"), sk: text("2"), l: text("l2"), hidden: text("h2") });
    const units = async (statement, more) => (await run(statement, undefined, { ReturnConsumedCapacity: "INDEXES", ...more })).ConsumedCapacity;

    it("a global index gives what it projects", async () => {
        const entry = { pk: text("p"), sk: text("1"), g: text("g"), seen: text("s1") };
        assert.deepEqual(await items("SELECT * FROM I.\"global\" WHERE g = 'g'"), [entry]);
        assert.deepEqual(await items("SELECT seen FROM I.\"global\" WHERE pk = 'p'"), [{ seen: text("s1") }]);
        assert.deepEqual(await items("SELECT pk FROM I.\"global\" WHERE hidden = 'h1'"), []);
        assert.deepEqual(await items("SELECT sk FROM I.\"global\" WHERE g = 'g' AND hidden = 'h1' OR g = 'other'"), []);
    });
    it("a local index fetches what it does not project", async () => {
        assert.deepEqual(await items("SELECT * FROM I.\"local\" WHERE pk = 'p' AND l > 'l1'"), [{ pk: text("p"), sk: text("2"), l: text("l2") }]);
        assert.deepEqual(await items("SELECT hidden FROM I.\"local\" WHERE pk = 'p' ORDER BY l DESC", undefined, { ConsistentRead: true }), [{ hidden: text("h2") }, { hidden: text("h1") }]);
    });
    it("a read by key is a query, one without is a scan", async () => {
        await Promise.all(Array.from({ length: 10 }, (_, n) => put(plain, { pk: text(`filler${n}`), a: text("x".repeat(4000)) })));
        const by = async (where) => (await units(`SELECT pk FROM T WHERE ${where}`)).CapacityUnits;
        assert.equal(await by("pk = 'filler1'"), 0.5);
        assert.equal(await by("pk = 'none'"), 0.5);
        assert.equal(await by("pk = 'one' AND pk = 'another'"), 0.5);
        assert.equal(await by("pk IN ['filler1', 'filler2']"), 1);
        assert.ok(await by("begins_with(pk, 'filler1')") >= 5);
        assert.equal((await units("SELECT pk FROM T WHERE pk = 'filler1'", { ConsistentRead: true })).CapacityUnits, 1);
    });
    it("an index is charged by itself, fetched items to the table", async () => {
        assert.deepEqual(await units("SELECT * FROM I.\"global\" WHERE g = 'g'"), { TableName: indexed, CapacityUnits: 0.5, Table: { CapacityUnits: 0 }, GlobalSecondaryIndexes: { global: { CapacityUnits: 0.5 } } });
        assert.deepEqual(await units("SELECT hidden FROM I.\"local\" WHERE pk = 'p'"), { TableName: indexed, CapacityUnits: 1.5, Table: { CapacityUnits: 1 }, LocalSecondaryIndexes: { local: { CapacityUnits: 0.5 } } });
    });
    it("a write is charged as the operation it stands for", async () => {
        assert.deepEqual(await units("UPDATE T SET b = 1 WHERE pk = 'filler3'"), { TableName: plain, CapacityUnits: 4, Table: { CapacityUnits: 4 } });
    });
});
