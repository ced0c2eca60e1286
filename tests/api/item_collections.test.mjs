/* The limit of item collections in tables with local indexes, lowered to one megabyte. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BatchWriteItemCommand, DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";

const local = (ProjectionType) => ({
    AttributeDefinitions: [["pk", "S"], ["sk", "S"], ["color", "S"]].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    LocalSecondaryIndexes: [{
        IndexName: "local",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "color", KeyType: "RANGE" }],
        Projection: { ProjectionType },
    }],
});
const key = (pk, sk) => ({ pk: { S: pk }, sk: { S: sk } });
const KB = 1024;
const item = (pk, sk, bytes, more = {}) => ({ ...key(pk, sk), data: { S: "x".repeat(bytes) }, ...more });
const indexed = { color: { S: "red" } };

describe("the limit of an item collection", { skip: !isOwnServer && "the limit is lowered by an option of our own" }, async () => {
    const api = isOwnServer && (await openEndpoint({ itemCollectionMb: 1, inMemory: true }));
    const put = (TableName, Item) => api.call("PutItem", { TableName, Item });
    const refused = (answer) => expectError(answer, "ItemCollectionSizeLimitExceededException", "Collection size exceeded.");
    const accepted = (answer) => assert.equal(answer.status, 200, answer.text);

    it("counts items and their entries in local indexes", async () => {
        const TableName = await api.table("pk S, sk S", local("ALL"));
        accepted(await put(TableName, item("a", "1", 300 * KB, indexed))); /* twice 300 KB */
        refused(await put(TableName, item("a", "2", 300 * KB, indexed)));
        accepted(await put(TableName, item("a", "2", 300 * KB))); /* it is in no index */
        refused(await put(TableName, item("a", "3", 300 * KB)));
        accepted(await put(TableName, item("b", "3", 300 * KB)));
        assert.equal((await api.ok("Query", { TableName, Select: "COUNT", KeyConditionExpression: "pk = :a", ExpressionAttributeValues: { ":a": { S: "a" } } })).Count, 2);
    });

    it("is told by the SDK's own class, by every operation that writes, and nothing is written then", async () => {
        const TableName = await api.table("pk S, sk S", local("KEYS_ONLY"));
        for (const sk of ["1", "2", "3"])
            accepted(await put(TableName, item("a", sk, 300 * KB)));
        const grows = [
            new PutItemCommand({ TableName, Item: item("a", "4", 300 * KB) }),
            new UpdateItemCommand({ TableName, Key: key("a", "4"), UpdateExpression: "SET d = :d", ExpressionAttributeValues: { ":d": { S: "x".repeat(300 * KB) } } }),
            new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: item("b", "1", 1) } }, { PutRequest: { Item: item("a", "4", 300 * KB) } }] } }),
        ];
        for (const command of grows)
            await assert.rejects(api.client.send(command), (error) => error.name === "ItemCollectionSizeLimitExceededException" && error.message === "Collection size exceeded.");
        assert.equal((await api.ok("Scan", { TableName, Select: "COUNT" })).Count, 3);
    });

    it("cancels a transaction, and names the action", async () => {
        const TableName = await api.table("pk S, sk S", local("KEYS_ONLY"));
        for (const sk of ["1", "2"])
            accepted(await put(TableName, item("a", sk, 340 * KB)));
        const canceled = await api.call("TransactWriteItems", { TransactItems: [
            { Put: { TableName, Item: item("b", "1", 1) } },
            { Put: { TableName, Item: item("a", "3", 200 * KB) } },
            { Put: { TableName, Item: item("a", "4", 200 * KB) } },
        ] });
        assert.match(canceled.json.__type, /#TransactionCanceledException$/);
        assert.deepEqual(canceled.json.CancellationReasons, [{ Code: "None" }, { Code: "ItemCollectionSizeLimitExceeded", Message: "Collection size exceeded." }, { Code: "None" }]);
        assert.equal((await api.ok("Scan", { TableName, Select: "COUNT" })).Count, 2);
        const swapped = await api.ok("TransactWriteItems", { ReturnItemCollectionMetrics: "SIZE", TransactItems: [
            { Delete: { TableName, Key: key("a", "1") } },
            { Put: { TableName, Item: item("a", "3", 340 * KB) } },
        ] });
        assert.deepEqual(swapped.ItemCollectionMetrics, { [TableName]: [{ ItemCollectionKey: { pk: { S: "a" } }, SizeEstimateRangeGB: [0, 1] }] });
    });

    it("is told by PartiQL: in the statement's place of a batch, and as a transaction's reason", async () => {
        const TableName = await api.table("pk S, sk S", local("KEYS_ONLY"));
        for (const sk of ["1", "2", "3"])
            accepted(await put(TableName, item("a", sk, 300 * KB)));
        const insert = (pk) => ({ Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': '4', 'd': ?}`, Parameters: [{ S: pk }, { S: "x".repeat(300 * KB) }] });
        refused(await api.call("ExecuteStatement", insert("a")));
        const { Responses } = await api.ok("BatchExecuteStatement", { Statements: [insert("a"), insert("b")] });
        assert.deepEqual(Responses, [{ Error: { Code: "ItemCollectionSizeLimitExceeded", Message: "Collection size exceeded." }, TableName }, { TableName }]);
        const canceled = await api.call("ExecuteTransaction", { TransactStatements: [insert("c"), insert("a")] });
        assert.deepEqual(canceled.json.CancellationReasons, [{ Code: "None" }, { Code: "ItemCollectionSizeLimitExceeded", Message: "Collection size exceeded." }]);
    });

    it("lets a full collection shrink, and then grow again", async () => {
        const TableName = await api.table("pk S, sk S", local("KEYS_ONLY"));
        for (const sk of ["1", "2", "3"])
            accepted(await put(TableName, item("a", sk, 340 * KB)));
        refused(await put(TableName, item("a", "4", 20 * KB)));
        accepted(await put(TableName, item("a", "3", 200 * KB)));
        accepted(await put(TableName, item("a", "4", 20 * KB)));
        await api.client.send(new UpdateItemCommand({ TableName, Key: key("a", "2"), UpdateExpression: "REMOVE #d", ExpressionAttributeNames: { "#d": "data" } }));
        accepted(await put(TableName, item("a", "5", 300 * KB)));
        for (const sk of ["1", "2", "3", "4", "5"])
            await api.client.send(new DeleteItemCommand({ TableName, Key: key("a", sk) }));
        accepted(await put(TableName, item("a", "1", 390 * KB)));
    });

    it("is judged after the condition", async () => {
        const TableName = await api.table("pk S, sk S", local("KEYS_ONLY"));
        for (const sk of ["1", "2", "3"])
            accepted(await put(TableName, item("a", sk, 340 * KB)));
        expectError(await api.call("PutItem", { TableName, Item: item("a", "4", 300 * KB), ConditionExpression: "attribute_exists(pk)" }),
            "ConditionalCheckFailedException", "The conditional request failed");
    });

    it("holds for writers at the same time", async () => {
        const TableName = await api.table("pk S, sk S", local("KEYS_ONLY"));
        const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => put(TableName, item("a", `${i}`, 200 * KB))));
        assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(5).fill(200), ...Array(7).fill(400)]);
        answers.filter(({ status }) => status !== 200).forEach(refused);
        assert.equal((await api.ok("Scan", { TableName, Select: "COUNT" })).Count, 5);
    });

    it("is not there without a local index", async () => {
        const TableName = await api.table("pk S, sk S");
        for (let sk = 0; sk < 5; sk++)
            accepted(await put(TableName, item("a", `${sk}`, 390 * KB)));
    });
});
