#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well `spyre-ci impact` finds the tests that run a changed file, in one table.

    impact_replay.py PROGRAM PYTORCH [--profiling FILE] [--tests 32] [--sources 50] [--seconds 10] [--seed 1]
                     [--truth FILE]

PYTORCH is the source of the torch that this Python has. A seeded sample of small test files is run, each for a
bounded time, with a recorder that writes down which files of torch/ had a function called by a test
(executed_files.py). That is the truth, and it knows nothing of names, imports or rules. Then each of a seeded sample
of these source files is given to `impact --changed` as if it had been edited, and the sampled test files are put in
the order in which their first test comes. Recall at a share is the part of the test files that run the source file
which is among that share of the files.

  random    the average of seeded shuffles
  kinship   the words that the names have in common, rare ones first, and nothing else
  impact    the program; and once more with --profiling, if there is one
  best      the order that knows the truth: no order can do better

What it does not measure:
- whether a test *fails*: a test that runs a changed file mostly passes, so the truth is too wide;
- real changes: a file is changed as a whole and alone, no commit says which of its functions, no test is edited;
- C++, generated code, and the rules about them: Python has no part in running them;
- the order of tests within a file;
- tests that are slow, need a GPU, several processes, or packages that are not here: they are in no sample;
- files that nearly every test runs: a source file that more than half of the sampled test files run is left out, for
  no order could tell anything about it.
A file that was stopped by the time limit may run more than was seen. The table says how much was sampled.
"""
import argparse
import collections
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
STUBS = HERE.parents[1] / "scripts/stubs"
SHARES = (0.10, 0.25, 0.50)
ELSEWHERE = re.compile(r"test/(distributed|onnx|mobile|cpp|package|fx/quant|.*cuda|.*mps|.*nvfuser|.*multiprocessing)")


def program(arguments, *more):
    done = subprocess.run([arguments.program, "--json", "--log-level", "error", *map(str, more)], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def file_of(test):
    return test["id"].split("::")[0]


def executed(arguments, path, directory):
    """What one test file calls of torch/, or nothing when none of its tests passes here."""
    out = pathlib.Path(directory) / "executed.json"
    out.unlink(missing_ok=True)
    test = pathlib.Path(arguments.source) / "test"
    environment = {**os.environ, "PYTHONPATH": f"{HERE}:{STUBS}:{test}", "EXECUTED_FILES": str(out),
                   "EXECUTED_SECONDS": str(arguments.seconds), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "executed_files", "-p", "no:cacheprovider",
               "--rootdir", directory, str(pathlib.Path(arguments.source) / path)]
    try:
        subprocess.run(command, cwd=directory, env=environment, timeout=arguments.seconds + 20, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = json.loads(out.read_text())
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return None
    return seen["files"] if seen["tests"] else None


def record(arguments):
    """{test file: source files that its tests call} for a seeded sample of small test files."""
    selection = program(arguments, "select", "--source", arguments.source, "--fraction", 1)
    counts = collections.Counter(map(file_of, selection["tests"]))
    small = sorted(path for path, count in counts.items() if count <= 60 and not ELSEWHERE.match(path))
    random.Random(arguments.seed).shuffle(small)
    truth = {}
    with tempfile.TemporaryDirectory() as directory:
        for path in small:
            if len(truth) == arguments.tests:
                break
            files = executed(arguments, path, directory)
            if files is not None:
                truth[path] = files
            print(f"{len(truth):3} {path}: {'not usable' if files is None else len(files)}", file=sys.stderr)
    return truth


def words(path):
    name = path.removesuffix(".py").replace("test_", "").split("/", 1)[1]
    return {word for word in re.split(r"[/_]", name) if word and word != "init"}


def by_kinship(source, tests, seed):
    """Cosine between the words of the names, with weights that fall with how many test files have a word."""
    count = collections.Counter(word for test in tests for word in words(test))

    def length(some):
        return math.sqrt(sum(weight(word) ** 2 for word in some)) or 1

    def weight(word):
        return math.log((len(tests) + 1) / max(count[word], 1))

    def likeness(test):
        shared = words(source) & words(test)
        return sum(weight(word) ** 2 for word in shared) / (length(words(source)) * length(words(test)))

    shuffled = random.Random(seed).sample(tests, len(tests))  # what is equally like comes in no particular order
    return sorted(shuffled, key=likeness, reverse=True)


def by_impact(arguments, source, tests, *more):
    ranked = program(arguments, "impact", "--source", arguments.source, "--changed", source, "--fraction", 1, *more)
    order = list(dict.fromkeys(map(file_of, ranked["tests"])))
    return [path for path in order if path in tests]


def recall(order, relevant, share):
    first = set(order[:math.ceil(share * len(order))])
    return len(first & relevant) / len(relevant)


def replay(arguments, truth):
    tests = sorted(truth)
    runs = collections.defaultdict(set)
    for test, sources in truth.items():
        for source in sources:
            runs[source].add(test)
    in_tree = {source: them for source, them in runs.items() if (pathlib.Path(arguments.source) / source).is_file()}
    telling = sorted(source for source, them in in_tree.items() if len(them) <= len(tests) / 2)
    chosen = random.Random(arguments.seed).sample(telling, min(arguments.sources, len(telling)))
    recalls = collections.defaultdict(lambda: collections.defaultdict(list))
    for source in chosen:
        relevant, shuffles = runs[source], random.Random(f"{arguments.seed} {source}")
        orders = [("random", shuffles.sample(tests, len(tests))) for _ in range(50)]
        orders.append(("kinship", by_kinship(source, tests, arguments.seed)))
        orders.append(("impact", by_impact(arguments, source, tests)))
        if arguments.profiling:
            orders.append(("impact+profiles", by_impact(arguments, source, tests, "--profiling", arguments.profiling)))
        orders.append(("best", sorted(tests, key=lambda test, relevant=relevant: test not in relevant)))
        for name, order in orders:
            for share in SHARES:
                recalls[name][share].append(recall(order, relevant, share))
    print(f"{len(tests)} test files; {len(chosen)} of {len(telling)} source files that at most half of them run "
          f"({len(in_tree) - len(telling)} that more do are left out); "
          f"{sum(len(runs[source]) for source in chosen) / len(chosen):.1f} test files run one, on average")
    print(f"{'recall at':16}" + "".join(f"{share:>8.0%}" for share in SHARES))
    for name, by_share in recalls.items():
        print(f"{name:16}" + "".join(f"{sum(by_share[s]) / len(by_share[s]):>8.2f}" for s in SHARES))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("--profiling")
    parser.add_argument("--tests", type=int, default=32)
    parser.add_argument("--sources", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", help="keep what was recorded there, or take it from there")
    arguments = parser.parse_args()
    arguments.program, arguments.source = os.path.abspath(arguments.program), os.path.abspath(arguments.source)
    kept = pathlib.Path(arguments.truth) if arguments.truth else None
    if kept and kept.exists():
        truth = json.loads(kept.read_text())
    else:
        truth = record(arguments)
        if kept:
            kept.write_text(json.dumps(truth))
    replay(arguments, truth)


if __name__ == "__main__":
    main()
