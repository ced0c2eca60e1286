/* UpdateContributorInsights, DescribeContributorInsights, ListContributorInsights. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DescribeContributorInsightsCommand, ListContributorInsightsCommand, UpdateContributorInsightsCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";

const operations = ["UpdateContributorInsights", "DescribeContributorInsights", "ListContributorInsights"];
const withIndex = {
    AttributeDefinitions: ["pk", "sk", "gk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: [{ IndexName: "ByGk", KeySchema: [{ AttributeName: "gk", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
    LocalSecondaryIndexes: [{ IndexName: "Local", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "gk", KeyType: "RANGE" }], Projection: { ProjectionType: "ALL" } }],
};
const on = (TableName, more = {}) => ({ TableName, ContributorInsightsAction: "ENABLE", ...more });
const off = (TableName, more = {}) => ({ TableName, ContributorInsightsAction: "DISABLE", ...more });

describe("UpdateContributorInsights, DescribeContributorInsights and ListContributorInsights, malformed", async () => {
    const api = await openEndpoint();
    for (const operation of operations)
        for (const [member, value] of [["TableName", 7], ["TableName", ["a"]]])
            it(`${operation}: ${member} ${JSON.stringify(value)}`, async () => {
                expectError(await api.call(operation, { [member]: value }), "SerializationException", /./);
            });
    it("an action that is a number", async () => {
        expectError(await api.call("UpdateContributorInsights", { TableName: "abc", ContributorInsightsAction: 1 }), "SerializationException", /./);
    });
});

describe("UpdateContributorInsights, DescribeContributorInsights and ListContributorInsights, invalid", async () => {
    const api = await openEndpoint();
    const table = await api.table("pk S, sk S", withIndex);

    for (const [operation, body, pattern] of [
        ["UpdateContributorInsights", {}, /tableName/i],
        ["UpdateContributorInsights", { TableName: "abc" }, /contributorInsightsAction' failed to satisfy constraint: Member must not be null/],
        ["UpdateContributorInsights", { TableName: "abc", ContributorInsightsAction: "ON" }, /'contributorInsightsAction' failed to satisfy constraint: Member must satisfy enum value set: \[ENABLE, DISABLE\]$/],
        ["UpdateContributorInsights", on("abc", { ContributorInsightsMode: "ALL" }), /'contributorInsightsMode' failed to satisfy constraint: Member must satisfy enum value set: \[THROTTLED_KEYS, ACCESSED_AND_THROTTLED_KEYS\]$/],
        ["UpdateContributorInsights", on("abc", { IndexName: "a" }), /'indexName' failed to satisfy constraint: Member must have length greater than or equal to 3/],
        ["DescribeContributorInsights", {}, /tableName/i],
        ["DescribeContributorInsights", { TableName: "abc", IndexName: "a b c" }, /'indexName' failed to satisfy constraint/],
        ["ListContributorInsights", { MaxResults: 101 }, /'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100/],
        ["ListContributorInsights", { NextToken: "no token" }, /Invalid NextToken/],
    ])
        it(`${operation} ${JSON.stringify(body)}`, async () => {
            expectError(await api.call(operation, body), "ValidationException", pattern);
        });

    it("a table that is not there", async () => {
        for (const [operation, body] of [["UpdateContributorInsights", on("nobody")], ["DescribeContributorInsights", { TableName: "nobody" }], ["ListContributorInsights", { TableName: "nobody" }]])
            expectError(await api.call(operation, body), "ResourceNotFoundException", /^Requested resource not found: Table: nobody not found$/);
    });

    it("an index that is not there, or is local", async () => {
        for (const IndexName of ["Other", "Local"])
            for (const [operation, body] of [["UpdateContributorInsights", on(table, { IndexName })], ["DescribeContributorInsights", { TableName: table, IndexName }]])
                expectError(await api.call(operation, body), "ResourceNotFoundException", `Requested resource not found: Index: ${IndexName} not found for table: ${table}`);
    });

    it("a table that is not ACTIVE", { skip: !isOwnServer && "the service is slower" }, async () => {
        const slow = await openEndpoint({ transitionDelayMs: 60_000, clock: "manual" });
        await slow.ok("CreateTable", { TableName: "slowly", BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }] });
        expectError(await slow.call("UpdateContributorInsights", on("slowly")), "ValidationException", /^Table or Index is not in a valid state to update Key Access Insights: TableStatus must be ACTIVE to enable ContributorInsights\.$/);
    });
});

describe("UpdateContributorInsights, DescribeContributorInsights and ListContributorInsights, working", async () => {
    const api = await openEndpoint();
    const describeIt = (TableName, more = {}) => api.ok("DescribeContributorInsights", { TableName, ...more });

    it("a table, its modes and its rules", async () => {
        const table = await api.table("pk S, sk S", withIndex);
        assert.deepEqual(await describeIt(table), { TableName: table, ContributorInsightsStatus: "DISABLED" });
        assert.deepEqual(await api.ok("UpdateContributorInsights", on(table)), { TableName: table, ContributorInsightsStatus: "ENABLING", ContributorInsightsMode: "ACCESSED_AND_THROTTLED_KEYS" });
        const { ContributorInsightsRuleList: rules, LastUpdateDateTime, ...rest } = await describeIt(table);
        assert.deepEqual(rest, { TableName: table, ContributorInsightsStatus: "ENABLED", ContributorInsightsMode: "ACCESSED_AND_THROTTLED_KEYS" });
        assert.ok(Math.abs(LastUpdateDateTime - Date.now() / 1000) < 60);
        assert.deepEqual(rules.map((rule) => rule.replace(/-\d{13}$/, "-TIME")), ["PKC", "SKC", "PKT", "SKT"].map((kind) => `DynamoDBContributorInsights-${kind}-${table}-TIME`));
        await api.ok("UpdateContributorInsights", on(table, { ContributorInsightsMode: "THROTTLED_KEYS" }));
        const throttled = await describeIt(table);
        assert.equal(throttled.ContributorInsightsMode, "THROTTLED_KEYS");
        assert.deepEqual(throttled.ContributorInsightsRuleList, rules.slice(2), "those that stay keep their names");
        await api.ok("UpdateContributorInsights", on(table));
        assert.equal((await describeIt(table)).ContributorInsightsMode, "ACCESSED_AND_THROTTLED_KEYS", "it is the first again");
        assert.equal((await api.ok("UpdateContributorInsights", on(table))).ContributorInsightsStatus, "ENABLED", "the same again changes nothing");
    });

    it("switched off they keep their mode to show, and switched on again they have the first", async () => {
        const table = await api.table("pk S, sk S", withIndex);
        const mode = { ContributorInsightsMode: "THROTTLED_KEYS" };
        assert.deepEqual(await api.ok("UpdateContributorInsights", off(table)), { TableName: table, ContributorInsightsStatus: "DISABLED" }, "never on");
        await api.ok("UpdateContributorInsights", on(table, mode));
        const { ContributorInsightsRuleList: [rule] } = await describeIt(table);
        assert.deepEqual(await api.ok("UpdateContributorInsights", off(table, { ContributorInsightsMode: "ACCESSED_AND_THROTTLED_KEYS" })), { TableName: table, ContributorInsightsStatus: "DISABLING", ...mode }, "what it says to off is not heard");
        const { LastUpdateDateTime, ...disabled } = await describeIt(table);
        assert.deepEqual(disabled, { TableName: table, ContributorInsightsStatus: "DISABLED", ...mode });
        assert.ok(LastUpdateDateTime > 0);
        assert.deepEqual(await api.ok("UpdateContributorInsights", off(table)), disabled, "off again changes nothing");
        assert.deepEqual((await api.ok("ListContributorInsights", { TableName: table })).ContributorInsightsSummaries, []);
        assert.equal((await api.ok("UpdateContributorInsights", on(table))).ContributorInsightsMode, "ACCESSED_AND_THROTTLED_KEYS");
        assert.ok(!(await describeIt(table)).ContributorInsightsRuleList.includes(rule), "the rules are new");
    });

    it("an index has its own", async () => {
        const table = await api.table("pk S, sk S", withIndex);
        const index = { IndexName: "ByGk" };
        await api.ok("UpdateContributorInsights", on(table, { ...index, ContributorInsightsMode: "THROTTLED_KEYS" }));
        assert.equal((await describeIt(table)).ContributorInsightsStatus, "DISABLED");
        const shown = await describeIt(table, index);
        assert.deepEqual([shown.IndexName, shown.ContributorInsightsStatus], ["ByGk", "ENABLED"]);
        assert.match(shown.ContributorInsightsRuleList.join(), /^DynamoDBContributorInsights-PKT-ByGk-\d+$/, "it has no sort key");
        assert.deepEqual((await api.ok("ListContributorInsights", { TableName: table })).ContributorInsightsSummaries, [{ TableName: table, IndexName: "ByGk", ContributorInsightsStatus: "ENABLED", ContributorInsightsMode: "THROTTLED_KEYS" }]);
    });

    it("lists page by page, through the SDK", async () => {
        const lister = await openEndpoint();
        const tables = [];
        for (let i = 0; i < 5; i++) {
            const table = await lister.table("pk S, sk S", withIndex);
            tables.push(table);
            for (const IndexName of [undefined, "ByGk"])
                if (i !== 2)
                    await lister.client.send(new UpdateContributorInsightsCommand(on(table, { IndexName })));
        }
        const wanted = tables.filter((_, i) => i !== 2).sort().flatMap((table) => [`${table}/`, `${table}/ByGk`]);
        for (const MaxResults of [1, 2, 3, 8, 100, undefined]) {
            const listed = [];
            let NextToken;
            do {
                const page = await lister.client.send(new ListContributorInsightsCommand({ MaxResults, NextToken }));
                assert.ok(page.ContributorInsightsSummaries.length <= (MaxResults ?? 100));
                listed.push(...page.ContributorInsightsSummaries.map(({ TableName, IndexName = "" }) => `${TableName}/${IndexName}`));
                NextToken = page.NextToken;
            } while (NextToken);
            assert.deepEqual(listed, wanted, `by ${MaxResults}`);
        }
        const { LastUpdateDateTime } = await lister.client.send(new DescribeContributorInsightsCommand({ TableName: tables[0] }));
        assert.ok(LastUpdateDateTime instanceof Date);
    });

    it("is ENABLING and DISABLING for as long as transitions take", { skip: !isOwnServer && "a clock of our own" }, async () => {
        const slow = await openEndpoint({ transitionDelayMs: 5000, clock: "manual" });
        const advance = (ms) => exchange(slow, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: ms }) });
        const status = async () => (await slow.ok("DescribeContributorInsights", { TableName: "slowly" })).ContributorInsightsStatus;
        await slow.ok("CreateTable", { TableName: "slowly", BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }] });
        await advance(5000);
        const seen = [await status()];
        for (const request of [on, off]) {
            await slow.ok("UpdateContributorInsights", request("slowly"));
            for (const ms of [4999, 1]) {
                await advance(ms);
                seen.push(await status());
            }
        }
        assert.deepEqual(seen, ["DISABLED", "ENABLING", "ENABLED", "DISABLING", "DISABLED"]);
    });

    it("an index that is added has them once it is ACTIVE", { skip: !isOwnServer && "a clock of our own" }, async () => {
        const slow = await openEndpoint({ transitionDelayMs: 5000, clock: "manual" });
        const advance = (ms) => exchange(slow, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: ms }) });
        const TableName = "slowly";
        const index = { IndexName: "ByGk" };
        await slow.ok("CreateTable", { TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }] });
        await advance(5000);
        await slow.ok("UpdateTable", { TableName, AttributeDefinitions: [{ AttributeName: "gk", AttributeType: "S" }], GlobalSecondaryIndexUpdates: [{ Create: withIndex.GlobalSecondaryIndexes[0] }] });
        for (const [operation, body] of [["DescribeContributorInsights", { TableName, ...index }], ["UpdateContributorInsights", on(TableName, index)]])
            expectError(await slow.call(operation, body), "ResourceNotFoundException", "Requested resource not found: Index: ByGk not found for table: slowly");
        await advance(5000);
        assert.equal((await slow.ok("DescribeContributorInsights", { TableName, ...index })).ContributorInsightsStatus, "DISABLED");
        expectError(await slow.call("UpdateContributorInsights", on(TableName, index)), "ValidationException", "Table or Index is not in a valid state to update Key Access Insights: IndexStatus must be ACTIVE to enable ContributorInsights.");
        await advance(5000);
        await slow.untilIndexesActive(TableName);
        await slow.ok("UpdateContributorInsights", on(TableName, index));
    });

    it("survives a restart", { skip: (!isOwnServer || (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory")) && "no disk" }, async () => {
        const table = await api.table("pk S, sk S", withIndex);
        for (const IndexName of [undefined, "ByGk"])
            for (const request of [on, off, on])
                await api.ok("UpdateContributorInsights", request(table, { IndexName, ContributorInsightsMode: "THROTTLED_KEYS" }));
        await api.ok("UpdateContributorInsights", off(table));
        const before = [await describeIt(table), await describeIt(table, { IndexName: "ByGk" })];
        await api.server.kill();
        await api.server.start();
        api.port = api.server.port;
        assert.deepEqual([await describeIt(table), await describeIt(table, { IndexName: "ByGk" })], before);
    });
});
