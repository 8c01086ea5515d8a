#!/usr/bin/env bash
# How many orders a second POST /api/orders accepts over HTTP, and who used the processor meanwhile: the store (which also charges and
# plays the gateway), PostgreSQL, or the load generator itself.
# Usage: bench/orders-http.sh [SECONDS=5] [CONNECTIONS=64]    Needs wrk, curl and PostgreSQL.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:-5} connections=${2:-64} port=${PORT:-8792}
work=$(mktemp -d)
chmod 755 "$work"
export RETAIL_DATA=$work/data Logs__Folder=$work/logs REPORT=$root/bench/report.lua Logging__LogLevel__Default=Warning
store=
stop() {
  if [[ -n $store ]]; then kill -INT "$store" 2>/dev/null || true; wait "$store" || true; fi
  rm -rf "$work"
}
trap stop EXIT

dotnet build "$root/Retail.Web" --configuration Release --nologo --verbosity quiet
retail() { dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" "$@"; }
sql() { retail dbshell -- -Atc "$1"; }
retail populate-products --count 2000 >/dev/null
retail create-admin >/dev/null
sql "UPDATE stock_items SET on_hand = 2000000000" >/dev/null
dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" --urls "http://127.0.0.1:$port" >"$work/store.log" 2>&1 &
store=$!
until curl -sf -o /dev/null "http://127.0.0.1:$port/health/readiness"; do sleep 0.2; done
TOKEN=$(curl -sf "http://127.0.0.1:$port/api/auth/token" -H 'Content-Type: application/json' -d '{"userName":"admin","password":"admin123"}' | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
export TOKEN

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # processor time of a process, in hundredths of a second
postgres_ticks() { # backends that have ended are counted by their parent
  local parent=$1 sum=0 pid
  for pid in "$parent" $(pgrep -P "$parent"); do sum=$((sum + $(ticks "$pid" 2>/dev/null || echo 0))); done
  echo $((sum + $(awk '{ print $16 + $17 }' "/proc/$parent/stat")))
}
postmaster=$(sql "SELECT pg_read_file('postmaster.pid')" | head -n 1)
printf '%-16s %10s %8s %8s %8s %7s   %s\n' variants orders/s p50 p95 p99 errors "processors busy: store, PostgreSQL; mean of the accept step"
for items in 1 1000; do
  VARIANTS=$(sql "SELECT string_agg(id::text, ' ') FROM (SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.status = 'Published' ORDER BY v.id LIMIT $items) v")
  export VARIANTS
  wrk -t1 -c8 -d1s -s "$root/bench/orders.lua" "http://127.0.0.1:$port" >/dev/null   # warm
  sleep 2
  began=$(sql "SELECT clock_timestamp()") from=$(ticks "$store") pg=$(postgres_ticks "$postmaster")
  read -r rate p50 p95 p99 errors < <(wrk -t1 "-c$connections" "-d${seconds}s" -s "$root/bench/orders.lua" "http://127.0.0.1:$port" | sed -n 's/^RESULT //p')
  busy=$(($(ticks "$store") - from)) pgbusy=$(($(postgres_ticks "$postmaster") - pg))
  sleep 2   # the metric rows are on their way
  accept=$(sql "SELECT round((sum(value * (metadata->>'count')::int) / sum((metadata->>'count')::int))::numeric, 1) || ' ms, ' || round(avg((metadata->>'count')::int), 1) || ' orders a commit' FROM metric WHERE type = 'order_accept_ms' AND timestamp >= '$began'")
  printf '%-16s %10s %8s %8s %8s %7s   %s\n' "$items" "$rate" "$p50" "$p95" "$p99" "$errors" "$(echo "scale=2; $busy / 100 / $seconds" | bc), $(echo "scale=2; $pgbusy / 100 / $seconds" | bc); $accept"
done
