#!/usr/bin/env bash
# Promise: what `cmake --install` leaves is enough to build an application outside
# the tree, and the installed binary serves it, from whichever folder it is in.
# usage: out_of_tree_application.sh BUILD_DIR
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

build=$(realpath "${1:?usage: $0 BUILD_DIR}")
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../apps/hello" && pwd)
scratch=$(mktemp -d)
server=
log=$scratch/server.log

end() {
  local status=$?
  [[ -z $server ]] || { kill -KILL "$server" && wait "$server"; } 2>/dev/null || true
  ((status == 0)) || ! [[ -s $log ]] || sed 's/^/server: /' "$log" >&2
  rm -rf "$scratch"
}
trap end EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

[[ -x $build/tollgate ]] || fail "there is no $build/tollgate: run scripts/build"

# Moved after the install: nothing may remember where it was put first.
cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/prefix"
cmake -G Ninja -S "$source" -B "$scratch/hello" -DCMAKE_PREFIX_PATH="$scratch/prefix" -DCMAKE_BUILD_TYPE=RelWithDebInfo
cmake --build "$scratch/hello"

tollgate=$scratch/prefix/bin/tollgate
ldd "$tollgate" | grep -F "$scratch/prefix/" >/dev/null || fail "the installed binary does not use the installed library"

cd "$scratch"
"$tollgate" keys generate --out signing.key
# A Unix socket: no port to collide with.
"$tollgate" serve "$scratch/hello/libhello.so" --bind "unix:$scratch/socket" --workers 1 \
  --signing-key-file signing.key --database "sqlite:$scratch/tollgate.db" >"$log" 2>&1 &
server=$!

answer=
for _ in {1..300}; do # 30 s; then the comparison below says what is wrong
  kill -0 "$server" 2>/dev/null || fail "the server ended before it answered"
  answer=$(curl -s --max-time 5 --unix-socket "$scratch/socket" http://localhost/hello) && break
  sleep 0.1
done
[[ $answer == hello ]] || fail "GET /hello answered \"$answer\", not \"hello\""

kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
((status == 0)) || fail "the server ended with $status after SIGTERM"
echo "an application outside the tree was built, loaded and served"
