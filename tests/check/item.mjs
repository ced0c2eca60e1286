/*
 * What one item is, and what one operation does to it when nothing else happens: the sequential
 * half of linearizability.
 *
 * A state is a text, "absent" or "value|count": the item's string v and its number n, each empty
 * when the attribute is missing. An operation is
 *
 *   action     "put" (v = value, n = 0), "delete", "add" (n = n + 1, and v = value when given),
 *              "read"
 *   value      unique to the operation
 *   condition  undefined, { absent: true }, { value } (v = value) or { count } (n = count)
 *   outcome    what the client was told; null when it was not answered:
 *                { done: true, before?, after? }    states, where the answer shows them
 *                { done: false, before }            the condition failed on this state
 */
export const ABSENT = "absent";

export function stateOf(item) {
    return item ? `${item.v?.S ?? ""}|${item.n?.N ?? ""}` : ABSENT;
}

/* The state after `operation` happened in `state`; null when that contradicts what it was told. */
export function step(operation, state) {
    const { outcome } = operation;
    const holds = conditionHolds(operation.condition, state);
    if (outcome === null)
        return holds ? apply(operation, state) : state;
    if (outcome.done !== holds || (outcome.before !== undefined && outcome.before !== state))
        return null;
    const after = holds ? apply(operation, state) : state;
    return outcome.after === undefined || outcome.after === after ? after : null;
}

/* The state after an answered operation, as far as its client can know; `known` was it before. */
export function stateAfter(operation, known) {
    const { done, before, after } = operation.outcome;
    return after ?? (done ? apply(operation, before ?? known) : before);
}

/* Whether the operation changes nothing, whatever the state. */
export function isPure(operation) {
    return operation.action === "read" || operation.outcome?.done === false;
}

function conditionHolds(condition, state) {
    if (!condition)
        return true;
    if (condition.absent)
        return state === ABSENT;
    if (state === ABSENT)
        return false;
    const [value, count] = state.split("|");
    return condition.value !== undefined ? condition.value === value : String(condition.count) === count;
}

function apply(operation, state) {
    switch (operation.action) {
        case "put":
            return `${operation.value}|0`;
        case "delete":
            return ABSENT;
        case "add": {
            const [value, count] = state === ABSENT ? ["", ""] : state.split("|");
            return `${operation.value ?? value}|${Number(count) + 1}`;
        }
        default:
            return state;
    }
}
