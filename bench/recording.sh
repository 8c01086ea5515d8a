#!/usr/bin/env bash
# What recording costs: requests a second on the list page with recording on, against off, taking turns in one run.
# Ends with 1 when it costs more than 3 %. Usage: bench/recording.sh [ROUNDS=7] [SECONDS=5]    Needs wrk, curl and PostgreSQL.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
rounds=${1:-7} seconds=${2:-5} port=${PORT:-8794} most=3
work=$(mktemp -d)
chmod 755 "$work"
export RETAIL_DATA=$work/data Logs__Folder=$work/logs Mail__Folder=$work/mail REPORT=$root/bench/report.lua ASPNETCORE_CONTENTROOT=$root/Retail.Web
pids=()
stop() {
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$work"
}
trap stop EXIT
trap 'echo "Line $LINENO failed." >&2' ERR

[[ -n ${RETAIL_BUILT:-} ]] || dotnet build "$root/Retail.Web" --configuration Release --nologo --verbosity quiet
store() { # store PORT [SETTING...]
  (cd "$work" && exec dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" --urls "http://127.0.0.1:$1" "${@:2}") >"$work/store-$1.log" 2>&1 &
  pids+=($!)
  for ((i = 0; i < 300; i++)); do curl -sf -o /dev/null "http://127.0.0.1:$1/health/readiness" && return; sleep 0.2; done
  cat "$work/store-$1.log" >&2
  exit 1
}
# One store brings the database and the worker and is not measured; the two nodes on it differ in the one setting. Who is not measured idles.
store $((port + 2))
DATABASE_URL=$(cd "$work" && dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" dbshell -- -Atc "SELECT 'Host=' || split_part(current_setting('unix_socket_directories'), ',', 1) || ';Username=' || current_user || ';Database=' || current_database()")
export DATABASE_URL ASPNETCORE_ENVIRONMENT=Development
store "$port"
store $((port + 1)) --Metrics:Enabled=false

declare -A pid=([$port]=${pids[1]} [$((port + 1))]=${pids[2]})
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # processor time of a process, in hundredths of a second
measure() { # measure PORT [wrk arguments]: requests a second, and the microseconds of processor time that one took
  local from requests line
  from=$(ticks "${pid[$1]}")
  line=$(wrk -t1 -c16 "-d${seconds}s" -s "$REPORT" "${@:2}" "http://127.0.0.1:$1/products/")
  requests=$(awk '/requests in/ { print $1 }' <<<"$line")
  echo "$(sed -n 's/^RESULT \([0-9]*\) .*/\1/p' <<<"$line") $(awk -v t=$(($(ticks "${pid[$1]}") - from)) -v n="$requests" 'BEGIN { printf "%.2f", t * 10000 / n }')"
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
more() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", 100 * (a - b) / b }'; } # by how many percent A is more than B
status=0
# With a cart every page is rendered; without one it comes from the page cache, which is where a request is shortest and a cost shows most.
for kind in "with a cart" "from the page cache"; do
  header=(-H "Accept-Encoding: br")
  if [[ $kind == "with a cart" ]]; then header=(-H "Cookie: retail-cart=0123456789abcdef0123456789abcdef.2"); fi
  for p in "$port" $((port + 1)); do for _ in 1 2 3; do measure "$p" "${header[@]}" >/dev/null; done; done   # warm
  : >"$work/rates"
  : >"$work/times"
  for ((round = 1; round <= rounds; round++)); do
    # Each round measures both, in turns about, so that what else the machine does strikes both alike.
    if ((round % 2)); then on=$(measure "$port" "${header[@]}") off=$(measure $((port + 1)) "${header[@]}"); else off=$(measure $((port + 1)) "${header[@]}") on=$(measure "$port" "${header[@]}"); fi
    read -r on_rate on_time <<<"$on"
    read -r off_rate off_time <<<"$off"
    more "$off_rate" "$on_rate" >>"$work/rates"; echo >>"$work/rates"
    more "$on_time" "$off_time" >>"$work/times"; echo >>"$work/times"
    printf '%-20s round %2d: off %7s/s %7s us   on %7s/s %7s us of processor time each\n' "$kind" "$round" "$off_rate" "$off_time" "$on_rate" "$on_time"
  done
  cost=$(median <"$work/rates") time=$(median <"$work/times")
  printf '%-20s costs %s %% of requests a second, %s %% of processor time (medians of %d; at most %d %%)\n' "$kind" "$cost" "$time" "$rounds" "$most"
  # On a machine that does something else too the rates go anywhere; the processor time of a request does not.
  if (($(echo "$cost > $most && $time > $most" | bc))); then status=1; fi
done
exit "$status"
