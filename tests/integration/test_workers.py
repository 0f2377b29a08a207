# SPDX-License-Identifier: Apache-2.0
"""What the agent makes of workers that are in trouble: faulty cards, imports that hang or crash, ids that differ, garbage."""
import json
import subprocess
import sys
import unittest
import zipfile

from harness import PROJECT, ProgramTest

LIMITS = ("--set", "execute.case_timeout=4s", "--set", "execute.stall_timeout=2s", "--set", "execute.grace=300ms", "--set",
          "execute.retries=0")
CARDS = {"PCIDEVICE_IBM_COM_AIU_PF": "0000:1a:00.0,0000:1b:00.0"}


class TestWorkers(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tree = self.empty_tree()

    def write(self, text, name="test_it.py"):
        (self.tree / "test" / name).write_text(text)

    def run_tree(self, *settings, code, cards="cpu:1", out="out", **environment):
        """Runs all of the tree. {case: its last case_finished}"""
        more = [part for setting in settings for part in ("--set", setting)]
        self.program(*LIMITS, *more, "run", "--source", self.tree, "--fraction", 1, "--cards", cards, "--run-dir", out,
                     code=code, **environment)
        lines = (self.home / out / "journal.jsonl").read_text().splitlines()
        self.events = [json.loads(line) for line in lines]
        return {event["id"].rpartition("/")[2]: event for event in self.events if event["event"] == "case_finished"}

    def messages(self, kind):
        return [event["message"] for event in self.events if event["event"] == kind]

    def test_every_module_of_the_worker_is_in_the_program(self):
        self.write("def test_1(): pass\n")
        self.run_tree(code=0)
        source = PROJECT / "agent/pytest/worker"
        with zipfile.ZipFile(self.home / "out/worker/worker.zip") as archive:
            packed = {name: archive.read(name) for name in archive.namelist()}
        self.assertEqual(packed, {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*.py")})

    def test_a_faulty_card_is_seen_in_what_was_captured(self):
        says = "os.write(2, b'RAS::VFIO::DeviceOpenFail\\n')"
        faulty = {"fails": f"    {says}\n    assert False\n", "crashes": f"    {says}\n    os.abort()\n",
                "raises": "    raise RuntimeError('RAS::VFIO::DeviceOpenFail')\n",
                "passes": "    print('RAS::VFIO::DeviceOpenFail')\n"}
        for capture in ("fd", "sys"):
            (self.tree / "pytest.ini").write_text(f"[pytest]\naddopts = --capture={capture}\n")
            for what, body in faulty.items():
                with self.subTest(capture=capture, what=what):
                    self.write(f"import os\n\n\ndef test_1():\n{body}\n\ndef test_2():\n    pass\n")
                    # What a process had captured in a file ends with it, unless it is a child: the host reads it then.
                    cases = self.run_tree("execute.isolation=slice", code=0 if what == "passes" else 1, cards="env",
                                          out=f"{capture}-{what}", **CARDS)
                    self.assertEqual(len(self.messages("card_cordoned")), 1)
                    self.assertIn("RAS::VFIO::DeviceOpenFail", self.messages("card_cordoned")[0])
                    self.assertEqual(cases["test_it.py::test_2"]["outcome"], "passed")
                    if what == "crashes":  # otherwise it may have passed before the worker was ended
                        self.assertNotEqual(cases["test_it.py::test_1"]["card"], cases["test_it.py::test_2"]["card"])

    def test_a_faulty_card_is_seen_at_an_import(self):
        self.write("import os\nos.write(2, b'RAS::PCI::BusFence\\n')\nraise OSError('no card')\n\n\ndef test_1(): pass\n")
        self.write("def test_2(): pass\n", "test_other.py")
        cases = self.run_tree(code=1, cards="env", **CARDS)
        self.assertEqual(cases["test_other.py::test_2"]["outcome"], "passed")
        self.assertEqual(cases["test_it.py"]["outcome"], "error")
        self.assertEqual(len(self.messages("card_cordoned")), 1)

    def test_what_a_case_prints_is_a_heartbeat(self):
        talk = "    for _ in range({}):\n        print('alive', flush=True)\n        time.sleep(0.1)\n"
        self.write("import time\n\n\ndef test_1():\n" + talk.format(30) + "\n\ndef test_2():\n" + talk.format(600) +
                   "\n\ndef test_3(): time.sleep(60)\n")
        cases = self.run_tree(code=1)
        self.assertEqual(cases["test_it.py::test_1"]["outcome"], "passed")
        self.assertEqual(cases["test_it.py::test_2"]["cause"], {"kind": "case_timeout", "limit_s": 4.0})
        self.assertEqual(cases["test_it.py::test_3"]["cause"], {"kind": "stall", "limit_s": 2.0})

    def test_an_import_that_hangs_is_told_with_its_stack(self):
        self.write("import time\n\n\ndef wait_for_ever():\n    time.sleep(1000)\n\n\nwait_for_ever()\n\n\ndef test_1(): pass\n")
        self.write("def test_2(): pass\n", "test_other.py")
        for isolation in ("slice", "process"):
            cases = self.run_tree(f"execute.isolation={isolation}", code=1, out=isolation)
            self.assertEqual(cases["test_it.py"]["outcome"], "timed_out")
            self.assertEqual(cases["test_it.py"]["cause"], {"kind": "stall", "limit_s": 2.0})
            self.assertIn("in wait_for_ever", cases["test_it.py"]["details"])
            self.assertEqual(cases["test_other.py::test_2"]["outcome"], "passed")

    def test_an_import_that_crashes_once_is_a_warning(self):
        self.write("import os\nif not os.path.exists('once'):\n    open('once', 'w').close()\n    os.abort()\n\n\n"
                   "def test_1(): pass\n")
        cases = self.run_tree("execute.isolation=process", code=0)
        self.assertEqual({case: event["outcome"] for case, event in cases.items()}, {"test_it.py::test_1": "passed"})
        self.assertIn("test/test_it.py: crashed: its worker was ended by SIGABRT while the file was imported; it is imported "
                      "again", self.messages("warning"))

    def test_garbage_on_the_events_is_the_reason(self):
        self.write("import os\n\n\ndef test_1():\n    os.write(4, b'\\0\\0\\0\\2{]' * 10)\n\n\ndef test_2(): pass\n")
        cases = self.run_tree(code=1)
        self.assertEqual(cases["test_it.py::test_1"]["cause"]["kind"], "bad_events")
        self.assertEqual(cases["test_it.py::test_2"]["outcome"], "passed")

    def run_pieces(self, parameters, name, code):
        """Runs one test with these parameters in two pieces on two cards. The summary."""
        self.write(f"import os, pytest\n\n\n@pytest.mark.parametrize('x', {parameters})\ndef test_1(x): pass\n")
        self.program("select", "--source", self.tree, "--fraction", 1, "--out", "s.json")
        self.program("plan", "--selection", "s.json", "--cards", 2, "--out", "p.json")
        plan = json.loads((self.home / "p.json").read_text())
        batch = plan["batches"][0]
        plan["batches"] = [{**batch, "id": f"b{piece}", "piece": piece, "pieces": 2} for piece in (0, 1)]
        plan["shards"] = [{**plan["shards"][0], "batches": ["b0", "b1"], "cards": 2}]
        (self.home / "p.json").write_text(json.dumps(plan))
        self.program(*LIMITS, "exec", "--source", self.tree, "--plan", "p.json", "--shard", 0, "--cards", "cpu:2",
                     "--run-dir", name, code=code)
        return json.loads((self.home / name / "summary.json").read_text())

    def test_pieces_of_a_test_see_the_same_cases(self):
        done = self.run_pieces("[hash(f'word{i}') for i in range(20)]", "out", code=0)
        self.assertEqual((done["totals"]["collected"], done["totals"]["passed"]), (20, 20))
        lines = (self.home / "out/journal.jsonl").read_text().splitlines()
        ran = {event["id"] for event in map(json.loads, lines) if event["event"] == "case_finished"}
        numbers = subprocess.run([sys.executable, "-c", "print([hash(f'word{i}') for i in range(20)])"], text=True, check=True,
                                 env={"PYTHONHASHSEED": "0"}, stdout=subprocess.PIPE).stdout
        self.assertEqual(ran, {f"test/test_it.py::test_1[{number}]" for number in json.loads(numbers)})

    def test_pieces_that_see_other_cases_are_an_error(self):
        done = self.run_pieces("[f'{os.getpid()}-{i}' for i in range(20)]", "out", code=1)
        self.assertEqual([failure["id"] for failure in done["failures"]], ["test/test_it.py"])
        self.assertIn("another worker collected different cases", done["failures"][0]["message"])


if __name__ == "__main__":
    unittest.main()
