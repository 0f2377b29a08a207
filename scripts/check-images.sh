#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian package in a clean Debian 12 and makes the agent there, by the same script as docker/agent does:
# for machines without a container engine. Needs root, and minutes; so it is no part of the tests.
#   scripts/check-images.sh              the package and the agent
#   scripts/check-images.sh --runtime    the runtime too: PyTorch, and a test run by it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."
[ "$(id -u)" -eq 0 ] || die "a folder can be made a Debian by root alone"
runtime=${1:-}

install_packages "${BUILD_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" debootstrap
say "Building the package"
cmake --preset release >/dev/null
cmake --build --preset release --target spyre-ci
work=$(mktemp -d /var/tmp/spyre-ci-images-XXXXXX)
root=$work/root
unmount() { mountpoint -q "$root/proc" && umount "$root/proc"; rm -rf --one-file-system "$work"; }
trap unmount EXIT
cpack -G DEB --config build/release/CPackConfig.cmake -B "$work/package" >/dev/null

say "A clean Debian 12 in $root"
# shellcheck disable=SC2016  # apt's own placeholder
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' 'Origin: Debian' |
         sort -u | grep -v security | head -n 1)
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/debootstrap.log" ||
  die "$(tail -n 3 "$work/debootstrap.log")"
# The libraries may have had updates since, and the package was built with them.
mkdir -p "$root/etc/apt/sources.list.d" "$root/etc/apt/apt.conf.d"
cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || true
cp -r /etc/apt/sources.list.d/. "$root/etc/apt/sources.list.d/"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"

# in_root <user> <command>...: in the clean Debian, with nothing of this machine's environment.
in_root() {
  local user=$1
  shift
  chroot --userspec="$user" "$root" /usr/bin/env -i HOME=/var/lib/spyre-ci LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${http_proxy:+http_proxy="$http_proxy"} "$@"
}

say "Making the agent (docker/install-agent.sh)"
mkdir -p "$root/tmp/package"
cp "$work"/package/spyre-ci_*.deb docker/install-agent.sh docker/sbom.sh "$root/tmp/package/"
in_root 0:0 /tmp/package/install-agent.sh
[ ! -e "$root/tmp/package" ] || die "the installation left its files behind"
[ -z "$(ls "$root/var/lib/apt/lists")" ] || die "the installation left apt's lists behind"
in_root 10001:10001 spyre-ci --version
in_root 10001:10001 spyre-ci config defaults >/dev/null
in_root 10001:10001 python3 -c 'import json
print(len(json.load(open("/usr/share/spyre-ci/sbom.spdx.json"))["packages"]), "packages in the SBOM")'
size=$(du -sm "$root" --exclude=proc | cut -f1)
say "The agent takes $size MB"

say "A run as nobody special, on a root that cannot be written to"
mkdir -p "$root/var/lib/spyre-ci/tree"
cp -r tests/fixtures/tree/. "$root/var/lib/spyre-ci/tree/"
chown -R 10001:10001 "$root/var/lib/spyre-ci"
cat >"$work/confined.sh" <<'END'
set -e
root=$1
mount --bind "$root" "$root"
mount --bind "$root/var/lib/spyre-ci" "$root/var/lib/spyre-ci"
mount -t tmpfs tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
if touch "$root/etc/probe" 2>/dev/null; then echo 'the root can be written to' >&2; exit 9; fi
chroot --userspec=10001:10001 "$root" /usr/bin/env -i HOME=/var/lib/spyre-ci LANG=C.UTF-8 PATH=/usr/bin:/bin \
  spyre-ci --set python.preload=[] run --source /var/lib/spyre-ci/tree --fraction 1 --only test/test_outcomes.py \
  --cards cpu:2 --run-dir /var/lib/spyre-ci/run
END
code=0
unshare --mount sh "$work/confined.sh" "$root" || code=$?
# The made-up tests fail in every way there is: 1 is what has to come out.
[ "$code" -eq 1 ] || die "the run ended with exit code $code, not 1"
in_root 10001:10001 python3 -c 'import json; t = json.load(open("/var/lib/spyre-ci/run/summary.json"))["totals"]
assert t["passed"] and t["failed"] and not t["crashed"] and not t["not_run"], t' ||
  die "the run is not what it should be"

if [ "$runtime" = --runtime ]; then
  say "Making the runtime (docker/install-runtime.sh)"
  mkdir -p "$root/tmp/package" "$root/usr/share/spyre-ci/stubs"
  cp scripts/lib.sh docker/install-runtime.sh docker/sbom.sh "$root/tmp/package/"
  cp -r scripts/stubs/. "$root/usr/share/spyre-ci/stubs/"
  in_root 0:0 /tmp/package/install-runtime.sh
  in_root 10001:10001 python3 -c 'import torch, pytest; print("PyTorch", torch.__version__)'
  in_root 10001:10001 spyre-ci run --source /var/lib/spyre-ci/tree --fraction 1 --only test/test_skips_itself.py \
    --cards cpu:1 --run-dir /var/lib/spyre-ci/run-torch
fi
say "The package and the images' steps work in a clean Debian 12"
