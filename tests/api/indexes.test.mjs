/*
 * Secondary indexes: CreateTable's, what DescribeTable shows of them, Query and Scan on them,
 * capacity. Source: error texts captured from the service; the control plane measured on the service; Developer Guide, quotas, item sizes and capacity.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, expectError, lengthAtLeast, lengthAtMost, PATTERN, refuses, refusesWrongTypes, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();
const INVALID = "One or more parameter values were invalid: ";
const N = (value) => ({ N: String(value) });
const S = (value) => ({ S: value });

const define = (definitions) => definitions.split(", ").map((each) => each.split(" ")).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
/* "a b / c d": two HASH and two RANGE attributes */
const schema = (keys) => keys.split(" / ").flatMap((part, index) => part.split(" ").map((AttributeName) => ({ AttributeName, KeyType: index ? "RANGE" : "HASH" })));
const index = (IndexName, keys, ProjectionType = "ALL", more = {}) => ({
    IndexName, KeySchema: schema(keys), Projection: Array.isArray(ProjectionType) ? { ProjectionType: "INCLUDE", NonKeyAttributes: ProjectionType } : { ProjectionType }, ...more,
});
const create = (definitions, keys, more) => () => ({
    TableName: api.tableName(), BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: define(definitions), KeySchema: schema(keys), ...more,
});
const local = (...LocalSecondaryIndexes) => ({ LocalSecondaryIndexes });
const global = (...GlobalSecondaryIndexes) => ({ GlobalSecondaryIndexes });

describe("CreateTable with indexes, malformed", () => {
    refusesWrongTypes(api, "CreateTable", { GlobalSecondaryIndexes: "List", LocalSecondaryIndexes: "List" });
    refusesWrongTypes(api, "CreateTable", { "a global index": ["Element", "GlobalSecondaryIndex"] }, (_, value) => global(value));
    refusesWrongTypes(api, "CreateTable", { "a local index": ["Element", "LocalSecondaryIndex"] }, (_, value) => local(value));
    for (const [kind, of] of Object.entries({ local, global })) {
        refusesWrongTypes(api, "CreateTable", { IndexName: "String", KeySchema: "List", Projection: ["Structure", "Projection"] }, (member, value) => of({ [member]: value }));
        refusesWrongTypes(api, "CreateTable", { ProjectionType: "String", NonKeyAttributes: "List" }, (member, value) => of({ Projection: { [member]: value } }));
        refusesWrongTypes(api, "CreateTable", { [`a key of a ${kind} index`]: ["Element", "KeySchemaElement"] }, (_, value) => of({ KeySchema: [value] }));
    }
    refusesWrongTypes(api, "CreateTable", { ProvisionedThroughput: ["Structure", "ProvisionedThroughput"] }, (member, value) => global({ [member]: value }));
});

describe("CreateTable with indexes, invalid", () => {
    const hash = "pk S, a S";
    const both = "pk S, sk N, a S";
    const projecting = (Projection) => create(hash, "pk", global({ ...index("ind", "a"), Projection }));
    const alphabet = "abcdefghijklmnopqrstu".split("");
    refuses(api, "CreateTable", "ValidationException", [
        ["an index name of two characters", create(hash, "pk", global(index("ab", "a"))), validationErrors(broken("ab", "globalSecondaryIndexes.1.member.indexName", lengthAtLeast(3)))],
        ["an index name of 256 characters", create(hash, "pk", global(index("a".repeat(256), "a"))), new RegExp(lengthAtMost(255))],
        ["a bad character in an index name", create(both, "pk / sk", local(index("ab;", "pk / a"))), validationErrors(broken("ab;", "localSecondaryIndexes.1.member.indexName", PATTERN))],
        ["an index without anything", create(hash, "pk", global({})), /^3 validation errors detected: .*'globalSecondaryIndexes\.1\.member\.projection'.*'globalSecondaryIndexes\.1\.member\.indexName'.*'globalSecondaryIndexes\.1\.member\.keySchema'/],
        ["bad names of both kinds, global ones first", create(both, "pk / sk", { ...local(index("a", "pk / a")), ...global(index("b", "a")) }), /globalSecondaryIndexes.*localSecondaryIndexes/],
        ["an unknown ProjectionType", projecting({ ProjectionType: "SOME" }), validationErrors(broken("SOME", "globalSecondaryIndexes.1.member.projection.projectionType", enumOf("ALL", "INCLUDE", "KEYS_ONLY")))],
        ["no NonKeyAttributes in the list", projecting({ ProjectionType: "INCLUDE", NonKeyAttributes: [] }), validationErrors(broken("[]", "globalSecondaryIndexes.1.member.projection.nonKeyAttributes", lengthAtLeast(1)))],
        ["21 NonKeyAttributes", projecting({ ProjectionType: "INCLUDE", NonKeyAttributes: alphabet }), new RegExp(lengthAtMost(20))],
        ["an empty list of global indexes", create("pk S", "pk", global()), `${INVALID}List of GlobalSecondaryIndexes is empty`],
        ["an empty list of local indexes", create("pk S", "pk", local()), `${INVALID}List of LocalSecondaryIndexes is empty`],
        ["a key that is not defined", create("pk S", "pk", global(index("ind", "a"))), `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [a], AttributeDefinitions: [pk]`],
        ["a definition that is not used", create("pk S, a S, b S", "pk", global(index("ind", "a"))), /^One or more parameter values were invalid: Some AttributeDefinitions are not used\. AttributeDefinitions: \[[pkab, ]+\], keys used: \[[pka, ]+\]$/],
        ["a local index on a table without a sort key", create(hash, "pk", local(index("ind", "pk / a"))), `${INVALID}Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex`],
        ["a local index without a sort key", create("pk S, sk N", "pk / sk", local(index("ind", "pk"))), `${INVALID}Index KeySchema does not have a range key for index: ind`],
        ["a local index with another partition key", create(both, "pk / sk", local(index("ind", "a / sk"))),
            `${INVALID}Index KeySchema does not have the same leading hash key as table KeySchema for index: ind. index hash key: a, table hash key: pk`],
        ["a sort key before a partition key", create(both, "pk / sk", global({ ...index("ind", "a"), KeySchema: [...schema("a / sk"), ...schema("pk")] })), `${INVALID}All HASH key attributes must precede RANGE key attributes in the KeySchema`],
        ["five partition key attributes", create("pk S, a S, b S, c S, d S", "pk", global(index("ind", "pk a b c d"))), `${INVALID}The KeySchema exceeds the maximum allowed number of HASH key attributes`],
        ["five sort key attributes", create("pk S, a S, b S, c S, d S, e S", "pk", global(index("ind", "pk / a b c d e"))), `${INVALID}The KeySchema exceeds the maximum allowed number of RANGE key attributes`],
        ["no ProjectionType", projecting({}), `${INVALID}Unknown ProjectionType: null`],
        ["INCLUDE without NonKeyAttributes", projecting({ ProjectionType: "INCLUDE" }), `${INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified`],
        ["ALL with NonKeyAttributes", projecting({ ProjectionType: "ALL", NonKeyAttributes: ["x"] }), `${INVALID}ProjectionType is ALL, but NonKeyAttributes is specified`],
        ["a NonKeyAttribute twice", projecting({ ProjectionType: "INCLUDE", NonKeyAttributes: ["x", "x"] }), `${INVALID}Duplicate element in NonKeyAttributes: x`],
        ["throughput of an index on demand", create(hash, "pk", global(index("ind", "a", "ALL", { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }))),
            `${INVALID}ProvisionedThroughput should not be specified for index: ind when BillingMode is PAY_PER_REQUEST`],
        ["a provisioned index without throughput", create(hash, "pk", { ...global(index("ind", "a")), BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }),
            `${INVALID}ProvisionedThroughput is not specified for index: ind`],
        ["two indexes of one name", create(both, "pk / sk", { ...local(index("ind", "pk / a")), ...global(index("ind", "a")) }), `${INVALID}Duplicate index name: ind`],
        ["six local indexes", create("pk S, sk N", "pk / sk", local(...[1, 2, 3, 4, 5, 6].map((i) => index(`i-${i}`, "pk / sk")))), /Number of LocalSecondaryIndexes exceeds per-table limit of 5$/],
        ["21 global indexes", create("pk S", "pk", global(...alphabet.map((letter) => index(`i-${letter}`, "pk")))), /GlobalSecondaryIndex count exceeds the per-table limit of 20$/],
    ]);
});

const table = await api.table("pk S, sk N", {
    AttributeDefinitions: define("pk S, sk N, a S, b N, c B"),
    ...local(index("whole", "pk / a"), index("part", "pk / a", ["z", "in"]), index("keys", "pk / b", "KEYS_ONLY")),
    ...global(index("byA", "a"), index("byBA", "b / a", ["in"]), index("byMany", "a b / c sk", "KEYS_ONLY")),
});
const put = (item) => api.ok("PutItem", { TableName: table, Item: item });
const values = (given) => ({ ExpressionAttributeValues: Object.fromEntries(Object.entries(given).map(([name, value]) => [`:${name}`, value])) });
const query = (IndexName, KeyConditionExpression, given, more = {}) => ({ TableName: table, IndexName, KeyConditionExpression, ...values(given), ...more });
const sks = ({ Items }) => Items.map(({ sk }) => Number(sk.N));

describe("DescribeTable", () => {
    it("shows indexes as they were asked for, what is included and what is defined by name", async () => {
        const { Table } = await api.ok("DescribeTable", { TableName: table });
        const shown = ({ IndexName, KeySchema, Projection, IndexArn }) => {
            assert.equal(IndexArn, `${Table.TableArn}/index/${IndexName}`);
            return { IndexName, KeySchema, Projection };
        };
        assert.deepEqual(Table.AttributeDefinitions, define("a S, b N, c B, pk S, sk N"));
        assert.deepEqual(Table.LocalSecondaryIndexes.map(shown), [index("whole", "pk / a"), index("part", "pk / a", ["in", "z"]), index("keys", "pk / b", "KEYS_ONLY")]);
        assert.deepEqual(Table.GlobalSecondaryIndexes.map(shown), [index("byA", "a"), index("byBA", "b / a", ["in"]), index("byMany", "a b / c sk", "KEYS_ONLY")]);
        for (const each of Table.GlobalSecondaryIndexes) {
            assert.equal(each.IndexStatus, "ACTIVE");
            assert.equal(each.Backfilling, undefined);
            assert.deepEqual(each.ProvisionedThroughput, { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 });
            assert.deepEqual(each.WarmThroughput, { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: "ACTIVE" });
        }
        for (const each of Table.LocalSecondaryIndexes)
            assert.equal(each.IndexStatus, undefined);
    });
});

describe("index keys in items", () => {
    const item = (more) => ({ pk: S("typed"), sk: N(1), ...more });
    const mismatch = (name, expected, actual) => new RegExp(`^One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${actual} IndexName: \\w+$`);
    it("of another type are refused", async () => {
        expectError(await api.call("PutItem", { TableName: table, Item: item({ a: N(1) }) }), "ValidationException", mismatch("a", "S", "N"));
        expectError(await api.call("PutItem", { TableName: table, Item: item({ c: { BOOL: true } }) }), "ValidationException", mismatch("c", "B", "BOOL"));
        expectError(await api.call("BatchWriteItem", { RequestItems: { [table]: [{ PutRequest: { Item: item({ b: S("1") }) } }] } }), "ValidationException", mismatch("b", "N", "S"));
    });
    it("that are empty are refused", async () => {
        for (const empty of [{ a: S("") }, { c: { B: "" } }])
            expectError(await api.call("PutItem", { TableName: table, Item: item(empty) }), "ValidationException", /empty (string|binary) value/);
    });
    it("are judged in the result of an update", async () => {
        const update = (UpdateExpression, given) => api.call("UpdateItem", { TableName: table, Key: item(), UpdateExpression, ...(given && values(given)) });
        expectError(await update("SET a = :v", { v: N(1) }), "ValidationException", mismatch("a", "S", "N"));
        expectError(await api.call("UpdateItem", { TableName: table, Key: item(), AttributeUpdates: { a: { Value: N(1) } } }), "ValidationException", mismatch("a", "S", "N"));
        for (const [expression, given] of [["SET a = sk", null], ["SET a = if_not_exists(spare, :v)", { v: N(1) }], ["ADD a :v", { v: N(1) }], ["SET a = sk + :v", { v: N(1) }]])
            expectError(await update(expression, given), "ValidationException",
                "The update expression attempted to update the secondary index key to unsupported type");
        expectError(await update("SET a = :v", { v: S("") }), "ValidationException", /empty string value/);
        assert.equal(await api.item(table, item()), undefined);
    });
});

describe("Query and Scan on indexes", async () => {
    const items = [
        { pk: S("p"), sk: N(1), a: S("x"), b: N(5), c: { B: "AQ==" }, in: S("i"), out: S("o") },
        { pk: S("p"), sk: N(2), a: S("w"), b: N(5), c: { B: "AA==" }, out: S("o") },
        { pk: S("p"), sk: N(3), a: S("x"), out: S("o") },
        { pk: S("q"), sk: N(4), a: S("x"), b: N(5), c: { B: "AA==" } },
        { pk: S("q"), sk: N(5) },
    ];
    for (const item of items)
        await put(item);
    const named = (item, ...names) => Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));

    it("a local index is sorted by its key, then by the table's", async () => {
        assert.deepEqual(sks(await api.ok("Query", query("whole", "pk = :p", { p: S("p") }, { ConsistentRead: true }))), [2, 1, 3]);
        assert.deepEqual(sks(await api.ok("Query", query("whole", "pk = :p", { p: S("p") }, { ScanIndexForward: false }))), [3, 1, 2]);
        assert.deepEqual(sks(await api.ok("Query", query("whole", "pk = :p AND a > :a", { p: S("p"), a: S("w") }))), [1, 3]);
        assert.deepEqual(sks(await api.ok("Query", query("keys", "pk = :p", { p: S("p") }))), [1, 2], "sparse");
    });
    it("gives what is projected", async () => {
        const [first] = (await api.ok("Query", query("whole", "pk = :p AND a = :a", { p: S("p"), a: S("x") }))).Items;
        assert.deepEqual(first, items[0]);
        const [part] = (await api.ok("Query", query("part", "pk = :p AND a = :a", { p: S("p"), a: S("x") }, { Select: "ALL_PROJECTED_ATTRIBUTES" }))).Items;
        assert.deepEqual(part, named(items[0], "pk", "sk", "a", "in"));
        const [keys] = (await api.ok("Query", query("keys", "pk = :p", { p: S("p") }))).Items;
        assert.deepEqual(keys, named(items[0], "pk", "sk", "b"));
        const page = await api.ok("Query", query("byBA", "b = :b AND a = :a", { b: N(5), a: S("x") }));
        assert.deepEqual(page.Items.find(({ sk }) => sk.N === "1"), named(items[0], "pk", "sk", "a", "b", "in"));
    });
    it("a local index fetches the rest from the table", async () => {
        const all = await api.ok("Query", query("keys", "pk = :p", { p: S("p") }, { Select: "ALL_ATTRIBUTES" }));
        assert.deepEqual(all.Items, items.slice(0, 2));
        const some = await api.ok("Query", query("keys", "pk = :p", { p: S("p") }, { ProjectionExpression: "#o, sk", ExpressionAttributeNames: { "#o": "out" } }));
        assert.deepEqual(some.Items, items.slice(0, 2).map((item) => named(item, "out", "sk")));
        const scanned = await api.ok("Scan", { TableName: table, IndexName: "keys", Select: "ALL_ATTRIBUTES", FilterExpression: "pk = :p", ...values({ p: S("p") }) });
        assert.deepEqual(scanned.Items, items.slice(0, 2));
    });
    it("several key attributes: equal partition, sort keys from left to right", async () => {
        const many = (condition, given) => api.ok("Query", query("byMany", condition, { a: S("x"), b: N(5), ...given }));
        assert.deepEqual(sks(await many("a = :a AND b = :b")), [4, 1]);
        assert.deepEqual(sks(await many("b = :b AND c >= :c AND a = :a", { c: { B: "AQ==" } })), [1]);
        assert.deepEqual(sks(await many("sk < :s AND b = :b AND c = :c AND a = :a", { c: { B: "AA==" }, s: N(9) })), [4]);
        expectError(await api.call("Query", query("byMany", "a = :a", { a: S("x") })), "ValidationException", /./);
        expectError(await api.call("Query", query("byMany", "a = :a AND b = :b AND sk = :s", { a: S("x"), b: N(5), s: N(1) })), "ValidationException",
            /RANGE key attributes c must have equality conditions specified in the query because a condition is present on key attribute sk/);
        expectError(await api.call("Query", query("byMany", "a = :a AND b = :b AND c > :c AND sk = :s", { a: S("x"), b: N(5), c: { B: "AA==" }, s: N(1) })), "ValidationException",
            /RANGE key attributes c must have equality conditions specified in the query because a condition is present on key attribute sk/);
    });
    it("pages go on after the index's key and the table's", async () => {
        for (const [IndexName, operation, given] of [
            ["whole", "Query", query("whole", "pk = :p", { p: S("p") })],
            ["byA", "Query", query("byA", "a = :a", { a: S("x") })],
            ["byMany", "Query", query("byMany", "a = :a AND b = :b", { a: S("x"), b: N(5) }, { ScanIndexForward: false })],
            ["byBA", "Scan", { TableName: table, IndexName: "byBA" }],
            ["part", "Scan", { TableName: table, IndexName: "part", ConsistentRead: true }],
        ]) {
            const whole = await api.ok(operation, given);
            const paged = [];
            let ExclusiveStartKey;
            do {
                const page = await api.ok(operation, { ...given, Limit: 1, ExclusiveStartKey });
                paged.push(...page.Items);
                ExclusiveStartKey = page.LastEvaluatedKey;
                assert.ok(paged.length <= items.length, IndexName);
            } while (ExclusiveStartKey);
            assert.ok(whole.Count > 1, IndexName);
            assert.deepEqual(paged, whole.Items, IndexName);
        }
        const { LastEvaluatedKey } = await api.ok("Query", query("byMany", "a = :a AND b = :b", { a: S("x"), b: N(5) }, { Limit: 1 }));
        assert.deepEqual(LastEvaluatedKey, named(items[3], "a", "b", "c", "pk", "sk"));
    });
    it("segments of a Scan make up the index", async () => {
        const found = [];
        for (let Segment = 0; Segment < 3; Segment++)
            found.push(...sks(await api.ok("Scan", { TableName: table, IndexName: "byA", TotalSegments: 3, Segment })));
        assert.deepEqual(found.sort(), [1, 2, 3, 4]);
    });

    const given = query("byA", "a = :a", { a: S("x") });
    refuses(api, "Query", "ValidationException", [
        ["an index name of two characters", { ...given, IndexName: "ab" }, validationErrors(broken("ab", "indexName", lengthAtLeast(3)))],
        ["an index that is not there", { ...given, IndexName: "none" }, "The table does not have the specified index: none"],
        ["ConsistentRead on a global index", { ...given, ConsistentRead: true }, "Consistent reads are not supported on global secondary indexes"],
        ["ALL_ATTRIBUTES of a global index that has not all", query("byBA", "b = :b", { b: N(5) }, { Select: "ALL_ATTRIBUTES" }),
            `${INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index byBA because its projection type is not ALL`],
        ["a starting key of another shape before ALL_ATTRIBUTES", query("byBA", "b = :b", { b: N(5) }, { Select: "ALL_ATTRIBUTES", ExclusiveStartKey: { b: N(5) } }), "The provided starting key is invalid"],
        ["a condition on no key before ALL_ATTRIBUTES", query("byBA", "b = :b AND x = :b", { b: N(5) }, { Select: "ALL_ATTRIBUTES" }), "Query condition missed key schema element: a"],
        ["a filter on the index's key before ALL_ATTRIBUTES", query("byBA", "b = :b", { b: N(5) }, { Select: "ALL_ATTRIBUTES", FilterExpression: "a = :b" }),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: a"],
        ["attributes that a global index does not project", query("byBA", "b = :b", { b: N(5) }, { ProjectionExpression: "a, x" }), `${INVALID}Global secondary index byBA does not project [x]`],
        ["a key condition on the table's key", query("byA", "pk = :p", { p: S("p") }), "Query condition missed key schema element: a"],
        ["a filter on the index's key", { ...given, FilterExpression: "a = :a" }, "Filter Expression can only contain non-primary key attributes: Primary key attribute: a"],
        ["a filter on something in the key of another index", { TableName: table, KeyConditionExpression: "pk = :p", FilterExpression: "b[0] = :p", ExpressionAttributeValues: { ":p": S("p") } },
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: b"],
        ["a filter on what is not projected", query("byBA", "b = :b", { b: N(5), x: S("x") }, { FilterExpression: "x = :x" }), `${INVALID}Secondary index byBA does not project one or more filter attributes: [x]`],
        ["a starting key without the index's key", { ...given, ExclusiveStartKey: { pk: S("p"), sk: N(1) } }, "The provided starting key is invalid"],
        ["a starting key with the index's key of another type", { ...given, ExclusiveStartKey: { pk: S("p"), sk: N(1), a: N(1) } }, "The provided key element does not match the schema"],
        ["a starting key with the table's key of another type", { ...given, ExclusiveStartKey: { pk: S("p"), sk: S("1"), a: S("x") } }, "The provided starting key is invalid: The provided key element does not match the schema"],
        ["a starting key of another partition", { ...given, ExclusiveStartKey: { pk: S("p"), sk: N(2), a: S("w") } }, "The provided starting key is outside query boundaries based on provided conditions"],
    ]);
    refuses(api, "Scan", "ValidationException", [
        ["an index that is not there", { TableName: table, IndexName: "none" }, "The table does not have the specified index: none"],
        ["a starting key without the index's key before ALL_ATTRIBUTES", { TableName: table, IndexName: "byBA", Select: "ALL_ATTRIBUTES", ExclusiveStartKey: { pk: S("p"), sk: N(1) } },
            "The provided starting key is invalid"],
        ["ALL_ATTRIBUTES of a global index that has not all", { TableName: table, IndexName: "byBA", Select: "ALL_ATTRIBUTES" },
            `${INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index byBA because its projection type is not ALL`],
        ["ConsistentRead on a global index", { TableName: table, IndexName: "byA", ConsistentRead: true }, "Consistent reads are not supported on global secondary indexes"],
        ["a starting key with the index's key of another type", { TableName: table, IndexName: "byA", ExclusiveStartKey: { pk: S("p"), sk: N(1), a: N(1) } }, "The provided key element does not match the schema"],
        ["a starting key with the table's key of another type", { TableName: table, IndexName: "byA", ExclusiveStartKey: { pk: S("p"), sk: S("1"), a: S("x") } }, "The provided starting key is invalid: The provided key element does not match the schema"],
        ["a starting key without the index's key", { TableName: table, IndexName: "byA", ExclusiveStartKey: { pk: S("p"), sk: N(1) } }, "The provided starting key is invalid"],
    ]);
    it("a filter may name the table's key on an index that has another", async () => {
        assert.deepEqual(sks(await api.ok("Query", { ...given, FilterExpression: "pk = :p", ...values({ a: S("x"), p: S("q") }) })), [4]);
    });
});

describe("ReturnConsumedCapacity with indexes", async () => {
    const charged = await api.table("pk S, sk N", {
        AttributeDefinitions: define("pk S, sk N, a S, b S"), ...local(index("local", "pk / a")), ...global(index("global", "b", "KEYS_ONLY")),
    });
    const key = { pk: S("p"), sk: N(1) };
    const total = async (operation, body) => (await api.ok(operation, { TableName: charged, ReturnConsumedCapacity: "INDEXES", ...body })).ConsumedCapacity;
    const parts = (Table, localUnits, globalUnits) => ({
        TableName: charged,
        CapacityUnits: Table + (localUnits ?? 0) + (globalUnits ?? 0),
        Table: { CapacityUnits: Table },
        ...(localUnits && { LocalSecondaryIndexes: { local: { CapacityUnits: localUnits } } }),
        ...(globalUnits && { GlobalSecondaryIndexes: { global: { CapacityUnits: globalUnits } } }),
    });
    const big = S("x".repeat(3000));
    const put = (more) => total("PutItem", { Item: { ...key, ...more } });

    it("writes pay for the entries that change", async () => {
        assert.deepEqual(await put({}), parts(1));
        assert.deepEqual(await put({ a: S("a") }), parts(1, 1), "comes");
        assert.deepEqual(await put({ a: S("a") }), parts(1), "stays");
        assert.deepEqual(await put({ a: S("a"), f: big }), parts(3, 3), "grows");
        assert.deepEqual(await put({ a: S("b"), f: S("") }), parts(3, 4), "moves: out and in");
        assert.deepEqual(await put({ a: S("b"), b: S("k"), f: S("") }), parts(1, 1, 1), "comes to the second, is part of the first");
        assert.deepEqual(await put({ a: S("b"), b: S("k"), f: S("2") }), parts(1, 1), "keys only: does not see the rest");
        assert.deepEqual(await total("UpdateItem", { Key: key, UpdateExpression: "REMOVE a, b" }), parts(1, 1, 1), "goes");
        assert.deepEqual(await put({ b: S("k") }), parts(1, undefined, 1));
        assert.deepEqual(await total("DeleteItem", { Key: key }), parts(1, undefined, 1));
        assert.deepEqual(await total("DeleteItem", { Key: key }), parts(1));
    });
    it("TOTAL is the sum", async () => {
        const { ConsumedCapacity } = await api.ok("PutItem", { TableName: charged, ReturnConsumedCapacity: "TOTAL", Item: { ...key, a: S("a"), b: S("b") } });
        assert.deepEqual(ConsumedCapacity, { TableName: charged, CapacityUnits: 3 });
    });
    it("reads pay for the entries they look at", async () => {
        await put({ a: S("a"), b: S("b"), f: S("x".repeat(9000)) });
        const read = (IndexName, more) => total("Query", { IndexName, ...values({ v: S(IndexName === "local" ? "p" : "b") }), KeyConditionExpression: IndexName === "local" ? "pk = :v" : "b = :v", ...more });
        assert.deepEqual(await read("local"), parts(0, 1.5));
        assert.deepEqual(await read("local", { ConsistentRead: true, Select: "COUNT" }), parts(0, 3));
        assert.deepEqual(await read("global"), parts(0, undefined, 0.5));
        assert.deepEqual(await total("Scan", { IndexName: "global" }), parts(0, undefined, 0.5));
    });
    it("a batch pays the sum", async () => {
        const Item = (sk) => ({ pk: S("batch"), sk: N(sk), a: S("a") });
        const { ConsumedCapacity } = await api.ok("BatchWriteItem", {
            ReturnConsumedCapacity: "INDEXES", RequestItems: { [charged]: [1, 2].map((sk) => ({ PutRequest: { Item: Item(sk) } })) },
        });
        assert.deepEqual(ConsumedCapacity, [parts(2, 2)]);
    });
    it("what is fetched from the table is paid there, each item alone", async () => {
        const sparse = await api.table("pk S, sk N", { AttributeDefinitions: define("pk S, sk N, a S"), ...local(index("keys", "pk / a", "KEYS_ONLY")) });
        for (const sk of [1, 2, 3])
            await api.ok("PutItem", { TableName: sparse, Item: { pk: S("p"), sk: N(sk), a: S("a"), f: S("x".repeat(9000)) } });
        for (const [ConsistentRead, perItem, perIndex] of [[false, 1.5, 0.5], [true, 3, 1]]) {
            const { ConsumedCapacity } = await api.ok("Query", {
                TableName: sparse, IndexName: "keys", KeyConditionExpression: "pk = :p", ...values({ p: S("p") }), Select: "ALL_ATTRIBUTES", ConsistentRead, ReturnConsumedCapacity: "TOTAL",
            });
            assert.equal(ConsumedCapacity.CapacityUnits, 3 * perItem + perIndex);
        }
    });
});

describe("ReturnItemCollectionMetrics", () => {
    const small = (pk) => ({ ItemCollectionKey: { pk: S(pk) }, SizeEstimateRangeGB: [0, 1] });
    const key = { pk: S("collected"), sk: N(1) };
    it("SIZE reports the collection written to", async () => {
        for (const [operation, body] of Object.entries({ PutItem: { Item: key }, UpdateItem: { Key: key }, DeleteItem: { Key: key } })) {
            const sized = await api.ok(operation, { TableName: table, ReturnItemCollectionMetrics: "SIZE", ...body });
            assert.deepEqual(sized.ItemCollectionMetrics, small("collected"), operation);
            const none = await api.ok(operation, { TableName: table, ReturnItemCollectionMetrics: "NONE", ...body });
            assert.equal(none.ItemCollectionMetrics, undefined, operation);
        }
    });
    it("BatchWriteItem reports each table's", async () => {
        const put = (pk) => ({ PutRequest: { Item: { pk: S(pk), sk: N(1) } } });
        const { ItemCollectionMetrics } = await api.ok("BatchWriteItem", { ReturnItemCollectionMetrics: "SIZE", RequestItems: { [table]: [put("c1"), put("c2")] } });
        assert.deepEqual(ItemCollectionMetrics, { [table]: [small("c1"), small("c2")] });
    });
    it("tables without local indexes have none", async () => {
        const plain = await api.table("pk S, sk N");
        assert.deepEqual(await api.ok("PutItem", { TableName: plain, Item: key, ReturnItemCollectionMetrics: "SIZE" }), {});
    });
});
