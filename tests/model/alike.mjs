/* Whether a server's answer is what the model expects. */
import { sortedSet, textOf } from "./value.mjs";

/* `expected` is the model's { status, json }, `answer` the server's; null: none came. */
export function alike(expected, answer) {
    if (expected.status !== answer?.status)
        return false;
    if (expected.status === 200)
        return textOf(inOneOrder(expected.json)) === textOf(inOneOrder(answer.json));
    const { __type: type, message, ...rest } = expected.json;
    const { __type: givenType, message: givenMessage, ...givenRest } = answer.json;
    const text = inOneForm(givenMessage);
    const sameText = message instanceof RegExp ? message.test(text) : inOneForm(message) === text;
    return givenType.split("#").at(-1) === type && sameText && textOf(inOneOrder(rest)) === textOf(inOneOrder(givenRest));
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

/* Members of sets and items of a BatchGetItem come in any order. */
function inOneOrder(json) {
    const sorted = JSON.parse(JSON.stringify(json), (name, part) => (["SS", "NS", "BS"].includes(name) && Array.isArray(part) ? sortedSet(part) : part));
    for (const [name, items] of Object.entries(sorted.Responses ?? {}))
        sorted.Responses[name] = items.map(textOf).sort();
    return sorted;
}
