/*
 * A client that knows whether it was answered: the ground of every claim about lost writes.
 * A call either gives the server's whole answer or fails with Unanswered.
 */
import http from "node:http";
import { signedHeaders } from "../support/http.mjs";

export class Unanswered extends Error {}

export class Client {
    #agent = new http.Agent({ keepAlive: true, maxSockets: 256, noDelay: true });
    #port;

    constructor(port) {
        this.#port = port;
    }

    /* { status, json, type }: type is the name of the error, "" for a success. */
    call(operation, body) {
        const bytes = Buffer.from(JSON.stringify(body));
        return new Promise((settle, reject) => {
            const unanswered = (why) => reject(new Unanswered(`${operation}: ${why.message ?? why}`));
            const request = http.request(
                { host: "127.0.0.1", port: this.#port, method: "POST", agent: this.#agent, headers: this.#headers(operation, bytes) },
                (response) => {
                    const parts = [];
                    response.on("data", (part) => parts.push(part));
                    response.on("error", unanswered);
                    response.on("end", () => {
                        const text = Buffer.concat(parts).toString("utf8");
                        const json = text.startsWith("{") ? JSON.parse(text) : {};
                        settle({ status: response.statusCode, json, text, type: (json.__type ?? "").split("#").at(-1) });
                    });
                },
            );
            request.on("error", unanswered);
            request.end(bytes);
        });
    }

    /* The JSON of a call that must succeed. */
    async ok(operation, body) {
        const { status, json, text } = await this.call(operation, body);
        if (status !== 200)
            throw new Error(`${operation} answered ${status} ${text.slice(0, 400)}`);
        return json;
    }

    /* A table with a string and a number as its key, ACTIVE. */
    async createTable(name) {
        await this.ok("CreateTable", tableDefinition(name));
        await this.untilActive(name);
    }

    /* The table and every index of it. */
    async untilActive(name) {
        for (;;) {
            const { Table } = await this.ok("DescribeTable", { TableName: name });
            const isBuilt = (Table.GlobalSecondaryIndexes ?? []).every((index) => index.IndexStatus === "ACTIVE");
            if (Table.TableStatus === "ACTIVE" && isBuilt)
                return;
            await new Promise((settle) => setTimeout(settle, 5));
        }
    }

    /* Every item, page by page. */
    async scan(name) {
        const items = [];
        let from;
        do {
            const page = await this.ok("Scan", { TableName: name, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) });
            items.push(...page.Items);
            from = page.LastEvaluatedKey;
        } while (from);
        return items;
    }

    close() {
        this.#agent.destroy();
    }

    #headers(operation, bytes) {
        const endpoint = { host: "127.0.0.1", port: this.#port };
        const now = Math.floor(Date.now() / 1000);
        const cached = signatures.get(operation);
        if (cached?.now !== now || cached.port !== this.#port)
            signatures.set(operation, {
                now,
                port: this.#port,
                /* Signatures are not verified yet: one a second serves every body. */
                headers: signedHeaders(endpoint, `DynamoDB_20120810.${operation}`, bytes),
            });
        return {
            ...signatures.get(operation).headers,
            "content-type": "application/x-amz-json-1.0",
            "content-length": bytes.length,
        };
    }
}

const signatures = new Map();

/* Every write gives its item another token, so entries of both indexes move; check compares. */
export function tableDefinition(name) {
    const keys = (hash, range) => [
        { AttributeName: hash, KeyType: "HASH" },
        { AttributeName: range, KeyType: "RANGE" },
    ];
    const Projection = { ProjectionType: "KEYS_ONLY" };
    return {
        TableName: name,
        AttributeDefinitions: [
            { AttributeName: "pk", AttributeType: "S" },
            { AttributeName: "sk", AttributeType: "N" },
            { AttributeName: "token", AttributeType: "S" },
        ],
        KeySchema: keys("pk", "sk"),
        LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: keys("pk", "token"), Projection }],
        GlobalSecondaryIndexes: [{ IndexName: "global", KeySchema: keys("token", "sk"), Projection }],
        BillingMode: "PAY_PER_REQUEST",
    };
}
