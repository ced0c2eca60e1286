/* The report of make bench. */
const columns = [
    ["what", "name", 28], ["requests/s", "rate", 12], ["p50 us", "p50", 9], ["p99 us", "p99", 9],
    ["CPU us each", "cpu", 13], ["MB", "megabytes", 8],
];

export function printTable(rows) {
    console.log(`\n${columns.map(([title, , width], index) => pad(title, width, index)).join("")}`);
    for (const row of rows)
        console.log(columns.map(([, field, width], index) => pad(format(field, row[field]), width, index)).join(""));
}

function pad(text, width, index) {
    return index === 0 ? text.padEnd(width) : text.padStart(width);
}

function format(field, value) {
    if (field === "name")
        return value;
    if (value === undefined || Number.isNaN(value))
        return "";
    return value.toFixed(field === "cpu" ? 1 : 0);
}

/* [what, value, "at most" | "at least", bar]; returns how many were missed. */
export function printBars(bars) {
    let missed = 0;
    console.log("");
    for (const [what, value, sense, bar] of bars) {
        const reached = sense === "at most" ? value <= bar : value >= bar;
        missed += reached ? 0 : 1;
        console.log(`${reached ? "reached" : "MISSED "}  ${what}: ${value.toFixed(2)} (${sense} ${bar.toFixed(2)})`);
    }
    return missed;
}
