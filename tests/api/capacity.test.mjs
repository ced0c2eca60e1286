/* ReturnConsumedCapacity. Source: Developer Guide, quotas, item sizes and capacity to 9. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");

/* An item of exactly so many bytes, all names and values counted. */
const sized = (bytes, pk = `sized ${bytes}`) => ({ pk: { S: pk }, f: { S: "x".repeat(bytes - "pkf".length - pk.length) } });
const units = ({ ConsumedCapacity }) => ConsumedCapacity.CapacityUnits;
const total = (body) => ({ TableName: table, ReturnConsumedCapacity: "TOTAL", ...body });

describe("shape of ConsumedCapacity", () => {
    const key = { pk: { S: "shape" } };
    const calls = {
        PutItem: [{ Item: key }, 1],
        GetItem: [{ Key: key }, 0.5],
        Query: [{ KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "shape" } } }, 0.5],
        DeleteItem: [{ Key: key }, 1],
        Scan: [{}, 0.5],
    };
    for (const [operation, [body, expected]] of Object.entries(calls)) {
        it(`${operation}: NONE and nothing give none`, async () => {
            for (const ReturnConsumedCapacity of ["NONE", undefined])
                assert.equal((await api.ok(operation, { TableName: table, ...body, ReturnConsumedCapacity })).ConsumedCapacity, undefined);
        });
        it(`${operation}: TOTAL gives the sum`, async () => {
            const { ConsumedCapacity } = await api.ok(operation, { TableName: table, ...body, ReturnConsumedCapacity: "TOTAL" });
            assert.deepEqual(ConsumedCapacity, { TableName: table, CapacityUnits: expected });
        });
        it(`${operation}: INDEXES gives the table's part too`, async () => {
            const { ConsumedCapacity } = await api.ok(operation, { TableName: table, ...body, ReturnConsumedCapacity: "INDEXES" });
            assert.deepEqual(ConsumedCapacity, { TableName: table, CapacityUnits: expected, Table: { CapacityUnits: expected } });
        });
    }

    it("carries the ARN when the request named the table by it", async () => {
        const { Table } = await api.ok("DescribeTable", { TableName: table });
        const { ConsumedCapacity } = await api.ok("GetItem", { TableName: Table.TableArn, Key: key, ReturnConsumedCapacity: "TOTAL" });
        assert.equal(ConsumedCapacity.TableName, Table.TableArn);
    });
});

describe("writes cost the larger of old and new, in whole KB", () => {
    const writes = [[100, 1], [1023, 1], [1024, 1], [1025, 2], [2048, 2], [2049, 3], [409_600, 400]];
    for (const [bytes, expected] of writes)
        it(`${bytes} bytes: ${expected}`, async () => {
            assert.equal(units(await api.ok("PutItem", total({ Item: sized(bytes) }))), expected);
            assert.equal(units(await api.ok("PutItem", total({ Item: sized(50, `sized ${bytes}`) }))), expected, "replaced by a smaller one");
            await api.ok("PutItem", { TableName: table, Item: sized(bytes) });
            assert.equal(units(await api.ok("DeleteItem", total({ Key: { pk: { S: `sized ${bytes}` } } }))), expected, "deleted");
            assert.equal(units(await api.ok("DeleteItem", total({ Key: { pk: { S: `sized ${bytes}` } } }))), 1, "deleted again");
        });

    it("counts every type as the service does", async () => {
        /* name, value, bytes of the value */
        const values = [
            [{ S: "é" }, 2], [{ B: "AAAA" }, 3], [{ BOOL: false }, 1], [{ NULL: true }, 1], [{ N: "0" }, 1], [{ N: "-0" }, 1], [{ N: "1" }, 2], [{ N: "12" }, 2], [{ N: "123" }, 3],
            [{ N: "1234" }, 3], [{ N: "12345" }, 4], [{ N: "100" }, 2], [{ N: "1010" }, 3], [{ N: "0042" }, 2], [{ N: "1.5" }, 3], [{ N: "1.234" }, 4], [{ N: "3.14159" }, 5],
            [{ N: "100.5" }, 4], [{ N: "0.15" }, 2], [{ N: "0.0000001" }, 2], [{ N: "1E125" }, 2], [{ N: "1E-100" }, 2], [{ N: "-42" }, 3], [{ N: "-1E125" }, 3], [{ N: "-0.15" }, 3],
            [{ N: "9".repeat(38) }, 20], [{ SS: ["a", "bc"] }, 3], [{ NS: ["1", "-42"] }, 5], [{ BS: ["AA==", "AAA="] }, 3], [{ L: [] }, 3], [{ L: [{ S: "ab" }, { BOOL: true }] }, 3 + 3 + 2],
            [{ M: {} }, 3], [{ M: { key: { S: "ab" } } }, 3 + 1 + 3 + 2],
        ];
        for (const [value, bytes] of values) {
            const rest = 1024 - bytes - "pk".length - "t".length - "v".length - "f".length;
            const item = (more) => ({ pk: { S: "t" }, v: value, f: { S: "x".repeat(rest + more) } });
            assert.equal(units(await api.ok("PutItem", total({ Item: item(0) }))), 1, `${JSON.stringify(value)} is at most ${bytes}`);
            assert.equal(units(await api.ok("PutItem", total({ Item: item(1) }))), 2, `${JSON.stringify(value)} is at least ${bytes}`);
            await api.ok("DeleteItem", { TableName: table, Key: { pk: { S: "t" } } });
        }
    });
});

describe("reads cost 4 KB blocks, half when eventual", () => {
    for (const [bytes, expected] of [[100, 1], [4096, 1], [4097, 2], [8192, 2], [409_600, 100]])
        it(`GetItem of ${bytes} bytes: ${expected}`, async () => {
            const item = sized(bytes, "read");
            await api.ok("PutItem", { TableName: table, Item: item });
            const get = (more) => api.ok("GetItem", total({ Key: { pk: item.pk }, ...more }));
            assert.equal(units(await get({ ConsistentRead: true })), expected);
            assert.equal(units(await get()), expected / 2);
            assert.equal(units(await get({ ConsistentRead: true, ProjectionExpression: "pk" })), expected, "a projection changes nothing");
        });

    it("GetItem of nothing: 1 and 0.5", async () => {
        const get = (ConsistentRead) => api.ok("GetItem", total({ Key: { pk: { S: "nobody" } }, ConsistentRead }));
        assert.deepEqual([units(await get(true)), units(await get(false))], [1, 0.5]);
    });

    it("Query sums the page, then rounds once", async () => {
        for (let index = 0; index < 10; index++)
            await api.ok("PutItem", { TableName: pairs, Item: { pk: { S: "q" }, sk: { N: String(index) }, f: { S: "x".repeat(1000) } } });
        const query = async (more) => units(await api.ok("Query", {
            TableName: pairs, ReturnConsumedCapacity: "TOTAL", KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "q" } }, ...more,
        }));
        assert.equal(await query({ ConsistentRead: true }), 3);
        assert.equal(await query({}), 1.5);
        assert.equal(await query({ ConsistentRead: true, Limit: 4 }), 1);
        assert.equal(await query({ ConsistentRead: true, Limit: 5 }), 2);
        assert.equal(await query({ ConsistentRead: true, FilterExpression: "attribute_not_exists(f)" }), 3, "a filter changes nothing");
        assert.equal(await query({ ConsistentRead: true, ProjectionExpression: "sk" }), 3);
        assert.equal(await query({ ConsistentRead: true, Select: "COUNT" }), 3);
        assert.equal(await query({ ConsistentRead: true, ExpressionAttributeValues: { ":p": { S: "nobody" } } }), 1);
        assert.equal(await query({ ExpressionAttributeValues: { ":p": { S: "nobody" } } }), 0.5);
    });

    it("Scan the same", async () => {
        const scan = async (more) => units(await api.ok("Scan", { TableName: pairs, ReturnConsumedCapacity: "TOTAL", ...more }));
        assert.equal(await scan({ ConsistentRead: true }), 3);
        assert.equal(await scan({}), 1.5);
        assert.equal(await scan({ ConsistentRead: true, Limit: 1 }), 1);
    });
});
