#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 or 13 to a result: installs what is missing, builds spyre-ci, prepares the distribution's
# PyTorch and runs some of its tests on two CPU slots. Can be run again; what is done already costs seconds.
#   scripts/quickstart.sh [more options of `spyre-ci run`]
#   BUDGET=1m scripts/quickstart.sh      a shorter run than the usual three minutes
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."
budget=${BUDGET:-3m}

# Tests that mean something on any machine: operators, views, dtypes, indexing, modules, export and TorchScript.
demonstration=(
  test/test_view_ops.py test/test_type_promotion.py test/test_indexing.py test/test_shape_ops.py test/test_reductions.py
  test/test_unary_ufuncs.py 'test/nn/*' 'test/export/*' test/jit/test_list_dict.py test/jit/test_slice.py
)

say "This installs missing Debian packages (a compiler, libraries, PyTorch: about 2 GB on an empty machine),
    builds in build/release and keeps downloads in $(cache_dir)"
install_packages "${BUILD_PACKAGES[@]}"

say "Building spyre-ci"
cmake --preset release >/dev/null
build_quietly build/release spyre-ci

repository=$(scripts/prepare-pytorch.sh)
revision=$(git -C "$repository" describe --tags)
run_dir=spyre-ci-runs/quickstart-$(date +%Y%m%d-%H%M%S)

say "Running tests of PyTorch ${revision#v} on two CPU slots, for at most $budget"
code=0
build/release/spyre-ci \
  --set python.executable=/usr/bin/python3 --set "python.path=[$PWD/scripts/stubs]" \
  run --repo "$repository" --rev "$revision" --fraction 1 --only "${demonstration[@]}" --cards cpu:2 \
  --budget "$budget" --run-dir "$run_dir" "$@" || code=$?

case $code in
  0) say "Every test is accounted for and none failed (exit code 0)" ;;
  1) say "Every test is accounted for; some did not pass with this machine's PyTorch (exit code 1)" ;;
  *) say "The run ended with exit code $code; docs/documents.md explains exit codes"; exit "$code" ;;
esac
cat >&2 <<END
    For people:    $run_dir/report.html: failures by cause, the cards over time, the slowest tests
    For programs:  $run_dir/summary.json, and junit/ for Jenkins
    Next:          build/release/spyre-ci run --help; README.md goes on from here
END
exit "$code"
