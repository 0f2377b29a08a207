# SPDX-License-Identifier: Apache-2.0
"""Prints how many tests a run of CTest executed, from its JUnit file: test cases within its programs where they say so,
else programs. A test that skipped itself is a gap, and an error."""

import re
import sys
import xml.etree.ElementTree

COUNTS = (re.compile(r"^Ran (\d+) tests? in", re.M),                             # unittest
          re.compile(r"\(\d+ assertions? in (\d+) test cases?\)"),               # Catch2
          re.compile(r"^(\d+) cases, 0 failed", re.M))                           # tests/jenkins
SKIPPED = re.compile(r"^OK \(.*skipped=\d+|^Done testing.*skipped|\| +\d+ skipped", re.M)


def main():
    total, gaps = 0, []
    for case in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
        output = case.findtext("system-out") or ""
        counts = [int(match[1]) for pattern in COUNTS for match in pattern.finditer(output)]
        total += sum(counts) if counts else 1
        if SKIPPED.search(output) or case.get("status") not in ("run", "fail"):
            gaps.append(case.get("name"))
    print(total)
    if gaps:
        sys.exit(f"error: tests were skipped in {', '.join(gaps)}")


if __name__ == "__main__":
    main()
