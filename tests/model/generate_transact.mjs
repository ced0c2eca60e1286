/* Random transactions: the single writes as actions, and tokens that are used again. */
import { distinct } from "./generate.mjs";
import { Writing } from "./writing.mjs";

const OPERATIONS = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "DeleteItem" };
const ACTIONS_MAX = 4;

/* Mostly on different items, of two tables. */
export function transactItems(generator) {
    const { random } = generator;
    const actions = Array.from({ length: random.between(1, ACTIONS_MAX) }, () => action(generator));
    const about = ([[, { Item, Key }]]) => generator.keyOf(Item ?? Key);
    return random.chance(3) ? actions : distinct(actions, (each) => about(Object.entries(each)));
}

function action(generator) {
    const kind = generator.random.weighted([["Put", 3], ["Update", 4], ["Delete", 2], ["ConditionCheck", 2]]);
    const { ReturnValues: ignored, ...body } = generator[OPERATIONS[kind]](new Writing(generator.random));
    if (kind === "Update" && body.UpdateExpression === undefined)
        return action(generator);
    if (kind === "ConditionCheck" && body.ConditionExpression === undefined)
        return action(generator);
    return { [kind]: { ...body, TableName: generator.anyTable() } };
}

/* Some transactions have a token; some are sent again, and some tokens are used for another one. */
export class Tokens {
    #random;
    #prefix;
    #used = []; /* requests with tokens */
    #count = 0;

    constructor(random, name) {
        this.#random = random;
        this.#prefix = name.slice(0, 24);
    }

    apply(body) {
        const known = this.#used.length > 0 ? this.#random.pick(this.#used) : null;
        if (known && this.#random.chance(8))
            return structuredClone(known);
        if (known && this.#random.chance(2))
            return { ...body, ClientRequestToken: known.ClientRequestToken };
        if (!this.#random.chance(30))
            return body;
        const used = { ...body, ClientRequestToken: `${this.#prefix}.${this.#count++}` };
        this.#used = [structuredClone(used), ...this.#used.slice(0, 5)];
        return used;
    }
}
