#!/bin/sh
# The steps of a run on Node-RED as somebody would do them by hand, without any evidence.
# demo-by-hand.sh <base tree> <head tree> <port> <seconds to settle>
set -eu

base=$1 head=$2 port=$3 settle=$4
example=$(dirname "$0")/../examples/node-red
work=$(mktemp -d)
export SEATRIAL_BASE_URL="http://127.0.0.1:$port"
pid=

stop() {
  [ -n "$pid" ] || return 0
  kill "$pid" && wait "$pid" || :
  pid=
}
trap 'stop; rm -rf "$work"' EXIT

start() {
  : >"$work/log"
  node "$work/release/node_modules/node-red/red.js" --userDir "$work/data" \
    --settings "$work/settings.js" --port "$port" >"$work/log" 2>&1 &
  pid=$!
  until grep -q 'Started flows' "$work/log" && curl -fsS -o /dev/null "$SEATRIAL_BASE_URL/"; do
    kill -0 "$pid"
    sleep 0.05
  done
  sleep "$settle"
  curl -fsS "$SEATRIAL_BASE_URL/" | grep -q Node-RED
}

deploy() {
  rm -rf "$work/release"
  cp -a --reflink=auto -T "$1" "$work/release"
  start
}

look() {
  curl -fsS "$SEATRIAL_BASE_URL/guestbook" | grep -q 'Ada was here'
}

mkdir "$work/data"
cp "$example/settings.js" "$work/settings.js"

# install
deploy "$base"
# upgrade
node "$example/hooks/seed.mjs"
stop
deploy "$head"
look
# backup
node "$example/hooks/seed.mjs"
stop
tar -C "$work" -cf "$work/backup.tar" data
start
# restore
node "$example/hooks/mutate.mjs"
stop
rm -rf "$work/data"
tar -C "$work" -xf "$work/backup.tar"
start
look
# rebuild
stop
deploy "$head"
look
# remove: see the trap
