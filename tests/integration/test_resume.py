# SPDX-License-Identifier: Apache-2.0
"""Runs that were cut off at an awkward moment, or are gone on with from elsewhere."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest

from harness import ProgramTest

LIMITS = ("--set", "execute.case_timeout=20s", "--set", "execute.grace=1s", "--set", "execute.retries=0")


class TestResume(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tree = self.empty_tree()
        self.run_dir = self.home / "out"

    def write_test(self, text):
        (self.tree / "test/test_one.py").write_text(text)

    def run_arguments(self, *settings):
        return [*LIMITS, *settings, "run", "--source", self.tree, "--fraction", 1, "--cards", "cpu:1", "--run-dir",
                self.run_dir]

    def start(self, *settings, cwd=None):
        agent = subprocess.Popen(self.arguments(*self.run_arguments(*settings)), cwd=cwd or self.home,
                                 env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(agent.stderr.close)
        self.addCleanup(agent.kill)
        return agent

    def start_and_wait_for_a_test(self, *settings, cwd=None):
        agent = self.start(*settings, cwd=cwd)
        deadline = time.monotonic() + 60
        journal = self.run_dir / "journal.jsonl"
        while not (journal.exists() and '"case_started"' in journal.read_text()):
            self.assertLess(time.monotonic(), deadline, "no test was started")
            time.sleep(0.02)
        return agent

    def kill_while_running(self, *settings, cwd=None):
        """Starts a run, and kills the agent as soon as a test runs."""
        agent = self.start_and_wait_for_a_test(*settings, cwd=cwd)
        agent.kill()
        agent.wait()

    def outcomes(self):
        summary = json.loads((self.run_dir / "summary.json").read_text())
        return {name: count for name, count in summary["totals"].items()
                if count and name not in ("tests", "collected")}

    def test_settings_are_kept_and_relative_paths_meant_from_where_the_run_began(self):
        self.write_test(f"import os, time\ndef test_a():\n    if not os.path.exists({str(self.home / 'go')!r}):\n"
                        "        time.sleep(60)\n    assert os.environ['ONE'] + os.environ['TWO'] == 'ab'\n")
        began = self.home / "began"
        began.mkdir()
        (began / "spyre-ci.yaml").write_text("execute: {environment: {set: {ONE: a}}}\n")
        self.kill_while_running("--set", "execute.environment.set.TWO=b", cwd=began)
        (self.home / "go").touch()
        self.program("resume", self.run_dir)
        self.assertEqual(self.outcomes(), {"passed": 1})

    def test_a_secret_setting_has_to_be_given_again(self):
        self.write_test(f"import os, time\ndef test_a():\n    if not os.path.exists({str(self.home / 'go')!r}):\n"
                        "        time.sleep(60)\n    assert os.environ['HF_TOKEN'] == 'hunter2'\n")
        self.kill_while_running("--set", "execute.environment.set.HF_TOKEN=hunter2")
        (self.home / "go").touch()
        self.assertNotIn("hunter2", (self.run_dir / "run.json").read_text())
        self.assertIn("--set execute.environment.set.HF_TOKEN=VALUE", self.refused("resume", self.run_dir))
        self.program("--set", "execute.environment.set.HF_TOKEN=hunter2", "resume", self.run_dir)
        self.assertEqual(self.outcomes(), {"passed": 1})

    def test_a_run_that_was_killed_before_its_first_line_begins_anew(self):
        self.write_test("def test_a(): pass\ndef test_b(): assert False\n")
        self.program(*self.run_arguments(), code=1)
        for journal in ("", '{"event":"run_st', None):
            for made in ("journal.jsonl", "summary.json", "report.html", "lock"):
                (self.run_dir / made).unlink(missing_ok=True)
            shutil.rmtree(self.run_dir / "junit", ignore_errors=True)
            if journal is not None:
                (self.run_dir / "journal.jsonl").write_text(journal)
            self.program("resume", self.run_dir, code=1)
            self.assertEqual(self.outcomes(), {"passed": 1, "failed": 1})

    def test_a_run_that_was_killed_before_it_began_is_started_again(self):
        self.write_test("def test_a(): pass\ndef test_b(): pass\n")
        for made in ("lock", "selection.json", "plan.json", "run.json", "worker", "journal.jsonl"):
            for number in (signal.SIGKILL, signal.SIGTERM):
                with self.subTest(made=made, signal=number):
                    shutil.rmtree(self.run_dir, ignore_errors=True)
                    agent = self.start()
                    while agent.poll() is None and not (self.run_dir / made).exists():
                        pass
                    agent.send_signal(number)
                    agent.wait()
                    self.assert_can_be_finished()

    def assert_can_be_finished(self):
        """By `run` until it began, and by `resume` as soon as run.json stands."""
        copy = self.home / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.run_dir, copy)
        journal = copy / "journal.jsonl"
        begun = journal.exists() and "\n" in journal.read_text()
        if not begun:
            self.program(*self.run_arguments())
            self.assertEqual(self.outcomes(), {"passed": 2})
            shutil.rmtree(self.run_dir)
            copy.rename(self.run_dir)
        if (self.run_dir / "run.json").exists():
            self.program("resume", self.run_dir)
            self.assertEqual(self.outcomes(), {"passed": 2})
        else:
            self.assertIn("start it again with the same arguments", self.refused("resume", self.run_dir))

    def test_a_run_directory_that_is_moved_ends_the_run(self):
        self.write_test(f"import os, time\ndef test_a():\n    if not os.path.exists({str(self.home / 'go')!r}):\n"
                        "        time.sleep(60)\n")
        agent = self.start_and_wait_for_a_test()
        moved = self.home / "moved"
        self.run_dir.rename(moved)
        began = time.monotonic()
        self.assertEqual(agent.wait(timeout=30), 3)
        self.assertLess(time.monotonic() - began, 15, "noticed within 5 s, on a busy machine too")
        self.assertIn(f"spyre-ci resume {moved}", agent.stderr.read().decode())
        self.assertFalse(self.run_dir.exists())
        self.assertEqual(self.processes_with(str(self.run_dir)), [])
        (self.home / "go").touch()
        self.run_dir = moved
        self.program("resume", moved)
        self.assertEqual(self.outcomes(), {"passed": 1})

    def test_a_damaged_line_in_the_middle_of_the_journal(self):
        self.write_test("def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n")
        self.program(*self.run_arguments())
        journal = self.run_dir / "journal.jsonl"
        lines = journal.read_text().splitlines(keepends=True)
        number = next(i for i, line in enumerate(lines) if '"case_finished"' in line and "test_b" in line)
        lines[number] = "\0" * 7 + "\n"
        journal.write_text("".join(lines))
        text = self.refused("resume", self.run_dir)
        self.assertIn(f"journal.jsonl:{number + 1}:", text)
        self.assertIn("--skip-damaged", text)
        done = self.program("resume", "--skip-damaged", self.run_dir)
        self.assertIn(f"damaged lines of the journal are left out and kept in journal.damaged.jsonl: {number + 1};",
                      done.stderr + done.stdout)
        self.assertEqual(self.outcomes(), {"passed": 3})
        self.program("report", self.run_dir)

    def test_a_journal_of_another_version_is_refused(self):
        self.write_test("def test_a(): pass\n")
        self.program(*self.run_arguments())
        journal = self.run_dir / "journal.jsonl"
        text = journal.read_text()
        for version in ("0", "2"):
            journal.write_text(text.replace("spyre-ci/journal@1", "spyre-ci/journal@" + version))
            for command in (("resume",), ("resume", "--skip-damaged"), ("report",)):
                refusal = self.refused(*command, self.run_dir)
                self.assertIn(f"journal.jsonl:1: the journal has the schema 'spyre-ci/journal@{version}', "
                              "expected 'spyre-ci/journal@1'", refusal)
                self.assertIn("use the version of spyre-ci that started the run", refusal)
        self.assertFalse((self.run_dir / "journal.damaged.jsonl").exists())
        journal.write_text(text)
        self.program("resume", self.run_dir)

    def test_what_a_batch_had_no_time_for_is_run(self):
        self.write_test("import time\ndef test_a(): time.sleep(60)\ndef test_b(): pass\ndef test_c(): pass\n")
        # Long enough for the import on a busy machine: without a case that began, the whole file has timed out.
        self.program("--set", "execute.batch_timeout=6s", *self.run_arguments(), code=3)
        self.assertEqual(self.outcomes(), {"timed_out": 1, "not_run": 2})
        self.program("--set", "execute.batch_timeout=0s", "resume", self.run_dir, code=1)
        self.assertEqual(self.outcomes(), {"timed_out": 1, "passed": 2})

    def test_a_disk_that_gets_full_is_infrastructure_and_nothing_is_lost(self):
        self.write_test("import pytest\n@pytest.mark.parametrize('n', range(900))\ndef test_a(n): pass\n")
        # Files that may not grow stand for a disk that is full.
        done = subprocess.run(
            self.arguments("--set", "execute.slice=20", *self.run_arguments()), cwd=self.home, env=self.environment(),
            capture_output=True, text=True, timeout=120, check=False, restore_signals=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000)))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("journal.jsonl", done.stderr)
        self.assertIn("spyre-ci resume", done.stderr)
        self.assertEqual(self.processes_with(str(self.run_dir)), [])
        before = (self.run_dir / "journal.jsonl").read_text().count('"case_finished"')
        self.assertGreater(before, 0)
        self.program("resume", self.run_dir)
        self.assertEqual(self.outcomes(), {"passed": 900})


if __name__ == "__main__":
    unittest.main()
