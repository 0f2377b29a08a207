# SPDX-License-Identifier: Apache-2.0
"""What is known of tests besides their source: configurations of torch-spyre, upstream's list of disabled tests, the
quarantine, manifests; and what becomes of it in a run."""
import json

from harness import ProgramTest

TESTS = """import os


class TestA:
    def test_passes(self): pass
    def test_fails(self): assert False
    def test_crashes(self): os.abort()
    def test_other(self): assert os.environ.get("NEVER")


class TestB:
    def test_passes(self): pass
"""

CONFIG = """test_suite_config:
  files:
    - path: ${TORCH_ROOT}/test/test_a.py
      unlisted_test_mode: xfail
      tests:
        - names: ["TestA::test_passes"]
          tags: [model_1]
        - {names: ["TestA::test_fails"], mode: xfail}
        - {names: ["TestA::test_crashes"], mode: skip}
        - {names: ["TestB::test_*"], mode: xfail_strict}
        - {names: ["TestA::test_pases"]}
"""


class TestNotes(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tree = self.empty_tree()
        (self.tree / "test/test_a.py").write_text(TESTS)
        (self.tree / "test/test_b.py").write_text("def test_alone(): pass\n")
        (self.home / "c.yaml").write_text(CONFIG)

    def select(self, *arguments, settings=(), **options):
        out = self.home / "selection.json"
        done = self.program(*settings, "select", "--source", self.tree, *arguments, "--out", out, **options)
        return json.loads(out.read_text()), done.stderr

    @staticmethod
    def ids(selection):
        return [test["id"].removeprefix("test/test_") for test in selection["tests"]]

    def outcomes(self, run_dir):
        events = [json.loads(line) for line in (run_dir / "journal.jsonl").read_text().splitlines()]
        return {event["id"].rpartition(".py::")[2]: event["outcome"] for event in events
                if event["event"] == "case_finished"}

    def test_a_configuration_alone_selects_what_it_names(self):
        selection, said = self.select("--oot-config", "c.yaml")
        self.assertEqual(sorted(self.ids(selection)), ["a.py::TestA::test_fails", "a.py::TestA::test_passes",
                                                       "a.py::TestB::test_passes"])
        self.assertEqual(selection["withheld"], [{"id": "test/test_a.py::TestA::test_crashes", "reason": "c.yaml:9:20"}])
        self.assertIn("c.yaml:11:20: test/test_a.py has no test 'TestA::test_pases'; did you mean 'TestA::test_passes'?",
                      said)

    def test_with_a_stage_its_tests_come_first(self):
        selection, _ = self.select("--oot-config", "c.yaml", "--fraction", 1)
        ids = self.ids(selection)
        self.assertEqual(len(ids), 5)
        self.assertEqual(set(ids[3:]), {"a.py::TestA::test_other", "b.py::test_alone"})

    def test_modes_decide_what_an_outcome_means(self):
        run_dir = self.home / "out"
        done = self.program("--set", "junit.tags=true", "run", "--source", self.tree, "--fraction", 1, "--oot-config",
                            "c.yaml", "--run-dir", run_dir, code=1)
        self.assertEqual(self.outcomes(run_dir), {"TestA::test_passes": "passed", "TestA::test_fails": "xfailed",
                                                  "TestA::test_other": "xfailed", "TestB::test_passes": "failed",
                                                  "test_alone": "passed"})
        self.assertIn("[XPASS(strict)]", done.stdout)
        plan = json.loads((run_dir / "plan.json").read_text())
        self.assertEqual(plan["notes"]["tests"]["test/test_a.py::TestA::test_passes"]["tags"], ["model_1"])
        self.assertIn('<property name="tag" value="model_1"/>', (run_dir / "junit/shard-0-test.test_a.xml").read_text())
        known = self.document("history", "show", "test/test_a.py::TestA::test_passes")
        self.assertEqual(known["cases"][0]["tags"], ["model_1"])
        merged = json.loads((run_dir / "oot-config.yaml").read_text())
        self.assertEqual(merged["test_suite_config"]["files"][0]["unlisted_test_mode"], "xfail")
        self.assertIn("--oot-config", done.stdout, "the command that runs the failures again")

    def test_a_plan_takes_configurations_too(self):
        self.select("--fraction", 1)
        self.program("plan", "--selection", "selection.json", "--cards", 1, "--oot-config", "c.yaml", "--out", "p.json")
        plan = json.loads((self.home / "p.json").read_text())
        self.assertNotIn("test_crashes", json.dumps(plan["batches"]))
        self.assertEqual(plan["notes"]["tests"]["test/test_a.py::TestB::test_passes"]["mode"], "xfail_strict")

    def test_contradictions_and_unknown_modes_are_refused(self):
        (self.home / "d.yaml").write_text(CONFIG.replace("unlisted_test_mode: xfail", "unlisted_test_mode: skip"))
        text = self.refused("select", "--source", self.tree, "--oot-config", "c.yaml", "--oot-config", "d.yaml")
        self.assertIn("d.yaml:4:27: unlisted_test_mode", text)
        (self.home / "d.yaml").write_text(CONFIG.replace("mode: skip", "mode: skipp"))
        self.assertIn("d.yaml:9:50: unknown mode 'skipp'; did you mean 'skip'",
                      self.refused("select", "--source", self.tree, "--oot-config", "d.yaml"))

    def test_a_disabled_case_is_skipped_and_its_neighbour_runs(self):
        (self.tree / "test/test_b.py").write_text(
            "def instantiate_device_type_tests(cls, scope):\n"
            "    cases = {f'test_x_{kind}': cls.test_x for kind in ('cpu_int8', 'cpu_int16')}\n"
            "    scope['TestCasesCPU'] = type('TestCasesCPU', (), cases)\n    del scope['TestCases']\n\n\n"
            "class TestCases:\n    def test_x(self): pass\n\n\ninstantiate_device_type_tests(TestCases, globals())\n")
        (self.home / "disabled.json").write_text(
            json.dumps({"test_x_cpu_int8 (__main__.TestCasesCPU)": ["1", "https://issue/1", []]}))
        self.program("--set", "selection.disabled=disabled.json", "run", "--source", self.tree, "--fraction", 1, "--only",
                     "test/test_b.py", "--run-dir", "out")
        self.assertEqual(self.outcomes(self.home / "out"), {"TestCasesCPU::test_x_cpu_int8": "skipped",
                                                            "TestCasesCPU::test_x_cpu_int16": "passed"})

    def test_lists_reach_tests_that_a_class_inherits_or_gets_at_run_time(self):
        (self.tree / "test/test_inherited.py").write_text(
            "import unittest\nclass Base:\n    def test_entry(self): self.fail('known')\n    def test_other(self): pass\n"
            "class TestEager(Base, unittest.TestCase):\n    def test_entry(self): pass\n"
            "class TestGraph(Base, unittest.TestCase): pass\n"
            "class TestLazy(Base, unittest.TestCase): pass\n"
            "class TestMade(unittest.TestCase):\n    def test_tree(self): pass\n"
            "def derive(base, prefix):\n    made = type(prefix + base.__name__, (base,), {'__module__': base.__module__})\n"
            "    def test_tree_dynamic(self): self.fail('known')\n    made.test_tree_dynamic = test_tree_dynamic\n"
            "    globals()[made.__name__] = made\nderive(TestMade, 'Dynamic')\n")
        (self.home / "d.json").write_text(json.dumps({
            "test_entry (__main__.TestGraph)": ["1", "https://issue/1", []],
            "test_tree_dynamic (__main__.DynamicTestMade) on ROCm": ["2", "https://issue/2", ["linux"]],
            "title of a person": ["3", "https://issue/3", []]}))
        (self.home / "q.yaml").write_text(
            "quarantine:\n  - {test: 'test/test_inherited.py::TestLazy::test_entry', owner: kim, "
            "issue: 'https://issue/4', expires: 9999-12-31}\n")
        done = self.program("--set", "selection.disabled=d.json", "--set", "selection.quarantine=q.yaml", "run", "--source",
                            self.tree, "--fraction", 1, "--only", "test/test_inherited.py", "--run-dir", "out")
        self.assertIn("do not name a test: title of a person", done.stderr)
        events = map(json.loads, (self.home / "out/journal.jsonl").read_text().splitlines())
        outcomes = {event["id"].partition("::")[2]: event["outcome"] for event in events
                    if event["event"] == "case_finished"}
        self.assertEqual(outcomes, {
            "TestEager::test_entry": "passed", "TestEager::test_other": "passed", "TestGraph::test_entry": "skipped",
            "TestGraph::test_other": "passed", "TestLazy::test_entry": "xfailed", "TestLazy::test_other": "passed",
            "TestMade::test_tree": "passed", "DynamicTestMade::test_tree": "passed",
            "DynamicTestMade::test_tree_dynamic": "skipped"})

    def test_only_takes_what_a_class_inherits(self):
        (self.tree / "test/test_inherited.py").write_text(
            "class Base:\n    def test_a(self): pass\n    def test_b(self): pass\nclass TestGraph(Base): pass\n")
        selection, text = self.select("--fraction", 1, "--only", "test/test_inherited.py::TestGraph::test_a")
        self.assertEqual(self.ids(selection), ["inherited.py::Base::test_a"])
        self.assertIn("is run by test/test_inherited.py::Base::test_a", text)

    def test_disabled_tests_are_withheld(self):
        entries = {"test_crashes (__main__.TestA)": ["1", "https://issue/1", []],
                   "test_fails (__main__.TestA)": ["2", "https://issue/2", ["linux"]],
                   "test_other (__main__.TestA)": ["3", "https://issue/3", ["mac"]],
                   "test_passes (__main__.TestA)": ["4", "https://issue/4", []]}
        (self.home / "disabled.json").write_text(json.dumps(entries))
        settings = ("--set", "selection.disabled=disabled.json")
        selection, _ = self.select("--fraction", 1, "--reenabled", 4, settings=settings)
        self.assertEqual([test["reason"] for test in selection["withheld"]],
                         ["disabled upstream: https://issue/1", "disabled upstream: https://issue/2"])
        self.assertIn("a.py::TestA::test_passes", self.ids(selection))
        self.assertIn("a.py::TestA::test_other", self.ids(selection))
        # A manifest that was made before is bound by the list of today.
        self.select("--fraction", 1)
        (self.home / "selection.json").rename(self.home / "manifest.json")
        selection, _ = self.select("--manifest", "manifest.json", settings=settings)
        self.assertEqual(len(selection["withheld"]), 3)

    def test_the_quarantine_lets_a_test_fail_until_its_day(self):
        entry = "quarantine:\n  - {test: '*test_fails', owner: kim, issue: 'https://issue/1', expires: %s}\n"
        entry = entry.replace("'*test_fails'", "'test/test_a.py::TestA::test_fails'")
        settings = ("--set", "selection.quarantine=q.yaml")
        (self.home / "q.yaml").write_text(entry % "2999-12-31")
        self.program(*settings, "run", "--source", self.tree, "--fraction", 1, "--only", "test/test_a.py::TestA::test_fails",
                     "--run-dir", "out")
        self.assertEqual(self.outcomes(self.home / "out"), {"TestA::test_fails": "xfailed"})
        (self.home / "q.yaml").write_text(entry % "2020-12-31")
        self.assertIn("expired on 2020-12-31", self.refused(*settings, "select", "--source", self.tree, "--fraction", 1))

    def test_the_history_can_decide_what_comes_first(self):
        """test_a.py's tests in their own order, and what passed on a card before what did not."""
        cards = {"PCIDEVICE_IBM_COM_AIU_PF": "0000:1a:00.0"}
        only = ("--fraction", 1, "--only", "test/test_a.py")
        before, _ = self.select(*only)
        self.program("run", "--source", self.tree, *only, "--cards", "env", "--run-dir", "out", code=1, **cards)
        self.assertEqual(self.select(*only)[0]["tests"], before["tests"], "without being asked the history says nothing")
        after, _ = self.select(*only, settings=("--set", "selection.evidence=history"))
        passing = {"a.py::TestA::test_passes", "a.py::TestB::test_passes"}
        self.assertEqual(set(self.ids(after)[:2]), passing)
        self.assertIn("did you mean 'history'", self.refused("--set", "selection.evidence=histroy", "select", "--source",
                                                             self.tree, *only))

    def test_a_manifest_is_compared_refreshed_and_followed(self):
        self.select("--fraction", 1, "--only", "test/test_a.py")
        (self.home / "selection.json").rename(self.home / "manifest.json")
        (self.tree / "test/test_b.py").write_text((self.tree / "test/test_a.py").read_text())
        (self.tree / "test/test_a.py").write_text("def test_new(): pass\n")
        diff = self.program("select", "--source", self.tree, "--diff", "manifest.json").stdout
        self.assertIn("> test/test_b.py::TestA::test_fails (moved from test/test_a.py::TestA::test_fails)", diff)
        self.assertIn("+ test/test_a.py::test_new", diff)
        selection, _ = self.select("--manifest", "manifest.json")
        self.assertEqual(len(selection["tests"]), 5)
        self.assertTrue(all(test["id"].startswith("test/test_b.py") for test in selection["tests"]))
        self.refused("select", "--source", self.tree, "--manifest", "manifest.json", "--fraction", 1)
        self.program("select", "--source", self.tree, "--diff", "manifest.json", "--out", "manifest.json")
        self.assertEqual(self.program("select", "--source", self.tree, "--diff", "manifest.json").stdout, "")

    def test_a_report_of_the_scope(self):
        (self.tree / "test/test_autograd.py").write_text("def test_it(): pass\n")
        document = self.document("select", "--source", self.tree, "--report")
        self.assertEqual(document["schema"], "spyre-ci/scope-report@1")
        self.assertEqual(document["totals"]["tests"], 7)
        self.assertIn("training", self.program("select", "--source", self.tree, "--report").stdout)

    def test_the_report_goes_into_a_file_too(self):
        printed = self.document("select", "--source", self.tree, "--report", "--out", "report.json")
        self.assertEqual(json.loads((self.home / "report.json").read_text()), printed)
        text = self.program("select", "--source", self.tree, "--report", "--out", "again.json").stdout
        self.assertIn("training", text)
        self.assertEqual(json.loads((self.home / "again.json").read_text()), printed)

    def test_an_explanation_is_no_selection_and_goes_into_no_file(self):
        test = "test/test_a.py::TestA::test_fails"
        self.refused("select", "--source", self.tree, "--explain", test, "--out", "out.json")
        self.assertFalse((self.home / "out.json").exists())
