#!/usr/bin/env bash
# How long charts and lists take over ninety days of metric rows, which are made in the database. Ends with 1 when a chart takes over
# 100 ms. Usage: bench/metrics.sh [ROWS=5000000]    50000000 wants about 25 GB of disk. Needs PostgreSQL. BENCH_WORK is where the data goes.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d -p "${BENCH_WORK:-/tmp}")
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
[[ -n ${RETAIL_BUILT:-} ]] || dotnet build "$root/bench/Retail.Bench" --configuration Release --nologo --verbosity quiet
dotnet "$root/bench/Retail.Bench/bin/Release/net10.0/Retail.Bench.dll" metrics "$work" "$@"
