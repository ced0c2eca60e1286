/* Scan. Source: service model; error texts captured from the service; Developer Guide, quotas, item sizes and capacity. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, expectError, PATTERN, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, SELECT, validationErrors, valueAtLeast, valueAtMost,
} from "../support/expect.mjs";

const api = await openEndpoint();
const COUNT = 300;
const table = await api.table("pk S");
const empty = await api.table("pk S");
const pairs = await api.table("pk N, sk B");
const items = Array.from({ length: COUNT }, (_, index) => ({ pk: { S: `item ${index}` }, n: { N: String(index) }, even: { BOOL: index % 2 === 0 } }));
for (let from = 0; from < COUNT; from += 50)
    await Promise.all(items.slice(from, from + 50).map((Item) => api.ok("PutItem", { TableName: table, Item })));

const scan = (more = {}) => api.ok("Scan", { TableName: table, ConsistentRead: true, ...more });
const byNumber = (list) => list.map((item) => Number(item.n.N)).sort((a, b) => a - b);
const everyNumber = Array.from({ length: COUNT }, (_, index) => index);

async function pages(more) {
    const seen = [];
    let ExclusiveStartKey;
    do {
        const page = await scan({ ...more, ExclusiveStartKey });
        seen.push(page);
        ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return seen;
}

describe("Scan, malformed", () => {
    refusesWrongTypes(api, "Scan", {
        TableName: "String",
        AttributesToGet: "List",
        Limit: "Integer",
        Select: "String",
        ScanFilter: ["Map", "Condition"],
        ConditionalOperator: "String",
        ExclusiveStartKey: ["Map", "AttributeValue"],
        ReturnConsumedCapacity: "String",
        TotalSegments: "Integer",
        Segment: "Integer",
        ProjectionExpression: "String",
        FilterExpression: "String",
        ExpressionAttributeNames: ["Map", "String"],
        ExpressionAttributeValues: ["Map", "AttributeValue"],
        ConsistentRead: "Boolean",
    });
    refusesWrongAttributeValues(api, "Scan", (value) => ({ ExclusiveStartKey: { a: value } }));
});

describe("Scan, invalid", () => {
    const given = { TableName: table };
    const missing = api.tableName();
    refuses(api, "Scan", "ValidationException", [
        ["no table name", {}, /at 'tableName' failed to satisfy constraint: Member must not be null/],
        ["a table name with a bad character", { TableName: "a;b" }, validationErrors(broken("a;b", "tableName", PATTERN))],
        ["an unknown Select", { ...given, Select: "hi" }, validationErrors(broken("hi", "select", SELECT))],
        ["an unknown ReturnConsumedCapacity", { ...given, ReturnConsumedCapacity: "hi" }, validationErrors(broken("hi", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["Limit 0", { ...given, Limit: 0 }, validationErrors(broken("0", "limit", valueAtLeast(1)))],
        ["TotalSegments 0", { ...given, TotalSegments: 0, Segment: 0 }, validationErrors(broken("0", "totalSegments", valueAtLeast(1)))],
        ["TotalSegments 1,000,001", { ...given, TotalSegments: 1_000_001, Segment: 0 }, validationErrors(broken("1000001", "totalSegments", valueAtMost(1000000)))],
        ["Segment -1", { ...given, TotalSegments: 1, Segment: -1 }, validationErrors(broken("-1", "segment", valueAtLeast(0)))],
        ["Segment 1,000,000", { ...given, TotalSegments: 1, Segment: 1_000_000 }, validationErrors(broken("1000000", "segment", valueAtMost(999999)))],
        ["Segment alone", { ...given, Segment: 0 }, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"],
        ["TotalSegments alone", { ...given, TotalSegments: 2 }, "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"],
        ["a Segment beyond the last", { ...given, TotalSegments: 5, Segment: 5 },
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than TotalSegments: 5"],
        ["ScanFilter beside FilterExpression", { ...given, ScanFilter: { a: { ComparisonOperator: "NULL" } }, FilterExpression: "attribute_exists(a)" },
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {ScanFilter} Expression parameters: {FilterExpression}"],
        ["an empty filter", { ...given, FilterExpression: "" }, "Invalid FilterExpression: The expression can not be empty;"],
        ["a bad value", { ...given, FilterExpression: "a = :a", ExpressionAttributeValues: { ":a": { N: "x" } } },
            "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :a"],
        ["a duplicate in a set", { ...given, FilterExpression: "a = :a", ExpressionAttributeValues: { ":a": { SS: ["a", "a"] } } },
            "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Input collection [a, a] contains duplicates. for key :a"],
        ["a value of 256 bytes", { ...given, FilterExpression: "a = :v", ExpressionAttributeValues: { [`:${"v".repeat(255)}`]: { S: "a" } } },
            "ExpressionAttributeValues contains invalid key: The expression attribute map contains a key that is too long;"],
        ["names without an expression before a filter's value", { ...given, ScanFilter: { a: { ComparisonOperator: "EQ", AttributeValueList: [{}] } }, ExpressionAttributeNames: { "#a": "a" } },
            "ExpressionAttributeNames can only be specified when using expressions"],
        ["values without an expression before a starting key's value", { ...given, ExclusiveStartKey: { pk: {} }, ExpressionAttributeValues: { ":a": { S: "a" } } },
            "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"],
        ["names without an expression", { ...given, ExpressionAttributeNames: { "#a": "a" } }, "ExpressionAttributeNames can only be specified when using expressions"],
        ["Select SPECIFIC_ATTRIBUTES without a projection", { ...given, Select: "SPECIFIC_ATTRIBUTES" }, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"],
        ["Select ALL_PROJECTED_ATTRIBUTES without an index", { ...given, Select: "ALL_PROJECTED_ATTRIBUTES" }, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"],
        ["Select COUNT with a projection", { ...given, Select: "COUNT", ProjectionExpression: "a" }, "Cannot specify the ProjectionExpression when choosing to get only the Count"],
        ["Select ALL_ATTRIBUTES with AttributesToGet", { ...given, Select: "ALL_ATTRIBUTES", AttributesToGet: ["a"] }, "Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES"],
        ["a starting key of another shape", { ...given, ExclusiveStartKey: { other: { S: "a" } } }, "The provided starting key is invalid: The provided key element does not match the schema"],
        ["a starting key of another type", { ...given, ExclusiveStartKey: { pk: { N: "1" } } }, "The provided starting key is invalid: The provided key element does not match the schema"],
        ["a table that is not there", { TableName: missing }, "Requested resource not found", "ResourceNotFoundException"],
        ["a bad filter before a missing table", { TableName: missing, FilterExpression: "a" }, /^Invalid FilterExpression: Syntax error/],
        ["wrong segments before a bad filter", { ...given, Segment: 0, FilterExpression: "a" }, /^The TotalSegments parameter is required/],
    ]);

    it("refuses a starting key of another segment", async () => {
        const first = await scan({ Segment: 0, TotalSegments: 2, Limit: 1 });
        expectError(await api.call("Scan", { ...given, Segment: 1, TotalSegments: 2, ExclusiveStartKey: first.LastEvaluatedKey }), "ValidationException",
            /^The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: \d$/);
    });
});

describe("Scan, working", () => {
    it("an empty table", async () => {
        assert.deepEqual(await api.ok("Scan", { TableName: empty }), { Items: [], Count: 0, ScannedCount: 0 });
    });

    it("gives every item once", async () => {
        const { Items, Count, ScannedCount, LastEvaluatedKey } = await scan();
        assert.deepEqual([Count, ScannedCount, LastEvaluatedKey], [COUNT, COUNT, undefined]);
        assert.deepEqual(byNumber(Items), everyNumber);
    });

    it("the order is the same every time", async () => {
        assert.deepEqual((await scan()).Items, (await scan()).Items);
    });

    it("pages of any size give every item once", async () => {
        for (const Limit of [7, 64, 100, COUNT - 1, COUNT]) {
            const seen = await pages({ Limit });
            assert.deepEqual(byNumber(seen.flatMap((page) => page.Items)), everyNumber);
            for (const page of seen)
                assert.ok(page.ScannedCount <= Limit && (!page.LastEvaluatedKey || page.ScannedCount === Limit));
        }
    });

    it("filters, counts and selects", async () => {
        const even = { FilterExpression: "even = :t", ExpressionAttributeValues: { ":t": { BOOL: true } } };
        const { Items, Count, ScannedCount } = await scan(even);
        assert.deepEqual([Count, ScannedCount], [COUNT / 2, COUNT]);
        assert.deepEqual(byNumber(Items), everyNumber.filter((index) => index % 2 === 0));
        assert.deepEqual(await scan({ ...even, Select: "COUNT" }), { Count: COUNT / 2, ScannedCount: COUNT });
    });

    it("a filter may name the key", async () => {
        const { Items } = await scan({ FilterExpression: "pk IN (:a, :b)", ExpressionAttributeValues: { ":a": { S: "item 3" }, ":b": { S: "item 7" } } });
        assert.deepEqual(byNumber(Items), [3, 7]);
    });

    it("Limit counts what was read", async () => {
        const page = await scan({ Limit: 10, FilterExpression: "attribute_not_exists(pk)" });
        assert.deepEqual([page.Items, page.Count, page.ScannedCount], [[], 0, 10]);
        assert.ok(page.LastEvaluatedKey.pk);
    });

    it("a starting key need not exist", async () => {
        const rest = await scan({ ExclusiveStartKey: { pk: { S: "never put" } } });
        const { Items } = await scan();
        assert.deepEqual(rest.Items, Items.slice(COUNT - rest.Count));
    });

    for (const TotalSegments of [1, 2, 3, 7, 1000])
        it(`${TotalSegments} segments together give every item once`, async () => {
            const segments = TotalSegments > 100 ? 100 : TotalSegments;
            const seen = [];
            for (let Segment = 0; Segment < TotalSegments; Segment += TotalSegments / segments)
                for (let each = Segment; each < Segment + TotalSegments / segments; each++)
                    seen.push(...(await pages({ Segment: each, TotalSegments, Limit: 50 })).flatMap((page) => page.Items));
            assert.deepEqual(byNumber(seen), everyNumber);
        });

    it("segments share the items roughly evenly", async () => {
        for (let Segment = 0; Segment < 3; Segment++) {
            const { Count } = await scan({ Segment, TotalSegments: 3 });
            assert.ok(Count > COUNT / 6 && Count < COUNT / 2, `segment ${Segment} has ${Count}`);
        }
    });

    it("the last of a million segments is scanned", async () => {
        const { Count } = await scan({ Segment: 999_999, TotalSegments: 1_000_000 });
        assert.ok(Count <= 2);
    });

    it("items of one partition follow each other in order of their sort keys", async () => {
        const keys = [[1, "AA=="], [1, "/w=="], [1, "gA=="], [-2.5, "AQ=="], [-2.5, "AA=="]];
        for (const [pk, sk] of keys)
            await api.ok("PutItem", { TableName: pairs, Item: { pk: { N: String(pk) }, sk: { B: sk } } });
        const { Items } = await api.ok("Scan", { TableName: pairs, ConsistentRead: true });
        const groups = { 1: ["AA==", "gA==", "/w=="], "-2.5": ["AA==", "AQ=="] };
        for (const [pk, expected] of Object.entries(groups))
            assert.deepEqual(Items.filter((item) => item.pk.N === pk).map((item) => item.sk.B), expected);
        const first = Items[0].pk.N;
        assert.deepEqual(Items.map((item) => item.pk.N === first), Items.map((_, index) => index < groups[first].length));
    });

    it("pages are cut at 1 MB of items read", async () => {
        const big = await api.table("pk S");
        for (let index = 0; index < 7; index++)
            await api.ok("PutItem", { TableName: big, Item: { pk: { S: String(index) }, fill: { S: "x".repeat(300_000) } } });
        const first = await api.ok("Scan", { TableName: big, ConsistentRead: true });
        assert.equal(first.Count, 4);
        const second = await api.ok("Scan", { TableName: big, ConsistentRead: true, ExclusiveStartKey: first.LastEvaluatedKey });
        assert.deepEqual([second.Count, second.LastEvaluatedKey], [3, undefined]);
        assert.equal(new Set([...first.Items, ...second.Items].map((item) => item.pk.S)).size, 7);
    });

    it("what was deleted is not scanned", async () => {
        const gone = await api.table("pk S");
        for (let index = 0; index < 20; index++)
            await api.ok("PutItem", { TableName: gone, Item: { pk: { S: String(index) } } });
        for (let index = 0; index < 20; index += 2)
            await api.ok("DeleteItem", { TableName: gone, Key: { pk: { S: String(index) } } });
        assert.equal((await api.ok("Scan", { TableName: gone, ConsistentRead: true })).ScannedCount, 10);
    });
});
