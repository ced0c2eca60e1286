/* Whether a server's answer is what the model expects. */
import { canonicalItem, sortedSet, textOf } from "./value.mjs";

/* `expected` is the model's { status, json }, `answer` the server's; null: none came. */
export function alike(expected, answer) {
    if (expected.status !== answer?.status)
        return false;
    if (expected.status === 200)
        return same(expected.json, answer.json);
    const { __type: type, message, ...rest } = expected.json;
    const { __type: givenType, message: lower, Message: givenMessage = lower, ...givenRest } = answer.json;
    const text = inOneForm(givenMessage);
    const sameText = message instanceof RegExp ? message.test(text) : inOneForm(message) === text;
    return givenType.split("#").at(-1) === type && sameText && same(rest, givenRest);
}

/*
 * Some texts have an older and a newer form, and each operation one of them: the API tests know
 * which. Here they are the same.
 */
function inOneForm(message) {
    return message
        .replace(/^1 validation error detected: /, "")
        .replace(/^ExpressionAttributeValues contains invalid value: (.*) for key :\w+$/s, "$1")
        .replace(/numeric value: $/, "numeric value");
}

/* Equal parts of answers. Members of sets and items of a BatchGetItem come in any order. */
function same(expected, given, name) {
    if (expected instanceof RegExp)
        return expected.test(given);
    if (typeof expected !== "object" || expected === null || typeof given !== "object" || given === null)
        return expected === given;
    if (Array.isArray(expected))
        return Array.isArray(given) && expected.length === given.length && sameLists(expected, given, name);
    const keys = Object.keys(expected);
    return keys.length === Object.keys(given).length
        && keys.every((key) => Object.hasOwn(given, key) && same(expected[key], given[key], name === "Responses" ? "Response" : key));
}

function sameLists(expected, given, name) {
    if (name === "SS" || name === "NS" || name === "BS")
        return sortedSet(expected).join("|") === sortedSet(given).join("|");
    if (name === "Response") {
        const texts = (items) => items.map((item) => textOf(canonicalItem(item))).sort().join();
        return texts(expected) === texts(given);
    }
    return expected.every((element, index) => same(element, given[index], "element"));
}
