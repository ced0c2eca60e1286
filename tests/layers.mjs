/*
 * Holds src/ against ARCHITECTURE.md: every #include against its table of layers, and every file
 * against the length that can be read in one go. A folder within the store is an engine's: only that
 * folder includes it. A header whose name ends in "_private" is its room's own.
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const FILE_LINES_MAX = 600;
const repository = resolve(fileURLToPath(import.meta.url), "../..");

/* `rows`: room -> set of rooms it may include, or "all". */
export function readTable(markdown) {
    const rows = new Map();
    for (const line of markdown.split("\n")) {
        const cells = /^\| `(\w+)\/` \|.*\| ([^|]+) \|$/.exec(line);
        if (!cells)
            continue;
        const [, room, allowed] = cells;
        const named = [...allowed.matchAll(/`(\w+)`/g)].map((match) => match[1]);
        const plain = allowed.replace(/`\w+`|[, ]/g, "");
        if (plain !== "" && plain !== "nothing" && plain !== "all")
            throw new Error(`ARCHITECTURE.md does not say what ${room}/ may include: ${allowed}`);
        rows.set(room, plain === "all" ? "all" : new Set(named));
    }
    return rows;
}

/* Why `file` (below src/) may not include `included`; null when it may. */
export function objection(rows, file, included) {
    const [from, to] = [file.split("/"), included.split("/")];
    const allowed = rows.get(from[0]);
    if (!allowed)
        return `the table has no row for ${from[0]}/`;
    if (!rows.has(to[0]))
        return `the table has no row for ${to[0]}/`;
    if (to[0] === "store" && to.length > 2 && dirname(file) !== dirname(included))
        return `${dirname(included)}/ is an engine's own`;
    if (included.endsWith("_private.h") && to[0] !== from[0])
        return `it is ${to[0]}'s own`;
    if (to[0] === from[0] || to[0] === "base" || allowed === "all" || allowed.has(to[0]))
        return null;
    return `${from[0]}/ may not include ${to[0]}/`;
}

function filesOf(folder) {
    return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(repository.length + 1));
}

let passed = 0;
let failed = 0;
function check(complaint, place) {
    if (!complaint) {
        passed++;
        return;
    }
    failed++;
    console.log(`FAILED ${place}: ${complaint}`);
}

const rows = readTable(readFileSync(join(repository, "ARCHITECTURE.md"), "utf8"));
const rooms = readdirSync(join(repository, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const room of rooms)
    check(rows.has(room.name) ? null : "it has no row in the table", `src/${room.name}`);
for (const room of rows.keys())
    check(rooms.some((entry) => entry.name === room) ? null : "there is no such folder", `the row of ${room}/`);

for (const file of filesOf("src")) {
    const lines = readFileSync(join(repository, file), "utf8").trimEnd().split("\n");
    check(lines.length > FILE_LINES_MAX ? `${lines.length} lines, at most ${FILE_LINES_MAX}` : null, file);
    for (const [index, line] of lines.entries()) {
        const include = /^\s*#\s*include\s+"([^"]+)"/.exec(line);
        if (include)
            check(objection(rows, file.slice("src/".length), include[1]), `${file}:${index + 1}`);
    }
}

/* The check can fail. */
for (const [file, included, allowed] of [
    ["db/read.c", "store/store.h", true],
    ["db/read.c", "store/rocks/mark.h", false],
    ["store/store.c", "store/memory/tree.h", false],
    ["store/memory/tree.c", "store/memory/roots.h", true],
    ["store/rocks/read.c", "store/memory/roots.h", false],
    ["ops/scan.c", "db/index/index.h", true],
    ["db/read.c", "db/table/table_private.h", true],
    ["ops/scan.c", "db/table/table_private.h", false],
    ["item/key.c", "expr/lexer.h", false],
    ["base/arena.c", "json/reader.h", false],
    ["http/head.c", "nowhere/at_all.h", false],
])
    check((objection(rows, file, included) === null) === allowed ? null : "judged wrongly", `${file} -> ${included}`);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
