/*
 * A connection for volume: one request after the other, as fast as node can.
 *
 *   const lane = await Lane.open(port);
 *   const answer = await lane.call("GetItem", { ... });   { status, json }; null: no answer came
 *   lane.close();
 *
 * Null means that the connection ended first, so that the request may or may not have been done.
 */
import net from "node:net";
import { signedHeaders } from "./http.mjs";
import { targetOf } from "./target.mjs";

export class Lane {
    #port;
    #socket;
    #heads = new Map(); /* operation -> the head up to the value of Content-Length */
    #received = Buffer.alloc(0);
    #settle = null; /* what waits for the answer under way */
    #ended = false;

    static async open(port) {
        const lane = new Lane();
        lane.#port = port;
        const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
        lane.#socket = socket;
        socket.on("data", (bytes) => lane.#receive(bytes));
        socket.on("close", () => lane.#end());
        await new Promise((settle) => {
            socket.once("connect", settle);
            socket.on("error", settle); /* close follows */
        });
        return lane;
    }

    get ended() {
        return this.#ended;
    }

    call(operation, body) {
        if (this.#settle)
            throw new Error("one request at a time");
        if (this.#ended)
            return Promise.resolve(null);
        const text = JSON.stringify(body);
        this.#socket.write(`${this.#head(operation)}${Buffer.byteLength(text)}\r\n\r\n${text}`);
        return new Promise((settle) => (this.#settle = settle));
    }

    /* The JSON of a call that must succeed. */
    async ok(operation, body) {
        const answer = await this.call(operation, body);
        if (answer?.status !== 200)
            throw new Error(`${operation} ${JSON.stringify(body).slice(0, 400)} was answered ${JSON.stringify(answer)}`);
        return answer.json;
    }

    close() {
        this.#socket.destroy();
    }

    /* Signatures are not verified: one for each operation serves every body. */
    #head(operation) {
        if (!this.#heads.has(operation)) {
            const signed = signedHeaders({ host: "127.0.0.1", port: this.#port }, targetOf(operation), "");
            const lines = Object.entries({ ...signed, "content-type": "application/x-amz-json-1.0" });
            this.#heads.set(operation, `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}content-length: `);
        }
        return this.#heads.get(operation);
    }

    #receive(bytes) {
        this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
        const headEnd = this.#received.indexOf("\r\n\r\n");
        if (headEnd < 0)
            return;
        const head = this.#received.latin1Slice(0, headEnd);
        const size = Number(/\r\ncontent-length: *(\d+)/i.exec(head)[1]);
        const body = this.#received.subarray(headEnd + 4);
        if (body.length < size)
            return;
        this.#received = Buffer.alloc(0);
        const text = body.utf8Slice(0, size);
        const answer = { status: Number(head.slice(9, 12)), json: text.startsWith("{") ? JSON.parse(text) : null };
        const settle = this.#settle;
        this.#settle = null;
        settle(answer);
    }

    #end() {
        this.#ended = true;
        const settle = this.#settle;
        this.#settle = null;
        settle?.(null);
    }
}
