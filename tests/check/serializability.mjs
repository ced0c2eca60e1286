/*
 * Is a history of transactions strictly serializable? There must be one order of all of them that
 * gives each what it was told, and that keeps those apart that time kept apart.
 *
 * The transactions append unique values to lists and read lists, so that a read tells the order of
 * everything appended before it (Kingsbury and Alvaro, "Elle", 2020). From these orders follows
 * which transaction must come before which; a cycle among them is a violation, and has a name.
 *
 * A transaction is
 *
 *   what      its name in a report
 *   began     its call, and
 *   ended     its return: places in one sequence; undefined when there was none
 *   outcome   "committed", "aborted", or "unknown" when nobody was told
 *   steps     in order, each of one key:
 *               { key, append: value }      the value is unique
 *               { key, read: [values] }     the list as it was
 *               { key, length }             a condition held: the list had so many values
 */
import { Graph } from "./cycles.mjs";

/* Why the history is not strictly serializable: { name, text }; null when it is. */
export function violationOf(transactions) {
    const history = new History(transactions);
    return history.readingViolation() ?? history.cycleViolation();
}

class History {
    #transactions;
    #writers = new Map(); /* key -> value -> index of the transaction that appends it */
    #orders = new Map(); /* key -> the longest list that was read: the order of its values */
    #seen = new Set(); /* transactions of which a value was read */

    constructor(transactions) {
        this.#transactions = transactions;
        this.#each((step, index) => {
            if (!this.#writers.has(step.key))
                this.#writers.set(step.key, new Map());
            if (step.append !== undefined)
                this.#writers.get(step.key).set(step.append, index);
        });
        this.#each(({ key, read }) => {
            if (read && read.length >= (this.#orders.get(key)?.length ?? 0))
                this.#orders.set(key, read);
        });
        for (const [key, order] of this.#orders)
            for (const value of order)
                this.#seen.add(this.#writers.get(key).get(value));
    }

    #each(visit) {
        this.#transactions.forEach((transaction, index) => transaction.steps.forEach((step, at) => visit(step, index, at)));
    }

    /* What nobody knows to have happened and nobody saw need not have happened. */
    #happened(index) {
        const { outcome } = this.#transactions[index];
        return outcome === "committed" || (outcome === "unknown" && this.#seen.has(index));
    }

    #name(index) {
        return `T${index} (${this.#transactions[index].what})`;
    }

    /* ---- reads that no order explains ---- */

    readingViolation() {
        let violation = null;
        this.#each((step, index, at) => {
            if (step.read && !violation)
                violation = this.#ofRead(step, index) ?? this.#ofOwnAppends(step, index, at);
        });
        return violation;
    }

    #ofRead({ key, read }, index) {
        const order = this.#orders.get(key);
        const told = `${this.#name(index)} read ${listOf(read)} of ${key}`;
        const twice = read.find((value, at) => read.indexOf(value) !== at);
        if (twice !== undefined)
            return { name: "appended twice", text: `${told}: ${twice} stands in it twice` };
        for (const value of read) {
            const writer = this.#writers.get(key).get(value);
            if (writer === undefined)
                return { name: "garbage read", text: `${told}: nobody appended ${value}` };
            if (this.#transactions[writer].outcome === "aborted")
                return { name: "G1a: aborted read", text: `${told}: ${this.#name(writer)} appended ${value} and was aborted` };
        }
        if (read.some((value, at) => value !== order[at]))
            return { name: "incompatible orders", text: `${told}, and another read ${listOf(order)}` };
        return this.#ofIntermediate(key, read, index, told);
    }

    /* A read ends at no value after which its transaction appended another one to the same list. */
    #ofIntermediate(key, read, index, told) {
        const writer = this.#writers.get(key).get(read.at(-1));
        if (writer === undefined || writer === index)
            return null;
        const last = this.#transactions[writer].steps.filter((step) => step.key === key && step.append !== undefined).at(-1).append;
        if (last === read.at(-1))
            return null;
        return { name: "G1b: intermediate read", text: `${told}: ${this.#name(writer)} appended ${last} after ${read.at(-1)}` };
    }

    /* A transaction sees what it has appended itself, and nothing of its own that comes later. */
    #ofOwnAppends({ key, read }, index, at) {
        const own = this.#transactions[index].steps.map((step, place) => ({ ...step, place })).filter((step) => step.key === key && step.append !== undefined);
        const before = own.filter(({ place }) => place < at).map(({ append }) => append);
        const after = own.filter(({ place }) => place > at).map(({ append }) => append);
        const ending = before.length > 0 ? read.slice(-before.length) : [];
        if (ending.join() === before.join() && !after.some((value) => read.includes(value)))
            return null;
        return { name: "internal inconsistency", text: `${this.#name(index)} read ${listOf(read)} of ${key} after it had appended ${listOf(before)}` };
    }

    /* ---- orders that go round ---- */

    cycleViolation() {
        const graph = new Graph(this.#transactions.length);
        this.#addWrites(graph);
        this.#addReads(graph);
        this.#addTime(graph);
        const cycle = graph.cycle();
        if (!cycle)
            return null;
        const keys = new Set(cycle.edges.map(({ why }) => why.key));
        const isLostUpdate = cycle.name === "G-single" && keys.size === 1 && cycle.edges.length === 2;
        const lines = cycle.edges.map(({ from, to, kind, why }) => `    ${this.#name(from)} -${kind}-> ${this.#name(to)}: ${why.text}`);
        const name = isLostUpdate ? "G-single: lost update" : cycle.name;
        return { name, text: [`each comes before the next, the last before the first:`, ...lines].join("\n") };
    }

    /* Happened, appended to the key and was never read: after everything that was. */
    #unread(key) {
        const order = new Set(this.#orders.get(key) ?? []);
        return [...this.#writers.get(key)].filter(([value, writer]) => !order.has(value) && this.#happened(writer));
    }

    #addWrites(graph) {
        for (const [key, writers] of this.#writers) {
            const order = this.#orders.get(key) ?? [];
            for (let at = 1; at < order.length; at++)
                graph.add(writers.get(order[at - 1]), writers.get(order[at]), "ww", { key, text: `in ${key} ${order[at]} stands after ${order[at - 1]}` });
            for (const [value, writer] of order.length > 0 ? this.#unread(key) : [])
                graph.add(writers.get(order.at(-1)), writer, "ww", { key, text: `in ${key} ${value} comes after ${order.at(-1)}, the last that was read` });
        }
    }

    #addReads(graph) {
        this.#each((step, index) => {
            const length = step.read?.length ?? step.length;
            const order = this.#orders.get(step.key) ?? [];
            if (length === undefined || length > order.length || !this.#happened(index))
                return;
            const writers = this.#writers.get(step.key);
            const { key } = step;
            if (length > 0)
                graph.add(writers.get(order[length - 1]), index, "wr", { key, text: `${order[length - 1]} was the last of ${key} that it saw` });
            if (length < order.length)
                graph.add(index, writers.get(order[length]), "rw", { key, text: `it did not see ${order[length]} in ${key}, which came next` });
            else
                for (const [value, writer] of this.#unread(key))
                    graph.add(index, writer, "rw", { key, text: `it did not see ${value} in ${key}, which came later` });
        });
    }

    /*
     * Whoever began after another had returned comes after it. Of those that have returned only the
     * ones that nobody who has returned since began after are named; the others follow.
     */
    #addTime(graph) {
        const events = [];
        this.#transactions.forEach(({ began, ended }, index) => {
            if (!this.#happened(index))
                return;
            events.push({ at: began, index, begins: true });
            if (ended !== undefined)
                events.push({ at: ended, index, begins: false });
        });
        let returned = [];
        for (const { index, begins } of events.sort((a, b) => a.at - b.at)) {
            if (begins)
                for (const each of returned)
                    graph.add(each, index, "realtime", { text: "it had returned before the other began" });
            else
                returned = [...returned.filter((each) => this.#transactions[each].ended > this.#transactions[index].began), index];
        }
    }
}

function listOf(values) {
    return values.length > 12 ? `[${values.length - 12} others, ${values.slice(-12).join(", ")}]` : `[${values.join(", ")}]`;
}
