#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prepares a real PyTorch to run tests of: Debian's python3-torch, and the upstream source of the same
# version as a local git repository with the tag v1.13.1. Prints the repository's path.
# A second call costs no time: what is there is kept.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

version=1.13.1
repository=$(cache_dir)/pytorch

install_packages "${PYTORCH_PACKAGES[@]}" git

if git -C "$repository" rev-parse -q --verify "refs/tags/v$version" >/dev/null 2>&1; then
  printf '%s\n' "$repository"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Source packages through an apt configuration of our own: the machine's list of sources stays as it is.
fetch_source() {
  mkdir -p "$work/lists/partial" "$work/download"
  chmod 755 "$work" "$work/download"
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  # shellcheck disable=SC2016  # apt's own placeholder
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' 'Origin: Debian' \
           | sort -u | grep -v security | head -n 1)
  printf 'deb-src [signed-by=%s] %s bookworm main\n' "$keyring" "${mirror:-http://deb.debian.org/debian}" >"$work/sources.list"
  local options=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
                 -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root -qq)
  apt-get "${options[@]}" update
  # Only the upstream tarball is wanted, not Debian's changes to it: ask where it is, then fetch it with its checksum.
  local uri name _size hash
  read -r uri name _size hash < <(apt-get "${options[@]}" source --print-uris "pytorch=$version+dfsg-4" | grep -F .orig.tar) \
    || die "Debian's source package pytorch $version was not found in the archive"
  uri=${uri//\'/}
  /usr/lib/apt/apt-helper "${options[@]}" download-file "$uri" "$work/download/$name" "$hash"
}

say "Fetching the source of PyTorch $version (18 MB, Debian's source package)"
fetch_source >&2

say "Making a git repository of it in $repository"
mkdir -p "$work/tree"
tar -C "$work/tree" --strip-components=1 -xJf "$work"/download/pytorch_*.orig.tar.xz
git -C "$work/tree" init -q -b main
# Fixed author and date: the same commit id on every machine.
export GIT_AUTHOR_NAME=PyTorch GIT_AUTHOR_EMAIL=pytorch@example.invalid GIT_AUTHOR_DATE='2022-12-16T00:00:00Z'
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
git -C "$work/tree" config gc.auto 0
git -C "$work/tree" -c core.autocrlf=false add -A -f
git -C "$work/tree" -c commit.gpgsign=false commit -q -m "PyTorch $version"
git -C "$work/tree" tag "v$version"
git -C "$work/tree" gc -q
mkdir -p "$(dirname "$repository")"
rm -rf "$repository"
mv "$work/tree" "$repository"
printf '%s\n' "$repository"
