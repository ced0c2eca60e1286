/*
 * Expectations of API tests, and tables of cases as tests.
 *
 *   expectError(await api.call(...), "ValidationException", "the exact text");
 *   refuses(api, "PutItem", "ValidationException", [["claim", input, "text"], ...]);
 *   refusesWrongTypes(api, "PutItem", { TableName: "String", Item: ["Map", "AttributeValue"] });
 *
 * A text is exact when it is a string and partial when it is a regular expression: the source is
 * sure of that part only. `undefined` means that the answer has no text member.
 */
import assert from "node:assert/strict";
import { it } from "node:test";

const CORAL = "com.amazon.coral.service";
const DYNAMODB = "com.amazonaws.dynamodb.v20120810";

/* namespace and name of the text member; DynamoDB's own errors have "message" and DYNAMODB */
const ERRORS = {
    SerializationException: [CORAL, "Message"],
    UnknownOperationException: [CORAL, "message"],
    MissingAuthenticationTokenException: [CORAL, "message"],
    IncompleteSignatureException: [CORAL, "message"],
    InvalidSignatureException: [CORAL, "message"],
    AccessDeniedException: [CORAL, "Message"],
    ThrottlingException: ["com.amazon.coral.availability", "message"],
    ValidationException: ["com.amazon.coral.validate", "message"],
};

export function expectError({ status, text, json }, type, message) {
    const [namespace, member] = ERRORS[type] ?? [DYNAMODB, "message"];
    assert.equal(json?.__type, `${namespace}#${type}`, text);
    assert.equal(status, 400, text);
    if (message instanceof RegExp)
        assert.match(json[member], message);
    else
        assert.equal(json[member], message, text);
}

/* `cases`: [claim, input, text] or, where the type differs, [claim, input, text, type]. */
export function refuses(api, operation, type, cases) {
    for (const [claim, input, message, ownType] of cases)
        it(`refuses ${claim}`, async () => {
            const body = typeof input === "function" ? input() : input;
            expectError(await api.call(operation, body), ownType ?? type, message);
        });
}

const SCALAR_FIELD = "Unexpected field type";
const STRUCTURE = "Start of structure or map found where not expected";

/* What is said of a wrong JSON value, by the type that was expected. Source: error texts captured from the service. */
const WRONG = {
    String: () => [
        [23, "NUMBER_VALUE cannot be converted to String"],
        [1.5, "DECIMAL_VALUE cannot be converted to String"],
        [true, "TRUE_VALUE cannot be converted to String"],
        [false, "FALSE_VALUE cannot be converted to String"],
        [[], "Unrecognized collection type class java.lang.String"],
        [{}, STRUCTURE],
    ],
    Integer: () => integer("Integer"),
    Long: () => integer("Long"),
    Boolean: () => [
        ["maybe", "Unexpected token received from parser"],
        [23, "NUMBER_VALUE cannot be converted to Boolean"],
        [[], "Unrecognized collection type class java.lang.Boolean"],
        [{}, STRUCTURE],
    ],
    List: () => [
        ["text", SCALAR_FIELD],
        [23, SCALAR_FIELD],
        [true, SCALAR_FIELD],
        [{}, STRUCTURE],
    ],
    Structure: (shape) => [
        ["text", SCALAR_FIELD],
        [23, SCALAR_FIELD],
        [false, SCALAR_FIELD],
        [[], `Unrecognized collection type class ${DYNAMODB}.${shape}`],
    ],
    Map: (value) => [
        ["text", SCALAR_FIELD],
        [23, SCALAR_FIELD],
        [true, SCALAR_FIELD],
        [[], `Unrecognized collection type java.util.Map<java.lang.String, ${className(value)}>`],
    ],
    Element: (shape) => [
        ["text", "Unexpected value type in payload"],
        [23, "Unexpected value type in payload"],
        [true, "Unexpected value type in payload"],
        [[], `Unrecognized collection type class ${DYNAMODB}.${shape}`],
    ],
    Blob: () => [
        [23, "only base-64-encoded strings are convertible to bytes"],
        [true, "only base-64-encoded strings are convertible to bytes"],
        ["abc", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"],
        ["YWI=YWI=", /./],
    ],
};

function integer(name) {
    return [
        ["text", `STRING_VALUE cannot be converted to ${name}`],
        [true, `TRUE_VALUE cannot be converted to ${name}`],
        [false, `FALSE_VALUE cannot be converted to ${name}`],
        [[], `Unrecognized collection type class java.lang.${name}`],
        [{}, STRUCTURE],
    ];
}

function className(name) {
    return name === "String" ? "java.lang.String" : `${DYNAMODB}.${name}`;
}

/*
 * Every member with every wrong type. `members` maps a member to its type: "String" or
 * ["Structure", "its shape"]; `place` puts the value into an input, by default as a member of it.
 */
export function refusesWrongTypes(api, operation, members, place = (member, value) => ({ [member]: value })) {
    for (const [member, type] of Object.entries(members)) {
        const [kind, shape] = [type].flat();
        for (const [value, message] of WRONG[kind](shape))
            it(`refuses ${member} ${JSON.stringify(value)}`, async () => {
                expectError(await api.call(operation, place(member, value)), "SerializationException", message);
            });
    }
}

/*
 * The members of an AttributeValue, each with every wrong type; `place(attributeValue)` is an input.
 * `holder` tells how the whole value is refused: as an Element of a list or map, or as a Structure,
 * the member of one.
 */
export function refusesWrongAttributeValues(api, operation, place, holder = "Element") {
    const inside = {
        S: "String",
        N: "String",
        B: "Blob",
        BOOL: "Boolean",
        NULL: "Boolean",
        SS: "List",
        NS: "List",
        BS: "List",
        L: "List",
        M: ["Map", "AttributeValue"],
    };
    refusesWrongTypes(api, operation, inside, (member, value) => place({ [member]: value }));
    refusesWrongTypes(api, operation, { "an attribute value": [holder, "AttributeValue"] }, (_, value) => place(value));
    refusesWrongTypes(api, operation, { SS: "String", NS: "String", BS: "Blob" }, (member, value) => place({ [member]: [value] }));
    refusesWrongTypes(api, operation, { "an element of L": ["Element", "AttributeValue"] }, (_, value) => place({ L: [value] }));
    refusesWrongTypes(api, operation, { "a member of M": ["Element", "AttributeValue"] }, (_, value) => place({ M: { a: value } }));
}

/* The types of what PutItem, UpdateItem and DeleteItem take besides the item or its key. */
export const WRITE_MEMBERS = {
    TableName: "String",
    Expected: ["Map", "ExpectedAttributeValue"],
    ReturnValues: "String",
    ReturnConsumedCapacity: "String",
    ReturnItemCollectionMetrics: "String",
    ReturnValuesOnConditionCheckFailure: "String",
    ConditionalOperator: "String",
    ConditionExpression: "String",
    ExpressionAttributeNames: ["Map", "String"],
    ExpressionAttributeValues: ["Map", "AttributeValue"],
};

export const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/* This text, with the envelope of validation errors or without: which one, the source does not say. */
export const sure = (text) => new RegExp(`^(1 validation error detected: )?${escaped(text)}$`);

export function validationErrors(...items) {
    const count = items.length;
    return `${count} validation error${count > 1 ? "s" : ""} detected: ${items.join("; ")}`;
}

/* One constraint that a value broke, as the service words it. Source: error texts captured from the service. */
export function broken(value, path, constraint) {
    return `Value ${value === null ? "null" : `'${value}'`} at '${path}' failed to satisfy constraint: ${constraint}`;
}

export const NOT_NULL = "Member must not be null";
export const enumOf = (...values) => `Member must satisfy enum value set: [${values.join(", ")}]`;
export const PATTERN = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
export const lengthAtLeast = (size) => `Member must have length greater than or equal to ${size}`;
export const lengthAtMost = (size) => `Member must have length less than or equal to ${size}`;
export const valueAtLeast = (size) => `Member must have value greater than or equal to ${size}`;
export const valueAtMost = (size) => `Member must have value less than or equal to ${size}`;

export const RETURN_CONSUMED_CAPACITY = enumOf("INDEXES", "TOTAL", "NONE");
export const RETURN_VALUES = enumOf("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW");
export const SELECT = enumOf("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES");
