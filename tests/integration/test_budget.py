# SPDX-License-Identifier: Apache-2.0
"""--budget as a deadline: nothing new begins when it is over, and everything says so."""
import json
import unittest
import xml.etree.ElementTree as ET

from harness import ProgramTest

CASES = 6
SLOW = f"""import time

import pytest


@pytest.mark.parametrize("n", range({CASES}))
def test_slow(n):
    with open(LOG, "a") as log:
        log.write(f"{{n}}\\n")
    time.sleep(3)
"""


class TestBudget(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tree = self.empty_tree()
        self.log = self.home / "log"
        (self.tree / "test/test_slow.py").write_text(SLOW.replace("LOG", repr(str(self.log))))
        self.run_dir = self.home / "out"
        # The plan expects that all of them fit.
        (self.home / "times.json").write_text(json.dumps({"default": {"default": {"test_slow": 0.1}}}))
        self.planning = ("--durations", "times.json", "--no-history")

    def run_tests(self, *more, budget="8s", **options):
        return self.program("run", "--source", self.tree, "--fraction", 1, "--cards", "cpu:1", "--run-dir", self.run_dir,
                            *self.planning, "--budget", budget, *more, **{"code": 1, **options})

    def summary(self, run_dir=None):
        return json.loads(((run_dir or self.run_dir) / "summary.json").read_text())

    def events(self, name):
        lines = (self.run_dir / "journal.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def test_what_has_not_begun_is_not_run_and_everything_says_why(self):
        done = self.run_tests()
        summary = self.summary()
        over, totals = summary["over_budget"], summary["totals"]
        self.assertGreater(over, 0)
        self.assertGreater(totals["passed"], 0, "a case that runs comes to its end")
        self.assertEqual(totals["passed"] + over, CASES)
        self.assertEqual(totals["not_run"], over)
        self.assertEqual(summary["exit_code"], 1)
        self.assertEqual(summary["infra"], [])
        self.assertEqual(sum(summary["not_run"].values()), over)
        verdict = f"incomplete: {over} of {CASES} over the budget"
        self.assertEqual(done.stdout.rstrip().splitlines()[-1], verdict)
        self.assertIn(verdict, (self.run_dir / "report.html").read_text())
        causes = [event["cause"] for event in self.events("case_finished") if event["outcome"] == "not_run"]
        self.assertEqual(causes, [{"kind": "budget", "limit_s": 8}] * over)
        skipped = [one for path in (self.run_dir / "junit").glob("*.xml") for one in ET.parse(path).iter("skipped")]
        self.assertEqual([one.get("type") for one in skipped], ["not_run.budget"] * over)
        self.assertEqual(self.document("junit", "summarize", self.run_dir / "junit", code=1)["over_budget"], over)

    def test_a_failure_is_told_besides(self):
        slow = self.tree / "test/test_slow.py"
        slow.write_text("def test_fails(): assert False\n\n\n" + slow.read_text())
        self.run_tests("--set", "execute.retries=0")
        self.assertGreater(self.summary()["over_budget"], 0)
        self.assertEqual(self.summary()["totals"]["failed"], 1)

    def test_each_resumption_has_the_budget_and_repeats_nothing(self):
        self.run_tests()
        code = 1
        for _ in range(CASES):
            left = self.summary()["over_budget"]
            code = self.program("resume", self.run_dir, code=None).returncode
            self.assertLess(self.summary()["over_budget"], left)
            if code == 0:
                break
        self.assertEqual(code, 0)
        self.assertEqual(self.summary()["totals"]["passed"], CASES)
        # The one that began behind the last one before the deadline may have been stopped.
        self.assertEqual(set(self.log.read_text().split()), {str(n) for n in range(CASES)})
        passed = [event["id"] for event in self.events("case_finished") if event["outcome"] == "passed"]
        self.assertEqual(len(passed), len(set(passed)))

    def test_a_shard_keeps_to_the_budget_of_its_plan(self):
        self.program("select", "--source", self.tree, "--fraction", 1, "--out", "s.json")
        self.program("plan", "--selection", "s.json", "--cards", 1, *self.planning, "--budget", "8s", "--out", "p.json")
        self.assertEqual(json.loads((self.home / "p.json").read_text())["budget_s"], 8)
        self.program("exec", "--source", self.tree, "--plan", "p.json", "--shard", 0, "--run-dir", self.run_dir, code=1)
        self.assertGreater(self.summary()["over_budget"], 0)

    def test_what_the_plan_leaves_out_stays_omitted(self):
        for n in range(40):
            (self.tree / f"test/test_{n:02}.py").write_text("def test_a(): pass\n")
        self.run_tests(budget="4s", code=None)
        omitted = json.loads((self.run_dir / "plan.json").read_text())["omitted"]
        self.assertGreater(len(omitted), 0)
        named = {event["id"] for event in self.events("case_finished")}
        self.assertFalse(named & set(omitted))


if __name__ == "__main__":
    unittest.main()
