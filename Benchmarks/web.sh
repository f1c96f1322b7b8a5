#!/usr/bin/env bash
# Measures the gallery in a browser: how soon it shows something, what it weighs, whether anything moves, how it scrolls.
#
#   Benchmarks/web.sh
#
# BENCH_ROUNDS    visits (default: 5)
# BENCH_PHOTOS    photos in the session (default: 5000)
# BENCH_DATA      where the files lie (default: a temporary folder)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)
set -euo pipefail
cd "$(dirname "$0")/.."

source Benchmarks/server.sh
start_server
python3 Benchmarks/web.py "$data" "${BENCH_ROUNDS:-5}" "${BENCH_PHOTOS:-5000}"
