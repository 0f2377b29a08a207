# SPDX-License-Identifier: Apache-2.0
"""What pytest.ini, PYTEST_ADDOPTS, a conftest.py or a plugin ask for: no case is lost to it, and none passes unrun."""

import os

import driver
from harness import WorkerTest

BOTH = "def test_fine(): pass\ndef test_broken(): assert 0"


class Configured(WorkerTest):
    def collect(self, text, environment=None, **fields):
        """Opens the file: the event `collected`. `problems` are what was said before."""
        self.write(text)
        worker = self.worker(environment=environment)
        worker.send("open", root=self.directory, file="test_it.py", **fields)
        self.problems = []
        while (event := worker.until("host", "collected", "problem")[-1])["event"] != "collected":
            if event["event"] == "problem":
                self.problems.append(event["message"])
        return worker, event

    def run_collected(self, worker, collected):
        """{name: outcome} of the cases that are to be run."""
        skipped = {one["case"] for one in collected["skipped"]}
        cases = [case for case in range(len(collected["cases"])) if case not in skipped]
        events = driver.finished(worker.run(cases))
        self.messages = {collected["cases"][case].partition("::")[2]: events[case]["message"] for case in cases}
        return {collected["cases"][case].partition("::")[2]: events[case]["outcome"] for case in cases}


class Options(Configured):
    def check(self, option, where, said):
        with self.subTest(option=option, where=where):
            self.write(f"[pytest]\naddopts = {option if where == 'pytest.ini' else ''}", "pytest.ini")
            environment = {"PYTEST_ADDOPTS": option if where == "PYTEST_ADDOPTS" else ""}
            worker, collected = self.collect(BOTH, environment)
            self.assertEqual(collected["errors"], [])
            self.assertEqual(self.run_collected(worker, collected), {"test_fine": "passed", "test_broken": "failed"})
            self.assertEqual(self.problems, [f"pytest is configured with {one}, which is ignored" for one in said])
            self.assertEqual(worker.end(), ([], 0))

    def test_options_that_run_no_test(self):
        self.check("--setup-only", "pytest.ini", ["--setup-only"])
        self.check("--setup-plan", "PYTEST_ADDOPTS", ["--setup-plan"])
        self.check("--co", "pytest.ini", ["--collect-only"])
        self.check("--fixtures", "pytest.ini", ["--fixtures"])

    def test_options_that_end_a_session_early(self):
        self.check("-x --maxfail=1", "pytest.ini", ["--maxfail"])
        self.check("--pdb --trace", "PYTEST_ADDOPTS", ["--pdb", "--trace"])
        self.check("--lf --sw --ff --nf", "pytest.ini", ["--stepwise", "--last-failed", "--failed-first", "--new-first"])

    def test_plugins_without_which_nothing_is_found(self):
        for name in ("python", "unittest", "skipping", "terminal", "junitxml"):
            self.check(f"-p no:{name}", "pytest.ini", [f"-p no:{name}"])
        self.check("-p no:logging -p no:tmpdir", "pytest.ini", [])

    def test_a_directory_that_all_workers_would_share(self):
        self.write("precious", "base/file")
        self.check(f"--basetemp={self.directory}/base", "pytest.ini", ["--basetemp"])
        self.assertEqual(self.read("base/file"), "precious")

    def test_options_of_other_plugins(self):
        self.write("""
            def pytest_addoption(parser):
                parser.addoption("--forked", action="store_true")
                parser.addoption("--dist", default="no")
            def pytest_cmdline_main(config):
                assert not config.option.forked and config.option.dist == "no"
        """, "plugin.py")
        self.check("-p plugin --forked --dist=load", "pytest.ini", ["--dist", "--forked"])


class LeftOut(Configured):
    def reasons(self, collected):
        return {collected["cases"][one["case"]].partition("::")[2]: one["reason"] for one in collected["skipped"]}

    def test_by_options(self):
        for option, reason in (("-k 'not broken'", "-k 'not broken'"), ("-m 'not slow'", "-m 'not slow'"),
                               ("--deselect=test_it.py::test_broken", "--deselect")):
            with self.subTest(option=option):
                self.write(f"[pytest]\nmarkers = slow\naddopts = {option}", "pytest.ini")
                worker, collected = self.collect("import pytest\ndef test_fine(): pass\n"
                                                 "@pytest.mark.slow\ndef test_broken(): assert 0")
                self.assertEqual(self.reasons(collected), {"test_broken": f"deselected by {reason}"})
                self.assertEqual(self.run_collected(worker, collected), {"test_fine": "passed"})

    def test_by_a_conftest(self):
        for told, reason in (("config.hook.pytest_deselected(items=gone)", "conftest.py"),
                             ("", "a conftest.py or a plugin")):
            with self.subTest(told=told):
                self.write(f"""
                    def pytest_collection_modifyitems(config, items):
                        gone = [item for item in items if item.name == "test_broken"]
                        {told}
                        items[:] = [item for item in items if item not in gone]
                """, "conftest.py")
                worker, collected = self.collect(BOTH)
                self.assertEqual(self.reasons(collected), {"test_broken": f"deselected by {reason}"})
                self.assertEqual(self.run_collected(worker, collected), {"test_fine": "passed"})
                worker.send("run", slice=2, cases=[1])
                self.assertIn("asks for case 1 of 1", worker.until("problem")[-1]["message"])

    def test_a_file_that_is_ignored_in_a_directory(self):
        self.write("collect_ignore = ['test_it.py']\ncollect_ignore_glob = ['*.py']", "conftest.py")
        self.write(f"[pytest]\naddopts = --ignore={self.directory}/test_it.py", "pytest.ini")
        worker, collected = self.collect(BOTH)
        self.assertEqual(self.run_collected(worker, collected), {"test_fine": "passed", "test_broken": "failed"})


class Marks(Configured):
    def test_cases_that_run_alone(self):
        self.write("[pytest]\nmarkers = serial", "pytest.ini")
        _, collected = self.collect("""
            import pytest, unittest
            @pytest.mark.serial
            def test_marked(): pass
            def test_plain(): pass
            @pytest.mark.serial
            class TestClass(unittest.TestCase):
                def test_one(self): pass
            class TestOther(unittest.TestCase):
                @pytest.mark.serial
                def test_serial(self): pass
                def test_plain(self): pass
        """)
        self.assertEqual([collected["cases"][case].partition("::")[2] for case in collected["serial"]],
                         ["test_marked", "TestClass::test_one", "TestOther::test_serial"])


class Reports(Configured):
    def outcome_with(self, reports, body="pass"):
        """The outcome and message of a case of which a plugin reports these, as (when, outcome, more attributes)."""
        self.write(f"""
            from _pytest.reports import TestReport
            def pytest_runtest_protocol(item, nextitem):
                if item.name != "test_it":
                    return None
                for when, outcome, more in {reports!r}:
                    text = more.pop("text", None)
                    report = TestReport(item.nodeid, item.location, {{}}, outcome, text, when)
                    vars(report).update(more)
                    item.ihook.pytest_runtest_logreport(report=report)
                return True
        """, "conftest.py")
        worker, collected = self.collect("def test_it(): pass")
        outcome = self.run_collected(worker, collected)["test_it"]
        return outcome, self.messages["test_it"]

    def test_a_case_that_was_not_called_has_not_passed(self):
        self.assertEqual(self.outcome_with([("setup", "passed", {}), ("teardown", "passed", {})]),
                         ("error", "pytest set it up and tore it down without calling it"))

    def test_subtests(self):
        def case(*subtests):
            return [("setup", "passed", {}), *[("call", outcome, {"context": "part", "text": text})
                                               for outcome, text in subtests],
                    ("call", "passed", {}), ("teardown", "passed", {})]

        skip = ("skipped", ("file", 1, "Skipped: not for bool"))
        self.assertEqual(self.outcome_with(case(("passed", None), skip)), ("passed", ""))
        self.assertEqual(self.outcome_with(case(skip, ("failed", "E   AssertionError: no"))),
                         ("failed", "AssertionError: no"))

    def test_a_subtest_of_unittest_that_is_skipped(self):
        self.write("""
            from _pytest.unittest import TestCaseFunction
            TestCaseFunction.addSubTest, TestCaseFunction.failfast = print, False  # as a plugin for subtests has it
        """, "conftest.py")
        worker, collected = self.collect("""
            import unittest
            class T(unittest.TestCase):
                def test_part(self):
                    for part in range(3):
                        with self.subTest(part=part):
                            if part == 1: self.skipTest("not this")
                def test_whole(self): self.skipTest("not at all")
        """)
        self.assertEqual(self.run_collected(worker, collected), {"T::test_part": "passed", "T::test_whole": "skipped"})


class Asserts(Configured):
    TEXT = """
        def checked(x):
            assert x > 1, "too small"
        def test_it():
            assert checked.__code__.co_varnames == ("x",)
    """

    def test_are_plain_unless_an_option_says_otherwise(self):
        for addopts, asserts, expected in (("", "plain", "passed"), ("", None, "failed"),
                                           ("--assert=rewrite", "plain", "failed"),
                                           ("--assert=plain", None, "passed")):
            with self.subTest(addopts=addopts, asserts=asserts):
                self.write(f"[pytest]\naddopts = {addopts}", "pytest.ini")
                worker, collected = self.collect(self.TEXT, asserts=asserts)
                self.assertEqual(self.run_collected(worker, collected), {"test_it": expected})
