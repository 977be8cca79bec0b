#!/usr/bin/env bash
# Stops the two processes that up.sh started on PORT, and nothing else. With --wipe it removes their data too.
set -uo pipefail

run=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/run/${PORT:-9000}

starttime() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
running() { [ -n "$2" ] && [ "$(starttime "$1")" = "$2" ]; }
stop() { # NAME SIGNAL
  local pid start
  if ! { [ -s "$run/$1.pid" ] && read -r pid start <"$run/$1.pid"; }; then
    echo "$1: not started from here" >&2
    return
  fi
  if running "$pid" "$start"; then
    kill "-$2" "$pid"
    for ((i = 0; i < 100; i++)); do
      running "$pid" "$start" || break
      sleep 0.1
    done
    if running "$pid" "$start"; then kill -KILL "$pid"; fi
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
