/*
 * HTTP as the service speaks it, and as strangers may: framing, limits, hosts, origins.
 * Source: error texts captured from the service.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { crc32 } from "../support/crc32.mjs";
import { Connection, exchange, requestBytes, signedHeaders } from "../support/http.mjs";
import { expectError } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table();
const key = { pk: { S: "http" } };
await api.ok("PutItem", { TableName: table, Item: key });
const GET_ITEM = JSON.stringify({ TableName: table, Key: key });

const TARGET = "DynamoDB_20120810.GetItem";
const JSON_TYPE = "application/x-amz-json-1.0";
const headers = (body = GET_ITEM, more = {}) => ({ "content-type": JSON_TYPE, ...signedHeaders(api, TARGET, body), ...more });
const request = (body = GET_ITEM, more = {}) => requestBytes(api, { headers: headers(body, more), body });

/* Send bytes, read one response, and say whether the connection stays open. */
async function raw(bytes) {
    const connection = await Connection.open(api);
    try {
        connection.write(bytes);
        return await connection.response();
    } finally {
        connection.close();
    }
}

const isItem = (response) => {
    assert.equal(response?.status, 200, response?.text);
    assert.deepEqual(JSON.parse(response.text), { Item: key });
};

describe("special requests", () => {
    it("GET / is healthy, without authorization", async () => {
        const { status, text, headers } = await exchange(api, { method: "GET" });
        assert.equal(status, 200);
        assert.match(text, /^healthy: dynamodb\.[a-z0-9-]+\.amazonaws\.com $/);
        assert.equal(headers["x-amz-crc32"], String(crc32(Buffer.from(text))));
        assert.match(headers["x-amzn-requestid"], /^[A-Z0-9]{52}$/);
    });

    const unknown = [
        ["GET elsewhere", { method: "GET", path: "/elsewhere" }],
        ["PUT", { method: "PUT", body: "{}", headers: { "Content-Type": JSON_TYPE } }],
        ["DELETE", { method: "DELETE" }],
        ["a content type that is none of ours", { body: "{}", headers: { "Content-Type": "text/html" } }],
    ];
    for (const [claim, sent] of unknown)
        it(`${claim} is 404`, async () => {
            const { status, text, headers } = await exchange(api, sent);
            assert.deepEqual([status, text, headers["x-amz-crc32"]], [404, "<UnknownOperationException/>\n", "3552371480"]);
        });

    it("no target, an unknown one, another service's", async () => {
        for (const target of [undefined, "", "GetItem", "DynamoDB_20120810", "DynamoDB_20120810.", "DynamoDB_20111205.GetItem", "Kinesis_20131202.ListStreams", "dynamodb_20120810.GetItem"])
            expectError(await api.call("GetItem", GET_ITEM, { "x-amz-target": target }), "UnknownOperationException", undefined);
    });
});

describe("content types", () => {
    for (const [sent, received] of [
        [JSON_TYPE, JSON_TYPE],
        ["application/json", "application/json"],
        ["application/json; charset=utf-8", "application/json"],
        [`${JSON_TYPE};charset=utf-8`, JSON_TYPE],
    ])
        it(`${sent} is answered with ${received}`, async () => {
            const answer = await api.call("GetItem", GET_ITEM, { "content-type": sent });
            isItem(answer);
            assert.equal(answer.headers["content-type"], received);
        });
});

describe("bodies that are no request", () => {
    const bad = {
        "nothing": "",
        "blanks": "  ",
        "half an object": '{"TableName":',
        "text after the object": "{} {}",
        "a trailing comma": '{"TableName":"a",}',
        "a single quote": "{'TableName':'a'}",
        "a comment": "{/* */}",
        "a bare word": "{TableName:1}",
        "NaN": '{"Limit":NaN}',
        "a leading zero": '{"Limit":01}',
        "a raw newline in a string": '{"TableName":"a\nb"}',
        "a bad escape": '{"TableName":"\\x41"}',
        "a lone surrogate": '{"TableName":"\\ud800"}',
        "broken UTF-8": Buffer.concat([Buffer.from('{"TableName":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
        "an overlong NUL": Buffer.concat([Buffer.from('{"TableName":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]),
        "a thousand brackets": `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`,
        "a million brackets": `{"a":${"[".repeat(1_000_000)}`,
    };
    for (const [claim, body] of Object.entries(bad))
        it(`${claim}: SerializationException without a text`, async () => {
            expectError(await api.call("GetItem", body), "SerializationException", undefined);
        });
    for (const body of ["[]", '"text"', "1", "null", "true"])
        it(`${body} is no object`, async () => {
            const { status, json } = await api.call("GetItem", body);
            assert.equal(status, 400);
            assert.match(json.__type, /#(SerializationException|ValidationException)$/);
        });
});

describe("framing", () => {
    it("a connection is kept and used again", async () => {
        const connection = await Connection.open(api);
        for (let round = 0; round < 100; round++) {
            connection.write(request());
            isItem(await connection.response());
        }
        connection.close();
    });

    it("pipelined requests are answered in order", async () => {
        const connection = await Connection.open(api);
        const count = 50;
        connection.write(Buffer.concat(Array.from({ length: count }, (_, index) =>
            request(JSON.stringify({ TableName: table, Key: { pk: { S: index % 2 ? "nobody" : "http" } } })))));
        for (let index = 0; index < count; index++) {
            const { status, text } = await connection.response();
            assert.deepEqual([status, JSON.parse(text)], [200, index % 2 ? {} : { Item: key }]);
        }
        connection.close();
    });

    it("an error does not end a pipeline", async () => {
        const connection = await Connection.open(api);
        connection.write(Buffer.concat([request("{"), request(), request("{}"), request()]));
        const statuses = [];
        for (let index = 0; index < 4; index++)
            statuses.push((await connection.response()).status);
        assert.deepEqual(statuses, [400, 200, 400, 200]);
        connection.close();
    });

    it("a request may come byte by byte", async () => {
        const connection = await Connection.open(api);
        for (const byte of request()) {
            connection.write(Buffer.of(byte));
            await new Promise(setImmediate);
        }
        isItem(await connection.response());
        connection.close();
    });

    it("chunks are joined", async () => {
        const chunks = [GET_ITEM.slice(0, 1), GET_ITEM.slice(1, 20), GET_ITEM.slice(20)];
        const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("") + "0\r\n\r\n";
        const head = requestBytes(api, { headers: headers(GET_ITEM, { "transfer-encoding": "chunked" }) });
        isItem(await raw(Buffer.concat([head, Buffer.from(framed)])));
    });

    it("gzip is undone", async () => {
        const body = gzipSync(GET_ITEM);
        isItem(await exchange(api, { headers: headers(body, { "content-encoding": "gzip" }), body }));
    });

    it("gzip in two members and a deflated body are undone", async () => {
        const members = Buffer.concat([gzipSync(GET_ITEM.slice(0, 10)), gzipSync(GET_ITEM.slice(10))]);
        isItem(await exchange(api, { headers: headers(members, { "content-encoding": "gzip" }), body: members }));
        const deflated = deflateSync(GET_ITEM);
        isItem(await exchange(api, { headers: headers(deflated, { "content-encoding": "deflate" }), body: deflated }));
    });

    it("a reply over 4 KB is coded as Accept-Encoding asks, its checksum that of the coded bytes", async () => {
        const item = { pk: { S: "long" }, text: { S: "x".repeat(5000) } };
        await api.ok("PutItem", { TableName: table, Item: item });
        const read = { TableName: table, Key: { pk: { S: "long" } }, ConsistentRead: true };
        const plain = { gzip: gunzipSync, deflate: inflateSync, undefined: (body) => body };
        for (const [accepted, coding] of [["identity"], ["br"], ["gzip", "gzip"], ["deflate", "deflate"], ["deflate;q=0.5, gzip", "gzip"], ["*, gzip;q=0.5", "deflate"]]) {
            const body = JSON.stringify(read);
            const response = await exchange(api, { headers: headers(body, { "accept-encoding": accepted }), body });
            assert.equal(response.headers["content-encoding"], coding, accepted);
            assert.equal(response.headers["x-amz-crc32"], String(crc32(response.body)), accepted);
            assert.deepEqual(JSON.parse(plain[coding](response.body)).Item, item);
        }
    });

    it("gzip that is none, is cut short or is followed by more is refused", async () => {
        const good = gzipSync(GET_ITEM);
        for (const body of [Buffer.from("not gzip"), good.subarray(0, good.length - 6), Buffer.concat([good, Buffer.from("more")])]) {
            const response = await exchange(api, { headers: headers(body, { "content-encoding": "gzip" }), body });
            assert.ok(response === null || response.status === 400, String(response?.status));
        }
    });

    it("gzip that unfolds beyond 16 MB is refused", async () => {
        const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
        const response = await exchange(api, { headers: headers(body, { "content-encoding": "gzip" }), body });
        assert.ok([400, 413].includes(response.status), String(response.status));
    });

    it("Expect: 100-continue is answered before the body", async () => {
        const connection = await Connection.open(api);
        const bytes = request(GET_ITEM, { expect: "100-continue" });
        const end = bytes.indexOf("\r\n\r\n") + 4;
        connection.write(bytes.subarray(0, end));
        assert.equal((await connection.response()).status, 100);
        connection.write(bytes.subarray(end));
        isItem(await connection.response());
        connection.close();
    });

    it("an upgrade that is offered is not taken, and the connection goes on", async () => {
        const connection = await Connection.open(api);
        for (const protocol of ["h2c", "websocket"]) {
            connection.write(request(GET_ITEM, { connection: "Upgrade, HTTP2-Settings", upgrade: protocol, "http2-settings": "AAMAAABkAAQAoAAA" }));
            isItem(await connection.response());
        }
        connection.close();
    });

    it("Connection: close closes after the answer", async () => {
        const connection = await Connection.open(api);
        connection.write(request(GET_ITEM, { connection: "close" }));
        isItem(await connection.response());
        assert.equal(await connection.closed(), true);
    });

    it("a client that half-closes still gets its answer", async () => {
        const connection = await Connection.open(api);
        connection.write(request());
        connection.end();
        isItem(await connection.response());
        connection.close();
    });

    it("HTTP/1.0 is answered and closed", async () => {
        const connection = await Connection.open(api);
        connection.write(Buffer.from(request().toString().replace("HTTP/1.1", "HTTP/1.0")));
        const response = await connection.response();
        assert.ok(response === null || [200, 400, 505].includes(response.status));
        assert.equal(await connection.closed(), true);
    });
});

describe("limits", () => {
    it("a body over 16 MB is 413 without a body", async () => {
        const connection = await Connection.open(api);
        connection.write(requestBytes(api, { headers: headers("", { "content-length": 16 * 1024 * 1024 + 1 }) }));
        const { status, body } = await connection.response();
        assert.deepEqual([status, body.length], [413, 0]);
        assert.equal(await connection.closed(), true);
    });

    it("a chunked body over 16 MB is 413", async () => {
        const connection = await Connection.open(api);
        connection.write(requestBytes(api, { headers: headers("", { "transfer-encoding": "chunked" }) }));
        const chunk = Buffer.alloc(1024 * 1024, 0x20);
        for (let count = 0; count < 17; count++)
            connection.write(Buffer.concat([Buffer.from("100000\r\n"), chunk, Buffer.from("\r\n")]));
        const response = await connection.response();
        assert.ok(response === null || response.status === 413);
        connection.close();
    });

    it("a body of just under 16 MB is read", async () => {
        const body = GET_ITEM.padEnd(16 * 1024 * 1024);
        isItem(await api.call("GetItem", body));
    });

    it("headers over 16 KB are a plain 400", async () => {
        const response = await raw(request(GET_ITEM, { "x-fill": "x".repeat(17_000) }));
        assert.ok(response === null || [400, 431].includes(response.status), String(response?.status));
    });

    it("a request line over 16 KB is a plain 400", async () => {
        const response = await raw(`GET /${"x".repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        assert.ok(response === null || [400, 414].includes(response.status), String(response?.status));
    });
});

/* What two readers could read differently must be read by none. */
describe("ambiguous framing is refused", { skip: !isOwnServer && "made for our own parser" }, () => {
    const head = (lines) => `POST / HTTP/1.1\r\nHost: ${api.host}:${api.port}\r\nContent-Type: ${JSON_TYPE}\r\nX-Amz-Target: ${TARGET}\r\n${lines}\r\n\r\n`;
    const smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const cases = {
        "two lengths that differ": head("Content-Length: 2\r\nContent-Length: 44") + "{}" + smuggled,
        "two lengths that agree": head("Content-Length: 2\r\nContent-Length: 2") + "{}",
        "a length and chunks": head("Content-Length: 4\r\nTransfer-Encoding: chunked") + "2\r\n{}\r\n0\r\n\r\n" + smuggled,
        "chunks and a length": head("Transfer-Encoding: chunked\r\nContent-Length: 4") + "2\r\n{}\r\n0\r\n\r\n",
        "a negative length": head("Content-Length: -2") + "{}",
        "a length with a plus": head("Content-Length: +2") + "{}",
        "a length in hex": head("Content-Length: 0x2") + "{}",
        "a list of lengths": head("Content-Length: 2, 2") + "{}",
        "a length beyond 64 bits": head("Content-Length: 99999999999999999999999") + "{}",
        "a coding after chunked": head("Transfer-Encoding: chunked, identity") + "2\r\n{}\r\n0\r\n\r\n",
        "chunked twice": head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") + "2\r\n{}\r\n0\r\n\r\n",
        "another coding": head("Transfer-Encoding: gzip") + "{}",
        "a misspelled coding": head("Transfer-Encoding: xchunked") + "2\r\n{}\r\n0\r\n\r\n",
        "a blank before the colon": head("Content-Length : 2") + "{}",
        "a folded header": head("X-Folded: a\r\n b\r\nContent-Length: 2") + "{}",
        "a bare line feed": head("Content-Length: 2").replaceAll("\r\n", "\n") + "{}",
        "a bare carriage return in a header": head("X-A: b\rContent-Length: 2\r\nContent-Length: 2") + "{}",
        "a NUL in a header": head("X-A: a\0b\r\nContent-Length: 2") + "{}",
        "a chunk size with a sign": head("Transfer-Encoding: chunked") + "+2\r\n{}\r\n0\r\n\r\n",
        "a chunk size that is none": head("Transfer-Encoding: chunked") + "x\r\n{}\r\n0\r\n\r\n",
        "a chunk size beyond 64 bits": head("Transfer-Encoding: chunked") + "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "a chunk without its end": head("Transfer-Encoding: chunked") + "2\r\n{}0\r\n\r\n",
        "two hosts": head(`Host: localhost\r\nContent-Length: 2`) + "{}",
        "no host": head("Content-Length: 2").replace(/Host: .*\r\n/, "") + "{}",
        "no HTTP at all": "hello\r\n\r\n",
        "TLS": Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 0x0d, 0x0a, 0x0d, 0x0a]),
        "a method of its own": "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "HTTP/2 without asking": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        "another protocol": "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    };
    for (const [claim, bytes] of Object.entries(cases))
        it(claim, async () => {
            const connection = await Connection.open(api);
            connection.write(bytes);
            connection.end();
            const response = await connection.response();
            if (response !== null) {
                assert.ok(response.status >= 400 && response.status < 500 || response.status === 501 || response.status === 505, String(response.status));
                assert.equal(await connection.response(), null, "nothing after the refusal is read as a request");
            }
            connection.close();
        });

    it("and the server serves on", async () => isItem(await api.call("GetItem", GET_ITEM)));
});

describe("hosts", { skip: !isOwnServer && "the defence of a server on loopback" }, () => {
    const withHost = (host) => api.call("GetItem", GET_ITEM, { host });
    for (const host of ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8000"])
        it(`${host} is served`, async () => isItem(await withHost(host)));

    it("an absolute target's host counts, not the header's", async () => {
        const status = async (target, host) => {
            const connection = await Connection.open(api);
            connection.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
            const response = await connection.response();
            connection.close();
            return response.status;
        };
        assert.equal(await status("http://localhost/healthz", "evil.example"), 200);
        assert.equal(await status("http://evil.example/healthz", "localhost"), 403);
        assert.equal(await status("http://localhost@evil.example/_stator/partitions", "localhost"), 403);
    });

    it("a probe that speaks HTTP/1.0 and names no host is answered, pages of the server's own are not shown to it", async () => {
        for (const [path, expected] of [["/healthz", 200], ["/readyz", 200], ["/", 200], ["/metrics", 403], ["/_stator/partitions", 403]]) {
            const connection = await Connection.open(api);
            connection.write(`GET ${path} HTTP/1.0\r\n\r\n`);
            assert.equal((await connection.response()).status, expected, path);
            assert.equal(await connection.closed(), true);
        }
    });

    for (const host of ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost@evil.example", ""])
        it(`${JSON.stringify(host)} is refused on loopback`, async () => {
            const { status, text } = await exchange(api, { headers: headers(GET_ITEM, { host }), body: GET_ITEM });
            assert.ok(status >= 400 && status < 500, `${status} ${text}`);
            assert.ok(!text.includes("Item"));
        });
});

describe("origins", { skip: !isOwnServer && "an option of our own" }, async () => {
    const APP = "https://app.example";
    const open = isOwnServer && (await openEndpoint({ corsOrigin: `${APP},http://localhost:3000` }));
    const list = (endpoint, origin) => endpoint.call("ListTables", {}, { origin });
    const preflight = (endpoint, origin) => exchange(endpoint, {
        method: "OPTIONS",
        headers: { Origin: origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-amz-target" },
    });
    const allowed = ({ headers }) => headers["access-control-allow-origin"];

    it("none is allowed by default", async () => {
        assert.equal(allowed(await exchange(api, { method: "GET", headers: { Origin: APP } })), undefined);
        assert.equal(allowed(await preflight(api, APP)), undefined);
        const post = await exchange(api, { headers: headers(GET_ITEM, { origin: APP }), body: GET_ITEM });
        assert.equal(allowed(post), undefined);
    });

    it("those named are allowed, preflight and call", async () => {
        for (const origin of [APP, "http://localhost:3000"]) {
            assert.equal(allowed(await list(open, origin)), origin);
            const { status, headers: given, body } = await preflight(open, origin);
            assert.deepEqual([status, body.length, given["access-control-allow-origin"]], [200, 0, origin]);
            assert.match(given["access-control-allow-methods"], /POST/);
            assert.match(given["access-control-allow-headers"], /x-amz-target/i);
            assert.equal(given["access-control-max-age"], "172800");
        }
    });

    it("others are not, not even nearly", async () => {
        for (const origin of ["https://other.example", "http://app.example", "https://app.example:444", "https://app.example.evil.example", "null"]) {
            assert.equal(allowed(await preflight(open, origin)), undefined, origin);
            const post = await exchange(open, { headers: { "content-type": JSON_TYPE, ...signedHeaders(open, "DynamoDB_20120810.ListTables", "{}"), origin }, body: "{}" });
            assert.equal(allowed(post), undefined, origin);
        }
    });
});

describe("clients that leave", () => {
    it("mid-head, mid-body and before the answer do no harm", async () => {
        const bytes = request();
        for (const size of [1, 30, bytes.indexOf("\r\n\r\n") + 10, bytes.length]) {
            const connection = await Connection.open(api);
            connection.write(bytes.subarray(0, size));
            connection.close();
        }
        isItem(await api.call("GetItem", GET_ITEM));
    });
});
