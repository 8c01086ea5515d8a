#!/usr/bin/env bash
# How many orders a second the store accepts, beside plain inserts of the same rows and the one-transaction-per-order path, in one
# run with default durability. Usage: bench/orders.sh [SECONDS=4 [ROUNDS=3]]; with --million instead a store that has a million orders
# beside an empty one; bench/orders.sh plans [--million] for the plan of each statement at 1 to 512 orders in a batch. Needs PostgreSQL;
# ends with 1 when a goal is missed.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
what=orders
if [[ ${1:-} == plans ]]; then what=plans; shift; fi
dotnet build "$root/bench/Retail.Bench" --configuration Release --nologo --verbosity quiet
dotnet "$root/bench/Retail.Bench/bin/Release/net10.0/Retail.Bench.dll" "$what" "$work" "$@"
