#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Execution against its peers, each on the same tests, one after the other, in one table.

    execution.py [--source PYTORCH] [--times TEST_TIMES.json] [--build FOLDER] [--only PART]

real     six of PyTorch's files on two CPU cards: spyre-ci without and with a history, pytest-xdist on two workers, and
         one pytest a file, dealt to two at a time. Needs --source (scripts/prepare-pytorch.sh prints a directory).
crashes  200 tests of 20 ms, of which 20 segfault; the bare time is pytest's for the same tests without the segfaults.
empty    50,000 tests that do nothing.
stop     from SIGTERM to the end of a run that is nearly through: 20,000 and 200,000 cases (aim: 3 s).
plan     100,000 tests planned for 2,048 cards (aim: 50 ms).
simulate makespan over its lower bound, ours and others', with PyTorch's own durations. Needs --times (its
         test-times.json, from the generated-stats branch of pytorch/test-infra).

Times are of the whole command, with imports, collection and reports. All get one OpenMP thread a process and none
repeats what failed. `cpu` is the processors' time, which says more on a machine that is busy with other things.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

PROJECT = pathlib.Path(__file__).resolve().parents[2]
STUBS = PROJECT / "scripts/stubs"
FILES = [f"test/test_{name}.py"
         for name in ("torch", "view_ops", "type_promotion", "shape_ops", "binary_ufuncs", "unary_ufuncs")]
# The framework's tests are all in scope here: the peers cannot leave any out.
SCOPE = "include: []\nexclude: []\n"


class Measured:
    """What a way of running tests took, and how many cases it told the result of."""

    def __init__(self, wall, cpu, cases):
        self.wall, self.cpu, self.cases = wall, cpu, cases


@contextlib.contextmanager
def fresh_directory():
    with tempfile.TemporaryDirectory(prefix="spyre-bench-") as name:
        yield pathlib.Path(name)


def measure(run, count):
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, used = time.monotonic(), usage.ru_utime + usage.ru_stime
    run()
    wall = time.monotonic() - began
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Measured(wall, usage.ru_utime + usage.ru_stime - used, count())


def quiet(command, cwd, home, **environment):
    """Runs a command to its end; the exit code is the tests' business."""
    subprocess.run([str(part) for part in command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   check=False, env={"PATH": os.environ["PATH"], "HOME": str(home), "OMP_NUM_THREADS": "1",
                                     **environment})


def cases_in_junit(*files):
    return sum(1 for file in files if file.exists() for _ in xml.parse(file).iter("testcase"))


def spyre_ci_command(program, tree, files, cards, home, run_dir, *settings):
    (home / "scope.yaml").write_text(SCOPE)
    only = [argument for file in files for argument in ("--only", file)]
    sets = [argument for setting in (f"python.executable={sys.executable}", f"selection.scope={home / 'scope.yaml'}",
                                     "execute.retries=0", *settings) for argument in ("--set", setting)]
    return [str(part) for part in (program, *sets, "run", "--source", tree, "--fraction", 1, *only, "--cards",
                                   f"cpu:{cards}", "--run-dir", run_dir)]


def with_spyre_ci(program, tree, files, cards, home, *settings):
    run_dir = home / f"run-{time.monotonic_ns()}"
    command = spyre_ci_command(program, tree, files, cards, home, run_dir, *settings)

    def collected():
        return json.loads((run_dir / "summary.json").read_text())["totals"]["collected"]
    return measure(lambda: quiet(command, home, home), collected)


def pytest_command(*arguments):
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]


def with_xdist(directory, files, workers, home, **environment):
    junit = home / "xdist.xml"
    command = pytest_command("-n", workers, "--junitxml", junit, *files)
    return measure(lambda: quiet(command, directory, home, **environment), lambda: cases_in_junit(junit))


def with_one_pytest_a_file(directory, files, at_once, home, **environment):
    junits = [home / f"alone-{number}.xml" for number in range(len(files))]

    def share(first):
        for number in range(first, len(files), at_once):
            quiet(pytest_command("--junitxml", junits[number], files[number]), directory, home, **environment)

    def all_shares():
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            list(pool.map(share, range(at_once)))
    return measure(all_shares, lambda: cases_in_junit(*junits))


def show(title, rows, base):
    print(f"\n{title}\n{'':34}{'wall s':>9}{'cpu s':>9}{'cases':>8}{'of ' + base:>14}")
    reference = dict(rows)[base].wall
    for name, took in rows:
        print(f"{name:34}{took.wall:9.2f}{took.cpu:9.2f}{took.cases:8}{took.wall / reference:14.2f}", flush=True)


def real(options):
    if not options.source:
        print("real: left out, --source is missing")
        return
    tree = pathlib.Path(options.source).resolve()
    names = [pathlib.Path(file).name for file in FILES]
    path = {"PYTHONPATH": str(STUBS)}
    with fresh_directory() as home:
        with_stubs = f"python.path=[{STUBS}]"
        cold = with_spyre_ci(options.build / "spyre-ci", tree, FILES, 2, home, with_stubs)
        xdist = with_xdist(tree / "test", names, 2, home, **path)
        alone = with_one_pytest_a_file(tree / "test", names, 2, home, **path)
        warm = with_spyre_ci(options.build / "spyre-ci", tree, FILES, 2, home, with_stubs)
    show("real files on two CPU cards", [("spyre-ci, first run", cold), ("spyre-ci, with its history", warm),
                                         ("pytest -n 2", xdist), ("pytest a file, two at a time", alone)],
         "pytest -n 2")


def made_up_tree(directory, name, text):
    (directory / "torch").mkdir(exist_ok=True)
    (directory / "torch/__init__.py").write_text("")
    (directory / "test").mkdir(exist_ok=True)
    (directory / "test" / name).write_text(text)
    return directory


def crashing(number, crash):
    body = "ctypes.string_at(0)" if crash and number % 10 == 5 else "time.sleep(0.02)"
    return f"def test_{number}(): {body}\n"


def crashes(options):
    header = "import ctypes, time\n"
    hostile = header + "".join(crashing(number, True) for number in range(200))
    harmless = header + "".join(crashing(number, False) for number in range(200))
    with fresh_directory() as home, fresh_directory() as tree, fresh_directory() as peaceful:
        made_up_tree(tree, "test_crashes.py", hostile)
        made_up_tree(peaceful, "test_crashes.py", harmless)
        bare = with_one_pytest_a_file(peaceful / "test", ["test_crashes.py"], 1, home)
        ours = with_spyre_ci(options.build / "spyre-ci", tree, ["test/test_crashes.py"], 1, home, "python.preload=[]")
        xdist = with_xdist(tree / "test", ["test_crashes.py"], 1, home)
    show("200 tests, 20 segfaults, one worker", [("pytest, without the segfaults", bare), ("spyre-ci", ours),
                                                 ("pytest -n 1", xdist)], "pytest, without the segfaults")
    print(f"spyre-ci is {ours.wall - bare.wall:.2f} s above the bare time (aim: 2)")


def empty(options):
    count = 50_000
    text = "".join(f"def test_{number}(): pass\n" for number in range(count))
    with fresh_directory() as home, fresh_directory() as tree:
        made_up_tree(tree, "test_empty.py", text)
        bare = with_one_pytest_a_file(tree / "test", ["test_empty.py"], 1, home)
        ours = with_spyre_ci(options.build / "spyre-ci", tree, ["test/test_empty.py"], 1, home, "python.preload=[]")
    show(f"{count} empty tests, one worker", [("pytest", bare), ("spyre-ci", ours)], "pytest")
    print(f"spyre-ci is {(ours.wall - bare.wall) / count * 1000:.3f} ms a case above pytest (aim: 0.5)")


def stopped(options, files):
    """Seconds from SIGTERM, when nine of ten files of 2,000 cases are through, to the end; and the cases by then."""
    text = ("import pytest\n@pytest.mark.parametrize('x', range(2000))\ndef test_x(x): pass\n")
    with fresh_directory() as home, fresh_directory() as tree:
        for number in range(files):
            made_up_tree(tree, f"test_{number}.py", text)
        run_dir = home / "run"
        command = spyre_ci_command(options.build / "spyre-ci", tree, ["test/*"], 2, home, run_dir, "python.preload=[]")
        with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={"PATH": os.environ["PATH"], "HOME": str(home)}) as agent:
            while agent.poll() is None and len(list(run_dir.glob("junit/*.xml"))) < files * 9 // 10:
                time.sleep(0.05)
            began = time.monotonic()
            agent.terminate()
            agent.wait()
            took = time.monotonic() - began
        totals = json.loads((run_dir / "summary.json").read_text())["totals"]
        return took, totals["collected"] - totals["not_run"]


def stop(options):
    print("\nfrom SIGTERM to the end of a run")
    for files in (10, 100):
        took, cases = stopped(options, files)
        print(f"{cases:8} cases of {2000 * files} had run {took:9.2f} s", flush=True)


def plan(options):
    subprocess.run([options.build / "tests/bench/bench_plan", "--benchmark_filter=make_plan/100000/2048"], check=True)


def simulate(options):
    if not options.times:
        print("simulate: left out, --times is missing")
        return
    subprocess.run([options.build / "tests/bench/simulate_table", options.times], check=True)


def main():
    parts = {"plan": plan, "simulate": simulate, "crashes": crashes, "empty": empty, "stop": stop, "real": real}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", help="a PyTorch source tree with its generated files")
    parser.add_argument("--times", help="PyTorch's test-times.json")
    parser.add_argument("--build", type=pathlib.Path, default=PROJECT / "build/release",
                        help="a build of spyre-ci and benchmarks")
    parser.add_argument("--only", choices=parts, help="one part alone")
    options = parser.parse_args()
    for name, part in parts.items():
        if options.only in (None, name):
            part(options)


if __name__ == "__main__":
    main()
