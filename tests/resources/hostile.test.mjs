/* Bytes no client would send: an error or a closed connection, and the server is as before. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Random } from "../crash/random.mjs";
import { Connection, requestBytes, signedHeaders } from "../support/http.mjs";
import { strain, TABLE } from "./observe.mjs";

const ANSWER_MS_MAX = 20_000;
const seed = Number(process.env.STATOR_SEED ?? randomBytes(4).readUInt32LE());
const random = new Random(seed);
const strained = await strain();
const { endpoint } = strained;

/* The status of the first answer, "closed", or "nothing" while the server waits for more. */
async function send(bytes) {
    const connection = await Connection.open(endpoint);
    try {
        connection.write(bytes);
        const timer = setTimeout(() => connection.close(), ANSWER_MS_MAX);
        connection.end();
        const answer = await connection.response().catch(() => null);
        clearTimeout(timer);
        return answer?.status ?? "closed";
    } finally {
        connection.close();
    }
}

function call(operation, body, more = {}) {
    const bytes = Buffer.from(body);
    const headers = { "content-type": "application/x-amz-json-1.0", ...signedHeaders(endpoint, `DynamoDB_20120810.${operation}`, bytes), ...more };
    return requestBytes(endpoint, { headers, body: bytes });
}

const put = (value) => `{"TableName":"${TABLE}","Item":{"pk":{"S":"x"},"sk":{"N":"1"},"a":${value}}}`;
const deep = (levels, open, close, core) => open.repeat(levels) + core + close.repeat(levels);

const cases = [
    ["half a UTF-8 sequence", call("PutItem", Buffer.concat([Buffer.from(put('{"S":"')), Buffer.from([0xe2, 0x82])]))],
    ["a lone surrogate", call("PutItem", put('{"S":"\\ud800"}'))],
    ["an overlong encoding", call("PutItem", Buffer.from(put('{"S":"\xc0\x80"}'), "latin1"))],
    ["lists 100,000 deep", call("PutItem", put(deep(100_000, '{"L":[', "]}", '{"S":"x"}')))],
    ["bare brackets, a million", call("PutItem", "[".repeat(1_000_000))],
    ["objects a million deep", call("PutItem", '{"a":'.repeat(1_000_000))],
    ["a condition of 300,000 parentheses", call("PutItem", JSON.stringify({ TableName: TABLE, Item: { pk: { S: "x" }, sk: { N: "1" } }, ConditionExpression: "(".repeat(300_000) }))],
    ["a body of 17 MB", call("PutItem", put(`{"S":"${"x".repeat(17 * 1024 * 1024)}"}`))],
    ["a body that says it has 17 MB", `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${17 * 1024 * 1024}\r\n\r\nx`],
    ["a length beyond every number", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n"],
    ["a negative length", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"],
    ["a head of 1 MB", `GET / HTTP/1.1\r\nX: ${"y".repeat(1024 * 1024)}\r\n\r\n`],
    ["100,000 headers", `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(100_000)}\r\n`],
    ["a first line without an end", "G".repeat(1024 * 1024)],
    ["a chunk size beyond every number", "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n"],
    ["17 MB in chunks", Buffer.concat([Buffer.from("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ...Array.from({ length: 17 }, () => Buffer.from(`100000\r\n${"x".repeat(1 << 20)}\r\n`)), Buffer.from("0\r\n\r\n")])],
    ["a gzip body that unfolds to 200 MB", call("PutItem", gzipSync(Buffer.alloc(200 * 1024 * 1024)), { "content-encoding": "gzip" })],
    ["a gzip body that is none", call("PutItem", "not gzip", { "content-encoding": "gzip" })],
    ["a number of 100,000 digits", call("PutItem", put(`{"N":"${"9".repeat(100_000)}"}`))],
    ["a TLS greeting", Buffer.from("16030100a5010000a10303", "hex")],
    ["zeros", Buffer.alloc(100_000)],
];

test("hostile requests get an error or a closed connection, and others are served", async (context) => {
    await strained.serve();
    const before = strained.usage();
    for (const [what, bytes] of cases)
        await context.test(what, async () => {
            const { served } = await strained.others(async () => {
                const answer = await send(bytes);
                assert.ok(answer === "closed" || (answer >= 400 && answer < 500), String(answer));
            });
            assert.ok(served > 0);
        });
    await strained.returnsTo(before, 96);
});

test(`random bytes are survived (seed ${seed})`, async () => {
    const before = strained.usage();
    await strained.others(async () => {
        for (let i = 0; i < 200; i++) {
            const answer = await send(randomBytes(random.between(1, 5000)));
            assert.ok(answer === "closed" || answer === 400, String(answer));
        }
    });
    await strained.returnsTo(before);
});

test(`requests with random damage are survived (seed ${seed})`, async () => {
    const before = strained.usage();
    const good = call("PutItem", put('{"M":{"list":{"L":[{"N":"1.5"},{"BOOL":true},{"NULL":true},{"SS":["a","b"]}]}}}'));
    await strained.others(async () => {
        for (let i = 0; i < 600; i++) {
            const bytes = Buffer.from(good);
            for (let flips = random.between(1, 3); flips > 0; flips--)
                bytes[random.below(bytes.length)] = random.below(256);
            const answer = await send(bytes.subarray(0, random.chance(20) ? random.below(bytes.length) : undefined));
            assert.ok(answer === "closed" || answer < 500 || answer === 501 || answer === 505, String(answer));
        }
    });
    await strained.returnsTo(before);
    await strained.stop();
});
