# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debians in directories, for scripts that check what happens on a fresh machine: sourced after lib.sh, not run.

# make_root <debian12|debian13> <directory>: a minimal Debian with security updates, in which packages start no server.
make_root() {
  local codename mirror
  case $1 in
    debian12) codename=bookworm ;;
    debian13) codename=trixie ;;
    *) die "unknown release '$1': debian12 and debian13 are supported" ;;
  esac
  mirror=$(debian_mirror)
  say "Making a minimal $1 in $2"
  rm -rf --one-file-system "$2.new"
  mkdir -p "$2.new"
  debootstrap --variant=minbase "$codename" "$2.new" "$mirror" >"$2.log" ||
    { tail -n 5 "$2.log" >&2; die "debootstrap failed: $2.log"; }
  printf 'deb %s %s main\n' "$mirror" "$codename" "$mirror" "$codename-updates" \
    "${mirror%/debian}/debian-security" "$codename-security" >"$2.new/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' >"$2.new/usr/sbin/policy-rc.d"
  chmod +x "$2.new/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf "$2.new/etc/resolv.conf"
  # shellcheck disable=SC2016  # dpkg-query's own placeholder
  chroot "$2.new" dpkg-query -W -f '${Package}\n' >"$2.new/var/lib/minimal-packages"
  mv "$2.new" "$2"
}

tree_in_root=/usr/local/src/spyre-ci

# copy_tree <root>: this repository's last commit, as its $tree_in_root.
copy_tree() {
  rm -rf --one-file-system "$1$tree_in_root"
  mkdir -p "$1$tree_in_root"
  git archive HEAD | tar -x -C "$1$tree_in_root"
}

# kept_root <debian12|debian13>: prints the directory of a Debian that stays in the cache directory from call to call.
kept_root() {
  local root
  root=$(cache_dir)/roots/$1
  [ -d "$root" ] || make_root "$1" "$root"
  printf '%s\n' "$root"
}

# in_root <root> <shell command> [<argument>...]: in the copied tree. The compiler's cache is shared between all Debians.
in_root() {
  mkdir -p "$CCACHE_DIR"
  scripts/in-root.sh --bind "$CCACHE_DIR:/root/.cache/spyre-ci/ccache" \
    "$1" bash -euo pipefail -c "cd $tree_in_root; $2" bash "${@:3}"
}
