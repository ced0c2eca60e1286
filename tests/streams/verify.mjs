/*
 * What a stream must hold after a load: every change that was acknowledged, once and in order, and
 * nothing that was not at least asked for. Gives the first violation in words, or null.
 *
 *   shards    what a Consumer has read to the end
 *   load      what was written (load.mjs)
 *   items     pk -> item, as the table has them now
 */
export function violationOf(shards, load, items) {
    return orderOf(shards) ?? chainsOf(shards, items) ?? acknowledgedOf(shards, load);
}

function orderOf(shards) {
    const seen = new Set();
    for (const { id, records } of shards) {
        let last = 0n;
        for (const { eventID, dynamodb: { SequenceNumber } } of records) {
            if (BigInt(SequenceNumber) <= last)
                return `${id}: record ${SequenceNumber} follows ${last}`;
            if (seen.has(eventID))
                return `${id}: event ${eventID} stands twice`;
            last = BigInt(SequenceNumber);
            seen.add(eventID);
        }
    }
    return null;
}

/*
 * An item's records lie in one shard, or go on in a descendant of it, which is read after it: their
 * images lead from nothing to what is there now.
 */
function chainsOf(shards, items) {
    const parents = new Map(shards.map(({ id, parent }) => [id, parent]));
    const comesOf = (id, ancestor) => {
        while (id !== undefined && id !== ancestor)
            id = parents.get(id);
        return id === ancestor;
    };
    const newest = new Map(); /* pk -> { shard, image } */
    for (const { id, records } of shards)
        for (const { eventName, dynamodb: { Keys, OldImage, NewImage, SequenceNumber } } of records) {
            const pk = Keys.pk.S;
            const before = newest.get(pk);
            if (before && !comesOf(id, before.shard))
                return `${pk} has records in two shards of which neither comes of the other`;
            if (textOf(before?.image) !== textOf(OldImage))
                return `${pk}: record ${SequenceNumber} begins with ${textOf(OldImage)}, but the one before ended with ${textOf(before?.image)}`;
            if (eventName !== (!OldImage ? "INSERT" : NewImage ? "MODIFY" : "REMOVE"))
                return `${pk}: record ${SequenceNumber} is called ${eventName}`;
            newest.set(pk, { shard: id, image: NewImage });
        }
    for (const pk of new Set([...newest.keys(), ...items.keys()]))
        if (textOf(newest.get(pk)?.image) !== textOf(items.get(pk)))
            return `${pk} is ${textOf(items.get(pk))}, but its last record says ${textOf(newest.get(pk)?.image)}`;
    return null;
}

function textOf(image) {
    return image ? JSON.stringify(Object.entries(image).sort()) : "nothing";
}

function acknowledgedOf(shards, load) {
    const recorded = new Map(); /* value -> how often */
    const unasked = load.removed.filter(({ answered }) => !answered).map(({ pk }) => pk);
    const removed = new Map(load.removed.filter(({ value }) => value !== null).map(({ pk, value }) => [`${pk} ${value}`, 0]));
    for (const { records } of shards)
        for (const { eventName, dynamodb: { Keys, OldImage, NewImage } } of records) {
            const pk = Keys.pk.S;
            if (eventName !== "REMOVE") {
                if (load.sent.get(NewImage.v.S)?.pk !== pk)
                    return `${pk}: nobody wrote ${NewImage.v.S}`;
                recorded.set(NewImage.v.S, (recorded.get(NewImage.v.S) ?? 0) + 1);
                continue;
            }
            const removal = `${pk} ${OldImage.v.S}`;
            if (removed.has(removal))
                removed.set(removal, removed.get(removal) + 1);
            else if (!unasked.includes(pk))
                return `${pk}: nobody removed ${OldImage.v.S}`;
        }
    for (const [value, { pk, answered }] of load.sent)
        if ((recorded.get(value) ?? 0) > 1 || (answered && !recorded.has(value)))
            return `${pk}: the write of ${value} ${answered ? "was acknowledged and " : ""}has ${recorded.get(value) ?? 0} records`;
    for (const [removal, count] of removed)
        if (count !== 1)
            return `the acknowledged removal of ${removal} has ${count} records`;
    return null;
}
