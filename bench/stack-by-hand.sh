#!/bin/bash
# What an operator would write to take a stack through its life, waiting for the right things and for
# nothing else. $1: life, up or gone; $2: folder with releases 1.0.0 and 1.1.0; $3: name of the stack.
set -euo pipefail
releases=$2 stack=$3
work=${BENCH_WORK:?} settle=${BENCH_SETTLE:?}
label=com.docker.stack.namespace=$stack
mkdir -p "$work"

names() { docker service ls -q --filter label=$label | sort; }

# Running tasks with their ids; changes as long as anything is replaced.
running() { docker stack ps "$stack" --filter desired-state=running --no-trunc --format '{{.ID}} {{.CurrentState}}' 2>/dev/null | cut -d' ' -f1,2 | sort; }

up() {
  while :; do
    if [ -z "$(docker service ls --filter label=$label --format '{{.Replicas}}' | grep -v '^\(.*\)/\1$')" ] \
      && ! docker service inspect --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}' $(names) | grep -q updating \
      && ! running | grep -qv ' Running$'; then return; fi
    sleep 0.25
  done
}

# $SECONDS counts whole ones, and so up to one too many.
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# Up, and the same tasks for as long as it is to settle.
settled() {
  up
  local since before now
  since=$(now_ms) before=$(running)
  while [ $(($(now_ms) - since)) -lt $((settle * 1000)) ]; do
    sleep 0.25
    now=$(running)
    if [ "$now" != "$before" ]; then before=$now since=$(now_ms); fi
  done
}

deploy() {
  STACK_NAME=$stack docker stack deploy -c "$releases/$1/compose.yml" --prune --resolve-image never "$stack" >/dev/null
}

containers() { docker ps -aq --filter label=$label; }

# Containers outlive their tasks, and hold volumes.
ended() {
  while left=$(containers) && [ -n "$left" ]; do
    docker ps -aq --filter label=$label --filter status=exited | xargs -r docker rm -v >/dev/null 2>&1 || true
    sleep 0.25
  done
}

volumes() { docker volume ls -q --filter label=$label; }

gone() {
  docker stack rm "$stack" >/dev/null
  ended
  while docker network ls -q --filter label=$label | grep -q .; do sleep 0.25; done
  volumes | xargs -r docker volume rm >/dev/null
}

helper() { docker create --network none --entrypoint /none -v "$1:/v:nocopy" seatrial-fixture/busybox:1; }

life() {
  deploy 1.0.0; settled                                                  # install
  deploy 1.1.0; settled                                                  # upgrade
  kept=$(volumes)
  for volume in $kept; do                                                # backup
    id=$(helper "$volume"); docker cp "$id:/v" - | gzip -1 >"$work/$volume.tgz"; docker rm "$id" >/dev/null
  done
  settled
  for id in $(names); do docker service scale -d "$id=0" >/dev/null; done # restore
  ended
  for volume in $kept; do
    docker volume rm "$volume" >/dev/null; docker volume create --label $label "$volume" >/dev/null
    id=$(helper "$volume"); gunzip -c "$work/$volume.tgz" | docker cp - "$id:/"; docker rm "$id" >/dev/null
  done
  deploy 1.1.0; settled
  docker stack rm "$stack" >/dev/null; ended                             # rebuild
  while docker network ls -q --filter label=$label | grep -q .; do sleep 0.25; done
  deploy 1.1.0; settled
  gone
}

case $1 in
  life) life ;;
  up) deploy 1.0.0; up ;;
  gone) gone ;;
esac
