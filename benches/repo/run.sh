#!/bin/bash
# The engines side by side, as markdown tables.
#   ./run.sh                     all subjects; their first build takes many minutes
#   ./run.sh shrike arobase      only these, beside the bounds of the machine
#   ./run.sh --quick [subject...]  1,000 and 10,000 records, one round
# SIZES="1000 100000" sets the sizes, ROUNDS=5 how often the subjects take turns, HUGE=0 leaves out the import of
# 1,000,000 records, BUILD=0 takes the programs of the last run, WORK=folder keeps inputs and programs there.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT

quick=0
subjects=()
for argument in "$@"; do
    if [ "$argument" = --quick ]; then quick=1; else subjects+=("$argument"); fi
done
[ ${#subjects[@]} -gt 0 ] || subjects=(arobase shrike jacquard rsky repo-stream)
subjects=(bounds "${subjects[@]}")
if [ $quick = 1 ]; then
    sizes=${SIZES:-1000 10000} rounds=${ROUNDS:-1} huge=${HUGE:-0}
else
    sizes=${SIZES:-1000 10000 100000} rounds=${ROUNDS:-5} huge=${HUGE:-1}
fi
largest=${sizes##* }

if [ "${BUILD:-1}" = 1 ]; then
    cargo build --quiet --release -p arobase-bench-repo-generator
    cargo build --quiet --release -p arobase-bench-repo-workload
    cp "$target/release/arobase-bench-repo-generator" "$work/generator"
    cp "$target/release/table" "$work/table"
    for subject in "${subjects[@]}"; do
        # Each alone: built together, the features of one peer's dependencies change the speed of another.
        cargo build --quiet --release -p arobase-bench-repo-engine --features "$subject"
        cp "$target/release/arobase-bench-repo-engine" "$work/$subject"
    done
fi
wanted=$sizes
[ "$huge" = 0 ] || wanted="$sizes 1000000"
for size in $wanted; do
    [ -f "$work/repo-$size.car" ] || "$work/generator" "$work" "$size" >&2
done
"$work/generator" "$work" hostile

rows=$work/rows
rm -f "$rows"
# One program at a time, and a program that fails costs its own rows only.
run() {
    "$work/$1" "${@:2}" >>"$rows" || echo "$* failed" >&2
}
for size in $sizes; do
    for _ in $(seq "$rounds"); do
        for subject in "${subjects[@]}"; do
            run "$subject" time "$work" "$size" 3
        done
    done
done
if [ "$huge" = 1 ]; then
    for _ in 1 2; do
        for subject in "${subjects[@]}"; do
            run "$subject" time "$work" 1000000 1
        done
    done
fi
echo "Best figure of $rounds rounds, the median in parentheses. \\* the measurement hashes the blocks, which the engine does not."
echo
"$work/table" <"$rows"

rm -f "$rows"
memory="$largest"
[ "$huge" = 0 ] || memory="$largest 1000000"
for size in $memory; do
    for case in tree bulk import export; do
        for subject in "${subjects[@]:1}"; do
            run "$subject" memory "$work" "$size" "$case"
        done
    done
done
echo
echo "Memory: bytes on the heap as the allocator rounds them."
echo
"$work/table" <"$rows"

rm -f "$rows"
for subject in "${subjects[@]:1}"; do
    run "$subject" hostile "$work/hostile"
done
echo
echo "Hostile files: R rejected, A accepted, P panic, X abort of the process, T no end within 10 s."
echo
"$work/table" <"$rows"
