/*
 * Requests with the parameters that expressions replaced, some of them with operands that do not
 * fit, some mixed with an expression. `g` is the Generator.
 */
import { typeOf } from "./value.mjs";

/* An expression that has no place beside these parameters. */
const MIXED = {
    PutItem: { ConditionExpression: "attribute_exists(alpha)" },
    DeleteItem: { ConditionExpression: "attribute_exists(alpha)" },
    UpdateItem: { UpdateExpression: "REMOVE alpha" },
    GetItem: { ProjectionExpression: "alpha" },
    Query: { KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "a" } } },
    Scan: { FilterExpression: "attribute_exists(alpha)" },
};

export function legacyRequest(g, operation) {
    const body = REQUESTS[operation](g);
    const hasOlder = OLDER.some((name) => body[name] !== undefined);
    return hasOlder && g.random.chance(3) ? { ...body, ...MIXED[operation] } : body;
}

export const hasLegacy = (operation) => operation in REQUESTS;

const OLDER = ["Expected", "AttributeUpdates", "AttributesToGet", "KeyConditions", "ScanFilter"];

const REQUESTS = {
    PutItem(g) {
        const item = g.item();
        return { TableName: g.table.name, Item: item, ...expected(g, g.itemOf(item) ?? g.sample()), ...allOld(g) };
    },
    DeleteItem(g) {
        const key = g.key();
        return { TableName: g.table.name, Key: key, ...expected(g, g.itemOf(key) ?? g.sample()), ...allOld(g) };
    },
    UpdateItem(g) {
        const key = g.key();
        const item = g.itemOf(key) ?? g.sample();
        return {
            TableName: g.table.name,
            Key: key,
            AttributeUpdates: attributeUpdates(g, item),
            ...(g.random.chance(40) && expected(g, item)),
            ...(g.random.chance(60) && { ReturnValues: g.random.pick(["ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]) }),
        };
    },
    GetItem(g) {
        return { TableName: g.table.name, Key: g.key(), AttributesToGet: attributesToGet(g) };
    },
    Query(g) {
        const sample = g.sample();
        const filter = g.random.chance(60) ? conditions(g, g.withoutKey(sample), "QueryFilter") : {};
        return { TableName: g.table.name, KeyConditions: keyConditions(g, sample), ...filter, ...reading(g) };
    },
    Scan(g) {
        return { TableName: g.table.name, ...(g.random.chance(70) && conditions(g, g.sample(), "ScanFilter")), ...reading(g) };
    },
};

function allOld(g) {
    return g.random.chance(30) ? { ReturnValues: "ALL_OLD" } : {};
}

function reading(g) {
    const body = g.paging();
    return { ...body, ...(body.Select === undefined && g.random.chance(30) && { AttributesToGet: attributesToGet(g) }), ...(g.random.chance(30) && { ConsistentRead: true }) };
}

function attributesToGet(g) {
    const names = g.random.shuffled([...Object.keys(g.sample()), "absent"]).slice(0, g.random.between(1, 4));
    return g.random.chance(3) ? [...names, names[0]] : names;
}

function expected(g, sample) {
    const body = conditions(g, sample, "Expected");
    for (const [name, member] of Object.entries(body.Expected)) {
        const { AttributeValueList: [value, ...more] = [] } = member;
        if (g.random.chance(20))
            body.Expected[name] = value ? { Value: value } : { Exists: false };
        else if (value && more.length === 0 && g.random.chance(30))
            body.Expected[name] = { ComparisonOperator: member.ComparisonOperator, Value: value };
    }
    return body;
}

/* { [parameter]: { name: member, ... }, ConditionalOperator }. */
function conditions(g, sample, parameter) {
    const names = g.random.shuffled([...Object.keys(sample), "absent"]).slice(0, g.random.weighted([[1, 60], [2, 30], [3, 10]]));
    const joins = g.random.chance(names.length > 1 ? 40 : 2);
    return {
        [parameter]: Object.fromEntries(names.map((name) => [name, condition(g, sample[name])])),
        ...(joins && { ConditionalOperator: g.random.pick(["AND", "OR"]) }),
    };
}

function condition(g, there) {
    const { random } = g;
    const value = () => (there && random.chance(60) ? g.near(there) : g.value(2));
    const ordered = () => (there && ["S", "N", "B"].includes(typeOf(there)) && random.chance(70) ? g.near(there) : g.scalar());
    const operator = random.pick(["EQ", "NE", "LE", "LT", "GE", "GT", "BETWEEN", "IN", "BEGINS_WITH", "CONTAINS", "NOT_CONTAINS", "NULL", "NOT_NULL"]);
    const values = {
        EQ: () => [value()],
        NE: () => [value()],
        BETWEEN: () => g.bounds(there),
        IN: () => {
            const first = ordered();
            return [first, g.near(first), ...(random.chance(5) ? [g.scalar()] : [])];
        },
        BEGINS_WITH: () => [random.chance(90) ? g.valueOfType(there?.B === undefined ? "S" : "B") : ordered()],
        NULL: () => [],
        NOT_NULL: () => [],
    }[operator]?.() ?? [random.chance(95) ? ordered() : value()];
    if (random.chance(2))
        values.push(...values, { S: "one too many" });
    return { ComparisonOperator: operator, ...((values.length > 0 || random.chance(50)) && { AttributeValueList: values }) };
}

function keyConditions(g, sample) {
    const { random } = g;
    const [[hash], range] = g.table.keys;
    const one = (operator, ...values) => ({ ComparisonOperator: operator, AttributeValueList: values });
    const both = { [hash]: one("EQ", sample[hash]) };
    if (range && random.chance(60)) {
        const [name, type] = range;
        const operator = random.pick(["EQ", "LE", "LT", "GE", "GT", "BETWEEN", ...(type === "N" ? [] : ["BEGINS_WITH"])]);
        both[name] = operator === "BETWEEN" ? one(operator, ...g.keyBounds(type)) : one(operator, random.chance(60) ? sample[name] : g.key()[name]);
    }
    return both;
}

function attributeUpdates(g, item) {
    const { random } = g;
    const names = random.shuffled([...Object.keys(g.withoutKey(item)), "absent", "alpha"]).slice(0, random.between(1, 3));
    return Object.fromEntries(names.map((name) => [name, attributeUpdate(g, item[name])]));
}

function attributeUpdate(g, there) {
    const { random } = g;
    const Action = random.pick(["PUT", "ADD", "DELETE", "DELETE", undefined]);
    const suited = (types) => (there && types.includes(typeOf(there)) && random.chance(80) ? typeOf(there) : random.pick(types));
    const Value = {
        ADD: () => (random.chance(95) ? g.valueOfType(suited(["N", "SS", "NS", "BS", "L"])) : g.value(1)),
        DELETE: () => (random.chance(50) ? undefined : random.chance(95) ? g.valueOfType(suited(["SS", "NS", "BS"])) : g.value(1)),
    }[Action] ?? (() => (random.chance(97) ? g.value() : undefined));
    const value = Value();
    return { ...(Action && { Action }), ...(value && { Value: value }) };
}
