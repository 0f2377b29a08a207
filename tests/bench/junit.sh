#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times the reading of JUnit files against Python's ElementTree on the same files, in processor seconds.
#
#   tests/bench/junit.sh [BENCH_JUNIT [CASES]]
#
# Two files, as pytest writes them with PyTorch's mix of outcomes: a lean one, and one with the output of passing tests.
# ElementTree is timed in three ways: the parse alone; the parse and a tuple of results a case; the parse and nested
# dictionaries, as PyTorch's own upload of test results makes them. The ratios say how many times faster read_junit is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

program=$(realpath "${1:-build/release/tests/bench/bench_junit}")
cases=${2:-200000}
[ -x "$program" ] || { echo "no program $program: build it, or give its path" >&2; exit 2; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/spyre-ci-junit.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/make.py" <<'PYTHON'
import sys

path, cases, with_output = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
trace = '  File "test/test_ops.py", line 12, in test_add\n    self.assertEqual(a, b)\n' * 20
output = "".join(f"step {i}: tensor(&lt;0.25, 0.5&gt;, device='cpu')\n" for i in range(12))
with open(path, "w") as out:
    out.write('<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">')
    for i in range(cases):
        file = i // 2000
        out.write(f'<testcase classname="test.test_ops{file}.TestCommonCPU" name="test_numpy_{i}_cpu_float32" '
                  f'file="test/test_ops{file}.py" line="{i % 1000}" time="{i % 977 / 1000:.3f}">')
        if i % 100 < 45:
            out.write('<skipped type="pytest.skip" message="not on CPU">test/test_ops.py:12: no</skipped>')
        elif with_output:
            out.write(f"<system-out>{output}</system-out>")
        if i % 100 == 99:
            out.write(f'<failure message="AssertionError: {i} != 0">{trace}</failure>')
        out.write("</testcase>")
    out.write("</testsuite></testsuites>")
PYTHON

cat >"$scratch/read.py" <<'PYTHON'
import sys
import time
import xml.etree.ElementTree as ElementTree


def parse(path):
    return ElementTree.parse(path)


def results(path):
    out = []
    for case in ElementTree.parse(path).iter("testcase"):
        outcome, message, details = "passed", "", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                outcome, message, details = child.tag, child.get("message"), child.text
        out.append((case.get("file"), case.get("classname"), case.get("name"), float(case.get("time")), outcome,
                    message, details))
    return out


def nested(element):
    out = dict(element.attrib)
    if element.text and element.text.strip():
        out["text"] = element.text
    for child in element:
        if child.tag not in out:
            out[child.tag] = nested(child)
        elif isinstance(out[child.tag], list):
            out[child.tag].append(nested(child))
        else:
            out[child.tag] = [out[child.tag], nested(child)]
    return out


def dictionaries(path):
    return [nested(case) for case in ElementTree.parse(path).iter("testcase")]


best = float("inf")
for _ in range(3):
    start = time.process_time()
    globals()[sys.argv[1]](sys.argv[2])
    best = min(best, time.process_time() - start)
print(f"{best:.3f}")
PYTHON

for output in 0 1; do
  file=$scratch/report-$output.xml
  python3 "$scratch/make.py" "$file" "$cases" "$output"
  # Of three repetitions the fastest, as of Python's.
  ours=$(SPYRE_BENCH_JUNIT=$file "$program" --benchmark_filter=given_file --benchmark_repetitions=3 \
    --benchmark_format=csv 2>/dev/null | grep '^"given_file"' | cut -d, -f4 | sort -n | head -1)
  printf '%s cases, %s MB%s: read_junit %s s\n' "$cases" "$(($(stat -c %s "$file") / 1000000))" \
    "$([ "$output" = 1 ] && echo ' with output')" "$(awk -v ms="$ours" 'BEGIN { printf "%.3f", ms / 1e3 }')"
  for way in parse results dictionaries; do
    theirs=$(python3 "$scratch/read.py" "$way" "$file")
    printf '  ElementTree, %-13s %s s   ratio %s\n' "$way" "$theirs" \
      "$(awk -v a="$theirs" -v ms="$ours" 'BEGIN { printf "%.1f", a / ms * 1e3 }')"
  done
done
