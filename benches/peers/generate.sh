#!/bin/bash
# All lexicons of this repository to Rust: CPU seconds (user + system), fastest of RUNS (7), and peak
# memory. With JACQUARD=1 also jacquard's generator, whose build alone takes about ten CPU-minutes.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs the command after $1, a name, and prints its row.
row() {
    local name=$1
    shift
    for _ in $(seq "${RUNS:-7}"); do
        rm -rf "$work/out"
        mkdir "$work/out"
        /usr/bin/time --quiet -a -o "$work/$name" -f '%U %S %M' "$@" >/dev/null 2>&1 || echo "$name failed" >&2
    done
    printf '| %s | %s | %d | %d | %d |\n' "$name" \
        "$(awk '{ s = $1 + $2; if (NR == 1 || s < best) best = s; if ($3 > m) m = $3 } END { printf "%.2f | %.0f MB", best, m / 1e3 }' "$work/$name")" \
        "$(find "$work/out" -name '*.rs' | wc -l)" \
        "$(find "$work/out" -name '*.rs' -exec cat {} + | wc -l)" \
        "$(find "$work/out" -name '*.rs' -exec cat {} + | wc -c)"
}

cargo build --quiet --release --manifest-path ../../lexgen/Cargo.toml --features cli
printf '\n| generator | CPU s | peak memory | files | lines | bytes |\n|---|---:|---:|---:|---:|---:|\n'
row lexgen "$CARGO_TARGET_DIR/release/lexgen" generate --lexicons ../../lexicons --no-official \
    --library arobase_runtime --out "$work/out"
if [ "${JACQUARD:-}" = 1 ]; then
    cargo install --quiet --version 0.12.2 --root "$work/jacquard" jacquard-lexgen
    row jacquard "$work/jacquard/bin/jacquard-codegen" --input ../../lexicons --output "$work/out"
fi
