# SPDX-License-Identifier: Apache-2.0
"""Random trees of hostile tests, random kills of workers and of the agent, resumed until done: nothing is lost, nothing
is repeated, nobody is left. SPYRE_SOAK_SECONDS bounds it (60), SPYRE_SOAK_SEED repeats it."""
import json
import os
import random
import signal
import subprocess
import time
import unittest

from harness import ProgramTest

SECONDS = float(os.environ.get("SPYRE_SOAK_SECONDS", "60"))
SEED = int(os.environ.get("SPYRE_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)

LIMITS = ("--set", "execute.case_timeout=5s", "--set", "execute.stall_timeout=20s", "--set", "execute.grace=300ms",
          "--set", "execute.retries=1", "--set", "execute.slice=7")

HEADER = """# SPDX-License-Identifier: Apache-2.0
import os, signal, subprocess, sys, time
import pytest


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return int(file.read().rpartition(")")[2].split()[1])
"""

# name → (source of the body, outcome)
BODIES = {
    "passes": ("pass", "passed"),
    "fails": ("assert 1 == 2", "failed"),
    "skips": ("pytest.skip('not here')", "skipped"),
    "works": ("time.sleep(0.05)", "passed"),
    "segfaults": ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
    "aborts": ("os.abort()", "crashed"),
    "exits": ("os._exit(0)", "crashed"),
    "hangs": ("time.sleep(1000)", "timed_out"),
    "hangs_deaf": ("signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); time.sleep(1000)", "timed_out"),
    "spins": ("while True: pass", "timed_out"),
    "interrupts": ("raise KeyboardInterrupt", "failed"),
    "leaves_system": ("raise SystemExit(3)", "failed"),
    "closes_all": ("os.closerange(0, 100)", "passed"),
    "writes_garbage": ("os.write(1, bytes(range(256)) * 40)", "passed"),
    "moves_away": ("os.chdir('/')", "passed"),
    "leaves_a_daemon": ("if os.fork() == 0:\n        os.setsid()\n        time.sleep(1000)", "passed"),
    "leaves_a_stranger": ("subprocess.Popen(['/bin/sleep', '10'], env={}, start_new_session=True)", "passed"),
    "kills_its_parent": ("os.kill(os.getppid(), signal.SIGKILL); time.sleep(1000)", "crashed"),
    "kills_its_grandparent": ("os.kill(parent_of(os.getppid()), signal.SIGKILL); time.sleep(1000)", "crashed"),
}
RARE = {"hangs", "hangs_deaf", "spins", "kills_its_parent", "kills_its_grandparent"}
# Without a fork nobody gives a test its descriptors back, and its parents are the agent and this program.
NEED_A_FORK = {"closes_all", "kills_its_parent", "kills_its_grandparent"}
IMPORTS = {"": None, "import no_such_module_anywhere\n": "error", "os.kill(os.getpid(), signal.SIGSEGV)\n": "crashed",
           "pytest.skip('nothing here', allow_module_level=True)\n": "skipped"}


class TestSoak(ProgramTest):
    def test_nothing_is_lost_nothing_is_repeated_nobody_is_left(self):
        self.random = random.Random(SEED)
        deadline = time.monotonic() + SECONDS
        rounds = 0
        while time.monotonic() < deadline:
            rounds += 1
            with self.subTest(seed=SEED, round=rounds):
                self.one_round(rounds)
        print(f"soak: {rounds} rounds, seed {SEED}")

    def one_round(self, number):
        tree = self.home / f"tree-{number}"
        isolation = self.random.choice(["slice", "slice", "test", "process"])
        expected = self.make_tree(tree, set(BODIES) - (NEED_A_FORK if isolation == "process" else set()))
        run_dir = self.home / f"run-{number}"
        arguments = self.arguments(*LIMITS, "--set", f"execute.isolation={isolation}", "run", "--source", tree,
                                   "--fraction", 1, "--cards", f"cpu:{self.random.randint(1, 3)}", "--run-dir", run_dir)
        disturbances = self.random.randint(0, 5)
        disturbed = disturbances > 0
        while True:
            code, log = self.one_life(arguments, run_dir, disturbances)
            # A signal that comes before the agent listens to it ends it at once, as SIGKILL does.
            if code not in (-signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM, 130, 143):
                break
            disturbances -= 1
            if (run_dir / "journal.jsonl").exists():
                arguments = self.arguments("resume", run_dir)
        lost_a_card = disturbed and self.lost_a_card(run_dir)
        self.assertIn(code, (0, 1, 3) if lost_a_card else (0, 1), log)
        self.check(run_dir, expected, disturbed, lost_a_card)

    def one_life(self, arguments, run_dir, disturbances):
        """Starts the agent and disturbs it; its exit code and what it said."""
        log = self.home / "log"
        with open(log, "wb") as output:
            agent = subprocess.Popen(arguments, cwd=self.home, env=self.environment(), stdout=output, stderr=output)
        try:
            if disturbances > 0:
                self.disturb(agent, run_dir)
            return agent.wait(timeout=240), log.read_text(errors="replace")[-4000:]
        finally:
            agent.kill()
            agent.wait()

    def disturb(self, agent, run_dir):
        """Waits until the run is on its way, kills a worker now and then, and in the end the agent."""
        until = time.monotonic() + 30
        while not (run_dir / "journal.jsonl").exists() and agent.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        for _ in range(self.random.randint(0, 2)):
            time.sleep(self.random.uniform(0.1, 1.5))
            workers = self.marked(self.run_id(run_dir))
            if workers:
                self.kill(self.random.choice(workers), signal.SIGKILL)
        time.sleep(self.random.uniform(0, 3))
        self.kill(agent.pid, self.random.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))

    @staticmethod
    def kill(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def make_tree(self, tree, bodies):
        """Writes a tree; case → outcome when nobody disturbs."""
        (tree / "torch").mkdir(parents=True)
        (tree / "torch/__init__.py").write_text("")
        (tree / "test").mkdir()
        expected = {}
        for number in range(self.random.randint(1, 5)):
            file = f"test/test_{number}.py"
            start, outcome = self.random.choice(list(IMPORTS.items())) if self.random.random() < 0.3 else ("", None)
            text = HEADER + start
            choice = sorted(bodies)
            names = self.random.choices(choice, [1 if name in RARE else 6 for name in choice],
                                        k=self.random.randint(1, 20))
            for place, name in enumerate(names):
                body, result = BODIES[name]
                text += f"\n\ndef test_{place}_{name}():\n    {body}\n"
                if outcome is None:
                    expected[f"{file}::test_{place}_{name}"] = result
            if outcome is not None:
                expected[file] = outcome
            (tree / file).write_text(text)
        return expected

    @staticmethod
    def lost_a_card(run_dir):
        """Whether workers were killed again and again before they were ready: that costs the card, and perhaps the run."""
        warnings = json.loads((run_dir / "summary.json").read_text())["warnings"]
        return sum("could not be started: it was ended by SIGKILL" in str(warning) for warning in warnings) > 1

    def check(self, run_dir, expected, disturbed, lost_a_card):
        events = [json.loads(line) for line in (run_dir / "journal.jsonl").read_text().splitlines()]
        summary = json.loads((run_dir / "summary.json").read_text())
        totals = summary["totals"]
        outcomes = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "timed_out", "not_run")
        self.assertEqual(totals["collected"], sum(totals[name] for name in outcomes), totals)
        uncollected = self.uncollected(events) if disturbed else set()
        expected = self.without(uncollected, expected, events)
        if lost_a_card:
            expected = {case: outcome for case, outcome in expected.items() if case in self.ran(events)}
        self.assertEqual(totals["collected"], len(expected) + totals["not_run"], totals)
        if not uncollected and not lost_a_card:
            self.assertEqual(totals["not_run"], 0, totals)

        attempts, passed = {}, set()
        for event in events:
            if event["event"] == "case_started":
                self.assertNotIn(event["id"], passed, "a case that had its result was run again")
            if event["event"] == "case_finished" and event["outcome"] != "not_run":
                attempts.setdefault(event["id"], []).append(event["outcome"])
                if event["outcome"] in ("passed", "skipped"):
                    passed.add(event["id"])
        self.assertEqual(set(attempts), set(expected))
        for case, results in attempts.items():
            self.assertLessEqual(len(results), 2, case)
            # Whoever ran when a worker was killed has crashed as far as anybody can tell.
            allowed = {expected[case], "crashed"} if disturbed else {expected[case]}
            self.assertIn(results[-1], allowed, f"{case}: {results}")
        self.assertEqual(self.marked(self.run_id(run_dir)), [], "a process is left")

    @staticmethod
    def uncollected(events):
        """Files whose workers were killed again and again while they collected them: each is one crashed case."""
        return {event["id"] for event in events
                if event["event"] == "case_finished" and "::" not in event["id"] and event["outcome"] == "crashed"}

    @staticmethod
    def ran(events):
        return {event["id"] for event in events if event["event"] == "case_finished" and event["outcome"] != "not_run"}

    @staticmethod
    def without(files, expected, events):
        """What is expected when these files could not be collected, some perhaps after a part of their cases had run."""
        ran = TestSoak.ran(events)
        left = {case: outcome for case, outcome in expected.items() if case.partition("::")[0] not in files or case in ran}
        return {**left, **dict.fromkeys(files, "crashed")}

    @staticmethod
    def run_id(run_dir):
        try:
            with open(run_dir / "journal.jsonl", encoding="utf-8") as journal:
                return json.loads(journal.readline() or "{}").get("run_id", "none yet")
        except (OSError, ValueError):
            return "none yet"

    def marked(self, run_id):
        """Living processes that carry the mark of the run."""
        return self.processes_with(f"SPYRE_CI_WORKER={run_id}/", "environ")


if __name__ == "__main__":
    unittest.main()
