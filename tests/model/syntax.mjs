/*
 * The expression languages as trees. Paths are lists of names and indices; a value reference is
 * its value. What the text alone makes wrong is refused here, in the service's words.
 *
 *   operand    { path } | { value } | { size: operand }
 *   condition  { and: [a, b] } | { or: [a, b] } | { not: a } | { compare, left, right }
 *              | { between: [x, low, high] } | { in: [x, ...] } | { call, operands }
 */
import { refuse } from "./refused.mjs";
import { canonicalItem, compare, textOf, typeOf } from "./value.mjs";

/* The reserved words that the generator writes; the whole list has tests of its own. */
const RESERVED = new Set(["name", "status", "size", "and", "or", "not", "between", "in", "set", "add", "delete"]);
const COMPARATORS = ["=", "<>", "<", "<=", ">", ">="];
const COMPARISONS = [...COMPARATORS, "BETWEEN", "IN"];
const FUNCTIONS = { attribute_exists: 1, attribute_not_exists: 1, attribute_type: 2, begins_with: 2, contains: 2, size: 1 };
const TOKEN = /\s*(?:([A-Za-z][A-Za-z0-9_]*|#[A-Za-z0-9_]+|:[A-Za-z0-9_]+)|\[(\d+)\]|(<>|<=|>=|[=<>(),.+-]))/y;

/* In which order the kinds of mistakes are found: error texts captured from the service. */
const CONDITION_PASSES = [["syntax"], ["parentheses"], ["function name"], ["misuse"], ["reserved word"], ["undefined name", "undefined value", "operands"]];
const PROJECTION_PASSES = [["syntax"], ["reserved word"], ["undefined name"], ["overlap"], ["conflict"]];
const UPDATE_PASSES = [
    ["syntax"], ["reserved word"], ["function name"], ["repeated clause"], ["undefined name"], ["undefined value"], ["overlap"], ["conflict"], ["ADD and DELETE"], ["operands"],
];

/* Names and values of a request, and which of them were used. */
export class Placeholders {
    constructor({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }) {
        this.names = names ?? {};
        this.values = canonicalItem(values ?? {});
        this.used = new Set();
    }

    demandAllUsed() {
        for (const [kind, given] of [["Names", this.names], ["Values", this.values]]) {
            const unused = Object.keys(given).filter((key) => !this.used.has(key));
            if (unused.length > 0)
                refuse(`Value provided in ExpressionAttribute${kind} unused in expressions: keys: {${unused.join(", ")}}`);
        }
    }
}

export class Parser {
    #parameter;
    #text;
    #placeholders;
    #tokens = [];
    #at = 0;
    #pass = [];

    /* `parameter`: "ConditionExpression" and so on, for messages. */
    constructor(parameter, text, placeholders) {
        this.#parameter = parameter;
        this.#text = text;
        this.#placeholders = placeholders;
        if (text === "")
            refuse(`Invalid ${parameter}: The expression can not be empty;`);
        this.#split();
    }

    fail(why, kind = "operands") {
        if (this.#pass.includes(kind))
            refuse(`Invalid ${this.#parameter}: ${why}`);
    }

    /* Each pass reads the whole text and refuses what is wrong of its kinds only. */
    #whole(passes, parse) {
        let tree;
        for (this.#pass of passes) {
            this.#at = 0;
            tree = parse();
            if (this.#at < this.#tokens.length)
                this.#syntaxError();
        }
        return tree;
    }

    /* The reference has the wording of some syntax errors only. */
    #syntaxError() {
        refuse(new RegExp(`^Invalid ${this.#parameter}: Syntax error; token: `));
    }

    #split() {
        const text = this.#text.trimEnd();
        for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
            const [, word, index, sign] = TOKEN.exec(text) ?? this.#syntaxError();
            this.#tokens.push(index !== undefined ? { index: Number(index) } : { text: word ?? sign, word: word !== undefined });
        }
    }

    #next() {
        return this.#tokens[this.#at] ?? {};
    }

    #is(text) {
        return this.#next().text?.toUpperCase() === text;
    }

    #take(text) {
        if (!this.#is(text))
            return false;
        this.#at++;
        return true;
    }

    #demand(text) {
        if (!this.#take(text))
            this.#syntaxError();
    }

    /* ---- conditions ---- */

    condition() {
        return this.#whole(CONDITION_PASSES, () => this.#or());
    }

    #or() {
        let tree = this.#and();
        while (this.#take("OR"))
            tree = { or: [tree, this.#and()] };
        return tree;
    }

    #and() {
        let tree = this.#not();
        while (this.#take("AND"))
            tree = { and: [tree, this.#not()] };
        return tree;
    }

    #not() {
        return this.#take("NOT") ? { not: this.#not() } : this.#predicate();
    }

    #predicate() {
        if (this.#is("(") && !this.#parenthesisHoldsOperand()) {
            this.#demand("(");
            const begin = this.#at;
            const tree = this.#or();
            this.#demandNotRedundant(begin);
            this.#demand(")");
            return tree;
        }
        const left = this.#operand();
        if (left.call && !this.#isComparison())
            return this.#checkedCall(left);
        if (this.#take("BETWEEN")) {
            const low = this.#operand();
            this.#demand("AND");
            return this.#checkedBetween(this.#compared([left, low, this.#operand()]));
        }
        if (this.#take("IN")) {
            this.#demand("(");
            return { in: this.#compared([left, ...this.#list(() => this.#operand())]) };
        }
        const comparator = this.#next().text;
        if (!COMPARATORS.includes(comparator))
            this.#syntaxError();
        this.#at++;
        const [, right] = this.#compared([left, this.#operand()]);
        return this.#checkedComparison({ compare: comparator, left, right });
    }

    #isComparison() {
        return COMPARISONS.includes(this.#next().text?.toUpperCase());
    }

    /* What a function that is a condition says cannot be compared. */
    #compared(operands) {
        for (const { call } of operands)
            if (call)
                this.fail(`The function is not allowed to be used this way in an expression; function: ${call}`, "misuse");
        return operands;
    }

    /* Whether what is in these parentheses is compared with something. */
    #parenthesisHoldsOperand() {
        let depth = 0;
        for (let at = this.#at; at < this.#tokens.length; at++) {
            const { text } = this.#tokens[at];
            depth += text === "(" ? 1 : text === ")" ? -1 : 0;
            if (depth === 0) {
                const after = this.#tokens[at + 1]?.text?.toUpperCase();
                return COMPARISONS.includes(after);
            }
        }
        return false;
    }

    /* "((x))": what began at `begin` was itself one pair of parentheses. */
    #demandNotRedundant(begin) {
        if (this.#tokens[begin].text !== "(")
            return;
        let depth = 0;
        for (let at = begin; at < this.#at; at++) {
            const { text } = this.#tokens[at];
            depth += text === "(" ? 1 : text === ")" ? -1 : 0;
            if (depth === 0 && at < this.#at - 1)
                return;
        }
        this.fail("The expression has redundant parentheses;", "parentheses");
    }

    /* A path, a value, size(…), another function, or one of the first three in parentheses. */
    #operand() {
        if (this.#take("(")) {
            const begin = this.#at;
            const operand = this.#operand();
            this.#demandNotRedundant(begin);
            this.#demand(")");
            return operand;
        }
        const { text, word } = this.#next();
        if (!word)
            this.#syntaxError();
        if (text.startsWith(":"))
            return { value: this.#value() };
        if (this.#tokens[this.#at + 1]?.text !== "(")
            return { path: this.path() };
        return this.#call();
    }

    #call() {
        const { text: name } = this.#next();
        this.#at += 2;
        const operands = this.#list(() => this.#operand());
        if (!(name in FUNCTIONS))
            this.fail(`Invalid function name; function: ${name}`, "function name");
        if (operands.length !== FUNCTIONS[name])
            this.fail(`Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`);
        if (name !== "size")
            return { call: name, operands };
        this.#demandType(name, operands[0], ["S", "B", "SS", "NS", "BS", "L", "M"]);
        return { size: operands[0] };
    }

    #demandType(name, { value }, types) {
        if (value && !types.includes(typeOf(value)))
            this.fail(`Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${typeOf(value)}`);
    }

    #checkedCall(tree) {
        const { call, operands: [first, second = {}] } = tree;
        if (call.startsWith("attribute_") && !first.path)
            this.fail(`Operator or function requires a document path; operator or function: ${call}`);
        if (call === "attribute_type") {
            this.#demandType(call, second, ["S"]);
            if (!["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"].includes(second.value?.S))
                this.fail(`Invalid attribute type name found; type: ${second.value?.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`);
        }
        if (call === "begins_with")
            for (const operand of [first, second])
                this.#demandType(call, operand, ["S", "B"]);
        if (call === "contains" && first.path && textOf(first.path) === textOf(second.path))
            this.fail(`The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: ${pathText(first.path)}`);
        return tree;
    }

    #checkedComparison(tree) {
        for (const operand of [tree.left, tree.right])
            if (tree.compare !== "=" && tree.compare !== "<>")
                this.#demandType(tree.compare, operand, ["S", "N", "B"]);
        return tree;
    }

    #checkedBetween(operands) {
        for (const operand of operands)
            this.#demandType("BETWEEN", operand, ["S", "N", "B"]);
        const [, { value: low }, { value: high }] = operands;
        const told = low && high && `lower bound operand: AttributeValue: ${shown(low)}, upper bound operand: AttributeValue: ${shown(high)}`;
        if (told && typeOf(low) !== typeOf(high))
            this.fail(`The BETWEEN operator requires same data type for lower and upper bounds; ${told}`);
        if (told && compare(low, high) > 0)
            this.fail(`The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${told}`);
        return { between: operands };
    }

    /* After "(": operands to the closing parenthesis. */
    #list(element) {
        const elements = [element()];
        while (this.#take(","))
            elements.push(element());
        this.#demand(")");
        return elements;
    }

    #value() {
        const { text } = this.#next();
        this.#at++;
        if (!(text in this.#placeholders.values))
            this.fail(`An expression attribute value used in expression is not defined; attribute value: ${text}`, "undefined value");
        this.#placeholders.used.add(text);
        return this.#placeholders.values[text] ?? { NULL: true };
    }

    path() {
        const path = [this.#pathName()];
        for (;;) {
            if (this.#take("."))
                path.push(this.#pathName());
            else if (this.#next().index !== undefined)
                path.push(this.#tokens[this.#at++].index);
            else
                return path;
        }
    }

    #pathName() {
        const { text, word } = this.#next();
        if (!word || text.startsWith(":"))
            this.#syntaxError();
        this.#at++;
        if (!text.startsWith("#")) {
            if (RESERVED.has(text.toLowerCase()))
                this.fail(`Attribute name is a reserved keyword; reserved keyword: ${text}`, "reserved word");
            return text;
        }
        if (!(text in this.#placeholders.names))
            this.fail(`An expression attribute name used in the document path is not defined; attribute name: ${text}`, "undefined name");
        this.#placeholders.used.add(text);
        return this.#placeholders.names[text] ?? text;
    }

    /* ---- projections ---- */

    projection() {
        return this.#whole(PROJECTION_PASSES, () => {
            const paths = [this.path()];
            while (this.#take(","))
                paths.push(this.path());
            this.#demandApart(paths);
            return paths;
        });
    }

    #demandApart(paths) {
        for (let second = 1; second < paths.length; second++)
            for (let first = 0; first < second; first++)
                this.#demandTwoApart(paths[first], paths[second]);
    }

    #demandTwoApart(a, b) {
        const told = `must remove or rewrite one of these paths; path one: ${pathText(a)}, path two: ${pathText(b)}`;
        for (let i = 0; i < Math.min(a.length, b.length); i++) {
            if (typeof a[i] !== typeof b[i])
                this.fail(`Two document paths conflict with each other; ${told}`, "conflict");
            if (a[i] !== b[i])
                return;
        }
        this.fail(`Two document paths overlap with each other; ${told}`, "overlap");
    }

    /* ---- updates: { SET: [{ path, operand }], REMOVE: [{ path }], ADD, DELETE: [{ path, value }] } ---- */

    update() {
        return this.#whole(UPDATE_PASSES, () => this.#clauses());
    }

    #clauses() {
        const clauses = { SET: [], REMOVE: [], ADD: [], DELETE: [] };
        const paths = [];
        while (this.#at < this.#tokens.length) {
            const clause = Object.keys(clauses).find((each) => this.#take(each)) ?? this.#syntaxError();
            if (clauses[clause].length > 0)
                this.fail(`The "${clause}" section can only be used once in an update expression;`, "repeated clause");
            do {
                clauses[clause].push(this.#action(clause));
                paths.push(clauses[clause].at(-1).path);
            } while (this.#take(","));
        }
        this.#demandApart(paths);
        for (const [clause, types] of [["ADD", ["N", "SS", "NS", "BS"]], ["DELETE", ["SS", "NS", "BS"]]])
            for (const { value } of clauses[clause])
                if (!types.includes(typeOf(value)))
                    this.fail(`Incorrect operand type for operator or function; operator: ${clause}, operand type: ${LONG_TYPES[typeOf(value)]}`, "ADD and DELETE");
        return { ...clauses, paths };
    }

    #action(clause) {
        const path = this.path();
        if (clause === "REMOVE")
            return { path };
        if (clause !== "SET")
            return { path, value: this.#next().text?.startsWith(":") ? this.#value() : this.#syntaxError() };
        this.#demand("=");
        return { path, operand: this.#sum() };
    }

    #sum() {
        const left = this.#setOperand();
        for (const sign of ["+", "-"])
            if (this.#take(sign)) {
                const sum = { sign, left, right: this.#setOperand() };
                for (const operand of [sum.left, sum.right])
                    this.#demandType(sign, operand, ["N"]);
                return sum;
            }
        return left;
    }

    #setOperand() {
        if (this.#take("(")) {
            const operand = this.#sum();
            this.#demand(")");
            return operand;
        }
        const { text, word } = this.#next();
        if (!word)
            this.#syntaxError();
        if (text.startsWith(":"))
            return { value: this.#value() };
        if (this.#tokens[this.#at + 1]?.text !== "(")
            return { path: this.path() };
        this.#at += 2;
        const operands = this.#list(() => this.#setOperand());
        if (text !== "if_not_exists" && text !== "list_append")
            this.fail(`Invalid function name; function: ${text}`, "function name");
        if (operands.length !== 2)
            this.fail(`Incorrect number of operands for operator or function; operator or function: ${text}, number of operands: ${operands.length}`);
        if (text === "if_not_exists" && !operands[0].path)
            this.fail(`Operator or function requires a document path; operator or function: if_not_exists`);
        if (text === "list_append")
            for (const operand of operands)
                this.#demandType(text, operand, ["L"]);
        return { call: text, operands };
    }
}

const LONG_TYPES = {
    S: "STRING", N: "NUMBER", B: "BINARY", BOOL: "BOOLEAN", NULL: "NULL", L: "LIST", M: "MAP",
    SS: "STRING_SET", NS: "NUMBER_SET", BS: "BINARY_SET",
};

export function pathText(path) {
    return `[${path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join(", ")}]`;
}

function shown(value) {
    return `{${typeOf(value)}:${Object.values(value)[0]}}`;
}
