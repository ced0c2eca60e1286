/* DescribeLimits and DescribeEndpoints. Source: service model; Developer Guide, quotas, item sizes and capacity. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";

const api = await openEndpoint();

describe("DescribeLimits and DescribeEndpoints, malformed", () => {
    for (const operation of ["DescribeLimits", "DescribeEndpoints"])
        for (const body of ["", "[]", "23", "{", '{"a": }'])
            it(`${operation} refuses the body ${JSON.stringify(body)}`, async () => {
                expectError(await api.call(operation, body), "SerializationException", undefined);
            });
});

/* They have no members, so none can be wrong. */
describe("DescribeLimits and DescribeEndpoints, invalid", () => {
    for (const operation of ["DescribeLimits", "DescribeEndpoints"])
        it(`${operation} ignores members, which it does not have`, async () => {
            assert.deepEqual(await api.ok(operation, { TableName: "?", Limit: -1 }), await api.ok(operation, {}));
        });
});

describe("DescribeLimits and DescribeEndpoints, working", () => {
    it("DescribeLimits tells the quotas", async () => {
        assert.deepEqual(await api.ok("DescribeLimits", {}), {
            AccountMaxReadCapacityUnits: 80_000,
            AccountMaxWriteCapacityUnits: 80_000,
            TableMaxReadCapacityUnits: 40_000,
            TableMaxWriteCapacityUnits: 40_000,
        });
    });

    it("DescribeEndpoints names the address that was asked", async () => {
        const { Endpoints } = await api.ok("DescribeEndpoints", {});
        assert.equal(Endpoints.length, 1);
        assert.equal(Endpoints[0].CachePeriodInMinutes, 1440);
        if (isOwnServer)
            assert.equal(Endpoints[0].Address, new URL(api.url).host);
    });
});
