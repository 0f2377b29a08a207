#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the scope rules with labels that people gave, and the selections of a real PyTorch with each other.

scope_quality.py PROGRAM [SOURCE]

SOURCE is the source tree of a PyTorch that was labelled, 1.13.1 or 2.6.0 (default: the one that
scripts/prepare-pytorch.sh made). The labels are in tests/fixtures/scope_labels_VERSION.yaml, which say how they came
about. A test that needs a file of a build counts as out of scope: this machine should not have such files.

Prints precision and recall of "out of scope" and of "in scope", and every difference. Exit code 1 when one of the four
is less than 97 %, when a stage does not contain the smaller ones, or when two runs select differently.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml

from pytorch_source import pytorch_source

PROJECT = pathlib.Path(__file__).resolve().parents[2]
REQUIRED = 0.97
STAGES = ["1", "2", "3", "4"]


def labels_of(source):
    """The labels for the version of a source tree."""
    version = ".".join((source / "version.txt").read_text(encoding="utf-8").split(".")[:2])
    path = PROJECT / f"tests/fixtures/scope_labels_{version}.yaml"
    if not path.exists():
        sys.exit(f"{source} is PyTorch {version}: there are no labels for it")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def selection(program, source, *options):
    """The bytes of a selection document."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "selection.json"
        subprocess.run([program, "select", "--source", source, *options, "--out", out], check=True,
                       capture_output=True)
        return out.read_bytes()


def compare(labels, in_scope, title):
    """Prints how the rules stand against labels; the smallest of the four measures."""
    kinds = {"both out": 0, "both in": 0, "wrongly out": [], "wrongly in": []}
    for label in labels:
        expected, found = label["label"] == "in", label["id"] in in_scope
        if expected == found:
            kinds["both in" if found else "both out"] += 1
        else:
            kinds["wrongly in" if found else "wrongly out"].append(label)
    wrongly_out, wrongly_in = len(kinds["wrongly out"]), len(kinds["wrongly in"])
    measures = {
        "out of scope: precision": kinds["both out"] / max(1, kinds["both out"] + wrongly_out),
        "out of scope: recall": kinds["both out"] / max(1, kinds["both out"] + wrongly_in),
        "in scope: precision": kinds["both in"] / max(1, kinds["both in"] + wrongly_in),
        "in scope: recall": kinds["both in"] / max(1, kinds["both in"] + wrongly_out),
    }
    print(f"{title}: {len(labels)} labels")
    for name, value in measures.items():
        print(f"  {name:<26}{100 * value:6.1f} %")
    for kind in ("wrongly out", "wrongly in"):
        for label in kinds[kind]:
            print(f"  {kind}: {label['id']} ({label['label']}: {label['because']})")
    return min(measures.values())


def contained(documents):
    """Whether each stage's tests begin with the tests of the one before."""
    ids = [[test["id"] for test in json.loads(document)["tests"]] for document in documents]
    for stage, (smaller, larger) in zip(STAGES[1:], zip(ids, ids[1:])):
        print(f"stage {stage}: {len(larger)} tests, {len(smaller)} of them of the stage before")
        if larger[:len(smaller)] != smaller:
            print(f"  stage {stage} does not contain the stage before")
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("source", nargs="?", type=pathlib.Path)
    options = parser.parse_args()
    options.source = options.source or pytorch_source()

    labels = labels_of(options.source)
    everything = json.loads(selection(options.program, options.source, "--fraction", "1"))
    in_scope = {test["id"] for test in everything["tests"]}
    listed = json.loads(subprocess.run([options.program, "--json", "list", "--source", options.source], check=True,
                                       capture_output=True, text=True).stdout)
    known = {test["id"] for file in listed["files"] for test in file["tests"]}
    missing = [label["id"] for part in labels.values() for label in part if label["id"] not in known]
    for name in missing:
        print(f"labelled, but not in the inventory: {name}")
    worst = min(compare(part, in_scope, title) for title, part in labels.items())

    totals = everything["totals"]
    print(f"in scope: {totals['in_scope']} of {totals['tests']} tests; out of scope: {totals['excluded']}")
    counted = totals["tests"] == totals["in_scope"] + sum(totals["excluded"].values())
    first, again = ([selection(options.program, options.source, "--stage", stage) for stage in STAGES] for _ in range(2))
    fine = worst >= REQUIRED and not missing and counted and contained(first) and first == again
    print("ok" if fine else "not as required")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
