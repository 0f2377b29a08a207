#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times the inventory of a real PyTorch: the reader of Python source against Python's ast on the same files and the same
# facts (both on one processor), and `spyre-ci list` on a commit from a cold process.
#
#   tests/bench/inventory.sh [BUILD_FOLDER [REPOSITORY [REVISION]]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

build=${1:-build/release}
repository=${2:-${SPYRE_CI_TEST_PYTORCH:-$HOME/.cache/spyre-ci/pytorch}}
revision=${3:-HEAD}
[ -x "$build/tests/bench/bench_inventory" ] || { echo "no $build/tests/bench/bench_inventory: build it" >&2; exit 2; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/spyre-ci-inventory.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
git -C "$repository" archive "$revision" test | tar -x -C "$scratch"

# Of three repetitions the fastest, as of Python's.
export SPYRE_CI_TEST_PYTORCH=$repository SPYRE_CI_TEST_REVISION=$revision
milliseconds() {
  "$build/tests/bench/bench_inventory" --benchmark_filter="$1" --benchmark_repetitions=3 --benchmark_format=csv \
    2>/dev/null | grep "^\"$1[/\"]" | cut -d, -f"$2" | sort -n | head -1
}
reader=$(milliseconds read_modules 4)
python=$(/usr/bin/python3 tests/bench/inventory_ast.py "$scratch/test")
awk -v reader="$reader" -v python="$python" 'BEGIN {
  printf "reader, one processor:     %8.3f s\nast.parse and a walk:      %8.3f s\nratio:                     %8.1f\n",
         reader / 1e3, python, python / reader * 1e3 }'
printf 'inventory, warm process:   %8.3f s\n' "$(milliseconds inventory_of_commit 3 | awk '{ print $1 / 1e3 }')"

if [ -x "$build/spyre-ci" ]; then
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    start=$(date +%s%N)
    "$build/spyre-ci" --log-level error --json list --repo "$repository" --rev "$revision" >"$scratch/inventory.json"
    echo $((($(date +%s%N) - start) / 1000))
  done | sort -n | awk '{ t[NR] = $1 / 1e6 }
    END { printf "spyre-ci list, cold:       %8.3f s (median of %d; fastest %.3f)\n", t[int((NR + 1) / 2)], NR, t[1] }'
fi
