#!/bin/bash
# Decode, encode and allocations as one markdown table per task.
#   ./codec.sh                    baselines, ours and every peer (their first build takes many minutes)
#   ./codec.sh baseline arobase   only these
# FILTER=timeline keeps the cases whose task contains the word. The subjects take turns
# ROUNDS times (5), so that a busy minute does not fall on one of them; the best round counts.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ $# -gt 0 ] || set -- baseline arobase atrium jacquard shrike
for subject in "$@"; do
    features=()
    [ "$subject" = baseline ] || features=(--features "$subject")
    cargo build --quiet --release -p arobase-bench-codec ${features[@]+"${features[@]}"}
    cp "$target/release/arobase-bench-codec" "$work/$subject"
done
for _ in $(seq "${ROUNDS:-5}"); do
    for subject in "$@"; do
        "$work/$subject" ${FILTER:+"$FILTER"} >>"$work/rows"
    done
done

awk -F'\t' '
    !($1 in subjects) { order[++tasks] = $1; subjects[$1] = 0 }
    !(($1, $2) in best) { who[$1, ++subjects[$1]] = $2; best[$1, $2] = $3; row[$1, $2] = $0 }
    $3 + 0 < best[$1, $2] + 0 { best[$1, $2] = $3; row[$1, $2] = $0 }
    END {
        for (i = 1; i <= tasks; i++) {
            task = order[i]
            printf "\n**%s**\n\n| who | µs, fastest | µs, median | MB/s | allocations | bytes allocated |\n", task
            printf "|---|---:|---:|---:|---:|---:|\n"
            for (j = 1; j <= subjects[task]; j++) {
                split(row[task, who[task, j]], f, "\t")
                printf "| %s | %s | %s | %s | %s | %s |\n", f[2], f[3], f[4], f[5], f[6], f[7]
            }
        }
    }' "$work/rows"
