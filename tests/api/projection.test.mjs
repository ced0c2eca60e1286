/* Projections, as GetItem, Query and Scan apply them. Source: Developer Guide, expressions; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const item = {
    pk: { S: "item" },
    plain: { S: "text" },
    "dotted.name": { N: "1" },
    seq: { L: [{ S: "l0" }, { S: "l1" }, { M: { x: { N: "1" }, y: { N: "2" }, w: { N: "3" } } }, { L: [{ S: "inner0" }, { S: "inner1" }] }] },
    doc: { M: { x: { S: "x" }, kid: { M: { deep: { BOOL: true }, other1: { NULL: true } } }, seq: { L: [{ N: "0" }, { N: "1" }] } } },
    strs: { SS: ["a"] },
};
await api.ok("PutItem", { TableName: table, Item: item });

const names = { "#dotted": "dotted.name", "#plain": "plain", "#sub": "kid", "#1": "pk" };

function used(text) {
    const found = [...new Set(text.match(/#\w+/g) ?? [])].filter((name) => name in names);
    return found.length ? Object.fromEntries(found.map((name) => [name, names[name]])) : undefined;
}

const gives = {
    "plain": { plain: item.plain },
    "plain, pk": { pk: item.pk, plain: item.plain },
    " plain ,\n\tpk ": { pk: item.pk, plain: item.plain },
    "#plain, #1": { pk: item.pk, plain: item.plain },
    "#dotted": { "dotted.name": { N: "1" } },
    "absent": {},
    "absent, plain": { plain: item.plain },
    "doc": { doc: item.doc },
    "doc.x": { doc: { M: { x: { S: "x" } } } },
    "doc.kid.deep": { doc: { M: { kid: { M: { deep: { BOOL: true } } } } } },
    "doc.#sub.deep, doc.x": { doc: { M: { x: { S: "x" }, kid: { M: { deep: { BOOL: true } } } } } },
    "doc.absent": {},
    "doc.kid.absent, plain": { plain: item.plain },
    "doc.x.y": {},
    "doc[0]": {},
    "seq.x": {},
    "plain[0]": {},
    "strs[0]": {},
    "seq[0]": { seq: { L: [{ S: "l0" }] } },
    "seq[1], seq[0]": { seq: { L: [{ S: "l0" }, { S: "l1" }] } },
    "seq[3], seq[0]": { seq: { L: [{ S: "l0" }, item.seq.L[3]] } },
    "seq[2].x": { seq: { L: [{ M: { x: { N: "1" } } }] } },
    "seq[2].x, seq[2].y": { seq: { L: [{ M: { x: { N: "1" }, y: { N: "2" } } }] } },
    "seq[3][1], seq[1]": { seq: { L: [{ S: "l1" }, { L: [{ S: "inner1" }] }] } },
    "seq[9]": {},
    "seq[9], seq[1]": { seq: { L: [{ S: "l1" }] } },
    "doc.seq[1], doc.x": { doc: { M: { x: { S: "x" }, seq: { L: [{ N: "1" }] } } } },
};

describe("projections", () => {
    for (const [text, expected] of Object.entries(gives))
        it(text, async () => {
            const projected = { TableName: table, ConsistentRead: true, ProjectionExpression: text, ExpressionAttributeNames: used(text) };
            const got = await api.ok("GetItem", { ...projected, Key: { pk: { S: "item" } } });
            assert.deepEqual(got.Item, expected);
            const queried = await api.ok("Query", { ...projected, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "item" } } });
            assert.deepEqual(queried.Items, [expected]);
            assert.equal(queried.Count, 1);
            const scanned = await api.ok("Scan", projected);
            assert.deepEqual(scanned.Items, [expected]);
        });
});

/* text of the expression, text of the error after "Invalid ProjectionExpression: " */
const refused = [
    ["", "The expression can not be empty;"],
    [" ", /./],
    ["plain,", /^Syntax error; token: "<EOF>"/],
    [",plain", /^Syntax error; token: ","/],
    ["plain pk", /^Syntax error; token: "pk"/],
    ["doc.", /^Syntax error; token: "<EOF>"/],
    ["doc..x", /^Syntax error; token: "\."/],
    ["seq[", /^Syntax error; token: "<EOF>"/],
    ["seq[x]", /^Syntax error; token: "x"/],
    ["seq[1", /^Syntax error; token: "<EOF>"/],
    ["size(seq)", /^Syntax error; token: "\("/],
    [":plain", /^Syntax error; token: ":plain"/],
    ["#undefined", "An expression attribute name used in the document path is not defined; attribute name: #undefined"],
    ["abort", "Attribute name is a reserved keyword; reserved keyword: abort"],
    ["doc.Abort", /^Attribute name is a reserved keyword; reserved keyword: Abort$/i],
    ["plain, plain", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [plain], path two: [plain]"],
    ["plain, #plain", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [plain], path two: [plain]"],
    ["doc, doc.x", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [doc], path two: [doc, x]"],
    ["doc.kid.deep, doc.kid", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [doc, kid, deep], path two: [doc, kid]"],
    ["seq[1], seq[1].x", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [seq, [1]], path two: [seq, [1], x]"],
    ["seq[1], seq.x", "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [seq, [1]], path two: [seq, x]"],
    ["doc.x, doc[0]", "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [doc, x], path two: [doc, [0]]"],
    /* which error wins */
    ["#undefined, abort", "Attribute name is a reserved keyword; reserved keyword: abort"],
    ["plain, plain, #undefined", "An expression attribute name used in the document path is not defined; attribute name: #undefined"],
];

describe("projections that are refused", () => {
    for (const [text, message] of refused)
        it(JSON.stringify(text), async () => {
            const expected = message instanceof RegExp
                ? new RegExp("^Invalid ProjectionExpression: " + message.source.replace("^", ""), message.flags)
                : `Invalid ProjectionExpression: ${message}`;
            const request = { TableName: table, ProjectionExpression: text, ExpressionAttributeNames: used(text) };
            expectError(await api.call("GetItem", { ...request, Key: { pk: { S: "item" } } }), "ValidationException", expected);
            expectError(await api.call("Scan", request), "ValidationException", expected);
        });
});

describe("AttributesToGet", () => {
    it("takes names literally, top level only", async () => {
        const get = async (...AttributesToGet) => (await api.ok("GetItem", { TableName: table, Key: { pk: { S: "item" } }, AttributesToGet })).Item;
        assert.deepEqual(await get("plain", "dotted.name"), { plain: item.plain, "dotted.name": { N: "1" } });
        assert.deepEqual(await get("doc.x"), {});
        assert.deepEqual(await get("seq[0]"), {});
        assert.deepEqual(await get("absent"), {});
    });
});
