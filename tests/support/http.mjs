/*
 * HTTP/1.1 as bytes on a socket, for what no client library would send.
 *
 *   const connection = await Connection.open(endpoint);
 *   connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
 *   const { status, headers, body } = await connection.response();
 *
 * An endpoint is { host, port, secure }, see endpoint.mjs.
 */
import { createHash, createHmac } from "node:crypto";
import net from "node:net";
import tls from "node:tls";

const RESPONSE_MS_MAX = 20_000;

export class Connection {
    #socket;
    #received = Buffer.alloc(0);
    #ended = false;
    #wake = () => {};

    static async open({ host, port, secure = false }) {
        const connection = new Connection();
        const socket = secure ? tls.connect({ host, port, servername: host }) : net.connect({ host, port, noDelay: true });
        connection.#socket = socket;
        socket.on("data", (bytes) => {
            connection.#received = Buffer.concat([connection.#received, bytes]);
            connection.#wake();
        });
        const end = () => {
            connection.#ended = true;
            connection.#wake();
        };
        socket.on("end", end);
        socket.on("close", end);
        await new Promise((settle, reject) => {
            socket.once(secure ? "secureConnect" : "connect", settle);
            socket.once("error", reject);
        });
        socket.on("error", end); /* a reset is an end; what was received still counts */
        return connection;
    }

    write(bytes) {
        this.#socket.write(bytes);
    }

    /* Half-close: no more will be sent. */
    end() {
        this.#socket.end();
    }

    close() {
        this.#socket.destroy();
    }

    pause() {
        this.#socket.pause();
    }

    resume() {
        this.#socket.resume();
    }

    /* The next response; null when the server closed the connection instead. */
    async response({ toHead = false } = {}) {
        const head = await this.#until(() => {
            const at = this.#received.indexOf("\r\n\r\n");
            return at < 0 ? null : this.#take(at + 4);
        });
        if (head === null)
            return null;
        const [statusLine, ...lines] = head.toString("latin1").trimEnd().split("\r\n");
        const status = Number(statusLine.split(" ")[1]);
        const headers = {};
        for (const line of lines) {
            const colon = line.indexOf(":");
            headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
        }
        const bodiless = toHead || status === 204 || status === 304 || status < 200;
        const body = bodiless ? Buffer.alloc(0) : await this.#body(headers);
        return { status, headers, body, text: body.toString("utf8") };
    }

    /* Resolves when the server has closed; false when it has not within the time. */
    async closed(ms = RESPONSE_MS_MAX) {
        return (await this.#until(() => (this.#ended ? true : null), ms)) === true;
    }

    async #body(headers) {
        if (headers["transfer-encoding"] === "chunked")
            return this.#chunks();
        const size = headers["content-length"];
        if (size !== undefined)
            return this.#until(() => (this.#received.length < Number(size) ? null : this.#take(Number(size))));
        await this.closed();
        return this.#take(this.#received.length);
    }

    async #chunks() {
        const parts = [];
        for (;;) {
            const line = await this.#until(() => {
                const at = this.#received.indexOf("\r\n");
                return at < 0 ? null : this.#take(at + 2);
            });
            const size = parseInt(line.toString("latin1"), 16);
            const part = await this.#until(() => (this.#received.length < size + 2 ? null : this.#take(size + 2)));
            if (size === 0)
                return Buffer.concat(parts);
            parts.push(part.subarray(0, size));
        }
    }

    #take(size) {
        const bytes = this.#received.subarray(0, size);
        this.#received = this.#received.subarray(size);
        return bytes;
    }

    /* What `attempt` gives once it is not null; null when the connection ended first. */
    async #until(attempt, ms = RESPONSE_MS_MAX) {
        const deadline = Date.now() + ms;
        for (;;) {
            const result = attempt();
            if (result !== null || this.#ended)
                return result;
            const left = deadline - Date.now();
            if (left <= 0) {
                if (ms === RESPONSE_MS_MAX)
                    throw new Error(`nothing more came within ${ms} ms`);
                return null;
            }
            let timer;
            await new Promise((settle) => {
                this.#wake = settle;
                timer = setTimeout(settle, left);
            });
            clearTimeout(timer);
        }
    }
}

/* One request on a connection of its own. */
export async function exchange(endpoint, request) {
    const connection = await Connection.open(endpoint);
    try {
        connection.write(requestBytes(endpoint, request));
        return await connection.response({ toHead: request.method === "HEAD" });
    } finally {
        connection.close();
    }
}

/* `headers` is an object; undefined values leave a header out. Content-Length is added if absent. */
export function requestBytes(endpoint, { method = "POST", path = "/", headers = {}, body = "" }) {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const all = names.includes("host") ? { ...headers } : { Host: `${endpoint.host}:${endpoint.port}`, ...headers };
    const bytes = Buffer.from(body);
    if (!names.includes("content-length") && !names.includes("transfer-encoding") && (method === "POST" || bytes.length))
        all["Content-Length"] = bytes.length;
    const lines = Object.entries(all)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), bytes]);
}

/*
 * The headers of a signed call (AWS Signature Version 4). Stator only wants them well formed, and
 * the service itself wants them right: the same suite runs against both.
 */
export function signedHeaders({ host, port, secure, region = "us-east-1" }, target, body, now = new Date()) {
    const id = process.env.AWS_ACCESS_KEY_ID ?? "AKIDEXAMPLE";
    const secret = process.env.AWS_SECRET_ACCESS_KEY ?? "secret";
    const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${time.slice(0, 8)}/${region}/dynamodb/aws4_request`;
    const signed = {
        host: secure && port === 443 ? host : `${host}:${port}`,
        "x-amz-date": time,
        ...(process.env.AWS_SESSION_TOKEN ? { "x-amz-security-token": process.env.AWS_SESSION_TOKEN } : {}),
        ...(target === undefined ? {} : { "x-amz-target": target }),
    };
    const hash = (text) => createHash("sha256").update(text).digest("hex");
    const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`).join("");
    const names = Object.keys(signed).join(";");
    const canonical = `POST\n/\n\n${lines}\n${names}\n${hash(body)}`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(canonical)}`;
    const key = scope.split("/").reduce(hmac, "AWS4" + secret);
    const signature = hmac(key, text).toString("hex");
    const { host: hostValue, ...others } = signed;
    return {
        host: hostValue,
        ...others,
        authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    };
}
