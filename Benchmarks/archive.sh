#!/usr/bin/env bash
# Measures how soon the archive of a large session begins, on one processor, with the client on another.
#
# BENCH_ROUNDS    rounds of each measurement (default: 5)
# BENCH_PHOTOS    photos in the session (default: 10000)
# BENCH_DATA      where the files lie (default: a temporary folder)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)
set -euo pipefail
cd "$(dirname "$0")/.."

source Benchmarks/server.sh

start_server taskset -c 0
taskset -c 1 python3 Benchmarks/archive.py "$data" "${BENCH_ROUNDS:-5}" "${BENCH_PHOTOS:-10000}"
