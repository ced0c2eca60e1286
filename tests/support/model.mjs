/* The service model that Debian's botocore carries. */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const BOTOCORE = "/usr/lib/python3/dist-packages/botocore/data";

export function readModel(service) {
    const path = `${BOTOCORE}/${service}/2012-08-10/service-2.json`;
    return JSON.parse(existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`)));
}
