/* DescribeLimits and DescribeEndpoints. Source: service model; Developer Guide, quotas, item sizes and capacity. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";

const api = await openEndpoint();

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
