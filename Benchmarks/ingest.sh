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

source Benchmarks/server.sh
venv=.build/bench-venv

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import tuspyserver, uvicorn, uvloop, httptools' 2>/dev/null ||
  "$venv/bin/pip" install -q tuspyserver==4.4.3 uvicorn==0.54.0 uvloop==0.23.0 httptools==0.9.0

scratch="$(mktemp -d -p "${BENCH_SOURCE:-/dev/shm}")"
start_server

"$venv/bin/python" Benchmarks/ingest.py "$data" "$scratch" "${BENCH_ROUNDS:-5}" "$@"
