# SPDX-License-Identifier: Apache-2.0
"""What the worker makes of commands, good and bad, and how it ends."""

import json
import os
import random
import resource
import struct
import unittest

from harness import WorkerTest

FILE = "def test_it(): pass\n"


class Commands(WorkerTest):
    def problem(self, worker):
        return worker.until("problem")[-1]["message"]

    def test_files_one_after_the_other(self):
        worker = self.worker()
        for number in range(3):
            self.write(f"def test_{number}(): pass", f"test_{number}.py")
            collected = worker.open(self.directory, f"test_{number}.py")
            self.assertEqual(collected["cases"], [f"test_{number}.py::test_{number}"])
            self.assertEqual(worker.run([0])[-2]["event"], "done")
            worker.send("close")
            self.assertEqual(worker.event(), {"event": "host_ended", "code": 0, "signal": None})
        worker.send("quit")
        self.assertEqual(worker.end(), ([], 0))

    def test_quit_while_a_file_is_open(self):
        worker, _ = self.open(FILE)
        worker.send("quit")
        self.assertEqual([event["event"] for event in worker.until("host_ended")], ["host_ended"])
        self.assertEqual(worker.process.wait(), 0)

    def test_commands_for_a_host_that_is_gone(self):
        worker = self.worker()
        worker.send("run", slice=1, cases=[0])
        worker.send("close")
        self.open(FILE, worker)
        self.assertEqual(worker.run([0])[-2]["event"], "done")

    def test_commands_that_cannot_be_followed(self):
        worker = self.worker()
        for body, words in ((b"", "not JSON"), (b"\xff\0{", "not JSON"), (b"{} {}", "not JSON"),
                            (b"[" * 100000, "not JSON"), (b"[1]", "not an object"),
                            (b"{}", "'command'"), (b'{"command": 1}', "'command'"),
                            (b'{"command": "dance"}', "unknown command 'dance'"), (b'{"command": "open"}', "'root'"),
                            (b'{"command": "open", "root": 1, "file": "x"}', "'root'"),
                            (b'{"command": "open", "root": "/", "file": "x", "fork": 1}', "'fork'"),
                            (b'{"command": "open", "root": "/", "file": "x", "args": "-x"}', "'args'")):
            worker.send_bytes(body)
            self.assertIn(words, self.problem(worker))
        self.open(FILE, worker)
        for command, words in (({"command": "dance"}, "'dance'"),
                               ({"command": "open", "root": "/", "file": "x"}, "'open'"),
                               ({"command": "run"}, "'slice'"), ({"command": "run", "slice": 1}, "'cases'"),
                               ({"command": "run", "slice": 1, "cases": [1]}, "case 1 of 1"),
                               ({"command": "run", "slice": 1, "cases": [-1]}, "case -1 of 1"),
                               ({"command": "run", "slice": 1, "cases": [True]}, "case True of 1"),
                               ({"command": "run", "slice": 1, "cases": [[0]]}, "case [0] of 1"),
                               ({"command": "run", "slice": 1, "cases": [0], "junit": 1}, "'junit'"),
                               ({"command": "run", "slice": 1, "cases": [0], "text_limit": "x"}, "'text_limit'")):
            worker.send_bytes(json.dumps(command).encode())
            self.assertIn(words, self.problem(worker))
        self.assertEqual(worker.run([0])[-2]["event"], "done")
        self.assertEqual(worker.run([0], text_limit=-1)[-2]["event"], "done")

    def test_frames_over_the_limit(self):
        worker = self.worker()
        os.write(worker.commands, struct.pack(">I", (64 << 20) + 1))
        self.assertIn("over the limit", self.problem(worker))
        self.assertEqual(worker.process.wait(), 2)
        worker, _ = self.open(FILE)
        os.write(worker.commands, b"{\"co")
        self.assertIn("over the limit", self.problem(worker))
        self.assertEqual(worker.until("host_ended")[-1]["code"], 2)
        self.assertEqual(worker.process.wait(), 2)

    def test_few_files_may_be_open(self):
        self.write("import ctypes\ndef test_it(tmp_path): pass\ndef test_crashes(): ctypes.string_at(0)\n")
        for limit in (32, 200, 201):
            with self.subTest(limit=limit):
                worker = self.worker(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
                worker.open(self.directory, "test_it.py")
                events = worker.run([0, 1])
                self.assertEqual((events[2]["outcome"], events[-1]["signal"]), ("passed", 11))
                self.assertIn("in test_crashes", self.read("log"))
                os.remove(self.log)

    def test_the_agent_goes(self):
        worker = self.worker()
        self.assertEqual(worker.end(), ([], 0))
        worker, _ = self.open(FILE)
        self.assertEqual(worker.end()[1], 0)
        worker = self.worker()
        os.write(worker.commands, b"\0\0")  # in the middle of a frame
        self.assertEqual(worker.end(), ([], 0))
        worker, _ = self.open(FILE)
        os.write(worker.commands, b"\0\0\0\x10{\"comm")
        self.assertEqual(worker.end()[1], 0)

    def test_nobody_reads_the_events(self):
        worker, _ = self.open("def test_it(): print('x' * 1_000_000)")
        read, write = os.pipe()
        os.close(write)
        os.dup2(read, worker.events)
        os.close(read)
        worker.send("run", slice=1, cases=[0] * 10, text_limit=1_000_000)
        self.assertNotEqual(worker.process.wait(), None)

    def test_random_commands(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        good = [{"command": "open", "root": self.directory, "file": "test_it.py"}, {"command": "close"},
                {"command": "run", "slice": 1, "cases": [0], "junit": None, "text_limit": 10}]
        self.write(FILE)
        for _ in range(6):
            worker = self.worker()
            try:
                for _ in range(30):
                    body = bytearray(json.dumps(rng.choice(good)).encode())
                    if rng.random() < 0.5:
                        body[rng.randrange(len(body))] = rng.randrange(256)
                    worker.send_bytes(bytes(body))
                if rng.random() < 0.5:
                    os.write(worker.commands, bytes(rng.randrange(256) for _ in range(20)))
            except BrokenPipeError:
                pass
            self.assertIn(worker.end()[1], (0, 2), f"seed {seed}")


if __name__ == "__main__":
    unittest.main()


class Refusals(WorkerTest):
    """The machine gives no process, or no file: that is no fault of the file or of a case."""

    def refused(self, worker):
        event = worker.until("refused")[-1]
        return event["errno"], event["message"]

    def limit(self, kind, value):
        """A preloaded module that sets a limit of the worker itself."""
        self.write(f"import resource\nresource.setrlimit(resource.RLIMIT_{kind}, ({value}, {value}))", "limit.py")
        return self.worker("limit", **self.unprivileged())

    def test_no_process_for_a_host(self):
        worker = self.limit("NPROC", 0)
        self.write(FILE)
        worker.send("open", root=self.directory, file="test_it.py")
        self.assertEqual(self.refused(worker), ("EAGAIN", "cannot start a process: Resource temporarily unavailable"))
        self.assertEqual(worker.end(), ([], 0))

    def test_no_process_for_a_child(self):
        worker = self.worker(**self.unprivileged())
        self.open("import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\ndef test_it(): pass", worker)
        worker.send("run", slice=1, cases=[0])
        self.assertEqual(self.refused(worker)[0], "EAGAIN")
        worker.send("close")
        worker.until("host_ended")
        self.open(FILE, worker)
        self.assertEqual(worker.run([0])[-2]["event"], "done")
        self.assertEqual(worker.end(), ([], 0))

    def test_no_files_for_a_host(self):
        worker = self.limit("NOFILE", 12)
        self.write(FILE)
        worker.send("open", root=self.directory, file="test_it.py")
        self.assertEqual(self.refused(worker), ("EMFILE", "cannot open files: Too many open files"))
        self.assertEqual(worker.end(), ([], 0))

    def test_nothing_to_start_with(self):
        for kind, value, expected in ((resource.RLIMIT_NPROC, 0, "EAGAIN"), (resource.RLIMIT_NOFILE, 9, "EMFILE")):
            worker = self.fresh_worker("no_such_module", preexec_fn=lambda: resource.setrlimit(kind, (value, value)),
                                       **self.unprivileged())
            events, code = worker.end()
            self.assertEqual([(event["event"], event["errno"]) for event in events], [("refused", expected)])
            self.assertEqual(code, 5)
