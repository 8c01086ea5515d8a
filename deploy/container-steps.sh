# shellcheck shell=bash
# What deploy/test-containers.sh tries, in order. Sourced, not run.

most_megabytes=60
goal_seconds=5

build_images() {
  DOCKER=/usr/bin/docker deploy/base-images.sh "$images" &&
    docker build --network=host --tag retail:latest --build-arg "VERSION=$(version)" --build-arg "JOB_ENGINE=${JOB_ENGINE:-Quartz}" .
}

version() { sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props; }

image_is_small() {
  local base ours
  base=$(docker image inspect --format '{{.Size}}' mcr.microsoft.com/dotnet/aspnet:10.0)
  ours=$(docker image inspect --format '{{.Size}}' retail:latest)
  megabytes=$(awk -v bytes=$((ours - base)) 'BEGIN { printf "%.1f", bytes / 1000000 }')
  (((ours - base) < most_megabytes * 1000000))
}

compose_file_is_right() {
  compose config --quiet || return 1
  # Names that were fixed would forbid a second container.
  ! grep -n container_name docker-compose.yml
}

# With the environment's values written into it, so anew when one of them is another.
use_host_network() {
  compose_files=()
  compose config | deploy/host-network.py >"$work/host-network.yml" || return 1
  compose_files=(-f "$work/host-network.yml" --project-directory .)
}

up_on_an_empty_machine() {
  [[ $mode != host ]] || use_host_network || return 1
  compose up -d --no-build && within 60 is_healthy web && within 60 is_healthy db && within 60 worker_works
}

worker_works() { [[ $(docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$(id_of worker)") == "running healthy" ]]; }

logs_are_json_lines() {
  local lines
  lines=$(docker logs "$(id_of "$1")" 2>/dev/null)
  jq --exit-status --slurp 'length > 3 and all(.[]; keys == ["extra", "level", "logger", "message", "request_id", "timestamp"])' <<<"$lines"
}

# compose logs web -f, for a few seconds, while a page is asked for.
logs_follow() {
  (sleep 2; answers http://127.0.0.1:8000/products/) &
  local seen
  seen=$(timeout 6 docker-compose ${compose_files[@]+"${compose_files[@]}"} logs --tail 0 -f web 2>&1 || true)
  [[ $seen == *'"path":"/products/"'* ]] || { printf '%s\n' "$seen"; return 1; }
}

runs_without_rights() {
  says 1654 compose exec -T "$1" id -u &&
    refuses 'Read-only file system' compose exec -T "$1" sh -c 'touch /app/x' &&
    says '"CapDrop":["ALL"]' docker inspect --format '{{json .HostConfig}}' "$(id_of "$1")" &&
    says '"max-size":"20m"' docker inspect --format '{{json .HostConfig.LogConfig.Config}}' "$(id_of "$1")" &&
    ! says '"Memory":0,' docker inspect --format '{{json .HostConfig}}' "$(id_of "$1")"
}

# As the kernel does it: a stop by the engine would be an order not to start again.
killed_returns() {
  local id before
  id=$(id_of "$1")
  before=$(docker inspect --format '{{.RestartCount}}' "$id")
  kill -9 "$(docker inspect --format '{{.State.Pid}}' "$id")"
  within 60 restarted "$id" "$before" && within 60 "$2" "$1"
}

restarted() { (($(docker inspect --format '{{.RestartCount}}' "$1") > $2)); }

down_and_up_again() { compose down && compose up -d --no-build && within 60 is_healthy web; }

# nothing_lost_by COMMAND...: it ends well, and the store holds as much as before.
nothing_lost_by() {
  local before
  before=$(what_is_there)
  "$@" || return 1
  printf 'before: %s, after: %s\n' "$before" "$(what_is_there)"
  [[ $before == "$(what_is_there)" ]]
}

what_is_there() { echo "$(retail count products) $(retail count orders) $(retail count admins) $(retail count payments)"; }

scaled() {
  RETAIL_PUBLISH=8000 compose --profile proxy up -d --no-build --scale web=2 --scale worker=2 && within 60 all_healthy web 2 && within 30 has worker 2 &&
    within 30 answers http://127.0.0.1:8080/health/readiness && within 40 proxy_uses_both
}

has() { (($(compose ps -q "$1" | wc -l) == $2)); }

all_healthy() {
  has "$1" "$2" || return 1
  local id
  for id in $(compose ps -q "$1"); do [[ $(docker inspect --format '{{.State.Health.Status}}' "$id") == healthy ]] || return 1; done
}

proxy_uses_both() {
  for _ in 1 2 3 4 5 6 7 8; do answers http://127.0.0.1:8080/products/ || return 1; done
  (($(docker logs "$(id_of proxy)" 2>/dev/null | jq --raw-output 'select(.status == 200) | .node' | tail -n 16 | sort -u | wc -l) >= 2))
}

a_killed_node_is_passed_over() {
  kill -9 "$(docker inspect --format '{{.State.Pid}}' "$(compose ps -q web | tail -n 1)")"
  for _ in $(seq 40); do answers http://127.0.0.1:8080/products/ || return 1; done
}

database_away() {
  compose stop db && within 30 page_says_sorry && compose start db && within 60 answers http://127.0.0.1:8000/health/readiness && within 60 worker_works
}

page_says_sorry() {
  [[ $(inside curl --silent --max-time 20 --write-out ' %{http_code}' --data 'Number=100001&Email=ola@example.com' http://127.0.0.1:8000/orders/find) == *'answer just now'*' 503' ]]
}

# A new container on a database that is warm: until its first page, asked every 50 ms.
first_answer() {
  local id from now
  compose rm --stop --force web && compose up --no-build --no-deps --no-start web || return 1
  id=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter label=com.docker.compose.service=web)
  from=$(date +%s%N)
  docker start "${id%%$'\n'*}" >/dev/null
  until answers http://127.0.0.1:8000/products/; do
    now=$(date +%s%N)
    (((now - from) / 1000000000 < 60)) || return 1
    sleep 0.05
  done
  now=$(date +%s%N)
  milliseconds=$(((now - from) / 1000000))
  within 60 is_healthy web
}

# A version of its own, so that something is built. Packages are there already: docker-compose must build as `docker build` does
# (its own builder shares no layers with it), and finds no feed from its network.
up_with_a_new_build() {
  local -x PATH=/usr/bin:$PATH COMPOSE_DOCKER_CLI_BUILD=1 RETAIL_VERSION
  RETAIL_VERSION=$(version)-next
  [[ $mode != host ]] || use_host_network || return 1
  compose up -d --build && within 60 all_healthy web 1 &&
    within 60 worker_works && says "$(version)-next" retail --version
}

# The folder can't even be made: the store sells, and says once a minute that its log file is missing.
logs_folder_not_writable() {
  local id status=0
  id=$(compose run -d --no-deps -e Logs__Folder=/nowhere web) || return 1
  within 60 docker exec "${id##*$'\n'}" retail healthcheck && docker logs "${id##*$'\n'}" 2>/dev/null | grep "The log file can't be written and is left out for a minute" || status=1
  docker rm --force "${id##*$'\n'}"
  return $status
}

waits_for_a_database() {
  local said
  said=$(docker run --rm --network none --read-only --env DATABASE_URL=postgresql://a:b@127.0.0.1:1/x --env DATABASE_WAIT=2 --env ASPNETCORE_ENVIRONMENT=Staging "retail:latest" retail 2>&1) && return 1
  [[ $said == *'No database answers at 127.0.0.1:1'*'Trying again for 2 seconds.'*$'\n''No database answers at 127.0.0.1:1'* ]] || { printf '%s\n' "$said"; return 1; }
}

in_production() { docker run --rm --network none --read-only --env ASPNETCORE_ENVIRONMENT=Production --env DATABASE_URL=postgresql://a:b@127.0.0.1:1/x --env SECRET_KEY="$1" "${@:2}"; }


try_everything() {
  step "base images and the real Dockerfile build" build_images
  step "the image's layers beyond the base are under $most_megabytes MB" image_is_small
  echo "      image: $megabytes MB beyond mcr.microsoft.com/dotnet/aspnet:10.0 (limit $most_megabytes MB)"
  step "docker-compose.yml is right and fixes no names" compose_file_is_right
  if [[ $mode != host ]] && engine_can_have_own_network; then
    engine_move_to_own_network
    echo "      networks: of its own, docker-compose.yml as it is"
  else
    mode=host
    echo "      networks: the host's, with a file derived from docker-compose.yml; ports, names and scaling of web are not tried"
  fi
  step "docker compose up -d on an empty machine: db, web and worker are well" up_on_an_empty_machine
  step "the tables are up to date" says "The tables are up to date." retail migrate --status
  step "exec web retail create-admin" says "Created the admin 'admin'." retail create-admin
  step "exec web retail create-admin --username myadmin ..." says "Created the admin 'myadmin'." retail create-admin --username myadmin --email my@example.com --password 'a long sentence'
  step "exec web retail populate-products" says "Added 10 products." retail populate-products
  step "exec web retail populate-products --clear" says "made it anew with 10 products." retail populate-products --clear
  step "exec web retail migrate" says "nothing was changed" retail migrate
  step "exec web retail dbshell" says 10 retail dbshell -- -At -c "SELECT count(*) FROM products"
  step "exec web retail shell, count products" says 10 compose exec -T web sh -c "echo 'count products' | retail shell"
  step "exec web retail verify-env lists what production needs" refuses "refused  SECRET_KEY" retail verify-env
  step "logs of web are JSON lines" logs_are_json_lines web
  step "logs of worker are JSON lines" logs_are_json_lines worker
  step "logs web -f follows" logs_follow
  step "web: no root, read-only, no capabilities, memory and log limits" runs_without_rights web
  step "worker: no root, read-only, no capabilities, memory and log limits" runs_without_rights worker
  step "port 8000 answers" answers http://127.0.0.1:8000/
  [[ $mode == host ]] || step "port 5432 answers" inside bash -c '</dev/tcp/127.0.0.1/5432'
  step "smoke passes" retail smoke http://127.0.0.1:8000
  sed 's/^/      /' "$work/step"
  step "web killed with kill -9 returns" killed_returns web is_healthy
  step "worker killed with kill -9 returns" killed_returns worker worker_works
  step "smoke passes after that" retail smoke http://127.0.0.1:8000 --pause 0
  step "database down in the middle: a polite 503, then by itself again" database_away
  [[ $mode == host ]] || step "logs folder not writable: the store sells and says so" logs_folder_not_writable
  step "database down at start: waits, tells, gives up" waits_for_a_database
  step "production refuses the default SECRET_KEY" refuses "Set SECRET_KEY to a random text" in_production change-me-to-a-long-random-text-of-your-own retail:latest
  step "production refuses debug" refuses "Set DEBUG to false" in_production 'a secret of our own, long enough for it' --env DEBUG=true retail:latest
  step "a new web container's first page" first_answer
  echo "      start to first answer: $milliseconds ms (goal: under $goal_seconds s on 2 free cores)$( ((milliseconds < goal_seconds * 1000)) || echo '  OVER the goal: is the machine busy?')"
  step "restart" compose restart web worker
  step "everything is well after it" within 60 is_healthy web
  step "down and up again: everything is still there" nothing_lost_by down_and_up_again
  if [[ $mode != host ]]; then
    step "--profile proxy --scale web=2 --scale worker=2: both nodes answer" scaled
    step "smoke passes through the proxy" retail smoke http://proxy:8080 --pause 0
    step "a node is killed: every page comes" a_killed_node_is_passed_over
  fi
  step "up --build: a new version takes over, nothing is lost" nothing_lost_by up_with_a_new_build
  step "down --volumes" compose --profile proxy down --volumes
}
