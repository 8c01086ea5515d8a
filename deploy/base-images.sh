#!/usr/bin/env bash
# Makes stand-ins for the images that the Dockerfile and docker-compose.yml name, for machines that reach no registry:
# a Debian root file system, this machine's .NET, Debian's PostgreSQL and nginx. Where an image is there already
# (pulled from its registry, or made before), it is left as it is.
#
#   deploy/base-images.sh FOLDER    keeps the archives in FOLDER (made when missing) and loads them into the engine at DOCKER_HOST
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cache=$1
docker=${DOCKER:-docker}
work=$cache/work-$$
mkdir -p "$work"
trap 'rm -rf --one-file-system "$work"' EXIT

say() { printf '%s\n' "$*" >&2; }
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(http[^ ]*\).*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1 || true)
mirror=${mirror:-http://deb.debian.org/debian}
suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-bookworm}")
dotnet_home=$(dirname -- "$(readlink -f "$(command -v dotnet)")")
runtime=$(dotnet --list-runtimes | awk '$1 == "Microsoft.AspNetCore.App" && $2 ~ /^10\./ { version = $2 } END { print version }')

# root_of FOLDER PACKAGES...: a root file system with these packages and the certificates that this machine trusts.
root_of() {
  local target=$1
  shift
  [[ -d $work/plain ]] || plain
  cp -a "$work/plain" "$target"
  (($#)) || return 0
  chroot "$target" sh -c 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"' sh "$@" >"$target.log" 2>&1 ||
    { tail -n 20 "$target.log" >&2; return 1; }
  rm -rf "$target"/var/cache/apt/archives/*.deb "$target"/var/lib/apt/lists/* "$target"/usr/share/{doc,man,locale}/*
}

# What all of them begin with. Packages start no service while they are installed into it, and PostgreSQL's makes no cluster.
plain() {
  say "Making a Debian root file system ..."
  debootstrap --variant=minbase --include=ca-certificates,tzdata "$suite" "$work/plain.making" "$mirror" >"$work/plain.log" 2>&1 ||
    { tail -n 20 "$work/plain.log" >&2; return 1; }
  cp /etc/ssl/certs/ca-certificates.crt "$work/plain.making/etc/ssl/certs/ca-certificates.crt"
  printf '#!/bin/sh\nexit 101\n' >"$work/plain.making/usr/sbin/policy-rc.d"
  chmod 755 "$work/plain.making/usr/sbin/policy-rc.d"
  mkdir -p "$work/plain.making/etc/postgresql-common"
  printf 'create_main_cluster = false\n' >"$work/plain.making/etc/postgresql-common/createcluster.conf"
  rm -rf "$work"/plain.making/var/cache/apt/archives/*.deb "$work"/plain.making/var/lib/apt/lists/* "$work"/plain.making/usr/share/{doc,man,locale}/*
  mv "$work/plain.making" "$work/plain"
}

add_dotnet() { # TARGET PARTS...
  local target=$1
  shift
  mkdir -p "$target/usr/share/dotnet"
  (cd "$dotnet_home" && tar c dotnet host LICENSE.txt "$@") | tar x -C "$target/usr/share/dotnet"
  ln -sf /usr/share/dotnet/dotnet "$target/usr/bin/dotnet"
  chroot "$target" groupadd --gid 1654 app
  chroot "$target" useradd --uid 1654 --gid 1654 --create-home app
}

# keep NAME TARGET CHANGES...: archive of one image with its settings.
keep() {
  local name=$1 target=$2
  shift 2
  local changes=()
  local stop=""
  for change in "$@"; do
    # import knows no stop signal, build does.
    if [[ $change == STOPSIGNAL* ]]; then stop=$change; else changes+=(--change "$change"); fi
  done
  tar c --numeric-owner -C "$target" . | "$docker" import "${changes[@]}" - "$name" >/dev/null
  if [[ $stop ]]; then printf 'FROM %s\n%s\n' "$name" "$stop" | DOCKER_BUILDKIT=0 "$docker" build --quiet --tag "$name" - >/dev/null; fi
  "$docker" save "$name" | gzip -1 >"$work/image.tar.gz"
  mv "$work/image.tar.gz" "$(archive_of "$name")"
  say "Made $name ($(du -h "$(archive_of "$name")" | cut -f1))."
}

archive_of() { printf '%s/%s.tar.gz' "$cache" "$(tr '/:' '__' <<<"$1")"; }

# have NAME: it is in the engine, or can be loaded from its archive.
have() {
  "$docker" image inspect "$1" >/dev/null 2>&1 && return
  [[ -s $(archive_of "$1") ]] && "$docker" load --quiet --input "$(archive_of "$1")" >/dev/null && say "Loaded $1 from the cache."
}

dotnet_env=(
  "ENV DOTNET_RUNNING_IN_CONTAINER=true" "ENV ASPNETCORE_HTTP_PORTS=8080" "ENV APP_UID=1654"
  "ENV DOTNET_VERSION=$runtime" "ENV ASPNET_VERSION=$runtime"
)
if ! have mcr.microsoft.com/dotnet/aspnet:10.0; then
  root_of "$work/aspnet" libicu72 libssl3 libstdc++6 zlib1g
  add_dotnet "$work/aspnet" "shared/Microsoft.NETCore.App/$runtime" "shared/Microsoft.AspNetCore.App/$runtime"
  keep mcr.microsoft.com/dotnet/aspnet:10.0 "$work/aspnet" "${dotnet_env[@]}"
fi
if ! have mcr.microsoft.com/dotnet/sdk:10.0; then
  root_of "$work/sdk" libicu72 libssl3 libstdc++6 zlib1g git curl
  add_dotnet "$work/sdk" shared packs sdk sdk-manifests templates
  keep mcr.microsoft.com/dotnet/sdk:10.0 "$work/sdk" "${dotnet_env[@]}" "ENV NUGET_XMLDOC_MODE=skip" "ENV DOTNET_NOLOGO=true" \
    "ENV DOTNET_GENERATE_ASPNET_CERTIFICATE=false" "ENV NUGET_CERT_REVOCATION_MODE=offline"
fi
if ! have postgres:17; then
  root_of "$work/postgres" postgresql
  bin=$(compgen -G "$work/postgres/usr/lib/postgresql/*/bin" | head -n 1)
  install -m 755 "$here/stand-ins/postgres-entrypoint.sh" "$work/postgres/usr/local/bin/docker-entrypoint.sh"
  keep postgres:17 "$work/postgres" "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${bin#"$work/postgres"}" \
    "ENV PGDATA=/var/lib/postgresql/data" 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]' "EXPOSE 5432" "STOPSIGNAL SIGINT"
fi
if ! have nginx:1.28; then
  root_of "$work/nginx" nginx-light
  rm -f "$work"/nginx/etc/nginx/sites-enabled/*
  keep nginx:1.28 "$work/nginx" 'CMD ["nginx", "-g", "daemon off;"]' "EXPOSE 80" "STOPSIGNAL SIGQUIT"
fi
