/* The checker itself: each kind of fault is noticed, and what is allowed is not held against it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT, History } from "./history.mjs";

const keyCases = [
    ["an acknowledged write that is there", [["put", "a", "ok"]], "a", 0],
    ["an acknowledged write that is gone", [["put", "a", "ok"]], ABSENT, 1],
    ["an older value", [["put", "a", "ok"], ["put", "b", "ok"]], "a", 1],
    ["a value nobody wrote", [["put", "a", "ok"]], "x", 1],
    ["an open write that happened", [["put", "a", "ok"], ["put", "b", "open"]], "b", 0],
    ["an open write that did not happen", [["put", "a", "ok"], ["put", "b", "open"]], "a", 0],
    ["an open write that took the acknowledged one with it", [["put", "a", "ok"], ["put", "b", "open"]], ABSENT, 1],
    ["an open write that a later acknowledged one had settled", [["put", "a", "open"], ["put", "b", "ok"]], "a", 1],
    ["a refused write that happened", [["put", "a", "ok"], ["put", "b", "refused"]], "b", 1],
    ["a delete that holds", [["put", "a", "ok"], ["delete", ABSENT, "ok"]], ABSENT, 0],
    ["a delete that was undone", [["put", "a", "ok"], ["delete", ABSENT, "ok"]], "a", 1],
    ["an open delete", [["put", "a", "ok"], ["delete", ABSENT, "open"]], ABSENT, 0],
];

for (const [claim, writes, found, problemCount] of keyCases)
    test(`after a crash: ${claim}: ${problemCount ? "noticed" : "accepted"}`, () => {
        const history = new History();
        for (const [, state, answer] of writes) {
            history.began("k", state);
            if (answer === "ok")
                history.succeeded("k", state);
            else if (answer === "refused")
                history.refused("k", state);
        }
        history.settle(new Map(found === ABSENT ? [] : [["k", found]]));
        assert.equal(history.problems.length, problemCount, history.problems.join("\n"));
    });

function counterAt(n) {
    const history = new History();
    for (let i = 1; i <= n; i++) {
        history.beganRaise("c", i, `t${i}`);
        history.raised("c", i, `t${i}`);
    }
    return history;
}

const counterCases = [
    ["the value last acknowledged", { n: 3, token: "t3" }, 0],
    ["a lower value", { n: 2, token: "t2" }, 1],
    ["no counter at all", undefined, 1],
    ["the right value by another writer", { n: 3, token: "x" }, 1],
    ["an open raise that happened", { n: 4, token: "open" }, 0],
    ["a raise nobody tried", { n: 5, token: "t5" }, 1],
];

for (const [claim, found, problemCount] of counterCases)
    test(`after a crash a counter shows ${claim}: ${problemCount ? "noticed" : "accepted"}`, () => {
        const history = counterAt(3);
        history.beganRaise("c", 4, "open");
        history.settle(new Map(), new Map(found ? [["c", found]] : []));
        assert.equal(history.problems.length, problemCount, history.problems.join("\n"));
    });

test("two winners of one value are noticed", () => {
    const history = counterAt(3);
    history.beganRaise("c", 3, "second");
    history.raised("c", 3, "second");
    assert.match(history.problems[0], /twice/);
});

test("a value shown by a failed condition and gone after the crash is noticed", () => {
    const history = counterAt(1);
    history.beganRaise("c", 2, "other");
    history.saw("c", 2, "other");
    history.settle(new Map(), new Map([["c", { n: 1, token: "t1" }]]));
    assert.match(history.problems[0], /stands at 1; 2 was/);
});

test("a read that goes back is noticed", () => {
    const history = counterAt(3);
    history.saw("c", 2, "t2", history.knownOf("c"));
    assert.match(history.problems[0], /after 3 was known/);
});

test("a stale read of a key is noticed", () => {
    const history = new History();
    history.began("k", "a");
    history.succeeded("k", "a");
    history.read("k", ABSENT);
    assert.equal(history.problems.length, 1);
});

test("an item that nobody wrote is noticed", () => {
    const history = new History();
    history.settle(new Map([["k", "a"]]), new Map([["c", { n: 1, token: "a" }]]));
    assert.equal(history.problems.length, 2);
});
