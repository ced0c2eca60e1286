/*
 * What accounting costs: user instructions of the server for each request, with --throughput off and
 * observe, by callgrind. Run alone: node bench/accounting.mjs (make bench does not).
 *
 * Each figure is the difference of two runs, so that starting and stopping do not count. Connections
 * are few and busy; the data is in memory, in a table on demand. What it was asked for before makes
 * its one partition a busy one: of quiet ones every access goes into the sketch of hot keys, which
 * costs twice as much (--quiet), where there is time for it.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.STATOR_BINARY ?? "build/stator";
const [FEW, MANY, ITEMS, CONNECTIONS, LARGE_WRITES] = [1000, 5000, 500, 8, 300];
const COST_MAX = 0.03;

const key = (i) => ({ pk: { S: createHash("md5").update(String(i % ITEMS)).digest("hex") } });
const item = (i) => ({ ...key(i), name: { S: "x".repeat(200) }, count: { N: String(i) } });
const shapes = {
    GetItem: (i) => ({ TableName: "Bench", Key: key(i), ConsistentRead: true }),
    PutItem: (i) => ({ TableName: "Bench", Item: item(i) }),
};

function start(throughput, profile) {
    const child = spawn("valgrind", ["--tool=callgrind", `--callgrind-out-file=${profile}`, binary, "serve", "--in-memory",
        "--port", "0", "--partitions", "1", "--threads", "1", "--throughput", throughput], { stdio: ["ignore", "ignore", "pipe"] });
    return new Promise((settle, reject) => {
        let log = "";
        child.stderr.on("data", (bytes) => {
            log += bytes;
            const port = /event=ready.*port=(\d+)/.exec(log)?.[1];
            if (port)
                settle({ child, port });
        });
        child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
    });
}

function call(server, agent, operation, body) {
    const text = JSON.stringify(body);
    const headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        authorization: "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=b",
        "x-amz-date": "20260101T000000Z",
        "content-length": Buffer.byteLength(text),
    };
    return new Promise((settle, reject) => {
        const sent = request({ port: server.port, host: "127.0.0.1", method: "POST", path: "/", headers, agent }, (response) => {
            response.resume();
            response.on("end", () => (response.statusCode === 200 ? settle() : reject(new Error(`${operation}: ${response.statusCode}`))));
        });
        sent.on("error", reject);
        sent.end(text);
    });
}

/* By what costs much to be charged and little to do. */
async function makeBusy(server, agent) {
    const Key = { pk: { S: "large" } };
    await call(server, agent, "PutItem", { TableName: "Bench", Item: { ...Key, fill: { S: "x".repeat(400_000) } } });
    for (let i = 0; i < LARGE_WRITES; i++)
        await call(server, agent, "UpdateItem", { TableName: "Bench", Key });
}

/* Instructions of a server that is filled, gets `count` requests, and stops. */
async function instructions(throughput, operation, count) {
    const profile = join(tmpdir(), `accounting-${process.pid}.out`);
    const server = await start(throughput, profile);
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    await call(server, agent, "CreateTable", {
        TableName: "Bench", BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    });
    if (!process.argv.includes("--quiet"))
        await makeBusy(server, agent);
    for (let i = 0; i < ITEMS; i++)
        await call(server, agent, "PutItem", shapes.PutItem(i));
    let next = 0;
    const client = async () => {
        while (next < count)
            await call(server, agent, operation, shapes[operation](next++));
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    agent.destroy();
    server.child.removeAllListeners("exit");
    await new Promise((settle) => {
        server.child.on("exit", settle);
        server.child.kill("SIGTERM");
    });
    const total = Number(/^(?:totals|summary): (\d+)/m.exec(readFileSync(profile, "latin1"))[1]);
    rmSync(profile);
    return total;
}

const each = async (throughput, operation) =>
    (await instructions(throughput, operation, MANY) - await instructions(throughput, operation, FEW)) / (MANY - FEW);

for (const operation of Object.keys(shapes)) {
    const off = await each("off", operation);
    const observe = await each("observe", operation);
    const cost = observe / off - 1;
    console.log(`${operation}: ${off.toFixed(0)} instructions off, ${observe.toFixed(0)} observed: ${(100 * cost).toFixed(1)} %`);
    if (cost > COST_MAX)
        process.exitCode = 1;
}
