#!/bin/bash
# Stands before rustc (RUSTC_WRAPPER) and adds one line per crate to $RUSTC_TIMES:
# crate, user seconds, system seconds, peak memory in kB (the linker included).
name=-
for ((i = 1; i <= $#; i++)); do
    if [ "${!i}" = --crate-name ]; then
        next=$((i + 1))
        name=${!next}
    fi
done
exec /usr/bin/time --quiet -a -o "${RUSTC_TIMES:-/dev/null}" -f "$name %U %S %M" "$@"
