#!/usr/bin/env bash
# How many promises of the outbox one worker keeps a second, beside a plain SKIP LOCKED drain of the same rows, and how soon an idle
# worker begins; in one run with default durability. Usage: bench/outbox.sh [ROWS=20000]    Ends with 1 when a goal is missed.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
dotnet build "$root/bench/Retail.Bench" --configuration Release --nologo --verbosity quiet
dotnet "$root/bench/Retail.Bench/bin/Release/net10.0/Retail.Bench.dll" outbox "$work" "$@"
