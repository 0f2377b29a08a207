# SPDX-License-Identifier: Apache-2.0
"""Files that cannot be collected, or not all of them: said with the reason, and what was collected still runs."""

import os
import sys

import driver
from harness import WorkerTest


class Collection(WorkerTest):
    def errors_of(self, text, **fields):
        """[(id, outcome, message)] of the file, and the cases that were collected all the same."""
        worker, names = self.open(text, **fields)
        worker.send("close")
        self.assertEqual([event["event"] for event in worker.until("host_ended")], ["host_ended"])
        for error in self.errors:
            self.assertTrue(error["details"])
        return [(error["id"], error["outcome"], error["message"]) for error in self.errors], names

    def one_error(self, text, **fields):
        errors, names = self.errors_of(text, **fields)
        self.assertEqual(names, [])
        self.assertEqual([error[:2] for error in errors], [("test_it.py", "error")])
        return errors[0][2]

    def test_import_errors(self):
        self.assertEqual(self.one_error("import no_such_module"),
                         "ModuleNotFoundError: No module named 'no_such_module'")
        self.assertEqual(self.one_error("raise ValueError('at import\\nmore')"), "ValueError: at import")
        self.assertEqual(self.one_error("def test_it(:"), "SyntaxError: invalid syntax")

    def test_native_tracebacks(self):
        self.assertEqual(self.one_error("raise ValueError('at import')", args=["--tb=native"]), "ValueError: at import")
        self.assertEqual(self.one_error("import no_such_module", args=["--tb=native"]),
                         "ModuleNotFoundError: No module named 'no_such_module'")

    def test_what_ends_pytest(self):
        self.assertIn("SystemExit: 3", self.one_error("import sys; sys.exit(3)"))
        self.assertIn("enough", self.one_error("import pytest; pytest.exit('enough')"))
        self.assertIn("KeyboardInterrupt", self.one_error("raise KeyboardInterrupt"))

    def test_modules_that_skip_themselves(self):
        for text in ("import pytest; pytest.skip('not today', allow_module_level=True)",
                     "import unittest; raise unittest.SkipTest('not today')"):
            self.assertEqual(self.errors_of(text), ([("test_it.py", "skipped", "not today")], []))

    def test_files_find_what_lies_beside_them(self):
        self.write("", "tests/deep/__init__.py")
        self.write("VALUE = 7", "tests/deep/beside_it.py")
        self.write("""
            import os
            from beside_it import VALUE
            from . import beside_it
            def test_it(): assert VALUE == 7 and os.environ["PLACE"] == os.environ["TMPDIR"] + "/x"
        """, "tests/deep/test_it.py")
        worker = self.worker()
        collected = worker.open(self.directory, "tests/deep/test_it.py", environment={"PLACE": "${TMPDIR}/x"})
        self.assertEqual(collected["errors"], [])
        self.assertEqual([event["outcome"] for event in worker.run([0]) if event["event"] == "finish"], ["passed"])
        worker.send("close")
        worker.until("host_ended")

    def test_variables_of_one_file_are_not_those_of_the_next(self):
        text = "import os\ndef test_it(): assert os.environ.get('OF_FILE') == {}\n"
        worker = self.worker()
        for environment, value in (({"OF_FILE": "a"}, "'a'"), ({}, "None")):
            self.open(text.format(value), worker, environment=environment)
            self.assertEqual([event["outcome"] for event in worker.run([0]) if event["event"] == "finish"], ["passed"])
            worker.send("close")
            worker.until("host_ended")

    def test_what_was_collected_runs(self):
        worker, names = self.open("""
            import pytest
            class TestBroken:
                @pytest.mark.parametrize("x", 5)
                def test_x(self, x): pass
            def test_fine(): pass
        """)
        self.assertEqual(names, ["test_fine"])
        self.assertEqual([error["id"] for error in self.errors], ["test_it.py::TestBroken"])
        self.assertIn("not iterable", self.errors[0]["message"])
        self.assertEqual([event["outcome"] for event in worker.run([0]) if event["event"] == "finish"], ["passed"])

    def test_no_cases(self):
        self.assertEqual(self.errors_of("x = 1"), ([], []))

    def test_wrong_use(self):
        self.assertIn("unrecognized arguments: --no-such-option", self.one_error("", args=["--no-such-option"]))
        worker = self.worker()
        collected = worker.open(self.directory, "test_absent.py")
        self.assertEqual(collected["cases"], [])
        self.assertIn("not found", collected["errors"][0]["message"])

    def test_no_such_directory(self):
        self.assertIn("No such file", self.one_error("", cwd=os.path.join(self.directory, "absent")))

    def test_broken_conftest(self):
        path = self.write("import no_such_module", "conftest.py")
        self.assertIn("No module named 'no_such_module'", self.one_error("def test_it(): pass"))
        os.remove(path)
        self.write("def pytest_collection_modifyitems(): raise ValueError('in a hook')", "conftest.py")
        self.assertIn("ValueError: in a hook", self.one_error("def test_it(): pass"))

    def test_a_crash_at_import_ends_the_host_only(self):
        worker = self.worker()
        for statement, code, signal in (("_exit(0)", 0, None), ("_exit(100)", 100, None), ("abort()", None, 6)):
            self.write(f"import os; os.{statement}")
            worker.send("open", root=self.directory, file="test_it.py")
            worker.send("run", slice=1, cases=[0])  # for a host that cannot read it any more
            worker.send("close")
            self.assertEqual(worker.until("host_ended")[-1], {"event": "host_ended", "code": code, "signal": signal})
            if code == 100:
                worker = self.worker()
        self.write("def test_it(): pass")
        self.assertEqual(worker.open(self.directory, "test_it.py")["cases"], ["test_it.py::test_it"])

    def test_ids_are_unique(self):
        _, names = self.open("""
            import pytest
            @pytest.mark.parametrize("x", ["a-b", "a"])
            @pytest.mark.parametrize("y", ["c", "b-c"])
            def test_x(x, y): pass
        """)
        self.assertEqual(names, ["test_x[c-a-b]", "test_x[c-a]", "test_x[b-c-a-b]", "test_x[b-c-a]"])
        self.write("""
            def pytest_collection_modifyitems(items): items += items[:1] * 2
        """, "conftest.py")
        _, names = self.open("""
            import pytest
            @pytest.mark.parametrize("x", [1])
            def test_x(x): pass
        """)
        self.assertEqual(names, ["test_x[1]", "test_x[1][2]", "test_x[1][3]"])

    def test_ids_are_unique_as_they_are_sent(self):
        worker, names = self.open("""
            for letter in "\\udc80", "\\udc81", "?":
                exec(f"def case(): assert {ord(letter)} != 0xdc81")
                globals()[f"test_{letter}"] = case
        """)
        self.assertEqual(names, ["test_?", "test_?[2]", "test_?[3]"])
        results = driver.finished(worker.run([2, 1, 0]))
        self.assertEqual([results[case]["outcome"] for case in (0, 1, 2)], ["passed", "failed", "passed"])

    def test_ids_are_relative_to_root(self):
        self.write("def test_it(): pass", "deep/down/test_it.py")
        self.write("[pytest]\n", "deep/pytest.ini")
        collected = self.worker().open(self.directory, "deep/down/test_it.py")
        self.assertEqual(collected["cases"], ["deep/down/test_it.py::test_it"])

    def test_many_cases(self):
        worker, names = self.open("""
            import pytest
            @pytest.mark.parametrize("x", range(30000))
            def test_x(x): pass
        """)
        self.assertEqual(len(names), 30000)
        self.assertEqual(len([0 for event in worker.run(range(29000, 30000)) if event["event"] == "finish"]), 1000)

    def test_more_cases_than_can_be_told(self):
        worker, names = self.open("""
            import pytest
            @pytest.mark.parametrize("value", range(70), ids=lambda value: str(value) + "x" * (1 << 20))
            def test_it(value): pass
        """)
        self.assertEqual(names, [])
        self.assertEqual([(error["id"], error["outcome"]) for error in self.errors], [("test_it.py", "error")])
        self.assertRegex(self.errors[0]["message"], "^70 cases and 0 errors are too many to tell: .* over the limit of")
        worker.send("close")
        worker.until("host_ended")
        self.assertEqual(self.open("def test_it(): pass", worker)[1], ["test_it"])


class Environment(WorkerTest):
    def test_the_source_tree_does_not_hide_what_is_installed(self):
        self.write("WHERE = 'source'", "tree/library.py")
        self.write("", "tree/conftest.py")
        self.write("WHERE = 'installed'", "installed/library.py")
        self.write("import library\ndef test_it(): assert library.WHERE == 'installed'", "tree/test/test_it.py")
        worker = self.worker(environment={"PYTHONPATH": os.path.join(self.directory, "installed")})
        worker.open(os.path.join(self.directory, "tree"), "test/test_it.py")
        self.assertEqual([event["outcome"] for event in worker.run([0]) if event["event"] == "finish"], ["passed"])

    def test_what_a_test_file_sees(self):
        self.write("HERE = 1", "test/helper.py")
        self.write("""
            import helper, os, signal, sys
            ARGUMENTS = list(sys.argv)
            def test_it():
                assert ARGUMENTS == [__file__]
                assert os.getcwd() == os.path.dirname(__file__)
                assert not any("worker" in path for path in sys.path)
                assert not hasattr(sys.modules["__main__"], "main")
            def test_pytest_is_whole(request):
                assert request.config.get_terminal_writer() is not None
                assert request.config.pluginmanager.getplugin("terminalreporter").config is request.config
        """, "test/test_it.py")
        worker = self.worker()
        worker.open(self.directory, "test/test_it.py", cwd=os.path.join(self.directory, "test"))
        events = worker.run([0, 1])
        self.assertEqual([event["message"] for event in events if event["event"] == "finish"], ["", ""])

    def test_a_child_does_not_repeat_what_the_host_printed(self):
        self.write("""
            import pytest
            @pytest.hookimpl(tryfirst=True)
            def pytest_runtestloop(): print("all collected")
        """, "conftest.py")
        worker, _ = self.open("def test_it(): pass", args=["--capture=no"])
        worker.run([0])
        worker.send("close")
        worker.until("host_ended")
        self.assertEqual(self.read("log").count("all collected"), 1)

    def test_the_tree_is_left_as_it_was(self):
        self.run_all("def test_it(): assert False")
        self.assertEqual(sorted(os.listdir(self.directory)), ["log", "test_it.py", "tmp"])

    def test_what_is_left_in_the_scratch_directory(self):
        tmp = os.path.join(self.directory, "tmp")
        leave = "import os, tempfile\nos.mkdir(tempfile.gettempdir() + '/{0}')\nopen(tempfile.gettempdir() + '/{0}/x', 'w')\n"
        self.write(leave.format("of_module"), "everywhere.py")
        self.write(leave.format("of_import") + """
def test_leaves(tmp_path):
    os.symlink(os.path.dirname(__file__), tempfile.gettempdir() + "/link")
    (tmp_path / "file").write_text("text")
def test_finds():
    assert os.listdir(tempfile.gettempdir() + "/of_import") == ["x"]
""")
        worker = self.worker("everywhere", scratch=tmp)
        worker.open(self.directory, "test_it.py")
        results = [driver.finished(worker.run([case], number=case + 1))[case]["outcome"] for case in (0, 1)]
        self.assertEqual(results, ["passed", "passed"])
        self.assertEqual(len(os.listdir(tmp)), 4)
        worker.send("close")
        worker.until("host_ended")
        self.assertEqual(os.listdir(tmp), ["of_module"])
        self.assertTrue(os.path.exists(os.path.join(self.directory, "test_it.py")))
        worker.open(self.directory, "test_it.py", fork=False)
        worker.run([0])
        worker.send("close")
        self.assertEqual(worker.end(), ([], 0))
        self.assertEqual(os.listdir(tmp), ["of_module"])

    def scratch_worker(self):
        """A worker with directories as the agent makes them, and the directory that they are in."""
        own = os.path.join(self.directory, "own")
        for name in ("tmp", "home"):
            os.makedirs(os.path.join(own, name))
        tmp = os.path.join(own, "tmp")
        return self.worker(environment={"TMPDIR": tmp, "HOME": os.path.join(own, "home")}, scratch=tmp,
                           **self.unprivileged()), own

    def run_scratch(self, worker, text):
        """Runs all cases of the file, each in a child of its own, and closes it. Their outcomes."""
        self.write(text)
        cases = worker.open(self.directory, "test_it.py")["cases"]
        events = [driver.finished(worker.run([case], number=case + 1)) for case in range(len(cases))]
        worker.send("close")
        worker.until("host_ended")
        return [one[case]["outcome"] if one else "crashed" for case, one in enumerate(events)]

    def test_links_in_the_place_of_own_directories(self):
        self.write("precious", "victim/tmp/file")
        self.write("precious", "victim/file")
        worker, own = self.scratch_worker()
        self.assertEqual(self.run_scratch(worker, f"""
            import os, pathlib
            own, victim = pathlib.Path({own!r}), pathlib.Path({self.directory!r}, "victim")
            def test_tmp():
                (own / "tmp").rmdir()
                (own / "tmp").symlink_to(victim)
            def test_is_put_back(tmp_path): assert not (own / "tmp").is_symlink()
            def test_crashes():
                for name in ("tmp", "home"):
                    (own / name).rename(own / f"old-{{name}}")
                    (own / name).symlink_to(victim)
                os.abort()
            def test_are_put_back():
                assert not any((own / name).is_symlink() for name in ("tmp", "home"))
            def test_link_inside(): (own / "tmp/link").symlink_to(victim)
        """), ["passed", "passed", "crashed", "passed", "passed"])
        self.assertEqual(sorted(os.listdir(own)), ["home", "old-home", "old-tmp", "tmp"])
        self.assertEqual(os.listdir(os.path.join(own, "tmp")), [])
        # Also when the link is in the place of the directory above, until the worker ends.
        self.run_scratch(worker, f"""
            import os
            def test_above():
                os.rename({own!r}, {own!r} + ".old")
                os.symlink({os.path.join(self.directory, "victim")!r}, {own!r})
        """)
        self.assertEqual(worker.end(), ([], 0))
        self.assertEqual([self.read("victim/file"), self.read("victim/tmp/file")], ["precious"] * 2)

    def test_directories_that_resist_in_the_scratch_directory(self):
        worker, own = self.scratch_worker()
        self.assertEqual(self.run_scratch(worker, """
            import os, pathlib, tempfile
            tmp = pathlib.Path(tempfile.gettempdir())
            def test_closed():
                (tmp / "a/b/c").mkdir(parents=True)
                for directory in ("a/b/c", "a/b", "a"): (tmp / directory).chmod(0)
            def test_deep():
                os.chdir(tmp)
                for _ in range(3000):
                    os.mkdir("x")
                    os.chdir("x")
            def test_itself(): tmp.chmod(0)
            def test_next(tmp_path): pass
        """), ["passed"] * 4)
        self.assertEqual(os.listdir(os.path.join(own, "tmp")), [])

    def test_a_variable_that_is_set_before_a_preloaded_module_is_imported(self):
        self.write("import os\nTHREADS = os.environ.get('LIBRARY_THREADS')", "library.py")
        sets = "import os\nos.environ['LIBRARY_THREADS'] = '1'\n"
        tests = """
import os
def test_threads(): assert library.THREADS == "1"
def test_crashes(): os.abort()
def test_process(): print(os.getppid())
"""
        for text, fork, sees in ((sets + "import library" + tests, True, True),
                                 (sets + "import library" + tests, False, True),
                                 ("import setter\nfrom library import THREADS\nimport library" + tests, True, True),
                                 ("import library\n" + sets + tests, True, False)):
            with self.subTest(text=text, fork=fork):
                self.write(sets, "setter.py")
                self.write(text)
                worker = self.worker("os,library")
                worker.send("open", root=self.directory, file="test_it.py", fork=fork)
                host = worker.until("host")[-1]["pid"]
                collected = worker.until("collected")[-1]
                self.assertEqual(collected["errors"], [])
                events = driver.finished(worker.run([0]))
                self.assertEqual(events[0]["outcome"], "passed" if sees else "failed")
                if fork:
                    self.assertEqual(worker.run([1], number=2)[-1]["signal"], 6)
                    self.assertIn(f"\n{host}\n", driver.finished(worker.run([2], number=3))[2]["output"])
                    worker.send("close")
                    worker.until("host_ended")
                self.assertEqual(worker.end(), ([], 0))

    def test_a_file_that_does_not_use_pytorch_is_not_injected(self):
        text = "import unittest\nclass TestOne(unittest.TestCase):\n    def test_it(self): pass"
        worker, names = self.open(text, inject={"plain": "device"})
        self.assertEqual((names, self.errors), (["TestOne::test_it"], []))
        worker.send("close")
        worker.until("host_ended")
        for inject in ({"plain": "always"}, {"configured": "TestOne"}, {"configured": [1]}, "on"):
            worker.send("open", root=self.directory, file="test_it.py", inject=inject)
            self.assertIn("inject", worker.until("problem")[-1]["message"])
        self.assertNotIn("injected", worker.open(self.directory, "test_it.py", inject=None))
        worker.send("close")
        worker.until("host_ended")
        self.assertEqual(worker.open(self.directory, "test_it.py", inject={})["injected"], [])
        self.assertEqual(worker.end(), ([], 0))

    def test_preloaded_modules(self):
        self.write("import sys\nARGUMENTS = sys.argv[1:]", "first.py")
        self.write("import first", "second.py")
        worker = self.worker("first,second")
        self.open("import sys\ndef test_it(): assert sys.modules['second'].first.ARGUMENTS == []", worker)
        self.assertEqual([event["outcome"] for event in worker.run([0]) if event["event"] == "finish"], ["passed"])
        self.assertEqual([self.hello[key] for key in ("protocol", "torch", "pid")], [1, None, worker.process.pid])
        self.assertEqual(self.hello["python"], ".".join(map(str, sys.version_info[:3])))

    def test_modules_that_cannot_be_preloaded(self):
        self.write("import sys; sys.exit('leave me')", "leaves.py")
        for module, message in (("no_such", "cannot import no_such: ModuleNotFoundError: No module named 'no_such'"),
                                ("leaves", "cannot import leaves: SystemExit: leave me")):
            worker = self.fresh_worker(f"os,{module},sys")
            events, code = worker.end()
            self.assertEqual([(event["event"], event["message"]) for event in events], [("unusable", message)])
            self.assertIn("Traceback", events[0]["details"])
            self.assertEqual(code, 3)
