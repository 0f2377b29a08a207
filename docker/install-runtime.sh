#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts PyTorch on an agent: what docker/runtime/Dockerfile does, and scripts/check-images.sh in a folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

install_packages "${PYTORCH_PACKAGES[@]}"
mkdir -p /etc/spyre-ci
printf 'python: {executable: /usr/bin/python3, path: [/usr/share/spyre-ci/stubs]}\n' >/etc/spyre-ci/config.yaml
"$here/sbom.sh" spyre-ci-runtime >/usr/share/spyre-ci/sbom.spdx.json
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log "$here"
