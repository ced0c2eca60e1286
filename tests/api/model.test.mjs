/*
 * The service model (of Debian's botocore) against the server: every operation it names is either
 * built or refused by name, and every member of a built one is known with its type.
 */
import assert from "node:assert/strict";
import { readFileSync, existsSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";

const BOTOCORE = "/usr/lib/python3/dist-packages/botocore/data";
const readModel = (service) => {
    const path = `${BOTOCORE}/${service}/2012-08-10/service-2.json`;
    return JSON.parse(existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`)));
};

const WRONG = { string: 23, integer: "text", long: "text", boolean: 23, list: "text", map: "text", structure: "text", timestamp: "text", double: "text", float: "text" };
/* Operations that are built; the others of the model must say that they are not. */
const BUILT = ["CreateTable", "DescribeTable", "ListTables", "DeleteTable", "PutItem", "GetItem", "DeleteItem", "Query", "Scan"];

describe("the service model", { skip: !isOwnServer && "compares the model with Stator" }, async () => {
    const api = isOwnServer && (await openEndpoint());
    const model = readModel("dynamodb");

    for (const operation of Object.keys(model.operations).filter((name) => !BUILT.includes(name)))
        it(`${operation} is refused by name`, async () => {
            expectError(await api.call(operation), "UnknownOperationException", new RegExp(operation));
        });

    for (const operation of BUILT) {
        const input = model.shapes[model.operations[operation].input.shape];
        for (const [member, { shape }] of Object.entries(input.members))
            it(`${operation} knows ${member}`, async () => {
                const { json, status, text } = await api.call(operation, { TableName: "missing", ...required(operation), [member]: WRONG[model.shapes[shape].type] });
                assert.equal(status, 400, text);
                const refusedByName = /#ValidationException$/.test(json.__type) && new RegExp(member).test(json.message);
                assert.ok(refusedByName || /#SerializationException$/.test(json.__type), text);
            });
    }

    it("an operation the model does not have is unknown, without a text", async () => {
        for (const operation of ["DropEverything", "getitem", "GetItemX", ""])
            expectError(await api.call(operation), "UnknownOperationException", undefined);
    });
});

/* Enough for the checks of constraints to pass, so that what is said is about the member. */
function required(operation) {
    const key = { pk: { S: "a" } };
    return {
        CreateTable: {
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
            BillingMode: "PAY_PER_REQUEST",
        },
        PutItem: { Item: key },
        GetItem: { Key: key },
        DeleteItem: { Key: key },
    }[operation];
}
