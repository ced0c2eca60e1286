/*
 * Attribute values through PutItem and GetItem: the ten types, 38-digit numbers, sets, sizes, nesting.
 * Source: Developer Guide, quotas, item sizes and capacity; error texts captured from the service, layer "current".
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { expectError, refuses } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");

const put = (value) => ({ TableName: table, Item: { pk: { S: "values" }, value } });

async function stored(value) {
    await api.ok("PutItem", put(value));
    const { Item } = await api.ok("GetItem", { TableName: table, Key: { pk: { S: "values" } }, ConsistentRead: true });
    return Item.value;
}

/* A set is equal to its members in any order: compare them sorted, at every level. */
function sorted(value) {
    const [[type, inside]] = Object.entries(value);
    if (type.length === 2 && type.endsWith("S"))
        return { [type]: [...inside].sort() };
    if (type === "L")
        return { L: inside.map(sorted) };
    if (type === "M")
        return { M: Object.fromEntries(Object.entries(inside).map(([name, each]) => [name, sorted(each)])) };
    return value;
}

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

describe("values come back as they were put", () => {
    const values = {
        "S": { S: "Moby Dick" },
        "S, empty": { S: "" },
        "S with every control character": { S: Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)).toString() },
        "S with quotes, slashes and escapes": { S: "\"\\/\b\f\n\r\t\u007f</script>" },
        "S beyond the basic plane": { S: "\u{1f40b} \u{10ffff} \ufeff\uffff é ẞ 鯨" },
        "N": { N: "42" },
        "N, negative": { N: "-3.14" },
        "N of 38 digits": { N: "12345678901234567890123456789012345678" },
        "N of 38 digits after the point": { N: "0.12345678901234567890123456789012345678" },
        "N of 38 nines": { N: "-99999999999999999999999999999999999999" },
        "B": { B: base64([0, 1, 2, 254, 255]) },
        "B, empty": { B: "" },
        "B of every byte": { B: base64(Array.from({ length: 256 }, (_, byte) => byte)) },
        "BOOL true": { BOOL: true },
        "BOOL false": { BOOL: false },
        "NULL": { NULL: true },
        "SS": { SS: ["Ishmael", "Ahab", "Queequeg", ""] },
        "NS": { NS: ["3", "-1", "2.5", "0"] },
        "BS": { BS: [base64("a"), base64("b"), ""] },
        "L of all types": {
            L: [{ S: "a" }, { N: "1" }, { B: "AA==" }, { BOOL: true }, { NULL: true }, { SS: ["x"] }, { NS: ["1"] },
                { BS: ["AA=="] }, { L: [{ L: [] }] }, { M: { deep: { M: {} } } }],
        },
        "L, empty": { L: [] },
        "M of all types": {
            M: { s: { S: "" }, n: { N: "0" }, b: { B: "" }, t: { BOOL: false }, z: { NULL: true }, ss: { SS: ["x", "y"] },
                ns: { NS: ["1", "2"] }, bs: { BS: ["AA==", "AQ=="] }, l: { L: [{ S: "x" }] }, m: { M: { x: { S: "x" } } } },
        },
        "M, empty": { M: {} },
        "M with odd names": { M: { " ": { S: "1" }, "a.b[0]": { S: "2" }, "\u{1f40b}": { S: "3" }, "__proto__x": { S: "4" } } },
    };
    for (const [name, value] of Object.entries(values))
        it(name, async () => assert.deepEqual(sorted(await stored(value)), sorted(value)));

    it("a list keeps its order", async () => {
        const value = { L: Array.from({ length: 500 }, (_, index) => ({ N: String((index * 7919) % 500) })) };
        assert.deepEqual(await stored(value), value);
    });

    it("the members of a set come back in their own order: texts and binaries by bytes, numbers by value", async () => {
        const sets = {
            "whale Whale \u{1f40b} \uffff é": ["Whale", "whale", "é", "\uffff", "\u{1f40b}"],
            "b ab a": ["a", "ab", "b"],
        };
        for (const [given, SS] of Object.entries(sets))
            assert.deepEqual(await stored({ SS: given.split(" ") }), { SS });
        assert.deepEqual(await stored({ SS: ["a", ""] }), { SS: ["", "a"] });
        assert.deepEqual(await stored({ NS: ["10", "9", "-1e-130", "0", "-20", "-3", "1e125", "0.5"] }),
            { NS: ["-20", "-3", `-0.${"0".repeat(129)}1`, "0", "0.5", "9", "10", `1${"0".repeat(125)}`] });
        assert.deepEqual(await stored({ BS: [base64([255]), base64([1, 0]), base64([1]), ""] }),
            { BS: ["", base64([1]), base64([1, 0]), base64([255])] });
        assert.deepEqual(await stored({ L: [{ M: { inside: { SS: ["z", "y"] } } }] }), { L: [{ M: { inside: { SS: ["y", "z"] } } }] });
    });

    it("JSON escapes are decoded: \\u0041 is A, surrogate pairs are one character", async () => {
        const body = JSON.stringify(put({ S: "?" })).replace("?", "\\u0041\\/\\ud83d\\udc0b");
        const { status, text } = await api.call("PutItem", body);
        assert.equal(status, 200, text);
        const { Item } = await api.ok("GetItem", { TableName: table, Key: { pk: { S: "values" } }, ConsistentRead: true });
        assert.equal(Item.value.S, "A/\u{1f40b}");
    });
});

describe("numbers keep their value and lose their spelling", () => {
    const zeros = (count) => "0".repeat(count);
    const spellings = {
        "0": "0", "-0": "0", "+5": "5", "007": "7", "1.50": "1.5", ".5": "0.5", "5.": "5", "-.5": "-0.5",
        "1e3": "1000", "1E+3": "1000", "12e-1": "1.2", "100": "100", "0.0": "0", "-0.00": "0", "00.100": "0.1",
        "1e125": "1" + zeros(125),
        "-1e125": "-1" + zeros(125),
        "1e-130": "0." + zeros(129) + "1",
        "-1e-130": "-0." + zeros(129) + "1",
        "9.9999999999999999999999999999999999999e125": "9".repeat(38) + zeros(88),
        "0.00000000000000000000000000000000000000000001": "0." + zeros(43) + "1",
        [`1${zeros(60)}`]: `1${zeros(60)}`,
        [`${zeros(100)}1.${zeros(100)}`]: "1",
        "123456789012345678901234567890.12345678": "123456789012345678901234567890.12345678",
    };
    for (const [spelling, plain] of Object.entries(spellings))
        it(`${spelling.slice(0, 40)} is ${plain.slice(0, 40)}`, async () =>
            assert.deepEqual(await stored({ N: spelling }), { N: plain }));

    it("also in sets, lists and maps", async () => {
        assert.deepEqual(await stored({ L: [{ N: "1e2" }, { NS: ["2.0"] }, { M: { n: { N: "-0" } } }] }), {
            L: [{ N: "100" }, { NS: ["2"] }, { M: { n: { N: "0" } } }],
        });
    });
});

const INVALID = "One or more parameter values were invalid: ";

describe("invalid values are refused", () => {
    /* In the words of the service's current layer, but for sets of strings, empty sets and NULL: those in the older ones. */
    const one = "1 validation error detected: ";
    const numeric = (text) => `${one}The parameter cannot be converted to a numeric value: ${text}`;
    const overflow = `${one}Number overflow. Attempting to store a number with magnitude larger than supported range`;
    const underflow = `${one}Number underflow. Attempting to store a number with magnitude smaller than supported range`;
    const precision = `${one}Attempting to store more than 38 significant digits in a Number`;
    const cases = [
        ...["abc", "1a", "--1", "1e", "e1", "1e+", "0x10", "NaN", "Infinity", "-", "+", ".", "1 ", " 1", "1_000", "1,5", "", "1e1.5", "\u0661"]
            .map((text) => [`the number ${JSON.stringify(text)}`, { N: text }, numeric(text)]),
        ...["1e126", "-1e126", "1e9999", "9.99999999999999999999999999999999999999e125".replace("99e", "9e") + "0", "12e125"]
            .map((text) => [`the number ${text}`, { N: text }, overflow]),
        ...["1e-131", "-1e-131", "0.1e-130", "1e-9999"].map((text) => [`the number ${text}`, { N: text }, underflow]),
        ...["123456789012345678901234567890123456789", "1.23456789012345678901234567890123456789", "-0.123456789012345678901234567890123456789"]
            .map((text) => [`the number ${text}`, { N: text }, precision]),
        ["a bad number in a set", { NS: ["1", "x"] }, numeric("x")],
        ["a bad number deep inside", { L: [{ M: { n: { N: "x" } } }] }, numeric("x")],
        ["a duplicate in SS", { SS: ["a", "b", "b"] }, `${INVALID}Input collection [a, b, b] contains duplicates.`],
        ["a duplicate in BS", { BS: ["AA==", "/w==", "AA=="] }, `${one}${INVALID}Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.`],
        ["a duplicate in NS", { NS: ["1", "2", "1"] }, `${one}${INVALID}Input collection contains duplicates.`],
        ["a duplicate in NS under another spelling", { NS: ["1", "1.0"] }, `${one}${INVALID}Input collection contains duplicates.`],
        ["an empty SS", { SS: [] }, `${INVALID}An string set  may not be empty`],
        ["an empty NS", { NS: [] }, `${INVALID}An number set  may not be empty`],
        ["an empty BS", { BS: [] }, `${one}${INVALID}Binary sets should not be empty`],
        ["NULL false", { NULL: false }, `${INVALID}Null attribute value types must have the value of true`],
        ["no type", {}, `${one}Supplied AttributeValue is empty, must contain exactly one of the supported datatypes`],
        ["only an unknown type", { X: "y" }, `${one}Supplied AttributeValue is empty, must contain exactly one of the supported datatypes`],
        ["only a null type", { S: null }, `${one}Supplied AttributeValue is empty, must contain exactly one of the supported datatypes`],
        ["two types", { S: "a", N: "1" }, `${one}Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes`],
        ["two types deep inside", { M: { x: { L: [{ S: "a", BOOL: true }] } } }, `${one}Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes`],
    ];
    refuses(api, "PutItem", "ValidationException", cases.map(([claim, value, text]) => [claim, put(value), text]));
});

describe("nesting", () => {
    const inMaps = (count) => {
        let value = { S: "leaf" };
        for (let level = 0; level < count; level++)
            value = level % 2 ? { L: [value] } : { M: { m: value } };
        return value;
    };

    it("a leaf under 31 lists and maps is kept", async () => {
        assert.deepEqual(await stored(inMaps(31)), inMaps(31));
    });

    for (const levels of [32, 33, 60])
        it(`a leaf under ${levels} is refused`, async () =>
            expectError(await api.call("PutItem", put(inMaps(levels))), "ValidationException",
                "1 validation error detected: Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"));

    it("thousands of levels are refused without harm", async () => {
        for (const levels of [500, 100_000]) {
            const value = '{"L":['.repeat(levels) + "]}".repeat(levels);
            const { status, json } = await api.call("PutItem", `{"TableName":"${table}","Item":{"pk":{"S":"a"},"value":${value}}}`);
            assert.equal(status, 400);
            assert.match(json.__type, /#(ValidationException|SerializationException)$/);
        }
    });
});

describe("size of an item", () => {
    const INTACT = 400 * 1024;
    const overhead = "pkvaluesvalue".length; /* both names and the key's value */
    const sizes = [
        ["S", (bytes) => ({ S: "x".repeat(bytes) }), 0],
        ["S of two-byte characters", (bytes) => ({ S: "é".repeat(Math.floor(bytes / 2)) + "x".repeat(bytes % 2) }), 0],
        ["B", (bytes) => ({ B: Buffer.alloc(bytes).toString("base64") }), 0],
        ["SS", (bytes) => ({ SS: ["a".repeat(bytes - 1), "b"] }), 0],
        ["L", (bytes) => ({ L: [{ S: "x".repeat(bytes) }] }), 4],
        ["M", (bytes) => ({ M: { name: { S: "x".repeat(bytes) } } }), 8],
        ["a number of 38 digits", (bytes) => ({ L: [{ N: "1".repeat(38) }, { S: "x".repeat(bytes) }] }), 25],
        ["1.5", (bytes) => ({ L: [{ N: "1.5" }, { S: "x".repeat(bytes) }] }), 8],
        ["-42", (bytes) => ({ L: [{ N: "-42" }, { S: "x".repeat(bytes) }] }), 8],
        ["BOOL and NULL", (bytes) => ({ L: [{ BOOL: true }, { NULL: true }, { S: "x".repeat(bytes) }] }), 8],
    ];
    for (const [name, make, more] of sizes) {
        const fits = INTACT - overhead - more;
        it(`${name}: 409,600 bytes fit, one more does not`, async () => {
            const fitting = await api.call("PutItem", put(make(fits)));
            assert.equal(fitting.status, 200, fitting.text.slice(0, 300));
            expectError(await api.call("PutItem", put(make(fits + 1))), "ValidationException",
                /Item size has exceeded the maximum allowed size$/);
        });
    }
});

describe("names of attributes", () => {
    it("may be 65,535 bytes long", async () => {
        const name = "n".repeat(65535);
        await api.ok("PutItem", { TableName: table, Item: { pk: { S: "names" }, [name]: { S: "x" } } });
        const { Item } = await api.ok("GetItem", { TableName: table, Key: { pk: { S: "names" } }, ConsistentRead: true });
        assert.deepEqual(Item[name], { S: "x" });
    });

    it("may not be longer", async () => {
        const { status, json } = await api.call("PutItem", { TableName: table, Item: { pk: { S: "names" }, ["n".repeat(65536)]: { S: "x" } } });
        assert.equal(status, 400);
        assert.match(json.__type, /#ValidationException$/);
    });

    it("thousands in one item come back", async () => {
        const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`attribute${index}`, { N: String(index) }]));
        const item = { pk: { S: "many" }, ...many };
        await api.ok("PutItem", { TableName: table, Item: item });
        const { Item } = await api.ok("GetItem", { TableName: table, Key: { pk: { S: "many" } }, ConsistentRead: true });
        assert.deepEqual(Item, item);
    });
});
