/*
 * Conditions and filters: the grammar, what each comparison and function gives, and what is refused.
 * Every case is tried as ConditionExpression of a write and as FilterExpression of a Scan.
 * Source: Developer Guide, expressions; error texts captured from the service.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { escaped, expectError } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");

const base64 = (text) => Buffer.from(text).toString("base64");
const item = {
    pk: { S: "item" },
    str: { S: "Moby Dick" },
    blank: { S: "" },
    num: { N: "10" },
    bin: { B: base64("abc") },
    yes: { BOOL: true },
    nil: { NULL: true },
    strs: { SS: ["ahab", "ishmael"] },
    nums: { NS: ["1", "2.5"] },
    bins: { BS: [base64("a"), base64("b")] },
    seq: { L: [{ N: "1" }, { S: "two" }, { M: { three: { S: "3" } } }, { L: [{ S: "deep" }] }] },
    doc: { M: { num: { N: "7" }, kid: { M: { str: { S: "leaf" } } }, seq: { L: [{ S: "x" }] } } },
    clef: { S: "\u00e9\u{1d11e}" },
    "odd.name": { S: "dots" },
};
await api.ok("PutItem", { TableName: table, Item: item });

const all = {
    ":str": item.str, ":moby": { S: "Moby" }, ":dick": { S: "Dick" }, ":ahab": { S: "ahab" }, ":blank": { S: "" }, ":two": { S: "two" },
    ":z": { S: "z" }, ":a": { S: "a" }, ":leaf": { S: "leaf" }, ":dots": { S: "dots" },
    ":ten": { N: "10" }, ":tenth": { N: "1.0e1" }, ":one": { N: "1" }, ":eleven": { N: "11" }, ":nine": { N: "9" }, ":four": { N: "4" },
    ":three": { N: "3" }, ":zero": { N: "0" }, ":seven": { N: "7" }, ":hundred": { N: "100" }, ":half": { N: "2.50" }, ":text10": { S: "10" },
    ":abc": { B: base64("abc") }, ":ab": { B: base64("ab") }, ":b": { B: base64("b") }, ":true": { BOOL: true }, ":false": { BOOL: false }, ":null": { NULL: true },
    ":strs": { SS: ["ishmael", "ahab"] }, ":nums": { NS: ["2.5", "1.0"] }, ":bins": { BS: [base64("b"), base64("a")] }, ":fewer": { SS: ["ahab"] },
    ":seq": { L: [{ N: "1.0" }, { S: "two" }, { M: { three: { S: "3" } } }, { L: [{ S: "deep" }] }] },
    ":seqback": { L: [{ S: "two" }, { N: "1" }, { M: { three: { S: "3" } } }, { L: [{ S: "deep" }] }] },
    ":doc": { M: { seq: { L: [{ S: "x" }] }, kid: { M: { str: { S: "leaf" } } }, num: { N: "7" } } },
    ":three3": { M: { three: { S: "3" } } },
    ":S": { S: "S" }, ":N": { S: "N" }, ":B": { S: "B" }, ":BOOL": { S: "BOOL" }, ":NULL": { S: "NULL" }, ":SS": { S: "SS" }, ":NS": { S: "NS" },
    ":BS": { S: "BS" }, ":L": { S: "L" }, ":M": { S: "M" }, ":X": { S: "X" },
};
const names = { "#odd": "odd.name", "#num": "num", "#doc": "doc", "#sub": "kid", "#1": "str", "#gone": "gone", "#size": "size" };

/* Only the placeholders the text uses: unused ones are refused. */
function used(text) {
    const pick = (from, pattern) => {
        const found = [...new Set(text.match(pattern) ?? [])].filter((name) => name in from);
        return found.length ? Object.fromEntries(found.map((name) => [name, from[name]])) : undefined;
    };
    return { ExpressionAttributeNames: pick(names, /#\w+/g), ExpressionAttributeValues: pick(all, /:\w+/g) };
}

const asCondition = (text) => api.call("PutItem", { TableName: table, Item: item, ConditionExpression: text, ...used(text) });
const asFilter = (text) => api.call("Scan", { TableName: table, ConsistentRead: true, FilterExpression: text, ...used(text) });

async function holds(text) {
    const condition = await asCondition(text);
    if (condition.status !== 200)
        expectError(condition, "ConditionalCheckFailedException", "The conditional request failed");
    const filter = await asFilter(text);
    assert.equal(filter.status, 200, filter.text);
    assert.equal(filter.json.ScannedCount, 1);
    assert.equal(filter.json.Count, condition.status === 200 ? 1 : 0, "the filter and the condition differ");
    return condition.status === 200;
}

const isTrue = {
    "equality": [
        "str = :str", ":str = str", "(str) = :str", "num = :ten", "num = :tenth", "bin = :abc", "yes = :true", "nil = :null",
        "strs = :strs", "nums = :nums", "bins = :bins", "seq = :seq", "doc = :doc", "blank = :blank", ":ten = :tenth",
        "seq[2] = :three3",
    ],
    "inequality": [
        "str <> :moby", "num <> :one", "num <> :text10", "yes <> :false", "strs <> :fewer", "seq <> :seqback", "gone <> :one", "gone <> num",
        "num <> gone", "gone <> seq[9]", "nil <> :true", "doc <> :seq",
    ],
    "order": [
        "num < :eleven", "num <= :ten", "num > :nine", "num >= :tenth", ":nine < num", "str < :z", "str > :blank", "bin > :ab", "bin < :b", "num < :hundred",
        "blank < :a", "doc.num < num",
    ],
    "BETWEEN": [
        "num BETWEEN :nine AND :eleven", "num BETWEEN :ten AND :ten", "str between :dick and :z", ":ten BETWEEN :one AND num",
        "doc.num BETWEEN :seven AND num", "num BETWEEN :one AND :hundred AND str = :str",
    ],
    "IN": ["num IN (:one, :ten)", "num IN (:tenth)", "str in (:moby, :str)", ":two IN (str, seq[1])", "yes IN (:false, :true)", "strs IN (:strs)"],
    "functions": [
        "attribute_exists(str)", "attribute_exists(nil)", "attribute_exists(seq[3][0])", "attribute_exists(doc.kid.str)", "attribute_not_exists(gone)",
        "attribute_not_exists(seq[4])", "attribute_not_exists(doc.gone)", "attribute_not_exists(str.kid)", "attribute_not_exists(doc[0])", "attribute_not_exists(seq.three)",
        "begins_with(str, :moby)", "begins_with(str, :blank)", "begins_with(bin, :ab)", "begins_with(:str, :moby)",
        "contains(str, :dick)", "contains(str, :blank)", "contains(bin, :b)", "contains(strs, :ahab)", "contains(nums, :half)", "contains(bins, :b)",
        "contains(seq, :two)", "contains(seq, :one)", "contains(seq, :three3)", "contains(:str, :dick)", "contains(doc.seq, :x1) OR attribute_exists(pk)",
    ].filter((text) => !text.includes(":x1")),
    "attribute_type": [
        "attribute_type(str, :S)", "attribute_type(num, :N)", "attribute_type(bin, :B)", "attribute_type(yes, :BOOL)", "attribute_type(nil, :NULL)", "attribute_type(strs, :SS)",
        "attribute_type(nums, :NS)", "attribute_type(bins, :BS)", "attribute_type(seq, :L)", "attribute_type(doc, :M)", "attribute_type(doc.kid, :M)",
    ],
    "size": [
        "size(str) = :nine", "size(bin) = :three", "size(seq) = :four", "size(doc) = :three", "size(blank) = :zero", "size(strs) < :three", "size(#1) > size(bin)",
        "size(seq) BETWEEN :one AND :nine", "size(bin) IN (:one, :three)", "(size(bin)) = :three", "num > size(str)",
        "size(clef) = :three", /* in UTF-16 */
    ],
    "precedence, NOT, parentheses": [
        "num = :ten OR num = :one AND num = :nine", "(num = :one OR num = :ten) AND str = :str", "NOT num = :one", "NOT (num = :one)", "NOT num = :one AND str = :str",
        "NOT num = :ten OR str = :str", "NOT NOT num = :ten", "NOT attribute_exists(gone)", "not gone = :one", "(num = :ten)", "(num = :ten) AND (str = :str)", "NOT num IN (:one)",
        "NOT num BETWEEN :one AND :nine", "num = :ten and str = :str or num = :one", "NOT gone < :one", "NOT (num = :one OR str = :moby)",
    ],
    "paths": [
        "doc.kid.str = :leaf", "doc.#sub.str = :leaf", "#doc.#sub.str = :leaf", "seq[1] = :two", "seq[2].three = doc.gone OR num = :ten", "#odd = :dots", "#num = :ten",
        "#1 = :str", "doc . kid . str = :leaf", "seq [ 1 ] = :two", "seq[00001] = :two",
    ],
    "white space": ["  num=:ten  ", "num\n=\t:ten", "num=:ten AND(str=:str)", "NOT(num=:one)", "num IN(:ten)"],
};

const isFalse = {
    "equality": [
        "str = :moby", "num = :text10", "num = :one", "gone = :one", "gone = gone2", "gone = #gone2", "yes = :false", "strs = :fewer", "seq = :seqback", "str = num",
        "doc = :three3", "nil = :true",
    ].filter((text) => !text.includes("#gone2")),
    "inequality": ["str <> :str", "num <> :tenth", "strs <> :strs", "nums <> :nums", "seq <> :seq", "doc <> :doc", "nil <> :null"],
    "order": [
        "num < :ten", "num > :ten", "num < :text10", "num > :text10", "str < :nine", "gone < :one", "gone >= :one", "num < gone", "yes < num", "strs < str", "doc > seq", "str > :z",
        "num < strs", "bin < str", "nil <= nil2",
    ],
    "BETWEEN": ["num BETWEEN :eleven AND :hundred", "gone BETWEEN :one AND :nine", "str BETWEEN :one AND :nine", "num BETWEEN gone AND :hundred", "num BETWEEN :one AND gone"],
    "IN": ["num IN (:one, :text10)", "gone IN (:one)", "num IN (gone)"],
    "functions": [
        "attribute_exists(gone)", "attribute_exists(seq[4])", "attribute_exists(doc.kid.gone)", "attribute_exists(str.kid)", "attribute_not_exists(nil)", "begins_with(str, :dick)",
        "begins_with(num, :one1)", "begins_with(num, :moby)", "begins_with(gone, :moby)", "begins_with(str, :ab)", "contains(str, :z)", "contains(str, :one)", "contains(strs, :moby)",
        "contains(nums, :nine)", "contains(seq, :z)", "contains(gone, :z)", "contains(num, :one)", "contains(doc, :leaf)",
    ].filter((text) => !text.includes(":one1")),
    "attribute_type": ["attribute_type(str, :N)", "attribute_type(gone, :S)", "attribute_type(strs, :L)", "attribute_type(nil, :BOOL)"],
    "size": ["size(num) = :one", "size(gone) = :zero", "size(yes) = :one", "size(nil) < :nine", "size(str) <> :nine", "size(gone) < :one", "size(bin) = :str"],
    "precedence, NOT, parentheses": [
        "(num = :ten OR num = :one) AND num = :nine", "NOT num = :ten", "NOT (num = :ten OR num = :one)", "NOT num = :ten AND str = :str", "num = :one OR str = :moby", "num = :ten AND str = :moby",
        "NOT gone <> :one",
    ],
};

describe("conditions that hold", () => {
    for (const [group, texts] of Object.entries(isTrue))
        for (const text of texts)
            it(`${group}: ${text}`, async () => assert.equal(await holds(text), true));
});

describe("conditions that do not hold", () => {
    for (const [group, texts] of Object.entries(isFalse))
        for (const text of texts)
            it(`${group}: ${text}`, async () => assert.equal(await holds(text), false));
});

/* text of the expression, text of the error after "Invalid ConditionExpression: " */
const refused = [
    ["str = ", 'Syntax error; token: "<EOF>", near: "="'],
    ["= str", /^Syntax error; token: "="/],
    ["str == :str", /^Syntax error; token: "=", near: "=/],
    ["str != :str", /^Syntax error; token: "!"/],
    ["str", /^Syntax error; token: "<EOF>"/],
    ["str = :str AND", 'Syntax error; token: "<EOF>", near: "AND"'],
    ["AND str = :str", /^Syntax error; token: "AND"/],
    ["(str = :str", /^Syntax error; token: "<EOF>"/],
    ["str = :str)", /^Syntax error; token: "\)"/],
    ["str = 'literal'", /^Syntax error; token: "'"/],
    ["num = 10", /^Syntax error; token: "10"/],
    ["_str = :str", /^Syntax error; token: "_"/],
    ["# = :str", /^Syntax error; token: "#"/],
    ["seq[:one] = :two", /^Syntax error; token: ":one"/],
    ["seq[-1] = :two", /^Syntax error; token: "-"/],
    ["seq[] = :two", /^Syntax error; token: "\]"/],
    ["str NOT IN (:str)", /^Syntax error; token: "NOT"/],
    ["str IN ()", /^Syntax error; token: "\)"/],
    ["str IN :str", /^Syntax error; token: ":str"/],
    ["num BETWEEN :one", /^Syntax error; token: "<EOF>"/],
    ["num BETWEEN (:one AND :ten)", /^Syntax error; token: "AND"/],
    ["str = :str;", /^Syntax error; token: ";"/],
    ["size = :one", "Attribute name is a reserved keyword; reserved keyword: size"],
    ["doc.Year = :one", /^Attribute name is a reserved keyword; reserved keyword: Year$/i],
    ["comment = :one", /^Attribute name is a reserved keyword; reserved keyword: comment$/i],
    ["#undefined = :one", "An expression attribute name used in the document path is not defined; attribute name: #undefined"],
    ["num = :undefined", "An expression attribute value used in expression is not defined; attribute value: :undefined"],
    ["unknown(str)", "Invalid function name; function: unknown"],
    ["ATTRIBUTE_EXISTS(str)", "Invalid function name; function: ATTRIBUTE_EXISTS"],
    ["attribute_exists(str, num)", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"],
    ["begins_with(str)", "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"],
    ["contains(str)", "Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1"],
    ["size(str, num) = :one", "Incorrect number of operands for operator or function; operator or function: size, number of operands: 2"],
    ["attribute_exists(:str)", "Operator or function requires a document path; operator or function: attribute_exists"],
    ["attribute_not_exists(:str)", "Operator or function requires a document path; operator or function: attribute_not_exists"],
    ["begins_with(str, :one)", "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"],
    ["num < :true", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"],
    ["num >= :strs", "Incorrect operand type for operator or function; operator or function: >=, operand type: SS"],
    ["num < :null", "Incorrect operand type for operator or function; operator or function: <, operand type: NULL"],
    ["num BETWEEN :true AND :false", /^Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: BOOL$/],
    ["attribute_type(str, :one)", "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"],
    ["attribute_type(str, :X)", /^Invalid attribute type name found; type: X, valid types: \{/],
    ["contains(str, str)", "The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [str]"],
    ["attribute_exists(str) = :true", "The function is not allowed to be used this way in an expression; function: attribute_exists"],
    ["size(str)", "The function is not allowed to be used this way in an expression; function: size"],
    ["size(attribute_exists(str)) = :one", "The function is not allowed to be used this way in an expression; function: attribute_exists"],
    ["num BETWEEN :ten AND :one",
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:1}"],
    ["num BETWEEN :a AND :one", "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}"],
    ["((num = :ten))", "The expression has redundant parentheses;"],
    ["num = :ten AND ((str = :str))", "The expression has redundant parentheses;"],
    ["((num)) = :ten", "The expression has redundant parentheses;"],
    /* which error wins */
    ["((unknown(size)))", "The expression has redundant parentheses;"],
    ["unknown(str) AND size(str)", "Invalid function name; function: unknown"],
    ["size(size)", "The function is not allowed to be used this way in an expression; function: size"],
    ["#undefined = size", "Attribute name is a reserved keyword; reserved keyword: size"],
];

describe("expressions that are refused", () => {
    for (const [text, message] of refused)
        it(text, async () => {
            const tail = message instanceof RegExp ? message.source.replaceAll("^", "") : `${escaped(message)}$`;
            expectError(await asCondition(text), "ValidationException",
                new RegExp(`^(1 validation error detected: )?Invalid ConditionExpression: (${tail})`, message.flags));
            expectError(await asFilter(text), "ValidationException", new RegExp(`^Invalid FilterExpression: (${tail})`, message.flags));
        });
});

describe("limits of expressions", () => {
    const refusal = async (text, message) => expectError(await asFilter(text), "ValidationException", message);
    const repeated = (count, text, joint) => Array.from({ length: count }, () => text).join(joint);

    it("4,096 bytes are accepted, 4,097 are not", async () => {
        const sized = (bytes) => "num = :ten".padEnd(bytes);
        assert.equal(await holds(sized(4096)), true);
        await refusal(sized(4097), "Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4097");
    });

    it("300 operators are accepted, 301 are not", async () => {
        /* n comparisons joined by n - 1 operators make 2n - 1; one NOT more makes 2n */
        assert.equal(await holds(`NOT num=:one AND ${repeated(149, "num=:ten", " AND ")}`), true);
        await refusal(repeated(151, "num=:ten", " AND "), "Invalid FilterExpression: The expression contains too many operators; operator count: 301");
    });

    it("deep NOT and parentheses within the bounds are evaluated", async () => {
        assert.equal(await holds(`${"NOT ".repeat(298)}num = :ten`), true);
        assert.equal(await holds(`${"NOT (".repeat(250)}num = :ten${")".repeat(250)}`), true);
    });

    it("thousands of parentheses are refused without harm", async () => {
        await refusal(`${"(".repeat(2000)}num = :ten${")".repeat(2000)}`, /^Invalid FilterExpression: /);
        await refusal("(".repeat(4000), /^Invalid FilterExpression: /);
    });

    it("IN takes 99 values, not 100", async () => {
        const test = (count) => {
            const values = Object.fromEntries(Array.from({ length: count }, (_, index) => [`:v${index}`, { N: String(index) }]));
            return api.call("Scan", { TableName: table, ConsistentRead: true, FilterExpression: `num IN (${Object.keys(values).join(",")})`, ExpressionAttributeValues: values });
        };
        assert.equal((await test(99)).json.Count, 1);
        expectError(await test(100), "ValidationException", /^Invalid FilterExpression: /);
    });

    it("placeholders are at most 255 bytes long", async () => {
        const test = (name) => api.call("Scan", { TableName: table, FilterExpression: `num = ${name}`, ExpressionAttributeValues: { [name]: { N: "10" } } });
        assert.equal((await test(":" + "v".repeat(254))).status, 200);
        expectError(await test(":" + "v".repeat(255)), "ValidationException", /./);
    });
});
