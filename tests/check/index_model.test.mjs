/* The model of indexes itself: which entries items imply, and what differs from them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../crash/random.mjs";
import { createTableRequest, difference, entryOf, isSorted, partitionsOf, randomItem, randomTable, randomUpdate } from "./index_model.mjs";

const table = { name: "T", keys: [["pk", "S"], ["sk", "N"]], locals: [], globals: [] };
const index = (hash, range, projection = "KEYS_ONLY", others = []) => ({ name: "i", hash, range, projection, others });
const key = { pk: { S: "p" }, sk: { N: "1" } };

describe("an entry", () => {
    const item = { ...key, a: { S: "red" }, c: { N: "7" }, x: { S: "carried" }, y: { S: "left" } };
    for (const [claim, given, from, expected] of [
        ["keys only", index(["a"], ["c"]), item, { ...key, a: { S: "red" }, c: { N: "7" } }],
        ["all", index(["a"], ["c"], "ALL"), item, item],
        ["keys and one more", index(["a"], [], "INCLUDE", ["x", "w"]), item, { ...key, a: { S: "red" }, x: { S: "carried" } }],
        ["by the table's own key", index(["sk"], ["pk"]), item, key],
        ["of four parts", index(["a", "c"], ["pk", "sk"]), item, { ...key, a: { S: "red" }, c: { N: "7" } }],
        ["none without the hash key", index(["b"], []), item, null],
        ["none without one of two range keys", index(["a"], ["c", "d"]), item, null],
        ["none with another type", index(["a"], []), { ...key, a: { N: "1" } }, null],
        ["none with an empty text", index(["a"], []), { ...key, a: { S: "" } }, null],
    ])
        test(claim, () => assert.deepEqual(entryOf(table, given, from), expected));
});

test("entries out of the order of the range key are noticed, equal ones are not", () => {
    const entries = [["1", "b"], ["1", "b"], ["2", "a"]].map(([n, s]) => ({ c: { N: n }, a: { S: s } }));
    assert.ok(isSorted(index(["b"], ["c", "a"]), entries, true));
    assert.ok(isSorted(index(["b"], ["c", "a"]), entries.toReversed(), false));
    assert.ok(!isSorted(index(["b"], ["a"]), entries, true));
    assert.ok(!isSorted(index(["b"], ["c"]), entries, false));
    assert.ok(isSorted(index(["b"], []), entries, true));
});

test("a row that is missing, one that is there twice and one that is stale are told apart", () => {
    const [one, two, three] = ["1", "2", "3"].map((n) => ({ c: { N: n } }));
    assert.deepEqual(difference([one, two], [two, one]), { missing: [], surplus: [] });
    assert.deepEqual(difference([one, two], [two]), { missing: [JSON.stringify(one)], surplus: [] });
    assert.deepEqual(difference([one], [one, one]), { missing: [], surplus: [JSON.stringify(one)] });
    assert.deepEqual(difference([one, two], [one, three]), { missing: [JSON.stringify(two)], surplus: [JSON.stringify(three)] });
});

test("partitions are told apart by all parts of the hash key", () => {
    const entries = [["1", "a"], ["1", "b"], ["1", "a"]].map(([n, s]) => ({ c: { N: n }, a: { S: s } }));
    assert.equal(partitionsOf(index(["c", "a"], []), entries).length, 2);
});

test("random tables reach every limit and never pass it", () => {
    const random = new Random(7);
    const tables = Array.from({ length: 400 }, () => randomTable(random, "T"));
    const most = (count) => Math.max(...tables.map(count));
    assert.equal(most(({ locals }) => locals.length), 5);
    assert.equal(most(({ globals }) => globals.length), 20);
    assert.equal(most(({ globals }) => Math.max(0, ...globals.map(({ hash }) => hash.length))), 4);
    assert.equal(most(({ globals }) => Math.max(0, ...globals.map(({ range }) => range.length))), 4);
    for (const each of tables) {
        const { AttributeDefinitions } = createTableRequest(each);
        assert.equal(new Set(AttributeDefinitions.map(({ AttributeName }) => AttributeName)).size, AttributeDefinitions.length);
        assert.ok([...each.locals, ...each.globals].reduce((sum, { others }) => sum + others.length, 0) <= 100);
        assert.ok(each.keys.length === 2 || each.locals.length === 0, "a local index needs a range key");
    }
});

test("an update says what it leaves", () => {
    const random = new Random(7);
    const item = randomItem(random, key);
    for (let i = 0; i < 200; i++) {
        const update = randomUpdate(random, item, key);
        if (!update)
            continue;
        const removed = /REMOVE (.*)/.exec(update.members.UpdateExpression)?.[1].split(", ") ?? [];
        const expected = { ...item };
        for (const [name, value] of Object.entries(update.members.ExpressionAttributeValues))
            expected[name.slice(1)] = value;
        for (const name of removed)
            delete expected[name];
        assert.deepEqual(update.item, expected);
    }
});
