/* The report of make bench. */
const NAME_WIDTH = 56;
const columns = [
    ["requests/s", "rate", 12], ["p50 us", "p50_us", 9], ["p99 us", "p99_us", 9], ["CPU us each", "cpuMicroseconds", 13],
    ["MB", "megabytes", 8],
];

export function printHead() {
    console.log(`\n${"what".padEnd(NAME_WIDTH)}${columns.map(([title, , width]) => title.padStart(width)).join("")}`);
}

export function printRow(name, result) {
    console.log(name.padEnd(NAME_WIDTH) + columns.map(([, field, width]) => format(field, result[field]).padStart(width)).join(""));
}

function format(field, value) {
    if (value === undefined || Number.isNaN(value))
        return "";
    return value.toFixed(field === "cpuMicroseconds" ? 1 : 0);
}

function isReached({ value, sense, wanted }) {
    return sense === "at most" ? value <= wanted : value >= wanted;
}

export function printBar(bar) {
    const { what, value, sense, wanted } = bar;
    console.log(`${isReached(bar) ? "reached" : "MISSED "}  ${what}: ${value.toFixed(2)} (${sense} ${wanted.toFixed(2)})`);
}

/* Returns how many were missed. */
export function printBars(bars) {
    console.log("");
    bars.forEach(printBar);
    return bars.filter((one) => !isReached(one)).length;
}
