#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the form of the code: clang-format, clang-tidy (warnings are errors), shellcheck.
#   scripts/lint.sh                    everything
#   scripts/lint.sh agent/core …       only files beneath these folders
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" clang clang-format clang-tidy shellcheck
[ $# -gt 0 ] || set -- agent testsel tests

say "clang-format"
git ls-files -- "$@" | grep -E '\.(cpp|hpp)$' | xargs -r clang-format --dry-run --Werror

say "shellcheck"
git ls-files -- scripts .ci tests docker packaging | grep -E '\.(sh|bash)$|^\.ci/run$' | xargs -r shellcheck -x

say "clang-tidy"
cmake --preset lint >/dev/null
cmake --build --preset lint --target spyre_pipelines spyre_pytest spyre_report_assets >/dev/null
git ls-files -- "$@" | grep -E '^(agent|testsel)/.*\.cpp$' |
  xargs -r -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet
