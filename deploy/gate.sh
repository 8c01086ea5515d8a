#!/usr/bin/env bash
# The gate of a deployment: goes on only when every quality scenario passes on evidence that is recent.
#   deploy/gate.sh [--max-age 24h] [--junit verdicts.xml]
# Exit code: 0 the gate is open; 1 a promise is broken; 2 not every promise is proven.
# RETAIL is the command that runs the store's command line; `retail` where it is installed, else this checkout's build.
#   RETAIL="docker compose exec -T web retail" deploy/gate.sh
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

if [[ -n ${RETAIL:-} ]]; then
  read -ra retail <<<"$RETAIL"
elif command -v retail >/dev/null; then
  retail=(retail)
else
  retail=("$root/run.sh")
fi

status=0
"${retail[@]}" verify --gate "$@" || status=$?
case $status in
  0) ;;
  1) echo "Deployment stopped: roll back what broke the promise, or mend it, and run the gate again." >&2 ;;
  2) echo "Deployment stopped: run the drills (retail drill --help) against this release, and run the gate again." >&2 ;;
  *) echo "Deployment stopped: the gate itself could not run (exit code $status)." >&2 ;;
esac
exit "$status"
