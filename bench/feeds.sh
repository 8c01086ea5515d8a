#!/usr/bin/env bash
# How quick the import of a partner's feed with 1 % planted defects is, how much memory it takes, whether every defect is reported,
# whether a second run changes nothing, and whether it ends the same when its worker is killed with -9 again and again. Default
# durability. Usage: bench/feeds.sh [ROWS=100000]    Needs PostgreSQL; ends with 1 when a goal is missed.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
dotnet build "$root/bench/Retail.Bench" --configuration Release --nologo --verbosity quiet
dotnet "$root/bench/Retail.Bench/bin/Release/net10.0/Retail.Bench.dll" feeds "$work" "$@"
