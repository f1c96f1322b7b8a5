# shellcheck shell=bash
# Servers and workers. DATABASE_URL and all else that is the same on every node is in the environment already: `load` in
# settings.sh has put it there.
# shellcheck disable=SC2154

binary="${LUMIERE_BINARY:-$root/.build/release/lumiere}"

# launch_node NAME COMMAND…: with a folder and a ready file of its own.
launch_node() {
  local name="$1"
  shift
  [ -x "$binary" ] || fail "$binary is missing: build it, or name one by LUMIERE_BINARY"
  rm -f "$run/$name.ready"
  launch "$name" env LUMIERE_SERVER_TRUSTED_PROXIES=127.0.0.1/32 LUMIERE_DECODER_COUNT="$decoders" \
    "$binary" "$@" --data "$stack/$name" --ready-file "$run/$name.ready"
}

# Decoders are the workers' alone.
start_server() { decoders=0 launch_node "$1" serve --host 127.0.0.1 --port "${port[$1]}" --web-root "$root/web"; }

await_server() { await "$1" 60 curl --silent --fail --max-time 5 "http://127.0.0.1:${port[$1]}/health/ready"; }

start_worker() { decoders=2 launch_node "$1" worker; }

await_worker() { await "$1" 60 test -s "$run/$1.ready"; }
