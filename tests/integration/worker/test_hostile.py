# SPDX-License-Identifier: Apache-2.0
"""Tests that do what no test should: each ends as what it is, and those after it run as if nothing had happened."""

import os
import signal
import unittest

import driver
from harness import WorkerTest

CAPTURES = ("fd", "sys", "no")


class OneCase(WorkerTest):
    """The file's last case looks whether it is in good order."""

    NEIGHBOUR = """
        def test_neighbour(tmp_path, request):
            import os, signal, subprocess, sys, tempfile
            print("to standard output")
            print("to standard error", file=sys.stderr)
            assert os.getcwd() == os.path.dirname(__file__)
            assert subprocess.check_output(["echo", "word"]) == b"word\\n"
            (tmp_path / "file").write_text("text")
            tempfile.NamedTemporaryFile().close()
            assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
            assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
            assert sys.getrecursionlimit() >= 1000
            if request.config.option.capture == "fd":
                os.write(1, b"by number\\n")
    """

    def check(self, text, captures=CAPTURES, **expected):
        """Runs the file, by every way of capturing, and compares the outcomes; the neighbour must pass."""
        for capture in captures:
            with self.subTest(capture=capture):
                results = self.run_all(text + self.NEIGHBOUR, args=[f"--capture={capture}"])
                problems = {name: event and (event["outcome"], event["message"], event["details"][-500:])
                            for name, event in results.items()}
                self.assertEqual({name: event["outcome"] if event else "crashed" for name, event in results.items()},
                                 {**expected, "test_neighbour": "passed"}, problems)
                output = results["test_neighbour"]["output"]
                self.assertEqual("to standard output\n" in output, capture != "no")
                self.assertEqual("to standard error\n" in output, capture != "no")
                self.assertEqual("by number\n" in output, capture == "fd")

    def test_garbage_on_standard_output(self):
        self.check("""
        import os, sys
        def test_it():
            for _ in range(100):
                os.write(1, os.urandom(1000))
                os.write(2, b"\\0\\0\\0\\2{}")
                sys.stdout.write('{"event": "done"}')
        """, test_it="passed")

    def test_closes_every_file(self):
        self.check("""
        import os
        def test_closes(): os.closerange(0, 4096)
        def test_closes_and_fails():
            os.closerange(0, 4096)
            assert False, "as it should"
        """, test_closes="passed", test_closes_and_fails="failed")

    def test_closes_every_file_and_opens_others(self):
        self.check("""
        import os
        def test_it():
            os.closerange(0, 4096)
            for number in range(300):
                os.open(__file__, os.O_RDONLY)
        """, test_it="passed")

    def test_closes_every_file_in_set_up_and_tear_down(self):
        self.check("""
        import os, pytest
        @pytest.fixture
        def closes():
            os.closerange(0, 4096)
            yield
            os.closerange(0, 4096)
        def test_it(closes): pass
        """, test_it="passed")

    def test_makes_files_not_blocking(self):
        self.check("""
        import os, fcntl
        def test_it():
            for name in os.listdir("/proc/self/fd"):
                try: os.set_blocking(int(name), False)
                except OSError: pass
        """, captures=["sys"], test_it="passed")

    def test_takes_the_standard_streams(self):
        self.check("""
        import io, sys
        def test_replaces(): sys.stdout = sys.stderr = io.StringIO()
        def test_removes(): sys.stdout = sys.stderr = None
        def test_closes():
            sys.stdout.close()
            sys.stderr.close()
        """, captures=["fd", "sys"], test_replaces="passed", test_removes="passed", test_closes="passed")

    def test_changes_directory(self):
        self.check("""
        import os, tempfile
        def test_leaves(): os.chdir("/")
        def test_leaves_nothing():
            directory = tempfile.mkdtemp()
            os.chdir(directory)
            os.rmdir(directory)
        """, test_leaves="passed", test_leaves_nothing="passed")

    def test_deletes_its_temporary_directory(self):
        self.check("""
        import os, pathlib, shutil, tempfile
        def test_own(tmp_path): shutil.rmtree(tmp_path)
        def test_all_of_pytest(tmp_path): shutil.rmtree(tmp_path.parent.parent)
        def test_all(tmp_path): shutil.rmtree(os.environ["TMPDIR"])
        """, test_own="passed", test_all_of_pytest="passed", test_all="passed")

    def test_ends_the_process(self):
        self.check("""
        import ctypes, os, signal
        def test_exits(): os._exit(0)
        def test_exits_otherwise(): os._exit(3)
        def test_libc_exit(): ctypes.CDLL(None).exit(0)
        def test_kills(): os.kill(os.getpid(), signal.SIGKILL)
        def test_terminates(): os.kill(os.getpid(), signal.SIGTERM)
        def test_segfault(): ctypes.string_at(0)
        def test_abort(): os.abort()
        """, test_exits="crashed", test_exits_otherwise="crashed", test_libc_exit="crashed", test_kills="crashed",
                   test_terminates="crashed", test_segfault="crashed", test_abort="crashed")
        self.assertEqual([(end["code"], end["signal"]) for end in self.ended],
                         [(0, None), (3, None), (0, None), (None, 9), (None, 15), (None, 11), (None, 6), (0, None)])
        self.assertIn("Fatal Python error: Segmentation fault", self.read("log"))

    def test_a_crash_is_logged_after_all_files_were_closed(self):
        self.run_all("""
            import ctypes, os
            def test_closes(): os.closerange(0, 4096)
            def test_crashes(): ctypes.string_at(0)
        """)
        self.assertRegex(self.read("log"), r"Segmentation fault[^$]*in test_crashes")

    def test_interrupts(self):
        self.check("""
        import os, signal, sys, pytest
        def test_keyboard(): raise KeyboardInterrupt
        def test_system(): raise SystemExit(0)
        def test_pytest(): pytest.exit("enough", 0)
        def test_signal(): os.kill(os.getpid(), signal.SIGINT)
        def test_generator(): raise GeneratorExit
        """, test_keyboard="failed", test_system="failed", test_pytest="failed", test_signal="failed",
                   test_generator="failed")

    def test_interrupts_everywhere(self):
        self.check("""
        import pytest
        def interrupting(scope):
            @pytest.fixture(scope=scope)
            def fixture():
                yield
                raise KeyboardInterrupt
            return fixture
        of_class, of_function = interrupting("class"), interrupting("function")
        class TestClass:
            def test_it(self, of_class, of_function): raise KeyboardInterrupt
        """, **{"TestClass::test_it": "failed"})

    def test_leaves_an_alarm(self):
        self.check("""
        import signal, time
        def test_it(): signal.setitimer(signal.ITIMER_REAL, 0.2)
        def test_later(): time.sleep(0.3)
        """, captures=["sys"], test_it="passed", test_later="passed")

    def test_leaves_an_umask(self):
        self.check("""
        import os
        def test_leaves(): os.umask(0o777)
        def test_later(tmp_path):
            (tmp_path / "folder").mkdir()
            assert (tmp_path / "folder").stat().st_mode & 0o700 == 0o700
        """, test_leaves="passed", test_later="passed")

    def test_sets_weird_signal_handlers(self):
        self.check("""
        import signal
        def test_it():
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                try: signal.signal(number, lambda *_: None)
                except OSError: pass
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        """, test_it="passed")

    def test_changes_the_recursion_limit(self):
        self.check("""
        import sys
        def test_low():
            for limit in range(10, 1000):
                try: sys.setrecursionlimit(limit)
                except RecursionError: continue
                break
        def test_endless(): test_endless()
        def test_high(): sys.setrecursionlimit(1_000_000)
        """, test_low="passed", test_endless="failed", test_high="passed")

    MOCKED = ["os.getpid", "os.getcwd", "os.chdir", "os.fstat", "os.stat", "os.listdir", "os.write", "os.pread",
              "os.makedirs", "os.path.isdir", "os.path", "json.dumps", "struct.pack", "signal.pthread_sigmask",
              "signal.setitimer", "signal.getitimer", "faulthandler.enable", "sys.getrecursionlimit",
              "sys.setrecursionlimit", "resource.getrlimit"]

    def test_mocks_what_the_worker_uses(self):
        self.check(f"        NAMES = {self.MOCKED}" + """
        import json, os, pytest, signal, struct
        from unittest import mock
        @pytest.fixture
        def mocked(monkeypatch):
            for name in ["os.getpid", "sys.getrecursionlimit", "signal.getitimer", "resource.getrlimit"]:
                monkeypatch.setattr(name, mock.Mock(side_effect=RuntimeError("mock")))
        def test_in_set_up(mocked): pass
        @pytest.mark.parametrize("name", NAMES)
        def test_it(monkeypatch, name):
            monkeypatch.setattr(name, mock.Mock(side_effect=RuntimeError("mock")))
        leaving = [mock.patch.object(*name, new=None) for name in
                   ((os, "getpid"), (os, "write"), (json, "dumps"), (signal, "pthread_sigmask"), (struct, "pack"))]
        def test_leaves_them():
            for patch in leaving: patch.start()
        def test_puts_them_back():
            assert os.getpid is None
            for patch in leaving: patch.stop()
        """, test_in_set_up="passed", test_leaves_them="passed", test_puts_them_back="passed",
                   **{f"test_it[{name}]": "passed" for name in self.MOCKED})

    def test_changes_its_limits(self):
        self.check("""
        import pytest, resource
        @pytest.mark.parametrize("name", ["FSIZE", "NOFILE", "AS", "NPROC", "CORE"])
        def test_it(name):
            kind = getattr(resource, "RLIMIT_" + name)
            resource.setrlimit(kind, (0, resource.getrlimit(kind)[1]))
        """, **{f"test_it[{name}]": "passed" for name in ("FSIZE", "NOFILE", "AS", "NPROC", "CORE")})

    def test_leaves_threads_running(self):
        self.check("""
        import threading
        def test_it():
            for daemon in (True, False):
                threading.Thread(target=threading.Event().wait, daemon=daemon).start()
        def test_raises_in_one():
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        """, test_it="passed", test_raises_in_one="passed")

    def test_registers_for_the_end(self):
        self.check("""
        import atexit, os
        def test_it(): atexit.register(os.abort)
        """, test_it="passed")
        self.assertEqual(self.ended[-1]["code"], 0)

    def test_raises_what_pytest_does_not_expect(self):
        self.write("""
            import pytest
            @pytest.hookimpl(hookwrapper=True)
            def pytest_runtest_makereport(item):
                outcome = yield
                if "broken" in item.name and outcome.get_result().when == "call":
                    raise ValueError("in a hook")
        """, "conftest.py")
        self.check("""
        def test_broken(): pass
        """, test_broken="failed")


class Processes(WorkerTest):
    def test_a_fork_that_comes_back_does_not_report(self):
        results = self.run_all("""
            import os
            def test_returns(): os.fork()
            def test_raises():
                if os.fork() == 0: raise ValueError("in the wrong process")
            def test_exits():
                if os.fork() == 0: raise SystemExit(0)
            def test_interrupts():
                if os.fork() == 0: raise KeyboardInterrupt
            def test_last():
                with open("trace", "a") as file: file.write("once\\n")
        """)
        self.assertEqual({event["outcome"] for event in results.values()}, {"passed"})
        self.assertEqual(self.read("trace"), "once\n")

    def test_a_fork_in_a_fixture_does_not_report(self):
        results = self.run_all("""
            import os, pytest
            @pytest.fixture
            def before(): os.fork()
            @pytest.fixture
            def after():
                yield
                os.fork()
            def test_before(before):
                with open("trace", "a") as file: file.write("once\\n")
            def test_after(after): pass
            def test_last():
                with open("trace", "a") as file: file.write("once\\n")
        """)
        self.assertEqual({event["outcome"] for event in results.values()}, {"passed"})
        self.assertEqual(self.read("trace"), "once\nonce\n")

    def test_what_a_child_leaves_is_ended(self):
        self.run_all("""
            import os, signal, subprocess, sys, time
            def sleeper():
                signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                open(f"asleep-{os.getpid()}", "w").close()
                while True: time.sleep(1000)
            def wait_for(count):
                while len([name for name in os.listdir() if name.startswith("asleep")]) < count: time.sleep(0.01)
            def test_leaves_children():
                for _ in range(3):
                    if os.fork() == 0: sleeper()
                wait_for(3)
            def test_leaves_a_session():
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        os.setsid()
                        if os.fork() == 0: sleeper()
                        sleeper()
                    os._exit(0)
                wait_for(5)
            def test_leaves_a_program():
                subprocess.Popen(["sleep", "1000"], start_new_session=True)
            def test_crashes(): os.abort()
        """)
        self.assertEqual([end["left"] for end in self.ended], [3 + 2 + 1])

    def test_what_a_module_starts_is_kept_while_it_is_open(self):
        results = self.run_all("""
            import subprocess
            server = subprocess.Popen(["sleep", "1000"])
            def test_one(): assert server.pid
            def test_crashes(): __import__("os").abort()
            def test_two(): __import__("os").kill(server.pid, 0)
        """)
        self.assertEqual([event and event["outcome"] for event in results.values()], ["passed", None, "passed"])
        self.assertEqual([end["left"] for end in self.ended], [0, 0])

    def test_multiprocessing(self):
        results = self.run_all("""
            import multiprocessing, pytest
            def twice(x): return 2 * x
            @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
            def test_it(method):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    assert pool.map(twice, [1, 2, 3]) == [2, 4, 6]
        """)
        self.assertEqual([event["message"] for event in results.values()], ["", "", ""])

    def test_kills_the_host(self):
        worker, _ = self.open("import os\ndef test_it(): os.kill(os.getppid(), 9); __import__('time').sleep(1000)")
        worker.send("run", slice=1, cases=[0])
        events = worker.until("host_ended")
        self.assertEqual([event["event"] for event in events], ["child", "start", "host_ended"])
        self.assertEqual(events[-1]["signal"], 9)
        _, names = self.open("def test_it(): pass", worker)
        self.assertEqual(names, ["test_it"])

    def test_a_crash_does_not_lend_its_output_to_the_next(self):
        results = self.run_all("""
            import os, sys
            def test_crashes():
                print("last words", flush=True)
                os._exit(1)
            def test_next(): print("mine")
        """, args=["--capture=fd"])
        self.assertEqual(self.ended[0]["output"], "last words\n")
        self.assertNotIn("last words", results["test_next"]["output"])

    def test_a_full_pipe_that_a_test_made_not_blocking(self):
        worker, _ = self.open("""
            import os
            def test_it():
                for name in os.listdir("/proc/self/fd"):
                    try: os.set_blocking(int(name), False)
                    except OSError: pass
            def test_long(): print("x" * 3_500_000)
        """, args=["--capture=sys"])
        worker.send("run", slice=1, cases=[0, 1, 1], text_limit=3_000_000)
        self.assertTrue(driver.eventually(lambda: worker.unread() > 900_000))
        self.check_order(worker.until("child_ended"), [0, 1, 1])

    def test_reads_whatever_it_can(self):
        worker, _ = self.open("""
            import os, stat
            def test_it():
                for name in os.listdir("/proc/self/fd"):
                    try:
                        if stat.S_ISFIFO(os.fstat(int(name)).st_mode):
                            os.set_blocking(int(name), False)
                            os.read(int(name), 1_000_000)
                    except OSError: pass
        """)
        worker.send("run", slice=1, cases=[0], junit=None, text_limit=100)
        self.assertEqual(worker.run([0], number=2)[-1]["slice"], 1)
        self.assertEqual(worker.until("child_ended")[-1]["slice"], 2)

    def test_memory_of_a_child(self):
        self.run_all("""
            def test_small(): pass
            def test_large():
                assert len(bytearray(b"x") * 200_000_000)
                __import__("os")._exit(1)
            def test_after(): pass
        """)
        self.assertGreater(self.ended[0]["rss"], 200_000_000)
        self.assertLess(self.ended[1]["rss"], 200_000_000)


class Stuck(WorkerTest):
    def stuck(self, text):
        """A worker whose child is in a case that does not end, and the child's process."""
        worker, _ = self.open(text)
        worker.send("run", slice=1, cases=[0])
        pid = worker.until("child")[-1]["pid"]
        self.assertTrue(driver.eventually(lambda: os.path.exists(os.path.join(self.directory, "stuck"))))
        return worker, pid

    BLOCKED = """
        import ctypes, os, signal, time
        def test_blocked():
            {before}
            open("stuck", "w").close()
            while True: ctypes.CDLL(None).pause()
        def test_next(): pass
    """

    def test_its_stack_can_be_had(self):
        worker, pid = self.stuck(self.BLOCKED.format(before="signal.signal(signal.SIGTERM, signal.SIG_IGN)"))
        os.kill(pid, signal.SIGUSR1)
        self.assertTrue(driver.eventually(lambda: "in test_blocked" in self.read("log")))
        os.killpg(pid, signal.SIGKILL)
        self.assertEqual(worker.until("child_ended")[-1]["signal"], 9)

    def test_its_stack_can_be_had_after_a_test_took_the_signal(self):
        worker, _ = self.open("""
            import signal, time
            def test_takes(): signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            def test_blocked():
                open("stuck", "w").close()
                time.sleep(1000)
        """)
        worker.send("run", slice=1, cases=[0, 1])
        pid = worker.until("child")[-1]["pid"]
        self.assertTrue(driver.eventually(lambda: os.path.exists(os.path.join(self.directory, "stuck"))))
        os.kill(pid, signal.SIGUSR1)
        self.assertTrue(driver.eventually(lambda: "in test_blocked" in self.read("log")))
        os.killpg(pid, signal.SIGKILL)
        worker.until("child_ended")

    def test_killed_with_all_signals_blocked(self):
        worker, pid = self.stuck(self.BLOCKED.format(before="signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))"))
        os.killpg(pid, signal.SIGTERM)
        os.killpg(pid, signal.SIGKILL)
        ended = worker.until("child_ended")
        self.assertEqual([event["event"] for event in ended], ["start", "child_ended"])
        self.assertEqual((ended[-1]["code"], ended[-1]["signal"]), (None, 9))
        self.assertEqual([event["event"] for event in worker.run([1])],
                         ["child", "start", "finish", "done", "child_ended"])

    def test_ends_when_the_agent_goes(self):
        worker, pid = self.stuck("""
            import os, signal, time
            def test_blocked():
                signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                if os.fork() == 0: os.setsid()
                open("stuck", "w").close()
                time.sleep(1000)
        """)
        self.assertGreaterEqual(len(self.processes()), 4)
        events, code = worker.end()
        self.assertEqual(code, 0)
        self.assertEqual(self.processes(), [])

    def test_ends_when_the_worker_is_killed(self):
        worker, pid = self.stuck(self.BLOCKED.format(before="signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))"))
        worker.process.kill()
        self.assertTrue(driver.eventually(lambda: self.processes() == []))

    def test_ends_when_the_agent_goes_during_import(self):
        self.write("import time\nopen('stuck', 'w').close()\ntime.sleep(1000)")
        worker = self.worker()
        worker.send("open", root=self.directory, file="test_it.py")
        self.assertTrue(driver.eventually(lambda: os.path.exists(os.path.join(self.directory, "stuck"))))
        self.assertEqual(worker.end()[1], 0)

    def test_signals_are_as_python_sets_them(self):
        def ignore_and_block():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1})

        worker = self.worker(preexec_fn=ignore_and_block)
        self.open("""
            import signal
            def test_it():
                assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
                assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
                assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
                assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
        """, worker)
        self.assertEqual([event["message"] for event in worker.run([0]) if event["event"] == "finish"], [""])


class WithoutFork(WorkerTest):
    def test_in_one_process(self):
        worker, _ = self.open("""
            import os
            def test_one(): print(os.getpid())
            def test_leaves(): os.fork() or __import__("time").sleep(1000)
            def test_fails(): assert False
        """, fork=False)
        events = worker.run([0, 1, 2])
        self.check_order(events, [0, 1, 2])
        self.assertEqual(events[0]["pid"], worker.process.pid)
        finished = driver.finished(events)
        self.assertIn(str(worker.process.pid), finished[0]["output"])
        self.assertEqual([event["outcome"] for event in finished.values()], ["passed", "passed", "failed"])
        self.assertEqual((events[-1]["code"], events[-1]["signal"], events[-1]["left"]), (0, None, 1))
        self.assertEqual(worker.run([0])[-1]["left"], 0)
        worker.send("close")
        self.assertEqual(worker.end(), ([], 0))

    def test_closes_every_file(self):
        worker, _ = self.open("""
            import os
            def test_closes(): os.closerange(0, 4096)
            def test_next(): pass
        """, fork=False, args=["--capture=sys"])
        events = []
        worker.send("run", slice=1, cases=[0, 1])
        while not events or events[-1] is not None:
            events.append(worker.event())
        self.assertEqual([event["event"] for event in events[:-1]],
                         ["child", "start", "finish", "start", "finish", "done", "child_ended"])

    def test_a_crash_ends_the_worker(self):
        worker, _ = self.open("import os\ndef test_it(): os.abort()", fork=False)
        worker.send("run", slice=1, cases=[0])
        self.assertEqual([event["event"] for event in (worker.event(), worker.event())], ["child", "start"])
        self.assertIsNone(worker.event())
        self.assertEqual(worker.process.wait(), -signal.SIGABRT)


if __name__ == "__main__":
    unittest.main()
