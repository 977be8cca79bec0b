# shellcheck shell=bash
# What up.sh, down.sh and ../run.sh know of processes.

# starttime PID: with the pid it names one process for good, so that a reused pid is never taken for ours.
starttime() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# alive PIDFILE: the file holds "pid starttime".
alive() {
  local pid start
  [ -s "$1" ] && read -r pid start <"$1" && [ -n "$start" ] && [ "$(starttime "$pid")" = "$start" ]
}
