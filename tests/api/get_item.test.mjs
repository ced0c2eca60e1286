/* GetItem. Source: service model; error texts captured from the service; Developer Guide, expressions. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, NOT_NULL, PATTERN, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors,
} from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const key = { pk: { S: "a" } };
const given = { TableName: table, Key: key };

describe("GetItem, malformed", () => {
    refusesWrongTypes(api, "GetItem", {
        TableName: "String",
        Key: ["Map", "AttributeValue"],
        AttributesToGet: "List",
        ConsistentRead: "Boolean",
        ReturnConsumedCapacity: "String",
        ProjectionExpression: "String",
        ExpressionAttributeNames: ["Map", "String"],
    });
    refusesWrongAttributeValues(api, "GetItem", (value) => ({ Key: { a: value } }));
    refusesWrongTypes(api, "GetItem", { "an attribute to get": "String" }, (_, value) => ({ AttributesToGet: [value] }));
});

describe("GetItem, invalid", () => {
    const SCHEMA = "The provided key element does not match the schema";
    const missing = api.tableName();
    refuses(api, "GetItem", "ValidationException", [
        ["no key", { TableName: table }, validationErrors(broken(null, "key", NOT_NULL))],
        ["no table name", { Key: key }, /at 'tableName' failed to satisfy constraint: Member must not be null/],
        ["a table name with a bad character", { ...given, TableName: "a;b" }, validationErrors(broken("a;b", "tableName", PATTERN))],
        ["an unknown ReturnConsumedCapacity", { ...given, ReturnConsumedCapacity: "hi" }, validationErrors(broken("hi", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["no attributes to get", { ...given, AttributesToGet: [] }, validationErrors(broken("[]", "attributesToGet", "Member must have length greater than or equal to 1"))],
        ["a bad number", { TableName: table, Key: { pk: { N: "x" } } }, "The parameter cannot be converted to a numeric value: x"],
        ["a duplicate in a set", { TableName: table, Key: { pk: { SS: ["a", "a"] } } }, 'One or more parameter values were invalid: Input collection ["a", "a"] contains duplicates.'],
        ["a projection of something in a key", { ...given, ProjectionExpression: "a, pk[0]" },
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"],
        ["an empty value", { TableName: table, Key: { pk: {} } }, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"],
        ["the same attribute twice", { ...given, AttributesToGet: ["a", "b", "a"] }, "One or more parameter values were invalid: Duplicate value in attribute name: a"],
        ["an empty attribute to get", { ...given, AttributesToGet: [""] }, "One or more parameter values were invalid: Empty attribute name"],
        ["a path deeper than an item may be", { ...given, ProjectionExpression: "a" + ".b".repeat(32) }, "Invalid ProjectionExpression: The document path has too many nesting levels; nesting levels: 33"],
        ["an expression beside AttributesToGet", { ...given, AttributesToGet: ["a"], ProjectionExpression: "a" },
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"],
        ["names without an expression before a key's value", { ...given, Key: { pk: {} }, ExpressionAttributeNames: { "#a": "a" } }, "ExpressionAttributeNames can only be specified when using expressions"],
        ["names without an expression", { ...given, ExpressionAttributeNames: { "#a": "a" } }, "ExpressionAttributeNames can only be specified when using expressions"],
        ["empty names", { ...given, ProjectionExpression: "a", ExpressionAttributeNames: {} }, "ExpressionAttributeNames must not be empty"],
        ["an unused name", { ...given, ProjectionExpression: "a", ExpressionAttributeNames: { "#b": "b" } }, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"],
        ["a name of 256 bytes", { ...given, ProjectionExpression: "#a", ExpressionAttributeNames: { [`#${"a".repeat(255)}`]: "a" } },
            "ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too long; size of key: 256"],
        ["a projection of 4,097 bytes, whose size is not told", { ...given, ProjectionExpression: "a".padEnd(4097) },
            "Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size;"],
        ["a null in a string set", { TableName: table, Key: { pk: { SS: ["a", null] } } }, "One or more parameter values were invalid: An string set may not have a null string as a member"],
        ["an empty projection", { ...given, ProjectionExpression: "" }, "Invalid ProjectionExpression: The expression can not be empty;"],
        ["an empty key", { TableName: table, Key: {} }, SCHEMA],
        ["a key of another type", { TableName: table, Key: { pk: { N: "1" } } }, SCHEMA],
        ["a key of another name", { TableName: table, Key: { other: { S: "a" } } }, SCHEMA],
        ["a key with more attributes", { TableName: table, Key: { ...key, more: { S: "a" } } }, SCHEMA],
        ["a key without the sort key", { TableName: pairs, Key: key }, SCHEMA],
        ["an empty string as key", { TableName: table, Key: { pk: { S: "" } } },
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["a key that is too long", { TableName: table, Key: { pk: { S: "a".repeat(2049) } } }, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"],
        ["a table that is not there", { TableName: missing, Key: key }, "Requested resource not found", "ResourceNotFoundException"],
        ["a bad expression before a missing table", { TableName: missing, Key: key, ProjectionExpression: "a[" }, /^Invalid ProjectionExpression: Syntax error; /],
        ["a bad value before a bad expression", { TableName: missing, Key: { pk: { N: "x" } }, ProjectionExpression: "" }, "The parameter cannot be converted to a numeric value: x"],
        ["a missing table before a wrong key", { TableName: missing, Key: {} }, "Requested resource not found", "ResourceNotFoundException"],
    ]);
});

describe("GetItem, working", () => {
    it("gives the item, eventually and consistently read", async () => {
        const item = { pk: { S: "here" }, a: { N: "1" } };
        await api.ok("PutItem", { TableName: table, Item: item });
        const read = { TableName: table, Key: { pk: { S: "here" } } };
        assert.deepEqual(await api.ok("GetItem", { ...read, ConsistentRead: true }), { Item: item });
        assert.deepEqual(await api.ok("GetItem", read), { Item: item });
        assert.deepEqual(await api.ok("GetItem", { ...read, ConsistentRead: "true" }), { Item: item });
    });

    it("answers {} when there is no such item", async () => {
        assert.deepEqual(await api.ok("GetItem", { TableName: table, Key: { pk: { S: "nobody" } } }), {});
    });

    it("finds numbers by value, not by spelling", async () => {
        const item = { pk: { S: "n" }, sk: { N: "100" } };
        await api.ok("PutItem", { TableName: pairs, Item: item });
        for (const N of ["100", "1e2", "100.0", "0100"])
            assert.deepEqual(await api.ok("GetItem", { TableName: pairs, Key: { pk: { S: "n" }, sk: { N } } }), { Item: item });
    });

    it("gives {} as the item when the projection leaves nothing", async () => {
        await api.ok("PutItem", { TableName: table, Item: { pk: { S: "bare" } } });
        assert.deepEqual(await api.ok("GetItem", { TableName: table, Key: { pk: { S: "bare" } }, ProjectionExpression: "absent" }), { Item: {} });
    });
});
