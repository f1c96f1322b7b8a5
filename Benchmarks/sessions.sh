#!/usr/bin/env bash
# Measures lists and batches of a session of many photos, on SQLite and on PostgreSQL.
#
#   Benchmarks/sessions.sh [sqlite] [postgres]     both without a name
#
# BENCH_ROUNDS    rounds of each measurement (default: 5)
# BENCH_PHOTOS    photos in the session (default: 50000)
# BENCH_DATA      where the files lie (default: a temporary folder)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)
set -euo pipefail
cd "$(dirname "$0")/.."

source Benchmarks/server.sh

# In a shell of its own, whose end ends the server.
measure() (
  start_server
  python3 Benchmarks/sessions.py "$1" "$data" "${BENCH_ROUNDS:-5}" "${BENCH_PHOTOS:-50000}"
)

measure_postgres() (
  stack="$(mktemp -d)"
  # PostgreSQL runs as a user of its own and has to get there.
  chmod 711 "$stack"
  export STACK_DIR="$stack/stack" STACK_ONLY=services
  trap 'scripts/stack.sh down >/dev/null || true; rm -rf "$stack"' EXIT
  scripts/stack.sh up postgres >/dev/null
  DATABASE_URL="$(source "$STACK_DIR/env" && echo "$DATABASE_URL")"
  LUMIERE_SIGNING_KEYS="$(openssl rand -base64 48)"
  export DATABASE_URL LUMIERE_SIGNING_KEYS
  measure postgres
)

parts=("$@")
[ $# -gt 0 ] || parts=(sqlite postgres)
for part in "${parts[@]}"; do
  case "$part" in
    sqlite) measure sqlite ;;
    postgres) measure_postgres ;;
    *) echo "usage: Benchmarks/sessions.sh [sqlite] [postgres]" >&2; exit 2 ;;
  esac
done
