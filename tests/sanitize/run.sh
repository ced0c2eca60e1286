#!/bin/bash
# Everything under the sanitizers: all tests with addresses and undefined behaviour watched, then
# the concurrent parts with threads watched. A report of any of them fails its step.
set -uo pipefail
cd "$(dirname "$0")/../.."

api='tests/with-node node --test --test-reporter=./tests/support/reporter.mjs tests/api/*.test.mjs'
# name | command
steps=(
    "address: unit tests | make -s unit VARIANT=asan"
    "address: engine contract | make -s contract VARIANT=asan"
    "address: API, on disk | STATOR_BINARY=build/asan/stator $api"
    "address: API, in memory | STATOR_BINARY=build/asan/stator STATOR_TEST_FLAGS=--in-memory $api"
    "address: injected failures | make -s inject SECONDS=0"
    "address: fuzz targets | make -s fuzz SECONDS=10"
    "address: indexes that come and go | STATOR_BINARY=build/asan/stator tests/with-node node tests/check/indexes.mjs"
    "threads: unit tests | make -s unit VARIANT=tsan"
    "threads: engine contract | make -s contract VARIANT=tsan"
    "threads: API, on disk | STATOR_BINARY=build/tsan/stator $api"
    "threads: transactions of many clients | STATOR_BINARY=build/tsan/stator tests/with-node node tests/check/serial.mjs --transactions 6000"
    "threads: the bank | STATOR_BINARY=build/tsan/stator tests/with-node node tests/check/bank.mjs --requests 6000"
    "threads: indexes that come and go | STATOR_BINARY=build/tsan/stator tests/with-node node tests/check/indexes.mjs"
    "threads: API, in memory | STATOR_BINARY=build/tsan/stator STATOR_TEST_FLAGS=--in-memory $api"
)
reports=$PWD/build/sanitize
rm -rf "$reports"
mkdir -p "$reports"
# A server that a test kills at the end takes its exit code with it: the reports are files.
# No detector of deadlocks: it ends the process at 64 locks held, and a transaction may hold 101
# stripes, which everybody takes in one order (src/db/locks.c).
export TSAN_OPTIONS="suppressions=$PWD/tests/sanitize/thread.supp detect_deadlocks=0 log_path=$reports/threads"

passed=0
failed=0
summary=()
for step in "${steps[@]}"; do
    name=${step%% | *}
    echo "== $name"
    output=$(bash -c "${step#* | }" 2>&1)
    code=$?
    said=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$output" | tail -1)
    read -r good _ bad _ <<<"${said:-0 passed, 1 failed}"
    found=$(find "$reports" -type f)
    if [ $code -ne 0 ] || [ "$bad" -ne 0 ] || [ "$good" -eq 0 ] || [ -n "$found" ]; then
        tail -n 80 <<<"$output"
        [ -z "$found" ] || { head -n 60 $found; rm -f $found; }
        [ "$bad" -gt 0 ] || bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    summary+=("$name: $good passed, $bad failed")
done
printf '%s\n' "" "${summary[@]}" ""
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
