/*
 * Where an API test sends its requests: the endpoint named by STATOR_ENDPOINT
 * (https://dynamodb.eu-west-2.amazonaws.com with AWS_REGION and credentials), else a server of
 * its own, started for the test file and gone after it.
 *
 *   const api = await openEndpoint();      at the top of a test file
 *   await api.call("PutItem", { ... })     raw HTTP: { status, headers, text, json }
 *   await api.client.send(new Command())   the AWS SDK
 *   await api.table({ ... })               a table with a random name, ACTIVE, deleted afterwards
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { crc32 } from "./crc32.mjs";
import { exchange, signedHeaders } from "./http.mjs";
import { checkAnswer } from "./shape.mjs";
import { startServer } from "./server.mjs";
import { targetOf } from "./target.mjs";

const REGION = process.env.AWS_REGION ?? "us-east-1";

export const isOwnServer = !process.env.STATOR_ENDPOINT;

export async function openEndpoint(options = {}) {
    const server = isOwnServer ? await startServer(options) : null;
    const api = new Endpoint(process.env.STATOR_ENDPOINT ?? server.url, server);
    after(() => api.close());
    return api;
}

/* The SDK with nothing hidden: one attempt, so that every answer is seen. */
export function makeClient(url, settings = {}, Client = DynamoDBClient) {
    return new Client({
        endpoint: url,
        region: REGION,
        maxAttempts: 1,
        credentials: {
            accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "AKIDEXAMPLE",
            secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "secret",
            sessionToken: process.env.AWS_SESSION_TOKEN,
        },
        ...settings,
    });
}

export class Endpoint {
    #tables = new Set();

    constructor(url, server = null) {
        const { protocol, hostname, port } = new URL(url);
        this.url = url;
        this.host = hostname;
        this.secure = protocol === "https:";
        this.port = Number(port || (this.secure ? 443 : 80));
        this.region = REGION;
        this.server = server;
        this.client = makeClient(url);
    }

    /* `body` is sent as it is when it is text or bytes; `headers` replace or (undefined) remove. */
    async call(operation, body = {}, headers = {}) {
        const bytes = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
        const target = operation === undefined ? undefined : targetOf(operation);
        const signed = signedHeaders(this, target, bytes);
        const sent = { "content-type": "application/x-amz-json-1.0", ...signed };
        for (const [name, value] of Object.entries(headers))
            sent[name.toLowerCase()] = value;
        const response = await exchange(this, { headers: sent, body: bytes });
        checkEnvelope(response);
        const json = parseJson(response.text);
        if (sent["x-amz-target"] === target)
            checkAnswer(operation, response.status, json);
        return { ...response, json };
    }

    /* A call that must succeed; its JSON. */
    async ok(operation, body) {
        const { status, text, json } = await this.call(operation, body);
        if (status !== 200)
            throw new Error(`${operation} ${JSON.stringify(body)?.slice(0, 400)} answered ${status} ${text}`);
        return json;
    }

    /* The item of a key; undefined: there is none. */
    async item(TableName, Key) {
        return (await this.ok("GetItem", { TableName, Key, ConsistentRead: true })).Item;
    }

    tableName() {
        return `stator-test-${randomBytes(8).toString("hex")}`;
    }

    /* "pk S" or "pk S, sk N": a table with these keys, ACTIVE; its name. Deleted by close. */
    async table(keys = "pk S", more = {}) {
        const name = more.TableName ?? this.tableName();
        const columns = keys.split(",").map((each) => each.trim().split(" "));
        this.#tables.add(name);
        await this.ok("CreateTable", {
            TableName: name,
            AttributeDefinitions: columns.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
            KeySchema: columns.map(([AttributeName], index) => ({ AttributeName, KeyType: index ? "RANGE" : "HASH" })),
            BillingMode: "PAY_PER_REQUEST",
            ...more,
        });
        await this.untilActive(name);
        return name;
    }

    async untilActive(name) {
        await this.#until(async () => {
            const { json } = await this.call("DescribeTable", { TableName: name });
            return json?.Table?.TableStatus === "ACTIVE";
        }, `${name} is ACTIVE`);
    }

    async untilIndexesActive(name) {
        await this.#until(async () => {
            const { json } = await this.call("DescribeTable", { TableName: name });
            return json.Table.GlobalSecondaryIndexes.every(({ IndexStatus }) => IndexStatus === "ACTIVE");
        }, `the indexes of ${name} are ACTIVE`);
    }

    async untilGone(name) {
        await this.#until(async () => {
            const { json } = await this.call("DescribeTable", { TableName: name });
            return json?.__type?.endsWith("#ResourceNotFoundException");
        }, `${name} is gone`);
    }

    /* The service is slow to change tables: ask again, a little later each time. */
    async #until(holds, claim) {
        for (let wait_ms = 2; wait_ms < 40_000; wait_ms *= 2) {
            if (await holds())
                return;
            await pause(wait_ms);
        }
        throw new Error(`it did not become true that ${claim}`);
    }

    /* Tables made by other means than table(), to be deleted by close. */
    willDelete(name) {
        this.#tables.add(name);
    }

    async close() {
        if (!this.server)
            for (const name of this.#tables)
                await this.call("DeleteTable", { TableName: name });
        this.client.destroy();
        await this.server?.dispose();
    }
}

/* What every answer of the API carries, success or error: a request id, and the body's CRC. */
function checkEnvelope({ status, headers, body, text }) {
    const told = `${status} ${JSON.stringify(headers)} ${text.slice(0, 400)}`;
    assert.match(headers["x-amzn-requestid"] ?? "", /^[A-Z0-9]{52}$/, told);
    assert.equal(headers["x-amz-crc32"], String(crc32(body)), told);
    assert.equal(headers["content-length"], String(body.length), told);
}

function parseJson(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
