# SPDX-License-Identifier: Apache-2.0
"""The zip that the worker is started from: what is in it, and that tests do not meet it."""

import os
import pathlib
import shutil
import unittest
import zipfile

import driver
import harness


class Contents(unittest.TestCase):
    def test_every_module_is_in_it(self):
        source = driver.SOURCE / "worker"
        with zipfile.ZipFile(driver.WORKER) as archive:
            packed = {name: archive.read(name) for name in archive.namelist()}
        modules = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*.py")}
        self.assertIn("spyre_ci_worker/frames.py", modules)
        self.assertEqual(packed, modules)

    def test_it_takes_no_common_name_from_tests(self):
        with zipfile.ZipFile(driver.WORKER) as archive:
            names = {name.partition("/")[0] for name in archive.namelist()}
        self.assertEqual(names, {"__main__.py", "spyre_ci_worker"})


class Packing(harness.WorkerTest):
    def test_the_same_files_give_the_same_bytes(self):
        copy = pathlib.Path(self.directory) / "copy"
        shutil.copytree(driver.SOURCE, copy)
        for number, path in enumerate(sorted(copy.rglob("*.py"))):
            path.chmod(0o600)
            os.utime(path, (number, number))
        other = driver.pack_worker(copy)
        self.assertEqual(pathlib.Path(other).read_bytes(), pathlib.Path(driver.WORKER).read_bytes())


class Running(harness.WorkerTest):
    def test_a_worker_needs_it_only_at_the_start(self):
        program = shutil.copy(driver.WORKER, os.path.join(self.directory, "worker.zip"))
        worker = self.worker(program=program)
        os.unlink(program)
        for fork in (True, False):
            self.open("def test_fails(): assert 0\ndef test_it(): pass", worker, fork=fork)
            outcomes = [event["outcome"] for event in driver.finished(worker.run([0, 1])).values()]
            self.assertEqual(outcomes, ["failed", "passed"])
            worker.send("close")
        self.assertEqual(worker.end()[1], 0)

    def test_a_relative_path_of_it(self):
        shutil.copy(driver.WORKER, os.path.join(self.directory, "worker.zip"))
        self.write("", "preloaded.py")
        worker = self.worker("preloaded", program="worker.zip", cwd=self.directory)
        # A variable that is set before the import: the file gets a new interpreter, started from another directory.
        self.write("import os\nos.environ['SET'] = '1'\nimport preloaded\ndef test_it(): pass")
        worker.send("open", root=self.directory, file="test_it.py", cwd="/")
        events = worker.until("collected")
        self.assertEqual([event["event"] for event in events], ["host", "host", "collected"])
        self.assertEqual(events[-1]["cases"], ["test_it.py::test_it"])

    def test_a_spawned_process_does_not_start_a_worker(self):
        self.assertEqual(self.outcomes("""
            import multiprocessing, sys
            def work(queue):
                queue.put([name for name in sys.modules if name.startswith("spyre_ci_worker")])
            def test_it():
                context = multiprocessing.get_context("spawn")
                queue = context.Queue()
                process = context.Process(target=work, args=(queue,))
                process.start()
                assert queue.get() == []
                process.join()
                assert process.exitcode == 0
        """), {"test_it": "passed"})
