# shellcheck shell=bash
# Where things lie, which ports they take, and how they are reached.
# The passwords come from a file of the stack.
# shellcheck disable=SC2154

stack="${STACK_DIR:-$root/var/stack}"
[[ $stack == /* ]] || stack="$PWD/$stack"
run="$stack/run"
log="$stack/log"

# fail WHAT: says why and ends.
fail() {
  echo "stack: $1" >&2
  exit 1
}

[[ $stack != *[[:space:]]* ]] || fail "STACK_DIR has a space in it: $stack"

# Keeps two calls from working on the same folder at once; processes that are started do not inherit the lock.
only_one_at_a_time() {
  # Another user runs PostgreSQL in there, and must get that far.
  (umask 066 && mkdir -p "$stack")
  mkdir -p "$run" "$log"
  exec 9>"$stack/lock"
  flock --timeout 120 9 || fail "another call has been working on $stack for two minutes"
}

# Makes what `up` needs first: programs, ports, secrets and the file with the addresses.
prepare() {
  local program first
  for program in curl nginx psql redis-server redis-cli python3; do
    command -v "$program" >/dev/null || fail "$program is missing: scripts/setup.sh stack installs it"
  done
  if [ ! -f "$stack/port" ]; then
    rm -f "$log"/*.log
    first="$(choose_port)"
    echo "$first" >"$stack/port"
  fi
  [ -f "$stack/secrets" ] || make_secrets >"$stack/secrets"
  load
  addresses >"$stack/env"
}

# The first of six ports in a row on which nobody listens, below those that the kernel hands out by itself.
choose_port() {
  local first port attempt
  if [ -n "${STACK_PORT:-}" ]; then
    echo "$STACK_PORT"
    return
  fi
  for ((attempt = 0; attempt < 100; attempt++)); do
    first=$((20000 + RANDOM % 12000))
    for ((port = first; port < first + 6; port++)); do ! is_open "$port" || continue 2; done
    echo "$first"
    return
  done
  fail "no six free ports in a row were found"
}

# Whether somebody listens on a port.
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

random() { python3 -c 'import secrets, sys; print(secrets.token_hex(int(sys.argv[1])))' "$1"; }

make_secrets() {
  echo "postgres_password=$(random 16)"
  echo "redis_password=$(random 16)"
  echo "s3_access_key=$(random 8)"
  echo "s3_secret_key=$(random 16)"
  echo "signing_keys=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
}

# Reads ports and secrets and derives the addresses from them.
load() {
  local first
  first="$(<"$stack/port")"
  # shellcheck source=/dev/null
  source "$stack/secrets"
  declare -gA port=(
    [nginx]=$first [server-1]=$((first + 1)) [server-2]=$((first + 2))
    [postgres]=$((first + 3)) [redis]=$((first + 4)) [s3]=$((first + 5))
  )
  url="http://127.0.0.1:${port[nginx]}"
  export DATABASE_URL="postgresql://lumiere:$postgres_password@127.0.0.1:${port[postgres]}/lumiere?sslmode=disable"
  export REDIS_URL="redis://:$redis_password@127.0.0.1:${port[redis]}/0"
  export S3_BUCKET="${S3_BUCKET:-lumiere}" S3_REGION="${S3_REGION:-us-east-1}" S3_PATH_STYLE="${S3_PATH_STYLE:-true}"
  if [ -n "${STACK_S3_ENDPOINT:-}" ]; then
    export S3_ENDPOINT="$STACK_S3_ENDPOINT"
    : "${S3_ACCESS_KEY:?is needed with STACK_S3_ENDPOINT}" "${S3_SECRET_KEY:?is needed with STACK_S3_ENDPOINT}"
  else
    export S3_ENDPOINT="http://127.0.0.1:${port[s3]}" S3_ACCESS_KEY="$s3_access_key" S3_SECRET_KEY="$s3_secret_key"
  fi
  export LUMIERE_SIGNING_KEYS="$signing_keys"
}

# One KEY=value a line, without quotes: for shells and for tests.
addresses() {
  local key
  echo "STACK_URL=$url"
  echo "STACK_SERVER_1=http://127.0.0.1:${port[server-1]}"
  echo "STACK_SERVER_2=http://127.0.0.1:${port[server-2]}"
  echo "STACK_RUN=$run"
  echo "STACK_LOG=$log"
  for key in DATABASE_URL REDIS_URL S3_ENDPOINT S3_BUCKET S3_ACCESS_KEY S3_SECRET_KEY S3_REGION S3_PATH_STYLE \
    LUMIERE_SIGNING_KEYS; do echo "$key=${!key}"; done
}

# Where a part is reached, for people; workers are not.
address_of() {
  load
  case "$1" in
    worker-*) ;;
    postgres | redis) echo "127.0.0.1:${port[$1]}" ;;
    *) echo "http://127.0.0.1:${port[$1]}" ;;
  esac
}

# Removes the data of a stack that has ended; logs stay until the next one begins.
forget() {
  rm -rf "$stack"/{postgres,postgres.new,redis,nginx,server-1,server-2,worker-1,worker-2}
  rm -f "$stack"/{port,secrets,env}
}
