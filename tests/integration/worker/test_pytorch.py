# SPDX-License-Identifier: Apache-2.0
"""PyTorch's own tests: the worker says what plain pytest says."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../bench"))
import worker_overhead  # noqa: E402

CASES = 150


class PyTorch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.root)
        archive = os.path.join(cls.root, "archive.tar")
        subprocess.run(["git", "-C", os.environ["PYTORCH_REPOSITORY"], "archive", "-o", archive, "HEAD"], check=True)
        subprocess.run(["tar", "-x", "-f", archive, "-C", cls.root], check=True)
        os.environ["PYTHONPATH"] = os.path.abspath(worker_overhead.STUBS)
        os.environ["OMP_NUM_THREADS"] = "1"

    def check(self, name, slice_of):
        file, cwd = f"test/{name}.py", os.path.join(self.root, "test")
        _, ours = worker_overhead.by_worker(self.root, file, cwd, worker_overhead.PRELOAD, CASES, slice_of)
        _, theirs = worker_overhead.by_pytest(self.root, file, cwd, CASES)
        self.assertEqual(len(ours), CASES)
        self.assertEqual(ours, theirs)

    def test_view_ops(self):
        self.check("test_view_ops", 40)

    def test_torch(self):
        self.check("test_torch", 50)

    def test_type_promotion(self):
        self.check("test_type_promotion", 1000)

    def test_binary_ufuncs(self):
        self.check("test_binary_ufuncs", 7)


if __name__ == "__main__":
    unittest.main()
