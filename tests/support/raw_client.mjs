import { targetOf } from "./target.mjs";

/* Requests with a plausible signature; an answer other than 200 is an exception. */
export function rawClient(server) {
    return {
        async call(operation, body) {
            const response = await fetch(`http://127.0.0.1:${server.port}/`, {
                method: "POST",
                headers: {
                    "Content-Type": "application/x-amz-json-1.0",
                    "X-Amz-Target": targetOf(operation),
                    "X-Amz-Date": "20261122T120000Z",
                    Authorization: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/dynamodb/aws4_request, " +
                        "SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
                },
                body: JSON.stringify(body),
            });
            const answer = await response.json();
            if (response.status !== 200)
                throw new Error(`${operation}: ${JSON.stringify(answer)}`);
            return answer;
        },
    };
}
