#!/usr/bin/env bash
# Runs built tests: `test.sh ARGUMENTS... [-- ARGUMENTS...]`, the arguments being `swift test`'s (`--filter`, `--skip`); what
# stands before and after `--` runs side by side, in processes of their own. Within each, one test runs at a time: many start
# processes, which would inherit the pipes of others, or wait for deadlines. What failed is said once more at the end, where
# one looks.
set -uo pipefail
cd "$(dirname "$0")/.."
# `swift test` itself would wait for others to be done with what is built.
tests=$(swift build --show-bin-path)/lumierePackageTests.xctest
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

runs=()
start() {
    "$tests" --testing-library swift-testing --no-parallel "$@" 2>&1 | tee "$logs/${#runs[@]}" &
    runs+=($!)
}

arguments=()
for argument in "$@"; do
    if [[ $argument == -- ]]; then
        start "${arguments[@]}"
        arguments=()
    else
        arguments+=("$argument")
    fi
done
start "${arguments[@]}"

status=0
for run in "${runs[@]}"; do wait "$run" || status=1; done
if ((status)); then
    printf '\nWhat failed:\n'
    grep --no-filename --after-context=3 -E 'recorded an issue|Fatal error|unexpected signal|^error:' "$logs"/* | tail -n 60
fi
exit "$status"
