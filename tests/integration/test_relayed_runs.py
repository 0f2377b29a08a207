# SPDX-License-Identifier: Apache-2.0
"""Runs that report themselves to the relay."""
import json
import subprocess

from harness import TREE
from relay_double import REPOSITORY
from relay_harness import RelayTest


class TestRuns(RelayTest):
    def run_arguments(self, run_dir, *more):
        return (*self.settings(), "run", "--source", TREE, "--fraction", 1, "--only", "test/test_outcomes.py",
                "--run-dir", run_dir, *more)

    def relayed(self, delivery="d-1"):
        return ("--relay-dispatch", self.home / f"{delivery}.json", "--relay-token-file", self.home / "token",
                "--relay-repository", REPOSITORY, "--relay-run-id", 123, "--relay-workflow", "spyre",
                "--relay-job-name", "stage 1", "--relay-check-run-id", 77)

    def test_a_run_reports_itself(self):
        self.program(*self.run_arguments("out", *self.relayed()), code=1)
        summary = json.loads((self.home / "out/summary.json").read_text())
        self.assertEqual(self.final(), "completed")
        said = self.workflow()
        self.assertEqual(said["conclusion"], "failure")
        totals = summary["totals"]
        self.assertEqual(said["test_results"]["total"], totals["collected"])
        self.assertEqual(said["test_results"]["failed"], len(summary["failures"]))
        self.assertEqual(len(said["failed_tests_detail"]), len(summary["failures"]))
        detail = next(each for each in said["failed_tests_detail"] if each["name"] == "test_fails")
        self.assertEqual(detail["classname"], "test.test_outcomes.TestOutcomes")
        self.assertLess(said["started_at"], said["completed_at"])

    def test_a_relay_that_fails_changes_nothing(self):
        self.program(*self.run_arguments("plain"), code=1)
        self.double.fault = lambda call, body: "redis_write"
        done = self.program(*self.run_arguments("out", *self.relayed()), code=1)
        self.assertIn("warning", done.stderr)
        plain, told = (json.loads((self.home / name / "summary.json").read_text()) for name in ("plain", "out"))
        self.assertEqual(plain["totals"], told["totals"])
        self.assertEqual(self.states(), ["waiting", "waiting"])
        self.double.fault = lambda call, body: None
        self.time_passes()
        self.flush()
        self.assertEqual((self.final(), self.workflow()["conclusion"]), ("completed", "failure"))

    def test_a_run_that_could_not_run_says_so(self):
        done = self.program(*self.run_arguments("out", *self.relayed()), "--set", "python.preload=[no_such_module]",
                            code=3)
        self.assertIn("no_such_module", done.stderr)
        said = self.workflow()
        self.assertEqual((self.final(), said["conclusion"]), ("completed", "cancelled"))
        self.assertEqual(said["triage_verdict"]["category"], "infra")
        self.assertIn("no_such_module", said["triage_verdict"]["summary"])

    def test_a_run_that_is_only_over_its_budget_is_timed_out(self):
        tree = self.empty_tree()
        (tree / "test/test_slow.py").write_text("import time\ndef test_a(): time.sleep(9)\ndef test_b(): time.sleep(9)\n")
        (self.home / "times.json").write_text(json.dumps({"default": {"default": {"test_slow": 0.1}}}))
        self.program(*self.settings(), "run", "--source", tree, "--fraction", 1, "--budget", "8s", "--durations", "times.json",
                     "--run-dir", "out", *self.relayed(), code=1)
        said = self.workflow()
        self.assertEqual((self.final(), said["conclusion"]), ("completed", "timed_out"))
        self.assertEqual(said["test_results"], {"passed": 1, "failed": 0, "skipped": 0, "total": 2})
        self.assertIn("over the budget", said["triage_verdict"]["summary"])

    def test_an_interrupted_run_leaves_its_end_in_the_outbox(self):
        arguments = (*self.settings(), "run", "--source", TREE, "--fraction", 1, "--only", "test/test_hangs.py", "--cards",
                     "cpu:1", "--run-dir", "out", *self.relayed())
        with subprocess.Popen(self.arguments(*arguments), cwd=self.home, env=self.environment(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
            while self.states() != ["delivered"]:
                self.assertIsNone(run.poll(), "the run ended before it was interrupted")
            run.terminate()
            said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 143, said)
        self.assertIn("relay flush", said)
        self.assertEqual(self.states(), ["delivered", "waiting"])
        self.flush()
        self.assertEqual((self.final(), self.workflow()["conclusion"]), ("completed", "cancelled"))

    def test_an_interrupted_run_does_not_wait_for_an_answer(self):
        self.double.fault = lambda call, body: "drip" if call == 1 else None
        arguments = (*self.settings(response_timeout="1h"), "run", "--source", TREE, "--fraction", 1, "--only",
                     "test/test_hangs.py", "--cards", "cpu:1", "--run-dir", "out", *self.relayed())
        with subprocess.Popen(self.arguments(*arguments), cwd=self.home, env=self.environment(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
            while not self.double.calls:
                self.assertIsNone(run.poll(), "the run ended before it was interrupted")
            run.terminate()
            said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 143, said)
        self.assertIn("given up", said)
        self.assertEqual(self.states(), ["waiting", "waiting"])
        self.flush("--wait", "60s")
        self.assertEqual((self.final(), self.workflow()["conclusion"]), ("completed", "cancelled"))

    def test_a_wrong_option_stops_a_run_before_it_starts(self):
        self.refused(*self.run_arguments("out", *self.relayed(), "--relay-force-http", "--relay-run-attempt", "x"))
        self.assertFalse((self.home / "out").exists())

    def test_results_of_shards_are_one_job(self):
        for name in ("a", "b"):
            self.program(*self.run_arguments(name), code=1)
        self.send("in_progress")
        (self.home / "v.json").write_text(json.dumps({"schema_version": 1, "category": "backend", "confidence": "low",
                                                      "summary": "ours"}))
        self.send("completed", "--from", self.home / "a", "--from", self.home / "b", "--verdict", self.home / "v.json")
        summary = json.loads((self.home / "a/summary.json").read_text())
        said = self.workflow()
        self.assertEqual(said["test_results"]["total"], 2 * summary["totals"]["collected"])
        self.assertEqual(said["triage_verdict"]["summary"], "ours")
        self.assertIn("twice", self.refused(*self.send_arguments("completed", "--from", self.home / "a", "--from",
                                                                 self.home / "a")))
