# shellcheck shell=bash
# Processes that outlive this script, each known by a file with its number and when it began: a number alone may have
# passed on to another process. `run` and `log` come from settings.sh.
# shellcheck disable=SC2154

# launch NAME PROGRAM…: starts it in a session of its own.
launch() {
  local name="$1"
  shift
  # Not the leader of a process group, setsid goes on as the same process: $! is the program.
  setsid "$@" </dev/null >>"$log/$name.log" 2>&1 9>&- &
  printf '%s\n%s\n' "$!" "$(beginning "$!")" >"$run/$name.pid"
}

# When a process began, in ticks since the boot (field 22 of /proc/PID/stat); nothing when it has ended.
beginning() {
  local stat fields
  { stat="$(<"/proc/$1/stat")"; } 2>/dev/null || return 0
  # The name before the last parenthesis may have spaces in it.
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" = Z ] || echo "${fields[19]}"
}

pid_of() { head -n 1 "$run/$1.pid"; }

is_running() {
  local lines
  [ -f "$run/$1.pid" ] || return 1
  readarray -t lines <"$run/$1.pid"
  [ -n "${lines[1]:-}" ] && [ "$(beginning "${lines[0]}")" = "${lines[1]}" ]
}

# await NAME SECONDS CHECK…: until the check passes; gives up at once when the process has ended.
await() {
  local name="$1" seconds="$2"
  shift 2
  local deadline=$((SECONDS + seconds))
  until is_running "$name" && "$@" >/dev/null 2>&1; do
    is_running "$name" || give_up "$name has ended"
    ((SECONDS < deadline)) || give_up "$name was not ready within $seconds seconds"
    sleep 0.1
  done
}

# give_up WHAT: shows the end of what the process said. What did start goes on: `down` ends it.
give_up() {
  tail -n 20 "$log/${1%% *}.log" >&2 || true
  fail "$1; see $log/${1%% *}.log"
}

# Asks it to end, in the way that loses nothing and waits for nobody.
signal() {
  is_running "$1" || return 0
  case "$1" in
    # A fast shutdown: sessions are cut off.
    postgres) kill -INT "$(pid_of "$1")" ;;
    *) kill -TERM "$(pid_of "$1")" ;;
  esac
}

# Waits for its end, and after 20 seconds makes it, with all it has started.
await_end() {
  local deadline=$((SECONDS + 20))
  while is_running "$1"; do
    if ((SECONDS >= deadline)); then
      echo "stack: $1 did not end when asked to and is killed" >&2
      kill -KILL -- "-$(pid_of "$1")" || true
      deadline=$((SECONDS + 5))
    fi
    sleep 0.05
  done
  rm -f "$run/$1.pid"
}
