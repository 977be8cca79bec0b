#!/usr/bin/env bash
# Starts a seeded Mercur marketplace on loopback; see README.md. Log on stderr, `export MERCUR_...` lines on stdout.
# Exit status 69: node, the npm packages or PostgreSQL cannot be had on this machine. 1: any other failure.
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
app=$here/backend
# shellcheck source=integration/mercur/lib.sh
. "$here/lib.sh"
export PORT=${MERCUR_PORT:-9000} PGPORT=${MERCUR_PGPORT:-5433}
unset PGHOST PGUSER PGPASSWORD PGSSLMODE PGDATA # PostgreSQL's programs would follow them elsewhere
run=$here/run/$PORT # by port, so that a second server has a database and a seed of its own
export BASE_URL=http://127.0.0.1:$PORT DATABASE_URL=postgres://mercur@127.0.0.1:$PGPORT/postgres
export JWT_SECRET=loopback-only-not-a-secret ADMIN_EMAIL=admin@example.com ADMIN_PASSWORD='Passw0rd!admin'
# Neither "development", in which Mercur runs its code generator through npx, nor "production", whose cookies need https.
export NODE_ENV=live MEDUSA_DISABLE_TELEMETRY=true NO_COLOR=1

say() { printf 'mercur %3ds: %s\n' "$SECONDS" "$*" >&2; }
die() { say "$*"; exit 1; }
unavailable() { say "cannot run here: $*"; exit 69; }
trap 'die "up.sh failed at line $LINENO"' ERR

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
healthy() { # without curl, which a fresh machine may lack
  (exec 3<>"/dev/tcp/127.0.0.1/$PORT" && printf 'GET /health HTTP/1.0\r\n\r\n' >&3 && grep -q '^HTTP/1.1 200' <&3) 2>/dev/null
}
medusa() { (cd "$app" && node node_modules/@medusajs/cli/cli.js "$@"); }

mkdir -p "$run"
exec 9>"$here/run/lock" # one up.sh at a time; the servers must not inherit it, hence 9>&- below
flock 9

if ! alive "$run/server.pid" && listening "$PORT"; then die "port $PORT is taken by another program: set MERCUR_PORT"; fi

# --- packages

command -v node >/dev/null || unavailable "node is not installed (20 or later is needed)"
command -v npm >/dev/null || unavailable "npm is not installed"
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] || unavailable "node $(node -v) is too old (20 or later is needed)"

lock=$(sha256sum <"$app/package-lock.json")
if [ "$(cat "$app/node_modules/.installed" 2>/dev/null || true)" != "$lock" ]; then
  say "installing the npm packages"
  # Not `npm ci`: it insists on the optional packages of other platforms, which a registry mirror may lack.
  if ! (cd "$app" && npm install --no-save --loglevel=error) >"$run/npm.log" 2>&1; then
    reason=$(grep -m1 '^npm ' "$run/npm.log" || tail -n1 "$run/npm.log")
    # The registry does not answer or does not have it; anything else is a fault of this project.
    if grep -qE 'ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|ERR_SOCKET|E40[1345]|E50[0-9]|ETARGET' "$run/npm.log"; then
      unavailable "the npm packages cannot be had: $reason"
    fi
    die "npm install failed: $reason"
  fi
  echo "$lock" >"$app/node_modules/.installed"
fi

# --- PostgreSQL

find_postgres() {
  command -v initdb >/dev/null && command -v pg_ctl >/dev/null && return
  local dir # Debian keeps them off the PATH
  for dir in /usr/lib/postgresql/*/bin; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then PATH=$PATH:$dir && return; fi
  done
  return 1
}
if ! find_postgres; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    unavailable "PostgreSQL's initdb and pg_ctl are not installed"
  fi
  say "installing PostgreSQL"
  export DEBIAN_FRONTEND=noninteractive
  # Not the cluster of its own that Debian's package makes and starts.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  { apt-get update && apt-get install -y --no-install-recommends postgresql; } >"$run/apt.log" 2>&1 ||
    unavailable "PostgreSQL cannot be had: $(grep -m1 '^E: ' "$run/apt.log" || tail -n1 "$run/apt.log")"
  find_postgres || unavailable "PostgreSQL was installed, but its initdb and pg_ctl are not in /usr/lib/postgresql"
fi

pgdata=$run/pgdata as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  pguser=postgres
  id -u "$pguser" >/dev/null 2>&1 || pguser=nobody
  as=(runuser -u "$pguser" --)
  if ! "${as[@]}" test -x "$run"; then # a checkout that this user may not enter
    [ -s "$run/pgdata.path" ] || mktemp -d -t mercur-pgdata.XXXXXX >"$run/pgdata.path"
    pgdata=$(cat "$run/pgdata.path")
  fi
  install -d -o "$pguser" -g "$(id -gn "$pguser")" -m 700 "$pgdata"
fi
postgres() { (cd / && "${as[@]}" "$(command -v "$1")" -D "$pgdata" "${@:2}" 9>&- </dev/null); }

if [ ! -s "$pgdata/PG_VERSION" ]; then
  say "creating the database"
  postgres initdb -U mercur -A trust -E UTF8 --locale=C.UTF-8 >"$run/initdb.log" 2>&1 ||
    die "initdb failed: $(tail -n3 "$run/initdb.log")"
fi
# An up.sh that was interrupted may have left a server without a pid file.
left=$(head -n1 "$pgdata/postmaster.pid" 2>/dev/null || true)
if ! alive "$run/postgres.pid" && [ -n "$left" ] && tr '\0' ' ' 2>/dev/null <"/proc/$left/cmdline" | grep -qF -- "-D $pgdata "; then
  sed -n 4p "$pgdata/postmaster.pid" >"$run/pgport"
  echo "$left $(starttime "$left")" >"$run/postgres.pid"
fi
if alive "$run/postgres.pid"; then
  [ "$(cat "$run/pgport")" = "$PGPORT" ] || die "already running with MERCUR_PGPORT=$(cat "$run/pgport"): use that, or run down.sh first"
elif listening "$PGPORT"; then
  die "port $PGPORT is taken by another program: set MERCUR_PGPORT"
else
  rm -f "$pgdata/postmaster.pid" # left by a killed server, it may name a pid that is somebody else's by now
  # TCP on loopback, no socket file. The data can be made again, so nothing waits for the disk.
  postgres pg_ctl start -w -t 60 -o "-p $PGPORT -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
    >"$run/postgres.log" 2>&1 || die "PostgreSQL did not start: $(tail -n3 "$run/postgres.log")"
  pid=$(head -n1 "$pgdata/postmaster.pid")
  echo "$PGPORT" >"$run/pgport"
  echo "$pid $(starttime "$pid")" >"$run/postgres.pid"
  say "PostgreSQL listens on 127.0.0.1:$PGPORT (pid $pid)"
fi

# --- schema and administrator

if [ "$(cat "$run/migrated" 2>/dev/null || true)" != "$lock" ]; then
  say "migrating"
  medusa db:migrate --execute-all-links >"$run/migrate.log" 2>&1 9>&- || die "the migration failed: $(tail -n5 "$run/migrate.log")"
  echo "$lock" >"$run/migrated"
fi
if [ ! -e "$run/admin" ]; then
  medusa user -e "$ADMIN_EMAIL" -p "$ADMIN_PASSWORD" >"$run/admin.log" 2>&1 9>&- || die "no administrator: $(tail -n5 "$run/admin.log")"
  touch "$run/admin"
fi

# --- server

if ! alive "$run/server.pid"; then
  (cd "$app" && exec setsid node node_modules/@medusajs/cli/cli.js start --host 127.0.0.1 --port "$PORT") \
    </dev/null >"$run/server.log" 2>&1 9>&- &
  pid=$!
  echo "$pid $(starttime "$pid")" >"$run/server.pid"
  say "starting Mercur on $BASE_URL (pid $pid)"
fi
# Also one that an interrupted up.sh left while it was starting.
for ((i = 0; i < 480; i++)); do
  if healthy; then break; fi
  alive "$run/server.pid" || die "the server ended: $(tail -n5 "$run/server.log")"
  sleep 0.25
done
healthy || die "no answer from $BASE_URL/health after 2 minutes"

# --- data and environment

if [ ! -s "$run/seed.json" ]; then
  say "seeding"
  (cd "$app" && node seed.mjs "$run/seed.json.new") >&2 ||
    die "seeding failed, and half a seed cannot be resumed: run down.sh --wipe, then up.sh"
  mv "$run/seed.json.new" "$run/seed.json"
fi
(cd "$app" && node env.mjs "$run") >"$run/env.sh.new" || die "no tokens"
mv "$run/env.sh.new" "$run/env.sh"
say "ready"
cat "$run/env.sh"
