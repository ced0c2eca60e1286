/* Keys of items, and conditions on them: what the model refuses because of a table's key schema. */
import { refuse } from "./refused.mjs";
import { textBytes, textOf, typeOf } from "./value.mjs";

const INVALID = "One or more parameter values were invalid: ";
const SCHEMA_MISMATCH = "The provided key element does not match the schema";

export function keyOf(table, item) {
    return Object.fromEntries(table.keys.map(([name]) => [name, item[name]]));
}

export function isKey(table, key) {
    return Object.keys(key).length === table.keys.length && table.keys.every(([name, type]) => key[name] && typeOf(key[name]) === type);
}

export function demandKey(table, key) {
    if (!isKey(table, key))
        refuse(SCHEMA_MISMATCH);
    demandKeyValues(table, key);
}

/* PutItem names what is wrong with a key, batches do not. */
export function demandKeys(table, item) {
    for (const [name, type] of table.keys) {
        if (!item[name])
            refuse(`${INVALID}Missing the key ${name} in the item`);
        if (typeOf(item[name]) !== type)
            refuse(`${INVALID}Type mismatch for key ${name} expected: ${type} actual: ${typeOf(item[name])}`);
    }
    demandKeyValues(table, item);
}

export function demandBatchItem(table, item) {
    const key = keyOf(table, item);
    if (!isKey(table, key))
        refuse(SCHEMA_MISMATCH);
    return key;
}

function demandKeyValues(table, item) {
    table.keys.forEach(([name, type], index) => {
        const bytes = type === "S" ? textBytes(item[name].S) : type === "B" ? Buffer.from(item[name].B, "base64").length : 1;
        if (bytes === 0)
            refuse(`One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === "S" ? "string" : "binary"} value. Key: ${name}`);
        if (index === 0 && bytes > 2048)
            refuse(`${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`);
        if (index === 1 && bytes > 1024)
            refuse(`${INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`);
    });
}

export function demandDistinct(keys) {
    if (new Set(keys.map(textOf)).size < keys.length)
        refuse("Provided list of item keys contains duplicates");
}

/* ---- key conditions ---- */

/* The clauses of a key condition, each with the name of the one attribute that it is about. */
export function keyClausesOf(tree) {
    if (tree.and)
        return tree.and.flatMap(keyClausesOf);
    if (tree.or)
        refuse("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR");
    if (tree.not)
        refuse("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: NOT");
    if (tree.in)
        refuse("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: IN");
    if (tree.compare === "<>")
        refuse("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: <>");
    if (tree.call && tree.call !== "begins_with")
        refuse(`Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: ${tree.call}`);
    const operands = tree.operands ?? tree.between ?? [tree.left, tree.right];
    if (operands.some((operand) => operand.size))
        refuse("Invalid KeyConditionExpression: KeyConditionExpressions cannot contain nested operations");
    const { path } = operands.find((operand) => operand.path);
    if (path.length > 1)
        refuse("Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes");
    return [{ name: path[0], tree, values: operands.filter(({ value }) => value).map(({ value }) => value) }];
}

export function demandKeyClauses(table, clauses) {
    const names = clauses.map(({ name }) => name);
    if (new Set(names).size < names.length)
        refuse("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key");
    const [[hash], range] = table.keys;
    if (clauses.length > table.keys.length)
        refuse(`The number of query conditions (${clauses.length}) exceeds the number of key attributes defined in the schema (${table.keys.length})`);
    const hashClause = clauses.find(({ name }) => name === hash);
    if (!hashClause)
        refuse(`Query condition missed key schema element: ${hash}`);
    if (hashClause.tree.compare !== "=")
        refuse("Query key condition not supported");
    if (clauses.length === 2 && !names.includes(range[0]))
        refuse(`Query condition missed key schema element: ${range[0]}`);
    for (const [name, type] of table.keys)
        for (const value of clauses.find((clause) => clause.name === name)?.values ?? [])
            if (typeOf(value) !== type)
                refuse(`${INVALID}Condition parameter type does not match schema type`);
}

export function demandFilterWithoutKeys(table, filter) {
    for (const [name] of table.keys)
        if (filter && JSON.stringify(filter).includes(`"path":[${JSON.stringify(name)}`))
            refuse(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
}
