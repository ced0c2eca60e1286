/*
 * Debian's own AWS command line, with credentials that nobody checks and nothing of the developer's
 * configuration.
 */
import { spawn } from "node:child_process";

export const AWS = "/usr/bin/aws";

export const awsEnvironment = {
    PATH: "/usr/bin:/bin",
    HOME: "/nonexistent",
    LANG: "C.UTF-8",
    AWS_ACCESS_KEY_ID: "any",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
};

/* Run a program to its end; { code, output, errors }. */
export function run(command, words, environment = awsEnvironment) {
    const child = spawn(command, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    return new Promise((settle, reject) => {
        let output = "";
        let errors = "";
        child.stdout.on("data", (bytes) => (output += bytes));
        child.stderr.on("data", (bytes) => (errors += bytes));
        child.on("error", reject);
        child.on("close", (code) => settle({ code, output, errors }));
    });
}

/* `aws dynamodb ...` against an endpoint: its JSON, null when it printed nothing. */
export function awsDynamodb(url) {
    const call = async (...words) => run(AWS, ["--endpoint-url", url, "dynamodb", ...words]);
    return {
        async ok(...words) {
            const { code, output, errors } = await call(...words);
            if (code !== 0)
                throw new Error(`aws dynamodb ${words.join(" ")} ended with ${code}: ${errors}`);
            return output === "" ? null : JSON.parse(output);
        },
        /* A call that must fail; what it said. */
        async fails(...words) {
            const { code, output, errors } = await call(...words);
            if (code === 0)
                throw new Error(`aws dynamodb ${words.join(" ")} succeeded: ${output}`);
            return errors.trim();
        },
    };
}
