# Starts a server of its own on a fresh data folder, which both end with the script that has sourced this:
#
#   start_server NAME...     the words before the server's name, e.g. taskset -c 0; sets `data`
#
# BENCH_DATA      where the files lie (default: a temporary folder)
# BENCH_BINARY    the server to measure (default: .build/release/lumiere)

start_server() {
  data="$(mktemp -d -p "${BENCH_DATA:-${TMPDIR:-/tmp}}")"
  trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data" ${scratch:+"$scratch"}' EXIT
  "$@" "${BENCH_BINARY:-.build/release/lumiere}" serve --port 0 --data "$data" --ready-file "$data/ready.json" --web-root web \
    --log-level critical >/dev/null &
  server=$!
  until [ -s "$data/ready.json" ]; do kill -0 "$server"; sleep 0.1; done
}
