/*
 * A writer that only adds, one item after the other, so that partitions have to be split while others
 * write. Every restored table has a beginning of what it has sent, and nothing else of it. Members
 * and methods as of Writer.
 */
import { setTimeout as pause } from "node:timers/promises";
import { textOf } from "../model/value.mjs";
import { nameOf } from "./writer.mjs";

const PAUSE_MS = 6;
const TEXT = { S: "t".repeat(1200) };

export class Grower {
    steps = []; /* names of items */
    answered = 0;

    owns(item) {
        return item.pk.S.startsWith("grown/");
    }

    async write(lane, TableName) {
        await pause(PAUSE_MS);
        const Item = itemAt(this.steps.length);
        this.steps.push(nameOf(Item));
        const answer = await lane.call("PutItem", { TableName, Item });
        if (answer === null)
            return false;
        if (answer.status !== 200)
            throw new Error(`PutItem of ${nameOf(Item)} was answered ${JSON.stringify(answer)}`);
        this.answered = this.steps.length;
        return true;
    }

    learn(found) {
        if (this.answered < this.steps.length && !found.has(this.steps.at(-1)))
            this.steps.pop();
        this.answered = this.steps.length;
    }

    violation(found, { low, high }) {
        const last = Math.min(high, this.steps.length);
        if (found.size < low || found.size > last)
            return `of the items that were added there are ${found.size} and not ${low} to ${last}`;
        for (let number = 0; number < found.size; number++) {
            const item = itemAt(number);
            if (found.get(nameOf(item)) !== textOf(item))
                return `${nameOf(item)} is not as it was added, or not there, though later ones are`;
        }
        return null;
    }
}

const itemAt = (number) => ({ pk: { S: `grown/${number}` }, sk: { N: "0" }, text: TEXT });
