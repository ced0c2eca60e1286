/*
 * A consumer of a stream in the style of the Kinesis client library: it finds the shards, reads each
 * from its beginning, a child after its parent, and goes on where it stopped.
 *
 *   const consumer = new Consumer(streamArn, random);
 *   await consumer.open(port);        again after every restart of the server
 *   const found = await consumer.round();     one GetRecords a shard; how many records came
 *   consumer.shards                   [{ id, parent, ended, records }]
 */
import { Lane } from "../support/lane.mjs";

export class Consumer {
    #streamArn;
    #random;
    #lane = null;
    #shards = new Map();

    constructor(streamArn, random) {
        this.#streamArn = streamArn;
        this.#random = random;
    }

    get shards() {
        return [...this.#shards.values()];
    }

    async open(port) {
        this.#lane?.close();
        this.#lane = await Lane.open(port);
        for (const shard of this.#shards.values())
            if (this.#random.chance(50))
                shard.iterator = null; /* the checkpoint is the last sequence number */
    }

    close() {
        this.#lane?.close();
    }

    /* Null: the server went away. */
    async round() {
        if (!(await this.#discover()))
            return null;
        let found = 0;
        for (const shard of this.#shards.values()) {
            if (shard.ended || this.#shards.get(shard.parent)?.ended === false)
                continue;
            const count = await this.#read(shard);
            if (count === null)
                return null;
            found += count;
        }
        return found;
    }

    async #discover() {
        let more = {};
        do {
            const json = await this.#call("DescribeStream", { StreamArn: this.#streamArn, Limit: 2, ...more });
            if (json === null)
                return false;
            const { Shards, LastEvaluatedShardId } = json.StreamDescription;
            for (const { ShardId, ParentShardId } of Shards)
                if (!this.#shards.has(ShardId))
                    this.#shards.set(ShardId, { id: ShardId, parent: ParentShardId, ended: false, iterator: null, records: [] });
            more = { ExclusiveStartShardId: LastEvaluatedShardId };
        } while (more.ExclusiveStartShardId);
        return true;
    }

    async #read(shard) {
        if (!shard.iterator) {
            const last = shard.records.at(-1)?.dynamodb.SequenceNumber;
            const place = last ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: last } : { ShardIteratorType: "TRIM_HORIZON" };
            const json = await this.#call("GetShardIterator", { StreamArn: this.#streamArn, ShardId: shard.id, ...place });
            if (json === null)
                return null;
            shard.iterator = json.ShardIterator;
        }
        const json = await this.#call("GetRecords", { ShardIterator: shard.iterator, Limit: this.#random.between(1, 300) });
        if (json === null)
            return null;
        shard.records.push(...json.Records);
        shard.iterator = json.NextShardIterator ?? null;
        shard.ended = json.NextShardIterator === undefined;
        return json.Records.length;
    }

    async #call(operation, body) {
        const answer = await this.#lane.call(operation, body);
        if (answer !== null && answer.status !== 200)
            throw new Error(`${operation} ${JSON.stringify(body)} was answered ${JSON.stringify(answer)}`);
        return answer?.json ?? null;
    }
}
