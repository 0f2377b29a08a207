# SPDX-License-Identifier: Apache-2.0
"""Cards, as a pod names them in its environment: what tests on them find, and how two agents keep out of each other's
way. No hardware is needed: the cards have addresses, and nobody holds them."""
import json
import os
import pathlib
import signal
import subprocess
import time

from harness import ProgramTest

CARDS = "0000:1a:00.0,0000:1b:00.0"


class TestCards(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tree = self.empty_tree()

    def write(self, name, text):
        (self.tree / "test" / name).write_text(text)

    def run_arguments(self, run_dir, *more):
        return ("run", "--source", self.tree, "--fraction", 1, "--cards", "env", "--run-dir", run_dir, *more)

    def start(self, *arguments, **environment):
        program = subprocess.Popen(self.arguments(*arguments), cwd=self.home, env=self.environment(**environment),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        return program

    def wait_for(self, found, what):
        until = time.monotonic() + 60
        while not found():
            self.assertLess(time.monotonic(), until, f"{what} never came")
            time.sleep(0.05)

    @staticmethod
    def is_alive(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    def test_what_a_test_on_a_card_finds(self):
        self.write("test_environment.py", "import json, os\n\n\ndef test_it():\n"
                   "    with open(os.environ['WHERE'], 'a') as file:\n"
                   "        file.write(json.dumps(dict(os.environ)) + '\\n')\n")
        where = self.home / "seen"
        environment = {"PCIDEVICE_IBM_COM_AIU_PF": CARDS, "TORCH_DEVICE_ROOT": "/opt/torch-spyre", "CI": "true"}
        done = self.program("--set", f"execute.environment.set.WHERE={where}", *self.run_arguments("out"),
                            **environment)
        self.assertIn("not given to tests: PYTORCH_TEST_CONFIG: PYTORCH_TEST_CONFIG is not set",
                      (self.home / "out/journal.jsonl").read_text())
        self.assertNotIn("TORCH_TEST_DEVICES: ", done.stderr)
        seen = json.loads(where.read_text().splitlines()[0])
        self.assertIn(seen["SPYRE_DEVICES"], ("0", "1"))
        self.assertEqual(seen["PYTORCH_TESTING_DEVICE_ONLY_FOR"], "privateuse1")
        self.assertEqual(seen["TORCH_TEST_DEVICES"],
                         "/opt/torch-spyre/tests/oot_framework/oot_test_base_common.py")
        self.assertEqual(seen["TORCH_ROOT"], str(self.tree))
        self.assertEqual(seen["FLEX_DEVICE"], "PF")
        self.assertEqual(seen["PCIDEVICE_IBM_COM_AIU_PF"], CARDS)
        self.assertNotIn("CI", seen)
        self.assertTrue(seen["TORCHINDUCTOR_CACHE_DIR"].endswith(f"card-{seen['SPYRE_DEVICES']}"))

    def test_a_profile_of_ones_own(self):
        self.write("test_environment.py", "import os\n\n\ndef test_it(): assert os.environ['MODE'] == 'mock'\n")
        (self.home / "profiles.yaml").write_text("mine: {MODE: '${WANTED}', LEAK: '${GITHUB_TOKEN}'}\n")
        settings = ("--set", "cards.profiles=profiles.yaml", "--set", "cards.profile=mine")
        self.program(*settings, *self.run_arguments("out"), PCIDEVICE_IBM_COM_AIU_PF=CARDS, WANTED="mock",
                     GITHUB_TOKEN="s3cr3t")
        self.assertIn("not given to tests: LEAK: GITHUB_TOKEN is not set", (self.home / "out/journal.jsonl").read_text())
        self.assertIn("profiles.yaml: unknown profile 'spyre'",
                      self.refused(*settings[:2], *self.run_arguments("other"), PCIDEVICE_IBM_COM_AIU_PF=CARDS))

    def test_two_agents_do_not_share_cards(self):
        began = self.home / "began"
        self.write("test_waits.py", f"import time\n\n\ndef test_it():\n    open({str(began)!r}, 'w').close()\n"
                   "    time.sleep(1000)\n")
        self.write("test_passes.py", "def test_it(): pass\n")
        first = self.start(*self.run_arguments("first", "--only", "test/test_waits.py"), PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        self.wait_for(began.exists, "the first agent's test")
        second = ("--only", "test/test_passes.py")
        text = self.refused(*self.run_arguments("second", *second), PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        self.assertRegex(text, r"card 0 \(0000:1a:00.0\) is in use by \S+ \(process \d+\)")
        self.assertFalse((self.home / "second").exists())
        # Other cards are nobody's business, and those of an agent that died are free at once.
        self.program(*self.run_arguments("third", *second), PCIDEVICE_IBM_COM_AIU_PF="0000:1c:00.0")
        first.send_signal(signal.SIGKILL)
        first.wait()
        self.program(*self.run_arguments("second", *second), PCIDEVICE_IBM_COM_AIU_PF=CARDS)

    def test_agents_with_other_homes_do_not_share_cards_either(self):
        card = {"PCIDEVICE_IBM_COM_AIU_PF": f"0000:{os.getpid() % 256:02x}:{os.getpid() // 256 % 32:02x}.7"}
        began = self.home / "began"
        self.write("test_waits.py", f"import time\n\n\ndef test_it():\n    open({str(began)!r}, 'w').close()\n"
                   "    time.sleep(1000)\n")
        machines = ("--set", "cards.leases=")
        other = self.home / "other"
        other.mkdir()
        first = self.start(*machines, *self.run_arguments("first"), **card)
        self.wait_for(began.exists, "the first agent's test")
        self.assertIn("is in use by", self.refused(*machines, *self.run_arguments("second"), **card, HOME=str(other)))
        self.assertIn("/run/lock/spyre-ci", self.program(*machines, "doctor", code=None).stdout)
        first.terminate()

    def test_a_card_on_which_everything_hangs(self):
        for number in range(4):
            self.write(f"test_{number}.py", "import os, time, pytest\n\n\n@pytest.mark.parametrize('i', range(3))\n"
                       "def test_it(i): time.sleep(1000 if os.environ['SPYRE_DEVICES'] == '1' else 0.5)\n")
        self.program("--set", "execute.case_timeout=1s", "--set", "execute.retries=1", *self.run_arguments("out"),
                     PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        summary = json.loads((self.home / "out/summary.json").read_text())
        self.assertEqual((summary["totals"]["passed"], summary["totals"]["flaky"]), (12, 3))
        self.assertIn("card 1: one test after the other hangs on it", (self.home / "out/journal.jsonl").read_text())

    def test_a_module_that_cannot_be_imported_on_one_card(self):
        (self.home / "sick_on_1.py").write_text("import os\n\nif os.environ.get('SPYRE_DEVICES') == '1':\n"
                                                "    raise OSError('no such device')\n")
        for number in range(4):
            self.write(f"test_{number}.py", "import time\n\n\ndef test_it(): time.sleep(0.5)\n")
        self.program("--set", f"python.path=[{self.home}]", "--set", "python.preload=[sick_on_1]",
                     *self.run_arguments("out"), PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        self.assertIn("card 1: no worker can be used on it: cannot import sick_on_1: OSError: no such device",
                      (self.home / "out/journal.jsonl").read_text())

    def test_a_stranger_does_not_survive_the_agent(self):
        """A process that left its session and cleared its environment, of an agent that was killed."""
        began = self.home / "began"
        self.write("test_strays.py", "import subprocess, time\n\n\ndef test_it():\n"
                   "    stray = subprocess.Popen(['/bin/sleep', '1234567'], env={}, start_new_session=True)\n"
                   f"    open({str(began)!r} + '.new', 'w').write(str(stray.pid))\n"
                   f"    __import__('os').rename({str(began)!r} + '.new', {str(began)!r})\n"
                   "    time.sleep(1000)\n")
        agent = self.start(*self.run_arguments("out"), PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        self.wait_for(began.exists, "the stranger")
        stray = int(began.read_text())
        fenced = "spyre-ci-" in pathlib.Path(f"/proc/{stray}/cgroup").read_text()
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        self.write("test_strays.py", "def test_it(): pass\n")
        self.program("resume", "out", PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        if fenced:
            self.wait_for(lambda: not self.is_alive(stray), "the stranger's end")
        elif self.is_alive(stray):
            os.kill(stray, signal.SIGKILL)  # nothing tells it from a process of somebody else

    def test_a_run_directory_that_cannot_be_gone_on_with(self):
        began = self.home / "began"
        self.write("test_waits.py", f"import time\n\n\ndef test_it():\n    open({str(began)!r}, 'w').close()\n"
                   "    time.sleep(1000)\n")
        (self.home / "gangs.yaml").write_text("gangs: [{tests: 'test/test_waits.py::*', cards: 2}]\n")
        agent = self.start("--set", "selection.gangs=gangs.yaml", *self.run_arguments("out"),
                           PCIDEVICE_IBM_COM_AIU_PF=CARDS)
        self.wait_for(began.exists, "the first agent's test")
        before = (self.home / "out/journal.jsonl").read_bytes()
        other = {"PCIDEVICE_IBM_COM_AIU_PF": "0000:1c:00.0,0000:1d:00.0"}
        self.refused("resume", "out", **other)
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        self.assertIn("needs 2 cards at once, and there is 1",
                      self.refused("resume", "out", PCIDEVICE_IBM_COM_AIU_PF="0000:1c:00.0"))
        request = json.loads((self.home / "out/run.json").read_text())
        request["schema"] = "spyre-ci/run@99"
        (self.home / "out/run.json").write_text(json.dumps(request))
        self.assertIn("spyre-ci/run@", self.refused("resume", "out", **other))
        self.assertEqual((self.home / "out/journal.jsonl").read_bytes(), before)
