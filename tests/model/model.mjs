/*
 * A small, slow, obvious DynamoDB: item operations on tables without indexes.
 *
 *   const model = new Model();
 *   model.addTable({ name, keys: [["pk", "S"], ["sk", "N"]] });
 *   model.call("PutItem", { ... })         { status, json }
 *
 * Its answers are whole; an error's message is a text, or a pattern where the reference leaves the
 * wording open. It judges requests that have the right JSON types and at most one thing wrong:
 * in which order several are found is the business of the API tests.
 * The order of partitions in a Scan is the server's own: learnPartitions tells it.
 */
import { holds, project, updated } from "./evaluate.mjs";
import {
    demandBatchItem, demandDistinct, demandFilterWithoutKeys, demandKey, demandKeyClauses, demandKeys, isKey, keyClausesOf, keyOf,
} from "./keys.mjs";
import { demandOneKind, legacyCondition, legacyKeyClauses, legacyProjection, legacyUpdate } from "./legacy.mjs";
import { Refused, refuse } from "./refused.mjs";
import { Parser, Placeholders } from "./syntax.mjs";
import { canonical, canonicalItem, compare, itemBytes, textOf, typeOf } from "./value.mjs";

const ITEM_BYTES_MAX = 409_600;
const PAGE_BYTES_MAX = 1024 * 1024;
const INVALID = "One or more parameter values were invalid: ";
const NO_UPDATE = { SET: [], REMOVE: [], ADD: [], DELETE: [], paths: [] };
const SCHEMA_MISMATCH = "The provided key element does not match the schema";

export class Model {
    #tables = new Map();
    #operations = {
        PutItem: (body) => this.#writeOne(body, putPlan(body)),
        UpdateItem: (body) => this.#writeOne(body, updatePlan(body)),
        DeleteItem: (body) => this.#writeOne(body, deletePlan(body)),
        GetItem: (body) => this.#get(body),
        Query: (body) => this.#query(body),
        Scan: (body) => this.#scan(body),
        BatchGetItem: (body) => this.#batchGet(body),
        BatchWriteItem: (body) => this.#batchWrite(body),
        TransactWriteItems: (body) => this.#transactWrite(body),
        TransactGetItems: (body) => this.#transactGet(body),
    };
    #tokens = new Map(); /* token -> the request that took effect with it, as text */

    addTable({ name, keys }) {
        this.#tables.set(name, { name, keys, partitions: [], items: new Map() });
    }

    /* `values` of the partition key in the order of a Scan. */
    learnPartitions(name, values) {
        this.#tables.get(name).partitions = values.map((value) => textOf(canonical(value)));
    }

    call(operation, body) {
        try {
            return { status: 200, json: this.#operations[operation](body) };
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            return { status: 400, json: { __type: error.type, message: error.text, ...error.members } };
        }
    }

    itemsOf(name) {
        return [...this.#tables.get(name).items.values()];
    }

    itemOf(name, key) {
        return this.#tables.get(name).items.get(textOf(canonicalItem(key)));
    }

    #table(name) {
        return this.#tables.get(name) ?? fail("ResourceNotFoundException", "Requested resource not found");
    }

    /* ---- writes of one item ---- */

    #writeOne(body, plan) {
        const table = this.#table(body.TableName);
        return this.#write(table, plan.keyIn(table), body, plan);
    }

    #write(table, key, body, { condition, change, paths = [] }) {
        const old = table.items.get(textOf(key));
        if (condition && !holds(condition, old ?? {}))
            fail("ConditionalCheckFailedException", "The conditional request failed",
                old && body.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? { Item: old } : {});
        const item = change(old);
        this.#store(table, key, item);
        const attributes = {
            ALL_OLD: () => old,
            ALL_NEW: () => item,
            UPDATED_OLD: () => project(old ?? {}, paths),
            UPDATED_NEW: () => project(item ?? {}, paths),
        }[body.ReturnValues]?.() ?? {};
        return {
            ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
            ...capacityOf(body, writeUnits(old, item)),
        };
    }

    #store(table, key, item) {
        if (item)
            table.items.set(textOf(key), item);
        else
            table.items.delete(textOf(key));
    }

    /* ---- reads ---- */

    #get(body) {
        const key = canonicalItem(body.Key);
        const projection = projectionOf(body);
        const table = this.#table(body.TableName);
        demandKey(table, key);
        const item = table.items.get(textOf(key));
        return {
            ...(item && { Item: projection ? project(item, projection) : item }),
            ...capacityOf(body, readUnits(itemBytes(item), body.ConsistentRead)),
        };
    }

    #query(body) {
        const parameters = ["KeyConditionExpression", "FilterExpression", "ProjectionExpression"];
        demandOneKind(body, ["AttributesToGet", "QueryFilter", "ConditionalOperator", ...(body.KeyConditionExpression === undefined ? [] : ["KeyConditions"])],
            ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"]);
        demandNoIdlePlaceholders(body, parameters);
        const startKey = body.ExclusiveStartKey && canonicalItem(body.ExclusiveStartKey);
        if (body.KeyConditionExpression === undefined && body.KeyConditions === undefined)
            refuse("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
        const placeholders = placeholdersOf(body, parameters);
        const clauses = body.KeyConditions ? legacyKeyClauses(body.KeyConditions)
            : keyClausesOf(new Parser("KeyConditionExpression", body.KeyConditionExpression, placeholders).condition());
        const filter = parsedCondition("FilterExpression", body, placeholders) ?? legacyCondition(body.QueryFilter, body.ConditionalOperator);
        const projection = parsedProjection(body, placeholders);
        placeholders.demandAllUsed();
        const table = this.#table(body.TableName);
        const [[hash], range] = table.keys;
        const isWhole = startKey && Object.keys(startKey).length === table.keys.length;
        if (startKey)
            demandStartKey(isWhole, startKey, table.keys.slice(0, 1));
        demandKeyClauses(table, clauses);
        const matches = (item, names) => clauses.filter(({ name }) => names.includes(name)).every(({ tree }) => holds(tree, item));
        const limitsRange = range && clauses.some(({ name }) => name === range[0]);
        const findsOne = !range || clauses.some(({ name, tree }) => name === range[0] && tree.compare === "=");
        if (startKey) {
            demandStartKey(isWhole, startKey, table.keys);
            if (range && !matches(startKey, [range[0]]))
                refuse("The provided starting key does not match the range key predicate");
            const isOutside = !matches(startKey, [hash]);
            if (isOutside && !limitsRange)
                refuse("The provided starting key is outside query boundaries based on provided conditions");
            if (isOutside || findsOne)
                refuse("The query can return at most one row and cannot be restarted");
        }
        demandFilterWithoutKeys(table, filter);
        const found = inOrder(table).filter((item) => matches(item, table.keys.map(([name]) => name)));
        if (body.ScanIndexForward === false)
            found.reverse();
        return page(table, findsOne ? { ...body, Limit: undefined } : body, found, { filter, projection, startKey });
    }

    #scan(body) {
        const startKey = body.ExclusiveStartKey && canonicalItem(body.ExclusiveStartKey);
        demandOneKind(body, ["AttributesToGet", "ScanFilter", "ConditionalOperator"], ["ProjectionExpression", "FilterExpression"]);
        const placeholders = placeholdersOf(body, ["FilterExpression", "ProjectionExpression"]);
        const filter = parsedCondition("FilterExpression", body, placeholders) ?? legacyCondition(body.ScanFilter, body.ConditionalOperator);
        const projection = parsedProjection(body, placeholders);
        placeholders.demandAllUsed();
        const table = this.#table(body.TableName);
        if (startKey && !isKey(table, startKey))
            refuse(`The provided starting key is invalid: ${SCHEMA_MISMATCH}`);
        return page(table, body, inOrder(table), { filter, projection, startKey });
    }

    /* ---- batches ---- */

    #batchGet(body) {
        const blocks = Object.entries(body.RequestItems).map(([name, block]) => {
            const keys = block.Keys.map((key) => canonicalItem(key));
            demandDistinct(keys);
            return { name, block, keys, projection: projectionOf(block) };
        });
        const answer = { Responses: {}, UnprocessedKeys: {}, ConsumedCapacity: [] };
        for (const { name, block, keys, projection } of blocks) {
            const table = this.#table(name);
            keys.forEach((key) => demandKey(table, key));
            const found = keys.map((key) => table.items.get(textOf(key)));
            answer.Responses[name] = found.filter(Boolean).map((item) => (projection ? project(item, projection) : item));
            const units = found.reduce((sum, item) => sum + readUnits(itemBytes(item), block.ConsistentRead), 0);
            answer.ConsumedCapacity.push(capacityOf({ ...body, TableName: name }, units).ConsumedCapacity);
        }
        return withoutUnasked(body, answer);
    }

    #batchWrite(body) {
        const blocks = Object.entries(body.RequestItems).map(([name, requests]) => ({
            name,
            writes: requests.map(({ PutRequest, DeleteRequest }) =>
                PutRequest ? { item: canonicalItem(PutRequest.Item) } : { key: canonicalItem(DeleteRequest.Key) }),
        }));
        for (const { writes } of blocks)
            for (const { item } of writes)
                if (itemBytes(item) > ITEM_BYTES_MAX)
                    refuse("Item size has exceeded the maximum allowed size");
        for (const { name, writes } of blocks) {
            const table = this.#table(name);
            for (const write of writes) {
                write.key ??= demandBatchItem(table, write.item);
                demandKey(table, write.key);
            }
            demandDistinct(writes.map(({ key }) => key));
        }
        const answer = { UnprocessedItems: {}, ConsumedCapacity: [] };
        for (const { name, writes } of blocks) {
            const table = this.#table(name);
            let units = 0;
            for (const { item, key } of writes) {
                units += writeUnits(table.items.get(textOf(key)), item);
                this.#store(table, key, item);
            }
            answer.ConsumedCapacity.push(capacityOf({ ...body, TableName: name }, units).ConsumedCapacity);
        }
        return withoutUnasked(body, answer);
    }

    /* ---- transactions ---- */

    #transactWrite(body) {
        const actions = body.TransactItems.map((each) => {
            const [[kind, action]] = Object.entries(each);
            return { kind, action, plan: PLANS[kind](withoutIdlePlaceholders(action)) };
        });
        for (const each of actions)
            each.table = this.#table(each.action.TableName);
        demandTargets(actions, ({ table, plan }) => plan.keyIn(table));
        for (const each of actions)
            each.old = each.item = each.table.items.get(textOf(each.key));
        if (this.#isRepeated(body))
            return this.#capacityOfAll(body, actions, ({ old }) => 2 * readUnits(itemBytes(old), true), "ReadCapacityUnits");
        const reasons = reasonsAgainst(actions);
        if (reasons.some(({ Code }) => Code !== "None"))
            cancel(reasons);
        for (const { table, key, item } of actions)
            this.#store(table, key, item);
        if (body.ClientRequestToken)
            this.#tokens.set(body.ClientRequestToken, JSON.stringify(body));
        return this.#capacityOfAll(body, actions, ({ old, item }) => 2 * writeUnits(old, item), "WriteCapacityUnits");
    }

    #isRepeated(body) {
        const known = this.#tokens.get(body.ClientRequestToken);
        if (known && known !== JSON.stringify(body))
            fail("IdempotentParameterMismatchException", /different payload/);
        return known !== undefined;
    }

    #transactGet(body) {
        const gets = body.TransactItems.map(({ Get }) => ({ action: Get, wanted: canonicalItem(Get.Key), projection: projectionOf(withoutIdlePlaceholders(Get)) }));
        for (const each of gets)
            each.table = this.#table(each.action.TableName);
        demandTargets(gets, ({ table, wanted }) => {
            demandKey(table, wanted);
            return wanted;
        });
        for (const each of gets)
            each.item = each.table.items.get(textOf(each.key));
        const answer = ({ item, projection }) => {
            const shown = item && projection ? project(item, projection) : item;
            return shown && Object.keys(shown).length > 0 ? { Item: shown } : {};
        };
        return {
            Responses: gets.map(answer),
            ...this.#capacityOfAll(body, gets, ({ item }) => 2 * readUnits(itemBytes(item), true), "ReadCapacityUnits"),
        };
    }

    /* One entry a table, in the order in which they are named. */
    #capacityOfAll({ ReturnConsumedCapacity: asked }, actions, unitsOf, direction) {
        const units = new Map();
        for (const each of actions)
            units.set(each.action.TableName, (units.get(each.action.TableName) ?? 0) + unitsOf(each));
        const ConsumedCapacity = [...units].map(([TableName, sum]) => {
            const part = { CapacityUnits: sum, [direction]: sum };
            return { TableName, ...part, ...(asked === "INDEXES" && { Table: part }) };
        });
        return withoutUnasked({ ReturnConsumedCapacity: asked }, { ConsumedCapacity });
    }
}

/* ---- what writes plan, before their table is known ---- */

/* { condition, keyIn(table), change(old), paths }: keyIn is the item's key, or refuses. */
function putPlan(body) {
    const item = canonicalItem(body.Item);
    const condition = conditionOf(body);
    demandReturnValues(body);
    if (itemBytes(item) > ITEM_BYTES_MAX)
        refuse("Item size has exceeded the maximum allowed size");
    const keyIn = (table) => {
        demandKeys(table, item);
        return keyOf(table, item);
    };
    return { condition, keyIn, change: () => item };
}

function keyPlan(body, change) {
    const key = canonicalItem(body.Key);
    const condition = conditionOf(body);
    demandReturnValues(body);
    const keyIn = (table) => {
        demandKey(table, key);
        return key;
    };
    return { condition, keyIn, change };
}

const deletePlan = (body) => keyPlan(body, () => undefined);
const checkPlan = (body) => keyPlan(body, (old) => old);

function updatePlan(body) {
    const key = canonicalItem(body.Key);
    demandOneKind(body, ["AttributeUpdates", "Expected", "ConditionalOperator"], ["UpdateExpression", "ConditionExpression"]);
    const placeholders = placeholdersOf(body, ["UpdateExpression", "ConditionExpression"]);
    const update = updateOf(body, placeholders);
    const condition = parsedCondition("ConditionExpression", body, placeholders) ?? legacyCondition(body.Expected, body.ConditionalOperator);
    placeholders.demandAllUsed();
    const keyIn = (table) => {
        demandKey(table, key);
        for (const [name] of table.keys)
            if (update.paths.some(([first]) => first === name))
                refuse(`${INVALID}Cannot update attribute ${name}. This attribute is part of the key`);
        return key;
    };
    const change = (old) => {
        const onlyTakesAway = update.paths.length > 0 && update.SET.length + update.ADD.length === 0;
        if (!old && onlyTakesAway)
            return undefined;
        const item = canonicalItem(updated(update, old, key)); /* it may be too deep now */
        if (itemBytes(item) > ITEM_BYTES_MAX)
            refuse("Item size to update has exceeded the maximum allowed size");
        return item;
    };
    return { condition, keyIn, change, paths: update.paths };
}

const PLANS = { Put: putPlan, Update: updatePlan, Delete: deletePlan, ConditionCheck: checkPlan };

/* ---- cancelling ---- */

const NO_REASON = { Code: "None" };

function cancel(reasons) {
    fail("TransactionCanceledException",
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
        { CancellationReasons: reasons });
}

/* Sets each one's key. Empty keys and repeated targets refuse the request, the first wrong key cancels. */
function demandTargets(actions, keyOfAction) {
    for (const each of actions) {
        each.refusal = refusalOf(() => (each.key = keyOfAction(each)));
        if (String(each.refusal?.text).startsWith("One or more parameter values are not valid"))
            throw each.refusal;
    }
    const targets = actions.filter(({ key }) => key).map(({ table, key }) => `${table.name} ${textOf(key)}`);
    if (new Set(targets).size < targets.length)
        refuse("Transaction request cannot include multiple operations on one item");
    const first = actions.find(({ refusal }) => refusal);
    if (first)
        cancel(actions.map((each) => (each === first ? validationError(first.refusal) : NO_REASON)));
}

/* Sets each one's item as it would be. Of the updates that cannot be only the first is told. */
function reasonsAgainst(actions) {
    let isTold = false;
    return actions.map((each) => {
        const { action, plan, old } = each;
        if (plan.condition && !holds(plan.condition, old ?? {}))
            return {
                Code: "ConditionalCheckFailed",
                Message: "The conditional request failed",
                ...(old && action.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && { Item: old }),
            };
        const refusal = refusalOf(() => (each.item = plan.change(old)));
        if (!refusal || isTold)
            return NO_REASON;
        isTold = true;
        return validationError(refusal);
    });
}

const validationError = (refusal) => ({ Code: "ValidationError", Message: refusal.text });

function refusalOf(attempt) {
    try {
        attempt();
    } catch (error) {
        if (!(error instanceof Refused))
            throw error;
        return error;
    }
}

function fail(type, message, members) {
    throw new Refused(type, message, members);
}

/* ---- expressions ---- */

/* The parts of a starting key that these keys have. */
function demandStartKey(isWhole, startKey, keys) {
    const wrong = keys.find(([name, type]) => !startKey[name] || typeOf(startKey[name]) !== type);
    if (!isWhole || wrong)
        refuse(isWhole && startKey[wrong[0]] ? SCHEMA_MISMATCH : "The provided starting key is invalid");
}

/* A projection has names, but no values. */
function demandNoIdlePlaceholders(body, parameters) {
    for (const kind of ["Names", "Values"]) {
        const takers = parameters.filter((name) => kind === "Names" || name !== "ProjectionExpression");
        if (body[`ExpressionAttribute${kind}`] && takers.every((name) => body[name] === undefined))
            refuse(new RegExp(`ExpressionAttribute${kind} can only be specified when using expressions`));
    }
}

function placeholdersOf(body, parameters) {
    demandNoIdlePlaceholders(body, parameters);
    for (const kind of ["Names", "Values"]) {
        const placeholders = body[`ExpressionAttribute${kind}`];
        if (placeholders && Object.keys(placeholders).length === 0)
            refuse(`ExpressionAttribute${kind} must not be empty`);
    }
    return new Placeholders(body);
}

/* Transactions take placeholders where there is no expression; other operations do not. */
function withoutIdlePlaceholders(action) {
    const { ExpressionAttributeNames, ExpressionAttributeValues, ...rest } = action;
    return Object.keys(rest).some((name) => name.endsWith("Expression")) ? action : rest;
}

function parsedCondition(parameter, body, placeholders) {
    return body[parameter] === undefined ? undefined : new Parser(parameter, body[parameter], placeholders).condition();
}

function updateOf(body, placeholders) {
    if (body.AttributeUpdates)
        return legacyUpdate(body.AttributeUpdates);
    return body.UpdateExpression === undefined ? NO_UPDATE : new Parser("UpdateExpression", body.UpdateExpression, placeholders).update();
}

function parsedProjection(body, placeholders) {
    if (body.AttributesToGet)
        return legacyProjection(body.AttributesToGet);
    const text = body.ProjectionExpression;
    return text === undefined ? undefined : new Parser("ProjectionExpression", text, placeholders).projection();
}

function conditionOf(body) {
    demandOneKind(body, ["Expected", "ConditionalOperator"], ["ConditionExpression"]);
    const placeholders = placeholdersOf(body, ["ConditionExpression"]);
    const condition = parsedCondition("ConditionExpression", body, placeholders) ?? legacyCondition(body.Expected, body.ConditionalOperator);
    placeholders.demandAllUsed();
    return condition;
}

function projectionOf(body) {
    demandOneKind(body, ["AttributesToGet"], ["ProjectionExpression"]);
    const placeholders = placeholdersOf(body, ["ProjectionExpression"]);
    const projection = parsedProjection(body, placeholders);
    placeholders.demandAllUsed();
    return projection;
}

function demandReturnValues({ ReturnValues: given }) {
    if (given !== undefined && given !== "ALL_OLD" && given !== "NONE")
        refuse("ReturnValues can only be ALL_OLD or NONE");
}

/* ---- pages ---- */

/* All items, in the order of a Scan. */
function inOrder(table) {
    const ranked = [...table.items.values()].map((item) => ({ item, rank: rankOf(table, item) }));
    return ranked.sort((a, b) => inScanOrder(table, a, b)).map(({ item }) => item);
}

/* Of the item's partition. */
function rankOf(table, item) {
    return table.partitions.indexOf(textOf(item[table.keys[0][0]]));
}

function inScanOrder(table, a, b) {
    const range = table.keys[1]?.[0];
    return a.rank - b.rank || (range ? compare(a.item[range], b.item[range]) : 0);
}

function page(table, body, items, { filter, projection, startKey }) {
    if (startKey) {
        const backward = body.ScanIndexForward === false ? -1 : 1;
        const start = { item: startKey, rank: rankOf(table, startKey) };
        items = items.filter((item) => inScanOrder(table, { item, rank: rankOf(table, item) }, start) * backward > 0);
    }
    let bytes = 0;
    let scanned = 0;
    while (scanned < items.length && scanned < (body.Limit ?? Infinity) && bytes < PAGE_BYTES_MAX)
        bytes += itemBytes(items[scanned++]);
    const seen = items.slice(0, scanned);
    const found = seen.filter((item) => !filter || holds(filter, item));
    const stopped = scanned === body.Limit || bytes >= PAGE_BYTES_MAX;
    return {
        ...(body.Select !== "COUNT" && { Items: found.map((item) => (projection ? project(item, projection) : item)) }),
        Count: found.length,
        ScannedCount: scanned,
        ...(stopped && { LastEvaluatedKey: keyOf(table, seen.at(-1)) }),
        ...capacityOf(body, readUnits(bytes, body.ConsistentRead)),
    };
}

/* ---- capacity ---- */

function readUnits(bytes, consistent) {
    return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}

function writeUnits(old, item) {
    return Math.max(1, Math.ceil(Math.max(itemBytes(old), itemBytes(item)) / 1024));
}

function capacityOf({ TableName, ReturnConsumedCapacity: asked }, units) {
    if (asked !== "TOTAL" && asked !== "INDEXES")
        return {};
    return { ConsumedCapacity: { TableName, CapacityUnits: units, ...(asked === "INDEXES" && { Table: { CapacityUnits: units } }) } };
}

function withoutUnasked({ ReturnConsumedCapacity: asked }, { ConsumedCapacity, ...rest }) {
    return asked === "TOTAL" || asked === "INDEXES" ? { ...rest, ConsumedCapacity } : rest;
}
