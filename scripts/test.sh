#!/usr/bin/env bash
# Runs built tests, one at a time: many start processes, which would inherit the pipes of others, or wait for deadlines.
# The arguments are `swift test`'s. What failed is said once more at the end, where one looks.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift test --skip-build --no-parallel "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if ((status)); then
    printf '\nWhat failed:\n'
    grep --after-context=3 -E 'recorded an issue|Fatal error|unexpected signal|^error:' "$log" | tail -n 60
fi
exit "$status"
