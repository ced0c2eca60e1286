/*
 * Random statements against the operations they stand for: one table is written by statements, its
 * twin by PutItem, UpdateItem and DeleteItem; both answer alike and hold the same in the end. What
 * SELECT finds is what Query and Scan find. Set STATOR_TEST_SEED to repeat.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { it } from "node:test";
import { Random } from "../crash/random.mjs";
import { openEndpoint } from "../support/endpoint.mjs";

const seed = Number(process.env.STATOR_TEST_SEED ?? randomInt(2 ** 31));
const WRITES = 400;
const READS = 300;

const random = new Random(seed);
const { below, pick, chance } = { below: (count) => random.below(count), pick: (list) => random.pick(list), chance: (percent) => random.chance(percent) };

const PARTITIONS = ["a", "b", "c"];
const PATHS = [["s"], ["n"], ["l"], ["m"], ["ss"], ["ns"], ["g"], ["m", "x"], ["m", "y"], ["l", 0], ["l", 1], ["gone"], ["status"]];

/* ---- values: as statements write them and as they are sent ---- */

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const scalars = [
    () => ({ S: pick(["", "a", "ab", "it's", "zz"]) }),
    () => ({ N: String(below(9) - 4) }),
    () => ({ BOOL: chance(50) }),
    () => ({ NULL: true }),
];
const subset = (list) => (chance(50) ? [list[0]] : list.slice(0, 1 + below(list.length)));
const collections = [
    () => ({ SS: subset(["a", "b", "c"]) }),
    () => ({ NS: subset(["1", "2", "3"]) }),
    () => ({ L: Array.from({ length: below(3) }, () => value()) }),
    () => ({ M: Object.fromEntries(["x", "y"].filter(() => chance(60)).map((name) => [name, value()])) }),
];
const value = () => pick(chance(70) ? scalars : collections)();

function literal(given) {
    const [type, content] = Object.entries(given)[0];
    return {
        S: () => quoted(content),
        N: () => content,
        BOOL: () => String(content),
        NULL: () => "null",
        SS: () => `<<${content.map(quoted).join(", ")}>>`,
        NS: () => `<<${content.join(", ")}>>`,
        L: () => `[${content.map(literal).join(", ")}]`,
        M: () => `{${Object.entries(content).map(([name, each]) => `${quoted(name)}: ${literal(each)}`).join(", ")}}`,
    }[type]();
}

/* A statement and the expressions that say the same, written side by side. */
class Spelling {
    parameters = [];
    names = {};
    values = {};
    #count = 0;

    path(steps) {
        const text = steps.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index ? "." : ""}"${step}"`)).join("");
        const names = steps.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index ? "." : ""}${this.#name(step)}`)).join("");
        return [text, names];
    }

    #name(step) {
        this.names[`#${step}`] = step;
        return `#${step}`;
    }

    value(given) {
        const placeholder = `:v${this.#count++}`;
        this.values[placeholder] = given;
        if (!chance(30))
            return [literal(given), placeholder];
        this.parameters.push(given);
        return ["?", placeholder];
    }

    members(more = {}) {
        return {
            ...more,
            ...(Object.keys(this.names).length && { ExpressionAttributeNames: this.names }),
            ...(Object.keys(this.values).length && { ExpressionAttributeValues: this.values }),
        };
    }
}

/* The same template twice: once with what statements say, once with what expressions say. */
const both = (strings, ...parts) => [0, 1].map((side) => strings.map((text, index) => text + (index < parts.length ? (Array.isArray(parts[index]) ? parts[index][side] : parts[index]) : "")).join(""));

/* ---- conditions ---- */

const leaves = [
    (spelling) => both`${spelling.path(pick(PATHS))} ${pick(["=", "<>", "<", "<=", ">", ">="])} ${spelling.value(pick(scalars)())}`,
    (spelling) => both`${spelling.path(pick(PATHS))} ${pick(["=", "<>"])} ${spelling.value(value())}`,
    (spelling) => both`${spelling.value({ N: String(below(5)) })} ${pick(["<", ">="])} ${spelling.path(pick(PATHS))}`,
    (spelling) => both`${spelling.path(pick(PATHS))} BETWEEN ${spelling.value({ N: String(below(3) - 2) })} AND ${spelling.value({ N: String(1 + below(3)) })}`,
    (spelling) => both`${spelling.path(pick(PATHS))} IN ${["[", "("]}${spelling.value(value())}, ${spelling.value(value())}${["]", ")"]}`,
    (spelling) => { const path = spelling.path(pick(PATHS)); return [`${path[0]} IS MISSING`, `attribute_not_exists(${path[1]})`]; },
    (spelling) => { const path = spelling.path(pick(PATHS)); return [`${path[0]} IS NOT MISSING`, `attribute_exists(${path[1]})`]; },
    (spelling) => { const path = spelling.path(pick(PATHS)); spelling.values[":null"] = { S: "NULL" }; return [`${path[0]} IS NULL`, `attribute_type(${path[1]}, :null)`]; },
    (spelling) => both`${["BEGINS_WITH", "begins_with"]}(${spelling.path(pick(PATHS))}, ${spelling.value({ S: pick(["", "a", "z"]) })})`,
    (spelling) => both`contains(${spelling.path(pick(PATHS))}, ${spelling.value(pick(scalars)())})`,
    (spelling) => both`size(${spelling.path(pick(PATHS))}) ${pick(["=", ">", "<="])} ${spelling.value({ N: String(below(4)) })}`,
    (spelling) => both`attribute_type(${spelling.path(pick(PATHS))}, ${spelling.value({ S: pick(["S", "N", "L", "M", "SS", "BOOL"]) })})`,
];

function condition(spelling, levels = 2) {
    if (levels === 0 || chance(40))
        return pick(leaves)(spelling);
    if (chance(25))
        return both`NOT ${condition(spelling, levels - 1)}`;
    return both`(${condition(spelling, levels - 1)} ${pick(["AND", "OR"])} ${condition(spelling, 0)})`;
}

/* ---- running ---- */

const api = await openEndpoint();
const index = (IndexName, names, ProjectionType) => ({ IndexName, KeySchema: names.map((AttributeName, place) => ({ AttributeName, KeyType: place ? "RANGE" : "HASH" })), Projection: { ProjectionType } });
const indexed = {
    AttributeDefinitions: [["pk", "S"], ["sk", "N"], ["g", "S"]].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    GlobalSecondaryIndexes: [index("global", ["g", "sk"], "ALL")],
    LocalSecondaryIndexes: [index("local", ["pk", "g"], "KEYS_ONLY")],
};
const spoken = await api.table("pk S, sk N", indexed);
const twin = await api.table("pk S, sk N", indexed);

const bare = (message) => message?.replace(/^1 validation error detected: /, "").replace(/^Invalid \w+Expression: /, "");
const nameOf = ({ json }) => json.__type?.replace(/.*#/, "").replace("DuplicateItemException", "ConditionalCheckFailedException");
const units = ({ json }) => json.ConsumedCapacity?.CapacityUnits;
const randomKey = () => ({ pk: { S: pick(PARTITIONS) }, sk: { N: String(below(5)) } });
const byKey = (items) => items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
const attributes = () => ({ ...Object.fromEntries(["s", "n", "l", "m", "ss", "ns", "status"].filter(() => chance(60)).map((name) => [name, value()])), ...(chance(60) && { g: { S: pick(["x", "y"]) } }) });

const outcomes = {};
const count = (outcome) => (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);

/* `isReordered`: of several mistakes the two tell of different ones. */
async function compareWrite(statement, spelling, operation, members, returned, isReordered = false) {
    const parameters = spelling.parameters.length ? { Parameters: spelling.parameters } : {};
    const told = await api.call("ExecuteStatement", { Statement: statement, ...parameters, ReturnConsumedCapacity: "TOTAL" });
    const done = await api.call(operation, spelling.members({ TableName: twin, ...members, ReturnConsumedCapacity: "TOTAL" }));
    const scene = `seed ${seed}: ${statement} ${JSON.stringify(parameters)}\n${JSON.stringify(members)}\n${told.text}\n${done.text}`;
    assert.equal(nameOf(told), nameOf(done), scene);
    if (nameOf(told) === "ValidationException" && !isReordered)
        assert.equal(bare(told.json.message), bare(done.json.message), scene);
    count(`${operation} ${nameOf(told) ?? "done"}`);
    if (done.status !== 200)
        return;
    assert.equal(units(told), units(done), scene);
    const found = returned && Object.keys(done.json.Attributes ?? {}).length > 0 ? [done.json.Attributes] : [];
    assert.deepEqual(byKey(told.json.Items), byKey(found), scene);
}

const writes = {
    insert() {
        const spelling = new Spelling();
        const Item = { ...attributes(), ...randomKey() };
        const members = Object.entries(Item).map(([name, each]) => {
            if (chance(70))
                return `${quoted(name)}: ${literal(each)}`;
            spelling.parameters.push(each);
            return `${quoted(name)}: ?`;
        });
        return compareWrite(`INSERT INTO "${spoken}" VALUE {${members.join(", ")}}`, spelling, "PutItem", { Item, ConditionExpression: "attribute_not_exists(pk)" });
    },
    remove() {
        const spelling = new Spelling();
        const Key = randomKey();
        const rest = chance(50) && condition(spelling);
        const returns = chance(50);
        const statement = `DELETE FROM "${spoken}" WHERE pk = ${literal(Key.pk)} AND ${literal(Key.sk)} = sk${rest ? ` AND ${rest[0]}` : ""}${returns ? " RETURNING ALL OLD *" : ""}`;
        return compareWrite(statement, spelling, "DeleteItem", { Key, ...(rest && { ConditionExpression: `attribute_not_exists(pk) OR ${rest[1]}` }), ...(returns && { ReturnValues: "ALL_OLD" }) }, returns);
    },
    update() {
        const spelling = new Spelling();
        const Key = randomKey();
        const changes = []; /* { clause, text, expression, parameters } */
        const target = () => spelling.path(pick(PATHS));
        const add = (clause, make) => {
            spelling.parameters = [];
            const [text, expression] = make();
            changes.push({ clause, text, expression, parameters: spelling.parameters });
        };
        const set = (make) => add("SET", () => both`${["SET ", ""]}${make()}`);
        const kinds = [
            () => set(() => both`${target()} = ${spelling.value(value())}`),
            () => set(() => both`${target()} = ${target()}`),
            () => set(() => both`${target()} = ${target()} ${pick(["+", "-"])} ${spelling.value({ N: String(below(5)) })}`),
            () => set(() => both`${target()} = list_append(${target()}, ${spelling.value({ L: [value()] })})`),
            () => set(() => both`${target()} = if_not_exists(${target()}, ${spelling.value(value())})`),
            () => add("REMOVE", () => both`${["REMOVE ", ""]}${target()}`),
            ...["ADD", "DELETE"].map((clause) => () => add(clause, () => {
                const path = target();
                const members = spelling.value(pick(collections.slice(0, 2))());
                return [`SET ${path[0]} = set_${clause.toLowerCase()}(${path[0]}, ${members[0]})`, `${path[1]} ${members[1]}`];
            })),
        ];
        for (let left = 1 + below(3); left > 0; left--)
            pick(kinds)();
        /* In the order of the clauses, so that of several mistakes both tell of the same one. */
        const CLAUSES = ["SET", "REMOVE", "ADD", "DELETE"];
        changes.sort((one, two) => CLAUSES.indexOf(one.clause) - CLAUSES.indexOf(two.clause));
        spelling.parameters = changes.flatMap(({ parameters }) => parameters);
        const expressionOf = (clause) => changes.filter((change) => change.clause === clause).map(({ expression }) => expression).join(", ");
        const rest = chance(40) && condition(spelling);
        const returning = chance(50) && pick(["ALL OLD", "ALL NEW", "MODIFIED OLD", "MODIFIED NEW"]);
        const where = `pk = ${literal(Key.pk)} AND sk = ${literal(Key.sk)}${rest ? ` AND ${rest[0]}` : ""}`;
        const changed = changes.map(({ text }) => text).join(" ");
        const isFromFirst = spelling.parameters.length === 0 && chance(30);
        const statement = (isFromFirst ? `FROM "${spoken}" WHERE ${where} ${changed}` : `UPDATE "${spoken}" ${changed} WHERE ${where}`) + (returning ? ` RETURNING ${returning} *` : "");
        return compareWrite(statement, spelling, "UpdateItem", {
            Key,
            UpdateExpression: CLAUSES.filter(expressionOf).map((clause) => `${clause} ${expressionOf(clause)}`).join(" "),
            ConditionExpression: `attribute_exists(pk)${rest ? ` AND ${rest[1]}` : ""}`,
            ...(returning && { ReturnValues: returning.replace("MODIFIED", "UPDATED").replace(" ", "_") }),
        }, returning, isFromFirst);
    },
};

async function all(operation, body, token, next = token) {
    const items = [];
    let more = {};
    do {
        const answer = await api.call(operation, { ...body, ...more });
        if (answer.status !== 200)
            return answer;
        items.push(...answer.json.Items);
        more = { [token]: answer.json[next] };
    } while (more[token]);
    return { items };
}

/* How a SELECT names the rows: its own words, and the operation that reads the same. */
const sources = [
    (spelling) => ({ where: null, operation: "Scan" }),
    (spelling) => ({ where: null, operation: "Scan", IndexName: pick(["global", "local"]) }),
    (spelling) => {
        const partition = pick(PARTITIONS);
        spelling.values[":pk"] = { S: partition };
        const range = chance(60) && pick([both`sk ${pick(["=", "<", "<=", ">", ">="])} ${spelling.value({ N: String(below(5)) })}`, both`sk BETWEEN ${spelling.value({ N: "1" })} AND ${spelling.value({ N: "3" })}`]);
        return { where: `pk = ${quoted(partition)}${range ? ` AND ${range[0]}` : ""}`, operation: "Query", KeyConditionExpression: `pk = :pk${range ? ` AND ${range[1]}` : ""}` };
    },
    (spelling) => {
        const partition = pick(["x", "y"]);
        spelling.values[":g"] = { S: partition };
        return { where: `g = ${quoted(partition)}`, operation: "Query", IndexName: "global", KeyConditionExpression: "g = :g" };
    },
];

async function compareRead() {
    const spelling = new Spelling();
    const { where, operation, ...members } = pick(sources)(spelling);
    /* Keys in parameters stand first; those that were not used in the end would be too many. */
    spelling.parameters = [];
    spelling.values = Object.fromEntries(Object.entries(spelling.values).filter(([placeholder]) => members.KeyConditionExpression?.match(new RegExp(`${placeholder}\\b`))));
    if (where?.includes("?"))
        return compareRead();
    const filter = members.IndexName !== "local" && chance(70) && condition(spelling);
    /* A filter cannot name keys, and of a statement it would be no filter. */
    if (filter && members.IndexName === "global" && /#g\b/.test(filter[1]))
        return compareRead();
    const conditions = [where, filter && filter[0]].filter(Boolean).join(" AND ");
    const order = operation === "Query" && chance(50) && pick(["", " DESC"]);
    const ordered = order === false ? "" : ` ORDER BY sk${order}`;
    const statement = `SELECT * FROM "${spoken}"${members.IndexName ? `."${members.IndexName}"` : ""}${conditions && ` WHERE ${conditions}`}${ordered}`;
    const parameters = spelling.parameters.length ? { Parameters: spelling.parameters } : {};
    const Limit = chance(50) ? 1 + below(6) : undefined;
    const told = await all("ExecuteStatement", { Statement: statement, ...parameters, Limit }, "NextToken");
    const done = await all(operation, spelling.members({
        TableName: twin, ...members, ...(filter && { FilterExpression: filter[1] }), ...(order && { ScanIndexForward: false })
    }), "ExclusiveStartKey", "LastEvaluatedKey");
    const scene = `seed ${seed}: ${statement} ${JSON.stringify(parameters)}\n${told.text}\n${done.text}`;
    count(`${operation} ${done.items ? "done" : "refused"}`);
    assert.equal(!told.items, !done.items, scene);
    if (!told.items)
        return assert.equal(bare(told.json.message), bare(done.json.message), scene);
    assert.deepEqual(byKey(told.items), byKey(done.items), scene);
    if (operation === "Query")
        assert.deepEqual(told.items.map(({ pk, sk }) => [pk.S, sk.N]), done.items.map(({ pk, sk }) => [pk.S, sk.N]), scene);
}

it(`statements and the operations they stand for write and answer alike (seed ${seed})`, async () => {
    for (let i = 0; i < WRITES; i++) {
        await writes[random.weighted([["insert", 40], ["update", 45], ["remove", 10]])]();
        if (i % 100 === 99)
            assert.deepEqual(byKey((await all("Scan", { TableName: spoken }, "ExclusiveStartKey")).items), byKey((await all("Scan", { TableName: twin }, "ExclusiveStartKey")).items), `seed ${seed}`);
    }
    for (const operation of ["PutItem", "UpdateItem", "DeleteItem"])
        for (const outcome of ["done", "ConditionalCheckFailedException"])
            assert.ok(outcomes[`${operation} ${outcome}`] > 0, JSON.stringify(outcomes));
    assert.ok(outcomes["UpdateItem ValidationException"] > 0, JSON.stringify(outcomes));
});

it(`SELECT finds what Query and Scan find (seed ${seed})`, async () => {
    for (let i = 0; i < READS; i++)
        await compareRead();
    assert.ok(outcomes["Query done"] > 0 && outcomes["Scan done"] > 0, JSON.stringify(outcomes));
});
