/*
 * The parameters that expressions replaced: Expected, KeyConditions, QueryFilter, ScanFilter,
 * AttributesToGet, ConditionalOperator. Source: Developer Guide, expressions; error texts captured from the service.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { expectError, refuses } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const strings = await api.table("pk S, sk S");

const base64 = (text) => Buffer.from(text).toString("base64");
const item = {
    pk: { S: "item" },
    str: { S: "Moby Dick" },
    num: { N: "10" },
    bin: { B: base64("abc") },
    yes: { BOOL: true },
    nil: { NULL: true },
    strs: { SS: ["ahab", "ishmael"] },
    nums: { NS: ["1", "2.5"] },
    seq: { L: [{ N: "1" }, { S: "two" }] },
    "dotted.name": { S: "dots" },
};
await api.ok("PutItem", { TableName: table, Item: item });
for (const year of [1851, 1971, 2008])
    await api.ok("PutItem", { TableName: pairs, Item: { pk: { S: "Moby Dick" }, sk: { N: String(year) }, odd: { BOOL: year % 2 === 1 } } });
for (const word of ["a", "ab", "b"])
    await api.ok("PutItem", { TableName: strings, Item: { pk: { S: "p" }, sk: { S: word } } });

const compare = (ComparisonOperator, ...AttributeValueList) => ({ ComparisonOperator, ...(AttributeValueList.length ? { AttributeValueList } : {}) });
const S = (value) => ({ S: value });
const N = (value) => ({ N: String(value) });

const expected = (Expected, more = {}) => api.call("PutItem", { TableName: table, Item: item, Expected, ...more });
const filtered = (ScanFilter, more = {}) => api.call("Scan", { TableName: table, ConsistentRead: true, ScanFilter, ...more });

/* Whether a condition on the item holds, as Expected and as ScanFilter alike. */
async function holds(conditions, more) {
    const write = await expected(conditions, more);
    if (write.status !== 200)
        expectError(write, "ConditionalCheckFailedException", "The conditional request failed");
    const scan = await filtered(conditions, more);
    assert.equal(scan.status, 200, scan.text);
    assert.equal(scan.json.Count, write.status === 200 ? 1 : 0, "Expected and ScanFilter differ");
    return write.status === 200;
}

describe("comparisons", () => {
    const hold = [
        ["str", compare("EQ", item.str)], ["num", compare("EQ", N("1e1"))], ["strs", compare("EQ", { SS: ["ishmael", "ahab"] })], ["seq", compare("EQ", item.seq)], ["yes", compare("EQ", item.yes)],
        ["str", compare("NE", S("x"))], ["num", compare("NE", S("10"))], ["gone", compare("NE", S("x"))],
        ["num", compare("LT", N(11))], ["num", compare("LE", N(10))], ["num", compare("GT", N(9))], ["num", compare("GE", N(10))], ["bin", compare("GT", { B: base64("ab") })],
        ["num", compare("BETWEEN", N(9), N(10))], ["str", compare("BETWEEN", S("A"), S("Z"))],
        ["num", compare("IN", N(1), N(10))], ["str", compare("IN", S("x"), S("Moby Dick"))],
        ["str", compare("BEGINS_WITH", S("Moby"))], ["bin", compare("BEGINS_WITH", { B: base64("ab") })],
        ["str", compare("CONTAINS", S("Dick"))], ["strs", compare("CONTAINS", S("ahab"))], ["nums", compare("CONTAINS", N("2.50"))], ["seq", compare("CONTAINS", S("two"))],
        ["str", compare("NOT_CONTAINS", S("Ahab"))], ["strs", compare("NOT_CONTAINS", S("dick"))],
        ["str", compare("NOT_NULL")], ["nil", compare("NOT_NULL")], ["gone", compare("NULL")], ["dotted.name", compare("EQ", S("dots"))],
    ];
    const fail = [
        ["str", compare("EQ", S("x"))], ["num", compare("EQ", S("10"))], ["gone", compare("EQ", S("x"))], ["str", compare("NE", item.str)], ["num", compare("LT", N(10))], ["num", compare("LT", S("11"))],
        ["num", compare("GT", N(10))], ["gone", compare("LE", N(1))], ["num", compare("BETWEEN", N(11), N(12))], ["num", compare("IN", N(1), N(2))], ["str", compare("BEGINS_WITH", S("Dick"))],
        ["strs", compare("CONTAINS", S("dick"))], ["str", compare("NOT_CONTAINS", S("Dick"))], ["gone", compare("NOT_NULL")], ["nil", compare("NULL")], ["dotted", compare("NOT_NULL")],
    ];
    for (const [cases, truth] of [[hold, true], [fail, false]])
        for (const [name, condition] of cases)
            it(`${name} ${condition.ComparisonOperator} ${JSON.stringify(condition.AttributeValueList ?? [])} is ${truth}`, async () =>
                assert.equal(await holds({ [name]: condition }), truth));
});

describe("ConditionalOperator", () => {
    const yes = { num: compare("EQ", N(10)) };
    const no = { str: compare("EQ", S("x")) };
    it("AND is the default, OR needs one", async () => {
        assert.equal(await holds({ ...yes, ...no }), false);
        assert.equal(await holds({ ...yes, ...no }, { ConditionalOperator: "AND" }), false);
        assert.equal(await holds({ ...yes, ...no }, { ConditionalOperator: "OR" }), true);
        assert.equal(await holds({ ...yes, seq: compare("NOT_NULL") }), true);
        assert.equal(await holds({ ...no, gone: compare("NOT_NULL") }, { ConditionalOperator: "OR" }), false);
    });
    it("is refused with fewer than two conditions", async () => {
        const message = "ConditionalOperator can only be used when Filter or Expected has two or more elements";
        expectError(await filtered(yes, { ConditionalOperator: "OR" }), "ValidationException", message);
        expectError(await expected(yes, { ConditionalOperator: "OR" }), "ValidationException", new RegExp(`${message}$`));
        const without = "ConditionalOperator cannot be used without Filter or Expected";
        expectError(await filtered({}, { ConditionalOperator: "AND" }), "ValidationException", without);
        expectError(await expected(undefined, { ConditionalOperator: "AND" }), "ValidationException", new RegExp(`${without}$`));
    });
});

describe("Expected in its older style", () => {
    const cases = [
        [{ num: { Value: N(10) } }, true],
        [{ num: { Value: N(10), Exists: true } }, true],
        [{ num: { Value: N(11) } }, false],
        [{ gone: { Exists: false } }, true],
        [{ num: { Exists: false } }, false],
        [{ gone: { Value: S("x") } }, false],
        [{ num: { ComparisonOperator: "GE", Value: N(10) } }, true],
    ];
    for (const [Expected, truth] of cases)
        it(`${JSON.stringify(Expected)} is ${truth}`, async () => {
            const answer = await expected(Expected);
            if (truth)
                assert.equal(answer.status, 200, answer.text);
            else
                expectError(answer, "ConditionalCheckFailedException", "The conditional request failed");
        });

    it("guards DeleteItem too", async () => {
        const remove = (Expected) => api.call("DeleteItem", { TableName: table, Key: { pk: S("item") }, Expected });
        expectError(await remove({ num: { Value: N(11) } }), "ConditionalCheckFailedException", "The conditional request failed");
        assert.equal((await remove({ num: { Value: N(10) } })).status, 200);
        await api.ok("PutItem", { TableName: table, Item: item });
    });
});

describe("Expected and filters that are refused", () => {
    const INVALID = /One or more parameter values were invalid: /.source;
    const cases = [
        ["Value beside AttributeValueList", { a: { Value: S("a"), AttributeValueList: [S("a")], ComparisonOperator: "EQ" } }, "Value and AttributeValueList cannot be used together for Attribute: a"],
        ["Exists beside ComparisonOperator", { a: { Exists: true, ComparisonOperator: "EQ", Value: S("a") } }, "Exists and ComparisonOperator cannot be used together for Attribute: a"],
        ["EQ without a value", { a: { ComparisonOperator: "EQ" } }, "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a"],
        ["AttributeValueList without an operator", { a: { AttributeValueList: [S("a")] } }, "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"],
        ["nothing", { a: {} }, "Value must be provided when Exists is null for Attribute: a"],
        ["Exists true without a value", { a: { Exists: true } }, "Value must be provided when Exists is true for Attribute: a"],
        ["Exists false with a value", { a: { Exists: false, Value: S("a") } }, "Value cannot be used when Exists is false for Attribute: a"],
        ["two values for EQ", { a: compare("EQ", S("a"), S("b")) }, "Invalid number of argument\\(s\\) for the EQ ComparisonOperator"],
        ["one value for BETWEEN", { a: compare("BETWEEN", S("a")) }, "Invalid number of argument\\(s\\) for the BETWEEN ComparisonOperator"],
        ["a value for NULL", { a: compare("NULL", S("a")) }, "Invalid number of argument\\(s\\) for the NULL ComparisonOperator"],
        ["IN of two types", { a: compare("IN", S("a"), N(1)) }, "AttributeValues inside AttributeValueList must be of same type"],
        ["LT of a set", { a: compare("LT", { SS: ["a"] }) }, "ComparisonOperator LT is not valid for SS AttributeValue type"],
        ["BEGINS_WITH of a number", { a: compare("BEGINS_WITH", N(1)) }, "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"],
    ];
    for (const [claim, Expected, message] of cases)
        it(claim, async () => expectError(await expected(Expected), "ValidationException", new RegExp(`^(1 validation error detected: )?${INVALID}${message}$`)));

    it("BETWEEN upside down", async () => {
        expectError(await expected({ a: compare("BETWEEN", N(2), N(1)) }), "ValidationException", /The BETWEEN condition was provided a range where the lower bound is greater than the upper bound$/);
    });

    const scanCases = cases.slice(7);
    refuses(api, "Scan", "ValidationException", scanCases.map(([claim, ScanFilter, message]) => [`ScanFilter: ${claim}`, { TableName: table, ScanFilter }, new RegExp(`${INVALID}${message}$`)]));
    refuses(api, "Scan", "ValidationException", [
        ["an unknown ComparisonOperator", { TableName: table, ScanFilter: { a: { ComparisonOperator: "LIKE" } } },
            /Value 'LIKE' at 'scanFilter\.a\.member\.comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: \[IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS\]/],
        ["no ComparisonOperator", { TableName: table, ScanFilter: { a: {} } }, /at 'scanFilter\.a\.member\.comparisonOperator' failed to satisfy constraint: Member must not be null/],
        ["a bad number", { TableName: table, ScanFilter: { a: compare("EQ", { N: "x" }) } }, /The parameter cannot be converted to a numeric value: x/],
    ]);
});

describe("KeyConditions", () => {
    const query = (conditions, more = {}) => api.call("Query", { TableName: pairs, ConsistentRead: true, KeyConditions: { pk: compare("EQ", S("Moby Dick")), ...conditions }, ...more });
    const years = async (condition, more) => {
        const { status, json, text } = await query(condition ? { sk: condition } : {}, more);
        assert.equal(status, 200, text);
        return json.Items.map((each) => Number(each.sk.N));
    };
    it("every comparison of the sort key", async () => {
        assert.deepEqual(await years(), [1851, 1971, 2008]);
        assert.deepEqual(await years(compare("EQ", N(1971))), [1971]);
        assert.deepEqual(await years(compare("LT", N(1971))), [1851]);
        assert.deepEqual(await years(compare("LE", N(1971))), [1851, 1971]);
        assert.deepEqual(await years(compare("GT", N(1971))), [2008]);
        assert.deepEqual(await years(compare("GE", N(1971))), [1971, 2008]);
        assert.deepEqual(await years(compare("BETWEEN", N(1900), N(2000))), [1971]);
        const { Items } = await api.ok("Query", { TableName: strings, KeyConditions: { pk: compare("EQ", S("p")), sk: compare("BEGINS_WITH", S("a")) } });
        assert.deepEqual(Items.map((each) => each.sk.S), ["a", "ab"]);
    });
    it("QueryFilter, or FilterExpression and ProjectionExpression, beside it", async () => {
        assert.deepEqual(await years(null, { QueryFilter: { odd: compare("EQ", { BOOL: true }) } }), [1851, 1971]);
        assert.deepEqual(await years(null, { FilterExpression: "odd = :f", ExpressionAttributeValues: { ":f": { BOOL: false } }, ProjectionExpression: "sk" }), [2008]);
        assert.deepEqual((await query({}, { AttributesToGet: ["odd"] })).json.Items.length, 3);
    });
    const refusals = [
        ["no partition key", { TableName: pairs, KeyConditions: { sk: compare("EQ", N(1)) } }, "Query condition missed key schema element: pk"],
        ["an inequality on the partition key", { TableName: pairs, KeyConditions: { pk: compare("GT", S("a")) } }, "Query key condition not supported"],
        ["NULL on an attribute that is no key", { TableName: pairs, KeyConditions: { x: { ComparisonOperator: "NULL" } } }, "Query condition missed key schema element: pk"],
        ["NE on the sort key", { TableName: pairs, KeyConditions: { pk: compare("EQ", S("a")), sk: compare("NE", N(1)) } }, /./],
        ["three keys", { TableName: pairs, KeyConditions: { pk: compare("EQ", S("a")), sk: compare("EQ", N(1)), x: compare("EQ", N(1)) } }, /Conditions can be of length 1 or 2 only|exceeds the number of key attributes/],
        ["a value of another type", { TableName: pairs, KeyConditions: { pk: compare("EQ", N(1)) } }, "One or more parameter values were invalid: Condition parameter type does not match schema type"],
        ["QueryFilter on a key", { TableName: pairs, KeyConditions: { pk: compare("EQ", S("a")) }, QueryFilter: { pk: compare("EQ", S("a")) } },
            /^QueryFilter can only contain non-primary key attributes: Primary key attribute: pk$/],
    ];
    refuses(api, "Query", "ValidationException", refusals);
});
