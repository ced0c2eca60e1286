/* Random numbers from a seed, so that a failure can be run again. mulberry32. */
export class Random {
    #state;

    constructor(seed) {
        this.#state = seed >>> 0;
    }

    /* An integer from 0 up to, not including, `bound`. */
    below(bound) {
        this.#state = (this.#state + 0x6d2b79f5) >>> 0;
        let mixed = this.#state;
        mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * bound);
    }

    between(low, high) {
        return low + this.below(high - low + 1);
    }

    chance(percent) {
        return this.below(100) < percent;
    }

    pick(list) {
        return list[this.below(list.length)];
    }

    /* The first whose share of the weights is hit: [["put", 60], ["delete", 40]]. */
    weighted(choices) {
        let left = this.below(choices.reduce((sum, [, weight]) => sum + weight, 0));
        return choices.find(([, weight]) => (left -= weight) < 0)[0];
    }
}
