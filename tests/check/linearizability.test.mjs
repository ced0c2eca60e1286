/* The checker itself: histories that are linearizable, and histories that are not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { follow } from "./linearizability.mjs";

/* The numbers are the moments of call and return. */
const absent = "absent";
const put = (began, ended, value, more = {}) => ({ began, ended, action: "put", value, outcome: { done: true }, ...more });
const remove = (began, ended, more = {}) => ({ began, ended, action: "delete", outcome: { done: true }, ...more });
const add = (began, ended, after, more = {}) => ({ began, ended, action: "add", outcome: { done: true, after }, ...more });
const read = (began, ended, before) => ({ began, ended, action: "read", outcome: { done: true, before } });
const unanswered = (operation) => ({ ...operation, ended: undefined, outcome: null });
const refused = (operation, before) => ({ ...operation, outcome: { done: false, before } });

const good = [
    ["nothing", [], [absent]],
    ["a read of what is not there", [read(1, 2, absent)], [absent]],
    ["a put, then a read of it", [put(1, 2, "a"), read(3, 4, "a|0")], ["a|0"]],
    ["a read during a put sees the old or the new", [put(1, 6, "a"), read(2, 3, absent), read(4, 5, "a|0")], ["a|0"]],
    ["two puts at once leave either", [put(1, 3, "a"), put(2, 4, "b")], ["a|0", "b|0"]],
    ["reads show which of two puts came last", [put(1, 3, "a"), put(2, 4, "b"), read(5, 6, "a|0")], ["a|0"]],
    ["a put that began first may come last", [put(1, 9, "a"), put(2, 3, "b"), read(4, 5, "b|0"), read(10, 11, "a|0")], ["a|0"]],
    ["of two conditional puts one wins",
        [put(1, 3, "a", { condition: { absent: true } }), refused(put(2, 4, "b", { condition: { absent: true } }), "a|0")], ["a|0"]],
    ["two increments at once", [add(1, 3, "|2"), add(2, 4, "|1")], ["|2"]],
    ["sixty-four increments at once", Array.from({ length: 64 }, (_, i) => add(i, 100 + i, `|${64 - i}`)), ["|64"]],
    ["sixty-four increments without an answer: each may have happened",
        Array.from({ length: 64 }, (_, i) => unanswered(add(i, 0))), [absent, ...Array.from({ length: 64 }, (_, i) => `|${i + 1}`)]],
    ["a put without an answer may have happened or not", [unanswered(put(1, 0, "a"))], [absent, "a|0"]],
    ["a put without an answer that was seen has happened", [unanswered(put(1, 0, "a")), read(2, 3, "a|0")], ["a|0"]],
    ["a put without an answer may happen later than others", [unanswered(put(1, 0, "a")), put(2, 3, "b"), read(4, 5, "b|0")], ["b|0", "a|0"]],
    ["a conditional put without an answer needs its condition",
        [put(1, 2, "a"), unanswered(put(3, 0, "b", { condition: { value: "c" } }))], ["a|0"]],
    ["a conditional put may build on one without an answer",
        [unanswered(put(1, 0, "a")), unanswered(put(2, 0, "b", { condition: { value: "a" } }))], [absent, "a|0", "b|0"]],
    ["of two increments without an answer the conditional one may come first",
        [unanswered(add(1, 0)), unanswered(add(2, 0, undefined, { condition: { absent: true } }))], [absent, "|1", "|2"]],
    ["a put tells what it replaced", [put(1, 4, "a", { outcome: { done: true, before: "b|0" } }), put(2, 3, "b")], ["a|0"]],
    ["a delete between two puts", [put(1, 2, "a"), remove(3, 6), read(4, 5, absent), put(7, 8, "b")], ["b|0"]],
];

const bad = [
    ["a read of a value nobody wrote", [read(1, 2, "a|0")]],
    ["a read before the write began", [read(1, 2, "a|0"), put(3, 4, "a")]],
    ["a read of the old value after the write returned", [put(1, 2, "a"), read(3, 4, absent)]],
    ["a lost write", [put(1, 2, "a"), put(3, 4, "b"), read(5, 6, "a|0")]],
    ["two reads that see two puts in different orders, twice", [put(1, 20, "a"), put(2, 21, "b"), read(3, 4, "a|0"), read(5, 6, "b|0"), read(7, 8, "a|0")]],
    ["two winners of one condition",
        [put(1, 3, "a", { condition: { absent: true } }), put(2, 4, "b", { condition: { absent: true } })]],
    ["a condition that failed though it held", [put(1, 2, "a"), refused(put(3, 4, "b", { condition: { value: "a" } }), "a|0")]],
    ["a condition that was told what is not yet readable",
        [put(1, 9, "a"), refused(put(2, 3, "b", { condition: { absent: true } }), "a|0"), read(4, 5, absent)]],
    ["two increments that give the same number", [add(1, 3, "|1"), add(2, 4, "|1")]],
    ["an increment that went twice", [add(1, 2, "|1"), read(3, 4, "|2")]],
    ["a number that goes back", [add(1, 2, "|1"), add(3, 4, "|2"), read(5, 6, "|1")]],
    ["an unanswered write that comes and goes", [unanswered(put(1, 0, "a")), read(2, 3, "a|0"), read(4, 5, absent)]],
    ["an unanswered increment that happens twice", [unanswered(add(1, 0)), add(2, 3, "|3")]],
    ["a put that replaced what was never there", [put(1, 2, "a", { outcome: { done: true, before: "b|0" } })]],
    ["a deleted item that is back", [put(1, 2, "a"), remove(3, 4), read(5, 6, "a|0")]],
];

describe("linearizable", () => {
    for (const [claim, operations, states] of good)
        test(claim, () => {
            const followed = follow([absent], operations);
            assert.equal(followed.violation, undefined);
            assert.deepEqual(followed.states.sort(), [...states].sort());
        });
});

describe("not linearizable", () => {
    for (const [claim, operations] of bad)
        test(claim, () => assert.match(follow([absent], operations).violation ?? "", /^nothing explains /));
});

test("a piece begins where the one before it may have ended", () => {
    const { states } = follow([absent], [unanswered(put(1, 0, "a"))]);
    assert.deepEqual(follow(states, [read(2, 3, "a|0")]), { states: ["a|0"] });
    assert.deepEqual(follow(states, [read(2, 3, absent)]), { states: [absent] });
    assert.match(follow(states, [read(2, 3, "a|0"), read(4, 5, absent)]).violation, /nothing explains/);
});

test("a violation names the operation and what ran beside it", () => {
    const { violation } = follow([absent], [put(1, 9, "other"), put(2, 3, "a"), read(4, 5, "b|0")]);
    assert.match(violation, /nothing explains \[4, 5\] read/);
    assert.match(violation, /\[1, 9\] put other/);
});
