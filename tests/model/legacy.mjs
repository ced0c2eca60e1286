/* The parameters that expressions replaced, as the same trees: syntax.mjs has their shapes. */
import { refuse } from "./refused.mjs";
import { canonical, compare, typeOf } from "./value.mjs";

const INVALID = "One or more parameter values were invalid: ";
const ORDERED = ["S", "N", "B"];

/* name: how many values at least and at most, of which types (any when there are none), the tree. */
const OPERATORS = {
    EQ: [1, 1, [], compared("=")],
    NE: [1, 1, [], compared("<>")],
    LE: [1, 1, ORDERED, compared("<=")],
    LT: [1, 1, ORDERED, compared("<")],
    GE: [1, 1, ORDERED, compared(">=")],
    GT: [1, 1, ORDERED, compared(">")],
    BETWEEN: [2, 2, ORDERED, (path, low, high) => ({ between: [path, low, high] })],
    IN: [1, Infinity, ORDERED, (path, ...values) => ({ in: [path, ...values] })],
    BEGINS_WITH: [1, 1, ["S", "B"], called("begins_with")],
    CONTAINS: [1, 1, ORDERED, called("contains")],
    NOT_CONTAINS: [1, 1, ORDERED, (path, value) => ({ and: [called("attribute_exists")(path), { not: called("contains")(path, value) }] })],
    NULL: [0, 0, [], called("attribute_not_exists")],
    NOT_NULL: [0, 0, [], called("attribute_exists")],
};

function compared(comparator) {
    return (left, right) => ({ compare: comparator, left, right });
}

function called(call) {
    return (...operands) => ({ call, operands });
}

/* Both kinds of parameters in one request are refused; the reference shows the text for two. */
export function demandOneKind(body, older, expressions) {
    const given = (names) => names.some((name) => body[name] !== undefined);
    if (given(older) && given(expressions))
        refuse(/^Can not use both expression and non-expression parameters in the same request: Non-expression parameters: \{.+\} Expression parameters: \{.+\}$/);
}

/* Expected, QueryFilter, ScanFilter; undefined when there is none. */
export function legacyCondition(members = {}, joinedBy) {
    const trees = Object.entries(members).map(([name, member]) => treeOf(name, member));
    if (joinedBy !== undefined && trees.length === 0)
        refuse("ConditionalOperator cannot be used without Filter or Expected");
    if (joinedBy !== undefined && trees.length < 2)
        refuse("ConditionalOperator can only be used when Filter or Expected has two or more elements");
    if (trees.length === 0)
        return undefined;
    return joinedBy === "OR" ? { or: trees } : { and: trees };
}

function treeOf(name, { Value, Exists, ComparisonOperator, AttributeValueList }) {
    const path = { path: [name] };
    if (ComparisonOperator === undefined)
        return Exists === false ? called("attribute_not_exists")(path) : compared("=")(path, { value: canonical(Value) });
    const values = (AttributeValueList ?? (Value ? [Value] : [])).map((value) => canonical(value));
    demandOperands(ComparisonOperator, values);
    return OPERATORS[ComparisonOperator][3](path, ...values.map((value) => ({ value })));
}

function demandOperands(operator, values) {
    const [least, most, types] = OPERATORS[operator];
    if (values.length < least || values.length > most)
        refuse(`${INVALID}Invalid number of argument(s) for the ${operator} ComparisonOperator`);
    if (values.some((value) => typeOf(value) !== typeOf(values[0])))
        refuse(`${INVALID}AttributeValues inside AttributeValueList must be of same type`);
    const wrong = values.find((value) => types.length > 0 && !types.includes(typeOf(value)));
    if (wrong)
        refuse(`${INVALID}ComparisonOperator ${operator} is not valid for ${typeOf(wrong)} AttributeValue type`);
    if (operator === "BETWEEN" && compare(values[0], values[1]) > 0)
        refuse("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
}

/* KeyConditions as the clauses of keys.mjs. */
export function legacyKeyClauses(conditions) {
    return Object.entries(conditions).map(([name, member]) => ({
        name, tree: treeOf(name, member), values: member.AttributeValueList.map((value) => canonical(value)),
    }));
}

/* AttributesToGet as paths. */
export function legacyProjection(names) {
    const again = names.find((name, index) => names.indexOf(name) < index);
    if (again !== undefined)
        refuse(`${INVALID}Duplicate value in attribute name: ${again}`);
    return names.map((name) => [name]);
}

/* AttributeUpdates as an update. */
export function legacyUpdate(updates) {
    const update = { SET: [], REMOVE: [], ADD: [], DELETE: [], paths: [], isLegacy: true };
    for (const [name, { Action = "PUT", Value }] of Object.entries(updates)) {
        const path = [name];
        update.paths.push(path);
        if (Value === undefined && Action !== "DELETE")
            refuse(`${INVALID}Only DELETE action is allowed when no attribute value is specified`);
        const value = Value && canonical(Value);
        if (Action === "PUT")
            update.SET.push({ path, operand: { value } });
        else if (!value)
            update.REMOVE.push({ path });
        else if (!{ ADD: ["N", "SS", "NS", "BS", "L"], DELETE: ["SS", "NS", "BS"] }[Action].includes(typeOf(value)))
            refuse(`${INVALID}${Action === "ADD" ? "ADD action" : "DELETE action with value"} is not supported for the type ${typeOf(value)}`);
        else
            update[Action].push({ path, value });
    }
    return update;
}
