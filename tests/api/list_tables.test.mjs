/* ListTables. Source: service model; Developer Guide, quotas, item sizes and capacity. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { paginateListTables } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, lengthAtLeast, lengthAtMost, PATTERN, refuses, refusesWrongTypes, validationErrors, valueAtLeast, valueAtMost } from "../support/expect.mjs";

const api = await openEndpoint();
const list = (body = {}) => api.ok("ListTables", body);

describe("ListTables, malformed", () => {
    refusesWrongTypes(api, "ListTables", { ExclusiveStartTableName: "String", Limit: "Integer" });
});

describe("ListTables, invalid", () => {
    refuses(api, "ListTables", "ValidationException", [
        ["Limit 0", { Limit: 0 }, validationErrors(broken("0", "limit", valueAtLeast(1)))],
        ["Limit 101", { Limit: 101 }, validationErrors(broken("101", "limit", valueAtMost(100)))],
        ["a start of two characters", { ExclusiveStartTableName: "ab" }, validationErrors(broken("ab", "exclusiveStartTableName", lengthAtLeast(3)))],
        ["a start of 256 characters", { ExclusiveStartTableName: "a".repeat(256) }, validationErrors(broken("a".repeat(256), "exclusiveStartTableName", lengthAtMost(255)))],
        ["a start with a bad character", { ExclusiveStartTableName: "abc;" }, validationErrors(broken("abc;", "exclusiveStartTableName", PATTERN))],
    ]);
});

describe("ListTables, working", { skip: !isOwnServer && "another endpoint may have other tables" }, () => {
    it("is empty at first", async () => {
        assert.deepEqual(await list(), { TableNames: [] });
    });

    it("lists names in byte order, a page at a time", async () => {
        const names = ["Zebra", "apple", "Apple", "apple.1", "apple-1", "apple_1", "zebra", "10.", "9..."];
        for (const TableName of names)
            await api.table("pk S", { TableName });
        const sorted = [...names].sort();
        assert.deepEqual(await list(), { TableNames: sorted });
        for (const Limit of [1, 2, 4, 9]) {
            const seen = [];
            let ExclusiveStartTableName;
            do {
                const page = await list({ Limit, ExclusiveStartTableName });
                assert.ok(page.TableNames.length <= Limit);
                if (page.LastEvaluatedTableName)
                    assert.equal(page.LastEvaluatedTableName, page.TableNames.at(-1));
                seen.push(...page.TableNames);
                ExclusiveStartTableName = page.LastEvaluatedTableName;
            } while (ExclusiveStartTableName);
            assert.deepEqual(seen, sorted);
        }
        assert.deepEqual(await list({ ExclusiveStartTableName: "apple" }), { TableNames: sorted.slice(sorted.indexOf("apple") + 1) });
        assert.deepEqual(await list({ ExclusiveStartTableName: "b..never" }), { TableNames: ["zebra"] });
        assert.deepEqual(await list({ ExclusiveStartTableName: "zzz" }), { TableNames: [] });
    });

    it("a page has at most 100 names, also without a limit", async () => {
        const before = (await list()).TableNames.length;
        for (let index = 0; index < 105; index++)
            await api.table("pk S", { TableName: `many-${String(index).padStart(3, "0")}` });
        const first = await list();
        assert.equal(first.TableNames.length, 100);
        const second = await list({ ExclusiveStartTableName: first.LastEvaluatedTableName });
        assert.equal(second.TableNames.length, before + 5);
        assert.equal(second.LastEvaluatedTableName, undefined);
        const names = [];
        for await (const page of paginateListTables({ client: api.client, pageSize: 30 }, {}))
            names.push(...page.TableNames);
        assert.deepEqual(names, [...first.TableNames, ...second.TableNames]);
    });
});
