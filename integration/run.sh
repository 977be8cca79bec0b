#!/usr/bin/env bash
# Runs the integration tests against a Mercur on loopback: `make integration`. Arguments go to `go test`.
# Exit status 69: this machine cannot run the server (integration/mercur/README.md). Any other failure: not 0.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Two checkouts on one machine must not meet on a port: unless this one has a server on the default ports, its path chooses.
if [ -z "${PORT:-}" ] && [ ! -s "$here/mercur/run/9000/server.pid" ]; then
  offset=$(($(printf %s "$here" | cksum | cut -d' ' -f1) % 1000 * 2))
  export PORT=$((20000 + offset)) PGPORT=${PGPORT:-$((20001 + offset))}
fi
run=$here/mercur/run/${PORT:-9000}

# A server that was there before stays up, so that a developer's own keeps running.
pids() { cat "$run/server.pid" "$run/postgres.pid" 2>/dev/null || true; }
before=$(pids)
trap 'if [ "$(pids)" != "$before" ]; then "$here/mercur/down.sh"; fi' EXIT

exports=$("$here/mercur/up.sh")
eval "$exports"

cd "$here/.."
# Without -v, go test hides the line of figures that the tests print when they pass.
go test -race -tags integration -count=1 -v "$@" ./integration/... | grep -Ev '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)'
