#!/usr/bin/env bash
# Checks what watches the store, against a store that runs: Prometheus' settings and rules with their test cases, Alertmanager's settings,
# and that every metric that a rule or a Grafana panel names is there. Usage: deploy/check-monitoring.sh    (needs a built Retail.Web)
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/needs.sh
source "$root/scripts/needs.sh"
need_dotnet
need_monitoring
missing=()
for tool in jq curl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
has_postgres || missing+=(postgresql)
if ((${#missing[@]})); then need_packages "${missing[@]}"; fi

port=${CHECK_PORT:-8158} prometheus_port=${CHECK_PROMETHEUS_PORT:-8159}
work=$(mktemp -d)
chmod 755 "$work"
store=http://127.0.0.1:$port prometheus=http://127.0.0.1:$prometheus_port
pids=()
stop() {
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$work"
}
trap stop EXIT
fail() { say "$*"; exit 1; }

say "== settings and rules"
cd "$root/deploy/prometheus"
promtool check config --syntax-only prometheus.yml >&2
promtool check rules rules.yml >&2
promtool test rules rules.test.yml >&2
# Debian's Prometheus knows no Kubernetes; all but the finding of pods is looked at.
sed -e 's/kubernetes_sd_configs:/static_configs:/' -e 's/- role: pod/- targets: [pod:80]/' kubernetes.yml >"$work/pods.yml"
promtool check config --syntax-only "$work/pods.yml" >&2
amtool check-config ../alertmanager/alertmanager.yml >&2
for severity in critical:on-duty warning:channel; do
  got=$(amtool config routes test --config.file=../alertmanager/alertmanager.yml "severity=${severity%%:*}" alertname=Any 2>/dev/null)
  [[ $got == "${severity##*:}" ]] || fail "${severity%%:*} alerts go to $got, not to ${severity##*:}."
done

say "== a store, and a Prometheus that scrapes it"
export RETAIL_DATA=$work/data Logs__Folder=$work/logs Mail__Folder=$work/mail ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_CONTENTROOT=$root/Retail.Web
(cd "$work" && exec dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" --urls "$store") >"$work/store.log" 2>&1 &
pids+=($!)
# Each group is evaluated once a minute; nobody waits for that here.
sed 's/^\( *interval:\) 1m$/\1 1s/' "$root/deploy/prometheus/rules.yml" >"$work/rules.yml"
cat >"$work/prometheus.yml" <<YML
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [$work/rules.yml]
scrape_configs:
  - job_name: retail-web
    static_configs: [{ targets: ["127.0.0.1:$port"] }]
YML
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$prometheus_port" >"$work/prometheus.log" 2>&1 &
pids+=($!)
for ((i = 0; i < 600; i++)); do curl -sf -o /dev/null "$store/health/readiness" && curl -sf -o /dev/null "$prometheus/-/ready" && break; sleep 0.2; done
curl -sf -o /dev/null "$store/health/readiness" || { cat "$work/store.log" >&2; fail "The store does not come up."; }

# Something of each kind happens: pages, a search, an order that is paid, a wrong password, a forged webhook, an address that there is not.
json() { curl -s "$store$1" -H 'Content-Type: application/json' "${@:2}"; }
touch_all() {
  curl -s "$store/" "$store/products/" "$store/products/?q=radio" "$store/nothing-here" "$store/metrics/api/" >/dev/null
  json /api/auth/token -o /dev/null -d '{"userName":"admin","password":"wrong"}'
  curl -s -o /dev/null -X POST -d '{}' "$store/payments/webhook"
}
touch_all
token=$(json /api/auth/token -d '{"userName":"admin","password":"admin123"}' | jq -r .accessToken)
variant=$(RETAIL_DATA=$work/data dotnet "$root/Retail.Web/bin/Release/net10.0/Retail.Web.dll" dbshell -- -Atc \
  "SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id JOIN stock_items s ON s.variant_id = v.id WHERE p.status = 'Published' AND s.on_hand - s.reserved > 5 LIMIT 1")
order='{"lines":[{"variantId":"'$variant'","quantity":1}],"shippingAddress":{"name":"Ada Buyer","line1":"1 Mill Lane","city":"Ely","postcode":"CB7 4AA","country":"GB"},
  "shippingMethod":"standard","paymentMethod":{"id":"pm_card_visa","brand":"visa","last4":"4242"}}'
status=$(json /api/orders -o "$work/order.json" -w '%{http_code}' -H "Authorization: Bearer $token" -H "Idempotency-Key: check-$RANDOM" -d "$order")
[[ $status == 202 ]] || fail "The order was answered $status: $(cat "$work/order.json")"
# Sums go out each ten seconds, and a rate wants two of them.
sleep 12
touch_all
sleep 14

say "== what the store tells a scraper"
curl -sf "$store/metrics" >"$work/metrics.txt"
said=$(promtool check metrics <"$work/metrics.txt" 2>&1) || true
[[ -z $said ]] || fail "promtool finds fault: $said"

say "== every metric that is named is there"
curl -sf "$prometheus/api/v1/label/__name__/values" | jq -r '.data[]' | sort -u >"$work/there.txt"
{ sed -n '/^        expr: |$/,/^        \(for\|labels\):/p' "$root/deploy/prometheus/rules.yml"
  jq -r '.panels[].targets[].expr' "$root"/deploy/grafana/dashboards/*.json; } |
  grep -oE '\b(retail|dotnet|kestrel|db_client)_[a-z0-9_]+|\bup\b' | sort -u >"$work/named.txt"
named=$(wc -l <"$work/named.txt")
((named > 40)) || fail "Only $named metric names were found in rules and panels: is the search right?"
absent=$(comm -23 "$work/named.txt" "$work/there.txt")
[[ -z $absent ]] || fail "Named, but not there: $absent"
# The search can find what is missing.
[[ -n $(comm -23 <(echo retail_no_such_metric) "$work/there.txt") ]] || fail "The search finds everything."

say "== every panel has an answer, every rule is evaluated"
panels=0
while IFS= read -r expression; do
  panels=$((panels + 1))
  answer=$(promtool query instant "$prometheus" "$expression" 2>&1) || fail "$expression: $answer"
  # What never happened in this minute may be empty: a route that failed, a partner that was refused.
  [[ -n $answer || $expression == *'method="AccountService.Register"'* ]] || fail "No answer: $expression"
done < <(jq -r '.panels[].targets[].expr' "$root"/deploy/grafana/dashboards/*.json)
broken=$(curl -sf "$prometheus/api/v1/rules" | jq -r '.data.groups[].rules[] | select(.health != "ok") | "\(.name): \(.lastError)"')
[[ -z $broken ]] || fail "Rules that can't be evaluated: $broken"
firing=$(curl -sf "$prometheus/api/v1/alerts" | jq -r '[.data.alerts[] | select(.state == "firing") | .labels.alertname] | unique | join(" ")')
say "$named metric names, $panels panel expressions, $(curl -sf "$prometheus/api/v1/rules" | jq '[.data.groups[].rules[]] | length') rules; firing now: ${firing:-none}"
