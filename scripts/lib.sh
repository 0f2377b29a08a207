# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# Helpers of the scripts beside this file: sourced, not run.

# Packages of Debian 12, by purpose. Everything the project builds on is here and nowhere else.
BUILD_PACKAGES=(
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  libpoco-dev libgit2-dev libpugixml-dev nlohmann-json3-dev libspdlog-dev libfmt-dev
  libexpected-dev libyaml-cpp-dev libre2-dev
  libcli11-dev libxxhash-dev
)
PACKAGE_PACKAGES=(dpkg-dev)
TEST_PACKAGES=(
  catch2 librapidcheck-dev libvalijson-dev libbenchmark-dev postgresql
  openssl strace chromium chromium-driver python3-selenium
  groovy default-jre-headless jenkins-job-builder python3-jenkins shellcheck jq man-db
)
PYTORCH_PACKAGES=(python3-torch python3-pytest python3-hypothesis python3-numpy python3-yaml xz-utils)

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
  command -v apt-get >/dev/null || die "missing: ${missing[*]} (this script installs them with apt, on Debian 12)"
  say "Installing with apt: ${missing[*]}"
  as_root apt-get update -qq
  # RUNLEVEL=1: servers among the packages are not started.
  as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Where downloads and prepared trees are kept between runs and checkouts.
cache_dir() { printf '%s\n' "${SPYRE_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/spyre-ci}"; }
