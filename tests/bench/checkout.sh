#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times `spyre-ci checkout` of a local repository against `git worktree add` of the same commit, each into a new directory.
#
#   tests/bench/checkout.sh [PROGRAM [REPOSITORY [REVISION]]]
#
# Prints the median of five runs of each, in seconds, and their ratio (below 1: spyre-ci is faster). The runs alternate, and
# nothing is removed before the end: a file system is slow for a while after much was removed from it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

program=$(realpath "${1:-build/release/spyre-ci}")
repository=${2:-${SPYRE_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/spyre-ci}/pytorch}
revision=${3:-HEAD}
runs=5

[ -x "$program" ] || { echo "no program $program: build it, or give its path" >&2; exit 2; }
git -C "$repository" rev-parse -q --verify "$revision^{commit}" >/dev/null ||
  { echo "no revision $revision in $repository: scripts/prepare-pytorch.sh makes one" >&2; exit 2; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/spyre-ci-checkout.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# git writes to the repository whose worktree it adds: it gets a clone of its own, so that the given one stays as it is.
git clone -q --bare --no-local "$repository" "$scratch/clone.git"
mirror=$scratch/clone.git

seconds() { # of a command, without its output
  local start end
  start=$(date +%s%N)
  "$@" >/dev/null 2>"$scratch/errors" || { cat "$scratch/errors" >&2; exit 1; }
  end=$(date +%s%N)
  awk -v ns=$((end - start)) 'BEGIN { printf "%.3f\n", ns / 1e9 }'
}
median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }

for run in $(seq "$runs"); do
  seconds "$program" checkout --repo "$mirror" --rev "$revision" --into "$scratch/ours-$run" >>"$scratch/ours"
  seconds git -C "$mirror" worktree add --detach --quiet "$scratch/git-$run" "$revision" >>"$scratch/git"
  seconds "$program" checkout --repo "$mirror" --rev "$revision" --into "$scratch/ours-1" >>"$scratch/again"
done

ours=$(median <"$scratch/ours")
theirs=$(median <"$scratch/git")
again=$(median <"$scratch/again")
files=$(git -C "$mirror" ls-tree -r --name-only "$revision" | wc -l)
printf 'files                   %s\n' "$files"
printf 'spyre-ci checkout       %s s\n' "$ours"
printf 'git worktree add        %s s\n' "$theirs"
printf 'ratio                   %s\n' "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')"
printf 'spyre-ci, nothing new   %s s\n' "$again"
