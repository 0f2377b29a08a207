#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes an agent of a Debian 12, from the package beside this script: what docker/agent/Dockerfile does in its last
# stage, and scripts/check-images.sh in a folder. Leaves nothing behind that is not needed to run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

apt-get update -qq
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends "$here"/spyre-ci_*.deb python3 python3-pytest
useradd --uid 10001 --user-group --home-dir /var/lib/spyre-ci --create-home --shell /usr/sbin/nologin spyre-ci
"$here/sbom.sh" spyre-ci-agent >/usr/share/spyre-ci/sbom.spdx.json
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log "$here"
