/* BatchWriteItem. Source: service model; error texts captured from the service; Developer Guide, quotas, item sizes and capacity. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const requests = (list, name = table) => ({ RequestItems: { [name]: list } });
const key = (text) => ({ pk: { S: text } });
const put = (Item) => ({ PutRequest: { Item } });
const remove = (Key) => ({ DeleteRequest: { Key } });
const puts = (count) => Array.from({ length: count }, (_, i) => put(key(`k${i}`)));

describe("BatchWriteItem, malformed", () => {
    refusesWrongTypes(api, "BatchWriteItem", { ReturnConsumedCapacity: "String", ReturnItemCollectionMetrics: "String" });
    refusesWrongTypes(api, "BatchWriteItem", { "a request": ["Element", "WriteRequest"] }, (_, value) => requests([value]));
    refusesWrongTypes(api, "BatchWriteItem", { PutRequest: ["Structure", "PutRequest"], DeleteRequest: ["Structure", "DeleteRequest"] }, (member, value) => requests([{ [member]: value }]));
    refusesWrongTypes(api, "BatchWriteItem", { Item: ["Map", "AttributeValue"] }, (_, value) => requests([put(value)]));
    refusesWrongTypes(api, "BatchWriteItem", { Key: ["Map", "AttributeValue"] }, (_, value) => requests([remove(value)]));
    refusesWrongAttributeValues(api, "BatchWriteItem", (value) => requests([put({ pk: value })]));
    refusesWrongAttributeValues(api, "BatchWriteItem", (value) => requests([remove({ pk: value })]));
    const GENERIC = /^class sun\.reflect\.generics\.reflectiveObjects\.ParameterizedTypeImpl cannot be cast to class java\.lang\.Class/;
    refuses(api, "BatchWriteItem", "SerializationException", [
        ["request items that are a list", { RequestItems: [] }, /^Unrecognized collection type java\.util\.Map<java\.lang\.String, java\.util\.List<com\.amazonaws\.dynamodb\.v20120810\.WriteRequest>>$/],
        ["request items that are a text", { RequestItems: "text" }, "Unexpected field type"],
        ["requests that are a text", requests("text"), GENERIC],
        ["requests that are a number", requests(23), GENERIC],
        ["requests that are a structure", requests({}), "Start of structure or map found where not expected"],
    ]);
});

describe("BatchWriteItem, invalid", () => {
    const SCHEMA = "The provided key element does not match the schema";
    const KIND = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
    const missing = api.tableName();
    const VALUES = "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]";
    const NAME = /^1 validation error detected: Value '\{bad!name=\[WriteRequest\(putRequest=PutRequest\(item=\{pk=.+\}.*\)\]\}' at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: \[Member must have length less than or equal to 255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: \[a-zA-Z0-9_.-\]\+\]$/;
    const capacity = broken("no", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY);
    const metrics = broken("no", "returnItemCollectionMetrics", enumOf("SIZE", "NONE"));
    refuses(api, "BatchWriteItem", "ValidationException", [
        ["no request items", {}, validationErrors(broken(null, "requestItems", NOT_NULL))],
        ["empty request items", { RequestItems: {} }, "The requestItems parameter is required for BatchWriteItem"],
        ["no requests", requests([]), validationErrors(broken(`{${table}=[]}`, "requestItems", VALUES))],
        ["26 requests of one table", requests(puts(26)), new RegExp(`^1 validation error detected: Value '\\{${table}=\\[.+\\]\\}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: `)],
        ["26 requests of two tables", { RequestItems: { [table]: puts(25), [pairs]: [put({ ...key("a"), sk: { N: "1" } })] } }, "Too many items requested for the BatchWriteItem call"],
        ["a malformed table name", requests([put(key("a"))], "bad!name"), NAME],
        ["unknown enums, before a malformed table name", { ...requests([put(key("a"))], "bad!name"), ReturnConsumedCapacity: "no", ReturnItemCollectionMetrics: "no" }, validationErrors(capacity, metrics)],
        ["a put without an item", requests([{ PutRequest: {} }]), validationErrors(broken(null, `requestItems.${table}.member.1.member.putRequest.item`, NOT_NULL))],
        ["a delete without a key", requests([put(key("a")), { DeleteRequest: {} }]), validationErrors(broken(null, `requestItems.${table}.member.2.member.deleteRequest.key`, NOT_NULL))],
        ["an empty request", requests([{}]), KIND],
        ["a put and a delete in one request", requests([{ ...put(key("a")), ...remove(key("b")) }]), KIND],
        ["a duplicate in a set, in the older words", requests([put({ ...key("a"), s: { SS: ["b", "a", "b"] } })]), "One or more parameter values were invalid: Input collection [b, a, b] contains duplicates."],
        ["an empty number, in the older words", requests([put({ ...key("a"), n: { N: "" } })]), "The parameter cannot be converted to a numeric value"],
        ["an item of more than 400 KB", requests([put({ ...key("a"), p: { S: "x".repeat(409_600) } })]), "Item size has exceeded the maximum allowed size"],
        ["a put and a delete of the same key", requests([put(key("a")), remove(key("a"))]), "Provided list of item keys contains duplicates"],
        ["an item without its key", requests([put({ other: { S: "a" } })]), SCHEMA],
        ["an item with a key of another type", requests([put({ pk: { N: "1" } })]), SCHEMA],
        ["an item without the sort key", requests([put(key("a"))], pairs), SCHEMA],
        ["a delete with a wrong key", requests([remove({ ...key("a"), more: { S: "a" } })]), SCHEMA],
        ["an empty string as key", requests([put(key(""))]), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["a key that is too long", requests([put(key("a".repeat(2049)))]), "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"],
        ["a table that is not there", requests([put(key("a"))], missing), "Requested resource not found", "ResourceNotFoundException"],
        ["a large item before a missing table", requests([put({ ...key("a"), p: { S: "x".repeat(409_600) } })], missing), "Item size has exceeded the maximum allowed size"],
        ["a missing table before a duplicate", requests([put(key("a")), remove(key("a"))], missing), "Requested resource not found", "ResourceNotFoundException"],
    ]);

    it("changes nothing when one of its requests is refused", async () => {
        const other = await api.table("pk S");
        await api.call("BatchWriteItem", { RequestItems: { [other]: [put(key("a"))], [table]: [put({ pk: { N: "1" } })] } });
        assert.equal((await api.ok("Scan", { TableName: other })).Count, 0);
    });
});

describe("BatchWriteItem, working", () => {
    it("puts and deletes in several tables", async () => {
        await api.ok("PutItem", { TableName: table, Item: key("goes") });
        const item = { ...key("comes"), a: { N: "1" } };
        const pair = { ...key("p"), sk: { N: "1" } };
        const written = await api.ok("BatchWriteItem", { RequestItems: { [table]: [remove(key("goes")), put(item)], [pairs]: [put(pair), remove({ ...key("p"), sk: { N: "2" } })] } });
        assert.deepEqual(written, { UnprocessedItems: {} });
        const read = await api.ok("BatchGetItem", { RequestItems: { [table]: { Keys: [key("goes"), key("comes")] }, [pairs]: { Keys: [pair] } } });
        assert.deepEqual(read.Responses, { [table]: [item], [pairs]: [pair] });
    });

    it("charges each write by itself", async () => {
        const name = await api.table("pk S");
        const large = { ...key("large"), p: { S: "x".repeat(2000) } };
        const units = async (list) => (await api.ok("BatchWriteItem", { ...requests(list, name), ReturnConsumedCapacity: "INDEXES" })).ConsumedCapacity;
        const told = (CapacityUnits) => [{ TableName: name, CapacityUnits, Table: { CapacityUnits } }];
        assert.deepEqual(await units([put(large), put(key("small"))]), told(3));
        assert.deepEqual(await units([remove(key("large")), remove(key("nobody"))]), told(3));
    });

    it("keeps the counts of the table exact", async () => {
        const name = await api.table("pk S");
        await api.ok("BatchWriteItem", requests(puts(25), name));
        await api.ok("BatchWriteItem", requests([remove(key("k1")), remove(key("k2")), put(key("k3"))], name));
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        assert.equal(Table.ItemCount, 23);
        assert.equal(Table.TableSizeBytes, 8 * 4 + 15 * 5);
    });

    it("writes 25 items of 400 KB at once", async () => {
        const name = await api.table("pk S");
        const p = { S: "x".repeat(409_600 - 2 - 3 - 1) };
        const list = Array.from({ length: 25 }, (_, i) => put({ ...key(`k${10 + i}`), p }));
        assert.deepEqual(await api.ok("BatchWriteItem", requests(list, name)), { UnprocessedItems: {} });
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        assert.equal(Table.ItemCount, 25);
        assert.equal(Table.TableSizeBytes, 25 * 409_600);
    });
});
