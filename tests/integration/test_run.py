# SPDX-License-Identifier: Apache-2.0
"""The main job on the made-up tree: every outcome, the documents it leaves, what the next run makes of them."""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest
import xml.etree.ElementTree as ET

from harness import PROGRAM, TREE, ProgramTest
from outcomes import EXPECTED, NOT_INSTANTIATED

LIMITS = ("--set", "execute.case_timeout=3s", "--set", "execute.grace=1s", "--set", "execute.retries=0")


class TestRun(ProgramTest):
    def run_tree(self, *more, code=1, **options):
        run_dir = self.home / "out"
        self.program(*LIMITS, "run", "--source", TREE, "--fraction", 1, "--cards", "cpu:2", "--run-dir", run_dir, *more,
                     code=code, **options)
        return run_dir

    def cases(self, run_dir):
        """Case → outcome of its last attempt, from the journal."""
        outcomes = {}
        for line in (run_dir / "journal.jsonl").read_text().splitlines():
            event = json.loads(line)
            if event["event"] == "case_finished":
                outcomes[event["id"]] = event["outcome"]
        return outcomes

    def assert_accounted(self, totals):
        outcomes = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "timed_out", "not_run")
        self.assertEqual(totals["collected"], sum(totals[outcome] for outcome in outcomes), totals)

    def test_every_case_gets_its_outcome_and_every_document_tells_the_same(self):
        run_dir = self.run_tree()
        self.assertEqual(self.cases(run_dir), EXPECTED)

        summary = json.loads((run_dir / "summary.json").read_text())
        self.assertEqual(summary["schema"], "spyre-ci/summary@1")
        self.assertEqual(summary["exit_code"], 1)
        self.assert_accounted(summary["totals"])
        for outcome in set(EXPECTED.values()):
            expected = sum(1 for value in EXPECTED.values() if value == outcome)
            self.assertEqual(summary["totals"][outcome], expected, outcome)
        failing = {case for case, outcome in EXPECTED.items() if outcome in ("failed", "error", "crashed", "timed_out")}
        self.assertEqual({failure["id"] for failure in summary["failures"]}, failing)
        self.assertEqual(summary["not_instantiated"], NOT_INSTANTIATED)

        total = 0
        for path in sorted((run_dir / "junit").glob("*.xml")):
            suites = ET.parse(path).getroot()
            for suite in suites.iter("testsuite"):
                cases = suite.findall("testcase")
                self.assertEqual(int(suite.get("tests")), len(cases))
                total += len(cases)
            self.assertLess(path.stat().st_size, 1_000_000, "Jenkins reads the whole file at once")
        self.assertEqual(total, len(EXPECTED))

        self.assertIn("test_2_segfault", (run_dir / "report.html").read_text())
        for name in ("run.json", "selection.json", "plan.json"):
            self.assertIn("schema", json.loads((run_dir / name).read_text()), name)

    def test_a_crash_is_told_with_its_cause_and_a_hang_with_its_stack(self):
        run_dir = self.run_tree("--only", "test/test_crashes.py", "--only", "test/test_hangs.py")
        failures = {f["id"].rsplit("::", 1)[1]: f for f in json.loads((run_dir / "summary.json").read_text())["failures"]}
        self.assertIn("SIGSEGV", failures["test_2_segfault"]["message"])
        self.assertIn("exit code 0", failures["test_4_exit_zero"]["message"])
        self.assertIn("SIGKILL", failures["test_6_killed"]["message"])
        details = [json.loads(line) for line in (run_dir / "journal.jsonl").read_text().splitlines()]
        hang = next(e for e in details if e["event"] == "case_finished" and e["id"].endswith("test_2_waits_for_ever"))
        self.assertIn("test_hangs.py", hang["details"], "the Python stack at the time of the kill")

    def test_green_when_all_pass(self):
        run_dir = self.run_tree("--only", "test_outcomes.py::TestOutcomes::test_passes", code=0)
        self.assertEqual(json.loads((run_dir / "summary.json").read_text())["exit_code"], 0)

    def test_from_a_commit_and_the_second_run_plans_with_the_first_ones_durations(self):
        repository = self.repository()
        arguments = [*LIMITS, "run", "--repo", repository, "--rev", "v1", "--fraction", 1, "--only",
                     "test/test_generated.py"]
        self.program(*arguments, "--run-dir", "first")
        self.program(*arguments, "--run-dir", "second")
        plans = [json.loads((self.home / name / "plan.json").read_text()) for name in ("first", "second")]
        self.assertEqual(plans[0]["revision"], self.git("rev-parse", "v1", directory=repository))
        self.assertNotEqual(plans[0]["makespan_s"], plans[1]["makespan_s"])
        self.assertLess(plans[1]["makespan_s"], plans[0]["makespan_s"], "an import of milliseconds, not the default of seconds")

    def test_a_shard_of_a_plan(self):
        self.program("select", "--source", TREE, "--fraction", 1, "--only", "test/test_outcomes.py", "--only",
                     "test/test_generated.py", "--out", "s.json")
        self.program("plan", "--selection", "s.json", "--cards", 2, "--out", "p.json")
        plan = json.loads((self.home / "p.json").read_text())
        seen = {}
        for shard in plan["shards"]:
            directory = f"shard-{shard['index']}"
            self.program(*LIMITS, "exec", "--source", TREE, "--plan", "p.json", "--shard", shard["index"], "--run-dir",
                         directory, code=None)
            cases = self.cases(self.home / directory)
            self.assertFalse(set(seen) & set(cases), "a case ran in two shards")
            seen.update(cases)
        expected = {case: outcome for case, outcome in EXPECTED.items()
                    if case.startswith(("test/test_outcomes.py", "test/test_generated.py"))}
        self.assertEqual(seen, expected)

    def test_junit_of_a_test_file_is_there_as_soon_as_its_last_case_has_run(self):
        tree = self.empty_tree()
        out = self.home / "out"
        (tree / "test/test_first.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
        (tree / "test/test_second.py").write_text(
            "import pathlib, time\n\n\ndef test_a():\n"
            f"    while not list(pathlib.Path({str(out)!r}).glob('junit/shard-*-test.test_first.xml')):\n"
            "        time.sleep(0.01)\n")
        self.program("--set", "execute.case_timeout=60s", "--set", "execute.retries=0", "run", "--source", tree,
                     "--fraction", 1, "--cards", "cpu:2", "--run-dir", out)
        self.program("junit", "check", out / "junit")

    def test_secrets_of_the_agent_never_reach_a_test(self):
        tree = self.empty_tree()
        (tree / "test/test_environment.py").write_text(
            "import os\n\n\ndef test_environment():\n"
            "    print('\\n'.join(f'{k}={v}' for k, v in os.environ.items()))\n    assert False\n")
        self.program(*LIMITS, "run", "--source", tree, "--fraction", 1, "--run-dir", "out", code=1,
                     GITHUB_TOKEN="s3cr3t-one", JENKINS_SERVER_COOKIE="s3cr3t-two", AWS_SECRET_ACCESS_KEY="s3cr3t-three")
        for path in (self.home / "out").rglob("*"):
            if path.is_file():
                text = path.read_text(errors="replace")
                for trace in ("s3cr3t", "GITHUB_TOKEN=", "JENKINS_SERVER_COOKIE=", "AWS_SECRET_ACCESS_KEY="):
                    self.assertNotIn(trace, text, path)

    def test_a_credential_in_an_argument_is_overwritten(self):
        tree = self.empty_tree()
        (tree / "test/test_agent.py").write_text(
            "import os, pathlib\n\n\ndef test_agent():\n    pid = os.getppid()\n    while pid > 1:\n"
            "        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()\n"
            "        if '(spyre-ci)' in stat:\n            break\n        pid = int(stat.rpartition(')')[2].split()[1])\n"
            "    line = pathlib.Path(f'/proc/{pid}/cmdline').read_bytes()\n"
            "    assert b'GITHUB_PAT=*' in line and b's3cr3t' not in line, line\n"
            "    assert os.environ['GITHUB_PAT'] == 's3' + 'cr3t-value'\n")
        done = self.program("--set", "execute.environment.set.GITHUB_PAT=s3cr3t-value", "run", "--source", tree,
                            "--fraction", 1, "--run-dir", "out")
        self.assertIn("the command line holds a credential", done.stderr)
        self.assertNotIn("holds a credential", self.program("--set", "execute.environment.set.A=b", "doctor",
                                                            code=None).stderr)

    def test_a_history_that_cannot_be_opened_costs_seconds_and_one_warning(self):
        tree = self.empty_tree()
        (tree / "test/test_one.py").write_text("def test_a(): pass\n")
        (self.home / "history.sqlite").mkdir()
        began = time.monotonic()
        done = self.program("--set", f"history.url=sqlite://{self.home}/history.sqlite", "run", "--source", tree,
                            "--fraction", 1, "--run-dir", "out")
        self.assertEqual(done.stderr.count("warning"), 1, done.stderr)
        self.assertIn("does not use the history", done.stderr)
        self.assertLess(time.monotonic() - began, 60, "each attempt took a minute")

    def test_a_history_that_lacks_rows_costs_warnings(self):
        tree = self.empty_tree()
        (tree / "test/test_it.py").write_text("def test_a(): pass\n")
        url = ("--set", f"history.url=sqlite://{self.home}/history.sqlite")
        arguments = (*url, "run", "--source", tree, "--fraction", 1, "--run-dir")
        self.program(*arguments, "one")
        with contextlib.closing(sqlite3.connect(self.home / "history.sqlite")) as history, history:
            history.execute("DELETE FROM units")
        done = self.program(*arguments, "two")
        self.assertIn("planning without history: ", done.stderr)
        self.assertIn("refers to a row of units that is missing", done.stderr)
        self.assertIn("the run is not in the history", done.stderr)
        self.assertTrue((self.home / "two/report.html").exists())
        self.assertIn("is damaged", self.refused(*url, "history", "durations"))
        self.assertIn("is damaged", self.refused(*url, "history", "import", "two"))

    def test_a_history_that_is_locked_does_not_hold_the_end_up(self):
        tree = self.empty_tree()
        (tree / "test/test_one.py").write_text("def test_a(): pass\n")
        arguments = ("--set", f"history.url=sqlite://{self.home}/history.sqlite", "run", "--source", tree, "--fraction", 1)
        self.program(*arguments, "--run-dir", "one")
        with contextlib.closing(sqlite3.connect(self.home / "history.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            done = self.program(*arguments, "--run-dir", "two")
            self.assertLess(time.monotonic() - began, 45, "it was waited for longer than 15 s")
        self.assertEqual(done.stderr.count("warning"), 1, done.stderr)
        self.assertIn(f"`spyre-ci history import {self.home / 'two'}` adds it", done.stderr)
        self.program("history", "--set", f"history.url=sqlite://{self.home}/history.sqlite", "import", "two")

    def test_a_secret_that_tests_are_given_is_written_nowhere(self):
        tree = self.empty_tree()
        (tree / "test/test_pat.py").write_text(
            "import os\n\n\ndef test_pat():\n    print('printed', os.environ['GITHUB_PAT'])\n"
            "    os.write(2, os.environ['GITHUB_PAT'].encode())\n"
            "    assert os.environ['GITHUB_PAT'] == 'expected', os.environ['GITHUB_PAT']\n")
        (self.home / "c.yaml").write_text("execute: {environment: {set: {DEPLOY_KEY: s3cr3t-from-file}}}\n")
        done = self.program("--config", "c.yaml", "--set", "execute.environment.set.GITHUB_PAT=s3cr3t-value", *LIMITS,
                            "--set", "execute.environment.set.OTHER=https://me:s3cr3t@host/", "run", "--source", tree,
                            "--fraction", 1, "--run-dir", "out", code=1)
        for path in (self.home / "out").rglob("*"):
            if path.is_file():
                self.assertNotIn("s3cr3t", path.read_text(errors="replace"), path)
        self.assertNotIn("s3cr3t", done.stdout + done.stderr)
        self.assertIn("execute.environment.set.GITHUB_PAT=***", done.stdout)
        journal = (self.home / "out/journal.jsonl").read_text()
        self.assertIn("printed ***", journal)
        self.assertIn('"message":"AssertionError: ***', journal)

    @unittest.skipUnless(os.geteuid() == 0, "root reads everything, so another user is needed")
    def test_not_even_from_the_agents_memory(self):
        tree = self.empty_tree()
        (tree / "test/test_environment.py").write_text(
            "import os, pathlib\n\n\ndef test_parents():\n    pid, seen = os.getppid(), 0\n    while pid > 1:\n"
            "        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()\n"
            "        if '(spyre-ci)' in stat:\n            seen += 1\n            try:\n"
            "                pathlib.Path(f'/proc/{pid}/environ').read_bytes()\n"
            "                assert False, 'the environment of the agent'\n"
            "            except PermissionError:\n                pass\n"
            "        pid = int(stat.rpartition(')')[2].split()[1])\n    assert seen == 1\n")
        program = self.home / "spyre-ci"
        shutil.copy(PROGRAM, program)
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, 65534, 65534)
        arguments = [str(program), *self.arguments(*LIMITS, "run", "--source", tree, "--fraction", 1, "--run-dir",
                                                   self.home / "out")[1:]]
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *arguments],
                              cwd=self.home, env=self.environment(GITHUB_TOKEN="s3cr3t"), capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_sigterm_ends_a_run_in_time_with_everything_written(self):
        self.assert_interrupted(signal.SIGTERM, 143)

    def test_sigint_also_when_it_was_ignored_by_the_parent(self):
        self.assert_interrupted(signal.SIGINT, 130, ignored=True)

    def test_sigterm_before_the_first_test_also_when_it_was_ignored(self):
        """While Python is looked at, the revision cloned or tests are selected."""
        slow = self.home / "python"
        slow.write_text(f"#!/bin/sh\ntouch {self.home / 'asked'}\nexec sleep 1000\n")
        slow.chmod(0o755)
        program = subprocess.Popen(
            self.arguments("--set", f"python.executable={slow}", "run", "--source", TREE, "--fraction", 1, "--cards",
                           "cpu:1", "--run-dir", self.home / "out"),
            cwd=self.home, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))
        self.addCleanup(program.kill)
        deadline = time.monotonic() + 60
        while not (self.home / "asked").exists():
            self.assertLess(time.monotonic(), deadline, "Python was never asked")
            time.sleep(0.02)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(timeout=30), -signal.SIGTERM)
        self.assertFalse((self.home / "out/journal.jsonl").exists())

    def assert_interrupted(self, number, code, ignored=False):
        def ignore():
            if ignored:
                for each in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
                    signal.signal(each, signal.SIG_IGN)

        run_dir = self.home / "out"
        program = subprocess.Popen(
            self.arguments("run", "--source", TREE, "--fraction", 1, "--only", "test/test_hangs.py", "--cards", "cpu:1",
                           "--run-dir", run_dir),
            cwd=self.home, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=ignore)
        self.addCleanup(program.kill)
        journal = run_dir / "journal.jsonl"
        deadline = time.monotonic() + 60
        while not (journal.exists() and "test_2_waits_for_ever" in journal.read_text().split("batch_collected")[-1]
                   and '"case_started"' in journal.read_text()):
            self.assertLess(time.monotonic(), deadline, "the test never started")
            self.assertIsNone(program.poll())
            time.sleep(0.05)
        program.send_signal(number)
        program.communicate(timeout=60)
        self.assertEqual(program.returncode, code)
        summary = json.loads((run_dir / "summary.json").read_text())
        self.assert_accounted(summary["totals"])
        self.assertGreater(summary["totals"]["not_run"], 0)
        self.assertEqual(self.processes_with(str(run_dir)), [], "nothing is left behind")


if __name__ == "__main__":
    unittest.main()
