/*
 * Authorization must be present and well formed; the signature itself is not verified yet.
 * Source: error texts captured from the servicein that order.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";
import { expectError } from "../support/expect.mjs";

const api = await openEndpoint();
const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
const scope = `AKIDEXAMPLE/${date.slice(0, 8)}/us-east-1/dynamodb/aws4_request`;
const good = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${"0".repeat(64)}`;

const list = (headers) => api.call("ListTables", {}, { "x-amz-date": date, authorization: good, ...headers });
const atPath = async (path, headers = {}) => {
    const response = await exchange(api, {
        path,
        headers: { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables", ...headers },
        body: "{}",
    });
    return { ...response, json: JSON.parse(response.text) };
};

describe("what is refused", () => {
    const CREDENTIAL = "Authorization header requires 'Credential' parameter. ";
    const SIGNATURE = "Authorization header requires 'Signature' parameter. ";
    const SIGNED = "Authorization header requires 'SignedHeaders' parameter. ";
    const DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    const cases = [
        ["no header", { authorization: undefined }, "MissingAuthenticationTokenException", "Request is missing Authentication Token"],
        ["an empty header", { authorization: "" }, "MissingAuthenticationTokenException", "Request is missing Authentication Token"],
        ["another scheme", { authorization: "Basic abc" }, "MissingAuthenticationTokenException", "Request is missing Authentication Token"],
        ["the algorithm alone", { authorization: "AWS4-HMAC-SHA256" }, "IncompleteSignatureException", `${CREDENTIAL}${SIGNATURE}${SIGNED}Authorization=AWS4-HMAC-SHA256`],
        ["the algorithm alone, no date", { authorization: "AWS4-HMAC-SHA256", "x-amz-date": undefined }, "IncompleteSignatureException",
            `${CREDENTIAL}${SIGNATURE}${SIGNED}${DATE}Authorization=AWS4-HMAC-SHA256`],
        ["no credential", { authorization: "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=a" }, "IncompleteSignatureException",
            `${CREDENTIAL}Authorization=AWS4-HMAC-SHA256 SignedHeaders=host, Signature=a`],
        ["no signature", { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host` }, "IncompleteSignatureException",
            `${SIGNATURE}Authorization=AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host`],
        ["no signed headers", { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, Signature=a` }, "IncompleteSignatureException",
            `${SIGNED}Authorization=AWS4-HMAC-SHA256 Credential=${scope}, Signature=a`],
        ["no date", { "x-amz-date": undefined }, "IncompleteSignatureException", `${DATE}Authorization=${good}`],
        ["a date that is none", { "x-amz-date": "201" }, "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601"],
        ["another algorithm", { authorization: good.replace("SHA256", "SHA25") }, "IncompleteSignatureException",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "],
        ["a credential of four parts", { authorization: good.replace(scope, "a/b/c/d") }, "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'"],
    ];
    for (const [claim, headers, type, message] of cases)
        it(claim, async () => expectError(await list(headers), type, message));

    it("a signature in the query string beside the header", async () => {
        const answer = await atPath("/?X-Amz-Algorithm=AWS4-HMAC-SHA256", { authorization: good, "x-amz-date": date });
        expectError(answer, "InvalidSignatureException", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
    });

    it("an incomplete signature in the query string", async () => {
        expectError(await atPath("/?X-Amz-Algorithm=AWS4-HMAC-SHA256"), "IncompleteSignatureException", /^AWS query-string parameters must include 'X-Amz-.*Re-examine the query-string parameters\.$/);
    });
});

describe("what comes first", () => {
    const nobody = { authorization: undefined };
    it("a body that is no JSON, before the signature", async () => {
        expectError(await api.call("ListTables", "{", nobody), "SerializationException", undefined);
    });
    it("an unknown operation, before the signature", async () => {
        expectError(await api.call("Nonsense", {}, nobody), "UnknownOperationException", undefined);
    });
    it("the signature, before the types of members", async () => {
        expectError(await api.call("ListTables", { Limit: "x" }, nobody), "MissingAuthenticationTokenException", "Request is missing Authentication Token");
    });
});

describe("what is accepted", () => {
    const spellings = {
        "commas and blanks": good,
        "commas alone": good.replaceAll(", ", ","),
        "blanks alone": good.replaceAll(", ", " "),
        "many blanks": good.replaceAll(", ", " ,   "),
        "another order": `AWS4-HMAC-SHA256 Signature=0, SignedHeaders=host, Credential=${scope}`,
        "any key, region and service": good.replace(scope, "anyone/20200101/mars-north-1/dynamodb/aws4_request"),
    };
    for (const [claim, authorization] of Object.entries(spellings))
        it(claim, async () => assert.equal((await list({ authorization })).status, 200));

    it("a Date header in place of X-Amz-Date", async () => {
        const { status, json } = await list({ "x-amz-date": undefined, date });
        assert.equal(status, 200, JSON.stringify(json));
    });
});
