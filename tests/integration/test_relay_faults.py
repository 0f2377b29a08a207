# SPDX-License-Identifier: Apache-2.0
"""Killed between any two system calls, with a full disk, two at once, and at random for a thousand deliveries: in the
end the relay holds one right state a job. SPYRE_RELAY_SEED repeats a random test."""
import collections
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

from relay_double import REPOSITORY
from relay_harness import RelayTest

# What others can see changes with these alone: whoever is killed between two of them could as well have been killed at the
# second.
CALLS = ("mkdir", "openat", "flock", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "unlink", "connect", "sendto")
WRITES = ("write", "pwrite64", "ftruncate", "fsync", "fdatasync")
COLUMNS = ("job, status, repository, delivery_id, workflow, job_name, check_run_id, url, body, created, since, state,"
           " attempts, may_have_arrived, due, claim, claimed_until, changed, reason")


def clone(database, delivery, name, condition="1"):
    """The messages of a delivery, as the program wrote them, once more for another."""
    values = COLUMNS.replace("job,", "replace(job, ?, ?),", 1).replace("delivery_id", "?").replace(
        "body", "replace(body, ?, ?)")
    database.execute(f"INSERT INTO messages ({COLUMNS}) SELECT {values} FROM messages WHERE delivery_id = ?"
                     f" AND {condition} ORDER BY id", (delivery, name, name, delivery, name, delivery))


class FaultTest(RelayTest):
    def setUp(self):
        super().setUp()
        self.double.limit = 1_000_000
        works = subprocess.run(["strace", "-f", "-o", "/dev/null", "/bin/true"], check=False, capture_output=True,
                               text=True)
        self.assertEqual(works.returncode, 0, "these tests need strace, and to be allowed to use it (ptrace): "
                         + works.stderr)

    def traced(self, injections, *arguments):
        """Runs the program with faults injected into its system calls."""
        command = ["strace", "-f", "-qq", "-o", str(self.home / "trace"), "-e", f"trace={','.join(CALLS)}"]
        for injection in injections:
            command += ["-e", f"inject={injection}"]
        return subprocess.run([*command, *self.arguments(*arguments)], capture_output=True, text=True, timeout=120,
                              cwd=self.home, env=self.environment(), check=False)

    def points(self, status):
        """Each system call of a whole `relay send` from the outbox's directory on: its name, and how many calls of each
        name there were up to it."""
        self.send_all_before(status, "d-0")
        done = self.traced([], *self.send_arguments(status, delivery="d-0"))
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = (self.home / "trace").read_text().splitlines()
        first, counts, points = lines[0].split()[0], collections.Counter(), []
        for line in lines:
            thread, call = line.split(None, 1)
            name = call.partition("(")[0]
            if thread != first or name not in CALLS:
                continue
            counts[name] += 1
            if points or "outbox.sqlite" in call or name == "mkdir":
                points.append((name, dict(counts)))
        self.assertGreater(len(points), 30)
        return points

    def send_all_before(self, status, delivery):
        self.dispatch(delivery)
        if status == "completed":
            self.send("in_progress", delivery=delivery)

    def begin_all(self, count):
        """So many deliveries whose in_progress the relay has: d-0's, as often."""
        job = f"{REPOSITORY}/d-%s/spyre/stage 1/77"
        with sqlite3.connect(self.outbox()) as database:
            for number in range(1, count + 1):
                self.dispatch(f"d-{number}")
                clone(database, "d-0", f"d-{number}", "status = 0")
                self.double.states[job % number] = "in_progress"
                self.double.commits[job % number] += self.double.commits[job % 0][:1]

    def recover_all(self, count):
        """What jobs do after their agents died: who was not heard says it again, and all is flushed."""
        self.time_passes()
        known = {message["delivery_id"] for message in self.messages() if message["status"] == "completed"}
        for number in range(1, count + 1):
            if f"d-{number}" not in known:
                self.send("completed", delivery=f"d-{number}", settings=self.settings(calls_a_minute=1_000_000))
        self.time_passes()
        self.flush("--wait", "60s", calls_a_minute=1_000_000)
        self.assertEqual(set(self.states()) - {"delivered", "probably_delivered"}, set())
        for number in range(count + 1):
            bodies = self.double.commits[f"{REPOSITORY}/d-{number}/spyre/stage 1/77"]
            self.assertEqual([body["workflow"]["status"] for body in bodies], ["in_progress", "completed"], number)


class TestKilled(FaultTest):
    def test_between_any_two_system_calls(self):
        points = self.points("completed")
        self.begin_all(len(points))
        killed = 0
        for number, (name, counts) in enumerate(points, 1):
            done = self.traced([f"{name}:signal=KILL:when={counts[name]}"],
                               *self.send_arguments("completed", delivery=f"d-{number}"))
            killed += done.returncode == -signal.SIGKILL
        # The next one first mends what the one before left, so that not every call comes as often as it did.
        self.assertGreater(killed, len(points) / 2)
        self.recover_all(len(points))

    def test_while_the_outbox_is_made(self):
        """The first message of a machine: file, tables and message come into being."""
        points = self.points("in_progress")
        made = next(number for number, (name, _) in enumerate(points) if name == "connect")
        for number, (name, counts) in enumerate(points[:made], 1):
            shutil.rmtree(self.home / ".local")
            delivery = f"d-{number}"
            self.dispatch(delivery)
            self.traced([f"{name}:signal=KILL:when={counts[name]}"],
                        *self.send_arguments("in_progress", delivery=delivery))
            self.assertFalse([raw for _, _, raw in self.double.calls if f'"{delivery}"'.encode() in raw])
            if self.send("in_progress", delivery=delivery, code=None).returncode != 0:
                self.time_passes()
                self.flush()
            self.assertEqual(self.final(delivery), "in_progress")


class TestFullDisk(FaultTest):
    def test_from_any_write_on(self):
        points = [point for point in self.points("completed") if point[0] in WRITES]
        self.begin_all(len(points))
        for number, (last, counts) in enumerate(points, 1):
            delivery = f"d-{number}"
            calls = len(self.double.calls)
            # From this call on; the others of its kind count from the next.
            full = [f"{name}:error=ENOSPC:when={counts.get(name, 0) + (name != last)}+" for name in WRITES]
            done = self.traced(full, *self.send_arguments("completed", delivery=delivery))
            self.assertIn(done.returncode, (0, 2, 3), f"{last} {counts}: {done.stdout} {done.stderr}")
            known = [each for each in self.messages() if each["delivery_id"] == delivery]
            self.assertTrue(len(known) == 2 or len(self.double.calls) == calls, "nothing is sent that is not kept")
        self.recover_all(len(points))

    def test_it_is_said_where_the_disk_is_full(self):
        self.send("in_progress")
        done = self.traced(["pwrite64:error=ENOSPC:when=1+"], *self.send_arguments("completed"))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"error: outbox \S+/outbox.sqlite: .*(full|disk)")
        self.assertRegex(done.stderr, "hint: .*free space")
        self.assertEqual(self.final(), "in_progress")


class TestTogether(RelayTest):
    def queue(self, count):
        """Both messages of so many deliveries: of the first as the program writes them, of the others the same."""
        for status in ("in_progress", "completed"):
            self.send(status, "--no-wait", "--no-token")
        with sqlite3.connect(self.outbox()) as database:
            for number in range(2, count + 1):
                name = f"d-{number}"
                self.double.dispatched.add(name)
                clone(database, "d-1", name)

    def flusher(self, *more):
        arguments = (*self.settings(backoff="1ms", calls_a_minute=1_000_000, response_timeout="2s"), "--log-level", "off",
                     "relay", "flush", "--token-file", self.home / "token", *more)
        process = subprocess.Popen(self.arguments(*arguments), cwd=self.home, env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def assert_one_right_end_each(self, count):
        for number in range(1, count + 1):
            bodies = self.double.commits[f"{REPOSITORY}/d-{number}/spyre/stage 1/77"]
            self.assertEqual([body["workflow"]["status"] for body in bodies], ["in_progress", "completed"], number)

    def test_two_flushers_send_nothing_twice(self):
        self.double.limit = 1_000_000
        self.queue(60)
        flushers = [self.flusher("--wait", "60s") for _ in range(3)]
        for flusher in flushers:
            self.assertEqual(flusher.wait(), 0, flusher.stderr.read())
        self.assertEqual(len(self.double.calls), 120)
        self.assertEqual(set(self.states()), {"delivered"})
        self.assert_one_right_end_each(60)

    def test_a_thousand_deliveries_at_random(self):
        seed = int(os.environ.get("SPYRE_RELAY_SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"SPYRE_RELAY_SEED={seed}", flush=True)
        dice = random.Random(seed)
        faults = {"drop": 4, "drop_after": 4, "garbage": 3, "half": 3, "page": 2, "redis_down": 3, "redis_write": 3,
                  "hud_down": 3, "hud_refused": 0.5, "redirect": 0.5, "slow": 0.05}
        weights = [100 - sum(faults.values()), *faults.values()]
        lock = threading.Lock()

        def fault(_call, raw):
            with lock:
                return dice.choices([None, *faults], weights)[0]
        self.double.fault, self.double.limit = fault, 1_000_000
        self.queue(1000)
        kills = 0
        until = time.monotonic() + 400
        while time.monotonic() < until:
            flushers = [self.flusher("--retry", "--wait", "1s") for _ in range(2)]
            if kills == 0 or dice.random() < 0.8:
                time.sleep(dice.random() * 4)  # chance, not synchronisation: when they are killed does not matter
                for flusher in flushers[: dice.randrange(1, 3)]:
                    flusher.kill()
                    kills += 1
            for flusher in flushers:
                self.assertIn(flusher.wait(), (0, 1, 3, -signal.SIGKILL))
            self.time_passes()
            messages = self.messages()
            dead = [each for each in messages if each["state"] == "dead"]
            # HUD's refusals and the conflicts after them stay dead; the relay has those.
            if "waiting" not in [each["state"] for each in messages] and all(
                    self.final(each["delivery_id"]) == "completed" for each in dead):
                break
        self.double.fault = lambda call, raw: None
        self.flush("--retry", code=None, calls_a_minute=1_000_000)
        self.assert_one_right_end_each(1000)
        self.assertGreater(kills, 0)
        ends = [(message["state"], message["reason"]) for message in self.messages()]
        self.assertNotIn("waiting", [state for state, _ in ends])
        for state, reason in ends:
            if state == "dead":
                self.assertRegex(reason, "HUD refused|invalid state transition")
        self.assertEqual(json.loads(self.double.calls[0][2])["workflow"]["status"], "in_progress")
