#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prepares a real PyTorch to run tests of: Debian's python3-torch (1.13.1 on Debian 12, 2.6.0 on Debian 13), and the
# upstream source of the same version as a local git repository with one commit and a tag such as v2.6.0.
# Prints the repository's path. A second call costs no time: what is there is kept.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

repository=$(cache_dir)/pytorch

install_packages "${PYTORCH_PACKAGES[@]}" git
# For example 2.6.0+dfsg-7: the upstream version is what precedes Debian's suffix.
debian_version=$(dpkg-query -W -f '${source:Version}' python3-torch)
version=${debian_version%%[+-]*}

if git -C "$repository" rev-parse -q --verify "refs/tags/v$version" >/dev/null 2>&1; then
  printf '%s\n' "$repository"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Fetches the upstream tarball through an apt configuration of our own: the machine's list of sources stays as it is.
# Debian's changes to the source are left out.
fetch_source() {
  mkdir -p "$work/lists/partial" "$work/download"
  chmod 755 "$work" "$work/download"
  printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$(debian_mirror)" "$(debian_codename)" >"$work/sources.list"
  local options=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
                 -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root -qq)
  apt-get "${options[@]}" update
  local uri name _size hash
  read -r uri name _size hash < <(apt-get "${options[@]}" source --print-uris "pytorch=$debian_version" |
                                  grep -E '\.orig\.tar\.[a-z0-9]+ ') ||
    die "Debian's source package pytorch $debian_version was not found in $(debian_mirror)"
  uri=${uri//\'/}
  /usr/lib/apt/apt-helper "${options[@]}" download-file "$uri" "$work/download/$name" "$hash"
}

say "Fetching the source of PyTorch $version (about 25 MB, Debian's source package)"
fetch_source >&2

say "Making a git repository of it in $repository"
mkdir -p "$work/tree"
tar -C "$work/tree" --strip-components=1 -xJf "$work"/download/pytorch_*.orig.tar.xz
git -C "$work/tree" init -q -b main
# A fixed author and date give the same commit on every machine.
export GIT_AUTHOR_NAME=PyTorch GIT_AUTHOR_EMAIL=pytorch@example.invalid GIT_AUTHOR_DATE='2000-01-01T00:00:00Z'
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
