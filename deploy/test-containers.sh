#!/usr/bin/env bash
# Proves Dockerfile and docker-compose.yml by running them, with a container engine of its own that it starts and stops.
#
#   deploy/test-containers.sh
#
# Needs root on Debian or Ubuntu. Images are kept in RETAIL_IMAGES (~/.cache/retail-images), so that the second run is quick;
# no registry is asked (deploy/base-images.sh makes stand-ins). RETAIL_SKIP_CONTAINERS=reason skips it and says so.
# RETAIL_NETWORK=host tries the store on the host's network, as is done by itself where the machine can make no network.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/needs.sh
source scripts/needs.sh

if [[ ${RETAIL_SKIP_CONTAINERS:-} ]]; then
  echo "SKIPPED: containers were not tried, because RETAIL_SKIP_CONTAINERS says: $RETAIL_SKIP_CONTAINERS"
  exit 0
fi

# Whatever hangs, it ends: the clean-up below runs then, too.
limit=${RETAIL_CONTAINERS_LIMIT:-2400}
if [[ ! ${RETAIL_CONTAINERS_INNER:-} ]]; then
  status=0
  RETAIL_CONTAINERS_INNER=1 timeout --signal=INT --kill-after=90 "$limit" deploy/test-containers.sh || status=$?
  ((status != 124)) || echo "FAILED: it took longer than $limit seconds (RETAIL_CONTAINERS_LIMIT)."
  exit "$status"
fi

images=${RETAIL_IMAGES:-$HOME/.cache/retail-images}
project=retail-try
began=$SECONDS
export COMPOSE_PROJECT_NAME=$project DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0 COMPOSE_HTTP_TIMEOUT=300
# shellcheck source=deploy/engine.sh
source deploy/engine.sh

# --- How a step is tried: its words, its seconds, and where it fails what it said.
passed=0
step() { # WORDS COMMAND...
  local words=$1 from=$SECONDS
  shift
  if "$@" >"$work/step" 2>&1; then
    passed=$((passed + 1))
    printf 'ok    %-72s %4d s\n' "$words" $((SECONDS - from))
  else
    fail "$words" "$(tail -n 30 "$work/step")"
  fi
}

fail() {
  printf 'FAIL  %s\n%s\n' "$1" "$2"
  compose ps 2>&1 | tail -n 12 || true
  compose logs --tail 15 2>&1 | cut -c1-400 || true
  exit 1
}

# says TEXT COMMAND...: it ends well and prints this.
says() {
  local text=$1 output
  shift
  output=$("$@" 2>&1) || { printf '%s\n' "$output"; return 1; }
  [[ $output == *"$text"* ]] || { printf 'It does not say "%s" but: %s\n' "$text" "$output"; return 1; }
}

# refuses TEXT COMMAND...: it fails and prints this.
refuses() {
  local text=$1 output
  shift
  if output=$("$@" 2>&1); then printf 'It should have failed: %s\n' "$output"; return 1; fi
  [[ $output == *"$text"* ]] || { printf 'It does not say "%s" but: %s\n' "$text" "$output"; return 1; }
}

# within SECONDS COMMAND...: it succeeds before so many seconds are over.
within() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.5
  done
}

retail() { compose exec -T web retail "$@"; }
id_of() { compose ps -q "$1" | head -n 1; }
health_of() { docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$(id_of "$1")"; }
is_healthy() { [[ $(health_of "$1") == healthy ]]; }
answers() { inside curl --silent --fail --max-time 10 --output /dev/null "$1"; }

source deploy/container-steps.sh
engine_start_for_building
trap 'status=$?; engine_stop; exit $status' EXIT
try_everything
printf '%s steps passed, 0 failed, %s s.\n' "$passed" $((SECONDS - began))
