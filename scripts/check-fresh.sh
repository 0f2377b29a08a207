#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Follows the README on a machine that has nothing: copies the last commit into a minimal Debian, runs
# scripts/quickstart.sh there and checks the summary of its run. Needs root.
#   scripts/check-fresh.sh [debian12|debian13]...     both when none is named
# The Debian stays in the cache directory for the next call, which first removes every package that is not listed in
# scripts/lib.sh for users.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/roots.sh
. "$here/roots.sh"
cd "$here/.."

[ $# -gt 0 ] || set -- debian12 debian13
[ "$(id -u)" -eq 0 ] || die "a Debian in a directory needs mounts and device files: run this as root"
install_packages "${ROOT_PACKAGES[@]}"

# What earlier calls, or a person, installed besides the lists must not hide that a list is incomplete.
# shellcheck disable=SC2016  # expanded in the root
remove_other_packages='
  . scripts/lib.sh
  apt-get update -qq
  kept=$(printf "%s\n" "${BUILD_PACKAGES[@]}" "${PYTORCH_PACKAGES[@]}" | cat - /var/lib/minimal-packages)
  comm -23 <(apt-mark showmanual | sort) <(sort -u <<<"$kept") | xargs -r apt-mark auto >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get autoremove --purge -y -qq \
    -o APT::AutoRemove::RecommendsImportant=0 -o APT::AutoRemove::SuggestsImportant=0'

# The run has to be one that means something: many tests passed, few did not, and none was lost.
check_summary='
import json, sys
summary = json.load(open(sys.argv[1]))
totals = summary["totals"]
outcomes = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "timed_out", "not_run")
assert totals["collected"] == sum(totals[outcome] for outcome in outcomes), totals
assert totals["passed"] >= 300, totals
assert sum(totals[outcome] for outcome in ("failed", "error", "crashed", "timed_out")) <= totals["passed"] / 50, totals
print(", ".join(f"{totals[outcome]} {outcome}" for outcome in outcomes if totals[outcome]))'

for release in "$@"; do
  root=$(kept_root "$release")
  log=$root.log
  copy_tree "$root"
  in_root "$root" "$remove_other_packages" >"$log" 2>&1 || { tail -n 5 "$log" >&2; die "apt failed: $log"; }

  say "Running scripts/quickstart.sh in a fresh $release"
  code=0
  # The compiler's cache is read, not written: its results of a build with warnings as errors are good here, but not
  # the other way round.
  in_root "$root" 'CCACHE_READONLY=1 CCACHE_IGNOREOPTIONS=-Werror scripts/quickstart.sh' >"$log" 2>&1 || code=$?
  case $code in
    0 | 1) ;;
    *) tail -n 40 "$log" >&2; die "scripts/quickstart.sh ended with exit code $code in a fresh $release: $log" ;;
  esac
  # shellcheck disable=SC2016  # expanded in the root
  totals=$(in_root "$root" 'python3 -c "$1" spyre-ci-runs/quickstart-*/summary.json' "$check_summary") ||
    { tail -n 40 "$log" >&2; die "scripts/quickstart.sh made no good run in a fresh $release: $log"; }
  say "scripts/quickstart.sh works in a fresh $release: $totals"
done
