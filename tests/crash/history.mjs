/*
 * What clients did and were told, and therefore what must be in the table.
 *
 * A key has the state its last acknowledged write gave it, and open writes: sent, not answered,
 * so that they may or may not have happened. After a crash the state must be the acknowledged one
 * or that of an open write. A counter is raised by conditional puts from n to n + 1, each value by
 * one winner only; whatever value anyone was told must still be reached after a crash.
 *
 * Pure bookkeeping, no input or output: history.test.mjs feeds it every kind of fault.
 */

export const ABSENT = null;

export class History {
    #keys = new Map(); /* key -> { state, open: Set of states } */
    #counters = new Map(); /* key -> { winners: Map n -> token, attempts: Map n -> Set of tokens, known } */
    problems = [];
    acknowledged = 0;

    problem(text) {
        this.problems.push(text);
    }

    /* ---- keys with one writer at a time ---- */

    stateOf(key) {
        return this.#key(key).state;
    }

    keys() {
        return [...this.#keys.keys()];
    }

    /* A write of `state` (a token or ABSENT) is about to be sent. */
    began(key, state) {
        this.#key(key).open.add(state);
    }

    /* It was answered: done. What was open before it is settled by it. */
    succeeded(key, state) {
        const entry = this.#key(key);
        entry.state = state;
        entry.open.clear();
        this.acknowledged++;
    }

    /* It was answered: not done. */
    refused(key, state) {
        this.#key(key).open.delete(state);
    }

    read(key, token) {
        const { state, open } = this.#key(key);
        if (token !== state && !open.has(token))
            this.problem(`${key} was read as ${token}, but holds ${state}`);
    }

    /* ---- counters ---- */

    knownOf(counter) {
        return this.#counter(counter).known;
    }

    beganRaise(counter, n, token) {
        const { attempts } = this.#counter(counter);
        if (!attempts.has(n))
            attempts.set(n, new Set());
        attempts.get(n).add(token);
    }

    raised(counter, n, token) {
        const entry = this.#counter(counter);
        if (entry.winners.has(n))
            this.problem(`${counter} was raised to ${n} twice, by ${entry.winners.get(n)} and ${token}: an update is lost`);
        entry.winners.set(n, token);
        this.saw(counter, n, token);
        this.acknowledged++;
    }

    notRaised(counter, n, token) {
        this.#counter(counter).attempts.get(n).delete(token);
    }

    /* Someone was told that the counter stands at n; `knownBefore` is knownOf when asking. */
    saw(counter, n, token, knownBefore = 0) {
        const entry = this.#counter(counter);
        if (n < knownBefore)
            this.problem(`${counter} was read as ${n} after ${knownBefore} was known`);
        if (n > 0)
            this.#checkWinner(counter, n, token);
        entry.known = Math.max(entry.known, n);
    }

    #checkWinner(counter, n, token) {
        const { winners, attempts } = this.#counter(counter);
        const expected = winners.get(n);
        if (expected !== undefined ? expected !== token : !attempts.get(n)?.has(token))
            this.problem(`${counter} stands at ${n} by ${token}, which ${expected ?? "nobody"} wrote`);
    }

    /* ---- after a crash ---- */

    /*
     * `found`: key -> token of a whole item, as read back; counters: key -> { n, token }. Adds to
     * `problems`; afterwards what was found is what is so.
     */
    settle(found, foundCounters = new Map()) {
        for (const [key, entry] of this.#keys) {
            const token = found.get(key) ?? ABSENT;
            if (token !== entry.state && !entry.open.has(token))
                this.problem(`${key} holds ${token}; acknowledged was ${entry.state}${entry.open.size ? `, open ${[...entry.open]}` : ""}`);
            entry.state = token;
            entry.open.clear();
        }
        for (const key of found.keys())
            if (!this.#keys.has(key))
                this.problem(`${key} is there, but nobody wrote it`);
        this.#settleCounters(foundCounters);
    }

    #settleCounters(found) {
        for (const [counter, entry] of this.#counters) {
            const { n, token } = found.get(counter) ?? { n: 0 };
            if (n < entry.known)
                this.problem(`${counter} stands at ${n}; ${entry.known} was acknowledged or shown`);
            if (n > 0)
                this.#checkWinner(counter, n, token);
            entry.known = n;
            entry.winners = new Map(n > 0 ? [[n, token]] : []);
            entry.attempts.clear();
        }
        for (const counter of found.keys())
            if (!this.#counters.has(counter))
                this.problem(`${counter} is there, but nobody wrote it`);
    }

    #key(key) {
        if (!this.#keys.has(key))
            this.#keys.set(key, { state: ABSENT, open: new Set() });
        return this.#keys.get(key);
    }

    #counter(counter) {
        if (!this.#counters.has(counter))
            this.#counters.set(counter, { winners: new Map(), attempts: new Map(), known: 0 });
        return this.#counters.get(counter);
    }
}
