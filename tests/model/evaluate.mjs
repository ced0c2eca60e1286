/* What the trees of syntax.mjs mean for an item: conditions, projections, updates. */
import { addDecimals, formatDecimal, negated, parseDecimal } from "./decimal.mjs";
import { Refused, refuse } from "./refused.mjs";
import { compare, equal, sortedSet, typeOf } from "./value.mjs";

/* The value at `path`; undefined when there is none. */
export function valueAt(item, path) {
    let value = { M: item };
    for (const part of path) {
        const inside = typeof part === "number" ? value.L : value.M;
        if (!inside || !Object.hasOwn(inside, part))
            return undefined;
        value = inside[part];
    }
    return value;
}

/* ---- conditions ---- */

export function holds(tree, item) {
    if (tree.and)
        return tree.and.every((each) => holds(each, item));
    if (tree.or)
        return tree.or.some((each) => holds(each, item));
    if (tree.not)
        return !holds(tree.not, item);
    const of = (operand) => valueOf(operand, item);
    if (tree.in) {
        const [tested, ...members] = tree.in.map(of);
        return members.some((member) => related("=", tested, member));
    }
    if (tree.between) {
        const [tested, low, high] = tree.between.map(of);
        return related(">=", tested, low) && related("<=", tested, high);
    }
    if (tree.compare)
        return related(tree.compare, of(tree.left), of(tree.right));
    return callHolds(tree.call, ...tree.operands.map(of));
}

function valueOf(operand, item) {
    if (operand.value)
        return operand.value;
    return operand.path ? valueAt(item, operand.path) : sizeOf(valueOf(operand.size, item));
}

/* Null for what has no size: no comparison with it holds. */
function sizeOf(value) {
    if (!value)
        return null;
    const given = Object.values(value)[0];
    switch (typeOf(value)) {
        case "S":
            return { N: String(given.length) }; /* units of UTF-16 */
        case "B":
            return { N: String(Buffer.from(given, "base64").length) };
        case "N":
        case "BOOL":
        case "NULL":
            return null;
        default:
            return { N: String(Object.keys(given).length) };
    }
}

function related(comparator, a, b) {
    if (a === null || b === null)
        return false;
    if (comparator === "=" || comparator === "<>") {
        const same = a !== undefined && b !== undefined && equal(a, b);
        return comparator === "=" ? same : !same;
    }
    const order = a && b ? compare(a, b) : null;
    if (order === null)
        return false;
    return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[comparator];
}

function callHolds(call, first, second) {
    switch (call) {
        case "attribute_exists":
            return first !== undefined;
        case "attribute_not_exists":
            return first === undefined;
        case "attribute_type":
            return first !== undefined && typeOf(first) === second.S;
        case "begins_with":
            return ["S", "B"].some((type) => first?.[type] !== undefined && second?.[type] !== undefined && bytesOf(type, first).subarray(0, bytesOf(type, second).length).equals(bytesOf(type, second)));
        default:
            return first !== undefined && second !== undefined && contains(first, second);
    }
}

function contains(whole, part) {
    const wholeType = typeOf(whole);
    const partType = typeOf(part);
    if (wholeType === "L")
        return whole.L.some((element) => equal(element, part));
    if (wholeType === `${partType}S`)
        return whole[wholeType].includes(part[partType]);
    return wholeType === partType && ["S", "B"].includes(partType) && bytesOf(wholeType, whole).includes(bytesOf(partType, part));
}

function bytesOf(type, value) {
    return Buffer.from(value[type], type === "B" ? "base64" : "utf8");
}

/* ---- projections ---- */

/* What of `item` is at `paths`, lists closed up. */
export function project(item, paths) {
    return chosen({ M: item }, paths)?.M ?? {};
}

/* Undefined when nothing of `value` is at `paths`. */
function chosen(value, paths) {
    if (paths.some((path) => path.length === 0))
        return value;
    const kept = (keys, inside) => keys
        .map((key) => [key, paths.filter(([first]) => first === key).map(([, ...rest]) => rest)])
        .filter(([, rests]) => rests.length > 0)
        .map(([key, rests]) => [key, chosen(inside[key], rests)])
        .filter(([, part]) => part !== undefined);
    if (value.M) {
        const parts = kept(Object.keys(value.M), value.M);
        return parts.length > 0 ? { M: Object.fromEntries(parts) } : undefined;
    }
    if (value.L) {
        const parts = kept([...value.L.keys()], value.L);
        return parts.length > 0 ? { L: parts.map(([, part]) => part) } : undefined;
    }
    return undefined;
}

/* ---- updates ---- */

const INVALID_PATH = "The document path provided in the update expression is invalid for update";
const WRONG_TYPE = "An operand in the update expression has an incorrect data type";
const GONE = Symbol("a removed element of a list, until the list is closed up");

/*
 * The item after `update` of `old`, or of `key` alone when there is no old one. Every right side
 * sees the item before; removed elements keep their place until all is done, added ones come last.
 */
export function updated(update, old, key) {
    const before = old ?? key;
    const after = structuredClone(before);
    const wrongType = update.isLegacy ? "Type mismatch for attribute to update" : WRONG_TYPE;
    const problems = new Problems();
    const changes = []; /* { inside, last, value }; no value: a removal */
    const change = (path, evaluate) => {
        const value = problems.collect(evaluate);
        problems.collect(() => changes.push({ ...parentOf(before, after, path), value }));
    };
    for (const { path, operand } of update.SET)
        change(path, () => evaluated(operand, before));
    for (const { path, value } of update.ADD)
        change(path, () => added(valueAt(before, path), value, wrongType));
    for (const { path, value } of update.DELETE)
        change(path, () => subtracted(valueAt(before, path), value, wrongType));
    for (const { path } of old ? update.REMOVE : [])
        change(path, () => undefined);
    problems.throwAny();

    const appends = [];
    const lists = [];
    for (const { inside, last, value } of changes)
        if (Array.isArray(inside) && last >= inside.length) {
            if (value)
                appends.push({ inside, last, value });
        } else if (value) {
            inside[last] = value;
        } else if (Array.isArray(inside)) {
            inside[last] = GONE;
            lists.push(inside);
        } else {
            delete inside[last];
        }
    for (const { inside, value } of appends.sort((a, b) => a.last - b.last))
        inside.push(value);
    for (const list of lists)
        list.splice(0, list.length, ...list.filter((element) => element !== GONE));
    return after;
}

/* Of several things wrong with an update the reference does not say which is reported. */
class Problems {
    #texts = new Set();

    collect(attempt) {
        try {
            return attempt();
        } catch (error) {
            if (!(error instanceof Refused))
                throw error;
            this.#texts.add(error.text);
            return undefined;
        }
    }

    throwAny() {
        const texts = [...this.#texts];
        if (texts.length > 0)
            refuse(texts.length === 1 ? texts[0] : new RegExp(`^(${texts.join("|")})$`));
    }
}

/* Where the last part of `path` is set or removed; what is above it must have been there before. */
function parentOf(before, after, path) {
    const parents = path.slice(0, -1);
    const last = path.at(-1);
    const kind = typeof last === "number" ? "L" : "M";
    const place = (item) => (parents.length > 0 ? valueAt(item, parents) : { M: item });
    if (!place(before)?.[kind])
        refuse(INVALID_PATH);
    return { inside: place(after)[kind], last };
}

function evaluated(operand, item) {
    if (operand.value)
        return operand.value;
    if (operand.path)
        return valueAt(item, operand.path) ?? refuse("The provided expression refers to an attribute that does not exist in the item");
    if (operand.call === "if_not_exists")
        return valueAt(item, operand.operands[0].path) ?? evaluated(operand.operands[1], item);
    const [left, right] = (operand.operands ?? [operand.left, operand.right]).map((each) => evaluated(each, item));
    if (operand.call === "list_append")
        return left.L && right.L ? { L: [...left.L, ...right.L] } : refuse(WRONG_TYPE);
    if (left.N === undefined || right.N === undefined)
        return refuse(WRONG_TYPE);
    const term = parseDecimal(right.N);
    return { N: formatDecimal(addDecimals(parseDecimal(left.N), operand.sign === "+" ? term : negated(term))) };
}

function added(there, value, wrongType) {
    const type = typeOf(value);
    if (there && typeOf(there) !== type)
        refuse(wrongType);
    if (type === "L")
        return { L: [...(there?.L ?? []), ...value.L] };
    if (type === "N")
        return { N: formatDecimal(addDecimals(parseDecimal(there?.N ?? "0"), parseDecimal(value.N))) };
    return { [type]: sortedSet(new Set([...(there?.[type] ?? []), ...value[type]])) };
}

/* What is left of a set; undefined for nothing. */
function subtracted(there, value, wrongType) {
    const type = typeOf(value);
    if (there && typeOf(there) !== type)
        refuse(wrongType);
    const left = (there?.[type] ?? []).filter((member) => !value[type].includes(member));
    return left.length > 0 ? { [type]: left } : undefined;
}
