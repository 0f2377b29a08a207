#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Simulates a run of all of PyTorch's tests at the sizes of the rollout, with several ways of dealing them to cards.
# usage: tests/bench/simulate.sh TEST_TIMES.json   (PyTorch's, from the generated-stats branch of pytorch/test-infra)
set -euo pipefail
[ $# -eq 1 ] || { sed -n '3,4s/^# //p' "$0" >&2; exit 2; }
times=$(realpath "$1")
cd "$(dirname "$0")/../.."
cmake --preset release >/dev/null
cmake --build --preset release --target simulate_table >/dev/null
exec build/release/tests/bench/simulate_table "$times"
