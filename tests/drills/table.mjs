/* The table that drills write to, with an index of each kind. */
const key = (hash, range) => [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
];

export const INDEXES = [{ IndexName: "global", attribute: "g" }, { IndexName: "local", attribute: "l" }];

export function definition(TableName) {
    return {
        TableName,
        AttributeDefinitions: [["pk", "S"], ["sk", "N"], ["g", "S"], ["l", "S"]].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
        KeySchema: key("pk", "sk"),
        GlobalSecondaryIndexes: [{ IndexName: "global", KeySchema: key("g", "sk"), Projection: { ProjectionType: "ALL" } }],
        LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: key("pk", "l"), Projection: { ProjectionType: "KEYS_ONLY" } }],
        BillingMode: "PAY_PER_REQUEST",
    };
}
