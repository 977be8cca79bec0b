#!/usr/bin/env bash
# Runs the integration tests against a Mercur on loopback: `make integration`. Arguments go to `go test`.
# Exit status 69: this machine cannot run the server (integration/mercur/README.md). Any other failure: not 0.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/mercur/lib.sh
. "$here/mercur/lib.sh"

# A server that was started by hand is used, and stays up. Otherwise this script has one of its own, which it stops at the
# end, also one that a killed run left. Its ports come from the checkout's path: two checkouts must not meet on them.
by_hand=
if alive "$here/mercur/run/${MERCUR_PORT:-9000}/server.pid"; then
  by_hand=yes
elif [ -z "${MERCUR_PORT:-}" ]; then
  offset=$(($(printf %s "$here" | cksum | cut -d' ' -f1) % 1000 * 2))
  export MERCUR_PORT=$((20000 + offset)) MERCUR_PGPORT=$((20001 + offset))
fi
trap '[ -n "$by_hand" ] || "$here/mercur/down.sh"' EXIT

exports=$("$here/mercur/up.sh")
eval "$exports"

cd "$here/.."
# Without -v, go test hides the line of figures that the tests print when they pass.
go test -race -tags integration -count=1 -v "$@" ./integration/... | grep -Ev '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)'
