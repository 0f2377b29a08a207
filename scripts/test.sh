#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds everything and runs all tests, in named stages. Installs what it needs.
#   scripts/test.sh                 every stage, as continuous integration runs them: at most 75 minutes on two cores
#   scripts/test.sh STAGE...        only these
#   scripts/test.sh --list          what stages there are
# What takes longer is in scripts/test-long.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/roots.sh
. "$here/roots.sh"
cd "$here/.."

# Name, minutes on two quiet cores when the compiler cache holds the commit before, what it shows.
stages="\
release     17  the program as it is shipped, with the PyTorch of this Debian
platform    13  of its tests those that another Debian can make fail, where the stage release is not run
unit         4  unit tests without sanitizers, where the stage sanitizers is not run
sanitizers  11  unit tests under the address and undefined-behaviour sanitizers
threads      6  unit tests of the rooms with threads, under the thread sanitizer
clang        5  a build with clang, which is the fuzzers' too
fuzz         2  every fuzzer for 20 seconds on its corpus
lint         6  clang-format, shellcheck, and clang-tidy on what the last twenty commits changed
debian12     5  scripts/quickstart.sh in a fresh Debian 12
debian13    23  the stages platform and unit on Debian 13, and scripts/quickstart.sh in a fresh one"

threaded_rooms=(core testsel process plan execute http relay)

# Such a build is good for those without warnings as errors, too (scripts/check-fresh.sh).
export CCACHE_IGNOREOPTIONS=-Werror
# A commit that passed its property tests passes them again, and every commit tries other values.
export RC_PARAMS=${RC_PARAMS:-seed=$((16#$(git rev-parse --short=12 HEAD)))}

# build <preset> <target>...: with warnings as errors.
build() {
  cmake --preset "$1" -DSPYRE_WERROR=ON "${cmake_options[@]}" >/dev/null
  build_quietly "build/$1" "${@:2}"
}

# run_tests <preset> <arguments of ctest>...: adds to the stage's number of tests.
run_tests() {
  local results=$PWD/build/$1/tests.xml
  ctest --preset "$1" --no-tests=error -j 2 --output-junit "$results" --test-output-size-passed 65536 \
    --test-output-truncation head "${@:2}"
  python3 tests/support/count_tests.py "$results" >>"$counts"
}

stage_release() {
  local cmake_options=(-DSPYRE_TESTS=ON)
  build release spyre-ci dump_module benchmarks
  run_tests release -L integration
}

stage_platform() {
  local cmake_options=(-DSPYRE_TESTS=ON)
  build release spyre-ci dump_module benchmarks
  run_tests release -L integration -LE anywhere
}

stage_unit() {
  local cmake_options=(-DSPYRE_TESTS=ON)
  build release unit_tests
  run_tests release -L unit
}

stage_sanitizers() {
  local cmake_options=(-DSPYRE_TESTS=ON)
  build asan unit_tests
  run_tests asan -L unit
}

stage_threads() {
  local cmake_options=(-DSPYRE_TESTS=ON)
  build tsan "${threaded_rooms[@]/#/unit_}"
  run_tests tsan -R "^unit_($(IFS='|'; echo "${threaded_rooms[*]}"))\$"
}

stage_clang() {
  local cmake_options=()
  build fuzz spyre-ci fuzzers
}

stage_fuzz() {
  local cmake_options=()
  build fuzz fuzzers
  run_tests fuzz -L fuzz
}

stage_lint() { scripts/lint.sh --commits 20; }

stage_debian12() { scripts/check-fresh.sh debian12; }

stage_debian13() {
  local root
  if [ "$(debian_codename)" != trixie ]; then
    root=$(kept_root debian13)
    copy_tree "$root"
    # shellcheck disable=SC2016  # for the shell in the root
    in_root "$root" 'RC_PARAMS=$1 scripts/test.sh platform unit' "$RC_PARAMS"
  fi
  scripts/check-fresh.sh debian13
}

# What keeps a stage from running on this machine; nothing when it can run.
obstacle() {
  case $1 in
    platform) [[ " ${wanted[*]} " != *" release "* ]] || echo "the stage release runs the same tests" ;;
    unit) [[ " ${wanted[*]} " != *" sanitizers "* ]] || echo "the stage sanitizers runs the same tests" ;;
    debian12 | debian13) [ "$(id -u)" -eq 0 ] || echo "needs root" ;;
    lint) [ "$(debian_codename)" = bookworm ] || echo "clang-tidy's checks are those of Debian 12" ;;
  esac
}

# run_stage <name>: one line for the table at the end. A stage fails as well when it ran other than the expected number
# of tests, so that none vanishes unnoticed.
run_stage() {
  local name=$1 why code begin=$SECONDS number expected result=passed
  why=$(obstacle "$name")
  if [ -n "$why" ]; then
    table+=("$(printf '%-11s not run: %s' "$name" "$why")")
    return
  fi
  say "Stage $name: $(what_of "$name")"
  counts=$(mktemp)
  # Not `|| result=FAILED`: that would make the shell overlook failures within the stage.
  set +e
  (set -e; "stage_$name")
  code=$?
  set -e
  [ "$code" -eq 0 ] || result=FAILED
  number=$(awk '{ sum += $1 } END { print sum + 0 }' "$counts")
  rm "$counts"
  expected=$(awk -v stage="$(debian_codename) $name" '$1 " " $2 == stage { print $3 }' tests/expected-counts)
  if [ "$result" = passed ] && [ "$number" -ne "${expected:-0}" ]; then
    result="FAILED: ${expected:-0} tests are expected (tests/expected-counts)"
  fi
  table+=("$(printf '%-11s %3d min of %2d  %5d tests  %s' \
             "$name" $(((SECONDS - begin + 59) / 60)) "$(share_of "$name")" "$number" "$result")")
  [ "$result" = passed ] || failed=1
}

what_of() { sed -n "s/^$1 *[0-9]*  //p" <<<"$stages"; }
share_of() { sed -n "s/^$1 *\([0-9]*\) .*/\1/p" <<<"$stages"; }

if [ "${1:-}" = --list ]; then
  printf '%s\n' "$stages"
  exit 0
fi
[ $# -gt 0 ] || mapfile -t wanted < <(cut -d' ' -f1 <<<"$stages")
[ $# -eq 0 ] || wanted=("$@")
for name in "${wanted[@]}"; do
  [ -n "$(what_of "$name")" ] || die "there is no stage '$name': scripts/test.sh --list shows them"
done

install_packages "${BUILD_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${PYTORCH_PACKAGES[@]}" \
  "${LINT_PACKAGES[@]}" "${ROOT_PACKAGES[@]}"
SPYRE_CI_TEST_PYTORCH=$(scripts/prepare-pytorch.sh)
export SPYRE_CI_TEST_PYTORCH
if [ "$(debian_codename)" != bookworm ]; then
  SPYRE_CI_TEST_OPENREG=$(scripts/prepare-openreg.sh)
  export SPYRE_CI_TEST_OPENREG
fi
table=()
failed=0
for name in "${wanted[@]}"; do run_stage "$name"; done
printf '%s\n' "" "${table[@]}" >&2
[ "$failed" -eq 0 ] || die "not every stage passed"
say "Every stage that ran passed"
