/* GET /metrics: the format, what is counted and where, what is never shown; the dashboard beside it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { readExposition, sumOf } from "../support/exposition.mjs";
import { exchange } from "../support/http.mjs";
import { repository } from "../support/server.mjs";

const skip = !isOwnServer && "a page of our own";
const inMemory = (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory");

const get = (api, headers = {}) => exchange(api, { method: "GET", path: "/metrics", headers });

async function read(api) {
    const { status, headers, text } = await get(api);
    assert.equal(status, 200, text);
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    return readExposition(text);
}

/* What a sum has grown by meanwhile. */
async function growth(api, work, ...measures) {
    const before = await read(api);
    await work();
    const after = await read(api);
    return measures.map(([name, labels]) => sumOf(after, name, labels) - sumOf(before, name, labels));
}

describe("the reader of the text format", () => {
    const head = (name, kind) => `# HELP ${name} Words.\n# TYPE ${name} ${kind}\n`;
    const buckets = (...lines) => head("h", "histogram") + lines.map((line) => `${line}\n`).join("");

    it("takes what is right", () => {
        const families = readExposition(`${head("a_total", "counter")}a_total{x="q\\"\\\\\\n",y=""} 1\na_total 0.5\n` +
            buckets('h_bucket{le="0.1"} 1', 'h_bucket{le="+Inf"} 2', "h_sum 3", "h_count 2"));
        assert.equal(sumOf(families, "a_total"), 1.5);
        assert.equal(families.get("a_total").samples[0].labels.x, 'q"\\\n');
    });

    for (const [reason, text, pattern] of [
        ["a last line without an end", `${head("a", "gauge")}a 1`, /does not end/],
        ["a sample without a family", "a 1\n", /outside of its family/],
        ["a sample of another family", `${head("a", "gauge")}b 1\n`, /outside of its family/],
        ["a TYPE without its HELP", "# TYPE a gauge\na 1\n", /not right behind HELP/],
        ["a type that is none", head("a", "meter"), /no such type/],
        ["a counter without _total", `${head("a", "counter")}a 1\n`, /end in _total/],
        ["a gauge with _total", head("a_total", "gauge"), /end in _total/],
        ["a family in two places", `${head("a", "gauge")}a 1\n${head("b", "gauge")}b 1\n${head("a", "gauge")}`, /do not stand together/],
        ["a sample twice", `${head("a", "gauge")}a{x="1"} 1\na{x="1"} 2\n`, /comes twice/],
        ["a label twice", `${head("a", "gauge")}a{x="1",x="2"} 1\n`, /comes twice/],
        ["a label's name", `${head("a", "gauge")}a{1x="1"} 1\n`, /no name of a label/],
        ["a bare quote", `${head("a", "gauge")}a{x="1"2"} 1\n`, /labels are not right/],
        ["an unknown escape", `${head("a", "gauge")}a{x="\\t"} 1\n`, /labels are not right/],
        ["a word for a number", `${head("a", "gauge")}a one\n`, /no number/],
        ["a number below zero", `${head("a", "gauge")}a -1\n`, /below zero/],
        ["buckets that fall", buckets('h_bucket{le="1"} 2', 'h_bucket{le="2"} 1', 'h_bucket{le="+Inf"} 2', "h_sum 3", "h_count 2"), /does not ascend/],
        ["bounds that fall", buckets('h_bucket{le="2"} 1', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2', "h_sum 3", "h_count 2"), /does not ascend/],
        ["no +Inf", buckets('h_bucket{le="1"} 1', 'h_bucket{le="2"} 2', "h_sum 3", "h_count 2"), /\+Inf is not the count/],
        ["another count", buckets('h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2', "h_sum 3", "h_count 3"), /\+Inf is not the count/],
        ["no sum", buckets('h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2', "h_count 2"), /not whole/],
    ])
        it(`refuses ${reason}`, () => assert.throws(() => readExposition(text), pattern));
});

describe("GET /metrics", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint());
    const table = isOwnServer && (await api.table());
    const key = (text) => ({ pk: { S: text } });

    it("is right from the first request on", async () => {
        const fresh = await openEndpoint();
        const families = await read(fresh);
        assert.ok(families.size > 60);
        assert.equal(sumOf(families, "stator_tables"), 0);
        assert.equal(sumOf(families, "stator_build_info"), 1);
        assert.equal(sumOf(families, "stator_writable"), 1);
        assert.ok(Math.abs(sumOf(families, "process_start_time_seconds") - Date.now() / 1000) < 600);
        assert.ok(sumOf(families, "process_resident_memory_bytes") > 1e6);
        assert.ok(sumOf(families, "process_open_fds") >= 3);
        assert.ok(sumOf(families, "stator_worker_threads_busy", { crew: "workers" }) >= 1, "this very page is made on one");
    });

    it("HEAD has no body, other methods are not its", async () => {
        const head = await exchange(api, { method: "HEAD", path: "/metrics" });
        assert.deepEqual([head.status, head.body.length], [200, 0]);
        for (const [method, path] of [["PUT", "/metrics"], ["DELETE", "/metrics"], ["GET", "/metrics/"]])
            assert.equal((await exchange(api, { method, path })).status, 404, `${method} ${path}`);
    });

    it("requests count for their operation, with their latency", async () => {
        const latency = "stator_successful_request_latency_seconds";
        const [puts, seconds, ofTable, groups] = await growth(api, async () => {
            for (let i = 0; i < 10; i++)
                await api.ok("PutItem", { TableName: table, Item: key(`${i}`) });
        }, [`${latency}_count`, { operation: "PutItem" }], [`${latency}_sum`, { operation: "PutItem" }],
        ["stator_table_successful_request_latency_seconds_count", { table, operation: "PutItem" }], ["stator_commit_groups_total"]);
        assert.deepEqual([puts, ofTable], [10, 10]);
        assert.ok(seconds > 0 && seconds < 20);
        assert.ok(groups >= 1 && groups <= 10);
    });

    it("failures count as what they are, and never as successes", async () => {
        const put = { TableName: table, Item: key("there"), ConditionExpression: "attribute_not_exists(pk)" };
        await api.ok("PutItem", { TableName: table, Item: key("there") });
        const measures = [
            ["stator_conditional_check_failed_requests_total", { table }],
            ["stator_user_errors_total", { operation: "PutItem", error: "ValidationException" }],
            ["stator_user_errors_total", { operation: "GetItem", error: "ResourceNotFoundException" }],
            ["stator_user_errors_total", { operation: "none", error: "UnknownOperationException" }],
            ["stator_user_errors_total", { operation: "none", error: "SerializationException" }],
            ["stator_user_errors_total", { operation: "PutItem", error: "ConditionalCheckFailedException" }],
            ["stator_successful_request_latency_seconds_count"],
        ];
        assert.deepEqual(await growth(api, async () => {
            await api.call("PutItem", put);
            await api.call("PutItem", put);
            await api.call("PutItem", { TableName: table, Item: {} });
            await api.call("GetItem", { TableName: "nobody", Key: key("a") });
            await api.call("NoSuchThing", {});
            await api.call("PutItem", "{");
        }, ...measures), [2, 1, 1, 1, 1, 0, 0]);
    });

    it("rehearsed faults count like real ones", async () => {
        const faulty = await openEndpoint({ faults: true });
        const TableName = await faulty.table();
        const faults = ["TransactionConflict", "ProvisionedThroughputExceeded", "InternalServerError"];
        assert.deepEqual(await growth(faulty, async () => {
            for (const Fault of faults) {
                const body = JSON.stringify({ Faults: [{ Fault, Operation: "PutItem" }] });
                const { status, text } = await exchange(faulty, { method: "PUT", path: "/_stator/faults", body });
                assert.equal(status, 200, text);
                await faulty.call("PutItem", { TableName, Item: key("a") });
            }
        }, ["stator_throttled_requests_total", { operation: "PutItem" }], ["stator_system_errors_total", { operation: "PutItem" }]), [1, 1]);
    });

    it("units and items count for their table and index", async () => {
        const TableName = await api.table("pk S", {
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "shelf", AttributeType: "S" }],
            GlobalSecondaryIndexes: [{ IndexName: "Shelves", KeySchema: [{ AttributeName: "shelf", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
        });
        const of = (name, index) => [name, index ? { table: TableName, index } : { table: TableName, index: undefined }];
        const query = { TableName, IndexName: "Shelves", KeyConditionExpression: "shelf = :o", ExpressionAttributeValues: { ":o": { S: "o" } } };
        assert.deepEqual(await growth(api, async () => {
            for (let i = 0; i < 4; i++)
                await api.ok("PutItem", { TableName, Item: { ...key(`${i}`), shelf: { S: "o" } } });
            await api.ok("GetItem", { TableName, Key: key("1") });
            await api.ok("Query", { ...query, FilterExpression: "pk > :k", ExpressionAttributeValues: { ":o": { S: "o" }, ":k": { S: "0" } } });
        }, of("stator_consumed_write_capacity_units_total"), of("stator_consumed_write_capacity_units_total", "Shelves"),
        of("stator_consumed_read_capacity_units_total"), of("stator_consumed_read_capacity_units_total", "Shelves"),
        of("stator_scanned_item_count_total", "Shelves"), of("stator_returned_item_count_total", "Shelves")),
        [4, 4, 0.5, 0.5, 4, 3]);
    });

    it("has what docs/metrics.md says, in its order", async () => {
        const rows = [...readFileSync(join(repository, "docs/metrics.md"), "utf8").matchAll(/^\| `(\w+)` \| (counter|gauge|histogram|summary) \| (.*?) \| (.*) \|$/gm)];
        const families = await read(api);
        assert.deepEqual([...families.values()].map(({ name, kind, help }) => [name, kind, help]), rows.map(([, name, kind, , help]) => [name, kind, help]));
        for (const [, name, , labels] of rows)
            for (const { labels: used } of families.get(name).samples)
                for (const label of Object.keys(used))
                    assert.ok(label === "le" || labels.includes(`\`${label}\``), `${name} has a label ${label}`);
    });

    it("shows a table's units and indexes while it is there, and nothing of it after", async () => {
        const TableName = await api.table("pk S", {
            BillingMode: "PROVISIONED",
            ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 9 },
        });
        await api.ok("PutItem", { TableName, Item: key("a") });
        const families = await read(api);
        assert.equal(sumOf(families, "stator_provisioned_read_capacity_units", { table: TableName }), 7);
        assert.equal(sumOf(families, "stator_provisioned_write_capacity_units", { table: TableName }), 9);
        assert.equal(sumOf(families, "stator_account_provisioned_write_capacity_utilization"), 0.01);
        assert.equal(sumOf(families, "stator_max_provisioned_table_write_capacity_utilization"), 0.02);
        await api.ok("DeleteTable", { TableName });
        await api.untilGone(TableName);
        assert.ok(!(await get(api)).text.includes(TableName));
    });

    it("is right with many tables that come and go, part by part", async () => {
        const many = await openEndpoint({ inMemory: true });
        const names = Array.from({ length: 300 }, (_, i) => `table-${"x".repeat(200)}-${String(i).padStart(3, "0")}`);
        const make = async (TableName) => {
            await many.table("pk S", { TableName });
            await many.ok("PutItem", { TableName, Item: key("a") });
        };
        const each = async (list, work) => {
            const left = [...list];
            await Promise.all(Array.from({ length: 8 }, async () => {
                while (left.length > 0)
                    await work(left.shift());
            }));
        };
        await each(names.slice(0, 250), make);
        const { text } = await get(many);
        assert.ok(text.length > 2 * 64 * 1024, `several parts: ${text.length}`);
        const families = readExposition(text);
        assert.equal(sumOf(families, "stator_tables"), 250);
        for (const name of ["stator_consumed_write_capacity_units_total", "stator_table_successful_request_latency_seconds_count"])
            assert.deepEqual(families.get(name.replace(/_count$/, "")).samples.filter((sample) => sample.name === name).map((sample) => sample.labels.table), names.slice(0, 250), name);

        let running = true;
        const changes = (async () => {
            await each(names.slice(0, 100), (TableName) => many.ok("DeleteTable", { TableName }));
            await each(names.slice(250), make);
            running = false;
        })();
        do
            await read(many);
        while (running);
        await changes;
        await each(names.slice(0, 100), (name) => many.untilGone(name));
        const after = await get(many);
        for (const name of names.slice(0, 100))
            assert.ok(!after.text.includes(name), name);
        assert.equal(sumOf(readExposition(after.text), "stator_consumed_write_capacity_units_total"), 200);
        assert.ok(sumOf(readExposition(after.text), "stator_request_bytes") < 2 * 1024 * 1024);
    });

    it("never shows what items hold", async () => {
        const secret = "do-not-tell-anybody";
        const item = { pk: { S: secret }, [secret]: { S: secret } };
        await api.ok("PutItem", { TableName: table, Item: item });
        await api.ok("GetItem", { TableName: table, Key: key(secret) });
        await api.call("PutItem", { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" });
        await api.call(secret, {});
        await api.call("GetItem", { TableName: secret, Key: key(secret) });
        assert.ok(!(await get(api)).text.includes(secret));
    });

    it("counters only grow, and each page is right under load", async () => {
        let running = true;
        const load = Array.from({ length: 8 }, async (_, i) => {
            for (let n = 0; running; n++) {
                await api.ok("PutItem", { TableName: table, Item: key(`${i}-${n % 50}`) });
                await api.ok("GetItem", { TableName: table, Key: key(`${i}-${n % 50}`) });
            }
        });
        let before = await read(api);
        for (let i = 0; i < 15; i++) {
            const after = await read(api);
            for (const [name, { kind, samples }] of before)
                for (const { name: each, labels, value } of kind === "gauge" ? [] : samples)
                    assert.ok(sumOf(after, each, labels) >= value, `${name} ${JSON.stringify(labels)} fell`);
            before = after;
        }
        running = false;
        await Promise.all(load);
    });

    it("other machines and other names are refused", async () => {
        const open = await openEndpoint({ host: "0.0.0.0" });
        assert.equal((await get(open)).status, 200);
        for (const host of ["rebound.example", "0.0.0.0", "10.0.0.1"])
            assert.equal((await get(open, { host })).status, 403, host);
        const outside = Object.values(networkInterfaces()).flat().find((each) => each.family === "IPv4" && !each.internal);
        if (outside)
            assert.equal((await get({ host: outside.address, port: open.port })).status, 403);
    });

    it("shows what the store is at", { skip: inMemory && "no RocksDB" }, async () => {
        const families = await read(api);
        assert.equal(families.get("stator_rocksdb_level_files").samples.length, 14);
        for (const name of ["stator_disk_free_bytes", "stator_disk_needed_bytes", "stator_rocksdb_block_cache_max_bytes", "stator_rocksdb_write_buffer_bytes", "stator_row_cache_hits_total", "stator_commit_sync_latency_seconds_count"])
            assert.ok(sumOf(families, name) > 0, name);
    });
});
