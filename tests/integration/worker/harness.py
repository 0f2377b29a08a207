# SPDX-License-Identifier: Apache-2.0
"""What the worker's tests have in common: a directory with a test file, a worker, and the proof that both are gone."""

import os
import shutil
import signal
import tempfile
import textwrap
import unittest
import uuid

import driver

MARK = "SPYRE_CI_WORKER_TEST"


class WorkerTest(unittest.TestCase):
    """Each test has a directory and workers of its own; no process of theirs is left after it."""

    def setUp(self):
        self.directory = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.log = os.path.join(self.directory, "log")
        self.mark = uuid.uuid4().hex
        self.addCleanup(self.check_nothing_runs)

    def worker(self, preload="", environment=None, **options):
        """A worker that has said hello."""
        worker = self.fresh_worker(preload, environment, **options)
        self.hello = worker.until("hello")[-1]
        return worker

    def fresh_worker(self, preload="", environment=None, **options):
        tmp = os.path.join(self.directory, "tmp")
        os.makedirs(tmp, exist_ok=True)
        # PYTHONPATH may name another pytest to test with.
        path = os.pathsep.join(filter(None, (self.directory, os.environ.get("PYTHONPATH"))))
        mine = {MARK: self.mark, "TMPDIR": tmp, "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONUNBUFFERED": "", "PYTHONPATH": path}
        worker = driver.Worker(self.log, preload, {**mine, **(environment or {})}, **options)
        self.addCleanup(worker.dispose)
        return worker

    def unprivileged(self):
        """Options of a worker to which modes and limits mean something, although the tests may run as root."""
        if os.getuid() != 0:
            return {}
        os.makedirs(os.path.join(self.directory, "tmp"), exist_ok=True)
        for path, _, names in os.walk(self.directory):
            for name in [path, *(os.path.join(path, name) for name in names)]:
                os.chown(name, 65534, 65534)
        return {"user": 65534, "group": 65534, "extra_groups": []}

    def write(self, text, name="test_it.py"):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return path

    def read(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def open(self, text, worker=None, **fields):
        """Writes the file and opens it in a worker. The worker and the names of the cases without the file's."""
        self.write(text)
        worker = worker or self.worker()
        collected = worker.open(self.directory, "test_it.py", **fields)
        self.errors = collected["errors"]
        return worker, [name.partition("::")[2] for name in collected["cases"]]

    def run_all(self, text, args=(), **fields):
        """Runs all cases of the file, behind a crash in a new child. {name: `finish`, or None if it crashed}"""
        worker, names = self.open(text, args=list(args))
        results, todo, self.ended = {}, list(range(len(names))), []
        while todo:
            events = worker.run(todo, **fields)
            self.ended.append(events[-1])
            self.check_order(events, todo)
            finished = driver.finished(events)
            for case in todo:
                if case in finished:
                    results[names[case]] = finished[case]
            if events[-2]["event"] == "done":
                break
            crashed = todo[len(finished)]
            results[names[crashed]] = None
            todo = todo[len(finished) + 1:]
        self.assertEqual(worker.end(), ([], 0))
        return results

    def outcomes(self, text, **fields):
        """{name: outcome} of all cases of the file."""
        return {name: event["outcome"] if event else "crashed"
                for name, event in self.run_all(text, **fields).items()}

    def check_order(self, events, cases):
        """A child, then start and finish of each case in order, then done, then the child's end; or it breaks off."""
        expected = ["child"] + ["start", "finish"] * len(cases) + ["done"]
        got = [event["event"] for event in events[:-1]]
        self.assertEqual(got, expected[:len(got)])
        self.assertEqual([event["case"] for event in events if event["event"] == "start"], cases[:got.count("start")])

    def processes(self):
        """The processes that were started, however indirectly, by this test's workers."""
        mark = f"{MARK}={self.mark}".encode()
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if mark in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass  # it has ended, or is not ours
        return found

    def check_nothing_runs(self):
        # The kernel ends some of them, when their parents are gone.
        driver.eventually(lambda: not self.processes(), patience=10)
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(left, [])
