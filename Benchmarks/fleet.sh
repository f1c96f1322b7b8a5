#!/usr/bin/env bash
# Measures the storage of a fleet against named peers, on servers of its own on loopback (see docs/fleet.md).
#
#   Benchmarks/fleet.sh [queries] [fanout] [objects]     all three without a name
#
# BENCH_ROUNDS    rounds of each measurement (default: 5)
# BENCH_SECONDS   of each round of a query (default: 4)
set -euo pipefail
cd "$(dirname "$0")/.."

rounds="${BENCH_ROUNDS:-5}"
seconds="${BENCH_SECONDS:-4}"
parts=("$@")
[ $# -gt 0 ] || parts=(queries fanout objects)

scripts/setup.sh stack
for product in lumiere lumiere-decode StorageBenchmark; do
  swift build -c release --product "$product" --explicit-target-dependency-import-check error
done
venv=.build/bench-venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import websockets, redis' 2>/dev/null || "$venv/bin/pip" install -q websockets==15.0.1 redis==6.4.0

data="$(mktemp -d)"
# PostgreSQL runs as a user of its own and has to get there.
chmod 711 "$data"
export STACK_DIR="$data/stack"
trap 'scripts/stack.sh down >/dev/null || true; rm -rf "$data"' EXIT

STACK_ONLY=services scripts/stack.sh up postgres redis s3
set -a
# shellcheck source=/dev/null
source "$STACK_DIR/env"
set +a

for part in "${parts[@]}"; do
  case "$part" in
    queries) "$venv/bin/python" Benchmarks/queries.py "$data" "$rounds" "$seconds" ;;
    objects) "$venv/bin/python" Benchmarks/objects.py "$data" "$rounds" ;;
    fanout)
      scripts/stack.sh up server-1 server-2
      "$venv/bin/python" Benchmarks/fanout.py "$STACK_DIR" "$rounds"
      scripts/stack.sh down server-1 server-2
      ;;
    *) echo "usage: Benchmarks/fleet.sh [queries] [fanout] [objects]" >&2; exit 2 ;;
  esac
done
