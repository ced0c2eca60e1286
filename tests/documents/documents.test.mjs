/* The documents are held to the code: options, events of the log, sentences, formats, paths. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { binary, repository, runStator } from "../support/server.mjs";

const read = (path) => readFileSync(join(repository, path), "utf8");
const operations = read("docs/operations.md");
const formats = read("docs/formats.md");

const sources = readdirSync(join(repository, "src"), { recursive: true })
    .filter((path) => /\.[ch]$/.test(path))
    .map((path) => read(join("src", path)));
/* Literals that follow each other are one; numbers in them are written by the PRI macros. */
const code = sources.join("\n").replace(/"\s*PRI\w+\s*"/g, "").replace(/"\s*\n\s*"/g, "");

/* Cells of the rows of the table below a line that begins with `head`. */
function table(text, head) {
    const lines = text.slice(text.indexOf(`\n${head}`) + 1).split("\n");
    const end = lines.findIndex((line) => !line.startsWith("|"));
    return lines.slice(2, end).map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|")));
}
const words = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]);

describe("docs/operations.md", () => {
    it("has the options that --help prints, in its order and words", async () => {
        const { output } = await runStator(["serve", "--help"]);
        const printed = [...output.matchAll(/^ {2}(--.*?) {2}\[(.*?)\] {2}(STATOR_\w+)\n((?: {6}.*\n)+)/gm)]
            .map(([, option, standard, variable, sentence]) => [option, standard, variable, sentence.trim().split(/\s+/).join(" ")]);
        const written = table(operations, "| Option | Default |")
            .map(([option, standard, variable, sentence]) => [words(option)[0], words(standard)[0] ?? "", words(variable)[0], sentence]);
        assert.ok(printed.length > 10);
        assert.deepEqual(written, printed);
    });

    it("has every event of the log with its levels, and no other", () => {
        const logged = {};
        const found = [
            ...[...code.matchAll(/log_write\(LOG_(\w+),\s*"(\w+)"/g)].map(([, level, event]) => [level.toLowerCase(), event]),
            ...[...code.matchAll(/level=(\w+) event=([a-z_]+)/g)].map(([, level, event]) => [level, event]),
        ];
        for (const [level, event] of found)
            (logged[event] ??= new Set()).add(level);
        const written = {};
        for (const [events, levels] of table(operations, "| Event | Level |"))
            for (const event of words(events)) {
                assert.equal(written[event], undefined, `${event} has one row`);
                written[event] = levels.split(", ").sort();
            }
        assert.deepEqual(written, Object.fromEntries(Object.entries(logged).map(([event, levels]) => [event, [...levels].sort()])));
    });

    it("explains every part of a slow request", () => {
        const [, parts] = /"operation=%\.\*s[^"]*total_us=%([^"]*runs=%u)"/.exec(code);
        assert.deepEqual(table(operations, "| Part | Time").map(([part]) => words(part)[0]), [...parts.matchAll(/(\w+_us)=/g)].map((match) => match[1]));
    });

    it("has every exit status", () => {
        const statuses = [...code.matchAll(/\bEXIT_\w+ = (\d+)/g)].map((match) => match[1]).sort();
        const written = table(operations, "| Status | Why |").map(([status]) => status.split(" ")[0]).filter((status) => status !== "134");
        assert.deepEqual(written.sort(), statuses);
    });

    it("quotes the refusals as they are said", () => {
        for (const [sentence] of table(operations, "| The sentence says |"))
            for (const part of sentence.split(/…:?|, or: /).map((each) => each.trim()).filter((each) => each.length > 3))
                assert.ok(code.includes(part), `"${part}" is not in the code`);
    });
});

describe("the commands", () => {
    it("each say with --help what they take", async () => {
        const { code, output } = await runStator(["--help"]);
        const commands = [...new Set([...output.matchAll(/^ {2}stator (\S+)/gm)].map(([, command]) => command))].filter((command) => command !== "version");
        assert.equal(code, 0);
        assert.ok(commands.length > 5);
        for (const command of commands) {
            const help = await runStator([command, "--help"]);
            assert.equal(help.code, 0, command);
            assert.match(help.output, new RegExp(`^Usage: stator ${command} `));
            assert.doesNotMatch(help.output, / $/m);
        }
    });

    it("write into no file what they say on a descriptor that was closed", () => {
        const directory = mkdtempSync(join(tmpdir(), "stator-"));
        const start = (closed) => {
            /* An address that no machine has: the start ends behind the first lines of the log. */
            const { status } = spawnSync("sh", ["-c", `exec "$0" serve --data "$1" --host 203.0.113.1 ${closed}`, binary, directory]);
            assert.equal(status, 2);
        };
        const written = () => readdirSync(directory, { recursive: true }).map((path) => join(directory, path))
            .filter((path) => statSync(path).isFile() && readFileSync(path, "latin1").includes("event="));
        for (const closed of ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"]) {
            start(closed);
            assert.deepEqual(written(), [], closed);
        }
        rmSync(directory, { recursive: true });
    });

    it("print the version, asked for in either way", async () => {
        const [word, option] = await Promise.all([runStator(["version"]), runStator(["--version"])]);
        assert.deepEqual(option, word);
        assert.match(word.output, /^\d+\.\d+\.\d+\n$/);
    });
});

describe("docs/formats.md", () => {
    it("has every field of a table's description", () => {
        const fields = [...read("src/db/table/table_row.c").matchAll(/^ {4}FIELD\("(\w+)"/gm)].map((match) => match[1]);
        assert.ok(fields.length > 10);
        assert.deepEqual(table(formats, "| Attribute | Type |").map(([name]) => words(name)[0]), fields);
    });

    it("has every row of the store itself", () => {
        const written = table(formats, "| Area | Key |").filter(([area]) => area === "00").map(([, key]) => words(key)[0]);
        const rows = [...code.matchAll(/_KEY SLICE\("\\x00" "([a-z-]+)"\)/g)].map((match) => match[1]);
        assert.ok(rows.length > 4);
        for (const row of rows)
            assert.ok(written.includes(row), row);
    });
});

describe("docs/metrics.md", () => {
    const source = read("src/server/metrics_list.c");
    const list = [...source.slice(source.indexOf("metrics[] = {")).matchAll(/\b(ONE|EACH|TABLES|INDEXES)\("(\w+)", (\w+),\s*((?:"(?:[^"\\]|\\.)*"\s*,?\s*)+)/g)].map(([, macro, name, kind, text]) => {
        const [first, ...others] = text.trim().split(/(?<="),\s*/).filter(Boolean).map((each) => [...each.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]).join(""));
        return { name, kind: kind.toLowerCase(), labels: macro === "ONE" ? [] : first.split(",").filter(Boolean), help: macro === "ONE" ? first : others[0] };
    });
    const metrics = read("docs/metrics.md");
    const dashboard = JSON.parse(read("dashboards/stator.json"));

    it("has every metric of the page, in its order and words, and no other", () => {
        assert.ok(list.length > 80);
        const written = [...metrics.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram|summary) \| (.*?) \| (.*) \|$/gm)]
            .map(([, name, kind, labels, help]) => ({ name, kind, labels: words(labels), help }));
        assert.deepEqual(written, list);
    });

    /* Names of metrics in an expression, with the labels that it uses of them. */
    const known = new Map(list.flatMap(({ name, kind, labels }) => {
        const suffixes = { histogram: ["_bucket", "_sum", "_count"], summary: ["_sum", "_count"] }[kind] ?? [""];
        return suffixes.map((suffix) => [name + suffix, suffix === "_bucket" ? [...labels, "le"] : labels]);
    }));
    function check(expression, place) {
        const names = [...expression.matchAll(/\b(?:stator|process)_\w+/g)].map((match) => match[0]);
        assert.ok(names.length > 0, `${place}: ${expression}`);
        for (const name of names)
            assert.ok(known.has(name), `${place}: there is no ${name}`);
        const labels = new Set(names.flatMap((name) => known.get(name)));
        const used = [...expression.matchAll(/\bby \(([\w, ]+)\)/g)].flatMap((match) => match[1].split(", "))
            .concat([...expression.matchAll(/(\w+)=~?"/g)].map((match) => match[1]));
        for (const label of used)
            assert.ok(labels.has(label), `${place}: ${label} is no label of ${names}`);
        for (const [open, close] of ["()", "[]", "{}"])
            assert.equal(expression.split(open).length, expression.split(close).length, `${place}: ${expression}`);
        return labels;
    }

    it("asks only for what there is", () => {
        const rows = table(metrics, "| Question | Answer |");
        assert.ok(rows.length > 5);
        for (const [question, answer] of rows)
            for (const expression of words(answer).filter((each) => /_/.test(each)))
                check(expression, question);
    });

    it("the dashboard shows only what there is, each panel in a place of its own", () => {
        const panels = dashboard.panels.filter(({ type }) => type !== "row");
        assert.ok(panels.length > 20);
        assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
        const places = new Set();
        for (const { title, targets, gridPos: { x, y, w, h } } of panels) {
            assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
            for (const { expr, legendFormat } of targets) {
                const labels = check(expr, title);
                for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
                    assert.ok(labels.has(label), `${title}: ${label} in ${legendFormat}`);
            }
            for (let column = x; column < x + w; column++)
                for (let row = y; row < y + h; row++) {
                    assert.ok(column < 24 && !places.has(`${column} ${row}`), `${title} lies on another`);
                    places.add(`${column} ${row}`);
                }
        }
        for (const variable of dashboard.templating.list.filter(({ type }) => type === "query"))
            check(variable.query.replace(/^label_values\((.*), (\w+)\)$/, "sum by ($2) ($1)"), variable.name);
    });
});

it("paths that documents name are there", () => {
    const documents = ["README.md", "ARCHITECTURE.md", ...readdirSync(join(repository, "docs")).map((name) => `docs/${name}`)];
    for (const document of documents.filter((each) => each.endsWith(".md")))
        for (const path of words(read(document)).filter((each) => /^(src|tests|docs|packaging|bench|dashboards)\/[\w./-]+$/.test(each)))
            assert.ok(existsSync(join(repository, path)), `${document} names ${path}`);
});
