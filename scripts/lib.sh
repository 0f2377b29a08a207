# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# Helpers of the scripts beside this file: sourced, not run.

# The version of Debian, by its code name: bookworm (12), trixie (13), ...
debian_codename() { (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}"); }

# Packages of Debian 12 and 13, by purpose. Everything the project builds on is here and nowhere else; CMake asks for
# each of them (cmake/Packages.cmake).
BUILD_PACKAGES=(
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  libboost-dev libcli11-dev libexpected-dev libfmt-dev libgit2-dev libpoco-dev libpugixml-dev libre2-dev libspdlog-dev
  libxxhash-dev libyaml-cpp-dev nlohmann-json3-dev python3
)
PACKAGE_PACKAGES=(dpkg-dev file)
TEST_PACKAGES=(
  catch2 librapidcheck-dev libvalijson-dev libbenchmark-dev postgresql locales
  openssl strace chromium chromium-driver python3-selenium
  groovy default-jre-headless jenkins-job-builder python3-jenkins shellcheck jq man-db
)
LINT_PACKAGES=(clang clang-format clang-tidy libclang-rt-dev shellcheck)
# What PyTorch's test utilities import. Debian 12 has no expecttest: scripts/stubs stands in for it there.
PYTORCH_PACKAGES=(python3-torch python3-pytest python3-hypothesis python3-numpy python3-parameterized
                  python3-psutil python3-setuptools python3-yaml xz-utils)
[ "$(debian_codename)" = bookworm ] || PYTORCH_PACKAGES+=(python3-expecttest)
# What builds OpenReg, PyTorch's own out-of-tree backend, besides PYTORCH_PACKAGES. Not on Debian 12.
OPENREG_PACKAGES=(g++ libtorch-dev ninja-build pybind11-dev python3-dev)
ROOT_PACKAGES=(debootstrap)

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || die "'$1' needs root: run this as root, or install sudo"
  sudo "$@"
}

# Installs those of the named Debian packages that are missing, after saying which.
install_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "missing: ${missing[*]} (this script installs them with apt, on Debian 12 or 13)"
  say "Installing with apt: ${missing[*]}"
  as_root apt-get update -qq
  # RUNLEVEL=1: servers among the packages are not started.
  as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build_quietly <build directory> <target>...: builds with one line of progress on a terminal; the directory's build.log
# has the whole output.
build_quietly() {
  local directory=$1
  shift
  if cmake --build "$directory" --target "$@" 2>&1 | tee "$directory/build.log" | show_progress; then return; fi
  tail -n 40 "$directory/build.log" >&2
  die "the build failed: its whole output is in $directory/build.log"
}

# Turns ninja's "[12/207] ..." into one line that counts, on a terminal only.
show_progress() {
  local line
  while IFS= read -r line; do
    [[ ! -t 2 || ! $line =~ ^\[([0-9]+)/([0-9]+)\] ]] ||
      printf '\r    step %s of %s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# Where downloads and prepared trees are kept between runs and checkouts.
cache_dir() { printf '%s\n' "${SPYRE_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/spyre-ci}"; }

# Debian's archive that this machine's apt uses for its own release.
debian_mirror() {
  # shellcheck disable=SC2016  # apt's own placeholder
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' "Codename: $(debian_codename)" |
    awk '!/security/ && !mirror { mirror = $0 } END { print mirror ? mirror : "http://deb.debian.org/debian" }'
}

# One compiler cache for all checkouts, and for Debians in directories (scripts/check-fresh.sh).
export CCACHE_DIR=${CCACHE_DIR:-$(cache_dir)/ccache}
