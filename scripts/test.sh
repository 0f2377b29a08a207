#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds everything and runs all tests: first as it is shipped, then the unit tests under the address and
# undefined-behaviour sanitizers.
#   scripts/test.sh            everything, as continuous integration does
#   scripts/test.sh release    without the sanitizers
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${PYTORCH_PACKAGES[@]}"
SPYRE_CI_TEST_PYTORCH=$(scripts/prepare-pytorch.sh)
export SPYRE_CI_TEST_PYTORCH

run_preset() {
  local preset=$1
  shift
  say "Building ($preset)"
  cmake --preset "$preset" -DSPYRE_TESTS=ON -DSPYRE_WERROR=ON >/dev/null
  cmake --build --preset "$preset"
  say "Testing ($preset)"
  ctest --preset "$preset" --no-tests=error -j 2 "$@"
}

run_preset release
if [ "${1:-all}" = all ]; then
  run_preset asan -L unit
fi
say "All tests passed"
