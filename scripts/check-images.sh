#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian package in a clean Debian 12 and makes the agent there, by the same script as docker/agent does:
# for machines without a container engine. Needs root, and minutes.
#   scripts/check-images.sh              the package and the agent
#   scripts/check-images.sh --runtime    the runtime too: PyTorch, and a test run by it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/roots.sh
. "$here/roots.sh"
cd "$here/.."
[ "$(id -u)" -eq 0 ] || die "a Debian in a directory needs mounts and device files: run this as root"
[ "$(debian_codename)" = bookworm ] || die "the package is built here and installed in a Debian 12: run this on Debian 12"
runtime=${1:-}

install_packages "${BUILD_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" "${ROOT_PACKAGES[@]}"
say "Building the package"
cmake --preset release >/dev/null
build_quietly build/release spyre-ci
work=$(mktemp -d /var/tmp/spyre-ci-images-XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
cpack -G DEB --config build/release/CPackConfig.cmake -B "$work/package" >/dev/null
root=$work/root
make_root debian12 "$root"

as_agent() { scripts/in-root.sh --user 10001 "$root" env HOME=/var/lib/spyre-ci "$@"; }

say "Making the agent (docker/install-agent.sh)"
mkdir -p "$root/opt/package"
cp "$work"/package/spyre-ci_*.deb docker/install-agent.sh docker/sbom.sh "$root/opt/package/"
scripts/in-root.sh "$root" /opt/package/install-agent.sh
[ ! -e "$root/opt/package" ] || die "the installation left its files behind"
[ -z "$(ls "$root/var/lib/apt/lists")" ] || die "the installation left apt's lists behind"
as_agent spyre-ci --version
as_agent spyre-ci config defaults >/dev/null
as_agent python3 -c 'import json
print(len(json.load(open("/usr/share/spyre-ci/sbom.spdx.json"))["packages"]), "packages in the SBOM")'
say "The agent takes $(du -sm "$root" | cut -f1) MB"

say "A run as an ordinary user, on a root that cannot be written to"
mkdir -p "$root/var/lib/spyre-ci/tree"
cp -r tests/fixtures/tree/. "$root/var/lib/spyre-ci/tree/"
chown -R 10001:10001 "$root/var/lib/spyre-ci"
code=0
scripts/in-root.sh --user 10001 --read-only --bind "$root/var/lib/spyre-ci:/var/lib/spyre-ci" "$root" \
  sh -c '! touch /etc/probe 2>/dev/null || exit 9
    HOME=/var/lib/spyre-ci exec spyre-ci --set python.preload=[] run --source /var/lib/spyre-ci/tree --fraction 1 \
      --only test/test_outcomes.py --cards cpu:2 --run-dir /var/lib/spyre-ci/run' || code=$?
# These tests fail in every way there is.
[ "$code" -eq 1 ] || die "the run ended with exit code $code, not 1"
as_agent python3 -c 'import json; t = json.load(open("/var/lib/spyre-ci/run/summary.json"))["totals"]
assert t["passed"] and t["failed"] and not t["crashed"] and not t["not_run"], t' ||
  die "the run is not what it should be"

if [ "$runtime" = --runtime ]; then
  say "Making the runtime (docker/install-runtime.sh)"
  mkdir -p "$root/opt/package" "$root/usr/share/spyre-ci/stubs"
  cp scripts/lib.sh docker/install-runtime.sh docker/sbom.sh "$root/opt/package/"
  cp -r scripts/stubs/. "$root/usr/share/spyre-ci/stubs/"
  scripts/in-root.sh "$root" /opt/package/install-runtime.sh
  as_agent spyre-ci doctor
  as_agent spyre-ci run --source /var/lib/spyre-ci/tree --fraction 1 --only test/test_skips_itself.py \
    --cards cpu:1 --run-dir /var/lib/spyre-ci/run-torch
fi
say "The package and the images' steps work in a clean Debian 12"
