#!/usr/bin/env bash
# How many orders a second POST /api/orders accepts over HTTP, and where the time goes: waiting for the commit before, the commit
# itself, or all around it; and who used the processors. Ends with 1 when an order was refused.
# Usage: bench/orders-http.sh [SECONDS=5] [CONNECTIONS=64]    Needs wrk, curl and PostgreSQL.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:-5} connections=${2:-64} port=${PORT:-8792}
work=$(mktemp -d)
chmod 755 "$work"
export RETAIL_DATA=$work/data Logs__Folder=$work/logs REPORT=$root/bench/report.lua Logging__LogLevel__Default=Warning
store=
stop() {
  if [[ -n $store ]]; then kill -TERM "$store" 2>/dev/null || true; wait "$store" || true; fi
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
printf '%-9s %9s %8s %8s %8s %7s\n' variants orders/s p50 p95 p99 errors
missed=0
for items in 1 1000; do
  VARIANTS=$(sql "SELECT string_agg(id::text, ' ') FROM (SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.status = 'Published' ORDER BY v.id LIMIT $items) v")
  export VARIANTS
  wrk -t1 -c8 -d1s -s "$root/bench/orders.lua" "http://127.0.0.1:$port" >/dev/null   # warm
  sleep 2
  began=$(sql "SELECT clock_timestamp()") from=$(ticks "$store") pg=$(postgres_ticks "$postmaster")
  read -r rate p50 p95 p99 errors < <(wrk -t1 "-c$connections" "-d${seconds}s" -s "$root/bench/orders.lua" "http://127.0.0.1:$port" | sed -n 's/^RESULT //p')
  busy=$(($(ticks "$store") - from)) pgbusy=$(($(postgres_ticks "$postmaster") - pg))
  printf '%-9s %9s %8s %8s %8s %7s\n' "$items" "$rate" "$p50" "$p95" "$p99" "$errors"
  sleep 2   # the metric rows are on their way
  sql "SELECT format('          a mean order: waits %s ms for the commit before, %s ms for its own (%s orders each); HTTP, JSON, sign-in and a busy processor: the rest',
      round((accept - commit)::numeric, 1), round(commit::numeric, 1), round(each::numeric, 1))
    FROM (SELECT sum(value * n) / sum(n) AS accept, sum((metadata->>'commit_ms')::float * n) / sum(n) AS commit, avg(n) AS each
      FROM (SELECT *, (metadata->>'count')::int AS n FROM metric WHERE type = 'order_accept_ms' AND timestamp >= '$began') m) mean"
  awk -v s="$busy" -v p="$pgbusy" -v t="$seconds" -v r="$rate" 'BEGIN { printf "          processors busy: store %.2f (it charges and plays the gateway too), PostgreSQL %.2f; an order costs %.0f and %.0f µs\n", s / 100 / t, p / 100 / t, s * 1e4 / t / (r + 0.001), p * 1e4 / t / (r + 0.001) }'
  [[ $errors == 0 && $rate -gt 0 ]] || { echo "MISSED    no answer but 202 ($errors errors)"; missed=1; }
done
exit "$missed"
