/*
 * The service model (of Debian's botocore) against the server: every operation it names is either
 * built or refused by name, and every member of a built one is known with its type.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";
import { readModel } from "../support/model.mjs";

const WRONG = { string: 23, integer: "text", long: "text", boolean: 23, list: "text", map: "text", structure: "text", timestamp: "text", double: "text", float: "text" };
/* At least these are built; of the others, those that are not must say so. */
const BUILT = ["CreateTable", "DescribeTable", "ListTables", "DeleteTable", "PutItem", "GetItem", "DeleteItem", "Query", "Scan"];

const { operations, shapes } = readModel("dynamodb");
const api = await openEndpoint();
const notBuilt = new Set();
for (const operation of Object.keys(operations)) {
    const { json } = await api.call(operation);
    if (json.__type?.endsWith("#UnknownOperationException") && !BUILT.includes(operation))
        notBuilt.add(operation);
}

describe("the service model", { skip: !isOwnServer && "compares the model with Stator" }, () => {

    /* Any value of a shape that breaks no constraint. */
    const sample = (name) => {
        const shape = shapes[name];
        const make = {
            string: () => shape.enum?.[0] ?? "sample",
            list: () => [sample(shape.member.shape)],
            map: () => ({ pk: sample(shape.value.shape) }),
            structure: () => (name === "AttributeValue" ? { S: "a" } : required(shape)),
            integer: () => shape.min ?? 1,
            long: () => shape.min ?? 1,
            boolean: () => true,
        }[shape.type];
        return make();
    };
    const required = (shape) => Object.fromEntries((shape.required ?? []).map((member) => [member, sample(shape.members[member].shape)]));

    for (const operation of Object.keys(operations)) {
        if (notBuilt.has(operation)) {
            it(`${operation} is refused by name`, async () => {
                expectError(await api.call(operation), "UnknownOperationException", new RegExp(operation));
            });
            continue;
        }
        const input = shapes[operations[operation].input.shape];
        for (const [member, { shape }] of Object.entries(input.members))
            it(`${operation} knows ${member}`, async () => {
                const { json, status, text } = await api.call(operation, { ...required(input), [member]: WRONG[shapes[shape].type] });
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
