/*
 * Requests with the parameters that expressions replaced, some of them with operands that do not
 * fit, some mixed with an expression. `generator` is the Generator of generate.mjs.
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

export function legacyRequest(generator, operation) {
    const body = REQUESTS[operation](generator);
    const hasOlder = OLDER.some((name) => body[name] !== undefined);
    return hasOlder && generator.random.chance(3) ? { ...body, ...MIXED[operation] } : body;
}

export const hasLegacy = (operation) => operation in REQUESTS;

const OLDER = ["Expected", "AttributeUpdates", "AttributesToGet", "KeyConditions", "ScanFilter"];

const REQUESTS = {
    PutItem(generator) {
        const item = generator.item();
        return { TableName: generator.table.name, Item: item, ...expected(generator, generator.itemOf(item) ?? generator.sample()), ...allOld(generator) };
    },
    DeleteItem(generator) {
        const key = generator.key();
        return { TableName: generator.table.name, Key: key, ...expected(generator, generator.itemOf(key) ?? generator.sample()), ...allOld(generator) };
    },
    UpdateItem(generator) {
        const key = generator.key();
        const item = generator.itemOf(key) ?? generator.sample();
        return {
            TableName: generator.table.name,
            Key: key,
            AttributeUpdates: attributeUpdates(generator, item),
            ...(generator.random.chance(40) && expected(generator, item)),
            ...(generator.random.chance(60) && { ReturnValues: generator.random.pick(["ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]) }),
        };
    },
    GetItem(generator) {
        return { TableName: generator.table.name, Key: generator.key(), AttributesToGet: attributesToGet(generator) };
    },
    Query(generator) {
        const sample = generator.sample();
        const filter = generator.random.chance(60) ? conditions(generator, generator.withoutKey(sample), "QueryFilter") : {};
        return { TableName: generator.table.name, KeyConditions: keyConditions(generator, sample), ...filter, ...reading(generator) };
    },
    Scan(generator) {
        return { TableName: generator.table.name, ...(generator.random.chance(70) && conditions(generator, generator.sample(), "ScanFilter")), ...reading(generator) };
    },
};

function allOld(generator) {
    return generator.random.chance(30) ? { ReturnValues: "ALL_OLD" } : {};
}

function reading(generator) {
    const body = generator.paging();
    return { ...body, ...(body.Select === undefined && generator.random.chance(30) && { AttributesToGet: attributesToGet(generator) }), ...(generator.random.chance(30) && { ConsistentRead: true }) };
}

function attributesToGet(generator) {
    const names = generator.random.shuffled([...Object.keys(generator.sample()), "absent"]).slice(0, generator.random.between(1, 4));
    return generator.random.chance(3) ? [...names, names[0]] : names;
}

function expected(generator, sample) {
    const body = conditions(generator, sample, "Expected");
    for (const [name, member] of Object.entries(body.Expected)) {
        const { AttributeValueList: [value, ...more] = [] } = member;
        if (generator.random.chance(20))
            body.Expected[name] = value ? { Value: value } : { Exists: false };
        else if (value && more.length === 0 && generator.random.chance(30))
            body.Expected[name] = { ComparisonOperator: member.ComparisonOperator, Value: value };
    }
    return body;
}

/* { [parameter]: { name: member, ... }, ConditionalOperator }. */
function conditions(generator, sample, parameter) {
    const names = generator.random.shuffled([...Object.keys(sample), "absent"]).slice(0, generator.random.weighted([[1, 60], [2, 30], [3, 10]]));
    const joins = generator.random.chance(names.length > 1 ? 40 : 2);
    return {
        [parameter]: Object.fromEntries(names.map((name) => [name, condition(generator, sample[name])])),
        ...(joins && { ConditionalOperator: generator.random.pick(["AND", "OR"]) }),
    };
}

function condition(generator, there) {
    const { random } = generator;
    const value = () => (there && random.chance(60) ? generator.near(there) : generator.value(2));
    const ordered = () => (there && ["S", "N", "B"].includes(typeOf(there)) && random.chance(70) ? generator.near(there) : generator.scalar());
    const operator = random.pick(["EQ", "NE", "LE", "LT", "GE", "GT", "BETWEEN", "IN", "BEGINS_WITH", "CONTAINS", "NOT_CONTAINS", "NULL", "NOT_NULL"]);
    const values = {
        EQ: () => [value()],
        NE: () => [value()],
        BETWEEN: () => generator.bounds(there),
        IN: () => {
            const first = ordered();
            return [first, generator.near(first), ...(random.chance(5) ? [generator.scalar()] : [])];
        },
        BEGINS_WITH: () => [random.chance(90) ? generator.valueOfType(there?.B === undefined ? "S" : "B") : ordered()],
        NULL: () => [],
        NOT_NULL: () => [],
    }[operator]?.() ?? [random.chance(95) ? ordered() : value()];
    if (random.chance(2))
        values.push(...values, { S: "one too many" });
    return { ComparisonOperator: operator, ...((values.length > 0 || random.chance(50)) && { AttributeValueList: values }) };
}

function keyConditions(generator, sample) {
    const { random } = generator;
    const [[hash], range] = generator.table.keys;
    const one = (operator, ...values) => ({ ComparisonOperator: operator, AttributeValueList: values });
    const both = { [hash]: one("EQ", sample[hash]) };
    if (range && random.chance(60)) {
        const [name, type] = range;
        const operator = random.pick(["EQ", "LE", "LT", "GE", "GT", "BETWEEN", ...(type === "N" ? [] : ["BEGINS_WITH"])]);
        both[name] = operator === "BETWEEN" ? one(operator, ...generator.keyBounds(type)) : one(operator, random.chance(60) ? sample[name] : generator.key()[name]);
    }
    return both;
}

function attributeUpdates(generator, item) {
    const { random } = generator;
    const names = random.shuffled([...Object.keys(generator.withoutKey(item)), "absent", "alpha"]).slice(0, random.between(1, 3));
    return Object.fromEntries(names.map((name) => [name, attributeUpdate(generator, item[name])]));
}

function attributeUpdate(generator, there) {
    const { random } = generator;
    const Action = random.pick(["PUT", "ADD", "DELETE", "DELETE", undefined]);
    const suited = (types) => (there && types.includes(typeOf(there)) && random.chance(80) ? typeOf(there) : random.pick(types));
    const Value = {
        ADD: () => (random.chance(95) ? generator.valueOfType(suited(["N", "SS", "NS", "BS", "L"])) : generator.value(1)),
        DELETE: () => (random.chance(50) ? undefined : random.chance(95) ? generator.valueOfType(suited(["SS", "NS", "BS"])) : generator.value(1)),
    }[Action] ?? (() => (random.chance(97) ? generator.value() : undefined));
    const value = Value();
    return { ...(Action && { Action }), ...(value && { Value: value }) };
}
