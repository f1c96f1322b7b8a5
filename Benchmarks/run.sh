#!/usr/bin/env bash
# Runs every benchmark against one release server on a fresh data folder.
set -euo pipefail
cd "$(dirname "$0")/.."

source Benchmarks/server.sh
venv=.build/bench-venv

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import websockets, pyvips' 2>/dev/null || "$venv/bin/pip" install -q websockets==15.0.1 pyvips==3.0.0

start_server
"$venv/bin/python" Benchmarks/latency.py "$data"
"$venv/bin/python" Benchmarks/uploads.py "$data"
"$venv/bin/python" Benchmarks/processing.py .build/release/lumiere-decode "${BENCH_ROUNDS:-3}"
"$venv/bin/python" Benchmarks/effort.py "${BENCH_ROUNDS:-3}"
