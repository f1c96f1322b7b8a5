#!/usr/bin/env bash
# Measures how soon the archive of a large session begins, on one processor, with the client on another.
#
# BENCH_ROUNDS    rounds of each measurement (default: 5)
# BENCH_PHOTOS    photos in the session (default: 10000)
# BENCH_DATA      where the files lie (default: a temporary folder)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)
set -euo pipefail
cd "$(dirname "$0")/.."

binary="${BENCH_BINARY:-.build/release/lumiere}"
data="$(mktemp -d -p "${BENCH_DATA:-${TMPDIR:-/tmp}}")"
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT

taskset -c 0 "$binary" serve --port 0 --data "$data" --ready-file "$data/ready.json" --web-root web --log-level warning >/dev/null &
server=$!
until [ -s "$data/ready.json" ]; do kill -0 "$server"; sleep 0.1; done

taskset -c 1 python3 Benchmarks/archive.py "$data" "${BENCH_ROUNDS:-5}" "${BENCH_PHOTOS:-10000}"
