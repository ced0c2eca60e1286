/*
 * Reads the text format of Prometheus, version 0.0.4, as strictly as it is described, and throws at
 * the first line that is not right:
 *
 *   a family's lines stand together, HELP and TYPE once and first; names and labels are spelled as
 *   they may be, values escaped; no sample twice; numbers are numbers; counters end in _total;
 *   buckets of a histogram ascend and never fall, the last is +Inf and equals the count.
 *
 *   readExposition(text) -> Map of name -> { name, kind, help, samples: [{ name, labels, value }] }
 */
const FAMILY = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const SUFFIXES = { counter: [""], gauge: [""], histogram: ["_bucket", "_sum", "_count"], summary: ["_sum", "_count"] };

const numberOf = (text) => (/Inf$/.test(text) ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text));

/* `{a="1",b="2"}` from `at` on. */
function readLabels(line, at, fail) {
    const labels = {};
    if (line[at] !== "{")
        return { labels, end: at };
    const pattern = /([^=,{}"]+)="((?:[^"\\\n]|\\[\\"n])*)"(,|\})/y;
    pattern.lastIndex = at + 1;
    for (;;) {
        const match = pattern.exec(line);
        if (!match)
            fail("labels are not right");
        const [, name, escaped, after] = match;
        if (!LABEL.test(name) || name.startsWith("__"))
            fail(`no name of a label: ${name}`);
        if (name in labels)
            fail(`the label ${name} comes twice`);
        labels[name] = escaped.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
        if (after === "}")
            return { labels, end: pattern.lastIndex };
    }
}

function checkHistogram(family, fail) {
    const groups = new Map();
    for (const { name, labels: { le, ...labels }, value } of family.samples) {
        const key = JSON.stringify(Object.entries(labels).sort());
        const group = groups.get(key) ?? { buckets: [] };
        groups.set(key, group);
        if (name.endsWith("_bucket"))
            group.buckets.push([numberOf(le ?? fail(`${name} has no le`)), value]);
        else if (le !== undefined)
            fail(`${name} has an le`);
        else
            group[name.endsWith("_sum") ? "sum" : "count"] = value;
    }
    for (const [key, { buckets, sum, count }] of groups) {
        const place = `${family.name}${key}`;
        if (sum === undefined || count === undefined || buckets.length < 2)
            fail(`${place} is not whole`);
        for (let i = 1; i < buckets.length; i++)
            if (!(buckets[i][0] > buckets[i - 1][0] && buckets[i][1] >= buckets[i - 1][1]))
                fail(`${place} does not ascend at le=${buckets[i][0]}`);
        if (buckets.at(-1)[0] !== Infinity || buckets.at(-1)[1] !== count)
            fail(`${place}: +Inf is not the count`);
    }
}

export function readExposition(text) {
    const families = new Map();
    const seen = new Set();
    let family = null;
    let number = 0;
    let line = "";
    const fail = (reason) => {
        throw new Error(`line ${number}: ${reason}: ${line}`);
    };
    if (!text.endsWith("\n"))
        throw new Error("the last line does not end");
    for (line of text.slice(0, -1).split("\n")) {
        number++;
        const head = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
        if (head) {
            const [, what, name, rest] = head;
            if (!FAMILY.test(name))
                fail("no name of a metric");
            if (what === "HELP") {
                if (families.has(name))
                    fail("its lines do not stand together");
                if (/\\(?![\\n])/.test(rest))
                    fail("a bad escape");
                family = { name, help: rest, kind: null, samples: [] };
                families.set(name, family);
            } else {
                if (family?.name !== name || family.kind || family.samples.length > 0)
                    fail("TYPE is not right behind HELP");
                if (!(rest in SUFFIXES))
                    fail("no such type");
                if ((rest === "counter") !== name.endsWith("_total"))
                    fail("counters, and they alone, end in _total");
                family.kind = rest;
            }
            continue;
        }
        if (line.startsWith("#") || line === "")
            fail("neither HELP nor TYPE nor a sample");
        const name = /^[^{ ]*/.exec(line)[0];
        const { labels, end } = readLabels(line, name.length, fail);
        const value = line.slice(end);
        if (!value.startsWith(" ") || !NUMBER.test(value.slice(1)))
            fail("no number");
        if (!family?.kind || !SUFFIXES[family.kind].some((suffix) => name === family.name + suffix))
            fail("a sample outside of its family");
        const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
        if (seen.has(key))
            fail("it comes twice");
        seen.add(key);
        if (numberOf(value.slice(1)) < 0)
            fail("nothing here is below zero");
        family.samples.push({ name, labels, value: numberOf(value.slice(1)) });
    }
    for (const each of families.values())
        if (each.kind === "histogram")
            checkHistogram(each, fail);
    return families;
}

/* The sum of a family's samples that have these labels. */
export function sumOf(families, name, labels = {}) {
    const family = families.get(name) ?? [...families.values()].find((each) => SUFFIXES[each.kind].some((suffix) => each.name + suffix === name));
    if (!family)
        throw new Error(`there is no ${name}`);
    return family.samples
        .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
        .reduce((sum, sample) => sum + sample.value, 0);
}
