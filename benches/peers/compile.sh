#!/bin/bash
# What the typed API costs to compile, as markdown. CPU seconds (user + system) and peak memory of
# rustc itself, taken by rustc-time.sh; incremental compilation off.
#   ./compile.sh                      ours, plain derives, atrium-api, jacquard-api: half an hour and more
#   ./compile.sh arobase derive       only these; `lexgen` and `crates` are the other parts
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never RUSTC_WRAPPER=$here/rustc-time.sh
work=$(mktemp -d)
export RUSTC_TIMES=$work/times
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- arobase derive value atrium jacquard lexgen crates

# `seconds | peak` of the crate $1 in the log, once; the log is emptied.
figures() {
    awk -v crate="$1" '$1 == crate { s = $2 + $3; m = $4 } END { printf "%.2f s, %.0f MB", s, m / 1e3 }' "$RUSTC_TIMES"
    : >"$RUSTC_TIMES"
}

# Fastest of two runs of `cargo $2...` that compile the package $1 anew, its dependencies being built.
alone() {
    local package=$1 profile=() best=
    shift
    [[ " $* " == *" --release "* ]] && profile=(--release)
    cargo "$@" --quiet
    for _ in 1 2; do
        cargo clean --quiet "${profile[@]}" -p "$package"
        : >"$RUSTC_TIMES"
        cargo "$@" --quiet
        local now
        now=$(figures "${package//-/_}")
        if [ -z "$best" ] || [ "$(printf '%s\n%s\n' "$now" "$best" | sort -g | head -1)" = "$now" ]; then best=$now; fi
    done
    printf '%s' "$best"
}

# A line is added to the program with one query $1, and it is built again.
edited() {
    local main=query/$1/src/main.rs
    cargo build --quiet --release -p "query-$1"
    cp "$main" "$work/main.rs"
    printf '\n/// Added.\npub fn added() -> u64 {\n    %d\n}\n' "$RANDOM" >>"$main"
    : >"$RUSTC_TIMES"
    local status=0
    cargo build --quiet --release -p "query-$1" || status=$?
    cp "$work/main.rs" "$main"
    [ $status -eq 0 ] && figures "query_$1"
}

row() { printf '| %s | %s | %s | %s |\n' "$@"; }

table=0
api() {
    [ $table -eq 1 ] || printf '\n| API | `cargo check`, crate alone | release library, crate alone | one-query program, release, after an edit |\n|---|---|---|---|\n'
    table=1
    case $1 in
    arobase) row "arobase, all families" "$(alone arobase check -p query-arobase)" "$(alone arobase build --release -p query-arobase)" "$(edited arobase)" ;;
    atrium) row "atrium-api, all features" "$(alone atrium-api check -p query-atrium)" "$(alone atrium-api build --release -p query-atrium)" "$(edited atrium)" ;;
    jacquard) row "jacquard-api, bluesky" "$(alone jacquard-api check -p query-jacquard)" "$(alone jacquard-api build --release -p query-jacquard)" "$(edited jacquard)" ;;
    value) row "serde_json Value" "" "" "$(edited value)" ;;
    derive)
        python3 derive.py ../../lexicons "$work/derive" 2>"$work/derive.log"
        cd "$work/derive"
        row "plain serde derive, all lexicons" "$(alone plain_derive check)" "$(alone plain_derive build --release)" ""
        cd "$here"
        ;;
    esac
}

lexgen() {
    : >"$RUSTC_TIMES"
    CARGO_TARGET_DIR=$work/lexgen cargo build --quiet --release -p query-lexgen
    printf '\n| a build script over lexgen, release, from nothing | crates, build scripts and program included | CPU seconds | largest rustc |\n|---|---:|---:|---:|\n'
    awk '$1 != "___" && $1 != "-" { n++; s += $2 + $3; if ($4 > m) m = $4 }
        END { printf "| arobase-lexgen | %d | %.1f | %.0f MB |\n", n, s, m / 1e3 }' "$RUSTC_TIMES"
}

crates() {
    printf '\n| `cargo tree -e normal` | crates under it |\n|---|---:|\n'
    local package
    for package in arobase atrium-api jacquard-api; do
        local user=query-${package%-api}
        printf '| %s | %d |\n' "$package" \
            "$(cargo tree --quiet -e normal -p "$user" --prefix depth --no-dedupe |
                awk -v crate="$package" '{ depth = $0; sub(/[^0-9].*/, "", depth); name = substr($0, length(depth) + 1); sub(/ \(.*/, "", name) }
                    under && depth <= level { under = 0 }
                    under && !seen[name]++ { n++ }
                    name ~ "^" crate " v" { under = 1; level = depth }
                    END { print n + 0 }')"
    done
    printf '| arobase-lexgen (build) | %d |\n' \
        "$(cargo tree --quiet -e normal,build -p query-lexgen --prefix none --no-dedupe | sed 's/ (.*//' | sort -u | grep -cv -e '^query-lexgen' -e '^arobase-lexgen' -e '^$' -e '^\[')"
}

for part in "$@"; do
    case $part in
    lexgen | crates) "$part" ;;
    *) api "$part" ;;
    esac
done
