# shellcheck shell=bash
# A container engine that belongs to deploy/test-containers.sh alone: its data lie beside the images, nothing of it runs
# afterwards. Built is on the host's network, because packages come from there. Tried is in a network namespace of its own,
# with real networks, ports and names, so that the machine's own network is not touched; where that can't be made, on the host's.
# Sourced, not run.

engine=$images/engine
work=$(mktemp -d /tmp/retail-try-XXXXXX)
chmod 755 "$work"
net=retail-try-$$
mode=${RETAIL_NETWORK:-own}
export DOCKER_HOST=unix://$work/docker.sock
docker() { /usr/bin/docker "$@"; }

# inside COMMAND...: where the store's ports are.
inside() { if [[ -e /run/netns/$net ]]; then nsenter --net="/run/netns/$net" "$@"; else "$@"; fi; }

compose() { docker-compose ${compose_files[@]+"${compose_files[@]}"} "$@"; }

# no_engine WHY: with an exit code of its own, so that a pipeline can tell it from a store that fails.
no_engine() {
  say "FAILED: no container engine can be started here: $1"
  say "Set RETAIL_SKIP_CONTAINERS to the reason why containers are not tried here."
  exit 3
}

engine_needs() {
  ((EUID == 0)) || no_engine "it needs root."
  local missing=()
  [[ -x /usr/sbin/dockerd && -x /usr/bin/docker ]] || missing+=(docker.io)
  [[ -x /usr/bin/docker-compose ]] || missing+=(docker-compose)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  command -v nsenter >/dev/null || missing+=(util-linux)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v curl >/dev/null || missing+=(curl)
  command -v jq >/dev/null || missing+=(jq)
  ((${#missing[@]})) || return 0
  # Nothing that is installed may start a service of the machine's.
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    (need_packages "${missing[@]}") || { rm -f $policy; exit 1; }
    rm -f $policy
  else
    need_packages "${missing[@]}"
  fi
}

engine_start() { # OPTIONS...
  mkdir -p "$engine"
  # In the background under its own group, so that Ctrl-C ends this script first, and that ends the engine.
  inside setsid /usr/sbin/dockerd --storage-driver=overlay2 --data-root="$engine" --exec-root="$work/exec" \
    -H "$DOCKER_HOST" --pidfile "$work/docker.pid" "$@" >"$work/engine.log" 2>&1 9>&- &
  local until=$((SECONDS + 60))
  until docker info >/dev/null 2>&1; do
    if ((SECONDS > until)) || ! kill -0 $! 2>/dev/null; then
      no_engine "$(tail -n 1 "$work/engine.log" | cut -c1-300)"
    fi
    sleep 0.3
  done
}

engine_halt() {
  [[ -s $work/docker.pid ]] || return 0
  local pid
  pid=$(cat "$work/docker.pid")
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  kill -9 "$pid" 2>/dev/null || true
}

engine_start_for_building() {
  engine_needs
  # One at a time: two engines on one folder would damage it.
  mkdir -p "$images"
  exec 9>"$images/lock"
  flock --wait 600 9 || give_up "FAILED: another run has held $images for ten minutes."
  engine_start --iptables=false --ip6tables=false --ip-forward=false --bridge=none
}

# A namespace where networks can be made and ports be published, as docker-compose.yml asks for.
engine_move_to_own_network() {
  engine_halt
  ip netns add "$net"
  inside ip link set lo up
  inside ip link add retail-probe type bridge
  inside ip link del retail-probe
  inside iptables --table nat --list >/dev/null
  engine_start
}

engine_can_have_own_network() {
  local probe=retail-probe-$$ can=1
  ip netns add "$probe" 2>/dev/null || return 1
  nsenter --net="/run/netns/$probe" sh -c 'ip link add retail-probe type bridge && iptables --table nat --list' >/dev/null 2>&1 || can=0
  ip netns del "$probe"
  ((can))
}

engine_stop() {
  set +e
  if docker info >/dev/null 2>&1; then
    compose --profile proxy down --volumes --remove-orphans --timeout 10 >/dev/null 2>&1
    docker image prune --force >/dev/null 2>&1
  fi
  engine_halt
  for mounted in "$work/exec/netns/default" "$work"/exec/*; do mountpoint -q "$mounted" 2>/dev/null && umount "$mounted"; done
  [[ -e /run/netns/$net ]] && ip netns del "$net"
  rm -rf --one-file-system "$work"
}
