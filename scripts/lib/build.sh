# Configuring and building a preset, with as few lines as a reader wants.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# Objects are shared between clones: paths below the clone become relative, and
# its directory is not part of the key.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1

configure() {
  local preset=$1 launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  step "configured build/$preset" cmake -S "$ROOT" --preset "$preset" "${launcher[@]}"
}

# Ninja's lines, thinned out to one for each tenth; the words of a compiler pass.
thin_out() {
  local line tenth shown=-1
  while IFS= read -r line; do
    if [[ $line =~ ^\[\ *([0-9]+)%\ ([0-9/]+)\] ]]; then
      tenth=$((BASH_REMATCH[1] / 10))
      if ((tenth != shown)); then
        shown=$tenth
        say "   ${BASH_REMATCH[1]}% (${BASH_REMATCH[2]})"
      fi
    elif [[ $line != "ninja: no work to do." ]]; then
      say "$line"
    fi
  done
}

# build_release TARGET...: what is packaged. GCC is told how often a request takes each branch, so
# that what is taken lies together and what is called there is inlined.
build_release() {
  configure profile
  build profile instructions
  take_profile
  configure release
  build release "$@"
}

# Answers the requests of instructions.txt with the build that counts its branches, if it is newer
# than its counts. Objects of release whose counts have changed are made again: all of them, if the
# last time came to no end.
take_profile() {
  local counts=$ROOT/build/profile/data driver=$ROOT/build/profile/tests/instructions/instructions
  local start=$SECONDS case file object changed=0
  [[ $counts/taken -nt $driver ]] && return
  rm -rf "$counts.old"
  if [[ -e $counts/taken ]]; then mv "$counts" "$counts.old"; else rm -rf "$counts"; fi
  while read -r case _; do
    "$driver" "$case" 20000 || die "the build of build/profile cannot answer $case"
  done < <(grep -v '^#' "$ROOT/tests/bench/instructions.txt")
  for file in "$counts"/*.gcda; do
    cmp -s "$file" "$counts.old/${file##*/}" && continue
    object=${file##*/}
    object=${object%.gcda}.o
    rm -f "$ROOT/build/release/${object//#//}"
    changed=$((changed + 1))
  done
  rm -rf "$counts.old"
  touch "$counts/taken"
  say "-- profile of $changed files taken ($((SECONDS - start)) s)"
}

# build PRESET [TARGET...]
build() {
  local preset=$1 start=$SECONDS
  shift
  NINJA_STATUS='[%p %f/%t] ' cmake --build "$ROOT/build/$preset" --parallel "$(nproc)" ${1:+--target "$@"} 2>&1 |
    thin_out || die "build/$preset did not build"
  say "-- built build/$preset ($((SECONDS - start)) s)"
}
