#!/usr/bin/env bash
# Runs all tests and closes with the line "N passed, N failed". Arguments go to the test program: ./test.sh -class '*Cart*'
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

# shellcheck source=scripts/needs.sh
source scripts/needs.sh
need_dotnet
missing=()
has_postgres || missing+=(postgresql)
command -v chromium >/dev/null || missing+=(chromium)
if ((${#missing[@]})); then need_packages "${missing[@]}"; fi
need_monitoring

if [[ -z ${RETAIL_BUILT:-} ]]; then
  dotnet build Retail.sln --configuration Release --nologo --verbosity quiet -warnaserror
fi

# Programs are started by the hundred and live for seconds: counting how they could be compiled better costs a quarter of all the time.
export DOTNET_TieredPGO=0

# The test program counts for itself; its report, not its words, gives the closing line.
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
dotnet Retail.Tests/bin/Release/net10.0/Retail.Tests.dll -noColor -ctrf "$report" "$@" || status=$?

summary=$(grep -o '"summary":{[^}]*}' "$report" | head -n 1 || true)
count() { sed -n "s/.*\"$1\":\\([0-9]*\\).*/\\1/p" <<<"$summary"; }
passed=$(count passed) failed=$(count failed) skipped=$(count skipped)
passed=${passed:-0} failed=${failed:-0} skipped=${skipped:-0}
# A run that broke off, or in which nothing ran, is a failure too.
if ((failed == 0 && (status != 0 || passed == 0))); then
  say "The test program ended with exit code $status after $passed passed tests."
  ((status)) || status=1
fi
if ((skipped)); then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
exit "$status"
