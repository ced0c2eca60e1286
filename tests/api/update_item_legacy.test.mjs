/* UpdateItem with AttributeUpdates and Expected. Source: Developer Guide, expressions; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, expectError, NOT_NULL, refuses, sure, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");

let count = 0;
const freshKey = () => ({ pk: { S: `item ${count++}` } });
const get = (key) => api.item(table, key);

async function put(attributes) {
    const key = freshKey();
    await api.ok("PutItem", { TableName: table, Item: { ...key, ...attributes } });
    return key;
}

const INVALID = "One or more parameter values were invalid: ";

describe("AttributeUpdates, invalid", () => {
    const given = { TableName: table, Key: { pk: { S: "a" } } };
    const one = (entry) => ({ ...given, AttributeUpdates: { a: entry } });
    refuses(api, "UpdateItem", "ValidationException", [
        ["an unknown Action", one({ Action: "hi", Value: { S: "x" } }),
            validationErrors(broken("hi", "attributeUpdates.a.member.action", enumOf("ADD", "PUT", "DELETE")))],
        ["an unknown ConditionalOperator beside a missing key", { TableName: table, AttributeUpdates: {}, ConditionalOperator: "XOR" },
            validationErrors(broken("XOR", "conditionalOperator", enumOf("OR", "AND")), broken(null, "key", NOT_NULL))],
        ["a PUT without value", one({ Action: "PUT" }), sure(`${INVALID}Only DELETE action is allowed when no attribute value is specified`)],
        ["nothing at all", one({}), sure(`${INVALID}Only DELETE action is allowed when no attribute value is specified`)],
        ["an empty value", one({ Value: {} }), sure("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")],
        ["ADD of a string", one({ Action: "ADD", Value: { S: "x" } }), sure(`${INVALID}ADD action is not supported for the type S`)],
        ["DELETE of a number", one({ Action: "DELETE", Value: { N: "1" } }), sure(`${INVALID}DELETE action with value is not supported for the type N`)],
        ["an update of the key", { ...given, AttributeUpdates: { pk: { Value: { S: "x" } } } }, `${INVALID}Cannot update attribute pk. This attribute is part of the key`],
        ["bad updates before bad Expected", { ...one({}), Expected: { a: {} } }, /Only DELETE action/],
        ["bad Expected", { ...one({ Value: { S: "x" } }), Expected: { a: { Exists: true } } },
            sure(`${INVALID}Value must be provided when Exists is true for Attribute: a`)],
        ["bad updates before a missing table", { ...one({}), TableName: api.tableName() }, /Only DELETE action/],
        ["AttributeUpdates beside ConditionExpression", { ...one({ Value: { S: "x" } }), ConditionExpression: "attribute_exists(a)" },
            sure("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} Expression parameters: {ConditionExpression}")],
    ]);

    for (const [Action, Value, stored] of [["ADD", { N: "1" }, { S: "x" }], ["ADD", { SS: ["x"] }, { NS: ["1"] }], ["ADD", { L: [] }, { SS: ["x"] }], ["DELETE", { SS: ["x"] }, { BS: ["AAAA"] }]])
        it(`refuses ${Action} of ${Object.keys(Value)} to ${Object.keys(stored)}`, async () => {
            const key = await put({ a: stored });
            expectError(await api.call("UpdateItem", { TableName: table, Key: key, AttributeUpdates: { a: { Action, Value } } }),
                "ValidationException", "Type mismatch for attribute to update");
            assert.deepEqual(await get(key), { ...key, a: stored });
        });
});

describe("AttributeUpdates, working", () => {
    it("PUT, ADD and DELETE through the SDK", async () => {
        const Key = await put({ n: { N: "1" }, set: { SS: ["a", "b"] }, tags: { SS: ["a"] }, list: { L: [{ N: "1" }] }, gone: { S: "x" } });
        const { Attributes } = await api.client.send(new UpdateItemCommand({
            TableName: table, Key, ReturnValues: "ALL_NEW",
            AttributeUpdates: {
                "dotted.name": { Value: { S: "put" } },
                n: { Action: "ADD", Value: { N: "41" } },
                set: { Action: "DELETE", Value: { SS: ["a"] } },
                tags: { Action: "ADD", Value: { SS: ["b"] } },
                list: { Action: "ADD", Value: { L: [{ N: "2" }] } },
                gone: { Action: "DELETE" },
            },
        }));
        assert.deepEqual(Attributes, {
            ...Key, "dotted.name": { S: "put" }, n: { N: "42" }, set: { SS: ["b"] }, tags: { SS: ["a", "b"] }, list: { L: [{ N: "1" }, { N: "2" }] },
        });
        assert.deepEqual(await get(Key), Attributes);
    });

    it("UPDATED_OLD and UPDATED_NEW name the attributes given", async () => {
        const key = await put({ a: { M: { b: { N: "1" } } }, c: { N: "2" } });
        const ask = (ReturnValues, Value) => api.ok("UpdateItem", { TableName: table, Key: key, ReturnValues, AttributeUpdates: { a: { Value } } });
        assert.deepEqual((await ask("UPDATED_OLD", { S: "x" })).Attributes, { a: { M: { b: { N: "1" } } } });
        assert.deepEqual((await ask("UPDATED_NEW", { S: "y" })).Attributes, { a: { S: "y" } });
    });

    it("a missing item is made by PUT, by ADD and by nothing, not by DELETE", async () => {
        const cases = [
            [{ a: { Value: { S: "x" } } }, { a: { S: "x" } }],
            [{ a: { Action: "ADD", Value: { N: "1" } } }, { a: { N: "1" } }],
            [{ a: { Action: "ADD", Value: { L: [{ N: "1" }] } } }, { a: { L: [{ N: "1" }] } }],
            [{ a: { Action: "DELETE" }, b: { Value: { S: "x" } } }, { b: { S: "x" } }],
            [{}, {}],
            [{ a: { Action: "DELETE" } }, null],
            [{ a: { Action: "DELETE", Value: { SS: ["x"] } } }, null],
        ];
        for (const [AttributeUpdates, made] of cases) {
            const key = freshKey();
            assert.deepEqual(await api.ok("UpdateItem", { TableName: table, Key: key, AttributeUpdates }), {});
            assert.deepEqual(await get(key), made ? { ...key, ...made } : undefined);
        }
    });

    it("no updates leave the item as it is", async () => {
        const key = await put({ a: { N: "1" } });
        assert.deepEqual((await api.ok("UpdateItem", { TableName: table, Key: key, AttributeUpdates: {}, ReturnValues: "ALL_NEW" })).Attributes, { ...key, a: { N: "1" } });
        assert.deepEqual(await api.ok("UpdateItem", { TableName: table, Key: key, AttributeUpdates: {}, ReturnValues: "UPDATED_NEW" }), {});
    });

    it("Expected decides, joined by AND or OR", async () => {
        const key = await put({ a: { N: "1" }, b: { N: "2" } });
        const ask = (Expected, more) => api.call("UpdateItem", { TableName: table, Key: key, AttributeUpdates: { c: { Value: { S: "x" } } }, Expected, ...more });
        const two = { a: { Value: { N: "1" } }, b: { ComparisonOperator: "GT", AttributeValueList: [{ N: "5" }] } };
        expectError(await ask({ a: { Exists: false } }), "ConditionalCheckFailedException", "The conditional request failed");
        expectError(await ask(two), "ConditionalCheckFailedException", "The conditional request failed");
        assert.equal((await get(key)).c, undefined);
        assert.equal((await ask(two, { ConditionalOperator: "OR" })).status, 200);
        assert.deepEqual((await get(key)).c, { S: "x" });
    });
});
