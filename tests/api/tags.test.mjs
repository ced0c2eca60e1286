/* TagResource, UntagResource, ListTagsOfResource. Source: service model; the control plane measured on the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, expectError, lengthAtLeast, NOT_NULL, refuses, refusesWrongTypes, validationErrors } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";

const api = await openEndpoint();
const INVALID = "One or more parameter values were invalid: ";
const arnOf = async (name) => (await api.ok("DescribeTable", { TableName: name })).Table.TableArn;
const ResourceArn = await arnOf(await api.table("pk S"));
const missing = `${ResourceArn}-missing`;
const tag = (Key, Value = "") => ({ Key, Value });

const BAD_ARNS = [
    ["no ARN at all", "table", `${INVALID}ARNs must start with 'arn:': table`],
    ["another service's ARN", "arn:aws:s3:::bucket", `${INVALID}Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::bucket`],
    ["an ARN of no table", ResourceArn.replace("table/", "thing/"), /^One or more parameter values were invalid: Invalid resource arn provided, only table or stream is accepted\. Provided resource arn: /],
    ["an ARN of an index", `${ResourceArn}/index/byName`, `${INVALID}Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${ResourceArn}/index/byName`],
    ["an ARN of another region", ResourceArn.replace(/:dynamodb:[^:]+:/, ":dynamodb:sa-east-7:"), /^Invalid TableArn: Invalid ResourceArn provided as input /],
    ["an ARN of another account", ResourceArn.replace(/:\d{12}:/, ":999999999999:"), "Access is denied", "AccessDeniedException"],
    ["an ARN of a backup", `${ResourceArn}/backup/01234567890123-abcdef01`, `${INVALID}Provided Arn is not a DynamoDB resource arn: ${ResourceArn}/backup/01234567890123-abcdef01`],
    ["a table that is not there", missing, `Requested resource not found: ResourceArn: ${missing} not found`, "ResourceNotFoundException"],
];
const badArns = (more) => BAD_ARNS.map(([claim, arn, ...rest]) => [claim, { ResourceArn: arn, ...more }, ...rest]);

describe("TagResource, malformed", () => {
    refusesWrongTypes(api, "TagResource", { ResourceArn: "String", Tags: "List" });
    refusesWrongTypes(api, "TagResource", { "a tag": ["Element", "Tag"] }, (_, value) => ({ Tags: [value] }));
    refusesWrongTypes(api, "TagResource", { Key: "String", Value: "String" }, (member, value) => ({ Tags: [{ [member]: value }] }));
});

describe("TagResource, invalid", () => {
    const tagged = (...Tags) => ({ ResourceArn, Tags });
    refuses(api, "TagResource", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "resourceArn", NOT_NULL), broken(null, "tags", NOT_NULL))],
        ["an empty ARN", { ResourceArn: "", Tags: [tag("a")] }, validationErrors(broken("", "resourceArn", lengthAtLeast(1)))],
        ["no tags", tagged(), "Atleast one Tag needs to be provided as Input."],
        ["an empty key", tagged(tag("")), "The Tag Key provided is invalid, Key: "],
        ["a key of 129 characters", tagged(tag("é".repeat(129))), `The Tag Key provided is invalid, Key: ${"é".repeat(129)}`],
        ["a value of 257 characters", tagged(tag("a", "v".repeat(257))), `The Tag Value provided is invalid, Value: ${"v".repeat(257)}`],
        ["a tag without a value", tagged({ Key: "a" }), "The Tag Value provided is invalid, Value: null"],
        ["a tag without a key", tagged({ Value: "a" }), "The Tag Key provided is invalid, Key: null"],
        ["a key of the service's own in capitals", tagged(tag("AWS:a")), "Tag Key cannot be prefixed with aws:, Key: AWS:a"],
        ["a picture as a key", tagged(tag("🔑")), "The Tag Key provided is invalid, Key: 🔑"],
        ["a picture as a value", tagged(tag("a", "🔑")), "The Tag Value provided is invalid, Value: 🔑"],
        ["a sign beyond ASCII", tagged(tag("a", "5 €")), "The Tag Value provided is invalid, Value: 5 €"],
        ["a key of the service's own", tagged(tag("aws:a")), "Tag Key cannot be prefixed with aws:, Key: aws:a"],
        ["a key with a bad character", tagged(tag("a;")), "The Tag Key provided is invalid, Key: a;"],
        ["a value with a bad character", tagged(tag("a", "?")), "The Tag Value provided is invalid, Value: ?"],
        ["a key twice", tagged(tag("a"), tag("b"), tag("a")), "Duplicate Tag Keys provided as input: Duplicate Tag Key found a"],
        ["51 tags", tagged(...Array.from({ length: 51 }, (_, i) => tag(`k${i}`))), "Number of Tags exceed the current limit for the provided ResourceArn"],
        ...badArns({ Tags: [tag("a")] }),
    ]);

    it("changes nothing when one tag is refused", async () => {
        await api.call("TagResource", tagged(tag("good"), tag("bad;")));
        assert.deepEqual(await api.ok("ListTagsOfResource", { ResourceArn }), { Tags: [] });
    });
});

describe("UntagResource, malformed", () => {
    refusesWrongTypes(api, "UntagResource", { ResourceArn: "String", TagKeys: "List" });
    refusesWrongTypes(api, "UntagResource", { "a key": "String" }, (_, value) => ({ TagKeys: [value] }));
});

describe("UntagResource, invalid", () => {
    refuses(api, "UntagResource", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "resourceArn", NOT_NULL), broken(null, "tagKeys", NOT_NULL))],
        ["no keys", { ResourceArn, TagKeys: [] }, "Atleast one Tag Key needs to be provided as Input."],
        ["an empty key", { ResourceArn, TagKeys: [""] }, "The Tag Key provided is invalid, Key: "],
        ["a key of 129 characters", { ResourceArn, TagKeys: ["k".repeat(129)] }, `The Tag Key provided is invalid, Key: ${"k".repeat(129)}`],
        ["a key of the service's own", { ResourceArn, TagKeys: ["aws:a"] }, "Tag Key cannot be prefixed with aws:, Key: aws:a"],
        ["51 keys", { ResourceArn, TagKeys: Array.from({ length: 51 }, (_, i) => `k${i}`) }, "Number of Tags exceed the current limit for the provided ResourceArn"],
        ...badArns({ TagKeys: ["a"] }),
    ]);
});

describe("ListTagsOfResource, malformed", () => {
    refusesWrongTypes(api, "ListTagsOfResource", { ResourceArn: "String", NextToken: "String" });
});

describe("ListTagsOfResource, invalid", () => {
    refuses(api, "ListTagsOfResource", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "resourceArn", NOT_NULL))],
        ...badArns({}),
    ]);
});

describe("TagResource, UntagResource and ListTagsOfResource, working", () => {
    const sorted = (tags) => tags.sort((a, b) => (a.Key < b.Key ? -1 : 1));
    const list = async (arn) => sorted((await api.ok("ListTagsOfResource", { ResourceArn: arn })).Tags);
    const send = async (operation, body) => {
        const { status, text } = await api.call(operation, body);
        assert.deepEqual([status, text], [200, ""]);
    };

    it("are set, replaced, listed and removed, with answers that have no body", async () => {
        const arn = await arnOf(await api.table("pk S"));
        await send("TagResource", { ResourceArn: arn, Tags: [tag("team", "red"), tag("Größe", "a+b=c_d.e:f/g@h -1"), tag("empty")] });
        assert.deepEqual(await list(arn), sorted([tag("team", "red"), tag("Größe", "a+b=c_d.e:f/g@h -1"), tag("empty")]));
        await send("TagResource", { ResourceArn: arn, Tags: [tag("team", "blue")] });
        await send("UntagResource", { ResourceArn: arn, TagKeys: ["empty", "Größe", "never there"] });
        assert.deepEqual(await api.ok("ListTagsOfResource", { ResourceArn: arn, NextToken: "of nothing" }), { Tags: [tag("team", "blue")] });
        await send("TagResource", { ResourceArn: arn, Tags: [tag("ключ", "表 café")] });
        await send("UntagResource", { ResourceArn: arn, TagKeys: ["ключ"] });
        assert.deepEqual(await list(arn), [tag("team", "blue")]);
    });

    it("come with CreateTable, and do not show in descriptions", async () => {
        const name = await api.table("pk S", { Tags: [tag("made", "here")] });
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        assert.equal(Table.Tags, undefined);
        assert.deepEqual(await list(Table.TableArn), [tag("made", "here")]);
    });

    it("number fifty, over several requests", async () => {
        const arn = await arnOf(await api.table("pk S"));
        await send("TagResource", { ResourceArn: arn, Tags: Array.from({ length: 50 }, (_, i) => tag(`k${i}`)) });
        refusesMore(await api.call("TagResource", { ResourceArn: arn, Tags: [tag("one more")] }));
        await send("TagResource", { ResourceArn: arn, Tags: [tag("k0", "again")] });
        assert.equal((await list(arn)).length, 50);
    });

    function refusesMore({ json }) {
        assert.equal(json.message, "Number of Tags exceed the current limit for the provided ResourceArn");
    }
});

describe("tags on their way", { skip: !isOwnServer && "a clock of our own" }, async () => {
    const slow = isOwnServer && (await openEndpoint({ transitionDelayMs: 5000, clock: "manual" }));
    const advance = (AdvanceMilliseconds) => exchange(slow, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds }) });
    const newTable = async (...Tags) => {
        const TableName = slow.tableName();
        const { TableDescription } = await slow.ok("CreateTable", { TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], Tags });
        await advance(5000);
        return { TableName, ResourceArn: TableDescription.TableArn };
    };
    const set = ({ ResourceArn }, ...Tags) => slow.call("TagResource", { ResourceArn, Tags });
    const remove = ({ ResourceArn }, ...TagKeys) => slow.call("UntagResource", { ResourceArn, TagKeys });
    const listed = async ({ ResourceArn }) => (await slow.ok("ListTagsOfResource", { ResourceArn })).Tags;
    const accepts = async (answer) => assert.equal((await answer).status, 200);
    const refused = async (answer, { TableName }) => expectError(await answer, "LimitExceededException", `Subscriber limit exceeded: Table tags are being updated: ${TableName}`);

    it("are listed as they were until they have got about, and hold the table so long", async () => {
        const table = await newTable(tag("old", "1"));
        await accepts(set(table, tag("new", "2")));
        await advance(4999);
        assert.deepEqual(await listed(table), [tag("old", "1")]);
        expectError(await slow.call("DeleteTable", { TableName: table.TableName }), "ResourceInUseException", `Attempt to change a resource which is still in use: Table tags are being updated: ${table.TableName}`);
        await advance(1);
        assert.deepEqual(await listed(table), [tag("new", "2"), tag("old", "1")]);
        await accepts(remove(table, "old"));
        assert.equal((await listed(table)).length, 2);
        await advance(5000);
        assert.deepEqual(await listed(table), [tag("new", "2")]);
        await slow.ok("DeleteTable", { TableName: table.TableName });
    });

    it("take no other change meanwhile but one that sets the same, or more", async () => {
        const table = await newTable(tag("a", "1"));
        await accepts(set(table, tag("b", "1")));
        await refused(set(table, tag("a", "1")), table);
        await refused(set(table, tag("b", "2")), table);
        await refused(set(table, tag("c", "1")), table);
        await refused(remove(table, "nobody"), table);
        await accepts(set(table, tag("b", "1")));
        await accepts(set(table, tag("a", "1"), tag("b", "1"), tag("c", "1")));
        await refused(set(table, tag("b", "1")), table);
        assert.deepEqual(await listed(table), [tag("a", "1")]);
        await advance(5000);
        assert.equal((await listed(table)).length, 3);
        await accepts(remove(table, "a"));
        await refused(set(table, tag("b", "1"), tag("c", "1")), table);
    });

    it("that are there already, or are not, take no time", async () => {
        const table = await newTable(tag("a", "1"));
        for (let i = 0; i < 3; i++) {
            await accepts(set(table, tag("a", "1")));
            await accepts(remove(table, "nobody"));
        }
        await slow.ok("DeleteTable", { TableName: table.TableName });
    });
});
