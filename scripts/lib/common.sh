# Sourced by every script: where the tree is, and how we speak.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# What one clone has found out and another may use: passed checks, by content.
CACHE=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/tollgate
mkdir -p "$CACHE" 2>/dev/null || CACHE=$ROOT/build/cache
export ROOT CACHE

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
  warn "$(basename "$0"): $*"
  exit 1
}

# step NAME COMMAND...: one line when it went well, everything it said when not.
step() {
  local name=$1 log start=$SECONDS
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    say "-- $name ($((SECONDS - start)) s)"
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    die "failed: $name"
  fi
}
