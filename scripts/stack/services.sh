# shellcheck shell=bash
# What servers and workers stand on, and nginx in front of them. Ports, passwords and folders come from settings.sh.
# shellcheck disable=SC2154

# MARK: PostgreSQL

# PostgreSQL refuses to run as root: there, its own user does.
unprivileged=()
[ "$(id -u)" -ne 0 ] || unprivileged=(setpriv --reuid postgres --regid postgres --init-groups --no-new-privs --)

# The programs of the newest version, which Debian keeps off the PATH.
postgres_bin() {
  local folder
  folder="$(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort | tail -n 1)"
  [ -x "$folder/postgres" ] || fail "PostgreSQL is missing: scripts/setup.sh stack installs it"
  echo "$folder"
}

# Makes a cluster with the role and the database; a half-made one is begun again.
make_cluster() {
  local new="$stack/postgres.new"
  rm -rf "$new"
  mkdir "$new"
  [ "$(id -u)" -ne 0 ] || chown postgres: "$new"
  "${unprivileged[@]}" test -w "$new" || fail "the user postgres cannot enter $stack; name another folder by STACK_DIR"
  "${unprivileged[@]}" "$1/initdb" --pgdata="$new" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-instructions >>"$log/postgres.log" 2>&1
  echo "host all all 127.0.0.1/32 scram-sha-256" >"$new/pg_hba.conf"
  "${unprivileged[@]}" "$1/postgres" --single -D "$new" postgres >>"$log/postgres.log" 2>&1 <<SQL
CREATE ROLE lumiere LOGIN PASSWORD '$postgres_password'
CREATE DATABASE lumiere OWNER lumiere
SQL
  mv "$new" "$stack/postgres"
}

# Whether a process works in the cluster, as all of PostgreSQL's do.
cluster_is_used() {
  local folder
  for folder in /proc/[0-9]*/cwd; do [ "$(readlink "$folder" || true)" != "$stack/postgres" ] || return 0; done
  return 1
} 2>/dev/null

# Waits for the children of a server that was killed, and removes its lock file: as long as nobody has asked how the
# server ended, PostgreSQL takes it for alive.
clear_cluster() {
  local deadline=$((SECONDS + 10))
  while cluster_is_used; do
    ((SECONDS < deadline)) || fail "another PostgreSQL runs in $stack/postgres"
    sleep 0.1
  done
  rm -f "$stack/postgres/postmaster.pid"
}

start_postgres() {
  local bin
  bin="$(postgres_bin)"
  [ -d "$stack/postgres" ] || make_cluster "$bin"
  clear_cluster
  # By TCP alone: the path of a socket may be too long.
  launch postgres "${unprivileged[@]}" "$bin/postgres" -D "$stack/postgres" -c "port=${port[postgres]}" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200
}

# As the servers will: with the role and its password.
postgres_answers() {
  PGPASSWORD="$postgres_password" timeout 5 psql --no-psqlrc --host=127.0.0.1 --port="${port[postgres]}" --username=lumiere \
    --command='SELECT 1' lumiere
}

await_postgres() { await postgres 30 postgres_answers; }

# MARK: Redis

start_redis() {
  mkdir -p "$stack/redis"
  # By file: what stands on the command line can be read by everybody.
  cat >"$stack/redis/redis.conf" <<CONF
bind 127.0.0.1
port ${port[redis]}
dir $stack/redis
requirepass $redis_password
save ""
appendonly yes
maxmemory-policy noeviction
CONF
  launch redis redis-server "$stack/redis/redis.conf"
}

redis_answers() { [ "$(REDISCLI_AUTH="$redis_password" timeout 5 redis-cli -p "${port[redis]}" ping)" = PONG ]; }

await_redis() { await redis 15 redis_answers; }

# MARK: S3

# moto in a Python of its own, which stays from stack to stack.
moto_server() {
  local folder="$root/.build/stack-venv"
  if [ ! -x "$folder/bin/moto_server" ]; then
    echo "stack: installing moto" >&2
    { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check 'moto[s3]>=5,<6' flask flask-cors; } \
      >>"$log/s3.log" 2>&1 || give_up "s3 could not be installed"
  fi
  echo "$folder/bin/moto_server"
}

start_s3() {
  local program
  program="$(moto_server)"
  launch s3 "$program" --host 127.0.0.1 --port "${port[s3]}"
}

await_s3() {
  await s3 30 curl --silent --fail --max-time 5 "$S3_ENDPOINT/moto-api/"
  make_bucket
}

# Makes the bucket; 409 says that it is there.
make_bucket() {
  local status
  status="$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --request PUT \
    --aws-sigv4 "aws:amz:$S3_REGION:s3" --config <(echo "user = \"$S3_ACCESS_KEY:$S3_SECRET_KEY\"") \
    "$S3_ENDPOINT/$S3_BUCKET")" || true
  [[ $status == 200 || $status == 409 ]] || fail "the bucket $S3_BUCKET could not be made: $S3_ENDPOINT answered $status"
}

# MARK: nginx

# The configuration of the containers, with other lines for where to listen and whom to ask.
start_nginx() {
  local folder="$stack/nginx"
  mkdir -p "$folder"
  ln -sfn "$root/docker/nginx.conf" "$folder/nginx.conf"
  cat >"$folder/site.conf" <<CONF
listen 127.0.0.1:${port[nginx]} default_server;
access_log $log/access.log lumiere;
CONF
  cat >"$folder/servers.conf" <<CONF
server 127.0.0.1:${port[server-1]} max_fails=3 fail_timeout=3s;
server 127.0.0.1:${port[server-2]} max_fails=3 fail_timeout=3s;
CONF
  launch nginx nginx -p "$folder/" -c "$folder/nginx.conf" -g 'daemon off;'
}

# Any answer will do: without nodes it is a problem of nginx itself.
await_nginx() { await nginx 15 curl --silent --max-time 5 "$url/health/live"; }
