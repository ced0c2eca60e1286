/*
 * Is the recorded history of one item linearizable? Each operation must seem to happen at one
 * moment between its call and its return, as Wing and Gong define it; the search is the just-in-time
 * one of Lowe ("Testing for linearizability", 2017).
 *
 * The history is followed event by event with the set of all possibilities: a state of the item,
 * and which of the operations under way have happened by then. A call makes an operation happen
 * no sooner than it must: when some operation returns, what is under way happens in every order
 * that ends with it, and a possibility without it is gone. When none is left, no order explains
 * the history up to that return.
 *
 * Histories are items of their own (linearizability is local) and come in pieces, cut where
 * nothing is under way: a piece begins with the states that the one before it may have ended in.
 * A piece that ends with a kill has operations without an outcome: each may have happened, or not.
 */
import { isPure, step } from "./item.mjs";

const POSSIBILITIES_MAX = 200_000; /* more than a history of unique values gives rise to */

/*
 * Follow `operations` (each with began and ended, places in one sequence; see item.mjs) of one
 * item from any of `states`. Gives { states } at the end, or { violation } in words.
 */
export function follow(states, operations) {
    let possible = new Possibilities();
    for (const state of states)
        possible.add({ state, happened: 0n, unanswered: 0n });
    const underway = [];
    for (const { operation, begins } of eventsOf(operations)) {
        if (begins) {
            underway.push({ operation, bit: freeBit(underway), pure: isPure(operation) });
            continue;
        }
        const index = underway.findIndex((each) => each.operation === operation);
        const next = possible.until(underway, underway[index]);
        if (next.size === 0)
            return { violation: explain(operation, possible, operations) };
        underway.splice(index, 1);
        possible = next;
    }
    return { states: [...new Set([...possible.until(underway, null)].map(({ state }) => state))] };
}

function eventsOf(operations) {
    const events = [];
    for (const operation of operations) {
        events.push({ at: operation.began, operation, begins: true });
        if (operation.outcome !== null)
            events.push({ at: operation.ended, operation, begins: false });
    }
    return events.sort((a, b) => a.at - b.at);
}

function freeBit(underway) {
    const used = underway.reduce((bits, { bit }) => bits | bit, 0n);
    let bit = 1n;
    while (used & bit)
        bit <<= 1n;
    return bit;
}

/*
 * A set of { state, happened, unanswered }: bits of the answered and of the unanswered operations
 * under way that have happened. One with fewer unanswered ones includes one with more: what was
 * never answered need not happen, and still can.
 */
class Possibilities {
    #groups = new Map(); /* state and happened -> those with it */
    size = 0;

    /* False when another includes it. */
    add(possibility) {
        const name = `${possibility.state}/${possibility.happened}`;
        const group = this.#groups.get(name);
        if (!group)
            this.#groups.set(name, [possibility]);
        else if (group.some(({ unanswered }) => (unanswered & possibility.unanswered) === unanswered))
            return false;
        else
            group.push(possibility);
        if (++this.size > POSSIBILITIES_MAX)
            throw new Error("the history leaves too much open to be checked: too many unanswered or blind writes at once");
        return true;
    }

    *[Symbol.iterator]() {
        for (const group of this.#groups.values())
            yield* group;
    }

    /* All that `underway` can lead to until `last` has happened; null: until anything. */
    until(underway, last) {
        const seen = new Possibilities();
        const reached = new Possibilities();
        let edge = [...this];
        while (edge.length > 0) {
            const further = [];
            for (const { state, unanswered, happened: before } of edge) {
                const happened = withPure(underway, state, before);
                if (!last || happened & last.bit)
                    reached.add({ state, happened: last ? happened & ~last.bit : happened, unanswered });
                if (!last || !(happened & last.bit))
                    for (const next of successors(underway, { state, happened, unanswered }))
                        if (seen.add(next))
                            further.push(next);
            }
            edge = further;
        }
        return reached;
    }
}

/* What changes nothing happens as soon as it can: that never rules anything out. */
function withPure(underway, state, happened) {
    for (const { operation, bit, pure } of underway)
        if (pure && !(happened & bit) && step(operation, state) !== null)
            happened |= bit;
    return happened;
}

function* successors(underway, { state, happened, unanswered }) {
    const stoodFor = new Set(); /* of equal unanswered operations the first stands for all */
    for (const { operation, bit, pure } of underway) {
        if (pure || (happened | unanswered) & bit)
            continue;
        const next = step(operation, state);
        if (next === null)
            continue;
        if (operation.outcome !== null)
            yield { state: next, happened: happened | bit, unanswered };
        else if (next !== state && !stoodFor.has(nameOf(operation))) {
            stoodFor.add(nameOf(operation));
            yield { state: next, happened, unanswered: unanswered | bit };
        }
    }
}

function nameOf({ action, value, condition }) {
    return JSON.stringify([action, value, condition]);
}

function explain(operation, possible, operations) {
    const near = operations.filter(({ began, ended }) => began < operation.ended && (ended ?? Infinity) > operation.began);
    const states = [...new Set([...possible].map(({ state }) => state))];
    return [
        `nothing explains ${describe(operation)}`,
        `possible before were the states ${states.slice(0, 8).join(", ")}`,
        "at the same time ran:",
        ...near.slice(0, 40).map((each) => `    ${describe(each)}`),
    ].join("\n");
}

function describe({ began, ended, action, value, condition, outcome }) {
    const told = outcome === null ? "no answer" : JSON.stringify(outcome);
    return `[${began}, ${ended ?? "kill"}] ${action} ${value ?? ""} ${condition ? `if ${JSON.stringify(condition)}` : ""} -> ${told}`;
}
