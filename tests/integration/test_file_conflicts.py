# SPDX-License-Identifier: Apache-2.0
"""Files whose tests a forked child, another piece of the file, or pytest's configuration would spoil."""
import socket
import unittest

from harness import TreeTest


class TestForks(TreeTest):
    DEVICE = """
import os
_owner = None
def ready():
    global _owner
    _owner = _owner or os.getpid()
    return True
def use():
    ready()
    if _owner != os.getpid():
        raise RuntimeError("Cannot re-initialize FAKE in forked subprocess")
    return 1
"""

    def test_a_device_that_is_opened_at_import(self):
        self.write(self.DEVICE, "lib/fakedev.py")
        self.write("import fakedev, unittest\n@unittest.skipIf(not fakedev.ready(), 'no device')\n"
                   "class T(unittest.TestCase):\n"
                   "    def test_a(self): self.assertEqual(fakedev.use(), 1)\n"
                   "    def test_b(self): self.assertEqual(fakedev.use(), 1)\n")
        for isolation in ("auto", "slice", "test"):
            with self.subTest(isolation=isolation):
                cases = self.run_tree(f"python.path=[{self.tree}/lib]", f"execute.isolation={isolation}")
                self.assertEqual(cases, {"test_it.py::T::test_a": ["passed"], "test_it.py::T::test_b": ["passed"]})
                self.assertEqual(len(self.summary["warnings"]), 1)
                self.assertIn("isolation", self.summary["warnings"][0])

    def test_a_device_that_the_preload_opens(self):
        self.write(self.DEVICE + "ready()\n", "lib/fakedev.py")
        self.write("import fakedev\nfakedev.use()\ndef test_a(): fakedev.use()\n")
        cases = self.run_tree(f"python.path=[{self.tree}/lib]", "python.preload=[fakedev]")
        self.assertEqual(cases, {"test_it.py::test_a": ["passed"]})

    def test_threads_that_are_started_at_import(self):
        self.write("import concurrent.futures\nPOOL = concurrent.futures.ThreadPoolExecutor(2)\n"
                   "FIRST = POOL.submit(int).result()\n"
                   "def test_pool(): assert POOL.submit(int).result() == FIRST\n", "test/test_pool.py")
        self.write("import asyncio, threading\nLOOP = asyncio.new_event_loop()\n"
                   "threading.Thread(target=LOOP.run_forever, daemon=True).start()\n"
                   "async def answer(): return 42\n"
                   "def test_loop(): assert asyncio.run_coroutine_threadsafe(answer(), LOOP).result(5) == 42\n",
                   "test/test_loop.py")
        passed = {"test_pool.py::test_pool": ["passed"], "test_loop.py::test_loop": ["passed"]}
        self.assertEqual(self.run_tree(), passed)
        self.assertEqual(len(self.summary["warnings"]), 1)

    def test_a_variable_that_is_set_before_a_preloaded_module_is_imported(self):
        self.write("import os\nTHREADS = os.environ.get('LIBRARY_THREADS')\n", "lib/library.py")
        self.write("import os\nos.environ['LIBRARY_THREADS'] = '1'\nimport library\n"
                   "def test_threads(): assert library.THREADS == '1'\n")
        for isolation in ("auto", "process"):
            cases = self.run_tree(f"python.path=[{self.tree}/lib]", "python.preload=[library]",
                                  f"execute.isolation={isolation}")
            self.assertEqual(cases, {"test_it.py::test_threads": ["passed"]})


class TestPieces(TreeTest):
    USE = ("import socket, time, unittest, pytest\n"
           "def use():\n"
           "    with socket.socket() as s:\n"
           "        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
           "        s.bind(('127.0.0.1', PORT))\n"
           "        s.listen()\n"
           "        time.sleep(0.4)\n")

    def run_shared(self, mark, *settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.write("[pytest]\nmarkers = serial\n", "pytest.ini")
        tests = "".join(f"    def test_{i:02}(self): pass\n" for i in range(16))
        self.write(f"PORT = {port}\n{self.USE}{mark}class T(unittest.TestCase):\n    def setUp(self): use()\n{tests}",
                   "test/test_shared.py")
        return self.run_tree(*settings, cards="cpu:2")

    def test_serial_tests_of_one_file_do_not_meet(self):
        cases = self.run_shared("@pytest.mark.serial\n")
        self.assertEqual({tuple(attempts) for attempts in cases.values()}, {("passed",)})
        self.assertEqual(len(cases), 16)

    def test_serial_tests_by_a_rule_file(self):
        self.write("serial: ['test/test_shared.py::**']\n", "serial.yaml")
        cases = self.run_shared("", f"execute.serial={self.tree}/serial.yaml")
        self.assertEqual({tuple(attempts) for attempts in cases.values()}, {("passed",)})

    def test_last_attempts_do_not_meet(self):
        cases = self.run_shared("")
        self.assertEqual({attempts[-1] for attempts in cases.values()}, {"passed"})
        self.assertEqual(self.summary["exit_code"], 0)


class TestConfiguration(TreeTest):
    def test_a_test_that_a_conftest_deselects_is_skipped(self):
        self.write("def pytest_collection_modifyitems(config, items):\n"
                   "    gone = [item for item in items if item.name == 'test_broken']\n"
                   "    config.hook.pytest_deselected(items=gone)\n"
                   "    items[:] = [item for item in items if item not in gone]\n", "test/conftest.py")
        self.write("def test_broken(): assert False\ndef test_fine(): pass\n")
        cases = self.run_tree()
        self.assertEqual(cases, {"test_it.py::test_broken": ["skipped"], "test_it.py::test_fine": ["passed"]})
        self.assertEqual(self.summary["totals"]["collected"], 2)
        self.assertIn("deselected by test/conftest.py", self.journal)

    def test_no_option_makes_an_unrun_test_pass(self):
        for option in ("--setup-only", "--setup-plan", "--collect-only", "-p no:unittest", "-x"):
            with self.subTest(option=option):
                self.write(f"[pytest]\naddopts = {option}\n", "pytest.ini")
                self.write("import unittest\nclass T(unittest.TestCase):\n    def test_a(self): assert 0\n"
                           "    def test_b(self): assert 0\n")
                cases = self.run_tree("execute.retries=0", code=1)
                self.assertEqual(cases, {"test_it.py::T::test_a": ["failed"], "test_it.py::T::test_b": ["failed"]})
                self.assertEqual(len(self.summary["warnings"]), 1)

    def test_tests_see_their_own_code(self):
        self.write("[pytest]\naddopts = --tb=native\n", "pytest.ini")
        self.write("import dis\ndef checked(x):\n    assert x > 1, 'too small'\n    return x + 1\n"
                   "def test_names(): assert checked.__code__.co_varnames == ('x',)\n")
        self.assertEqual(self.run_tree(), {"test_it.py::test_names": ["passed"]})

    def test_odd_names_warn_of_nothing(self):
        self.write("import unittest\nclass T(unittest.TestCase): pass\nclass lower(unittest.TestCase):\n"
                   "    def test_x(self): pass\n"
                   "for name in ('test_a::b', 'test_esc\\x1b[31m', 'test_nul\\0', 'test_half\\udc80', 'test_\U0001f600'):\n"
                   "    setattr(T, name, lambda self: None)\n")
        self.run_tree()
        self.assertEqual(self.summary["warnings"], [])
        self.assertEqual(self.summary["totals"]["passed"], 6)


if __name__ == "__main__":
    unittest.main()
