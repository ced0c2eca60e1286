/* The model itself, and what counts as a difference. Source: Developer Guide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alike } from "./alike.mjs";
import { addDecimals, decimalBytes, formatDecimal, parseDecimal } from "./decimal.mjs";
import { Model } from "./model.mjs";
import { itemBytes } from "./value.mjs";

const S = (text) => ({ S: text });
const N = (text) => ({ N: text });

function modelWith(...items) {
    const model = new Model();
    model.addTable({ name: "T", keys: [["pk", "S"], ["sk", "N"]] });
    model.learnPartitions("T", [S("b"), S("a")]);
    for (const Item of items)
        assert.equal(model.call("PutItem", { TableName: "T", Item }).status, 200);
    return model;
}

test("numbers are written as the service writes them", () => {
    for (const [given, shown] of [["1e3", "1000"], ["1.50", "1.5"], ["007", "7"], ["-0", "0"], [".5", "0.5"], ["1e-3", "0.001"], ["-12.75", "-12.75"], ["100", "100"], ["+4", "4"]])
        assert.equal(formatDecimal(parseDecimal(given)), shown, given);
    assert.equal(formatDecimal(parseDecimal("1e125")), `1${"0".repeat(125)}`);
});

test("numbers that are none are refused", () => {
    for (const text of ["", "abc", "1e126", "1e-131", "1.00000000000000000000000000000000000001", " 1", "0x1", ".", "1e", "--1", "Infinity"])
        assert.throws(() => parseDecimal(text), { type: "ValidationException" }, text);
});

test("sums are exact to 38 digits and refused beyond", () => {
    const sum = (a, b) => formatDecimal(addDecimals(parseDecimal(a), parseDecimal(b)));
    assert.equal(sum("0.1", "0.2"), "0.3");
    assert.equal(sum("99999999999999999999999999999999999999", "1"), "100000000000000000000000000000000000000");
    assert.throws(() => sum("1e50", "1"), { text: /^Number overflow/ });
});

test("numbers have the measured sizes", () => {
    const measured = {
        0: 1, "-0": 1, 1: 2, 12: 2, 123: 3, 1234: 3, 12345: 4, 100: 2, 1010: 3, "0042": 2, 1.5: 3, 1.234: 4, 3.14159: 5, 100.5: 4, 0.15: 2,
        "0.0000001": 2, "1E125": 2, "1E-100": 2, "-42": 3, "-1E125": 3, "-0.15": 3, 99999999999999999999999999999999999999n: 20,
    };
    for (const [text, bytes] of Object.entries(measured))
        assert.equal(decimalBytes(parseDecimal(text)), bytes, text);
});

test("an item has the documented size", () => {
    assert.equal(itemBytes({ "shirt-color": S("R"), "shirt-size": S("M") }), 23);
});

test("a page ends at its limit and says where, even if nothing follows", () => {
    const model = modelWith(...["1", "2", "3"].map((n) => ({ pk: S("a"), sk: N(n) })));
    const query = { TableName: "T", KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": S("a") }, Limit: 3 };
    const { json } = model.call("Query", query);
    assert.deepEqual([json.Count, json.LastEvaluatedKey], [3, { pk: S("a"), sk: N("3") }]);
    assert.deepEqual(model.call("Query", { ...query, ExclusiveStartKey: json.LastEvaluatedKey }).json, { Items: [], Count: 0, ScannedCount: 0 });
});

test("a Scan goes by the partitions that were learned, then by sort key", () => {
    const model = modelWith({ pk: S("a"), sk: N("10") }, { pk: S("a"), sk: N("9") }, { pk: S("b"), sk: N("1") });
    assert.deepEqual(model.call("Scan", { TableName: "T" }).json.Items.map(({ sk }) => sk.N), ["1", "9", "10"]);
});

test("removed elements close up, added ones come last, right sides see the item before", () => {
    const model = modelWith({ pk: S("a"), sk: N("1"), l: { L: [N("0"), N("1"), N("2")] }, n: N("1") });
    const { json } = model.call("UpdateItem", {
        TableName: "T", Key: { pk: S("a"), sk: N("1") },
        UpdateExpression: "SET n = n + :one, m = n, l[9] = :x, l[7] = :one REMOVE l[0]",
        ExpressionAttributeValues: { ":one": N("1"), ":x": S("x") }, ReturnValues: "ALL_NEW",
    });
    assert.deepEqual(json.Attributes, { pk: S("a"), sk: N("1"), l: { L: [N("1"), N("2"), N("1"), S("x")] }, n: N("2"), m: N("1") });
});

test("comparisons with what is missing", () => {
    const model = modelWith({ pk: S("a"), sk: N("1"), there: N("1") });
    const count = (FilterExpression, values = { ":v": N("1") }) => model.call("Scan", { TableName: "T", FilterExpression, ExpressionAttributeValues: values }).json.Count;
    assert.deepEqual(["missing = :v", "missing <> :v", "missing < :v", "NOT missing < :v", "there <> missing AND there = :v", "size(missing) <> :v"].map((text) => count(text)), [0, 1, 0, 1, 1, 0]);
});

test("a difference of any kind is one", () => {
    const fine = { status: 200, json: { Item: { a: { SS: ["x", "y"] }, b: N("1") } } };
    const refused = { status: 400, json: { __type: "ValidationException", message: "wrong" } };
    assert.ok(alike(fine, { status: 200, json: { Item: { b: N("1"), a: { SS: ["y", "x"] } } } }));
    assert.ok(alike(refused, { status: 400, json: { __type: "com.amazon.coral.validate#ValidationException", message: "1 validation error detected: wrong" } }));
    const different = [
        [fine, null],
        [fine, refused],
        [fine, { status: 200, json: {} }],
        [fine, { status: 200, json: { Item: { a: { SS: ["x"] }, b: N("1") } } }],
        [fine, { status: 200, json: { Item: { a: { SS: ["x", "y"] }, b: N("1.0") } } }],
        [fine, { status: 200, json: { ...fine.json, ConsumedCapacity: {} } }],
        [refused, { status: 500, json: refused.json }],
        [refused, { status: 400, json: { __type: "x#OtherException", message: "wrong" } }],
        [refused, { status: 400, json: { __type: "x#ValidationException", message: "wrong too" } }],
        [refused, { status: 400, json: { __type: "x#ValidationException", message: "wrong", Item: {} } }],
    ];
    for (const [expected, answer] of different)
        assert.ok(!alike(expected, answer), JSON.stringify(answer));
});
