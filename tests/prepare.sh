#!/bin/bash
# The JavaScript the tests need, as the lock files say; a Node of 20 or newer where Debian's is older.
set -euo pipefail
cd "$(dirname "$0")"

# npm ci where the lock file is not the one that was installed last.
install() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return
    (cd "$1" && npm ci </dev/null && cp package-lock.json node_modules/.installed)
}

if [ "$(node -p 'parseInt(process.versions.node) >= 20')" != true ]; then
    install node
fi
install .
