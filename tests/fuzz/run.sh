#!/bin/bash
# Run fuzz targets: `run.sh FOLDER-OF-TARGETS SECONDS [TARGET…]`. Each replays its kept corpus and
# what earlier runs found new, then looks for more; new inputs gather in FOLDER/corpus, which is
# not kept. An input that breaks a claim is left in FOLDER/found and named.
set -euo pipefail
cd "$(dirname "$0")/../.."
targets_folder=$1
duration_s=$2
shift 2
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(cd tests/fuzz && ls ./*_fuzz.c | sed 's/.*\/\(.*\)_fuzz\.c/\1/'))

run_target() {
    local target=$1 grown=$targets_folder/corpus/$1 found=$targets_folder/found/$1
    mkdir -p "$grown" "$found"
    local options=(-max_total_time="$duration_s" -timeout=25 -rss_limit_mb=2048 -print_final_stats=0
        -artifact_prefix="$found/" -verbosity=1 -use_value_profile=1)
    [ -e "tests/fuzz/dictionary/$target" ] && options+=(-dict="tests/fuzz/dictionary/$target")
    [ "$target" = http ] && options+=(-max_len=24000)
    if "$targets_folder/${target}_fuzz" "${options[@]}" "$grown" "tests/fuzz/corpus/$target" >"$found/log" 2>&1; then
        echo "ok $target: $(grep -o 'Done [0-9]* runs' "$found/log")"
    else
        echo "FAILED $target:"
        grep -v '^#[0-9]' "$found/log" | tail -n 60
    fi
}
export -f run_target
export targets_folder duration_s

output=$(printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_target {}')
echo "$output"
passed=$(grep -c '^ok ' <<<"$output" || true)
failed=$((${#targets[@]} - passed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
