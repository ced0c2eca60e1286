/*
 * What a kept data directory holds: every kind of key, of value and of row, and a deleted table. A
 * directory of an older format has what there was then: its contents.json says so.
 */
const keyed = (TableName, ...keys) => ({
    TableName,
    AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keys.map(([AttributeName], index) => ({ AttributeName, KeyType: index ? "RANGE" : "HASH" })),
    BillingMode: "PAY_PER_REQUEST",
});

export const tables = [
    keyed("Strings", ["pk", "S"]),
    keyed("Numbers", ["pk", "N"], ["sk", "N"]),
    keyed("Bytes", ["pk", "B"], ["sk", "S"]),
    keyed("Deleted", ["pk", "S"]),
    keyed("Expiring", ["pk", "S"]),
    {
        ...keyed("Split", ["pk", "S"]),
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
    {
        TableName: "Indexed",
        AttributeDefinitions: ["pk", "sk", "local", "global"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
        BillingMode: "PAY_PER_REQUEST",
        LocalSecondaryIndexes: [{
            IndexName: "ByLocal",
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "local", KeyType: "RANGE" }],
            Projection: { ProjectionType: "KEYS_ONLY" },
        }],
        GlobalSecondaryIndexes: [{
            IndexName: "ByGlobal",
            KeySchema: [{ AttributeName: "global", KeyType: "HASH" }],
            Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["shown"] },
        }],
    },
];

/* The table whose partitions split while it fills; it has a stream. */
export const split = "Split";

/* table -> its attribute of time to live */
export const timeToLive = { Expiring: "expires" };

const everyType = {
    s: { S: "text with \u00e9 and \ud83d\ude00" },
    n: { N: "-12345678901234567890.123456789012345678" },
    b: { B: "AP8B" },
    yes: { BOOL: true },
    no: { BOOL: false },
    nothing: { NULL: true },
    ss: { SS: ["a", "b"] },
    ns: { NS: ["-1", "0", "1.5"] },
    bs: { BS: ["AA==", "/w=="] },
    l: { L: [{ N: "1" }, { L: [] }, { M: { deep: { S: "" } } }] },
    m: { M: { a: { S: "x" }, b: { M: {} } } },
};

const numbers = ["-1e125", "-1.5", "-1e-130", "0", "1e-130", "0.1", "1", "10", "9.9999999999999999999999999999999999999e125"];

export const contents = [
    ...["a", "b", "\u00e9", "a\u0000b", "z".repeat(100)].map((text) =>
        ({ TableName: "Strings", Item: { pk: { S: text }, ...everyType } })),
    ...numbers.map((text) => ({ TableName: "Numbers", Item: { pk: { N: "7" }, sk: { N: text } } })),
    ...["AA==", "AAE=", "/w=="].map((bytes) =>
        ({ TableName: "Bytes", Item: { pk: { B: bytes }, sk: { S: "sort" }, filling: { S: "x".repeat(500) } } })),
    ...["a", "b", "c"].map((text, index) =>
        ({ TableName: "Indexed", Item: { pk: { S: "p" }, sk: { S: text }, local: { S: text }, shown: { N: String(index) }, ...(index ? { global: { S: "g" } } : {}) } })),
    ...["9999999999", "0", "99999999999.5", "1e30"].map((expires, index) =>
        ({ TableName: "Expiring", Item: { pk: { S: String(index) }, expires: { N: expires } } })),
    ...Array.from({ length: 60 }, (_, index) =>
        ({ TableName: split, Item: { pk: { S: `key ${index}` }, filling: { S: "y".repeat(900) } } })),
    { TableName: "Deleted", Item: { pk: { S: "gone" } } },
];

/* The items of one table once more, which came by an export and an import. */
export const imported = contents.filter(({ TableName }) => TableName === "Strings")
    .map(({ TableName, Item }) => ({ TableName: "Imported", Item, from: TableName }));
