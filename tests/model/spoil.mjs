/* One thing wrong: each way changes a request in place, or leaves it when it has nothing to spoil. */

const BAD_VALUES = [
    { N: "abc" }, { N: "" }, { N: "1e126" }, { N: "-1e999" }, { N: "1e-131" }, { N: "1.00000000000000000000000000000000000001" }, { N: " 1" }, { N: "0x1" }, { N: "NaN" },
    { SS: [] }, { NS: [] }, { BS: [] }, { SS: ["a", "b", "a"] }, { NS: ["1", "1.0"] }, { BS: ["AA==", "AA=="] }, { NULL: false }, {}, { S: "a", N: "1" }, { NS: ["1", "x"] },
];

export function spoil(random, operation, body, table) {
    const ways = body.TransactItems ? WAYS[operation] : [...COMMON, ...(WAYS[operation] ?? [])];
    random.pick(ways)(random, body, table);
}

const EXPRESSIONS = ["ConditionExpression", "UpdateExpression", "FilterExpression", "ProjectionExpression", "KeyConditionExpression"];

const COMMON = [
    eachExpression((text, random) => text.slice(0, random.pick([...text.matchAll(/\b|$/g)]).index)), /* after some token */
    eachExpression((text, random) => `${text} ${random.pick(["x", ")", "AND", ",", "= :v", "#", "%"])}`),
    eachExpression((text) => text.replace(/attribute_exists|attribute_type|begins_with|contains|size|if_not_exists/, "no_function")),
    eachExpression((text) => text.replace(/alpha|beta|gamma|delta/, "status")),
    eachExpression((text) => text.replace(/, ?:[a-z0-9_]+\)/, ")")),
    function unusedValue(random, body) {
        if (body.ExpressionAttributeValues)
            body.ExpressionAttributeValues = { ...body.ExpressionAttributeValues, ":unused": { S: "x" } };
    },
    function unusedName(random, body) {
        if (body.ExpressionAttributeNames)
            body.ExpressionAttributeNames["#unused"] = "x";
    },
    without("ExpressionAttributeValues"),
    without("ExpressionAttributeNames"),
    function namesWithoutExpression(random, body) {
        if (EXPRESSIONS.every((name) => body[name] === undefined) && !body.RequestItems)
            body.ExpressionAttributeNames = { "#n": "alpha" };
    },
    function badValue(random, body) {
        if (body.ExpressionAttributeValues)
            body.ExpressionAttributeValues[random.pick(Object.keys(body.ExpressionAttributeValues))] = random.pick(BAD_VALUES);
    },
    function missingTable(random, body) {
        if (body.TableName)
            body.TableName = "NoSuchTable";
    },
];

const WAYS = {
    PutItem: [
        keyWays((body) => body.Item),
        function badValue(random, body) {
            body.Item.alpha = random.chance(50) ? random.pick(BAD_VALUES) : { L: [{ M: { x: random.pick(BAD_VALUES) } }] };
        },
        function tooDeep(random, body) {
            body.Item.alpha = nested(random.between(31, 33));
        },
        function returnValues(random, body) {
            body.ReturnValues = random.pick(["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]);
        },
    ],
    DeleteItem: [keyWays((body) => body.Key), extraKey],
    UpdateItem: [
        keyWays((body) => body.Key),
        extraKey,
        eachUpdate((text) => `SET alpha = :a, ${text}`),
        eachUpdate((text) => `${text} REMOVE alpha`),
        function keyUpdated(random, body, table) {
            body.UpdateExpression = `REMOVE ${random.pick(table.keys)[0]}`;
            for (const name of ["ExpressionAttributeNames", "ExpressionAttributeValues", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"])
                delete body[name];
        },
        function wrongOperand(random, body) {
            if (body.UpdateExpression && body.ExpressionAttributeValues)
                body.ExpressionAttributeValues[random.pick(Object.keys(body.ExpressionAttributeValues))] = random.pick([{ S: "x" }, { BOOL: true }, { M: {} }, { L: [] }, { B: "AA==" }, { NULL: true }]);
        },
        function tooManyDigits(random, body) {
            body.UpdateExpression = "SET alpha = :a + :b";
            delete body.ConditionExpression;
            delete body.ReturnValuesOnConditionCheckFailure;
            delete body.ExpressionAttributeNames;
            body.ExpressionAttributeValues = { ":a": { N: random.pick(["1e100", "9.9e125", "1e30"]) }, ":b": { N: random.pick(["1", "9.9e125", "1e-30"]) } };
        },
    ],
    GetItem: [keyWays((body) => body.Key), extraKey],
    Query: [
        function keyCondition(random, body, table) {
            const [[hash, type]] = table.keys;
            const value = body.ExpressionAttributeValues?.[Object.keys(body.ExpressionAttributeValues)[0]] ?? { [type]: "1" };
            body.KeyConditionExpression = random.pick([
                `${hash} > :k`, `${hash} <> :k`, `${hash} = :k OR ${hash} = :k`, `NOT ${hash} = :k`, `${hash} IN (:k)`, `alpha = :k`,
                `${hash} = :k AND alpha = :k`, `${hash} = :k AND ${hash} = :k`, `${hash}.x = :k`, `attribute_exists(${hash})`, `size(${hash}) = :k`,
            ]);
            for (const name of ["FilterExpression", "ProjectionExpression", "ExpressionAttributeNames", "ExclusiveStartKey"])
                delete body[name];
            body.ExpressionAttributeValues = body.KeyConditionExpression.includes(":k") ? { ":k": value } : undefined;
        },
        function filterOnKey(random, body, table) {
            delete body.FilterExpression;
            body.FilterExpression = `attribute_exists(${random.pick(table.keys)[0]})`;
        },
        function wrongKeyType(random, body) {
            const values = body.ExpressionAttributeValues;
            values[Object.keys(values)[0]] = { N: "1" };
        },
        function noKeyCondition(random, body) {
            delete body.KeyConditionExpression;
        },
        function badStartKey(random, body) {
            body.ExclusiveStartKey = random.pick([{ alpha: { S: "x" } }, { pk: { NULL: true } }, { ...body.ExclusiveStartKey, alpha: { S: "x" } }]);
        },
    ],
    Scan: [
        function badStartKey(random, body) {
            body.ExclusiveStartKey = random.pick([{ alpha: { S: "x" } }, { pk: { NULL: true } }, { ...body.ExclusiveStartKey, alpha: { S: "x" } }]);
        },
    ],
    TransactWriteItems: [
        function oneAction(random, body, table) {
            const [[kind, action]] = Object.entries(random.pick(body.TransactItems));
            spoil(random, { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "DeleteItem" }[kind], action, table);
            delete action.ReturnValues;
        },
    ],
    TransactGetItems: [
        function oneGet(random, body, table) {
            spoil(random, "GetItem", random.pick(body.TransactItems).Get, table);
        },
    ],
    BatchGetItem: [
        function duplicate(random, body, table) {
            const { Keys } = body.RequestItems[table.name];
            Keys.push(Keys[0]);
        },
        keyWays((body, table) => body.RequestItems[table.name].Keys[0]),
    ],
    BatchWriteItem: [
        function duplicate(random, body, table) {
            const requests = body.RequestItems[table.name];
            requests.push(random.pick(requests));
        },
        keyWays((body, table) => {
            const [{ PutRequest, DeleteRequest }] = body.RequestItems[table.name];
            return PutRequest?.Item ?? DeleteRequest.Key;
        }),
        function badValue(random, body, table) {
            const [{ PutRequest }] = body.RequestItems[table.name];
            if (PutRequest)
                PutRequest.Item.alpha = random.pick(BAD_VALUES);
        },
    ],
};

function eachExpression(change) {
    return function changedExpression(random, body) {
        const given = EXPRESSIONS.filter((name) => body[name] !== undefined);
        if (given.length === 0)
            return;
        const name = random.pick(given);
        body[name] = change(body[name], random);
    };
}

function eachUpdate(change) {
    return function changedUpdate(random, body) {
        if (body.UpdateExpression)
            body.UpdateExpression = change(body.UpdateExpression);
    };
}

function without(member) {
    return function removed(random, body) {
        if (EXPRESSIONS.some((name) => body[name] !== undefined))
            delete body[member];
    };
}

/* A key attribute is missing, empty, too long, or of another type. */
function keyWays(keyIn) {
    return function badKey(random, body, table) {
        const key = keyIn(body, table);
        const index = random.below(table.keys.length);
        const [name, type] = table.keys[index];
        const bytes = Buffer.alloc(index === 0 ? 2049 : 1025, "x");
        const changed = random.pick([
            undefined, { BOOL: true }, { L: [] }, type === "S" ? { N: "1" } : { S: "x" }, type === "B" ? { S: "" } : { B: "AA==" },
            ...(type === "S" ? [{ S: "" }, { S: bytes.toString() }] : []),
            ...(type === "B" ? [{ B: "" }, { B: bytes.toString("base64") }] : []),
        ]);
        if (changed)
            key[name] = changed;
        else
            delete key[name];
    };
}

function extraKey(random, body) {
    body.Key.alpha = { S: "x" };
}

/* A list in a list, so many levels. */
function nested(levels) {
    let value = { S: "innermost" };
    for (let level = 1; level < levels; level++)
        value = { L: [value] };
    return value;
}
