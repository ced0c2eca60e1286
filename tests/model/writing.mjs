/* The text of expressions, in one of its many spellings, and the placeholders that it uses. */
import { canonical, textOf } from "./value.mjs";

const BARE = /^[A-Za-z][A-Za-z0-9_]*$/;
const RESERVED = new Set(["name"]);

export class Writing {
    #random;
    #names = new Map(); /* name -> placeholder */
    #values = new Map(); /* placeholder -> value */

    constructor(random) {
        this.#random = random;
    }

    path(path) {
        return path.map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${this.#name(part)}`)).join("");
    }

    #name(name) {
        if (BARE.test(name) && !RESERVED.has(name) && this.#random.chance(75))
            return name;
        if (!this.#names.has(name))
            this.#names.set(name, `#${this.#random.pick(["n", "1", "name_"])}${this.#names.size}`);
        return this.#names.get(name);
    }

    value(value) {
        const text = textOf(canonical(value));
        const [same] = this.#random.chance(30) ? ([...this.#values].find(([, given]) => textOf(canonical(given)) === text) ?? []) : [];
        if (same)
            return same;
        const placeholder = `:${this.#random.pick(["v", "1", "a_"])}${this.#values.size}`;
        this.#values.set(placeholder, value);
        return placeholder;
    }

    word(keyword) {
        return this.#random.chance(80) ? keyword : keyword.toLowerCase();
    }

    sign(sign) {
        return this.#random.chance(80) ? ` ${sign} ` : sign;
    }

    separator(sign) {
        return this.#random.chance(80) ? `${sign} ` : sign;
    }

    grouped(text) {
        return this.#random.chance(30) ? `(${text})` : text;
    }

    /* `body` with the placeholders that were used. */
    finish(body) {
        return {
            ...body,
            ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries([...this.#names].map(([name, placeholder]) => [placeholder, name])) }),
            ...(this.#values.size > 0 && { ExpressionAttributeValues: Object.fromEntries(this.#values) }),
        };
    }
}
