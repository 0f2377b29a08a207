#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds everything and runs all tests: the unit tests under the address and undefined-behaviour sanitizers, and those
# that drive the program on the program as it is shipped.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

install_packages "${BUILD_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${PYTORCH_PACKAGES[@]}"
SPYRE_CI_TEST_PYTORCH=$(scripts/prepare-pytorch.sh)
export SPYRE_CI_TEST_PYTORCH

# test_preset <preset> <label of the tests> <targets to build>...
test_preset() {
  local preset=$1 label=$2
  shift 2
  say "Building ($preset)"
  cmake --preset "$preset" -DSPYRE_TESTS=ON -DSPYRE_WERROR=ON >/dev/null
  cmake --build --preset "$preset" --target "$@"
  say "Testing ($preset)"
  ctest --preset "$preset" --no-tests=error -j 2 -L "$label"
}

test_preset release integration spyre-ci dump_module benchmarks
test_preset asan unit unit_tests
say "All tests passed"
