# The one list of Debian packages that tollgate needs, and what installs them.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034  # the arrays are read by who sources this

# To build the server. Not here: node-llhttp, see provide_llhttp.
BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config
  libuv1-dev libssl-dev libspdlog-dev libfmt-dev libsqlite3-dev libcli11-dev libtomlplusplus-dev
  nlohmann-json3-dev libsimdjson-dev libexpected-dev
  zlib1g-dev libbrotli-dev
)
# To run it and speak to it, in addition. media-types: the table of static files (/etc/mime.types).
RUN_PACKAGES=(curl media-types)
# To run scripts/test, in addition to both.
# systemd: for systemd-socket-activate and systemd-analyze; nothing of it has to run.
TEST_PACKAGES=(libgtest-dev clang-format clang-tidy python3 wrk git ccache shellcheck systemd)
# For tests/interop; without them it is skipped, loudly.
INTEROP_PACKAGES=(
  python3-django python3-djangorestframework python3-djangorestframework-simplejwt gunicorn python3-cryptography
)
# To run scripts/bench, in addition to the first and to INTEROP_PACKAGES. The libraries are nginx's: see provide_nginx.
BENCH_PACKAGES=(python3 python3-jwt git wrk libpcre2-8-0 libcrypt1)
# To build tests/bench, in addition to the first.
LIBRARY_BENCH_PACKAGES=(libbenchmark-dev libjwt-dev libcjose-dev)
# To run scripts/instructions, in addition to the first; scripts/test does.
INSTRUCTIONS_PACKAGES=(python3 valgrind)
# To run scripts/attack, in addition to the first.
ATTACK_PACKAGES=(python3 wrk slowhttptest)
# To run scripts/fuzz, in addition to the first.
FUZZ_PACKAGES=(clang libclang-rt-dev ccache)


as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif [[ -t 0 && -z ${CI:-} ]]; then
    sudo "$@"
  else
    sudo -n "$@" # nobody is there to type a password
  fi
}

can_be_root() { [[ $(id -u) -eq 0 ]] || command -v sudo >/dev/null; }

# Prints those of its arguments that are not installed.
missing_packages() {
  local installed package
  installed=" $(dpkg-query -W -f '${Package}/${db:Status-Abbrev} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" $package/ii "* ]] || printf '%s\n' "$package"
  done
}

# Mirrors fail now and then, and an index may be older than the mirror's files.
apt_install() {
  local try
  for try in first second; do
    if as_root apt-get update -q >/dev/null &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" >/dev/null; then
      return 0
    fi
    warn "-- the $try attempt to install failed"
  done
  return 1
}

# unpack_package NAME TARGET: of a package that is not to be installed, the files below TARGET. Its
# archive stays in the cache, for other clones.
unpack_package() {
  local name=$1 target=$2 store=$CACHE/debian archive
  archive=$(newest_archive "$name" "$store")
  if [[ -z $archive ]]; then
    say "-- downloading $name (it is unpacked, and not installed)"
    mkdir -p "$store"
    download_package "$name" "$store" ||
      { can_be_root && as_root apt-get update -q >/dev/null && download_package "$name" "$store"; } || return 1
    archive=$(newest_archive "$name" "$store")
  fi
  rm -rf "$target" "$target.new"
  mkdir -p "$target.new"
  dpkg-deb -x "$archive" "$target.new" || {
    rm -f "$archive"
    die "$archive was damaged and is removed: run this again"
  }
  mv "$target.new" "$target"
}

newest_archive() {
  [[ ! -d $2 ]] || find "$2" -name "$1_*.deb" | sort -V | tail -n 1
}

# As oneself, since apt's own user cannot write into our cache.
download_package() {
  (cd "$2" && apt-get -q -o "APT::Sandbox::User=$(id -un)" download "$1") >/dev/null 2>&1
}

# llhttp's C sources come in Debian's node-llhttp, which depends on all of
# Node.js. Only two folders of it are wanted: FindLlhttp.cmake looks into build/llhttp.
provide_llhttp() {
  local target=$ROOT/build/llhttp found
  for found in /usr/share/llhttp/llhttp.c /usr/include/llhttp.h "$target/usr/share/llhttp/llhttp.c"; do
    [[ -f $found ]] && return 0
  done
  unpack_package node-llhttp "$target" ||
    die "cannot download Debian's node-llhttp; llhttp 8's C sources are expected in /usr/share/llhttp"
}

# The nginx that scripts/bench compares with: not installed, since to install it is to start it, on
# port 80. What it links is in BENCH_PACKAGES.
provide_nginx() {
  local target=$ROOT/build/nginx
  [[ -x $target/usr/sbin/nginx ]] || unpack_package nginx "$target" || die "cannot download Debian's nginx"
}

# install_packages NAME...: installs what is missing of them, and llhttp. Quick
# and harmless when nothing is. SKIP_PACKAGES=1 is for those who bring
# the libraries in another way.
install_packages() {
  local missing
  [[ -z ${SKIP_PACKAGES:-} ]] || return 0
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is not Debian. Install the counterparts of: $* llhttp (8.x); then set SKIP_PACKAGES=1"
  fi
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]})); then
    can_be_root || die "you are not root and there is no sudo. Ask root for: apt-get install ${missing[*]}"
    say "-- installing: ${missing[*]}"
    apt_install "${missing[@]}" || die "could not install: ${missing[*]} (tollgate is built on Debian 12)"
  fi
  provide_llhttp
}
