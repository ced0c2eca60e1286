/*
 * Attribute values in their wire form, { S: "text" } and so on; after canonical() numbers are in
 * the form of answers and the members of sets are sorted, so that equal values are equal text.
 */
import { compareDecimals, decimalBytes, formatDecimal, parseDecimal } from "./decimal.mjs";
import { refuse } from "./refused.mjs";

const NESTING_MAX = 32;
const INVALID = "One or more parameter values were invalid: ";

export const typeOf = (value) => Object.keys(value)[0];
export const textBytes = (text) => Buffer.byteLength(text);
const blobBytes = (text) => Buffer.from(text, "base64").length;

/* The value as it is stored; refused when it is none. */
export function canonical(value, depth = 1) {
    const types = Object.keys(value);
    if (types.length === 0)
        refuse("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    if (types.length > 1)
        refuse("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
    const [type] = types;
    const given = value[type];
    if ((type === "L" || type === "M") && depth >= NESTING_MAX)
        refuse("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit");
    switch (type) {
        case "N":
            return { N: formatDecimal(parseDecimal(given)) };
        case "NULL":
            return given ? value : refuse(`${INVALID}Null attribute value types must have the value of true`);
        case "L":
            return { L: given.map((element) => canonical(element, depth + 1)) };
        case "M":
            return { M: canonicalItem(given, depth + 1) };
        case "SS":
        case "NS":
        case "BS":
            return { [type]: canonicalSet(type, given) };
        default:
            return value;
    }
}

export function canonicalItem(item, depth = 1) {
    return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, canonical(value, depth)]));
}

function canonicalSet(type, members) {
    if (members.length === 0)
        refuse(INVALID + { SS: "An string set  may not be empty", NS: "An number set  may not be empty", BS: "Binary sets should not be empty" }[type]);
    const known = type === "NS" ? members.map((member) => formatDecimal(parseDecimal(member))) : members;
    if (new Set(known).size < known.length)
        refuse(/Input collection .*contains duplicates/);
    return sortedSet(known);
}

export function sortedSet(members) {
    return [...members].sort();
}

/* The same text for the same value: keys of maps sorted. */
export function textOf(value) {
    return JSON.stringify(value, (_, part) =>
        part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);
}

export function equal(a, b) {
    return textOf(a) === textOf(b);
}

/* -1, 0, 1; null when their types have no order. */
export function compare(a, b) {
    const type = typeOf(a);
    if (type !== typeOf(b))
        return null;
    switch (type) {
        case "N":
            return compareDecimals(parseDecimal(a.N), parseDecimal(b.N));
        case "S":
            return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
        case "B":
            return Buffer.compare(Buffer.from(a.B, "base64"), Buffer.from(b.B, "base64"));
        default:
            return null;
    }
}

export function valueBytes(value) {
    const given = Object.values(value)[0];
    const sum = (members, bytes) => members.reduce((total, member) => total + bytes(member), 0);
    switch (typeOf(value)) {
        case "S":
            return textBytes(given);
        case "B":
            return blobBytes(given);
        case "N":
            return decimalBytes(parseDecimal(given));
        case "SS":
            return sum(given, textBytes);
        case "BS":
            return sum(given, blobBytes);
        case "NS":
            return sum(given, (member) => decimalBytes(parseDecimal(member)));
        case "L":
            return 3 + sum(given, (element) => 1 + valueBytes(element));
        case "M":
            return 3 + sum(Object.entries(given), ([name, element]) => 1 + textBytes(name) + valueBytes(element));
        default:
            return 1;
    }
}

export function itemBytes(item) {
    return item ? Object.entries(item).reduce((total, [name, value]) => total + textBytes(name) + valueBytes(value), 0) : 0;
}
