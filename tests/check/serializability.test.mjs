/* The checker itself: histories that are strictly serializable, and each anomaly that has a name. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Graph } from "./cycles.mjs";
import { violationOf } from "./serializability.mjs";

/* "a+1" appends 1 to a, "a[1,2]" reads a, "a#2" knows that a has two values. */
function stepsOf(text) {
    return text.split(" ").filter(Boolean).map((step) => {
        const [, key, sign, rest] = /^(\w)([+[#])(.*?)\]?$/.exec(step);
        if (sign === "+")
            return { key, append: Number(rest) };
        return sign === "#" ? { key, length: Number(rest) } : { key, read: rest === "" ? [] : rest.split(",").map(Number) };
    });
}

/* The numbers are the moments of call and return. */
const transaction = (outcome) => (began, ended, text) => ({ what: text, began, ended, outcome, steps: stepsOf(text) });
const t = transaction("committed");
const aborted = transaction("aborted");
const unknown = (began, text) => transaction("unknown")(began, undefined, text);

const good = {
    "nothing": [],
    "a read of what is not there": [t(1, 2, "a[]")],
    "one after the other": [t(1, 2, "a+1"), t(3, 4, "a[1] a+2"), t(5, 6, "a[1,2]")],
    "at once, in either order": [t(1, 9, "a+1 b+1"), t(2, 8, "a[] b[]"), t(3, 7, "a[1] b[1]"), t(10, 11, "a[1] b[1]")],
    "two writers of two lists in one order": [t(1, 5, "a+1 b+1"), t(2, 6, "a+2 b+2"), t(7, 8, "a[1,2] b[1,2]")],
    "reads of the same state beside writers": [t(1, 9, "a[] b+1"), t(2, 8, "a+1"), t(10, 11, "a[1] b[1]")],
    "an update that tells what it left": [t(1, 2, "a+1 a[1]"), t(3, 4, "a+2 a[1,2]")],
    "a transaction that was aborted and left nothing": [aborted(1, 2, "a+1 b+1"), t(3, 4, "a[] b[]")],
    "one that nobody was told of and that took effect": [unknown(1, "a+1 b+1"), t(2, 3, "a[1] b[1]")],
    "one that nobody was told of and that took effect late": [unknown(1, "a+1 b+1"), t(2, 3, "a[] b[]"), t(4, 5, "a[1] b[1]")],
    "one that nobody was told of and that did not": [unknown(1, "a+1 b+1"), t(2, 3, "a[] b[]")],
    "what was appended and never read": [t(1, 2, "a+1"), t(3, 4, "a+2"), t(5, 6, "b[]")],
    "a condition on the length": [t(1, 2, "a+1"), t(3, 4, "a#1 b+1"), t(5, 6, "a#1 b#1"), t(7, 8, "a[1] b[1]")],
    "a condition on a length that no read confirms": [t(1, 2, "a+1"), t(3, 4, "a#1")],
};

const bad = {
    "garbage": ["garbage read", [t(1, 2, "a[7]")]],
    "a value twice": ["appended twice", [t(1, 2, "a+1"), t(3, 4, "a[1,1]")]],
    "two reads in different orders": ["incompatible orders", [t(1, 9, "a+1"), t(2, 9, "a+2"), t(3, 4, "a[1,2]"), t(5, 6, "a[2,1]")]],
    "two reads of different first values": ["incompatible orders", [t(1, 9, "a+1"), t(2, 9, "a+2"), t(3, 4, "a[1]"), t(5, 6, "a[2]")]],
    "G1a: a value of an aborted transaction": ["G1a: aborted read", [aborted(1, 2, "a+1"), t(3, 4, "a[1]")]],
    "G1b: a transaction half way": ["G1b: intermediate read", [t(1, 9, "a+1 a+2"), t(2, 3, "a[1]"), t(10, 11, "a[1,2]")]],
    "a transaction that does not see its own append": ["internal inconsistency", [t(1, 2, "a+1 a[]"), t(3, 4, "a[1]")]],
    "a transaction that sees its later append": ["internal inconsistency", [t(1, 2, "a[1] a+1")]],
    "G0: two writers in different orders": ["G0", [t(1, 9, "a+1 b+1"), t(2, 8, "a+2 b+2"), t(10, 11, "a[1,2]"), t(12, 13, "b[2,1]")]],
    "G1c: each read what the other wrote": ["G1c", [t(1, 9, "a+1 b[2]"), t(2, 8, "b+2 a[1]")]],
    "G1c over three": ["G1c", [t(1, 9, "a+1 c[3]"), t(2, 8, "a[1] b+2"), t(3, 7, "b[2] c+3")]],
    "G-single: half of a transaction": ["G-single", [t(1, 9, "a+1 b+1"), t(2, 8, "a[1] b[]"), t(10, 11, "a[1] b[1]")]],
    "G-single: read skew over a third": ["G-single", [t(1, 9, "a+1"), t(2, 9, "a[1] b+2"), t(3, 8, "a[] b[2]"), t(10, 11, "a[1] b[2]")]],
    "a lost update": ["G-single: lost update", [t(1, 9, "a[] a+1"), t(2, 8, "a[] a+2"), t(10, 11, "a[1,2]")]],
    "a lost update under a condition": ["G-single: lost update", [t(1, 9, "a#0 a+1"), t(2, 8, "a#0 a+2"), t(10, 11, "a[1,2]")]],
    "G2: write skew": ["G2", [t(1, 9, "a[] b+1"), t(2, 8, "b[] a+2"), t(10, 11, "a[2] b[1]")]],
    "G2: write skew under conditions": ["G2", [t(1, 9, "a#0 b+1"), t(2, 8, "b#0 a+2"), t(10, 11, "a[2] b[1]")]],
    "G2: two readers that see two writers in different orders": ["G2",
        [t(1, 9, "a+1"), t(2, 9, "b+2"), t(3, 8, "a[1] b[]"), t(4, 8, "a[] b[2]"), t(10, 11, "a[1] b[2]")]],
    "a write that was acknowledged and is gone": ["G-single-realtime", [t(1, 2, "a+1"), t(3, 4, "a[]")]],
    "a write that was read and is gone": ["G-single-realtime", [t(1, 2, "a+1"), t(3, 4, "a[1]"), t(5, 6, "a[]")]],
    "half of what nobody was told of": ["G-single", [unknown(1, "a+1 b+1"), t(2, 3, "a[1] b[]")]],
    "a stale read": ["G-single-realtime", [t(1, 2, "a+1"), t(3, 4, "a+2"), t(5, 6, "a[1]"), t(7, 8, "a[1,2]")]],
    "writes in another order than time's": ["G0-realtime", [t(1, 2, "a+1"), t(3, 4, "a+2"), t(5, 6, "a[2,1]")]],
    "a read from the future": ["G1c-realtime", [t(1, 2, "a[1]"), t(3, 4, "a+1")]],
    "a snapshot that is old as a whole": ["G-single-realtime", [t(1, 2, "a+1 b+1"), t(3, 4, "a[] b[]"), t(5, 6, "a[1] b[1]")]],
};

describe("strictly serializable", () => {
    for (const [claim, transactions] of Object.entries(good))
        test(claim, () => assert.equal(violationOf(transactions), null));
});

describe("not strictly serializable", () => {
    for (const [claim, [name, transactions]] of Object.entries(bad))
        test(claim, () => assert.equal(violationOf(transactions)?.name, name));
});

test("a cycle is told edge by edge, with what says so", () => {
    const { text } = violationOf([t(1, 9, "a+1 b+1"), t(2, 8, "a[1] b[]"), t(10, 11, "a[1] b[1]")]);
    assert.match(text, /T1 \(a\[1\] b\[\]\) -rw-> T0 \(a\+1 b\+1\): it did not see 1 in b, which came next/);
    assert.match(text, /T0 \(a\+1 b\+1\) -wr-> T1 \(a\[1\] b\[\]\): 1 was the last of a that it saw/);
});

test("a violation is found in whatever order the history is written down", () => {
    for (const [name, transactions] of Object.values(bad))
        assert.equal(violationOf([...transactions].reverse())?.name, name);
});

test("a long history that is serial is followed in little time", () => {
    const lists = new Map(["a", "b", "c"].map((key) => [key, []]));
    const transactions = [];
    for (let i = 0; i < 5000; i++) {
        const keys = i % 2 ? ["a", "b"] : ["b", "c"];
        const steps = keys.flatMap((key) => [{ key, length: lists.get(key).length }, { key, append: i }]);
        keys.forEach((key) => lists.get(key).push(i));
        transactions.push({ what: "w", began: 2 * i, ended: 2 * i + 40, outcome: "committed", steps });
    }
    transactions.push({ what: "r", began: 20_000, ended: 20_001, outcome: "committed", steps: [...lists].map(([key, read]) => ({ key, read })) });
    assert.equal(violationOf(transactions), null);
    const swapped = structuredClone(transactions);
    swapped[100].steps[0].length--;
    assert.equal(violationOf(swapped).name, "G-single: lost update");
});

test("a cycle through a hundred thousand nodes is found without recursion", () => {
    const graph = new Graph(100_000);
    for (let node = 0; node < 100_000; node++)
        graph.add(node, (node + 1) % 100_000, "ww", {});
    assert.equal(graph.cycle().edges.length, 100_000);
});
