#!/usr/bin/env bash
# Measures how events reach many, beside uWebSockets and node's ws: each server on one processor, the clients on another.
#
#   Benchmarks/realtime.sh [SUBSCRIBERS ...]     100, 1000 and 5000 without a number
#
# BENCH_ROUNDS    rounds of each measurement (default: 3)
# BENCH_SECONDS   of each (default: 5)
# BENCH_PROGRAM   what serves and loads (default: .build/release/RealtimeBenchmark)
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.build/bench-realtime-venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import socketify' 2>/dev/null || "$venv/bin/pip" install -q socketify==0.0.31

# A connection is a descriptor on each side.
ulimit -n 20000
exec "$venv/bin/python" Benchmarks/realtime.py "${BENCH_PROGRAM:-.build/release/RealtimeBenchmark}" "${BENCH_ROUNDS:-3}" \
  "${BENCH_SECONDS:-5}" "$@"
