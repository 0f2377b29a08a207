#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 machine to a result: installs what is missing, builds spyre-ci, prepares a real PyTorch and
# runs stage 1 of its tests on two CPU slots. Can be run again; what is done already costs seconds.
#   scripts/quickstart.sh [more options of `spyre-ci run`]
#   BUDGET=1m scripts/quickstart.sh      a shorter run than the usual three minutes
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."
budget=${BUDGET:-3m}

say "This installs missing Debian packages (a compiler, libraries, PyTorch: about 2 GB on an empty machine), builds in build/release
    and keeps downloads in $(cache_dir)"
install_packages "${BUILD_PACKAGES[@]}"

say "Building spyre-ci"
cmake --preset release >/dev/null
cmake --build --preset release --target spyre-ci

repository=$(scripts/prepare-pytorch.sh)

say "Running stage 1 of PyTorch's tests"
code=0
build/release/spyre-ci \
  --set python.executable=/usr/bin/python3 --set "python.path=[$PWD/scripts/stubs]" \
  run --repo "$repository" --rev pinned --stage 1 --cards cpu:2 --budget "$budget" "$@" || code=$?

case $code in
  0) say "Every test is accounted for, none failed (exit code 0)" ;;
  1) say "Every test is accounted for, some failed on this machine's PyTorch (exit code 1)" ;;
  *) say "The run ended with exit code $code; README.md explains exit codes" ;;
esac
exit "$code"
