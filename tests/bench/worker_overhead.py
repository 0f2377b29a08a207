#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the worker costs above pytest itself: the same cases by both, one after the other, in one table.

    worker_overhead.py [--empty 50000] [--slice N] [--source PYTORCH [--limit 1000] [FILE ...]]

Both the time on the clock and the processor's are of all processes, import and collection included; on a machine that
is busy with other things only the latter says something. Outcomes that differ are printed, and end with 1.
"""

import argparse
import collections
import os
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../integration/worker"))
import driver  # noqa: E402

STUBS = os.path.join(HERE, "../../scripts/stubs")
FILES = ["test_type_promotion", "test_view_ops", "test_torch", "test_binary_ufuncs"]
PRELOAD = ",".join(f"torch.testing._internal.{name}"
                   for name in ("common_utils", "common_device_type", "common_methods_invocations"))


class Stopwatch:
    """Seconds on the clock, and of the processor in children that have ended."""

    def __init__(self):
        self._began = self._now()

    def read(self):
        return [now - began for now, began in zip(self._now(), self._began)]

    @staticmethod
    def _now():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.monotonic(), usage.ru_utime + usage.ru_stime


def by_worker(root, file, cwd, preload, limit, size):
    """What the cases cost in slices of `size`, and {node id: outcome}."""
    stopwatch = Stopwatch()
    with tempfile.NamedTemporaryFile() as log:
        worker = driver.Worker(log.name, preload)
        try:
            worker.until("hello")
            cases = worker.open(root, file, cwd=cwd)["cases"]
            todo = range(len(cases))[:limit]
            outcomes = {}
            for first in range(0, len(todo), size or len(cases)):
                for case, event in driver.finished(worker.run(todo[first:first + (size or len(cases))])).items():
                    outcomes[cases[case]] = event["outcome"]
            worker.send("quit")
            worker.process.wait()
        finally:
            worker.dispose()
    return stopwatch.read(), outcomes


def by_pytest(root, file, cwd, limit):
    """What the same cases cost in plain pytest, and {node id: outcome}."""
    with tempfile.TemporaryDirectory() as directory:
        junit = os.path.join(directory, "junit.xml")
        with open(os.path.join(directory, "first.py"), "w", encoding="utf-8") as plugin:
            plugin.write(f"def pytest_collection_modifyitems(items):\n    items[:] = items[:{limit}]\n")
        stopwatch = Stopwatch()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "first", f"--rootdir={root}",
                   "--junitxml", junit, os.path.join(root, file)]
        path = os.pathsep.join([directory, os.environ.get("PYTHONPATH", "")])
        subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                       env={**os.environ, "PYTHONPATH": path})
        cost = stopwatch.read()
        return cost, {id_of(case, file): outcome_of(case) for case in xml.parse(junit).iter("testcase")}


def id_of(case, file):
    """The node id of an element <testcase>: its class name begins with the file's."""
    inside = case.get("classname")[len(file[:-len(".py")]):].strip(".").replace(".", "::")
    return "::".join(filter(None, [file, inside, case.get("name")]))


def outcome_of(case):
    for name, outcome in (("failure", "failed"), ("error", "error")):
        if case.find(name) is not None:
            return outcome
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    return "xfailed" if skipped.get("type") == "pytest.xfail" else "skipped"


def compare(label, worker, pytest):
    """Prints one line of the table. Whether the outcomes are the same."""
    (ours, our_outcomes), (theirs, their_outcomes) = worker, pytest
    count = len(our_outcomes)
    columns = (f"{old:9.2f}{new:9.2f}{new / old:6.2f}{(new - old) / count * 1000:9.3f} "
               for new, old in zip(ours, theirs))
    totals = sorted(collections.Counter(our_outcomes.values()).items())
    print(f"{label:22}{count:7}", *columns, *(f"{number} {outcome}" for outcome, number in totals), flush=True)
    differing = {name for name in our_outcomes.keys() | their_outcomes.keys()
                 if our_outcomes.get(name) != their_outcomes.get(name)}
    for name in sorted(differing)[:20]:
        print(f"    {name}: worker {our_outcomes.get(name)}, pytest {their_outcomes.get(name)}")
    return not differing


def compare_empty(count, size):
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "test_empty.py"), "w", encoding="utf-8") as file:
            file.writelines(f"def test_{number}(): pass\n" for number in range(count))
        return compare(f"{count} empty tests", by_worker(directory, "test_empty.py", directory, "", None, size),
                       by_pytest(directory, "test_empty.py", directory, None))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--empty", type=int, default=50000, help="how many empty tests; 0 for none")
    parser.add_argument("--slice", type=int, default=0, help="cases a child; 0 for all of a file in one")
    parser.add_argument("--source", help="a PyTorch source tree")
    parser.add_argument("--limit", type=int, default=1000, help="cases of a file at most")
    parser.add_argument("file", nargs="*", default=FILES, help="files of PyTorch's test directory, without .py")
    options = parser.parse_args()
    columns = (f"{'pytest ' + clock:>9}{'worker':>9}{'ratio':>6}{'ms/case':>9} " for clock in ("s", "cpu"))
    print(f"{'':22}{'cases':>7}", *columns)
    same = True
    if options.empty:
        same &= compare_empty(options.empty, options.slice)
    if options.source:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.path.abspath(STUBS), os.environ.get("PYTHONPATH")]))
        root = os.path.abspath(options.source)
        for name in options.file:
            file, cwd = f"test/{name}.py", os.path.join(root, "test")
            same &= compare(name, by_worker(root, file, cwd, PRELOAD, options.limit, options.slice),
                            by_pytest(root, file, cwd, options.limit))
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
