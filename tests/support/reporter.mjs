/* Reporter for `node --test`: failures in full, then the line `N passed, N failed` of every part. */
import { inspect } from "node:util";

export default async function* report(events) {
    let passed = 0;
    let failed = 0;
    for await (const { type, data } of events) {
        const isSuite = data?.details?.type === "suite";
        if (type === "test:pass" && !isSuite && !data.skip && !data.todo)
            passed++;
        else if (type === "test:fail" && data.details.error?.failureType !== "subtestsFailed") {
            failed++;
            yield `FAILED ${data.name} (${data.file ?? ""}:${data.line ?? ""})\n`;
            yield `${indent(explain(data.details.error))}\n\n`;
        } else if (type === "test:stderr" || type === "test:stdout")
            yield data.message;
        else if (type === "test:pass" && (data.skip || data.todo))
            yield `skipped ${data.name}${typeof data.skip === "string" ? `: ${data.skip}` : ""}\n`;
    }
    yield `${passed} passed, ${failed} failed\n`;
}

function explain(error) {
    const cause = error?.cause ?? error;
    return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause, { depth: 6 });
}

function indent(text) {
    return String(text).replace(/^/gm, "    ");
}
