#!/usr/bin/env bash
# Measures the taking in of files beside the disk itself, nginx and another tus server, on servers of its own on loopback.
#
#   Benchmarks/ingest.sh [large] [chunks] [files] [small]     all four without a name
#
# BENCH_ROUNDS    rounds of each measurement (default: 5)
# BENCH_DATA      where the bytes go (default: a temporary folder)
# BENCH_SOURCE    where they come from; memory, so that reading costs nothing (default: /dev/shm)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)
# BENCH_SIDES     only these, e.g. "lumiere dd" (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."

binary="${BENCH_BINARY:-.build/release/lumiere}"
data="$(mktemp -d -p "${BENCH_DATA:-${TMPDIR:-/tmp}}")"
source="$(mktemp -d -p "${BENCH_SOURCE:-/dev/shm}")"
venv=.build/bench-venv
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data" "$source"' EXIT

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import tuspyserver, uvicorn, uvloop, httptools' 2>/dev/null ||
  "$venv/bin/pip" install -q tuspyserver==4.4.3 uvicorn==0.54.0 uvloop==0.23.0 httptools==0.9.0

"$binary" serve --port 0 --data "$data" --ready-file "$data/ready.json" --web-root web --log-level critical >/dev/null &
server=$!
until [ -s "$data/ready.json" ]; do kill -0 "$server"; sleep 0.1; done

"$venv/bin/python" Benchmarks/ingest.py "$data" "$source" "${BENCH_ROUNDS:-5}" "$@"
