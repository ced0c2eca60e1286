/* DeleteItem. Source: service model; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, enumOf, expectError, NOT_NULL, PATTERN, refuses, refusesWrongAttributeValues, refusesWrongTypes,
    RETURN_CONSUMED_CAPACITY, RETURN_VALUES, validationErrors, WRITE_MEMBERS,
} from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const key = { pk: { S: "a" } };
const given = { TableName: table, Key: key };

describe("DeleteItem, malformed", () => {
    refusesWrongTypes(api, "DeleteItem", { ...WRITE_MEMBERS, Key: ["Map", "AttributeValue"] });
    refusesWrongAttributeValues(api, "DeleteItem", (value) => ({ Key: { a: value } }));
});

describe("DeleteItem, invalid", () => {
    const SCHEMA = /^(1 validation error detected: )?The provided key element does not match the schema$/;
    const missing = api.tableName();
    const numeric = "1 validation error detected: The parameter cannot be converted to a numeric value: x";
    refuses(api, "DeleteItem", "ValidationException", [
        ["no key", { TableName: table }, validationErrors(broken(null, "key", NOT_NULL))],
        ["no table name", { Key: key }, /at 'tableName' failed to satisfy constraint: Member must not be null/],
        ["a table name with a bad character", { ...given, TableName: "a;b" }, validationErrors(broken("a;b", "tableName", PATTERN))],
        ["an unknown ReturnConsumedCapacity", { ...given, ReturnConsumedCapacity: "hi" }, validationErrors(broken("hi", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["an unknown ReturnItemCollectionMetrics", { ...given, ReturnItemCollectionMetrics: "hi" }, validationErrors(broken("hi", "returnItemCollectionMetrics", enumOf("SIZE", "NONE")))],
        ["an unknown ReturnValues", { ...given, ReturnValues: "hi" }, validationErrors(broken("hi", "returnValues", RETURN_VALUES))],
        ["ReturnValues ALL_NEW", { ...given, ReturnValues: "ALL_NEW" }, /^(1 validation error detected: )?ReturnValues can only be ALL_OLD or NONE$/],
        ["a bad number in the key", { TableName: table, Key: { pk: { N: "x" } } }, numeric],
        ["a bad number in the values", { ...given, ConditionExpression: "a = :v", ExpressionAttributeValues: { ":v": { N: "x" } } }, /The parameter cannot be converted to a numeric value: x/],
        ["an empty expression", { ...given, ConditionExpression: "" }, /Invalid ConditionExpression: The expression can not be empty;$/],
        ["an unused value", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeValues: { ":u": { S: "a" } } }, /Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}$/],
        ["an empty key", { TableName: table, Key: {} }, SCHEMA],
        ["a key of another type", { TableName: table, Key: { pk: { N: "1" } } }, SCHEMA],
        ["a key with more attributes", { TableName: table, Key: { ...key, more: { S: "a" } } }, SCHEMA],
        ["a key without the sort key", { TableName: pairs, Key: key }, SCHEMA],
        ["an empty string as key", { TableName: table, Key: { pk: { S: "" } } }, /cannot contain an empty string value. Key: pk$/],
        ["a table that is not there", { TableName: missing, Key: key }, "Requested resource not found", "ResourceNotFoundException"],
        ["a bad expression before a missing table", { TableName: missing, Key: key, ConditionExpression: "a =" }, /Invalid ConditionExpression: Syntax error; /],
        ["a missing table before a wrong key", { TableName: missing, Key: {} }, "Requested resource not found", "ResourceNotFoundException"],
    ]);
});

describe("DeleteItem, working", () => {
    const put = (Item) => api.ok("PutItem", { TableName: table, Item });
    const get = (pk) => api.item(table, { pk: { S: pk } });

    it("removes the item, and answers {} whether or not it was there", async () => {
        await put({ pk: { S: "gone" }, a: { N: "1" } });
        assert.deepEqual(await api.ok("DeleteItem", { TableName: table, Key: { pk: { S: "gone" } } }), {});
        assert.equal(await get("gone"), undefined);
        assert.deepEqual(await api.ok("DeleteItem", { TableName: table, Key: { pk: { S: "gone" } } }), {});
    });

    it("removes only that item of a partition", async () => {
        for (const N of ["1", "2", "3"])
            await api.ok("PutItem", { TableName: pairs, Item: { pk: { S: "p" }, sk: { N } } });
        await api.ok("DeleteItem", { TableName: pairs, Key: { pk: { S: "p" }, sk: { N: "2.0" } } });
        const { Items } = await api.ok("Query", { TableName: pairs, ConsistentRead: true, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "p" } } });
        assert.deepEqual(Items.map((item) => item.sk.N), ["1", "3"]);
    });

    it("ReturnValues ALL_OLD gives what was removed", async () => {
        const item = { pk: { S: "returned" }, a: { L: [{ N: "1" }] } };
        await put(item);
        const request = { TableName: table, Key: { pk: { S: "returned" } }, ReturnValues: "ALL_OLD" };
        assert.deepEqual(await api.ok("DeleteItem", request), { Attributes: item });
        assert.deepEqual(await api.ok("DeleteItem", request), {});
    });

    it("a failed condition keeps the item and may show it", async () => {
        const item = { pk: { S: "kept" }, n: { N: "5" } };
        await put(item);
        const request = { TableName: table, Key: { pk: { S: "kept" } }, ConditionExpression: "n < :n", ExpressionAttributeValues: { ":n": { N: "5" } } };
        const failed = await api.call("DeleteItem", { ...request, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
        expectError(failed, "ConditionalCheckFailedException", "The conditional request failed");
        assert.deepEqual(failed.json.Item, item);
        assert.deepEqual(await get("kept"), item);
        assert.deepEqual(await api.ok("DeleteItem", { ...request, ConditionExpression: "n <= :n" }), {});
        assert.equal(await get("kept"), undefined);
    });

    it("a condition on an item that is not there sees no attributes", async () => {
        const request = { TableName: table, Key: { pk: { S: "never" } } };
        expectError(await api.call("DeleteItem", { ...request, ConditionExpression: "attribute_exists(pk)" }), "ConditionalCheckFailedException", "The conditional request failed");
        assert.deepEqual(await api.ok("DeleteItem", { ...request, ConditionExpression: "attribute_not_exists(pk)" }), {});
    });
});
