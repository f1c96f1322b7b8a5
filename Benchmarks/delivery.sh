#!/usr/bin/env bash
# Measures how files are sent beside nginx: the same files on the same file system, one event loop and one worker, each side
# on one processor and the client on another.
#
#   Benchmarks/delivery.sh [small] [ranges] [bulk] [slow]     all four without a name
#
# BENCH_ROUNDS    rounds of each measurement (default: 5)
# BENCH_SECONDS   of each run of wrk (default: 5)
# BENCH_DATA      where the files lie (default: a temporary folder)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)
set -euo pipefail
cd "$(dirname "$0")/.."

source Benchmarks/server.sh

# As many event loops as processors that it may use.
start_server taskset -c 0
taskset -c 1 python3 Benchmarks/delivery.py "$data" "${BENCH_ROUNDS:-5}" "${BENCH_SECONDS:-5}" "$@"
