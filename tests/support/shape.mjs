/*
 * Answers against the service model: every member has its type, every value of an enumeration is
 * one, and what is required is there. A member that the model does not have is younger than it.
 */
import assert from "node:assert/strict";
import { readModel } from "./model.mjs";

let models; /* read when the first answer comes */
const modelOf = (operation) => {
    models ??= ["dynamodb", "dynamodbstreams"].map(readModel);
    return models.find(({ operations }) => operations[operation]);
};

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value) => typeof value === "number";
const TYPES = {
    string: (value) => typeof value === "string",
    blob: (value) => typeof value === "string",
    boolean: (value) => typeof value === "boolean",
    integer: Number.isInteger,
    long: Number.isInteger,
    double: isNumber,
    float: isNumber,
    timestamp: isNumber,
    list: Array.isArray,
    map: isObject,
    structure: isObject,
};

/* Attribute values nest, at most as deep as the service lets them. */
function checkShape(shapes, name, value, place) {
    const shape = shapes[name];
    assert.ok(TYPES[shape.type](value), `${place} is no ${shape.type}: ${JSON.stringify(value)}`);
    assert.ok(!shape.enum || shape.enum.includes(value), `${place} is none of ${shape.enum}: ${value}`);
    for (const member of shape.required ?? [])
        assert.ok(member in value, `${place}.${member} is missing`);
    if (shape.type === "list")
        value.forEach((each) => checkShape(shapes, shape.member.shape, each, `${place}[]`));
    else if (shape.type === "map")
        Object.values(value).forEach((each) => checkShape(shapes, shape.value.shape, each, `${place}{}`));
    else if (shape.type === "structure")
        for (const [member, each] of Object.entries(value).filter(([known]) => shape.members[known]))
            checkShape(shapes, shape.members[member].shape, each, `${place}.${member}`);
}

/* The answer of an operation: of its output's shape, or of its error's where the model names it. */
export function checkAnswer(operation, status, json) {
    const model = modelOf(operation);
    if (!model || !isObject(json))
        return;
    const { operations, shapes } = model;
    const name = status === 200 ? operations[operation].output?.shape : json.__type?.split("#")[1];
    if (shapes[name])
        checkShape(shapes, name, json, `the answer of ${operation}, ${name}`);
}
