# SPDX-License-Identifier: Apache-2.0
"""What is said of runs that are over: anyone's JUnit files, and the history."""
import json
import xml.etree.ElementTree as xml

from harness import TREE, ProgramTest

FAILED = ('<testsuite><testcase classname="t.TestA" name="test_x" time="1"><failure message="boom">trace</failure>'
          '</testcase><testcase classname="t.TestA" name="test_y" time="2"/></testsuite>')


class TestJunit(ProgramTest):
    def write(self, name, text):
        path = self.home / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def test_a_summary_with_the_exit_codes_of_a_run(self):
        self.write("a.xml", FAILED)
        done = self.program("junit", "summarize", "in", code=1)
        self.assertIn("2 cases in 1 files, 1 passed, 1 failed", done.stdout)
        document = self.document("junit", "summarize", "in/a.xml", code=1)
        self.assertEqual(document["schema"], "spyre-ci/summary@1")
        self.assertEqual(document["totals"]["collected"], 2)
        self.write("a.xml", FAILED.replace('<failure message="boom">trace</failure>', ""))
        self.program("junit", "summarize", "in")
        self.write("a.xml", "<testsuite></testsuite>")
        self.program("junit", "summarize", "in", code=4)

    def test_a_file_that_was_cut_off_is_a_loss_that_is_told(self):
        self.write("a.xml", FAILED[:-30])
        done = self.program("junit", "summarize", "in", code=3)
        self.assertIn("1 cases", done.stdout)
        self.assertRegex(done.stderr, "warning: .*a.xml")
        self.assertIn("a.xml", self.program("junit", "check", "in", code=1).stdout)

    def test_many_files_become_one_that_is_good(self):
        self.write("a.xml", FAILED)
        self.write("b.xml", FAILED.replace("TestA", "TestB"))
        self.write("copy.xml", FAILED)
        done = self.program("junit", "merge", "in", "--out", "all.xml")
        self.assertIn("copy.xml", done.stderr)
        suites = xml.parse(self.home / "all.xml").getroot()
        self.assertEqual(suites.get("tests"), "4")
        self.assertEqual(suites.get("failures"), "2")
        self.program("junit", "check", "all.xml")

    def test_what_is_not_there(self):
        self.refused("junit", "summarize", "missing.xml")
        (self.home / "in").mkdir()
        self.refused("junit", "merge", "in", "--out", "all.xml", code=4)
        self.assertFalse((self.home / "all.xml").exists())


class TestHistory(ProgramTest):
    def run_once(self, run_dir, code=1):
        self.program("run", "--source", TREE, "--fraction", 1, "--only", "test/test_outcomes.py", "--run-dir", run_dir,
                     code=code)

    def test_what_runs_leave_behind(self):
        self.run_once("one")
        self.run_once("two")
        trend = self.document("history", "trend", "--step", "run", "--svg", "trend.svg")
        self.assertEqual(len(trend["points"]), 2)
        self.assertIn("<svg", (self.home / "trend.svg").read_text())
        test = "test/test_outcomes.py::TestOutcomes::test_fails"
        shown = self.document("history", "show", test, "--svg", "test.svg")
        self.assertEqual([run["outcome"] for run in shown["cases"][0]["runs"]], ["failed", "failed"])
        self.assertIn("<svg", (self.home / "test.svg").read_text())
        self.assertIn("0 of ", self.program("history", "flaky").stdout)
        self.assertIn("test/test_outcomes.py", self.program("history", "durations", "--by", "file").stdout)
        report = (self.home / "two/report.html").read_text()
        self.assertIn(json.loads((self.home / "one/summary.json").read_text())["run_id"], report)
        pruned = self.document("history", "prune", "--older-than", "0s")
        self.assertEqual(pruned["runs"], 2)
        self.refused("history", "show", "test/test_outcomes.py::no_such_test")
        self.refused("history", "trend", "--step", "fortnight")
