# SPDX-License-Identifier: Apache-2.0
"""What the worker sees of an import that makes forked children unusable."""

from harness import WorkerTest

# A torch whose out-of-tree device is the module `fake`, and that has an unused CUDA.
TORCH = """
import os, types
class cuda:
    is_initialized = staticmethod(lambda: False)
class _C:
    _get_privateuse1_backend_name = staticmethod(lambda: "fake")
fake = types.SimpleNamespace()
owner = os.getpid()
opened = []
def open_device(): opened.append(1)
"""
CONVENTIONS = "\nfake.is_initialized = lambda: bool(opened)\nfake._is_in_bad_fork = lambda: {}\n"
UNUSED = {"open": False, "bad_here": False, "bad_in_child": False, "files": []}


class ForkCheck(WorkerTest):
    def check(self, text, preload="", **fields):
        """The field `fork` of what is collected; the root's view is `hello["device"]`."""
        worker = self.worker(preload)
        self.open(text, worker)
        worker.send("close")
        worker.until("host_ended")
        worker.send("open", root=self.directory, file="test_it.py", **fields)
        result = worker.until("collected")[-1]["fork"]
        self.assertEqual(worker.end(), ([], 0))
        return result

    def test_an_ordinary_file(self):
        self.assertEqual(self.check("def test_it(): pass"), {**UNUSED, "threads": [], "children": 0})
        self.assertEqual(self.hello["device"], UNUSED)
        self.assertEqual(self.check("def test_it(): pass", fork=False), None)

    def test_what_the_import_started(self):
        self.write("""
            import threading, time
            def start(name): threading.Thread(target=time.sleep, args=(1000,), name=name, daemon=True).start()
        """, "threads.py")
        self.write("import threads\nthreads.start('of conftest')\n"
                   "def pytest_configure(): threads.start('of a plugin')\n"
                   "def pytest_sessionstart(): threads.start('of a session')", "conftest.py")
        self.assertEqual(self.check("""
            import subprocess, threading, threads
            threads.start("of the file")
            over = threading.Thread(target=print)
            over.start()
            over.join()
            child = subprocess.Popen(["sleep", "1000"])
            subprocess.run("true")
            def test_it(): pass
        """), {**UNUSED, "threads": ["of conftest", "of the file"], "children": 1})

    def test_a_device(self):
        for conventions, text, expected in (
                (CONVENTIONS.format("False"), "", {}),
                (CONVENTIONS.format("False"), "torch.open_device()", {"open": True}),
                (CONVENTIONS.format("bool(opened) and owner != os.getpid()"), "", {}),
                (CONVENTIONS.format("owner != os.getpid()"), "", {"bad_here": True, "bad_in_child": True}),
                ("fake._is_in_bad_fork = lambda: 1 / 0", "", {"open": None, "bad_here": None, "bad_in_child": None}),
                ("", "", {"open": None, "bad_here": None, "bad_in_child": None}),
                ("cuda.is_initialized = lambda: True", "", {"open": True, "bad_here": None, "bad_in_child": None})):
            with self.subTest(conventions=conventions, text=text):
                self.write(TORCH + conventions, "torch.py")
                result = self.check(f"import torch\n{text}\ndef test_it(): pass", "torch")
                self.assertEqual(result, {**UNUSED, "threads": [], "children": 0, **expected})

    def test_a_device_that_the_preload_opens(self):
        self.write(TORCH + CONVENTIONS.format("owner != os.getpid()") + "open_device()", "torch.py")
        self.check("def test_it(): pass", "torch")
        self.assertEqual(self.hello["device"], {**UNUSED, "open": True, "bad_in_child": True})

    def test_a_device_that_hangs_in_a_child(self):
        self.write(TORCH + CONVENTIONS.format("owner != os.getpid() and __import__('time').sleep(1000)"), "torch.py")
        self.write("from spyre_ci_worker.fork_check import ForkCheck\nForkCheck.PATIENCE = 100", "impatient.py")
        worker = self.worker("impatient,torch")
        self.assertEqual(self.hello["device"], {**UNUSED, "bad_in_child": True})
        self.assertEqual(worker.end(), ([], 0))

    def test_files_of_a_device(self):
        self.write("""
            import re
            from spyre_ci_worker.fork_check import ForkCheck
            ForkCheck.DEVICE_FILES = re.compile(".*/card0")
        """, "place.py")
        self.write("", "card0")
        result = self.check("card = open(__file__.replace('test_it.py', 'card0'))\ndef test_it(): pass", "place")
        self.assertEqual(result["files"], [f"{self.directory}/card0"])
