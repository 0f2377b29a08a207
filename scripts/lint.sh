#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the form of the code: clang-format, clang-tidy (warnings are errors), shellcheck.
#   scripts/lint.sh                    everything
#   scripts/lint.sh agent/core …       only files beneath these directories
#   scripts/lint.sh --commits 20       clang-tidy only on files whose code the last 20 commits changed
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

install_packages "${BUILD_PACKAGES[@]}" "${LINT_PACKAGES[@]}"
commits=
if [ "${1:-}" = --commits ]; then
  commits=$2
  shift 2
fi
[ $# -gt 0 ] || set -- agent testsel tests

say "clang-format"
git ls-files -- "$@" | grep -E '\.(cpp|hpp)$' | xargs -r clang-format --dry-run --Werror

say "shellcheck"
git ls-files -- scripts .ci tests docker packaging | grep -E '\.(sh|bash)$|^\.ci/run$' | xargs -r shellcheck -x

# A source without comments, spaces and line breaks, but with its exceptions for clang-tidy.
code_of() {
  local text
  text=$(cat)
  g++ -fpreprocessed -dD -E -P -x c++ - <<<"$text" 2>/dev/null | tr -d '[:space:]'
  grep -o 'NOLINT.*' <<<"$text" || true
}

# The sources to look at: all of them, or those of the last commits that still exist and in which more than comments
# changed.
sources() {
  if [ -z "$commits" ]; then git ls-files -- "$@"; return; fi
  git log "-$commits" --name-only --format= -- "$@" | sort -u | while read -r file; do
    [ -f "$file" ] || continue
    # A shallow clone may have fewer commits: then all that it has are looked at.
    if git cat-file -e "HEAD~$commits:$file" 2>/dev/null &&
      [ "$(git show "HEAD~$commits:$file" | code_of)" = "$(code_of <"$file")" ]; then
      continue
    fi
    printf '%s\n' "$file"
  done
}

say "clang-tidy"
cmake --preset lint >/dev/null
cmake --build --preset lint --target spyre_pipelines spyre_pytest spyre_report_assets >/dev/null
sources "$@" | { grep -E '^(agent|testsel)/.*\.cpp$' || true; } |
  xargs -r -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet 2> >(grep -v ' warnings generated\.$' >&2)
