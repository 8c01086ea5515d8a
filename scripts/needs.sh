# shellcheck shell=bash
# What run.sh, test.sh and .ci/run need of the machine. Sourced, not run.

say() { printf '%s\n' "$*" >&2; }

give_up() {
  say "$*"
  exit 1
}

need_dotnet() {
  if command -v dotnet >/dev/null && [[ $(dotnet --list-sdks) =~ (^|$'\n')10\. ]]; then return; fi
  give_up "The .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
}

has_postgres() {
  command -v initdb >/dev/null ||
    compgen -G '/usr/lib/postgresql/1[5-8]/bin/initdb' >/dev/null ||
    compgen -G '/usr/pgsql-1[5-8]/bin/initdb' >/dev/null ||
    compgen -G '/usr/local/pgsql*/bin/initdb' >/dev/null ||
    compgen -G '/opt/homebrew/opt/postgresql*/bin/initdb' >/dev/null ||
    compgen -G '/usr/local/opt/postgresql*/bin/initdb' >/dev/null
}

# need_packages NAME...: installs Debian packages; where that is not possible, says what to do by hand.
need_packages() {
  local by_hand="Missing on this machine: $*. Install it"
  command -v apt-get >/dev/null || give_up "$by_hand with the system's package manager (Homebrew: brew install postgresql@17), and start again."
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || give_up "$by_hand as root with: apt-get install $*"
    as_root=(sudo)
  fi
  # Another installation may be running: wait for it rather than fail.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=580)
  say "Installing $* ..."
  { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } >&2 ||
    give_up "apt-get could not install it. $by_hand with: sudo apt-get install $*"
}

# need_monitoring: Debian's prometheus and alertmanager, as programs; their services are not to be started by the installation.
need_monitoring() {
  if command -v promtool >/dev/null && command -v amtool >/dev/null; then return; fi
  local policy=/usr/sbin/policy-rc.d ours=0
  if ((EUID == 0)) && [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" && ours=1
  fi
  need_packages prometheus prometheus-alertmanager
  if ((ours)); then rm -f "$policy"; fi
}
