# SPDX-License-Identifier: Apache-2.0
"""PyTorch's own tests: the worker says what plain pytest says, of the first cases of six big files.
SPYRE_CI_CASES sets how many cases; 0 means all."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../../bench"), os.path.join(HERE, "..")]
import pytorch_source  # noqa: E402
import worker_overhead  # noqa: E402

CASES = int(os.environ.get("SPYRE_CI_CASES", "150"))


class PyTorch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.root)
        archive = os.path.join(cls.root, "archive.tar")
        subprocess.run(["git", "-C", str(pytorch_source.pytorch_source()), "archive", "-o", archive, "HEAD"], check=True)
        subprocess.run(["tar", "-x", "-f", archive, "-C", cls.root], check=True)
        os.environ["PYTHONPATH"] = os.path.abspath(worker_overhead.STUBS)
        os.environ["OMP_NUM_THREADS"] = "1"

    def check(self, name, slice_of):
        file, cwd = f"test/{name}.py", os.path.join(self.root, "test")
        _, ours = worker_overhead.by_worker(self.root, file, cwd, worker_overhead.PRELOAD, CASES or None, slice_of)
        _, theirs = worker_overhead.by_pytest(self.root, file, cwd, CASES or None)
        self.assertGreaterEqual(len(ours), CASES or 100)
        self.assertEqual(ours, theirs)

    def test_view_ops(self):
        self.check("test_view_ops", 40)

    def test_torch(self):
        self.check("test_torch", 50)

    def test_type_promotion(self):
        self.check("test_type_promotion", 1000)

    def test_binary_ufuncs(self):
        self.check("test_binary_ufuncs", 7)

    def test_nn(self):
        self.check("test_nn", 60)

    def test_reductions(self):
        self.check("test_reductions", 150)


if __name__ == "__main__":
    unittest.main()
