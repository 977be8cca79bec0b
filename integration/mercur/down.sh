#!/usr/bin/env bash
# Stops the two processes that up.sh started on MERCUR_PORT, and nothing else. With --wipe it removes their data too.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/mercur/lib.sh
. "$here/lib.sh"
run=$here/run/${MERCUR_PORT:-9000}

stop() { # NAME SIGNAL
  local pid
  if ! { [ -s "$run/$1.pid" ] && read -r pid _ <"$run/$1.pid"; }; then
    echo "$1: not started from here" >&2
    return
  fi
  if alive "$run/$1.pid"; then
    kill "-$2" "$pid"
    for ((i = 0; i < 100; i++)); do
      alive "$run/$1.pid" || break
      sleep 0.1
    done
    if alive "$run/$1.pid"; then kill -KILL "$pid"; fi
    echo "$1: stopped pid $pid" >&2
  else
    echo "$1: pid $pid has ended already" >&2
  fi
  rm -f "$run/$1.pid"
}
stop server TERM
stop postgres INT # what PostgreSQL calls a fast shutdown

if [ "${1:-}" = --wipe ]; then
  if [ -s "$run/pgdata.path" ]; then rm -rf -- "$(cat "$run/pgdata.path")"; fi
  rm -rf -- "$run"
fi
