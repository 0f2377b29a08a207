#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What scripts/test.sh leaves out because it takes long: every fuzzer for ten minutes, clang-tidy on every file, an hour
# of the soak test, every case of six big files as pytest runs it, the images' steps in a clean Debian 12. Needs root for
# the last.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${PYTORCH_PACKAGES[@]}" "${LINT_PACKAGES[@]}"
SPYRE_CI_TEST_PYTORCH=$(scripts/prepare-pytorch.sh)
export SPYRE_CI_TEST_PYTORCH

cmake --preset fuzz -DSPYRE_FUZZ_SECONDS=600 >/dev/null
build_quietly build/fuzz fuzzers
ctest --preset fuzz --no-tests=error -j "$(nproc)"

scripts/lint.sh

cmake --preset release -DSPYRE_TESTS=ON >/dev/null
build_quietly build/release spyre-ci
SPYRE_SOAK_SECONDS=3600 ctest --preset release --no-tests=error -R soak --timeout 5400
SPYRE_CI_CASES=0 ctest --preset release --no-tests=error -R worker_pytorch --timeout 14400

scripts/check-images.sh --runtime
say "All long tests passed"
