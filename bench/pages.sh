#!/usr/bin/env bash
# How quick the pages are with many products, beside what this machine can send at best (bare Kestrel, the same bytes, the same run).
# Usage: bench/pages.sh [PRODUCTS=100000] [SECONDS=5]    Needs wrk, curl and PostgreSQL. BENCH_DATA keeps the data for a next run.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
products=${1:-100000} seconds=${2:-5}
port=8790 ceiling=8791
work=$(mktemp -d)
export RETAIL_DATA=${BENCH_DATA:-$work/data} Logs__Folder=$work/logs REPORT=$root/bench/report.lua WORDS=$work/words
pids=()
stop() {
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$work"
}
trap stop EXIT

dotnet build "$root/Retail.sln" --configuration Release --nologo --verbosity quiet
store=$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll
retail() { dotnet "$store" "$@"; }
have=$(retail dbshell -- -Atc "SELECT CASE WHEN to_regclass('products') IS NULL THEN 0 ELSE (SELECT count(*) FROM products) END" 2>/dev/null || echo 0)
if ((have < products)); then retail populate-products --count "$products"; fi
# What people type: names, in no order, every tenth with a letter missing.
retail dbshell -- -Atc "SELECT CASE WHEN row_number() OVER () % 10 = 0 THEN overlay(words PLACING '' FROM 3 FOR 1) ELSE words END
  FROM (SELECT DISTINCT lower(replace(name, ' ', '+')) AS words FROM products WHERE name ~ '^[A-Za-z ]+$') names
  ORDER BY md5(words)" > "$WORDS"

started=$(date +%s.%N)
dotnet "$store" --urls "http://127.0.0.1:$port" >"$work/store.log" 2>&1 &
pids+=($!)
until curl -sf -o /dev/null "http://127.0.0.1:$port/health/readiness"; do sleep 0.1; done
echo "start to ready with $products products: $(echo "$(date +%s.%N) - $started" | bc) s"

category=$(retail dbshell -- -Atc "SELECT slug FROM categories ORDER BY position LIMIT 1")
slug=$(retail dbshell -- -Atc "SELECT slug FROM products WHERE status = 'Published' ORDER BY id DESC LIMIT 1")
declare -A path=([list]=/products/ [page400]="/products/?page=400" [category]="/products/?category=$category" [product]="/products/$slug")
mkdir "$work/bytes"
for name in "${!path[@]}"; do
  curl -sf "http://127.0.0.1:$port${path[$name]}" -o "$work/bytes/$name"
  curl -sf -H 'Accept-Encoding: br' "http://127.0.0.1:$port${path[$name]}" -o "$work/bytes/$name.br"
done
dotnet "$root/bench/Retail.Bench/bin/Release/net10.0/Retail.Bench.dll" ceiling "$ceiling" "$work/bytes" &
pids+=($!)
sleep 1

cart="Cookie: retail-cart=0123456789abcdef0123456789abcdef.2"
measure() { # measure CONNECTIONS PORT PATH [wrk arguments]: rate p50 p95 p99 errors
  wrk -t1 "-c$1" "-d${seconds}s" -s "${lua:-$REPORT}" "${@:4}" "http://127.0.0.1:$2$3" | sed -n 's/^RESULT //p'
}
printf '%-28s %10s %8s %8s %8s %7s   %s\n' page req/s p50 p95 p99 errors "share of the ceiling"
row() { # row NAME MEASURED [CEILING]
  read -r rate p50 p95 p99 errors <<<"$2"
  share=""
  if [[ -n ${3:-} ]]; then read -r best _ <<<"$3"; share=$(echo "scale=1; 100 * $rate / $best" | bc)" % of $best"; fi
  printf '%-28s %10s %8s %8s %8s %7s   %s\n' "$1" "$rate" "$p50" "$p95" "$p99" "$errors" "$share"
}
for name in list page400 category product; do
  measure 32 $port "${path[$name]}" -H 'Accept-Encoding: br' >/dev/null   # warm: the first seconds are the compiler's
  measure 32 $port "${path[$name]}" -H "$cart" >/dev/null
  best=$(measure 32 $ceiling "/$name.br")
  row "$name, visitor" "$(measure 32 $port "${path[$name]}" -H 'Accept-Encoding: br')" "$best"
  best=$(measure 32 $ceiling "/$name")
  row "$name, with a cart" "$(measure 32 $port "${path[$name]}" -H "$cart")" "$best"
done
echo "at 16 clients, with a cart (nothing from the page cache):"
for name in list page400 category product; do row "$name" "$(measure 16 $port "${path[$name]}" -H "$cart")"; done
lua=$root/bench/search.lua
row "search, always new ($(wc -l < "$WORDS") texts)" "$(measure 16 $port /products/ -H "$cart")"
