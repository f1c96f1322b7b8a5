#!/usr/bin/env bash
# The fleet of docker/compose.yaml as plain processes on loopback, from Debian's packages: two servers, two workers,
# PostgreSQL, Redis, an S3 server, and nginx with docker/nginx.conf.
#
#   scripts/stack.sh up [NAME…]       starts all, or those named; what runs already is left alone
#   scripts/stack.sh down [NAME…]     ends all and removes their data, or ends those named and keeps it
#   scripts/stack.sh status           says what runs, and where; fails when something has ended by itself
#   scripts/stack.sh logs [-f] [NAME…]
#
# Names: postgres redis s3 server-1 server-2 worker-1 worker-2 nginx
#
# STACK_DIR           the folder with everything (default: var/stack); one stack per folder
# STACK_PORT          nginx's port, the others take the five after it (default: any six that are free)
# STACK_ONLY=services without servers and workers
# STACK_S3_ENDPOINT   an S3 server to use, with S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION; otherwise moto is
#                     started, which keeps objects in memory: they are gone when it ends
# LUMIERE_BINARY      the program (default: .build/release/lumiere)
#
# STACK_DIR/env has the addresses, run/NAME.pid the processes, log/NAME.log what they said.
set -euo pipefail
# Passwords lie in the folder.
umask 077
# Debian keeps nginx off the PATH of ordinary users.
PATH="$PATH:/usr/sbin"

root="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source=scripts/stack/settings.sh
source "$root/scripts/stack/settings.sh"
# shellcheck source=scripts/stack/processes.sh
source "$root/scripts/stack/processes.sh"
# shellcheck source=scripts/stack/services.sh
source "$root/scripts/stack/services.sh"
# shellcheck source=scripts/stack/nodes.sh
source "$root/scripts/stack/nodes.sh"

usage() {
  sed -n 's/^#   \(scripts.*\)/\1/p' "$0" >&2
  exit 2
}

# Those of a group do not need each other; those in front need those behind.
behind="postgres redis s3"
nodes="server-1 server-2 worker-1 worker-2"
front="nginx"

# The parts of this stack, in the order in which they start.
parts() {
  [ -z "${STACK_S3_ENDPOINT:-}" ] && echo "$behind" || echo "${behind% s3}"
  [ "${STACK_ONLY:-}" = services ] || echo "$nodes"
  echo "$front"
}

# chosen NAME…: the parts to act on: those named, or all.
chosen() {
  local all name
  all="$(parts | xargs)"
  for name in "$@"; do [[ " $all " == *" $name "* ]] || fail "there is no $name in this stack, but $all"; done
  if [ $# -gt 0 ]; then echo "$*"; else echo "$all"; fi
}

# both FIRST SECOND: the names that are in both lists.
both() {
  local name
  for name in $1; do [[ " $2 " != *" $name "* ]] || echo "$name"; done
}

up() {
  local names group name
  names="$(chosen "$@")"
  prepare
  for group in "$behind" "$nodes" "$front"; do
    for name in $(both "$group" "$names"); do is_running "$name" || "start_${name%-[0-9]}" "$name"; done
    for name in $(both "$group" "$names"); do "await_${name%-[0-9]}" "$name"; done
    # An S3 server of somebody else's is no part, but may lack the bucket.
    [ "$group" != "$behind" ] || [ -z "${STACK_S3_ENDPOINT:-}" ] || make_bucket
  done
  echo "stack: $url (the rest is in $stack/env)"
}

down() {
  local names="$front $nodes $behind" group name
  [ $# -eq 0 ] || names="$(chosen "$@")"
  # Whoever keeps things outlives those who bring them.
  for group in "$front $nodes" "$behind"; do
    for name in $(both "$group" "$names"); do signal "$name"; done
    for name in $(both "$group" "$names"); do await_end "$name"; done
  done
  [ $# -gt 0 ] || forget
}

status() {
  local name result=0
  for name in $(parts); do
    if is_running "$name"; then
      printf '%-9s running  %-7s %s\n' "$name" "$(pid_of "$name")" "$(address_of "$name")"
    elif [ -f "$run/$name.pid" ]; then
      printf '%-9s ended\n' "$name"
      result=1
    else
      printf '%-9s -\n' "$name"
    fi
  done
  return "$result"
}

logs() {
  local follow=() files=() names name
  if [ "${1:-}" = -f ]; then
    follow=(-F)
    shift
  fi
  names="$(chosen "$@")"
  for name in $names; do [ ! -f "$log/$name.log" ] || files+=("$log/$name.log"); done
  [ ${#files[@]} -gt 0 ] || fail "nothing has been logged in $log"
  exec tail -n 40 "${follow[@]}" "${files[@]}"
}

command="${1:-}"
[ $# -eq 0 ] || shift
case "$command" in
  up | down) only_one_at_a_time ;&
  status | logs) "$command" "$@" ;;
  *) usage ;;
esac
